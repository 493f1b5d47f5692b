#!/usr/bin/env python3
"""Runs the clients that are here against the catalogue, as `shortread run` does.

    run.py                        all that are here, the whole catalogue
    run.py --only curl,wget fin-chunked
    run.py --short --check        each mechanism once: a dozen scenarios
    run.py --list                 which are here, and how to get the others
    run.py --twice                each downloads twice, on a connection that is kept
    run.py --build                compile reqwest's and Go's first, install undici
    run.py --scoreboard           write docs/SCOREBOARD.md

Exits as `shortread run` does, with 2 for wrong usage.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import recipes
import scoreboard

KNOWN = recipes.HERE / "known-failures.toml"

# Each way to fail once, and what comes whole; none that waits.
SHORT = [
    "healthy",
    "slow-head",
    "stall-recovers",
    "fin-content-length",
    "fin-chunked",
    "fin-close-delimited",
    "reset-mid-body",
    "reset-close-delimited",
    "chunk-one-too-long",
    "content-length-too-large",
    "corrupt-in-transit",
    "login-page",
    "gzip-cut",
    "gzip-close-delimited",
    "chunk-size-and-buffer",
]


# What a kept connection matters for, and what it is to be compared with.
KEPT = ["healthy", "surplus-before-next"]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--short", action="store_true", help="a dozen scenarios")
    parser.add_argument("--only", metavar="NAMES", help="of these clients, comma-separated")
    parser.add_argument("--list", action="store_true", help="list the clients and stop")
    parser.add_argument("--twice", action="store_true", help="two downloads, one connection")
    parser.add_argument("--build", action="store_true", help="compile and install clients")
    parser.add_argument("--check", action="store_true", help="exit with 10 if one is unexpected")
    parser.add_argument("--known", type=pathlib.Path, default=KNOWN, help="known failures")
    parser.add_argument("--jobs", type=int, default=8, help="trials at a time [8]")
    parser.add_argument("--scoreboard", action="store_true", help="write docs/SCOREBOARD.md")
    parser.add_argument("--out", type=pathlib.Path, help="where the run is kept [results]")
    parser.add_argument(
        "--shortread",
        type=pathlib.Path,
        default=recipes.ROOT / "target" / "release" / "shortread",
    )
    args = parser.parse_args()
    if (args.short or args.twice) and args.scenarios or args.short and args.twice:
        parser.error("--short and --twice choose the scenarios")
    if args.twice and args.scoreboard:
        parser.error("--scoreboard plays --twice too")
    names = [client.name for client in recipes.CLIENTS]
    args.needed = bool(args.only)
    args.only = args.only.split(",") if args.only else names
    if unknown := set(args.only) - set(names):
        parser.error(f"no recipe for {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return args


def main():
    args = arguments()
    if not args.shortread.exists():
        missing = f"error: {args.shortread} is missing; `cargo build --release` makes it"
        print(missing, file=sys.stderr)
        return 2
    wanted = [client for client in recipes.CLIENTS if client.name in args.only]
    if any(client.needs == str(recipes.PYTHON) for client in wanted):
        if why := recipes.make_environment():
            print(f"no environment for the Python clients: {why}", file=sys.stderr)
    if args.build:
        recipes.build()
    here = [client for client in wanted if client.is_there()]
    for client in wanted:
        if client not in here:
            print(f"missing: {client.name}; {client.get}", file=sys.stderr)
    if args.list:
        for client in here:
            print(f"{client.name:9} {client.version()}\n          {client.command}")
        return 0
    # Who is asked for by name is not left out.
    if not here or (args.needed and len(here) < len(wanted)):
        print("error: the clients that were asked for are not here", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        out = args.out or (folder if args.scoreboard else recipes.ROOT / "results")
        out = pathlib.Path(out).resolve()
        code = play(args, here, out)
        if not args.scoreboard or code not in (0, 10):
            return code
        report = (out / "latest" / "report.md").read_text()
        args.twice, args.short, args.scenarios = True, False, []
        worst = max(code, play(args, here, out))
        if worst in (0, 10):
            scoreboard.write(report, (out / "latest" / "report.md").read_text(), here)
        return worst


def play(args, clients, out):
    """Runs shortread from the root, which the commands are relative to."""
    if args.twice:
        clients = [client for client in clients if client.twice]
    command = [args.shortread.resolve(), "run", "--quiet", "--wide"]
    command += ["--jobs", str(args.jobs), "--out", out]
    command += ["--known", relative(args.known.resolve())]
    command += ["--check"] if args.check else []
    for client in clients:
        command += ["--client", client.named(args.twice)]
    command += KEPT if args.twice else SHORT if args.short else args.scenarios
    return subprocess.run(command, cwd=recipes.ROOT).returncode


def relative(path):
    """`path` from the root, where it is below it: messages show it."""
    return path.relative_to(recipes.ROOT) if path.is_relative_to(recipes.ROOT) else path


if __name__ == "__main__":
    sys.exit(main())
