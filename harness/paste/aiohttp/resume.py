# no setting: a loop with Range and If-Range; compare, then rename
import asyncio
import os
import random
import re
import sys

import aiohttp

LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
BUSY = {408, 425, 429, 500, 502, 503, 504}


class Unfit(Exception):
    """An answer that does not go on where the file ends."""


async def attempt(session, url, out, known):
    """Adds what one answer brings to `out`. True if that is all."""
    # Without a strong tag nothing says that the rest is of the same object.
    have = out.tell() if known.get("tag") else 0
    if have and have == known.get("total"):
        return True
    fields = {"Accept-Encoding": "identity"}  # a range is one of the coded bytes
    if have:
        fields |= {"Range": f"bytes={have}-", "If-Range": known["tag"]}
    async with session.get(url, headers=fields) as answer:
        said = answer.headers.get("Content-Range", "")
        if have and answer.status == 416 and said == f"bytes */{have}":
            return True
        if have and answer.status == 206:
            part = re.fullmatch(rf"bytes {have}-\d+/(\d+|\*)", said)
            total = int(part[1]) if part and part[1] != "*" else known["total"]
            same = answer.headers.get("ETag") == known["tag"]
            if not part or not same or known["total"] not in (None, total):
                raise Unfit(f"another range: {said}")
            known["total"] = total
        elif answer.status == 416:
            raise Unfit("a range that does not exist")
        else:
            answer.raise_for_status()
            if answer.status != 200:
                raise Unfit(f"status {answer.status}")
            out.seek(0)
            out.truncate()
            tag = answer.headers.get("ETag", "")
            known["tag"] = tag if tag.startswith('"') else None
            known["total"] = answer.content_length
            if known["total"] is None and "Transfer-Encoding" not in answer.headers:
                raise SystemExit("no length: nothing would say that the file is whole")
        # After a malformed chunk sock_read no longer ends the wait (3.14.5).
        while piece := await asyncio.wait_for(answer.content.read(65536), 60):
            out.write(piece)
        if known["total"] is None:
            return answer.status == 200  # the last chunk has come
        if out.tell() > known["total"]:
            raise Unfit("more than all")
        return out.tell() == known["total"]


async def download(url, file):
    known, failed, most, pause, why = {}, 0, 0, 0, None
    with open(file + ".part", "wb") as out:
        async with aiohttp.ClientSession(timeout=LIMITS) as session:
            while failed <= 5:
                await asyncio.sleep(pause)
                try:
                    if await attempt(session, url, out, known):
                        break
                    pause = 0
                except aiohttp.ClientResponseError as error:
                    if error.status not in BUSY:
                        raise
                    after = (error.headers or {}).get("Retry-After", "")
                    pause = random.uniform(0, min(30, 2**failed))
                    pause = min(120, int(after)) if after.isdigit() else pause
                    why = error
                except (aiohttp.ClientError, asyncio.TimeoutError, Unfit) as error:
                    if isinstance(error, Unfit):
                        known.clear()
                    pause = random.uniform(0, min(30, 2**failed))
                    why = error
                # Who gets any further may go on.
                failed = 0 if out.tell() > most else failed + 1
                most = max(most, out.tell())
            else:
                raise SystemExit(f"not whole: {why!r}")
    os.replace(file + ".part", file)


asyncio.run(download(*sys.argv[1:]))
