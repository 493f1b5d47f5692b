"""What a client made of a scenario, from the record of its trial: plain data, which every
page is made of and which docs/scoreboard.json keeps.

A board is `{"clients": [...], "rows": {scenario: {client: cell}}}`. results/README.md has
the fields of records.
"""

import json
import re

from environments import ROOT

# As in the report: the sign of a cell, and the word for its outcome.
RIGHT, EXCUSED, OPEN, WRONG = "✓", "~", "?", "✗"
WORDS = {
    "complete": "whole",
    "truncated": "error",
    "silent-truncation": "short",
    "corrupt": "bad",
    "wrong-object": "other",
    "stalled": "hang",
    "tool-error": "tool",
}
# Not of the report: all of a version that replaced the object, of which nothing but the
# first attempt brought any other.
NEWER = "newer"
# Success was said, and the file is not the object.
SILENT = {"short", "bad", "other"}
# Of what a client said: whoever reads the page wants the end of it.
MOST_SAID = 300


def sign(record):
    """The judgement of the scenario's rule for any client."""
    if record["any"] is None:
        return OPEN
    if not record["any"]["accepted"]:
        return WRONG
    return RIGHT if record["outcome"]["kind"] in ("complete", "truncated") else EXCUSED


def said(client):
    """How its process ended: what it claims."""
    if client["stopped"]:
        return "stopped at its limit"
    if client["signal"] is not None:
        return f"signal {client['signal']}"
    return f"exit {client['exit_status']}"


def words_of(client):
    """The last line of its standard error, without what differs from run to run."""
    lines = client["stderr_tail"]
    text = lines[-1] if lines else ""
    text = re.sub(r"0x[0-9a-f]{6,}", "0x...", text)
    text = re.sub(r"(127\.0\.0\.1|localhost)(:|', port=)\d+", r"\1\2PORT", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S* ?", "", text)
    text = re.sub(r"/tmp/[^\s'\"]*", "/tmp/...", text)
    return text[:MOST_SAID]


def cell(record):
    """One trial. Bytes are of the body, and times in seconds."""
    client, server = record["client"], record["server"]
    kind = record["outcome"]["kind"]
    finding = client["finding"] or {}
    # What came to the client, where its kernel says so.
    acked = server["acked_bytes"]
    sent = server["sent_bytes"] if acked is None else acked
    whole = record["expected_bytes"]
    is_newer = kind == "wrong-object" and is_whole_version(record["scenario"], whole, finding)
    made = {
        "sign": RIGHT if is_newer else sign(record),
        "word": NEWER if is_newer else WORDS[kind],
        "said": said(client),
        "saved": finding.get("length_bytes", 0),
        "right": finding.get("true_prefix_bytes", 0),
        "object": whole,
        "requests": server["requests"],
        "sent": sent,
        # Beyond the object, whatever of it came.
        "extra": max(0, sent - whole),
        "seconds": round(record["elapsed_ns"] / 1e9, 1),
        "clock": round(client["clock"]["factor"], 1),
    }
    optional = {
        "words": words_of(client),
        "verdict": None if is_newer else (record["any"] or {}).get("why"),
        "known": client["known"],
        "real_clock": client["clock"]["not_scaled"],
        "unexpected": (record["as_expected"] is False and not is_newer) or None,
        "full_size_left": leaves_full_size(kind, whole, finding) or None,
        "faults": faults(server["faults"]),
    }
    return made | {name: value for name, value in optional.items() if value}


def is_whole_version(scenario, whole, finding):
    """The file is another version of the object, all of it: no two were put together."""
    if finding.get("first_bad_offset") != 0 or finding.get("stands") != "version":
        return False
    length = finding["length_bytes"]
    return finding["version_end"] == length and length in (whole, size_of_version(scenario))


def size_of_version(scenario):
    """In bytes, where a scenario that is not scaled says it."""
    path = next((ROOT / "scenarios").glob(f"*/{scenario}.toml"), None)
    text = path.read_text() if path else ""
    found = re.search(r"^\[\[version\]\][^\[]*^size = \"(\d+)MB\"", text, re.M)
    return int(found[1]) * 10**6 if found and "\n[tcp]\n" not in text else None


def leaves_full_size(kind, whole, finding):
    """No success, and a file that passes for the object by its size."""
    is_failure = kind in ("truncated", "stalled")
    is_as_long = finding.get("length_bytes", 0) >= whole > 0
    return is_failure and is_as_long and finding.get("verdict") != "complete"


def faults(records):
    """What the server did, in short: `fin, fin (3 times)` would say less than a count."""
    actions = [record["action"] for record in records]
    counted = {action: actions.count(action) for action in actions}
    each = [name if count == 1 else f"{name} ×{count}" for name, count in counted.items()]
    return ", ".join(each)


def read(folder):
    """The records of a run's folder."""
    lines = (folder / "trials.jsonl").read_text().splitlines()
    records = (json.loads(line) for line in lines)
    return [record for record in records if record.get("client")]


def board(clients, records):
    """The cells of `clients`, which are named as in their records."""
    rows = {}
    for record in records:
        rows.setdefault(record["scenario"], {})[record["client"]["name"]] = cell(record)
    listed = [
        {"name": client.name, "version": client.version(), "command": client.command}
        for client in clients
    ]
    return {"clients": listed, "rows": rows}


def silent(board):
    """Of each client, in how many scenarios it said success of what is not the object,
    and could have known better; in all of them; and where it failed of what was whole."""
    counts = {}
    for client in board["clients"]:
        name = client["name"]
        mine = [row[name] for row in board["rows"].values() if name in row]
        counts[name] = {
            "silent": sum(c["sign"] == WRONG and c["word"] in SILENT for c in mine),
            "excused": sum(c["sign"] != WRONG and c["word"] in SILENT for c in mine),
            "wrong": sum(c["sign"] == WRONG for c in mine),
            "whole": sum(c["word"] == "whole" for c in mine),
            "hang": sum(c["word"] == "hang" for c in mine),
            "cells": len(mine),
        }
    return counts


def text(cell):
    """`✗ short!■°`, as in the report."""
    marks = (
        ("unexpected", "!"),
        ("full_size_left", "■"),
        ("real_clock", "°"),
    )
    return f"{cell['sign']} {cell['word']}" + "".join(m for name, m in marks if cell.get(name))


def size(count):
    """`12.4 MB`: three digits."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count} B"
