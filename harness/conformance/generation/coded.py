"""Bodies of br and zstd, made beforehand: what draws them needs no package.

brotli 1.2.1 at its default level, and zstandard 0.25.0 at level 3, made them of one,
and forty, times three alphabets, and of 100,000 zeros.
"""

from __future__ import annotations

from typing import Any, Dict, List


def from_hex(*lines: str) -> bytes:
    return bytes.fromhex("".join(lines))


BR = {
    "short": from_hex("1b4d00f865715ccee38df02a524803128b1aeb7c882997dafa986b9ffb3e00"),
    "long": from_hex("1b2f0cf865715ccee38df8305200f4000020b1a8b1ce879872a9ad8fb9f6b9ef03"),
    "zeros": from_hex("5b9f86817f02201e0b04b2fc0200"),
}
# The last block of each, without the head of its frame.
ALPHABET = "d04142434445464748494a4b4c4d4e4f505152535455565758595a0100"
ZEROS = "55000010000001009b8639c002"
ZSTD = {
    "short": from_hex("28b52ffd204e0d0100", ALPHABET, "a6cf3906"),
    "long": from_hex("28b52ffd60300b150100", ALPHABET, "4eb0fd3906"),
    "zeros": from_hex("28b52ffda0a0860100", ZEROS),
    "empty": from_hex("28b52ffd2000010000"),
    # These do not say how long they are, which zstandard's `decompress` wants to know.
    "unsized": from_hex("28b52ffd00000d0100", ALPHABET, "a6cf3906"),
    "unsized-zeros": from_hex("28b52ffd0038", ZEROS),
    "skippable": from_hex("502a4d1803000000", "616263"),
}
STREAMS: Dict[bytes, Dict[str, bytes]] = {b"br": BR, b"zstd": ZSTD}
# Names that a release knows, spells otherwise, or passes on.
NAMES: Dict[bytes, List[bytes]] = {
    b"br": [b"BR", b"Br", b"brotli", b"br, br", b"gzip, br", b"br,", b"br;q=1", b"\xe2\x84\xaabr"],
    b"zstd": [b"ZSTD", b"Zstd", b"zstandard", b"zstd, gzip", b"gzip, zstd", b"zstd ", b"x-zstd"],
}


def body(draw: Any, coding: bytes) -> bytes:
    """A body of one or more streams, mostly well done."""
    streams = STREAMS[coding]
    whole = streams[draw.choice(list(streams))]
    fate = draw.random()
    if fate < 0.2:
        return whole[: draw.randint(0, len(whole))]
    if fate < 0.35:
        return whole + draw.choice([b"\0", b"junk", b"\0" * 8, b"(", b"(\xb5/", b"<html>"])
    if fate < 0.6:
        return whole + b"".join(draw.choice(list(streams.values())) for _ in range(draw.randint(1, 3)))
    if fate < 0.7:
        at = draw.randint(0, len(whole) - 1)
        return whole[:at] + bytes([draw.randint(0, 255)]) + whole[at + 1 :]
    return whole
