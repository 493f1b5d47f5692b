#!/usr/bin/env python3
"""Records what the installed aiohttp does, step by step, as test data.

    record_traces.py --kind reader --seed 11 --out reader-aiohttp-3.14.5.jsonl.gz
    record_traces.py --kind wire   --seed 11 --out wire-aiohttp-3.14.5.jsonl.gz

Run it with the interpreter of the release to record. `reader` drives the
library's `StreamReader` alone, on a stand-in for its protocol. `wire` drives
the library's client protocol with its own C parser, on stand-ins for the
transport and the event loop: bytes of responses go in, reads come out. Nothing
here waits, opens a socket or looks at a clock: the same seed and the same
release give the same bytes.

The format is described in `harness/tests/traces/README.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import logging
import platform
import random
import zlib
from pathlib import Path
from typing import Any, Callable, Coroutine, Dict, List, Optional, Tuple

import aiohttp
from aiohttp import http_parser
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader

Step = Dict[str, Any]
Case = Dict[str, Any]
Result = List[Any]

RELEASE = tuple(int(part) for part in aiohttp.__version__.split(".")[:2])
DEFAULT_LIMIT = 2**18 if RELEASE >= (3, 14) else 2**16
# What one read of a transport brings at most, and what the first read of a
# fresh loopback connection brings.
TRANSPORT_READ = 262_144
FIRST_READ = 128_000
# Chunk ends that wait before the default limit's reader pauses, from 3.13.3.
SPLITS_AT_DEFAULT = 16_384
# Texts of exceptions may quote all of the input; so much of them is kept.
MOST_TEXT = 400
# Longer lists of chunk ends are written in short.
MOST_SPLITS = 64

COUNTER = bytes(range(256)) * (4 << 12)


def body_bytes(offset: int, length: int) -> bytes:
    """Bytes of the body: byte i is the low byte of i."""
    start = offset & 0xFF
    if start + length <= len(COUNTER):
        return COUNTER[start : start + length]
    return (bytes(range(256)) * (length // 256 + 2))[start : start + length]


class StandInLoop:
    """What reader and protocol ask of an event loop. Its timers never fire."""

    def __init__(self) -> None:
        self.soon: List[Callable[[], None]] = []

    def get_debug(self) -> bool:
        return False

    def time(self) -> float:
        return 0.0

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)  # type: ignore[arg-type]

    def call_soon(self, callback: Callable[..., None], *args: Any, **_: Any) -> None:
        self.soon.append(lambda: callback(*args))

    def call_later(self, delay: float, callback: Callable[..., None]) -> "StandInTimer":
        return StandInTimer()

    def call_exception_handler(self, context: Dict[str, Any]) -> None:
        """Exceptions that nobody fetched are no news here."""

    def run_soon(self) -> None:
        """One round: what was scheduled so far, and what that schedules."""
        while self.soon:
            self.soon.pop(0)()


class StandInTimer:
    def cancel(self) -> None:
        """It never fires anyway."""


class Pending:
    """A coroutine that is driven by hand."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine
        self.future: Optional["asyncio.Future[Any]"] = None

    def go_on(self) -> Optional[Tuple[Any, Optional[BaseException]]]:
        """(value, exception) once it has ended, else None."""
        while self.future is None or self.future.done():
            try:
                self.future = self.coroutine.send(None)
            except StopIteration as stop:
                return stop.value, None
            except Exception as error:
                return None, error
            # What a task does with a future that it waits for.
            self.future._asyncio_future_blocking = False  # type: ignore[attr-defined]
        return None


def raised(error: BaseException) -> Result:
    """Class, start of the text, and the class of what caused it."""
    name, cause = type(error).__name__, error.__cause__
    if isinstance(error, HttpProcessingError):
        # What a response that starts makes of it.
        name, cause = "ClientResponseError", error
    return ["raise", name, str(error)[:MOST_TEXT], cause and type(cause).__name__]


