"""Plays raw responses to a client, without shortread."""

import pathlib
import socket
import subprocess
import sys
import tempfile

from environments import ROOT

SERVER = ROOT / "docs" / "findings" / "serve.py"


class Played:
    """What a client made of raw responses: its exit status (None if it was stopped), the
    file that it left, and its requests."""

    def __init__(self, status, saved, requests):
        self.status, self.saved, self.requests = status, saved, requests


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def play(finding, command):
    """`command` is the recipe's."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([sys.executable, "-c", finding.make], cwd=folder, check=True)
        port = free_port()
        with open(folder / "requests", "wb") as said:
            server = subprocess.Popen(
                [sys.executable, SERVER, str(port), *finding.files], cwd=folder, stdout=said
            )
            try:
                wait_for(port)
                status = run(finding, command, port, folder)
            finally:
                server.terminate()
                server.wait()
        out = folder / "out"
        saved = out.read_bytes() if out.exists() else None
        return Played(status, saved, (folder / "requests").read_bytes().decode("latin-1"))


def wait_for(port):
    """Until something listens, without a connection, which would get a response."""
    entry = f"0100007F:{port:04X}"
    for _ in range(2000):
        if any(entry in line and " 0A " in line for line in open("/proc/net/tcp")):
            return
        subprocess.run(["sleep", "0.01"], check=True)
    raise TimeoutError("the server of raw responses does not start")


def run(finding, command, port, folder):
    url = f"http://127.0.0.1:{port}/file"
    words = [word.replace("{url}", url) for word in command.split()]
    words = [word.replace("{out}", str(folder / "out")) for word in words]
    try:
        done = subprocess.run(
            words, cwd=ROOT, capture_output=True, timeout=finding.limit, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def differs(finding, played):
    """What is not as the entry says, as sentences."""
    found = []
    if played.status != finding.exit:
        found.append(f"exit status {played.status}, not {finding.exit}")
    saved = played.saved
    fits = finding.saved(saved or b"") if callable(finding.saved) else saved == finding.saved
    if not fits:
        size = "no file" if saved is None else f"{len(saved)} bytes: {saved[:40]!r}"
        found.append(f"it saved {size}")
    if finding.asked and finding.asked not in played.requests:
        found.append(f"no request had {finding.asked!r}")
    if finding.never_asked and finding.never_asked in played.requests.lower():
        found.append(f"a request had {finding.never_asked!r}")
    return found
