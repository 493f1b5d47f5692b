#!/usr/bin/env python3
"""Plays one run and says what it shows of common beliefs about large downloads.

    run.py                      write docs/CLAIMS.md
    run.py --check              exit with 10 if docs/CLAIMS.md says something else
    run.py --shortread PATH     the program [default: target/release/shortread]

Everything in the page comes from the records of that run: a verdict that no longer
follows from them is another page.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

from beliefs import BELIEFS, Run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "CLAIMS.md"

SCENARIOS = [
    "healthy",
    "total-timeout-2mbps",
    "fin-content-length",
    "fin-chunked",
    "fin-close-delimited",
    "reset-mid-body",
    "reset-close-delimited",
    "nat-idle-blackhole",
    "stall-forever",
    "busy-twice",
    "login-page",
    "corrupt-in-transit",
    "gzip-cut",
    "chunk-size-and-buffer",
    "memory-exhaustion",
    "cut-every-3mib",
    "cut-then-changed-object",
    "cut-then-same-etag",
    "cut-then-wrong-range",
]
OPTIONS = [
    *("--strategy=read-all", "--strategy=fixed-chunk"),
    *("--chunk-size=8KiB", "--chunk-size=64KiB", "--chunk-size=1MiB"),
    *("--remedy=progress", "--remedy=deadlines", "--remedy=retry", "--remedy=resume"),
]

HEAD = """# Claims

What is said of large downloads, held against one run: {scenarios} scenarios, read whole and
in chunks of 8 KiB, 64 KiB and 1 MiB as {profile} does, without remedies and with four of
them, in the virtual world. `python3 harness/claims/run.py` plays it and writes this page; CI
fails where a verdict no longer follows from it. "True" and "false" are meant for these
scenarios, each of which stands for one cause; "it depends" says on what.

| claim | verdict | what the run shows |
| --- | --- | --- |
"""
FOOT = """
What each remedy does is in [REMEDIES.md](REMEDIES.md), what each scenario does in
`shortread explain NAME`. The run:

```sh
shortread {command}
```
"""


def wrapped(command):
    """The command in lines that fit."""
    lines, line = [], "shortread"
    for word in command:
        if len(line) + len(word) > 84:
            lines.append(line + " \\")
            line = "   "
        line += " " + word
    return "\n".join([*lines, line]).removeprefix("shortread ")


def play(program):
    """The records of the run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", *SCENARIOS, *OPTIONS, "--quiet", "--out", folder]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            sys.exit(f"{shlex.join(command)}: exit {ended.returncode}\n{ended.stderr}")
        lines = (pathlib.Path(folder) / "latest" / "trials.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        return [record for record in records if "scenario" in record]


def page(records):
    run = Run(records)
    rows = "".join(
        f"| {belief.claim} | **{verdict}** | {shown} |\n"
        for belief in BELIEFS
        for verdict, shown in [belief.judge(run)]
    )
    profile = run.one("healthy", size=65536)["profile"]
    head = HEAD.format(scenarios=len(SCENARIOS), profile=profile)
    return head + rows + FOOT.format(command=wrapped(["run", *SCENARIOS, *OPTIONS]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shortread", default=ROOT / "target" / "release" / "shortread")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    text = page(play(str(args.shortread)))
    if not args.check:
        PAGE.write_text(text)
        return 0
    before = PAGE.read_text() if PAGE.exists() else ""
    if text == before:
        return 0
    for old, new in zip(before.splitlines(), text.splitlines()):
        if old != new:
            print(f"docs/CLAIMS.md says\n  {old}\nand the run shows\n  {new}", file=sys.stderr)
    print("python3 harness/claims/run.py writes it anew", file=sys.stderr)
    return 10


if __name__ == "__main__":
    sys.exit(main())
