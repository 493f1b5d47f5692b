#!/usr/bin/env python3
"""Runs what `shortread explain SCENARIO --client CLIENT` prints, against that scenario.

    pasted.py                         the clients that are here
    pasted.py --only curl,aiohttp     these, which must be here
    pasted.py fin-chunked             with this scenario in place of the usual ones
    pasted.py --build                 compile the programs of reqwest and Go too

Where explain says that a remedy cures, the file must be whole; where it only comes
closest, the program must fail: it never reports success for less. Exits with 10 if one
does otherwise, with 2 for wrong usage.
"""

import argparse
import concurrent.futures
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import recipes

# Each kind of program, and the remedies that explain chooses it for. A scenario with a
# remedy has that one asked for.
CASES = [
    ("total-timeout-2mbps", None),
    ("stall-forever", "stall"),
    ("fin-close-delimited", None),
    ("reset-close-delimited", None),
    ("busy-twice", None),
    ("too-many-requests", None),
    ("not-found-page", None),
    ("cut-every-3mib", None),
    ("reset-mid-body", None),
    ("fin-chunked", None),
    ("fin-content-length", None),
    ("stall-forever", None),
    ("cut-at-the-exact-end", None),
    ("cut-then-range-ignored", None),
    ("cut-then-changed-object", None),
    ("cut-then-half-the-rest", None),
    ("cut-then-unknown-total", None),
    ("cut-then-smaller-object", None),
    ("malformed-chunk", None),
]

# What no setting of a client can cure, and its program reports.
CANNOT = {
    ("wget", "fin-chunked"): "it takes a cut chunk for the end, and no length is announced",
    ("wget", "cut-then-changed-object"): "it sends no If-Range, and gets parts of two objects",
    ("wget", "cut-then-smaller-object"): "likewise",
    ("wget", "malformed-chunk"): "no length is announced",
    ("wget", "chunk-without-crlf"): "likewise",
    ("wget", "cut-then-half-the-rest"): "it takes a part of a range for all of it",
}

# Where the outcome stands in a record, for the two promises.
WHOLE, NOTICED = "complete", "truncated"

ENDS = {"curl": "sh", "wget": "sh", "reqwest": "rs", "go": "go", "node": "mjs"}
CLIENTS = ["aiohttp", "requests", "httpx", "curl", "wget", "node", "reqwest", "go"]

REQWEST = """
[workspace]
[package]
name = "pasted"
version = "0.1.0"
edition = "2024"
[dependencies]
reqwest = { version = "=0.13.5", default-features = false }
tokio = { version = "1", features = ["full"] }
"""


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="others than usual")
    parser.add_argument("--only", metavar="NAMES", help="these clients, comma-separated")
    parser.add_argument("--build", action="store_true", help="reqwest and Go too")
    parser.add_argument("--jobs", type=int, default=4, help="scenarios at a time [4]")
    parser.add_argument(
        "--shortread",
        type=pathlib.Path,
        default=recipes.ROOT / "target" / "release" / "shortread",
    )
    args = parser.parse_args()
    args.needed = bool(args.only)
    args.only = args.only.split(",") if args.only else CLIENTS
    if unknown := set(args.only) - set(CLIENTS):
        parser.error(f"no program for {', '.join(sorted(unknown))}; {', '.join(CLIENTS)}")
    args.shortread = args.shortread.resolve()
    if not args.shortread.exists():
        parser.error(f"{args.shortread} is missing; `cargo build --release` makes it")
    return args


def program(args, scenario, remedy, client, folder):
    """The file of the program, and its promise."""
    line = [args.shortread, "explain", scenario, "--client", client]
    line += ["--remedy", remedy] if remedy else []
    text = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    cures = "the cheapest cure" in text.splitlines()[0]
    promise = WHOLE if cures and (client, scenario) not in CANNOT else NOTICED
    file = folder / f"{client}-{scenario}-{remedy}.{ENDS.get(client, 'py')}"
    file.write_text(text)
    return file, promise


def compiled(sources, folder):
    """The programs of reqwest and Go by their sources, compiled; the same text once."""
    made, known = {}, {}
    for source in sources:
        # The first line names the scenario.
        body = source.read_text().split("\n", 1)[1]
        made[source] = known.setdefault((source.suffix, body), folder / f"run-{source.stem}")
    project = folder / "reqwest"
    (project / "src" / "bin").mkdir(parents=True)
    (project / "Cargo.toml").write_text(REQWEST)
    shutil.copy(recipes.HERE / "reqwest" / "Cargo.lock", project)
    target = recipes.BUILT.resolve() / "pasted"
    for (end, body), to in known.items():
        if end == ".rs":
            (project / "src" / "bin" / f"{to.name}.rs").write_text(body)
    if any(end == ".rs" for end, _ in known):
        cargo = ["cargo", "build", "--quiet", "--target-dir", target]
        subprocess.run(cargo, cwd=project, check=True)
    for source, to in made.items():
        if source.suffix == ".go" and not to.exists():
            subprocess.run(["go", "build", "-o", to, source], check=True)
        elif source.suffix == ".rs" and not to.exists():
            shutil.copy(target / "debug" / to.name, to)
    return made


