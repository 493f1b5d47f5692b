#!/usr/bin/env python3
"""Compares our parsers with those of the real aiohttp, on odd responses drawn by a seed.

    generate.py --cases 3000 --seed 1               five releases, both parsers
    generate.py --short                             what `.ci/run` does
    generate.py --cases 500 --release 3.9.5 --parser python --show 20
    generate.py --seed 1 --only 1234                one response, in all its forms

A case is a response, as it is, byte by byte, and cut at some places: status lines,
fields, lengths, codings, chunks, trailers, what follows. It goes through the library's
own client protocol and parser, and through ours; compared are the head, the bytes, the
ends of chunks, and the chain of exceptions with their texts. Exit code 0: no difference
but those with a reason. 1: a difference. 2: something around it failed.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

import make_environments
from generation.cases import KINDS, case, cases
from generation.compare import differs, reason_for, told

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RELEASES = ["3.8.6", "3.9.5", "3.11.18", "3.13.5", "3.14.5"]
PARSERS = ["c", "python"]
# `--short`: the releases of both ends of what differs, and so many responses.
SHORT = (["3.9.5", "3.14.5"], 3000)


def build():
    """Our side, as the tests build it."""
    command = ["cargo", "build", "--quiet", "--workspace", "--example", "responses"]
    subprocess.run(command, cwd=ROOT, check=True)
    folder = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    return pathlib.Path(folder) / "debug" / "examples" / "responses"


def play(command, lines, environment=None):
    """The results of a process, in the order of the cases."""
    env = {**os.environ, **(environment or {})}
    done = subprocess.run(
        command, input=lines, env=env, capture_output=True, text=True, timeout=1800
    )
    if done.returncode != 0:
        raise make_environments.Refusal(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(release, parser, drawn, lines, ours, show):
    """Counts of one release and parser: (comparisons, faults by kind, reasons)."""
    python = make_environments.python_of(release)
    # An empty value is none to aiohttp.
    switch = {"AIOHTTP_NO_EXTENSIONS": "1" if parser == "python" else ""}
    real = play([python, HERE / "generation" / "real.py"], lines, switch)
    mine = play([ours, f"aiohttp-{release}", parser], lines)
    if not len(real) == len(mine) == len(drawn):
        raise make_environments.Refusal("a case has no result")
    faults, reasons = collections.Counter(), collections.Counter()
    for one, theirs, own in zip(drawn, real, mine):
        fields = differs(theirs, own)
        if not fields:
            continue
        reason = reason_for(release, parser, one, theirs, own)
        if reason:
            reasons[reason] += 1
            continue
        faults[one["kind"]] += 1
        if sum(faults.values()) <= show:
            print(f"{release} {parser} {one['kind']}: {', '.join(fields)}")
            print(f"  case {json.dumps({key: one[key] for key in ('end', 'read', 'late', 'limit')})}")
            print(f"  wire {[bytes.fromhex(piece) for piece in one['pieces'][:40]]}"[:1500])
            print(f"  real {told(theirs)[:600]}")
            print(f"  ours {told(own)[:600]}")
    return len(drawn), faults, reasons


def table(rows):
    """The table of README.md."""
    print("\n| release | parser | comparisons | differences | with a reason |")
    print("| --- | --- | --- | --- | --- |")
    for release, parser, count, faults, reasons in rows:
        print(f"| {release} | {parser} | {count:,} | {sum(faults.values())} | {sum(reasons.values())} |")
    kinds, reasons = collections.Counter(), collections.Counter()
    for *_, faults, why in rows:
        kinds.update(faults)
        reasons.update(why)
    for kind in KINDS:
        if kinds[kind]:
            print(f"{kinds[kind]:6}  {kind}")
    for reason, count in reasons.most_common():
        print(f"{count:6}  {reason}")


def run(args):
    releases, count = SHORT if args.short else (RELEASES, args.cases)
    releases = args.release or releases
    for release in releases:
        made = make_environments.make(release, make_environments.FOLDER)
        if ": made" in made:
            print(made)
    ours = args.ours or build()
    if args.only is None:
        drawn = [one for one in cases(args.seed, count) if args.kind in (None, one["kind"])]
    else:
        drawn = list(case(args.seed, args.only))
    lines = "".join(json.dumps(one) + "\n" for one in drawn)
    rows = []
    for release in releases:
        for parser in args.parser or PARSERS:
            counted = compare(release, parser, drawn, lines, ours, args.show)
            rows.append((release, parser, *counted))
    table(rows)
    return 1 if any(sum(faults.values()) for *_, faults, _ in rows) else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], epilog="\n\n".join(__doc__.split("\n\n")[1:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cases", type=int, default=3000, metavar="N", help="responses to draw")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--only", type=int, metavar="I", help="the response of this number alone")
    parser.add_argument("--kind", choices=KINDS, help="responses of this kind alone")
    parser.add_argument("--short", action="store_true", help="two releases")
    parser.add_argument("--release", action="append", choices=make_environments.releases(), metavar="R")
    parser.add_argument("--parser", action="append", choices=PARSERS)
    parser.add_argument("--show", type=int, default=5, metavar="N", help="differences to print, for each parser")
    parser.add_argument("--ours", type=pathlib.Path, metavar="PATH", help="the example `responses`, if it is built")
    try:
        sys.exit(run(parser.parse_args()))
    except make_environments.Refusal as refusal:
        print(f"error: {refusal}", file=sys.stderr)
    except subprocess.SubprocessError as error:
        print(f"error: {error}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
