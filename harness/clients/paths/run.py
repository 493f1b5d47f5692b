#!/usr/bin/env python3
"""Runs clients that ask for several paths of one server: package installers, and the
libraries of object stores. Each kind of server has the same faults, at its own paths.

    paths/run.py                       all of them
    paths/run.py --only pip,uv cut-first
    paths/run.py --list                the commands
    paths/run.py --write FOLDER        the scenarios alone, for `shortread serve`

Exits as `shortread run` does: with 10 if a client is wrong, and with 2 for wrong usage.
"""

import argparse
import pathlib
import sys
import tempfile

import kinds
from paths_clients import CLIENTS, ROOT
from paths_play import play

import recipes


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [client.name for client in CLIENTS]
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--only", metavar="NAMES", default=",".join(names))
    parser.add_argument("--list", action="store_true", help="print the commands and stop")
    parser.add_argument("--write", metavar="FOLDER", type=pathlib.Path, help="write the scenarios")
    default = ROOT / "target" / "release" / "shortread"
    parser.add_argument("--shortread", type=pathlib.Path, default=default)
    args = parser.parse_args()
    only = args.only.split(",")
    if unknown := set(only) - set(names):
        parser.error(f"no recipe for {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    scenarios = args.scenarios or list(kinds.SCENARIOS)
    if unknown := set(scenarios) - set(kinds.SCENARIOS):
        known = ", ".join(kinds.SCENARIOS)
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {known}")
    wanted = [client for client in CLIENTS if client.name in only]
    if args.list:
        for client in wanted:
            print(f"{client.name}: {client.command}")
        return 0
    if args.write:
        args.write.mkdir(parents=True, exist_ok=True)
        for kind in dict.fromkeys(client.kind for client in wanted):
            print(*kinds.write(args.write, kind, scenarios), sep="\n")
        return 0
    if not args.shortread.exists():
        print(f"error: {args.shortread} is missing; cargo builds it", file=sys.stderr)
        return 2
    recipes.make_environments(wanted)
    if missing := [client.name for client in wanted if not client.is_there()]:
        print(f"error: {', '.join(missing)}: no environment", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        return play(args.shortread.resolve(), wanted, scenarios, folder)[0]


if __name__ == "__main__":
    sys.exit(main())
