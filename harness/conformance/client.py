"""Downloads one address with the real aiohttp, and prints what came of it.

Runs inside one of the environments of make_environments.py. The order comes as
one JSON object on standard input, the result goes as one to standard output.

The order:
    url         what to download
    settings    what `shortread explain NAME --scaled --json` printed
    strategy    read-all, readany, fixed-chunk, iter-any or iter-chunks
    chunk_size  of fixed-chunk
    pattern     path of the file with one period of the pattern

Memory is what tracemalloc saw at most while the body was read, above the start.
It counts each bytes object with its length, as soon as it is made, and nothing
of the interpreter. Resident memory would have the allocator's arenas in it,
which are larger than what is compared here; its page-wise growth would hide a
buffer of 64 KiB. What tracemalloc costs is a table entry per live object, and
the body is a few hundred objects; it does not count its own table.
"""

import asyncio
import collections
import errno
import json
import os
import platform
import socket
import sys
import time
import tracemalloc

import aiohttp

from pattern import Verifier

SECOND = 1_000_000_000
# How far a sink with a rate may catch up: as the sink of shortread.
CATCH_UP = 0.02


class Loop(asyncio.SelectorEventLoop):
    """asyncio's own loop, with the scenario's socket options before connect.

    aiohttp of every release connects through here. A receive buffer has to be
    set before the handshake, where the window's scale is agreed upon (tcp(7)).
    """

    settings = None

    async def sock_connect(self, sock, address):
        client = self.settings["client"]
        if client["receive_buffer_bytes"] is not None:
            size = client["receive_buffer_bytes"]
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        keepalive = client["keepalive"]
        if keepalive is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in (
                (socket.TCP_KEEPIDLE, keepalive["idle_ns"] // SECOND),
                (socket.TCP_KEEPINTVL, keepalive["interval_ns"] // SECOND),
                (socket.TCP_KEEPCNT, keepalive["count"]),
            ):
                sock.setsockopt(socket.IPPROTO_TCP, option, value)
        return await super().sock_connect(sock, address)


class Sink:
    """Takes chunks, and as much time as the scenario says."""

    def __init__(self, settings):
        self.first_pause = settings["first_pause_ns"] / SECOND
        self.pause = settings["pause_ns"] / SECOND
        self.rate = settings["rate_bytes_per_second"]
        self.blocking = settings["blocking"]
        self.busy_until = 0.0
        # Of all downloads together; the catalogue has none with several.
        self.room = settings["capacity_bytes"]

    def write(self, chunk):
        """As much of the chunk as the disk takes, as write(2) does."""
        if self.room is None:
            return len(chunk)
        taken = min(len(chunk), self.room)
        self.room -= taken
        return taken

    async def take(self, size):
        seconds = self.pause
        if self.rate is not None:
            now = time.monotonic()
            self.busy_until = max(self.busy_until, now - CATCH_UP) + size / self.rate
            seconds += max(0.0, self.busy_until - now)
        await self.wait(seconds)

    async def wait(self, seconds):
        if seconds <= 0:
            return
        if self.blocking:
            time.sleep(seconds)
        else:
            await asyncio.sleep(seconds)


class Download:
    """One download, and what is known of it at any moment."""

    def __init__(self, order, one_period, sizes):
        self.order = order
        self.verifier = Verifier(one_period, order["settings"]["body"]["ratio"])
        self.sink = Sink(order["settings"]["sink"])
        self.sizes = sizes
        self.delivered = 0
        self.status = None
        self.started = time.monotonic()

    async def deliver(self, chunk):
        if not chunk:
            return
        self.verifier.check(chunk)
        taken = self.sink.write(chunk)
        if taken:
            self.delivered += taken
            self.sizes[taken] += 1
            await self.sink.take(taken)
        if taken < len(chunk):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def head(self, session):
        """The response; the deadline for the head alone is the application's."""
        asking = asyncio.ensure_future(session.get(self.order["url"]))
        limit = self.order["settings"]["client"]["head_ns"]
        if limit is not None:
            done, _ = await asyncio.wait({asking}, timeout=limit / SECOND)
            if not done:
                asking.cancel()
                await asyncio.wait({asking})
                raise HeadTimeout
        return await asking

    async def run(self, session):
        async with await self.head(session) as response:
            self.status = response.status
            await self.sink.wait(self.sink.first_pause)
            await self.read(response)

    async def read(self, response):
        strategy, content = self.order["strategy"], response.content
        if strategy == "read-all":
            await self.deliver(await response.read())
        elif strategy == "readany":
            while chunk := await content.readany():
                await self.deliver(chunk)
        elif strategy == "fixed-chunk":
            async for chunk in content.iter_chunked(self.order["chunk_size"]):
                await self.deliver(chunk)
        elif strategy == "iter-any":
            async for chunk in content.iter_any():
                await self.deliver(chunk)
        elif strategy == "iter-chunks":
            async for chunk, _ in content.iter_chunks():
                await self.deliver(chunk)
        else:
            raise SystemExit(f"no strategy is called {strategy}")

    async def to_the_end(self, session):
        """Runs it; the result as plain data."""
        task = asyncio.ensure_future(self.run(session))
        patience = self.order["settings"]["client"]["give_up_ns"] / SECOND
        done, _ = await asyncio.wait({task}, timeout=patience)
        ended = time.monotonic()
        error = None
        if not done:
            verdict = "gave-up"
            task.cancel()
            await asyncio.wait({task})
        elif task.exception() is None:
            verdict = "success"
        else:
            verdict, error = "failure", task.exception()
        return {
            "verdict": verdict,
            "status": self.status,
            "delivered_bytes": self.delivered,
            "matches": self.verifier.matches,
            "head_deadline": isinstance(error, HeadTimeout),
            "errors": chain(error),
            "elapsed_ns": int((ended - self.started) * SECOND),
        }


class HeadTimeout(Exception):
    """The application's own deadline for the head."""


def chain(error):
    """The exception and what it came from, outermost first."""
    links = []
    while error is not None and len(links) < 10:
        name = "TimeoutError" if isinstance(error, HeadTimeout) else type(error).__name__
        # A parser's error quotes what it read; the beginning says enough.
        text, number = str(error)[:400], getattr(error, "errno", None)
        links.append({"class": name, "text": text, "errno": number})
        error = error.__cause__
    return links


def timeouts(client):
    """The scenario's deadlines for aiohttp, without the rounding of totals.

    aiohttp moves totals from 5 s on to the next full second. That is a
    three-hundredth of its default and a sixth of a scaled one. The threshold is
    a setting from 3.9 on; before, the start is chosen (see `aligned`).
    """
    limits = {
        name: None if client[key] is None else client[key] / SECOND
        for name, key in (
            ("total", "total_ns"),
            ("connect", "connect_ns"),
            ("sock_read", "sock_read_ns"),
        )
    }
    if has_threshold():
        limits["ceil_threshold"] = float("inf")
    return aiohttp.ClientTimeout(**limits)


def has_threshold():
    return hasattr(aiohttp.ClientTimeout(), "ceil_threshold")


async def aligned(client):
    """Waits until a total that starts now ends just before a full second."""
    total = client["total_ns"]
    if has_threshold() or total is None or total < 5 * SECOND:
        return
    loop = asyncio.get_running_loop()
    # 30 ms before it: enough for the session and the start of the request.
    wait = (0.97 - (loop.time() + total / SECOND)) % 1.0
    await asyncio.sleep(wait)


async def trial(order):
    with open(order["pattern"], "rb") as file:
        one_period = file.read()
    client = order["settings"]["client"]
    sizes = collections.Counter()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeouts(client)
    ) as session:
        await aligned(client)

        async def one_after_the_other(downloads):
            return [await download.to_the_end(session) for download in downloads]

        # What they compare with is made before the memory is looked at.
        slots = [
            [Download(order, one_period, sizes) for _ in range(client["requests"])]
            for _ in range(client["parallel"])
        ]
        tracemalloc.start()
        slots = await asyncio.gather(*(one_after_the_other(one) for one in slots))
        results = [end for ends in slots for end in ends]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return {
        "aiohttp": aiohttp.__version__,
        "python": platform.python_version(),
        "c_parser": "_http_parser" in aiohttp.http_parser.HttpResponseParser.__module__,
        "downloads": results,
        "sizes": sorted(sizes.items()),
        "peak_bytes": peak,
    }


def main():
    order = json.load(sys.stdin)
    loop = Loop()
    loop.settings = order["settings"]
    asyncio.set_event_loop(loop)
    result = loop.run_until_complete(trial(order))
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
