"""What both kinds of recordings share: limits of the installed release, a loop
that never waits, reads driven by hand, and the fields that every step has."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Coroutine, Dict, List, Optional, Tuple

import aiohttp
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
