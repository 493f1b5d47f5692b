"""Going on with a download: which parts may be put together."""

from . import RFC, Finding, bytes_of, short, silent

COMBINING = (
    f"{RFC}rfc9110#section-15.3.7.3",
    "parts may be put together only if they have the same strong validator",
)
IF_RANGE = (
    f"{RFC}rfc9110#section-13.1.5",
    "with If-Range a client gets the rest of what it has, or all of the other object",
)
WEAK = (f"{RFC}rfc9110#section-13.1.5", "a client must not send a weak entity tag in If-Range")
RANGES = (
    f"{RFC}rfc9110#section-14.2",
    "a server may ignore Range: a client looks at the status, 206 or 200",
)
ENOUGH = (
    f"{RFC}rfc9110#section-14",
    "ranges are there for recovery from transfers that failed in part",
)

CHANGED = r"""
def head(status, etag, more):
    return f"HTTP/1.1 {status}\r\nETag: \"{etag}\"\r\n{more}\r\n\r\n".encode()

open("1.http", "wb").write(head("200 OK", "old", "Content-Length: 10\r\nAccept-Ranges: bytes") + b"hello")
rest = "Content-Range: bytes 5-9/10\r\nContent-Length: 5"
open("2.http", "wb").write(head("206 Partial Content", "new", rest) + b"WORLD")
"""
FEWER = r"""
def head(status, more):
    return f"HTTP/1.1 {status}\r\nETag: \"1\"\r\n{more}\r\n\r\n".encode()

open("1.http", "wb").write(head("200 OK", "Content-Length: 10\r\nAccept-Ranges: bytes") + b"hello")
# Less than was asked for, which a server may send.
part = "Content-Range: bytes 5-6/10\r\nContent-Length: 2"
open("2.http", "wb").write(head("206 Partial Content", part) + b"wo")
"""
SMALLER = r"""
def head(status, etag, more):
    return f"HTTP/1.1 {status}\r\nETag: \"{etag}\"\r\n{more}\r\n\r\n".encode()

open("1.http", "wb").write(head("200 OK", "old", "Content-Length: 10\r\nAccept-Ranges: bytes") + b"hello")
# The object has 3 bytes by now.
gone = "Content-Range: bytes */3\r\nContent-Length: 0"
open("2.http", "wb").write(head("416 Range Not Satisfiable", "new", gone))
"""
WEAK_TAG = r"""
page = b"<a href='/packages/demo-1.0-py3-none-any.whl'>demo-1.0-py3-none-any.whl</a>"
head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
open("1.http", "wb").write(head % len(page) + page)
head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nETag: W/\"1\"\r\nConnection: close\r\n\r\n"
open("2.http", "wb").write(head + bytes(500_000))
"""
HUB = r"""
head = b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\nETag: \"1\"\r\nAccept-Ranges: bytes\r\n"
head += b"X-Repo-Commit: 0123456789abcdef0123456789abcdef01234567\r\nConnection: close\r\n\r\n"
open("1.http", "wb").write(head)
# Cut after 9 MB, each time.
open("2.http", "wb").write(head + bytes(9_000_000))
"""


def changed(client):
    return Finding(
        f"{client}-changed",
        f"{client.removesuffix('-c')} puts parts of two objects together",
        "careful",
        client,
        "cut-then-changed-object",
        silent("bad"),
        short,
        [COMBINING, IF_RANGE],
        CHANGED,
        ["1.http", "2.http"],
        0,
        b"helloWORLD",
    )


FINDINGS = [
    changed("wget-c"),
    changed("aria2c-c"),
    Finding(
        "wget-fewer",
        "wget takes the end of a 206 for the end of the object",
        "careful",
        "wget-c",
        "cut-then-half-the-rest",
        silent("short"),
        short,
        [
            (
                f"{RFC}rfc9110#section-15.3.7",
                "a 206 may have less than was asked for; its "
                "Content-Range has the size of the object",
            )
        ],
        FEWER,
        ["1.http", "2.http"],
        0,
        b"hellowo",
    ),
    Finding(
        "wget-416",
        "wget takes 416 for a file that is complete, whatever size it says",
        "careful",
        "wget-c",
        "cut-then-smaller-object",
        silent("short"),
        short,
        [
            (
                f"{RFC}rfc9110#section-15.5.17",
                "a 416 to a range of bytes says the size of the "
                "object, which is not that of the file",
            )
        ],
        SMALLER,
        ["1.http", "2.http"],
        0,
        b"hello",
    ),
    Finding(
        "pip-weak-etag",
        "pip sends a weak entity tag in If-Range, and so never goes on behind one",
        "paths",
        "pip",
        "weak-etag",
        lambda cell: cell["word"] == "error",
        lambda cell: (
            f"{cell['said']} after {cell['requests']} requests, with "
            f"{bytes_of(cell['sent'])} of a file of {bytes_of(cell['object'])}; with a strong entity "
            "tag it gets all of it (cut-at-5mb)"
        ),
        [WEAK],
        WEAK_TAG,
        ["1.http", "2.http"],
        1,
        None,
        asked='If-Range: W/"1"',
    ),
    Finding(
        "huggingface_hub-cut-each-9mb",
        "huggingface_hub holds 10 MiB before it writes, and loses them when a connection breaks",
        "paths",
        "huggingface_hub",
        "cut-each-9mb",
        lambda cell: cell["word"] == "error" and cell["saved"] == 0,
        lambda cell: (
            f"{cell['said']} after {cell['requests']} requests, with "
            f"{bytes_of(cell['sent'])} of a file of {bytes_of(cell['object'])}: each attempt began at "
            "the start again"
        ),
        [ENOUGH],
        HUB,
        ["1.http", "2.http"],
        1,
        None,
        never_asked="\r\nrange: bytes",
        limit=120,
    ),
]
