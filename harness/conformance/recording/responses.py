"""Responses for cases on the wire: in parts that a recording can name."""

from __future__ import annotations

import random
import zlib
from typing import Any, List

from .driving import SPLITS_AT_DEFAULT, body_bytes


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
