"""docs/scoreboard.html, from docs/scoreboard.json: one file, which opens offline. The
boards stand in the page; a script opens cells and filters them."""

import html
import json
import re

import cells
from cells import EXCUSED, OPEN, RIGHT, SILENT, WRONG
from environments import HERE, ROOT
from scoreboard import SIGNS

TARGET = ROOT / "docs" / "scoreboard.html"
PARTS = HERE / "templates"

# As the page must be read from a mail too.
MOST_BYTES = 500_000

TITLES = {
    "plain": ("Clients as they are", "As their documentation shows a download into a file."),
    "kept": ("Twice on one connection", "The second of two downloads with one session."),
    "careful": (
        "Careful clients",
        "Told to try again, or to go on where they were. Below the word: requests, and bytes "
        "beyond the object.",
    ),
    "paths": (
        "Clients of several paths",
        "Installers and libraries of object stores, with a server of their kind. Below the "
        "word: requests, and bytes beyond the object.",
    ),
}

# What one may filter by, as a word of a cell's `data-is`.
WRONGS = {
    "": "everything",
    "silent": "success, and the file is wrong",
    "pale": "the same, and nothing tells it",
    "fails": "a failure, and the file was to be had",
    "hang": "it waits without end",
    "full": "a file of the full size is left",
    "unexpected": "not among the known failures",
    "right": "nothing",
}

# A cell as the script reads it; texts are numbers of a list, -1 for none.
FIELDS = [
    *("sign", "word", "said", "saved", "right", "object", "requests", "sent", "seconds"),
    *("clock", "words", "verdict", "known", "real_clock", "faults"),
]
TEXTS = {"sign", "word", "said", "words", "verdict", "known", "real_clock", "faults"}


def write(kept):
    made = text(kept)
    TARGET.write_text(made)
    print(f"wrote {TARGET}")


def text(kept):
    """The page."""
    boards = kept["boards"]
    counts = total(boards)
    order = sorted(counts, key=lambda name: rank(counts[name]))
    silent = sum(count["silent"] > 0 for count in counts.values())
    headline = f"{silent} of {len(counts)} clients call a broken download whole"
    cells_there = sum(count["cells"] for count in counts.values())
    filled = {
        "css": (PARTS / "page.css").read_text(),
        "js": (PARTS / "page.js").read_text(),
        "headline": html.escape(headline),
        "lede": html.escape(
            f"What real clients say of downloads that break in known ways, and what they "
            f"saved. {cells_there} cells; a cell opens. Played on {kept['when']}"
            + (f", some of it on {kept['since']}" if later(kept) else "")
            + f", {kept['machine'] or 'shortread'}."
        ),
        "ranking": ranking(counts, order),
        "options": "".join(option(name, name) for name in sorted(counts)),
        "wrongs": "".join(option(word, told) for word, told in WRONGS.items()),
        "boards": "\n".join(
            section(name, boards[name], order)
            for name in TITLES
            if boards.get(name, {}).get("rows")
        ),
        "signs": "".join(
            f"<li>{html.escape(each)}" for each in re.findall(r"^- (.*)$", SIGNS, re.M)
        ),
        "data": packed(boards),
    }
    made = (PARTS / "page.html").read_text()
    return re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], made)


def later(kept):
    return kept.get("since") and kept["since"] != kept["when"]


def total(boards):
    """The counts of each client, over all boards."""
    counts = {}
    for board in boards.values():
        for name, mine in cells.silent(board).items():
            there = counts.setdefault(name, dict.fromkeys(mine, 0))
            for word, count in mine.items():
                there[word] += count
    return counts


def rank(count):
    """The most silent failures first."""
    return (-count["silent"], -count["excused"], -count["wrong"])