class Consumer:
    """The reads of one body, and the fields that both kinds record."""

    def __init__(self, tell_error: Callable[[BaseException], Result]) -> None:
        self.reader: Optional[StreamReader] = None
        self.tell_error = tell_error
        self.pending: Optional[Pending] = None
        self.op: Optional[List[Any]] = None
        self.end: Optional[str] = None

    def told(self, kind: str, value: Any, error: Optional[BaseException]) -> Result:
        assert self.reader is not None
        if error is not None:
            self.end = "raise"
            return self.tell_error(error)
        data, rest = (value[0], [value[1]]) if kind == "chunk" else (value, [])
        offset = self.reader._cursor - len(data)
        assert data == body_bytes(offset, len(data)), "the body's bytes differ"
        if not data and rest != [True] and self.op != ["read", 0]:
            self.end = "empty"
        return [kind, offset, len(data), *rest]

    def start(self, op: List[Any]) -> Optional[Result]:
        """Begins a read; its result, or ["pending"]."""
        reader = self.reader
        assert reader is not None
        name, args = op[0], op[1:]
        if name == "iter_chunked":
            reader.iter_chunked(args[0])
            return None
        if name == "read_nowait":
            try:
                return self.told("data", reader.read_nowait(*args), None)
            except Exception as error:
                return self.told("data", None, error)
        pending = Pending(getattr(reader, name)(*args))
        ended = pending.go_on()
        if ended is None:
            self.pending, self.op = pending, op
            return ["pending"]
        kept = self.op
        self.op = op
        result = self.told("chunk" if name == "readchunk" else "data", *ended)
        self.op = kept if self.pending else op
        return result

    def released(self) -> Optional[Result]:
        """What the read that waits returns now, if it does."""
        if self.pending is None or self.op is None:
            return None
        ended = self.pending.go_on()
        if ended is None:
            return None
        self.pending = None
        return self.told("chunk" if self.op[0] == "readchunk" else "data", *ended)

    def state(self) -> Step:
        reader = self.reader
        if reader is None:
            return dict.fromkeys(("size", "cursor", "splits", "low", "high", "total"))
        return {
            "size": reader._size,
            "cursor": reader._cursor,
            "splits": short(reader._http_chunk_splits),
            "low": reader._low_water,
            "high": reader._high_water,
            "total": reader.total_bytes,
        }


def short(splits: Any) -> Any:
    """Chunk ends as a list; a long one as its length, ends, and sum."""
    if splits is None:
        return None
    ends = list(splits)
    if len(ends) <= MOST_SPLITS:
        return ends
    return {"count": len(ends), "first": ends[0], "last": ends[-1], "sum": sum(ends)}


# ---------------------------------------------------------------- reader


class Boom(Exception):
    """What a stream fails with in a reader trace."""


class StandInProtocol:
    """Notes what the reader asks of its protocol."""

    connected = True

    def __init__(self) -> None:
        self._reading_paused = False
        self.calls: List[str] = []

    def pause_reading(self) -> None:
        self._reading_paused = True
        self.calls.append("pause")

    def resume_reading(self, resume_parser: bool = True) -> None:
        self._reading_paused = False
        self.calls.append("resume")


