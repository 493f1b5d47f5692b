"""docs/SCOREBOARD.md, from docs/scoreboard.json."""

import cells
from cells import OPEN, WRONG
from environments import ROOT

TARGET = ROOT / "docs" / "SCOREBOARD.md"

HEAD = """# Scoreboard

What real clients make of the catalogue: a command that saves a URL, its exit
status for what it says, its file for what is true. [CLIENTS.md](CLIENTS.md) has
the words and signs, the recipes are in
[harness/clients](../harness/clients/README.md), and one command makes this page,
[scoreboard.html](scoreboard.html), where each cell opens, and
[scoreboard.json](scoreboard.json), from which both follow:

```sh
python3 harness/clients/run.py --build --scoreboard
```

What takes five minutes in production takes some seconds here, and the client's
clock is as fast as that (libfaketime): one that gives up after five minutes gives up
here too. Where its clock could not be scaled, the cell has the mark °. Each client is
used as its documentation shows it, without a check that its users do not write.
"""

PLAIN = """## Clients as they are

Scenarios that differ in settings of the client or its sink are left out: a command has
its own.
"""

KEPT = """## Twice on one connection

Two downloads, one after the other, with one session or pool: the cell tells the
second. A client that drops the kept connection, because it sees the surplus or never
keeps one, asks again on another and gets what the first download got. Who keeps no
connection, or saves both in one file, is not here.
"""

CAREFUL = """## Careful clients

Clients that are told to try again, or to go on where they were, in the scenarios where
one attempt is not enough. A cell has what the file is and whether the client says so,
how many requests it made, and how many bytes of bodies it was sent beyond the size of
the object. A client that puts two versions together and reports success has a ✗.
"""

PATHS = """## Clients of several paths

Installers and libraries of object stores, against servers that have what these ask for
(harness/clients/paths): an index with a wheel, a bucket, a repository of models. The
faults are the same for all, the file has 21 MB, and the cells are as above. Where a cell
is empty, such a server cannot do that.

| scenario | |
| --- | --- |
"""

SIGNS = """- ✓ right: the file is whole, or the client says that it is not
- ~ excused: nothing in the response tells any client, or ends it
- ? not judged
- ✗ wrong: the client could know better
- ■ no success, but a file of the full size is left, with wrong bytes
- ° own limits not scaled
- ! unexpected: not among the known failures, or one that passes

- whole: success, every byte is right
- error: failure was reported
- short: success, and the file is short
- bad: success, and bytes are wrong
- newer: success, every byte is right, of a version that replaced the object meanwhile
- other: success, and it is another object
- hang: stopped at its limit
- tool: the tool failed
"""


def write(kept):
    TARGET.write_text(text(kept))
    print(f"wrote {TARGET}")


def text(kept):
    """The page."""
    boards = kept["boards"]
    parts = [HEAD, circumstances(kept)]
    if plain := boards.get("plain"):
        parts += [PLAIN, table(plain, cells.text, with_sums=True), SIGNS]
    if both := boards.get("kept"):
        parts += [KEPT, table(both, cells.text)]
    if careful := boards.get("careful"):
        parts += [CAREFUL, table(careful, careful_cell), sums(careful)]
    if paths := boards.get("paths"):
        parts += [PATHS.rstrip() + "\n" + titles(paths), table(paths, careful_cell), sums(paths)]
    parts += [wrong(boards), open_cells(boards), commands(boards)]
    return "\n".join(part for part in parts if part)


def circumstances(kept):
    lines = [f"- {kept['when']}; {kept['machine']}"]
    if kept.get("since") and kept["since"] != kept["when"]:
        lines.append(f"- some cells were played again on {kept['since']}")
    for board in ("plain", "careful", "paths"):
        clients = kept["boards"].get(board, {"clients": []})["clients"]
        versions = dict.fromkeys(client["version"] for client in clients)
        if versions:
            lines.append(f"- {'; '.join(versions)}")
    return "\n".join(lines) + "\n"


