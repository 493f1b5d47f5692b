#!/usr/bin/env python3
"""A run in pandas:

    example.py RUN
"""

import sys

import pandas

trials = pandas.read_json(f"{sys.argv[1]}/trials.jsonl", lines=True)

# Tables within a record become columns: outcome.kind, gap_ns.p99.
tables = [
    pandas.json_normalize(trials[name].tolist()).add_prefix(f"{name}.")
    for name in ("outcome", "gap_ns")
]
trials = pandas.concat([trials, *tables], axis="columns")

print("Gaps between two chunks, in ms; of several trials the largest:")
percentiles = ["gap_ns.p50", "gap_ns.p99", "gap_ns.max"]
print((trials.groupby("strategy")[percentiles].max() / 1e6).round(3).to_string())

print("\nOutcome by scenario and strategy:")
print(
    trials.pivot_table(
        index="scenario",
        columns="strategy",
        values="outcome.kind",
        aggfunc=lambda kinds: ", ".join(sorted(set(kinds))),
    ).to_string()
)
