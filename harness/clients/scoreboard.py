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


def write(report, clients):
    """Writes the page from `report`, which `clients` ran in."""
    text = report.read_text()
    parts = [HEAD, circumstances(text, clients)]
    for name in SECTIONS:
        if found := section(text, name):
            parts.append(f"## {name}\n\n{found}\n")
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


def section(text, name):
    """What stands below a heading; None where there is none."""
    found = re.search(rf"^## {name}\n\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found and found[1].strip()
