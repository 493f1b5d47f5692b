#!/usr/bin/env python3
"""Plays each finding twice, in shortread and with raw responses, and writes docs/FINDINGS.md.

    findings_run.py                    all of them
    findings_run.py --check            exit with 10 if one no longer follows
    findings_run.py --only NAME,NAME   these alone; writes nothing
    findings_run.py --raw              with raw responses alone; writes nothing
    findings_run.py --raw --here       and of the clients alone that are installed

A finding that no longer follows is good news of its client: remove the entry, or say in
which release it was so.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import tempfile

import play
import recipes
from environments import ROOT
from findings import framing, raw, resuming, stores

PAGE = ROOT / "docs" / "FINDINGS.md"
FINDINGS = [*framing.FINDINGS, *resuming.FINDINGS, *stores.FINDINGS]

HEAD = """# Findings

What clients do wrong, one by one: what happened in a scenario, what the specification says,
and raw responses that show it without shortread. `python3 harness/clients/findings_run.py`
plays all of it and writes this page; with `--check` it fails where one no longer follows.

To play raw responses, run the Python below a finding, which writes them, start
[findings/serve.py](findings/serve.py) on them, and the client. The server is a few lines of
sockets: one response to each request, and the last one ever after. Commands are run from the
root of the repository, whose recipes of clients are the few lines of their documentation
(harness/clients; `run.py --build --list` makes what they need). "Not yet reported" means that
no report is known.

| finding | client | scenario | reported |
| --- | --- | --- | --- |
"""
UNREPORTED = "not yet reported"


def client_of(finding):
    return next(each for each in play.BOARDS[finding.board] if each.name == finding.client)


def cells_of(args, findings):
    """Plays the scenarios of findings: the cell of each, None where it was not to be had."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for board in dict.fromkeys(finding.board for finding in findings):
            mine = [finding for finding in findings if finding.board == board]
            clients = list(dict.fromkeys(client_of(finding) for finding in mine))
            scenarios = list(dict.fromkeys(finding.scenario for finding in mine))
            # Only what is asked: a client in the scenarios of its findings.
            for client in clients:
                asked = [f.scenario for f in mine if f.client == client.name]
                out = pathlib.Path(folder) / client.name
                rows = play.board(args, board, [client], out, [s for s in scenarios if s in asked])
                for finding in mine:
                    row = rows["rows"].get(finding.scenario, {})
                    if finding.client == client.name:
                        found[finding.name] = row.get(client.name)
    return found


def judge(finding, cell, played):
    """Why it no longer follows, as sentences."""
    wrong = [f"raw responses: {each}" for each in raw.differs(finding, played)]
    if cell is None and played is not None:
        return wrong
    if not finding.holds(cell):
        wrong.append(
            f"{finding.scenario}: it came to {cell['sign']} {cell['word']}, {cell['said']}"
        )
    return wrong


def page(cells):
    rows = "".join(
        f"| [{finding.title}](#{finding.name.lower()}) | {client_of(finding).version()} | "
        f"`{finding.scenario}` | {finding.reported or UNREPORTED} |\n"
        for finding in FINDINGS
    )
    return HEAD + rows + "".join(section(finding, cells[finding.name]) for finding in FINDINGS)


def section(finding, cell):
    client = client_of(finding)
    how = "paths/run.py" if finding.board == "paths" else "run.py"
    option = " --careful" if finding.board == "careful" else ""
    says = "".join(f"- {said} ({link(url)})\n" for url, said in finding.says)
    command = command_of(finding).replace("{url}", "http://127.0.0.1:8080/file")
    command = command.replace("{out}", "/tmp/out")
    return f"""
## {finding.name}

{finding.title} ({client.version()}; {finding.reported or UNREPORTED})

- what happened: {finding.told(cell)}
- again: `python3 harness/clients/{how}{option} --only {finding.client} {finding.scenario}`
{says}
```python
{finding.make.strip()}
```

```sh
python3 docs/findings/serve.py 8080 {" ".join(finding.files)} &
sleep 1; {command}; echo $?  # {finding.exit}: {left(finding)}
```
"""


def left(finding):
    if finding.saved is None:
        return "and no file"
    if callable(finding.saved):
        return "and a wrong file"
    return f"and {finding.saved!r} in the file".replace("b'", "'")


def link(url):
    name, _, place = url.rpartition("/")[2].partition("#section-")
    return f"[RFC {name.removeprefix('rfc')}, section {place}]({url})"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--raw", action="store_true", help="with raw responses alone")
    parser.add_argument("--here", action="store_true", help="leave out clients that are missing")
    parser.add_argument("--only", metavar="NAMES", help="these findings, comma-separated")
    parser.add_argument("--jobs", type=int, default=4, help="clients at a time [4]")
    default = ROOT / "target" / "release" / "shortread"
    parser.add_argument("--shortread", type=pathlib.Path, default=default)
    args = parser.parse_args()
    names = [finding.name for finding in FINDINGS]
    only = args.only.split(",") if args.only else names
    if unknown := set(only) - set(names):
        parser.error(f"no finding {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    wanted = [finding for finding in FINDINGS if finding.name in only]
    if not args.raw and not args.shortread.exists():
        print(f"error: {args.shortread} is missing; cargo builds it", file=sys.stderr)
        return 2
    if args.here:
        wanted = [finding for finding in wanted if client_of(finding).is_there()]
    clients = list(dict.fromkeys(client_of(finding) for finding in wanted))
    recipes.make_environments(clients)
    if missing := [client.name for client in clients if not client.is_there()]:
        print(f"error: missing: {', '.join(missing)}; run.py --build", file=sys.stderr)
        return 2
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        commands = [command_of(finding) for finding in wanted]
        played = dict(zip((f.name for f in wanted), pool.map(raw.play, wanted, commands)))
    args.known, is_check, args.check = None, args.check, False
    cells = {} if args.raw else cells_of(args, wanted)
    is_wrong = False
    for finding in wanted:
        wrong = judge(finding, cells.get(finding.name), played[finding.name])
        if not args.raw and cells.get(finding.name) is None:
            wrong.append(f"{finding.scenario} was not played")
        is_wrong |= bool(wrong)
        for sentence in wrong:
            print(f"{finding.name} no longer follows: {sentence}", file=sys.stderr)
        if not wrong:
            print(f"{finding.name}: follows")
    if not (is_check or is_wrong or args.only or args.raw or args.here):
        PAGE.write_text(page(cells))
        print(f"wrote {PAGE}")
    return 10 if is_wrong else 0


def command_of(finding):
    """Its recipe, with what it is given in the place of a wheel."""
    return client_of(finding).command.replace(" WHEEL", "")


if __name__ == "__main__":
    sys.exit(main())