def ranking(counts, order):
    rows = []
    for name in order:
        count = counts[name]
        bars = "".join(
            f'<i class="{is_}" style="--n:{count[word]}"></i>'
            for word, is_ in (("silent", ""), ("excused", "pale"))
            if count[word]
        )
        rows.append(
            f'<li><a class="name" href="#filters" data-client="{html.escape(name)}">'
            f'{html.escape(name)}</a><span class="bar">{bars}<b>{count["silent"]}</b>'
            f"<span>+ {count['excused']} of {count['cells']}</span></span>"
        )
    most = max((count["silent"] + count["excused"] for count in counts.values()), default=1)
    return f'<ol class="ranking" style="--most:{max(most, 1)}">{"".join(rows)}</ol>'


def option(value, told):
    return f'<option value="{html.escape(value)}">{html.escape(told)}'


def section(name, board, order):
    title, told = TITLES[name]
    there = [client["name"] for client in board["clients"]]
    columns = [client for client in order if client in there]
    head = "".join(
        f'<th scope="col" data-client="{html.escape(client)}"><span>{html.escape(client)}</span>'
        for client in columns
    )
    rows = []
    for scenario, mine in board["rows"].items():
        tds = "".join(
            f"<td>{button(name, scenario, client, mine[client])}" if client in mine else "<td>"
            for client in columns
        )
        rows.append(f'<tr data-scenario="{scenario}"><th scope="row">{scenario}{tds}')
    return (
        f'<section><h2 id="{name}">{title}</h2>'
        f'<p class="soft">{told}</p><div class="scroll" tabindex="0" role="region" '
        f'aria-labelledby="{name}"><table data-board="{name}"><thead><tr><th scope="col">scenario'
        f"{head}<tbody>{''.join(rows)}</table></div></section>"
    )


def button(board, scenario, client, cell):
    """A cell of the page."""
    words = is_of(cell)
    told = html.escape(cells.text(cell))
    if board in ("careful", "paths"):
        told = html.escape(cells.text({**cell, "unexpected": False}))
        extra = f" +{cells.size(cell['extra'])}" if cell["extra"] else ""
        told += f"<small>{cell['requests']}{extra}</small>"
    key = html.escape(f"{board}/{scenario}/{client}")
    return (
        f'<button class="{words[0]}" data-is="{" ".join(words)}" data-key="{key}">{told}</button>'
    )


def is_of(cell):
    """What it is drawn as, and what it is found by."""
    is_silent = cell["word"] in SILENT
    if is_silent and cell["sign"] == WRONG:
        first = "silent"
    elif is_silent and cell["sign"] == EXCUSED:
        first = "pale"
    elif cell["sign"] == WRONG:
        first = "fails"
    elif cell["word"] == "hang":
        first = "hang"
    else:
        first = {RIGHT: "right", OPEN: "open"}.get(cell["sign"], "open")
    more = {"full": cell.get("full_size_left"), "unexpected": cell.get("unexpected")}
    return [first, *(word for word, holds in more.items() if holds)]


def packed(boards):
    """The data of the script."""
    texts, numbers = [], {}

    def number(value):
        if not value:
            return -1
        if value not in numbers:
            numbers[value] = len(texts)
            texts.append(value)
        return numbers[value]

    made = {}
    versions, commands = {}, {}
    for name, board in boards.items():
        commands[name] = {each["name"]: each["command"] for each in board["clients"]}
        versions |= {each["name"]: each["version"] for each in board["clients"]}
        for scenario, mine in board["rows"].items():
            for client, cell in mine.items():
                made[f"{name}/{scenario}/{client}"] = [
                    number(cell.get(field)) if field in TEXTS else cell[field] for field in FIELDS
                ]
    data = {
        "fields": FIELDS,
        "texts": texts,
        "cells": made,
        "versions": versions,
        "commands": commands,
        "titles": titles(boards),
    }
    # `</script>` in what a client said would end the element.
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def titles(boards):
    """What goes wrong in each scenario, in a sentence."""
    from play import kinds

    names = {scenario for board in boards.values() for scenario in board["rows"]}
    made = {name: each["title"] for name, each in kinds.SCENARIOS.items() if name in names}
    for path in sorted((ROOT / "scenarios").glob("*/*.toml")):
        if path.stem in names:
            found = re.search(r'^title = "(.*)"$', path.read_text(), re.M)
            made[path.stem] = found[1] if found else ""
    return made
