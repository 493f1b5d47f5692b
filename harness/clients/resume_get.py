"""Resumes a download with the standard library, as RFC 9110 has it: resume_get.py URL FILE

FILE may hold a first part already. The validators of the response that brought it are in
SHORTREAD_ETAG, SHORTREAD_LAST_MODIFIED and SHORTREAD_DATE. Each sentence of the RFC stands
where it is obeyed.
"""

import http.client
import os
import re
import sys
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

ATTEMPTS = 6
PIECE = 64 * 1024


class Unfit(Exception):
    """The response is no part that fits behind what there is."""


def strong(fields):
    """The validator for If-Range, if there is a strong one (sections 8.8.1, 13.1.5)."""
    etag = fields.get("ETag")
    if etag:
        # A date must not stand in where there is an entity tag.
        return None if etag.startswith("W/") else etag
    changed, date = fields.get("Last-Modified"), fields.get("Date")
    if not changed or not date:
        return None
    # Section 8.8.2.2 asks for a second; a minute is safe from clocks that differ too.
    age = parsedate_to_datetime(date) - parsedate_to_datetime(changed)
    return changed if age.total_seconds() >= 60 else None


def request(url, have, validator):
    # A range is one of the coded bytes (section 14.2), so none is coded.
    fields = {"Accept-Encoding": "identity"}
    if have:
        fields["Range"] = f"bytes={have}-"
        fields["If-Range"] = validator
    return urllib.request.Request(url, headers=fields)


def start_of(response, have, validator):
    """The first byte of a 206, which must be looked at (sections 14.4 and 15.3.7)."""
    said = response.headers.get("Content-Range", "")
    parts = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", said)
    if not parts:
        raise Unfit(f"Content-Range: {said!r}")
    first, last = int(parts[1]), int(parts[2])
    total = None if parts[3] == "*" else int(parts[3])
    if last < first or (total is not None and total <= last):
        raise Unfit(f"Content-Range: {said!r} contradicts itself")
    if first > have:
        raise Unfit(f"it begins at {first}, and {have} bytes are there")
    # Only parts with the same strong validator may be put together (section 15.3.7.3).
    if validator not in (response.headers.get("ETag"), response.headers.get("Last-Modified")):
        raise Unfit("its validator is another one")
    return first, last, total


def save(response, file, skip, most):
    """Appends what comes behind the first `skip` bytes, up to `most` of them."""
    while most and (piece := response.read(min(PIECE, most))):
        most -= len(piece)
        file.write(piece[skip:])
        skip = max(0, skip - len(piece))


def attempt(url, path, known):
    """One request. True if the file is whole."""
    have = os.path.getsize(path) if os.path.exists(path) else 0
    validator = strong(known)
    if validator is None:
        # Nothing says that the rest would be of the same object.
        have = 0
    with urllib.request.urlopen(request(url, have, validator), timeout=30) as response:
        if response.status == 206 and have:
            first, last, total = start_of(response, have, validator)
            with open(path, "ab") as file:
                save(response, file, have - first, last + 1 - first)
            size = os.path.getsize(path)
            if size < last + 1:
                raise http.client.IncompleteRead(b"")
            # Where the total is not told, a 416 to the next request tells it.
            return size == total
        if response.status != 200:
            raise Unfit(f"status {response.status}")
        # All of the object: it replaces what is there, when it is whole.
        with open(path + ".new", "wb") as file:
            save(response, file, 0, sys.maxsize)
        length = response.headers.get("Content-Length")
        if length and os.path.getsize(path + ".new") < int(length):
            raise http.client.IncompleteRead(b"")
        os.replace(path + ".new", path)
        return True


def is_all(error, path):
    """True if a 416 says that the object is as long as the file (section 15.5.17)."""
    said = error.headers.get("Content-Range", "")
    total = re.fullmatch(r"bytes \*/(\d+)", said)
    return bool(total) and int(total[1]) == os.path.getsize(path)


def download(url, path):
    names = {"ETag": "ETAG", "Last-Modified": "LAST_MODIFIED", "Date": "DATE"}
    known = {field: os.environ.get("SHORTREAD_" + name, "") for field, name in names.items()}
    why = None
    for _ in range(ATTEMPTS):
        try:
            if attempt(url, path, known):
                return
        except urllib.error.HTTPError as error:
            if error.code == 416:
                if is_all(error, path):
                    return
                known.clear()
            # The content of an error is no part of the object (section 15).
            elif error.code < 500:
                raise
            why = error
        except Unfit as error:
            # Asked again without Range, it sends all.
            known.clear()
            why = error
        except (OSError, http.client.HTTPException) as error:
            # What has arrived is kept, and its length is where the next request begins.
            why = error
    raise SystemExit(f"not whole after {ATTEMPTS} requests: {why}")


if len(sys.argv) != 3:
    print("usage: resume_get.py URL FILE", file=sys.stderr)
    sys.exit(2)
download(sys.argv[1], sys.argv[2])
