"""Cases of the client's protocol and its compiled parser, on stand-ins for the
transport and the event loop."""

from __future__ import annotations

import random
from typing import Any, List, Optional

from aiohttp.client_proto import ResponseHandler

from .driving import (
    DEFAULT_LIMIT,
    FIRST_READ,
    TRANSPORT_READ,
    Case,
    Consumer,
    Pending,
    StandInLoop,
    Step,
    raised,
)
from .responses import response, wire_bytes


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
