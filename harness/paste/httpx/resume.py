# no setting: a loop with Range and If-Range; compare, then rename
import os
import random
import re
import sys
import time

import httpx

LIMITS = httpx.Timeout(60, connect=30)
BUSY = {408, 425, 429, 500, 502, 503, 504}


class Unfit(Exception):
    """An answer that does not go on where the file ends."""


def attempt(client, url, out, known):
    """Adds what one answer brings to `out`. True if that is all."""
    # Without a strong tag nothing says that the rest is of the same object.
    have = out.tell() if known.get("tag") else 0
    if have and have == known.get("total"):
        return True
    fields = {"Accept-Encoding": "identity"}  # a range is one of the coded bytes
    if have:
        fields |= {"Range": f"bytes={have}-", "If-Range": known["tag"]}
    with client.stream("GET", url, headers=fields) as answer:
        said = answer.headers.get("Content-Range", "")
        if have and answer.status_code == 416 and said == f"bytes */{have}":
            return True
        if have and answer.status_code == 206:
            part = re.fullmatch(rf"bytes {have}-\d+/(\d+|\*)", said)
            total = int(part[1]) if part and part[1] != "*" else known["total"]
            same = answer.headers.get("ETag") == known["tag"]
            if not part or not same or known["total"] not in (None, total):
                raise Unfit(f"another range: {said}")
            known["total"] = total
        elif answer.status_code == 416:
            raise Unfit("a range that does not exist")
        else:
            answer.raise_for_status()
            if answer.status_code != 200:
                raise Unfit(f"status {answer.status_code}")
            out.seek(0)
            out.truncate()
            tag = answer.headers.get("ETag", "")
            known["tag"] = tag if tag.startswith('"') else None
            length = answer.headers.get("Content-Length")
            known["total"] = int(length) if length else None
            if not length and "Transfer-Encoding" not in answer.headers:
                raise SystemExit("no length: nothing would say that the file is whole")
        # Without a size: a piece of one is dropped with an error.
        for piece in answer.iter_bytes():
            out.write(piece)
        if known["total"] is None:
            return answer.status_code == 200  # the last chunk has come
        if out.tell() > known["total"]:
            raise Unfit("more than all")
        return out.tell() == known["total"]


def download(url, file):
    known, failed, most, pause, why = {}, 0, 0, 0, None
    client = httpx.Client(timeout=LIMITS, follow_redirects=True)
    with open(file + ".part", "wb") as out, client:
        while failed <= 5:
            time.sleep(pause)
            pause = random.uniform(0, min(30, 2**failed))
            try:
                if attempt(client, url, out, known):
                    break
                pause = 0
            except httpx.HTTPStatusError as error:
                if error.response.status_code not in BUSY:
                    raise
                after = error.response.headers.get("Retry-After", "")
                pause = min(120, int(after)) if after.isdigit() else pause
                why = error
            except Unfit as error:
                known.clear()
                why = error
            except httpx.HTTPError as error:
                why = error
            # Who gets any further may go on.
            failed = 0 if out.tell() > most else failed + 1
            most = max(most, out.tell())
        else:
            raise SystemExit(f"not whole: {why!r}")
    os.replace(file + ".part", file)


download(*sys.argv[1:])
