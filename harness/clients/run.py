#!/usr/bin/env python3
"""Runs the clients that are here against the catalogue, as `shortread run` does.

    run.py                        all that are here, the whole catalogue
    run.py --only curl,wget fin-chunked
    run.py --short --check        each mechanism once: a dozen scenarios
    run.py --careful              those that are told to try again, or to resume
    run.py --list                 which are here, and how to get the others
    run.py --pins                 which pins are older than the registry's newest release
    run.py --twice                each downloads twice, on a connection that is kept
    run.py --build                compile reqwest's and Go's first, install undici
    run.py --scoreboard           write docs/scoreboard.json, and the pages of it
    run.py --pages                write the pages anew from docs/scoreboard.json

--scoreboard plays all four boards in about 20 minutes, and prints what changed. With
--only or names of scenarios it replaces these cells alone. Exits as `shortread run` does,
with 2 for wrong usage.
"""

import argparse
import pathlib
import sys
import tempfile

import changes
import page
import pins
import play
import recipes
import scoreboard
import store
from environments import HERE, ROOT

KNOWN = HERE / "known-failures.toml"

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


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--short", action="store_true", help="a dozen scenarios")
    parser.add_argument("--careful", action="store_true", help="the careful clients")
    parser.add_argument("--only", metavar="NAMES", help="of these clients, comma-separated")
    parser.add_argument("--list", action="store_true", help="list the clients and stop")
    parser.add_argument("--pins", action="store_true", help="list the pins that are old and stop")
    parser.add_argument("--twice", action="store_true", help="two downloads, one connection")
    parser.add_argument("--build", action="store_true", help="compile and install clients")
    parser.add_argument("--check", action="store_true", help="exit with 10 if one is unexpected")
    parser.add_argument("--known", type=pathlib.Path, default=KNOWN, help="known failures")
    parser.add_argument("--jobs", type=int, default=8, help="trials at a time [8]")
    parser.add_argument("--scoreboard", action="store_true", help="write the scoreboard")
    parser.add_argument("--pages", action="store_true", help="write its pages anew, and stop")
    parser.add_argument("--out", type=pathlib.Path, help="where the run is kept [results]")
    default = ROOT / "target" / "release" / "shortread"
    parser.add_argument("--shortread", type=pathlib.Path, default=default)
    args = parser.parse_args()
    chosen = [args.short, args.twice, args.careful, args.scoreboard]
    if sum(chosen) > 1:
        parser.error("--short, --twice, --careful and --scoreboard choose what is played")
    if (args.short or args.twice) and args.scenarios:
        parser.error("--short and --twice choose the scenarios")
    names = [client.name for client in everyone(args)]
    if len(set(args.scenarios)) < len(args.scenarios):
        parser.error("a scenario is named twice")
    args.needed = bool(args.only)
    args.only = args.only.split(",") if args.only else names
    if unknown := set(args.only) - set(names):
        parser.error(f"no recipe for {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return args


def everyone(args):
    """The clients that `args` are about."""
    if args.scoreboard or args.list:
        boards = ("plain", "careful", "paths")
        return [client for board in boards for client in play.BOARDS[board]]
    return play.BOARDS["careful" if args.careful else "plain"]


def main():
    args = arguments()
    if args.pins:
        return pins.tell()
    if args.pages:
        write_pages(store.read())
        return 0
    if not args.shortread.exists() and not args.list:
        missing = f"error: {args.shortread} is missing; `cargo build --release` makes it"
        print(missing, file=sys.stderr)
        return 2
    wanted = [client for client in everyone(args) if client.name in args.only]
    recipes.make_environments(wanted)
    if args.build:
        recipes.build()
    here = [client for client in wanted if client.is_there()]
    for client in wanted:
        if client not in here:
            print(f"missing: {client.name}; {client.get}", file=sys.stderr)
    if args.list:
        for client in here:
            print(f"{client.name:20} {client.version()}\n{'':20} {client.command}")
        return 0
    # Who is asked for by name is not left out.
    if not here or (args.needed and len(here) < len(wanted)):
        print("error: the clients that were asked for are not here", file=sys.stderr)
        return 2
    if args.scoreboard:
        return write_scoreboard(args, here)
    clients = [client for client in here if client.twice or not args.twice]
    scenarios = play.KEPT if args.twice else SHORT if args.short else args.scenarios
    if args.careful:
        scenarios = scenarios or play.careful.SCENARIOS
    out = (args.out or ROOT / "results").resolve()
    options = ["--limit", play.careful.LIMIT] if args.careful else []
    known = None if args.careful else args.known
    return play.run(args, clients, scenarios, out, args.twice, known, options)


def write_scoreboard(args, here):
    """Plays the boards, and writes them and their pages."""
    before = store.read()
    boards = {}
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(args.out or folder).resolve()
        for name, clients in play.BOARDS.items():
            mine = [client for client in clients if client in here]
            if mine and play.chosen(name, args.scenarios):
                try:
                    boards[name] = play.board(args, name, mine, out, args.scenarios)
                except play.Failed as failed:
                    print(f"error: {name}: {failed}", file=sys.stderr)
                    return failed.code
    # Nothing is kept of nothing.
    is_part = (args.needed or bool(args.scenarios)) and bool(before["boards"])
    after = store.merged(before, boards) if is_part else store.fresh(boards, args.shortread)
    for line in changes.tell(before, after):
        print(line)
    store.write(after)
    write_pages(after)
    return 0


def write_pages(kept):
    scoreboard.write(kept)
    page.write(kept)


if __name__ == "__main__":
    sys.exit(main())
