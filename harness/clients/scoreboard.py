"""docs/SCOREBOARD.md, from the report of a run."""

import datetime
import re

import recipes

TARGET = recipes.ROOT / "docs" / "SCOREBOARD.md"

HEAD = """# Scoreboard

What real clients make of the catalogue: a command that saves a URL, its exit
status for what it says, its file for what is true. [CLIENTS.md](CLIENTS.md) has
the words and signs, the recipes are in
[harness/clients](../harness/clients/README.md), and one command makes this page:

```sh
python3 harness/clients/run.py --build --scoreboard
```

What takes five minutes in production takes some seconds here, and the client's
clock is as fast as that (libfaketime): one that gives up after five minutes gives up
here too. Where its clock could not be scaled, the cell has the mark °. Each client is
used as its documentation shows it, without a check that its users do not write.
"""

# Of the report; figures are for those who run it themselves.
SECTIONS = ["Scoreboard", "Wrong", "Not judged", "Commands"]


KEPT = """## Twice on one connection

Two downloads, one after the other, with one session or pool: the cell tells the
second. A client that drops the kept connection, because it sees the surplus or never
keeps one, asks again on another and gets what the first download got. wget, aria2c and
urllib are not here: they keep no connection, or save both in one file.
"""


def write(text, kept, clients):
    """Writes the page from the report `text`, which `clients` ran in, and from the
    report `kept` of two downloads each."""
    parts = [HEAD, circumstances(text, clients)]
    for name in SECTIONS:
        if found := section(text, name):
            parts.append(f"## {name}\n\n{found}\n")
        if name == "Scoreboard":
            parts.append(f"{KEPT}\n{kept_table(kept)}\n")
    TARGET.write_text("\n".join(parts))
    print(f"wrote {TARGET}")


def circumstances(text, clients):
    lines = [f"- {client.version()}" for client in clients]
    machine = re.search(r"^- (shortread .*)$", text, re.M)
    trials = re.search(r"^- (\d+ of \d+ trials), .*real time (.*)$", text, re.M)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    lines.append(f"- {today}; {machine[1] if machine else 'shortread'}")
    if trials:
        lines.append(f"- {trials[1]}, over TCP on loopback, in {trials[2]}")
    return "\n".join(lines) + "\n"


def kept_table(report):
    """The table without its sums and its legend, which stands above, and who was wrong."""
    lines = section(report, "Scoreboard").splitlines()
    table = [line for line in lines if line.startswith("|") and not line.startswith("| |")]
    wrong = section(report, "Wrong")
    return "\n".join(table) + (f"\n\n{wrong}" if wrong else "")


def section(text, name):
    """What stands below a heading; None where there is none."""
    found = re.search(rf"^## {name}\n\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found and found[1].strip()
