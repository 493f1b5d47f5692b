#!/usr/bin/env python3
"""Reads a run's .hlog files with HdrHistogram's own reader for Python.

    check_hlogs.py RUN

Each trial of trials.jsonl must have one line in each log, and the histogram
there must have the count, the percentiles and the maximum of its record.
"""

import json
import math
import pathlib
import sys

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

QUANTITIES = ("gap_ns", "read_call_ns", "chunk_bytes")

# Histograms have two digits, so a value may be off by 1 %.
TOLERANCE = 0.01
# What is longer than an hour, or larger than 1 TiB, is in the last bucket, of
# which the histogram knows no more.
HIGHEST = {"gap_ns": 3_600_000_000_000, "read_call_ns": 3_600_000_000_000, "chunk_bytes": 1 << 40}


def histograms(path):
    """The histograms of a log by their tags."""
    reader = HistogramLogReader(str(path), HdrHistogram(1, HIGHEST[path.stem], 2))
    found = {}
    while (histogram := reader.get_next_interval_histogram()) is not None:
        tag = histogram.get_tag()
        if tag in found:
            raise SystemExit(f"{path}: two lines are tagged {tag}")
        found[tag] = histogram
    reader.close()
    return found


def at_rank(histogram, share):
    """The least value that so much of all values does not exceed, as Java and
    Rust have it; this library rounds the rank of a percentile to the nearest."""
    rank, seen = math.ceil(share * histogram.get_total_count()), 0
    for item in histogram.get_recorded_iterator():
        seen += item.count_added_in_this_iter_step
        if seen >= rank:
            return item.value_iterated_to
    raise SystemExit("the histogram has fewer values than it counts")


def differences(histogram, summary, highest):
    """What of a histogram is not what its record says."""
    if histogram.get_total_count() != summary["count"]:
        yield f"count: {histogram.get_total_count()}, not {summary['count']}"
    if summary["count"] == 0:
        return
    values = {
        "p50": at_rank(histogram, 0.50),
        "p90": at_rank(histogram, 0.90),
        "p99": at_rank(histogram, 0.99),
        "max": histogram.get_max_value(),
    }
    for name, value in values.items():
        want = summary[name]
        if want > highest and value >= highest:
            continue
        if abs(value - want) > TOLERANCE * want:
            yield f"{name}: {value}, not {want}"


def check(run):
    """How many histograms agree; ends the program where one does not."""
    lines = (run / "trials.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    wrong = []
    for quantity in QUANTITIES:
        found = histograms(run / f"{quantity}.hlog")
        wrong += [f"{quantity}: no trial {tag}" for tag in found.keys() - {r["id"] for r in records}]
        for record in records:
            if record["id"] not in found:
                wrong.append(f"{quantity}: no line of {record['id']}")
                continue
            histogram, summary = found[record["id"]], record[quantity]
            for what in differences(histogram, summary, HIGHEST[quantity]):
                wrong.append(f"{quantity} of {record['id']}: {what}")
    if wrong:
        raise SystemExit("\n".join(wrong))
    return len(QUANTITIES) * len(records)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    print(f"{check(pathlib.Path(sys.argv[1]))} histograms agree with their records")
