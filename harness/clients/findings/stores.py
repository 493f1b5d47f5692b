"""Libraries of object stores: answers that are not what was asked for."""

from . import RFC, Finding, short, silent
from .resuming import COMBINING, RANGES

PART = (
    f"{RFC}rfc9110#section-15.3.7",
    "a client must look at Content-Range to see which part it got",
)
WHOLE_DIGEST = (
    f"{RFC}rfc9530#section-3",
    "a digest of the representation is of all of it in a 206 too, as X-Goog-Hash is there",
)
ALL_OF_IT = r"""
def answer(status, more, body):
    head = f"HTTP/1.1 {status}\r\nETag: \"1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    return f"{head}{more}\r\nConnection: close\r\n\r\n".encode() + body

whole = bytes(range(256)) * 40_960
length = f"Content-Length: {len(whole)}\r\nAccept-Ranges: bytes"
# HEAD, and then all of it whatever the range.
open("1.http", "wb").write(answer("200 OK", length, b""))
open("2.http", "wb").write(answer("200 OK", length, whole))
"""
CUT_THEN = r"""
def answer(status, more, body):
    head = f"HTTP/1.1 {status}\r\nETag: \"1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    return f"{head}{more}\r\nConnection: close\r\n\r\n".encode() + body

whole = bytes(range(256)) * 4_096
length = f"Content-Length: {len(whole)}\r\nAccept-Ranges: bytes"
open("1.http", "wb").write(answer("200 OK", length, whole[:500_000]))
# All of it again, in answer to the range.
open("2.http", "wb").write(answer("200 OK", length, whole))
"""
NO_METADATA = r"""
json = "Content-Type: application/json\r\nContent-Length: 2"
open("0.http", "wb").write(answer("200 OK", json, b"{}"))
"""
RESUMED = r"""
import base64, hashlib

whole = bytes(range(256)) * 4_096
digest = base64.b64encode(hashlib.md5(whole).digest()).decode()

def answer(status, more, body):
    head = f"HTTP/1.1 {status}\r\nETag: \"1\"\r\nX-Goog-Hash: crc32c=AAAAAA==,md5={digest}\r\n"
    return f"{head}{more}\r\nConnection: close\r\n\r\n".encode() + body

page = b"{}"
json = f"Content-Type: application/json\r\nContent-Length: {len(page)}"
open("0.http", "wb").write(answer("200 OK", json, page))
length = f"Content-Length: {len(whole)}\r\nAccept-Ranges: bytes"
open("1.http", "wb").write(answer("200 OK", length, whole[:524_288]))
# The right head, and other bytes: the checksum in it cannot be theirs.
rest = f"Content-Range: bytes 524288-1048575/1048576\r\nContent-Length: 524288"
open("2.http", "wb").write(answer("206 Partial Content", rest, bytes(524_288)))
"""

FINDINGS = [
    Finding(
        "boto3-range-ignored",
        "boto3 takes all of an object for the part that it asked for",
        "paths",
        "boto3",
        "range-ignored",
        silent("bad"),
        short,
        [RANGES],
        ALL_OF_IT,
        ["1.http", "2.http"],
        0,
        lambda data: len(data) > 256 * 40_960,
    ),
    Finding(
        "s3fs-range-ignored",
        "s3fs appends all of an object to the part that it has",
        "paths",
        "s3fs",
        "range-ignored",
        silent("bad"),
        short,
        [RANGES],
        CUT_THEN,
        ["1.http", "2.http"],
        0,
        lambda data: len(data) > 256 * 4_096,
    ),
    Finding(
        "s3fs-changed",
        "s3fs puts parts of two objects together",
        "paths",
        "s3fs",
        "changed",
        silent("bad"),
        short,
        [COMBINING],
        CUT_THEN.replace("# All of it again, in answer to the range.\n", "").replace(
            'open("2.http", "wb").write(answer("200 OK", length, whole))',
            'rest = "Content-Range: bytes 500000-1048575/1048576\\r\\nContent-Length: 548576"\n'
            'other = answer("206 Partial Content", rest, bytes(548_576))\n'
            'open("2.http", "wb").write(other.replace(b\'"1"\', b\'"2"\'))',
        ),
        ["1.http", "2.http"],
        0,
        lambda data: data.endswith(bytes(548_576)) and len(data) == 256 * 4_096,
    ),
    Finding(
        "google-cloud-storage-resumed",
        "google-cloud-storage does not compare the checksum of a download that it resumed",
        "paths",
        "google-cloud-storage",
        "wrong-start",
        silent("bad"),
        short,
        [PART, WHOLE_DIGEST],
        RESUMED,
        ["/storage=0.http", "1.http", "2.http"],
        0,
        lambda data: len(data) == 1 << 20 and data.endswith(bytes(524_288)),
        reported="https://github.com/googleapis/google-resumable-media-python/issues/362",
    ),
    Finding(
        "google-cloud-storage-range-ignored",
        "google-cloud-storage appends all of an object to the part that it has, where no "
        "checksum came",
        "paths",
        "google-cloud-storage",
        "range-ignored-without-checksum",
        silent("bad"),
        short,
        [RANGES],
        CUT_THEN + NO_METADATA,
        ["/storage=0.http", "1.http", "2.http"],
        0,
        lambda data: len(data) > 256 * 4_096,
    ),
]
