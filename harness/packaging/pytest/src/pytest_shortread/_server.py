"""The server's process, and its control interface."""

from __future__ import annotations

import collections
import json
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Deque, Sequence

# The server is on loopback, whatever proxy the tests are about.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# What the server says last is shown where it ends before the tests do.
_LAST_LINES = 20


class ServerError(Exception):
    """The server cannot be started, has ended, or refuses an order."""


class Server:
    """A running `shortread serve`, which ends with this process."""

    def __init__(self, binary: str, arguments: Sequence[str] = ()) -> None:
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--exit-with-stdin", *arguments]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise ServerError(f"{binary} cannot be started: {error.strerror}") from error
        self._last_lines: Deque[str] = collections.deque(maxlen=_LAST_LINES)
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._reader.join()
            raise ServerError(f"{' '.join(command)} has ended:\n{self.last_words()}")
        ready = json.loads(line)
        self.binary = binary
        self.url: str = ready["url"]
        self.control: str = ready["control"]

    def last_words(self) -> str:
        """The last lines of the server's standard error."""
        return "\n".join(self._last_lines)

    def stop(self) -> None:
        """Ends the server. Nothing of it is left afterwards."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._reader.join()

    def events(self, key: str, *, wait: float | None = None) -> list[dict[str, Any]]:
        """The events of the test `key`: those so far, or with `wait` (seconds)
        all of them once nothing is under way.

        Raises ServerError where something is still under way by then.
        """
        query = {"key": key}
        if wait is not None:
            query.update(wait="end", timeout=f"{max(1, round(wait * 1000))}ms")
        answer = self._ask(f"/journal?{urllib.parse.urlencode(query)}")
        events = json.loads(answer)["events"]
        assert isinstance(events, list)
        return events

    def _ask(self, target: str) -> bytes:
        try:
            with _DIRECT.open(self.control + target) as response:
                answer = response.read()
                assert isinstance(answer, bytes)
                return answer
        except urllib.error.HTTPError as refusal:
            said = refusal.read().decode(errors="replace").strip()
            raise ServerError(f"{target}: {refusal.code}: {said}") from None
        except OSError as error:
            ended = "" if self._process.poll() is None else " (it has ended)"
            raise ServerError(
                f"the server does not answer{ended}: {error}\n{self.last_words()}"
            ) from error

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._last_lines.append(line.decode(errors="replace").rstrip("\n"))


def fetch(url: str) -> bytes:
    """The body at a URL of the server, past every proxy."""
    with _DIRECT.open(url) as response:
        body = response.read()
        assert isinstance(body, bytes)
        return body