class ReaderCase:
    def __init__(self, rng: random.Random, limit: int, chunked: bool) -> None:
        self.rng = rng
        self.limit = limit
        self.chunked = chunked
        self.protocol = StandInProtocol()
        self.consumer = Consumer(lambda error: ["raise", type(error).__name__])
        self.reader = StreamReader(self.protocol, limit, loop=StandInLoop())  # type: ignore
        self.consumer.reader = self.reader
        self.steps: List[Step] = []
        self.fed = 0

    def case(self) -> Case:
        return {"limit": self.limit, "chunked": self.chunked, "steps": self.steps}

    def feed(self, length: int) -> None:
        try:
            self.reader.feed_data(body_bytes(self.fed, length), 0)
        except TypeError:
            self.reader.feed_data(body_bytes(self.fed, length))
        self.fed += length

    def do(self, op: List[Any]) -> None:
        result = None
        name = op[0]
        if name == "feed":
            self.feed(op[1])
        elif name == "eof":
            self.reader.feed_eof()
        elif name == "exc":
            self.reader.set_exception(Boom("boom"))
        elif name == "begin":
            self.reader.begin_http_chunk_receiving()
        elif name == "end":
            self.reader.end_http_chunk_receiving()
        elif name == "chunks":
            for _ in range(op[1]):
                self.reader.begin_http_chunk_receiving()
                self.feed(op[2])
                self.reader.end_http_chunk_receiving()
        else:
            result = self.consumer.start(op)
        released = self.consumer.released() if result is None else None
        calls, self.protocol.calls = self.protocol.calls, []
        self.steps.append(
            {
                "op": op,
                "res": result,
                "rel": released,
                "calls": calls,
                "paused": self.protocol._reading_paused,
                **self.consumer.state(),
            }
        )

    def feed_size(self) -> int:
        """Mostly random; often one that ends at a mark or beside it."""
        rng, reader, limit = self.rng, self.reader, self.limit
        left = reader._high_water - reader._size
        near = [left - 1, left, left + 1, limit, 1]
        if limit >= 4096:
            near += [FIRST_READ, TRANSPORT_READ, TRANSPORT_READ - 1, 16_384]
        size = rng.choice(near) if rng.random() < 0.5 else rng.randint(1, 3 * limit)
        return size if 0 < size <= 8 << 20 else rng.randint(1, limit)

    def read_op(self) -> List[Any]:
        rng, reader = self.rng, self.reader
        beyond = reader._size - reader._low_water
        sizes = [1, beyond, beyond + 1, reader._size, rng.randint(1, 2 * self.limit)]
        sizes += [rng.randint(1, self.limit), 4 * self.limit]
        size = max(rng.choice(sizes), 0)
        return rng.choice(
            [["read", size]] * 6
            + [["readany"]] * 3
            + [["readchunk"]] * (7 if self.chunked else 2)
            + [["read_nowait", size], ["read_nowait", -1]]
        )


