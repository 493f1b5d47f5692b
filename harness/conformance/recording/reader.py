"""Cases of the stream reader alone, on a stand-in for its protocol."""

from __future__ import annotations

import random
from typing import Any, List

from aiohttp.streams import StreamReader

from .driving import (
    DEFAULT_LIMIT,
    FIRST_READ,
    SPLITS_AT_DEFAULT,
    TRANSPORT_READ,
    Case,
    Consumer,
    StandInLoop,
    Step,
    body_bytes,
)


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
