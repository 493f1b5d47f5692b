"""docs/scoreboard.json: the cells of the last run, by board. A line for each row of a
board, so that a difference of two runs can be read."""

import datetime
import json
import os
import platform
import subprocess

from environments import ROOT

FILE = ROOT / "docs" / "scoreboard.json"
# Raised when what a cell has means something else than before.
VERSION = 1


def read(path=FILE):
    """What is kept; without any cell where there is none, or one of another version."""
    if path.exists():
        kept = json.loads(path.read_text())
        if kept.get("version") == VERSION:
            return kept
    return {"version": VERSION, "when": None, "machine": None, "boards": {}}


def fresh(boards, shortread):
    """A whole run."""
    said = subprocess.run([shortread, "--version"], capture_output=True, text=True)
    system = f"{platform.system()} {platform.release()}, {os.cpu_count()} CPUs"
    return {
        "version": VERSION,
        "when": today(),
        "machine": f"{said.stdout.strip()}; {system}",
        "boards": boards,
    }


def merged(before, boards):
    """`before`, in which the cells of `boards` take the place of others. What was played
    on a later day says so."""
    made = {name: before[name] for name in ("version", "when", "machine")}
    made["boards"] = {name: copied(board) for name, board in before["boards"].items()}
    for name, board in boards.items():
        kept = made["boards"].setdefault(name, {"clients": [], "rows": {}})
        there = {client["name"]: client for client in kept["clients"]}
        there |= {client["name"]: client for client in board["clients"]}
        kept["clients"] = list(there.values())
        for scenario, row in board["rows"].items():
            kept["rows"].setdefault(scenario, {}).update(row)
    if any(boards.values()):
        made["since"] = today()
    return made


def copied(board):
    return {
        "clients": list(board["clients"]),
        "rows": {scenario: dict(row) for scenario, row in board["rows"].items()},
    }


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def write(kept, path=FILE):
    path.write_text(text(kept))


def text(kept):
    """Each client and each cell in a line of its own."""
    compact = {"ensure_ascii": False, "separators": (",", ":")}
    head = {name: value for name, value in kept.items() if name != "boards"}
    lines = [json.dumps(head, **compact)[:-1] + ',"boards":{']
    for place, (name, board) in enumerate(kept["boards"].items()):
        lines.append(("," if place else "") + json.dumps(name) + ':{"clients":[')
        lines += listed(json.dumps(client, **compact) for client in board["clients"])
        lines.append('],"rows":{')
        rows = []
        for scenario, row in board["rows"].items():
            cells = listed(
                f"{json.dumps(client)}:{json.dumps(cell, **compact)}"
                for client, cell in row.items()
            )
            rows.append(f"{json.dumps(scenario)}:{{\n" + "\n".join(cells) + "}")
        lines += listed(rows)
        lines.append("}}")
    return "\n".join([*lines, "}}", ""])


def listed(items):
    """Items with a comma behind all but the last."""
    items = list(items)
    return [item + ("," if at + 1 < len(items) else "") for at, item in enumerate(items)]