def reader_case(rng: random.Random, index: int) -> Case:
    limit = rng.choice([1, 2, 7, 16, 64, 160, 1000, 4096, DEFAULT_LIMIT, DEFAULT_LIMIT])
    chunked = rng.random() < 0.5
    if index % 50 == 0:
        limit, chunked = DEFAULT_LIMIT, True
    run = ReaderCase(rng, limit, chunked)
    do, reader = run.do, run.reader
    if chunked:
        do(["begin"])
    if index % 50 == 0:
        # More chunks than the reader lets wait.
        do(["chunks", SPLITS_AT_DEFAULT - rng.randint(0, 1), rng.randint(1, 7)])
        for _ in range(3):
            do(["chunks", rng.randint(1, 3), 1])
    read_all = rng.random() < 0.08
    eof = failed = False
    feeding = rng.choice([0.3, 0.5, 0.7])
    for _ in range(rng.randint(4, 40)):
        if rng.random() < feeding and not eof:
            if chunked and rng.random() < 0.25:
                few = rng.choice([1, 2, 3, 5, max(4, min(limit // 16, 40)), 41])
                do(["chunks", few, rng.randint(1, 3)])
            else:
                do(["feed", run.feed_size()])
            # A pause that falls on a chunk's end, or in its midst.
            if chunked and rng.random() < 0.6:
                do(["end"])
                do(["begin"])
        elif rng.random() < 0.03 and not eof:
            eof = True
            do(["eof"])
        elif rng.random() < 0.03 and not failed:
            failed = True
            do(["exc"])
        elif run.consumer.pending is None:
            if read_all and rng.random() < 0.2:
                do(["read", -1])
            elif rng.random() < 0.03:
                do(["iter_chunked", rng.randint(1, 3 * limit)])
            else:
                do(run.read_op())
        elif rng.random() < 0.1:
            # A second reader beside the one that waits.
            op = run.read_op()
            if op[0] == "read_nowait" or op[0] != run.consumer.op[0]:
                do(op)
    ends = rng.choice([["eof"], ["eof"], ["exc"], ["eof", "exc"], ["exc", "eof"], []])
    for end in ends:
        if not (end == "eof" and eof):
            eof = eof or end == "eof"
            do([end])
    # To the end, as a consumer does.
    op = rng.choice([["readany"], ["readchunk"], ["read", max(1, limit // 2)], ["read", -1]])
    for _ in range(30):
        if run.consumer.pending is None and run.consumer.end is None:
            do(op)
    do(["read_nowait", -1])
    assert reader._size == sum(map(len, reader._buffer)) - reader._buffer_offset
    return run.case()


# ------------------------------------------------------------------ wire


class StandInTransport:
    """Obeys as a selector transport does, and notes what changed it."""

    def __init__(self, loop: StandInLoop) -> None:
        self.loop = loop
        self.protocol: Any = None
        self.calls: List[str] = []
        self.paused = False
        self.closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        if not self.closing and not self.paused:
            self.paused = True
            self.calls.append("pause")

    def resume_reading(self) -> None:
        if not self.closing and self.paused:
            self.paused = False
            self.calls.append("resume")

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            self.calls.append("close")
            self.loop.call_soon(self.protocol.connection_lost, None)

    abort = close


class WireCase:
    """One response through the library's protocol and parser."""

    def __init__(self, limit: int, wire: List[List[Any]], tls: bool) -> None:
        self.limit = limit
        self.wire = wire
        self.tls = tls
        self.left = b"".join(map(wire_bytes, wire))
        self.loop = StandInLoop()
        self.transport = StandInTransport(self.loop)
        self.protocol: Any = ResponseHandler(self.loop)  # type: ignore[arg-type]
        self.transport.protocol = self.protocol
        self.consumer = Consumer(raised)
        self.head: Any = None
        self.ended = False
        self.steps: List[Step] = []
        self.protocol.connection_made(self.transport)
        self.awaits_head: Optional[Pending] = None

    def case(self) -> Case:
        return {
            "limit": self.limit,
            "sock_read": True,
            "tls": self.tls,
            "wire": self.wire,
            "steps": self.steps,
        }

    def release(self) -> None:
        """What a response does with its connection at the body's end."""
        if self.protocol.should_close:
            self.protocol.close()

    def look_for_head(self) -> None:
        if self.awaits_head is None:
            return
        ended = self.awaits_head.go_on()
        if ended is None:
            return
        self.awaits_head = None
        value, error = ended
        if error is not None:
            self.head = raised(error)
            return
        message, payload = value
        self.head = message.code
        self.consumer.reader = payload
        payload.on_eof(self.release)

    def do(self, op: List[Any]) -> None:
        result = None
        name = op[0]
        if name == "request":
            # In the order of the client: parameters, then the request goes out.
            self.protocol.set_response_params(
                read_until_eof=True, read_timeout=10.0, read_bufsize=self.limit
            )
            if hasattr(self.protocol, "start_timeout"):
                self.protocol.start_timeout()
            self.awaits_head = Pending(self.protocol.read())
        elif name == "data":
            data, self.left = self.left[: op[1]], self.left[op[1] :]
            self.protocol.data_received(data)
        elif name == "eof":
            self.ended = True
            self.protocol.eof_received()
            if not self.transport.closing:
                self.transport.closing = True
                self.protocol.connection_lost(None)
        elif name == "reset":
            self.ended = True
            self.transport.closing = True
            self.protocol.connection_lost(
                ConnectionResetError(104, "Connection reset by peer")
            )
        elif name == "lost":
            # The protocol hears of a connection that was closed on this side
            # one round of the loop later.
            self.loop.run_soon()
        else:
            result = self.consumer.start(op)
        self.look_for_head()
        released = self.consumer.released() if result is None else None
        reader = self.consumer.reader
        failure = reader.exception() if reader is not None else None
        calls, self.transport.calls = self.transport.calls, []
        self.steps.append(
            {
                "op": op,
                "res": result,
                "rel": released,
                "head": self.head,
                "calls": calls,
                "paused": self.transport.paused and not self.transport.closing,
                "closed": self.transport.closing,
                "armed": self.protocol._read_timeout_handle is not None,
                "eof": reader.is_eof() if reader is not None else None,
                "exc": failure and raised(failure)[1:],
                **self.consumer.state(),
            }
        )

    def can_receive(self) -> bool:
        return not (self.transport.paused or self.transport.closing or self.ended)


def wire_bytes(part: List[Any]) -> bytes:
    kind, args = part[0], part[1:]
    if kind == "text":
        return args[0].encode("latin-1")
    if kind == "body":
        return body_bytes(*args)
    if kind == "hex":
        return bytes.fromhex(args[0])
    assert kind == "chunks"
    offset, count, length = args
    one = b"%x\r\n" % length
    return b"".join(
        one + body_bytes(offset + i * length, length) + b"\r\n" for i in range(count)
    )


def coded(rng: random.Random, coding: str, length: int) -> bytes:
    """The body's bytes in a content coding, well or badly done."""
    level = rng.choice([0, 0, 1, 6, 9])
    # gzip; deflate as it should be, and without the zlib wrapper.
    window = 31 if coding == "gzip" else rng.choice([15, 15, -15])
    whole = packed(body_bytes(0, length), level, window)
    fate = rng.random()
    if fate < 0.1:
        return whole[: rng.randint(1, len(whole) - 1)]
    if fate < 0.2:
        cut = rng.randint(1, length)
        rest = packed(body_bytes(cut, length - cut), level, window)
        return packed(body_bytes(0, cut), level, window) + rest
    if fate < 0.25:
        return b"this is no gzip, whatever the head says" * 10
    return whole


def packed(data: bytes, level: int, window: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, window)
    return packer.compress(data) + packer.flush()


def response(rng: random.Random, limit: int, many: bool) -> List[List[Any]]:
    """The parts of a response, as `wire_bytes` reads them."""
    framing = rng.choice(["length", "length", "chunked", "chunked", "close"])
    marks = [0, 1, limit, 2 * limit, 2 * limit + 1, 4 * limit, rng.randint(1, 12 * limit)]
    length = min(rng.choice(marks + [rng.randint(1, 30 * limit)]), 3 << 20)
    head = "HTTP/1.1 200 OK\r\nServer: x\r\n"
    if rng.random() < 0.3 and framing != "close":
        head += "Connection: close\r\n"
    body: List[List[Any]] = [["body", 0, length]]
    zipped = length > 0 and not many and rng.random() < 0.35
    if zipped:
        coding = rng.choice(["gzip", "gzip", "gzip", "deflate"])
        head += f"Content-Encoding: {coding}\r\n"
        content = coded(rng, coding, length)
        body = [["hex", content.hex()]]
    else:
        content = body_bytes(0, length)
    if framing == "length":
        head += f"Content-Length: {len(content)}\r\n"
        extra = [["text", "more than announced"]] if rng.random() < 0.03 else []
        return [["text", head + "\r\n"], *body, *extra]
    if framing == "close" and not many:
        return [["text", head + "\r\n"], *body]
    parts: List[List[Any]] = [["text", head + "Transfer-Encoding: chunked\r\n\r\n"]]
    at = 0
    if many:
        size = rng.randint(1, 5)
        parts.append(["chunks", 0, SPLITS_AT_DEFAULT + rng.randint(-2, 200), size])
        at = (parts[-1][2]) * size
    biggest = rng.choice([3, limit, 2 * limit, 4 * limit])
    while not many and at < len(content):
        left = len(content) - at
        size = min(left, rng.randint(max(1, left // 60), max(1, left // 60) + biggest))
        if zipped:
            piece = content[at : at + size]
            inner = ["hex", piece.hex()]
        else:
            inner = ["body", at, size]
        parts += [["text", f"{size:x}\r\n"], inner, ["text", "\r\n"]]
        at += size
    if rng.random() < 0.12:
        if not zipped and rng.random() < 0.5:
            # A chunk that is longer than it says.
            parts += [["text", "5\r\n"], ["body", at, 6], ["text", "\r\n"]]
        else:
            parts.append(["text", "zz\r\nno size"])
    else:
        parts.append(["text", rng.choice(["0\r\n\r\n", "0\r\n\r\n", "0\r\nX-T: 1\r\n\r\n"])])
    return parts


def wire_case(rng: random.Random, index: int) -> Case:
    limit = rng.choice([1, 16, 100, 1000, 4096, 16_384, DEFAULT_LIMIT, DEFAULT_LIMIT])
    many = index % 40 == 0
    if many:
        limit = rng.choice([DEFAULT_LIMIT, 2048])
    wire = response(rng, limit, many)
    run = WireCase(limit, wire, tls=rng.random() < 0.3)
    run.do(["request"])
    # The connection may end early.
    length = len(run.left)
    fate = rng.random()
    if fate < 0.3:
        length = rng.choice([rng.randint(0, length), max(0, length - rng.randint(1, 9))])
    end = rng.choice(["eof", "eof", "reset", None])
    if fate < 0.3 and end is None:
        end = "reset"
    segment = rng.choice([limit, 4 * limit, TRANSPORT_READ, TRANSPORT_READ, max(1, length // 7)])
    segment = min(max(segment, length // 60, 1), TRANSPORT_READ)
    lag = rng.choice([0.1, 0.5, 0.9])
    kind = rng.choice(["mixed", "read", "readany", "readchunk", "all"])
    size = rng.choice([1 + limit // 3, limit, 3 * limit, TRANSPORT_READ, 65_536])
    size = max(size, length // 60)
    sent = 0
    # A head that comes alone is the caller's whatever follows it.
    head_length = run.left.index(b"\r\n\r\n") + 4
    if rng.random() < 0.4 and head_length <= length:
        sent = head_length
        run.do(["data", head_length])
    for _ in range(150):
        consumer = run.consumer
        if run.loop.soon:
            # A read that the same bytes woke goes on before that.
            woken = run.steps[-1]["rel"] is not None
            while woken and consumer.pending is None and consumer.end is None:
                run.do(wire_read(rng, kind, size))
            run.do(["lost"])
        ready = consumer.reader is not None and consumer.pending is None
        if isinstance(run.head, list) or consumer.end is not None:
            break
        may_end = sent >= length and end is not None and not run.ended
        if run.can_receive() and sent < length and (not ready or rng.random() < lag):
            count = rng.choice([segment, rng.randint(1, segment), FIRST_READ])
            count = min(count, length - sent, TRANSPORT_READ)
            sent += count
            run.do(["data", count])
            # Over TLS the end is told with the last data, paused or not.
            if run.tls and sent >= length and end == "eof" and not run.ended:
                if not run.transport.closing:
                    run.do(["eof"])
        elif may_end and run.can_receive() and (not ready or rng.random() < 0.5):
            run.do([end])
        elif ready:
            run.do(wire_read(rng, kind, size))
        elif not run.can_receive() or sent >= length:
            break
    if run.consumer.reader is not None:
        for op in (["read_nowait", -1], ["readany"]):
            if run.consumer.pending is None:
                run.do(op)
    return run.case()


def wire_read(rng: random.Random, kind: str, size: int) -> List[Any]:
    if kind == "mixed":
        kind = rng.choice(["read", "readany", "readchunk", "nowait", "iter"])
    if kind == "read":
        return ["read", size]
    if kind == "nowait":
        # Most of it: an empty result would look like the end.
        return ["read", max(1, size // 2)]
    if kind == "iter":
        return ["iter_chunked", size]
    if kind == "all":
        return ["read", -1]
    return [kind]


# ------------------------------------------------------------------ main


def write(path: Path, lines: List[Any]) -> None:
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    with open(path, "wb") as file:
        # Neither a time nor a name: the same lines give the same bytes.
        with gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(text.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kind", choices=["reader", "wire"], required=True)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    compiled = "_http_parser" in http_parser.HttpResponseParser.__module__
    if args.kind == "wire" and not compiled:
        parser.error("this aiohttp has no compiled parser: install a wheel of it")
    record = reader_case if args.kind == "reader" else wire_case
    header = {
        "aiohttp": aiohttp.__version__,
        "python": platform.python_version(),
        "kind": args.kind,
        "n": args.cases,
        "seed": args.seed,
    }
    lines: List[Any] = [header]
    for index in range(args.cases):
        lines.append(record(random.Random(f"{args.seed}/{args.kind}/{index}"), index))
    write(args.out, lines)
    steps = sum(len(case["steps"]) for case in lines[1:])
    print(f"{args.out}: {args.cases} cases, {steps} steps, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