def command(file, built):
    runner = {".sh": "sh", ".mjs": "node", ".py": str(recipes.ROOT / recipes.PYTHON.python)}
    words = [str(built[file])] if file in built else [runner[file.suffix], str(file)]
    return " ".join([*words, "{url}", "{out}"])


def play(args, scenario, programs, built, out):
    """The records of one scenario by client."""
    line = [args.shortread, "run", scenario, "--quiet", "--jobs", "8", "--out", out]
    # The programs give up after 60 s of silence: 3 s here, which a machine that starts two
    # dozen interpreters does not take from one of them.
    line += ["--shortest-limit", "10s"]
    if "go" in programs:
        line += ["--limit", "150s"]  # its clock is real, and 60 s of silence are 60 s
    for client, (file, _) in programs.items():
        line += ["--client", f"{client}={command(file, built)}"]
    subprocess.run(line, stdout=subprocess.DEVNULL, check=True)
    records = (out / "latest" / "trials.jsonl").read_text().splitlines()
    return {one["client"]["name"]: one for one in map(json.loads, records)}


def outcome(record):
    """Its word. The object may have become another one meanwhile, and all of that is whole."""
    found = record["client"]["finding"]
    clock = record["client"]["clock"] or {}
    if record["client"]["stopped"] and clock.get("kind") == "real":
        return "not judged"  # 60 s of its own are 60 s, and the scenario is over
    whole = found and found["first_bad_offset"] == 0 and found["stands"] == "version"
    whole = whole and found["version_end"] == found["length_bytes"]
    return WHOLE if whole else record["outcome"]["kind"]


def is_here(client, build):
    if client in ("aiohttp", "requests", "httpx"):
        return recipes.PYTHON.is_there()
    needs = {"reqwest": "cargo"}.get(client, client)
    return shutil.which(needs) is not None and (build or client not in ("reqwest", "go"))


def main():
    args = arguments()
    if set(args.only) & {"aiohttp", "requests", "httpx"}:
        if why := recipes.PYTHON.make():
            print(f"no environment for the Python clients: {why}", file=sys.stderr)
    here = [client for client in args.only if is_here(client, args.build)]
    for client in set(args.only) - set(here):
        print(f"left out: {client}", file=sys.stderr)
    if not here or (args.needed and len(here) < len(args.only)):
        print("error: the clients that were asked for are not here", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        try:
            return check(args, here, pathlib.Path(folder))
        except subprocess.CalledProcessError as error:
            print(f"error: {error.cmd[0]} ended with {error.returncode}", file=sys.stderr)
            print((error.stderr or "").strip(), file=sys.stderr)
            return 1


def check(args, clients, folder):
    plans = []
    cases = [(scenario, None) for scenario in args.scenarios] or CASES
    for scenario, remedy in cases:
        made = {one: program(args, scenario, remedy, one, folder) for one in clients}
        plans.append((scenario, remedy, made))
    files = [file for _, _, made in plans for file, _ in made.values()]
    sources = [file for file in files if file.suffix in (".rs", ".go")]
    built = compiled(sources, folder) if sources else {}

    def one(plan):
        scenario, remedy, made = plan
        return play(args, scenario, made, built, folder / f"{scenario}-{remedy}")

    broken = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (scenario, remedy, made), records in zip(plans, pool.map(one, plans)):
            row = []
            for client, (_, promise) in made.items():
                record = records[client]
                is_now = outcome(record)
                row.append(f"{client} {is_now}")
                # What goes wrong in the model's client need not in this one.
                fine = [promise, "not judged"] + ([WHOLE] if promise == NOTICED else [])
                if is_now not in fine:
                    broken += 1
                    said = record["client"].get("stderr_tail")
                    print(f"BROKEN: {client}, {scenario}: {is_now}, not {promise}: {said}")
            print(f"{scenario}{f' ({remedy})' if remedy else ''}: {', '.join(row)}", flush=True)
    print(f"{len(plans)} scenarios, {len(clients)} clients, {broken} broken promises")
    return 10 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
