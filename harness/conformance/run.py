#!/usr/bin/env python3
"""Compares the real aiohttp with ours, over the same server, trial by trial.

    run.py --short                      the newest release, each mechanism once
    run.py --full                       five releases, the whole catalogue
    run.py --release 3.9.5 fin-chunked  one release, the scenarios named

Makes the environments that are missing. Exits with 0 when all agree, with 1
when a difference was found, with 2 when something around the trials failed.
"""

import argparse
import functools
import pathlib
import sys
import tempfile
import time

import choice
import compare
import make_environments
import outcome
import pattern
import play
import report

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SECONDS = time.monotonic


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--short", action="store_true", help="each mechanism once")
    which.add_argument("--full", action="store_true", help="the whole catalogue")
    parser.add_argument("--release", action="append", help="may be repeated")
    parser.add_argument("--jobs", type=int, default=4, help="trials at a time [4]")
    parser.add_argument(
        "--shortread", type=pathlib.Path, default=ROOT / "target" / "release" / "shortread"
    )
    parser.add_argument(
        "--environments", type=pathlib.Path, default=make_environments.FOLDER
    )
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target" / "conformance")
    args = parser.parse_args()
    if not (args.short or args.full or args.scenarios):
        parser.error("say --short, --full, or which scenarios")
    if (args.short or args.full) and args.scenarios:
        parser.error("--short and --full choose the scenarios")
    return args


def main():
    args = arguments()
    try:
        rows, skipped, about = run(args)
    except (play.ToolError, make_environments.Refusal) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    args.out.mkdir(parents=True, exist_ok=True)
    report.write(args.out, rows, skipped, about)
    return told(rows, skipped, about, args.out)


def run(args):
    """(rows, skipped, about) of the run that was asked for."""
    begun, started = SECONDS(), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if not args.shortread.exists():
        raise play.ToolError(f"{args.shortread} is missing; `cargo build --release` makes it")
    releases = args.release or (choice.FULL_RELEASES if args.full else [choice.NEWEST])
    for release in releases:
        make_environments.make(release, args.environments)
    wanted = choice.SHORT if args.short else choice.full(args.scenarios)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        one_period = pathlib.Path(folder) / "pattern"
        one_period.write_bytes(pattern.template())
        trials, skipped = choice.trials(args.shortread, releases, wanted)
        for release in releases:
            python = make_environments.python_of(release, args.environments)
            player = Player(args.shortread, python, one_period, release, args.jobs, folder)
            rows += player.rows([trial for trial in trials if trial["release"] == release])
    about = {"started": started, "seconds": SECONDS() - begun, "releases": list(releases)}
    return rows, skipped, about


class Player:
    """Plays the trials of one release, on both sides."""

    def __init__(self, shortread, python, one_period, release, jobs, folder):
        self.ours = functools.partial(play.play_ours, shortread, release, folder=folder)
        self.real = functools.partial(play.play_real, shortread, python, one_period)
        self.release, self.jobs = release, jobs

    def rows(self, trials):
        found = self.attempt(trials, self.jobs, f"aiohttp {self.release}")
        # A machine that was busy is no difference: what differs is played once
        # more, with nothing beside it. What differs again does differ.
        again = [index for index, row in enumerate(found) if row["differences"]]
        what = f"aiohttp {self.release}, once more"
        second = self.attempt([trials[index] for index in again], 1, what)
        for index, row in zip(again, second):
            found[index] = {**row, "attempts": 2, "first": found[index]["differences"]}
        return found

    def attempt(self, trials, jobs, what):
        if not trials:
            return []
        ours = self.ours(trials=trials, jobs=jobs)
        tell = play.progress(len(trials), what)
        answers = play.side_by_side(trials, jobs, self.real, tell)
        return [row(trial, answer, ours) for trial, answer in zip(trials, answers)]


def row(trial, real, ours):
    """The comparison of one trial; a side that is missing is a difference."""
    record = ours.get((trial["scenario"], trial["strategy"], trial["chunk_size"]))
    missing = None
    if isinstance(real, play.ToolError):
        missing = str(real)
    elif record is None:
        missing = "ours has no record of it"
    if missing is not None:
        keys = ("release", "scenario", "strategy", "chunk_size")
        plain = {key: trial[key] for key in keys}
        sides = {"real": None, "ours": None, "body_bytes": 0}
        return {**plain, **sides, "attempts": 1, "differences": [missing]}
    scaled = record["scaled"]
    played = {**trial, "time_factor": scaled["time"] if scaled else 1.0}
    return {**compare.compare(played, real, outcome.side_of_ours(record)), "attempts": 1}


def told(rows, skipped, about, out):
    """Says what came of it; the exit code."""
    differing = [row for row in rows if row["differences"]]
    for row in differing:
        for text in row["differences"]:
            print(f"DIFFERS  {report.sentence(row)}: {text}")
    for one in skipped:
        print(f"not played  {one['what']}: {one['why']}")
    second = sum(row["attempts"] > 1 and not row["differences"] for row in rows)
    print(
        f"{len(rows)} trials of aiohttp {', '.join(about['releases'])} in "
        f"{about['seconds']:.0f} s: {len(rows) - len(differing)} agree "
        f"({second} the second time), {len(differing)} differ; see {out / 'report.md'}"
    )
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