def table(board, of, with_sums=False):
    """Scenarios in rows, clients in columns."""
    names = [client["name"] for client in board["clients"]]
    lines = [row(["scenario", *names]), row(["---"] * (len(names) + 1))]
    for scenario, mine in board["rows"].items():
        lines.append(row([scenario, *(of(mine[name]) if name in mine else "" for name in names)]))
    if with_sums:
        lines.append(row(["", *(tally(board, name) for name in names)]))
    return "\n".join(lines) + "\n"


def row(words):
    return f"| {' | '.join(words)} |"


def tally(board, name):
    """`31 ✓, 14 ~, 1 ✗`."""
    signs = [mine[name]["sign"] for mine in board["rows"].values() if name in mine]
    return ", ".join(f"{signs.count(s)} {s}" for s in "✓~?✗" if s in signs)


def careful_cell(cell):
    """`✓ whole, 2 +12 MB`: unexpected is no word here, for nobody lists what is known."""
    expected = {name: value for name, value in cell.items() if name != "unexpected"}
    told = cells.text(expected)
    told = f"**{told}**" if cell["sign"] == WRONG else told
    more = f" +{cells.size(cell['extra'])}" if cell["extra"] else ""
    return f"{told}, {cell['requests']}{more}"


def sums(board):
    """A row for each client, over all of its scenarios."""
    lines = [row(["client", "whole", "said", "wrong", "requests", "extra bytes"])]
    lines.append(row(["---", "---", "---", "---", "---", "---"]))
    for client in board["clients"]:
        name = client["name"]
        mine = [each[name] for each in board["rows"].values() if name in each]
        words = [cell["word"] for cell in mine]
        told = [cell["said"] for cell in mine]
        success = told.count("exit 0")
        stopped = sum(each.startswith("stopped") for each in told)
        failed = len(told) - success - stopped
        lines.append(
            row(
                [
                    name,
                    f"{words.count('whole')} of {len(mine)}",
                    f"success {success}, failure {failed}"
                    + (f", nothing {stopped}" if stopped else ""),
                    str(sum(cell["sign"] == WRONG for cell in mine)),
                    str(sum(cell["requests"] for cell in mine)),
                    cells.size(sum(cell["extra"] for cell in mine)),
                ]
            )
        )
    return "\n".join(lines) + "\n"


def titles(paths):
    from play import kinds

    named = kinds.SCENARIOS
    there = [name for name in paths["rows"] if name in named]
    return "".join(row([f"`{name}`", named[name]["title"]]) + "\n" for name in there)


def every(boards):
    """Each cell, with its board, scenario and client."""
    for name, board in boards.items():
        for scenario, mine in board["rows"].items():
            for client, cell in mine.items():
                yield name, scenario, client, cell


def wrong(boards):
    lines = ["## Wrong", ""]
    for _, scenario, client, cell in every(boards):
        if cell["sign"] == WRONG:
            why = cell.get("verdict", "")
            lines.append(f"- {client} in {scenario}: {why}. {ended(cell)}")
            if known := cell.get("known"):
                lines.append(f"  Known: {known}.")
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""


def ended(cell):
    told = f"{cell['said'][0].upper()}{cell['said'][1:]} after {cell['seconds']} s"
    # A grave accent would end the code.
    words = cell.get("words", "").replace("`", "'")
    return f"{told}: `{words}`" if words else f"{told}."


def open_cells(boards):
    """Those that are not judged, by the reason."""
    reasons = {}
    for name, scenario, client, cell in every(boards):
        if cell["sign"] == OPEN:
            reason = cell.get("real_clock") or "no rule, or none that could be applied"
            reasons.setdefault((client, reason), []).append(scenario)
    if not reasons:
        return ""
    lines = ["## Not judged", ""]
    for (client, reason), scenarios in reasons.items():
        lines.append(f"- {client}: {reason}: {', '.join(dict.fromkeys(scenarios))}.")
    return "\n".join(lines) + "\n"


def commands(boards):
    lines = ["## Commands", ""]
    seen = {}
    for name in ("plain", "careful", "paths"):
        for client in boards.get(name, {"clients": []})["clients"]:
            seen[client["name"]] = client["command"]
    lines += [f"- {name}: `{command}`" for name, command in seen.items()]
    return "\n".join(lines) + "\n"
