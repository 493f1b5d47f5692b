"""Odd responses, drawn by a seed.

A case is
- `kind`: what is odd about it,
- `pieces`: what the transport delivers, one after another, in hexadecimal,
- `end`: what comes then: "eof", "reset", or "open" where nothing does,
- `read`: the call of the stream reader that is repeated, with its arguments,
- `late`: whether the program reads when all has come, and not before,
- `limit`: `read_bufsize`, or null for the release's default.
"""

from __future__ import annotations

import gzip
import random
import zlib
from typing import Any, Callable, Dict, Iterator, List

from generation import coded

Case = Dict[str, Any]

LINE = 8190
# What stands where a line ends.
LINE_ENDS = [b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b""]
ODD_BYTES = [b"\0", b"\x01", b"\x0b", b"\x7f", b"\x80", b"\xff", b"\xc3\xa9", b" ", b"\t", b"\r", b"\n"]
ODD_BYTES += [b":", b";", b",", b'"', b"\\", b"=", b"(", b"/", b"@", b"\xe2\x84\xaa"]
BODY = bytes(range(65, 91)) * 3


class Draw(random.Random):
    """Choices that are often made."""

    def one_of(self, *options: Any) -> Any:
        return self.choice(options)

    def often(self, usual: Any, *odd: Any) -> Any:
        """Mostly the usual one."""
        return usual if self.random() < 0.7 else self.choice(odd)

    def odd(self) -> bytes:
        return self.choice(ODD_BYTES)

    def with_odd(self, text: bytes) -> bytes:
        """`text` with an odd byte somewhere, or one less, or in other letters."""
        at = self.randint(0, len(text))
        fate = self.random()
        if fate < 0.6:
            return text[:at] + self.odd() + text[at:]
        if fate < 0.75:
            return text[:at] + text[at + 1 :]
        return self.choice([text.upper(), text.title(), text.swapcase(), text * 2])

    def line_end(self) -> bytes:
        return self.choice(LINE_ENDS)


