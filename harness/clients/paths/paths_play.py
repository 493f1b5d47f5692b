"""Plays the scenarios of each kind of server with its clients."""

import pathlib
import subprocess
import threading

import kinds
from paths_clients import ROOT

import cells

# Longer than any client here needs, with its attempts, on its clock.
LIMIT = "150s"


def play(shortread, wanted, names, out, jobs=8):
    """Plays `wanted` clients against the scenarios: the records. The servers of all kinds
    at once, since most of the time somebody waits for another attempt."""
    found, lines = {}, threading.Lock()

    def one(kind):
        mine = [client for client in wanted if client.kind == kind]
        where = pathlib.Path(out) / kind
        files = kinds.write(out, kind, names)
        command = [shortread, "run", "--quiet", "--wide", "--check", "--jobs", str(jobs)]
        command += ["--out", where / "results", "--limit", LIMIT]
        for client in mine:
            wheel = str(where / kinds.WHEEL)
            command += ["--client", f"{client.name}={client.command.replace('WHEEL', wheel)}"]
        done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True)
        with lines:
            print(done.stdout + done.stderr, flush=True)
        found[kind] = (done.returncode, where / "results" / "latest")

    used = list(dict.fromkeys(client.kind for client in wanted))
    threads = [threading.Thread(target=one, args=[kind]) for kind in used]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worst = max(found[kind][0] for kind in used)
    if worst not in (0, 10):
        return worst, []
    return worst, [record for kind in used for record in cells.read(found[kind][1])]
