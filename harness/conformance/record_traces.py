#!/usr/bin/env python3
"""Records what the installed aiohttp does, step by step, as test data.

    record_traces.py --kind reader --seed 11 --out reader-aiohttp-3.14.5.jsonl.gz
    record_traces.py --kind wire   --seed 11 --out wire-aiohttp-3.14.5.jsonl.gz

Run it with the interpreter of the release to record. `reader` drives the
library's `StreamReader` alone, on a stand-in for its protocol. `wire` drives
the library's client protocol with its own C parser, on stand-ins for the
transport and the event loop: bytes of responses go in, reads come out. Nothing
here waits, opens a socket or looks at a clock: the same seed and the same
release give the same bytes.

The format is described in `harness/tests/traces/README.md`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import platform
import random
from pathlib import Path
from typing import Any, List

import aiohttp
from aiohttp import http_parser

from recording.reader import reader_case
from recording.wire import wire_case


def write(path: Path, lines: List[Any]) -> None:
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    with open(path, "wb") as file:
        # Neither a time nor a name: the same lines give the same bytes.
        with gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(text.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kind", choices=["reader", "wire"], required=True)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    compiled = "_http_parser" in http_parser.HttpResponseParser.__module__
    if args.kind == "wire" and not compiled:
        parser.error("this aiohttp has no compiled parser: install a wheel of it")
    record = reader_case if args.kind == "reader" else wire_case
    header = {
        "aiohttp": aiohttp.__version__,
        "python": platform.python_version(),
        "kind": args.kind,
        "n": args.cases,
        "seed": args.seed,
    }
    lines: List[Any] = [header]
    for index in range(args.cases):
        lines.append(record(random.Random(f"{args.seed}/{args.kind}/{index}"), index))
    write(args.out, lines)
    steps = sum(len(case["steps"]) for case in lines[1:])
    print(f"{args.out}: {args.cases} cases, {steps} steps, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
