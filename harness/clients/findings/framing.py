"""Where a body ends: lengths, chunks, resets, codings."""

from . import RFC, Finding, short, silent

INCOMPLETE = f"{RFC}rfc9112#section-8"
CHUNKS = f"{RFC}rfc9112#section-7.1"
GZIP = f"{RFC}rfc1952#section-2.3.1"

CUT_CHUNKED = r"""
head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
# A chunk of 10 bytes, of which 5 come.
open("1.http", "wb").write(head + b"a\r\nhello")
"""
CUT_LENGTH = r"""
head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
open("1.http", "wb").write(head + b"hello")
"""
LONG_CHUNK = r"""
# The first chunk has 5 bytes, and says that it has 6.
head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
open("1.http", "wb").write(head + b"6\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n")
"""
RESET = r"""
head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
open("1.reset", "wb").write(head + b"hello")
"""
CUT_GZIP = r"""
import gzip, random

body = gzip.compress(random.Random(1).randbytes(100_000))[:50_000]
head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 50000\r\n\r\n"
open("1.http", "wb").write(head + body)
"""
TWO_MEMBERS = r"""
import gzip

body = gzip.compress(b"hello") + gzip.compress(b"world")
head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
open("1.http", "wb").write(head.encode() + body)
"""

UNTERMINATED = (
    INCOMPLETE,
    "a chunked body is incomplete if its chunk of size zero has not come",
)
TOO_SHORT = (INCOMPLETE, "a body with fewer bytes than Content-Length says is incomplete")
ERROR_AT_CLOSE = (
    INCOMPLETE,
    "a body that the close of the connection ends is complete unless the connection showed an "
    "error",
)
CRLF = (CHUNKS, "CRLF follows the data of a chunk, and nothing else may")
TRAILER = (GZIP, "each member ends with a CRC-32 and its length, which a decoder compares")
MEMBERS = (f"{RFC}rfc1952#section-2.2", "a gzip file is a series of members, one behind another")


def is_part(data):
    return 0 < len(data) < 100_000


# By design there: a body that is cut is to be readable.
BY_DESIGN = {name: "https://github.com/nodejs/undici/pull/2126" for name in ("node", "undici")}


def gzip_cut(client):
    return Finding(
        f"{client}-gzip-cut",
        f"{client} takes a gzip stream without its end for whole",
        "plain",
        client,
        "gzip-cut",
        silent("short"),
        short,
        [TRAILER],
        CUT_GZIP,
        ["1.http"],
        0,
        is_part,
        reported=BY_DESIGN.get(client),
    )


def reset_at_close(client):
    return Finding(
        f"{client}-reset",
        f"{client} takes a reset connection for the end of a body",
        "plain",
        client,
        "reset-close-delimited",
        silent("short"),
        short,
        [ERROR_AT_CLOSE],
        RESET,
        ["1.reset"],
        0,
        b"hello",
    )


def long_chunk(client, saved):
    return Finding(
        f"{client}-chunk-one-too-long",
        f"{client} takes LF alone behind the data of a chunk, and a byte of the framing for data",
        "plain",
        client,
        "chunk-one-too-long",
        silent("bad"),
        short,
        [CRLF],
        LONG_CHUNK,
        ["1.http"],
        0,
        saved,
    )


FINDINGS = [
    Finding(
        "wget-cut-chunked",
        "wget takes the end of the connection for the end of a chunked body",
        "plain",
        "wget",
        "fin-chunked",
        silent("short"),
        short,
        [UNTERMINATED],
        CUT_CHUNKED,
        ["1.http"],
        0,
        b"hello",
    ),
    Finding(
        "urllib-cut",
        "urllib with shutil.copyfileobj takes a body that is too short for whole",
        "plain",
        "urllib",
        "fin-content-length",
        silent("short"),
        short,
        [TOO_SHORT],
        CUT_LENGTH,
        ["1.http"],
        0,
        b"hello",
        reported="https://github.com/python/cpython/issues/115997",
    ),
    long_chunk("curl", b"hello\rworld"),
    long_chunk("wget", b"hello\rworld"),
    long_chunk("aiohttp", b"hello\rworld"),
    reset_at_close("aiohttp"),
    reset_at_close("node"),
    reset_at_close("undici"),
    reset_at_close("niquests"),
    *(gzip_cut(client) for client in ("requests", "urllib3", "httpx", "httpx2", "niquests")),
    *(gzip_cut(client) for client in ("aiohttp", "node", "undici")),
    Finding(
        "httpx-gzip-members",
        "httpx decodes the first member of a gzip stream, and drops the others",
        "plain",
        "httpx",
        "gzip-two-members",
        silent("short"),
        short,
        [MEMBERS],
        TWO_MEMBERS,
        ["1.http"],
        0,
        b"hello",
        reported="https://github.com/encode/httpx/pull/3270",
    ),
    Finding(
        "httpx2-gzip-members",
        "httpx2 decodes the first member of a gzip stream, and drops the others",
        "plain",
        "httpx2",
        "gzip-two-members",
        silent("short"),
        short,
        [MEMBERS],
        TWO_MEMBERS,
        ["1.http"],
        0,
        b"hello",
    ),
]
