#!/usr/bin/env python3
"""Plays cases to the installed aiohttp: its client protocol and parser on stand-ins
for the transport and the event loop.

Reads one case per line, writes one result per line, both as JSON. Run it with the
interpreter of the release, and with AIOHTTP_NO_EXTENSIONS=1 for the parser in
Python. The format is told in `cases.py`. Nothing waits, and nothing is sent.
"""

from __future__ import annotations

import json
import logging
import pathlib
import re
import sys
import textwrap
import zlib
from typing import Any, Dict, List, Optional

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from aiohttp.client_proto import ResponseHandler  # noqa: E402
from aiohttp.http_exceptions import HttpProcessingError  # noqa: E402

from recording.driving import DEFAULT_LIMIT, Pending, StandInLoop  # noqa: E402
from recording.wire import StandInTransport  # noqa: E402

# Behind so many reads a body is called endless: a stream of one byte at a time
# needs fewer.
MOST_READS = 20_000


# What a text quotes of the input, and how it was spelt before.
QUOTES = [
    # Where llhttp stopped, with a pointer below it.
    (re.compile(r":\n\n *b(['\"]).*\Z", re.DOTALL), ""),
    (re.compile(r"\ABad status line ['\"].*\Z", re.DOTALL), "Bad status line"),
    (re.compile(r"\AInvalid HTTP [Hh]eader: .*\Z", re.DOTALL), "Invalid HTTP header"),
    (re.compile(r"(when reading): (b|bytearray\(b)?['\"].*\Z", re.DOTALL), r"\1"),
    (re.compile(r"(when reading request header (name|field)) .*\Z", re.DOTALL), r"\1."),
    (re.compile(r"data for satisfy"), "data to satisfy"),
]


def brief(message: str) -> str:
    """A text of the library without what it quotes of the input."""
    for pattern, instead in QUOTES:
        message = pattern.sub(instead, message)
    return message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def text_of(error: BaseException) -> str:
    if isinstance(error, HttpProcessingError):
        # As it prints itself.
        message = textwrap.indent(brief(error.message), "  ")
        return "{}, message:\n{}".format(error.code, message)
    cause = error.__cause__
    quoted = repr(cause) if isinstance(cause, HttpProcessingError) else ""
    if quoted and quoted in str(error):
        instead = "<{}: {}, message={!r}>".format(
            type(cause).__name__, cause.code, brief(cause.message)
        )
        return str(error).replace(quoted, instead)
    if str(error).startswith("400, message:") and isinstance(cause, HttpProcessingError):
        return text_of(cause)
    if str(error).startswith("400, message:"):
        # A payload's exception that has no cause: its text is that of one.
        text = str(error).partition("\n")[2]
        blanks = text[:2] if text.startswith("  ") else ""
        return "400, message:\n" + blanks + brief(text[len(blanks) :])
    if type(error).__name__ == "ServerDisconnectedError":
        # It prints what it knows of the head.
        return "Server disconnected"
    return brief(str(error))


def chain(error: Optional[BaseException]) -> List[List[str]]:
    """Class and text of an exception and of what caused it, outermost first."""
    links = []
    while error is not None:
        links.append([type(error).__name__, text_of(error)])
        error = error.__cause__
    return links


def of_response(error: BaseException) -> List[List[str]]:
    """What `ClientResponse.start` makes of an exception of the protocol."""
    links = chain(error)
    if isinstance(error, HttpProcessingError):
        text = "{}, message={!r}".format(error.code, brief(error.message))
        links.insert(0, ["ClientResponseError", text])
    return links


class Play:
    def __init__(self, case: Dict[str, Any]) -> None:
        self.case = case
        self.loop = StandInLoop()
        self.transport = StandInTransport(self.loop)
        self.protocol: Any = ResponseHandler(self.loop)  # type: ignore[arg-type]
        self.transport.protocol = self.protocol
        self.protocol.connection_made(self.transport)
        self.protocol.set_response_params(
            read_until_eof=True,
            read_timeout=10.0,
            read_bufsize=case.get("limit") or DEFAULT_LIMIT,
        )
        if hasattr(self.protocol, "start_timeout"):
            self.protocol.start_timeout()
        self.waits: Optional[Pending] = Pending(self.protocol.read())
        self.head: Any = None
        self.payload: Any = None
        self.crc = 0
        self.length = 0
        self.items: List[Any] = []
        self.end: Any = None

    def run(self) -> Dict[str, Any]:
        left = [bytes.fromhex(piece) for piece in self.case["pieces"]]
        # The head is waited for from the beginning.
        self.read()
        while left and not self.is_over():
            # A late reader reads when nothing comes any more.
            if self.transport.paused:
                self.read()
                if self.transport.paused:
                    break
            self.protocol.data_received(left.pop(0))
            self.read(self.case["late"])
            self.lose()
        if self.case["late"] and self.transport.paused:
            self.read()
            self.lose()
        if not self.is_over() and not self.transport.paused:
            self.finish()
        self.read()
        return {
            "head": self.head,
            "length": self.length,
            "crc": self.crc,
            "items": self.items,
            "end": self.end or "pending",
        }

    def is_over(self) -> bool:
        """Nothing more reaches the protocol."""
        ended = self.payload is not None and self.payload.is_eof()
        return self.transport.closing or ended or isinstance(self.head, list)

    def finish(self) -> None:
        end = self.case["end"]
        if end == "eof":
            self.protocol.eof_received()
            if not self.transport.closing:
                self.transport.closing = True
                self.protocol.connection_lost(None)
        elif end == "reset":
            self.transport.closing = True
            error = ConnectionResetError(104, "Connection reset by peer")
            self.protocol.connection_lost(error)

    def lose(self) -> None:
        """The protocol hears of a connection that was closed on this side one
        round of the loop later than the reads that were woken."""
        if self.loop.soon:
            self.loop.run_soon()
            self.read(self.case["late"])

    def read(self, head_only: bool = False) -> None:
        """All that the program's reads return now."""
        for _ in range(MOST_READS):
            if self.end is not None or isinstance(self.head, list):
                return
            if self.head is not None and head_only:
                return
            if self.waits is None:
                read = self.case["read"]
                self.waits = Pending(getattr(self.payload, read[0])(*read[1:]))
            ended = self.waits.go_on()
            if ended is None:
                return
            self.waits = None
            if self.head is None:
                self.take_head(*ended)
            else:
                self.take(*ended)
        # How far it came by then says nothing.
        self.end, self.items, self.length, self.crc = "endless", [], 0, 0

    def take_head(self, value: Any, error: Optional[BaseException]) -> None:
        if error is not None:
            self.head = of_response(error)
            return
        message, payload = value
        if 100 <= message.code <= 199 and message.code != 101:
            self.waits = Pending(self.protocol.read())
            return
        self.head, self.payload = message.code, payload
        # The stream of a response without a body is one for the whole process, and
        # from 3.9 on ends its chunks once only. Here each case is a process.
        if hasattr(payload, "_read_eof_chunk"):
            payload._read_eof_chunk = False

    def take(self, value: Any, error: Optional[BaseException]) -> None:
        if error is not None:
            self.end = chain(error)
            return
        of_chunks = self.case["read"][0] == "readchunk"
        data, end = value if of_chunks else (value, False)
        if not data and not end:
            self.end = "eof"
            return
        self.crc = zlib.crc32(data, self.crc)
        self.length += len(data)
        if of_chunks:
            self.items.append([len(data), end])
        if self.case["read"] == ["read", -1]:
            self.end = "eof"


def main() -> None:
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        print(json.dumps(Play(json.loads(line)).run()))


if __name__ == "__main__":
    main()