def status_line(draw: Draw) -> bytes:
    protocol = draw.often(b"HTTP/", b"http/", b"RTSP/", b"ICE/", b"HTTPS/", b"HTTP", b"HTTP /", b"")
    version = draw.often(b"1.1", b"1.0", b"2.0", b"0.9", b"1.2", b"3.0", b"1", b"1.10", b"1,1", b"01.1", b"1. 1")
    space = draw.often(b" ", b"  ", b"\t", b"", b" \t")
    status = draw.often(b"200", b"101", b"20", b"2000", b"2x0", b"-20", b"099", b"000", b"999", b"204", b"1e2", b"\xd9\xa2\xd9\xa0\xd9\xa0")
    reason = draw.often(b" OK", b"", b" ", b"  OK", b"\tOK", b"OK", b" O\0K", b" O\xe9K", b" \x7f", b" O\tK", b" OK ", b" O\rK")
    lead = draw.often(b"", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\0", b"\xef\xbb\xbf")
    line = lead + protocol + version + space + status + reason
    return line if draw.random() < 0.8 else draw.with_odd(line)


def field(draw: Draw) -> bytes:
    name = draw.often(b"X-Odd", b"X Odd", b"X-Odd ", b" X-Odd", b"\tX", b"", b"X(", b"X/Y", b"X\0", b"X\x7f", b"\xc3\xa9", b"X@", b"X\xff", b"X\t", b'"X"', b"X?", b"X[")
    colon = draw.often(b": ", b":", b":\t", b" : ", b"", b"::", b":  ")
    value = draw.often(b"v", b"", b" ", b"\0", b"a\x01b", b"a\x7fb", b"\xff", b"a\r b", b"a\rb", b"a\r", b"\r", b"a\r\n b", b"a\n\tb", b"\r\n b", b"a\r\n \r\n b", b"a \t", b"a\r\n\x0bb")
    return name + colon + value


def length_field(draw: Draw, length: int) -> bytes:
    number = b"%d" % length
    value = draw.choice(
        [number, number + b" ", number + b"\t", b" \t" + number, b"+" + number, b"-" + number]
        + [b"0" + number, b"00000000000000000000" + number, number + b"," + number, number + b", " + number]
        + [b"0x10", b"", b" ", number + b"\r\n ", b"\r\n " + number, number + b"\r\n 1", b"1_0", number + b".0"]
        + [b"18446744073709551615", b"18446744073709551616", b"18446744073709551614", b"9223372036854775808"]
        + [b"9" * 30, b"0", b"00", number + b";", number + b"\0", number + b"\x0b", number + b" 1", b"-0"]
    )
    name = draw.often(b"Content-Length", b"content-length", b"CONTENT-LENGTH", b"Content-Length ", b"Content-Length  ", b"Content-Length\t", b"Content-Length x", b"Content-length")
    return name + draw.often(b": ", b":", b":\t") + value


def encoding_field(draw: Draw) -> bytes:
    value = draw.choice(
        [b"chunked", b"chunked", b"Chunked", b"CHUNKED", b"identity", b"gzip", b"gzip, chunked", b"gzip,chunked"]
        + [b"chunked, gzip", b"chunked, chunked", b"chunked,", b",chunked", b"chunked ", b"chunked\t", b"xchunked"]
        + [b"chunkedx", b"chunked;q=1", b"", b" ", b"chunked\r\n ", b"\r\n chunked", b"gzip,\r\n chunked", b"chunke"]
        + [b"chunked\0", b'"chunked"', b"chunked , identity", b"gzip ,\tchunked", b"\0chunked", b"chun\xe2\x84\xaaed"]
        + [b"chunked\r\n x", b"gzip\r\n ,chunked", b"trailers, chunked", b"chunked\x0b"]
    )
    return draw.often(b"Transfer-Encoding", b"transfer-encoding", b"Transfer-Encoding ", b"Transfer-Encodin") + b": " + value


def connection_fields(draw: Draw) -> List[bytes]:
    value = draw.choice(
        [b"close", b"Close", b"keep-alive", b"upgrade", b"close, keep-alive", b"keep-alive, upgrade", b"closed"]
        + [b"upgrade, close", b"close\t", b"close ", b"x, close", b"close\r\n ", b"\r\n close", b"", b"clos", b"close,", b",close"]
    )
    lines = [draw.often(b"Connection", b"Proxy-Connection", b"connection") + b": " + value]
    if draw.random() < 0.4:
        lines.append(b"Upgrade: " + draw.one_of(b"websocket", b"h2c", b"", b"tcp", b"WebSocket"))
    return lines


def coding_field(draw: Draw) -> bytes:
    value = draw.choice(
        [b"gzip", b"gzip", b"gzip ", b"GZIP", b"Gzip", b"x-gzip", b"deflate", b"deflate", b"Deflate", b"br", b"BR", b"zstd"]
        + [b"Zstd", b"identity", b"gzip, br", b"gzip,gzip", b"", b"br ", b"\tgzip", b"gzip\r\n ", b"gz\0ip", b"deflate\t", b"compress"]
    )
    return draw.often(b"Content-Encoding", b"content-encoding", b"Content-Encoding ") + b": " + value


def packed(draw: Draw, value: bytes, data: bytes) -> bytes:
    """A body as `value` says, mostly well done."""
    low = value.lower()
    if b"gzip" in low:
        whole = gzip.compress(data, mtime=0)
    elif b"deflate" in low:
        packer = zlib.compressobj(6, zlib.DEFLATED, draw.choice([15, -15]))
        whole = packer.compress(data) + packer.flush()
    else:
        whole = draw.choice([data, gzip.compress(data, mtime=0), zlib.compress(data)])
    fate = draw.random()
    if fate < 0.15:
        return whole[: draw.randint(0, len(whole))]
    if fate < 0.25:
        return whole + draw.choice([whole, b"\0", b"junk", b"\0" * 8])
    if fate < 0.4:
        at = draw.randint(0, max(0, len(whole) - 1))
        return whole[:at] + bytes([draw.randint(0, 255)]) + whole[at + 1 :]
    return whole


def chunk_size(draw: Draw, length: int) -> bytes:
    number = b"%x" % length
    return draw.choice(
        [number] * 6
        + [number.upper(), b"0" + number, b"0" * 20 + number, b" " + number, number + b" ", number + b"\t", b"\t" + number]
        + [b"+" + number, b"-" + number, b"0x" + number, number + b"_0", b"", b"XYZ", number + b"x", b"g" + number]
        + [b"%x" % (length + 1), b"%x" % max(0, length - 1), b"%x" % (length + 2), b"%x" % (length + 5)]
        + [b"F" * 16, b"F" * 15, b"F" * 17, b"7" + b"f" * 15, b"8" + b"0" * 15, b"1" + b"0" * 16]
        + [number + b"\0", number + b"\x0b", number + b"\x0c", b"\x0b" + number, b"\xef\xbc\x91", number + b"\xff", number + b" x"]
        + [number + b" \t", b"-0", b"0", b"00"]
    )


def extension(draw: Draw) -> bytes:
    return draw.choice(
        [b""] * 8
        + [b";", b";n", b";n=v", b"; n=v", b";n =v", b";n= v", b";n=", b";=v", b';n="v"', b';n="v w"', b';n="v', b';n="v"x']
        + [b';n="a\\"b"', b';n="a\\', b";;", b";n;m", b";n=v;m=w", b";\0", b";n=\0", b";n\xff", b';n="\xff"', b';n="\x7f"', b';n="\\\x7f"']
        + [b';n="\\\x01"', b";n=\xc3\xa9", b" ;n", b"\t;n", b";n ", b";n\t=v", b";n=v ", b';n="";m', b";n\rm", b";n\nm", b";n=v\n", b';n="v"\n', b';n="v";']
        + [b";" + b"n" * 9000, b";n=" + b"v" * 20_000]
    )


def trailer(draw: Draw) -> bytes:
    lines = draw.choice(
        [b""] * 6
        + [b"X: y\r\n", b"X: y\n", b"X: y\r\nZ: w\r\n", b"bad\r\n", b": y\r\n", b" X: y\r\n", b"X : y\r\n", b"X: \0\r\n", b"X: y\r\n z\r\n"]
        + [b"X\0: y\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Connection: close\r\n"]
        + [b"X: " + b"v" * 9000 + b"\r\n", b"X: y\r\n" * 130, b"Content-Encoding: br\r\n", b"X: y\r\r\n", b"X:y\rZ: w\r\n", b"\tX: y\r\n"]
    )
    return lines + draw.often(b"\r\n", b"\n", b"\r", b"", b"\r\r\n", b"\rx", b"x", b"\0\r\n", b"\n\n")


def chunks(draw: Draw, data: bytes, oddity: float) -> bytes:
    """A chunked body; each part is odd with so much chance."""
    wire, count = b"", draw.randint(1, 4)
    for index in range(count):
        part = data[index * len(data) // count : (index + 1) * len(data) // count]
        odd = draw.random() < oddity
        size = chunk_size(draw, len(part)) if odd else b"%x" % len(part)
        wire += size + (extension(draw) if draw.random() < oddity else b"")
        wire += draw.line_end() if draw.random() < oddity / 2 else b"\r\n"
        wire += part
        wire += draw.often(b"\r\n", *LINE_ENDS, b"x\r\n", b"xx", b"\r\nx") if draw.random() < oddity else b"\r\n"
    if draw.random() < 0.1:
        return wire
    last = draw.often(b"0", b"00", b"0 ", b"0;n=v", b"-0", b"0x0", b"", b"0\t", b" 0") if draw.random() < oddity else b"0"
    wire += last + (draw.line_end() if draw.random() < oddity / 3 else b"\r\n")
    return wire + (trailer(draw) if draw.random() < oddity else b"\r\n")


def head(lines: List[bytes], end: bytes = b"\r\n") -> bytes:
    return end.join(lines) + end + end


def simple(draw: Draw) -> List[bytes]:
    """A status line and a framing that fits BODY."""
    return [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(BODY)]


def of_status_line(draw: Draw) -> bytes:
    end = draw.often(b"\r\n", b"\n", b"\r\r\n", b"\r")
    return status_line(draw) + end + head([b"Content-Length: %d" % len(BODY)]) + BODY


def of_field(draw: Draw) -> bytes:
    lines = simple(draw)
    for _ in range(draw.randint(1, 2)):
        lines.insert(draw.randint(1, len(lines)), field(draw))
    if draw.random() < 0.2:
        at = draw.randint(1, len(lines) - 1)
        lines[at] = draw.with_odd(lines[at])
    return head(lines, draw.often(b"\r\n", b"\n", b"\r\r\n", b"\n\r")) + BODY


def of_length(draw: Draw) -> bytes:
    lines = [b"HTTP/1.%d 200 OK" % draw.often(1, 0), length_field(draw, len(BODY))]
    if draw.random() < 0.25:
        lines.append(draw.one_of(length_field(draw, len(BODY)), b"Content-Length: %d" % len(BODY)))
    if draw.random() < 0.2:
        lines.insert(draw.randint(1, len(lines)), encoding_field(draw))
    return head(lines) + BODY


def of_encoding(draw: Draw) -> bytes:
    lines = [b"HTTP/1.%d 200 OK" % draw.often(1, 0), encoding_field(draw)]
    if draw.random() < 0.2:
        lines.append(encoding_field(draw))
    if draw.random() < 0.25:
        lines.insert(draw.randint(1, len(lines)), b"Content-Length: %d" % len(BODY))
    if draw.random() < 0.3:
        lines += connection_fields(draw)
    return head(lines) + draw.one_of(chunks(draw, BODY, 0.0), BODY)


def of_connection(draw: Draw) -> bytes:
    lines = [b"HTTP/1.%d %s" % (draw.often(1, 0), draw.often(b"200 OK", b"101 X", b"204 X"))] + connection_fields(draw)
    framing = draw.randint(0, 2)
    if framing:
        lines.append([b"", b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked"][framing])
    body = chunks(draw, BODY, 0.0) if framing == 2 else BODY
    return head(lines) + body + draw.often(b"", b"\r\n", b"more", b"HTTP/1.1 200 OK\r\n\r\n", b"more\r\n")


def of_coding(draw: Draw) -> bytes:
    line = coding_field(draw)
    body = packed(draw, line, BODY * draw.choice([1, 1, 40]))
    lines = [b"HTTP/1.1 %s" % draw.often(b"200 OK", b"204 X", b"304 X", b"206 P"), line]
    if draw.random() < 0.1:
        lines.append(coding_field(draw))
    framing = draw.randint(0, 2)
    if framing == 1:
        lines.append(b"Content-Length: %d" % len(body))
    elif framing == 2:
        lines.append(b"Transfer-Encoding: chunked")
        body = chunks(draw, body, draw.often(0.0, 0.3))
    return head(lines) + body


def of_package_coding(draw: Draw) -> bytes:
    """br or zstd, for which the release needs a package."""
    coding = draw.choice(list(coded.STREAMS))
    name = draw.often(coding, *coded.NAMES[coding])
    body = coded.body(draw, coding)
    lines = [b"HTTP/1.1 200 OK", b"Content-Encoding: " + name]
    if draw.random() < 0.1:
        lines.insert(draw.randint(1, 2), b"Content-Encoding: " + draw.one_of(b"br", b"zstd", b"gzip", b"identity"))
    framing = draw.randint(0, 2)
    if framing == 1:
        lines.append(b"Content-Length: %d" % len(body))
    elif framing == 2:
        lines.append(b"Transfer-Encoding: chunked")
        body = chunks(draw, body, 0.0)
    return head(lines) + body


def of_chunks(draw: Draw) -> bytes:
    return head([b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked"]) + chunks(draw, BODY, 0.5)


def of_one_chunk(draw: Draw) -> bytes:
    """One odd thing between healthy chunks."""
    start = head([b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked"])
    part = BODY[:26]
    healthy = b"1a\r\n" + part + b"\r\n"
    which = draw.randint(0, 3)
    odd = b"1a"
    if which == 0:
        odd = chunk_size(draw, 26)
    elif which == 1:
        odd += extension(draw)
    odd += draw.line_end() if which == 2 else b"\r\n"
    odd += part
    odd += draw.one_of(*LINE_ENDS, b"x", b"x\r\n", b"\r\n\r\n", b"\rx", b"\nx") if which == 3 else b"\r\n"
    return start + healthy + odd + healthy + b"0\r\n\r\n"


def of_trailer(draw: Draw) -> bytes:
    start = head([b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked"])
    return start + b"1a\r\n" + BODY[:26] + b"\r\n0\r\n" + trailer(draw)


def of_surplus(draw: Draw) -> bytes:
    lines = simple(draw)
    if draw.random() < 0.5:
        lines.append(b"Connection: close")
    surplus = draw.one_of(b"x", b"\r\n", b"\n", b"\r", b"xy\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad\r\n\r\n", b"\0", b"HTTP")
    if draw.random() < 0.4:
        return head([b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked"] + lines[2:]) + chunks(draw, BODY, 0.0) + surplus
    return head(lines) + BODY + surplus


def of_statuses(draw: Draw) -> bytes:
    status = draw.choice([100, 101, 102, 103, 150, 199, 204, 304, 205, 206, 416, 404, 500, 200])
    lines = [b"HTTP/1.%d %d X" % (draw.often(1, 0), status)]
    framing = draw.randint(0, 3)
    lines += [[], [b"Content-Length: %d" % len(BODY)], [b"Transfer-Encoding: chunked"], [b"Content-Length: 0"]][framing]
    body = draw.one_of(b"", [BODY, BODY, chunks(draw, BODY, 0.0), b""][framing])
    then = head(simple(draw)) + BODY if status < 200 or draw.random() < 0.2 else b""
    return head(lines) + body + then


def of_sizes(draw: Draw) -> bytes:
    """Lines and counts at their limits."""
    near = draw.choice([LINE - 8, LINE - 2, LINE - 1, LINE, LINE + 1, LINE + 9])
    lines = simple(draw)
    which = draw.randint(0, 4)
    if which == 0:
        lines[0] = b"HTTP/1.1 200 " + b"O" * near
    elif which == 1:
        lines.insert(draw.randint(1, 2), b"X: " + b"v" * near)
    elif which == 2:
        lines.insert(draw.randint(1, 2), b"n" * near + b": v")
    elif which == 3:
        lines[1:1] = [b"X: v"] * draw.choice([120, 123, 124, 125, 126, 127, 128, 200])
    else:
        lines.insert(1, b"X: " + b"v" * (near // 2) + b"\r\n " + b"w" * (near // 2))
    return head(lines) + BODY


KINDS: Dict[str, Callable[[Draw], bytes]] = {
    "status-line": of_status_line,
    "field": of_field,
    "content-length": of_length,
    "transfer-encoding": of_encoding,
    "connection": of_connection,
    "content-coding": of_coding,
    "package-coding": of_package_coding,
    "chunks": of_chunks,
    "one-chunk": of_one_chunk,
    "trailer": of_trailer,
    "surplus": of_surplus,
    "statuses": of_statuses,
    "sizes": of_sizes,
}


def cut(wire: bytes, places: List[int]) -> List[bytes]:
    ends = [0, *sorted(places), len(wire)]
    return [wire[a:b] for a, b in zip(ends, ends[1:]) if a < b]


def pieces_of(draw: Draw, wire: bytes) -> List[bytes]:
    """At some places, also those that matter: behind the head, a line, a CR."""
    matter = [at + 1 for at, byte in enumerate(wire) if byte in b"\r\n"] or [0]
    places = [draw.choice(matter) if draw.random() < 0.6 else draw.randint(0, len(wire)) for _ in range(draw.randint(1, 4))]
    return cut(wire, places)


def case(seed: int, index: int) -> Iterator[Case]:
    """The forms of one response: as it is, byte by byte, and cut somewhere."""
    draw = Draw(f"{seed}/{index}")
    kind = list(KINDS)[index % len(KINDS)]
    wire = KINDS[kind](draw)
    if draw.random() < 0.12:
        wire = wire[: draw.randint(0, len(wire))]
    read = draw.choice([["readany"], ["readany"], ["readchunk"], ["read", 10], ["read", -1]])
    limit = draw.choice([None, None, None, None, None, 16])
    behind_head = wire.find(b"\r\n\r\n") + 4
    forms = [[wire], pieces_of(draw, wire), cut(wire, [behind_head])]
    if len(wire) < 3000:
        forms.append([wire[at : at + 1] for at in range(len(wire))])
    for form in forms:
        yield {
            "kind": kind,
            "pieces": [piece.hex() for piece in form if piece],
            "end": draw.choice(["eof", "eof", "open", "open", "reset"]),
            "read": read,
            "late": draw.random() < 0.25,
            "limit": limit,
        }


def cases(seed: int, count: int) -> Iterator[Case]:
    for index in range(count):
        yield from case(seed, index)
