# no setting: a loop that begins anew, and looks at the status
import asyncio
import random
import sys

import aiohttp

LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
BUSY = {408, 425, 429, 500, 502, 503, 504}


async def attempt(session, url, file):
    async with session.get(url) as answer:
        answer.raise_for_status()
        with open(file, "wb") as out:
            # After a malformed chunk sock_read no longer ends the wait (3.14.5).
            while piece := await asyncio.wait_for(answer.content.read(65536), 60):
                out.write(piece)


async def download(url, file):
    async with aiohttp.ClientSession(timeout=LIMITS) as session:
        for left in range(5, -1, -1):
            pause = random.uniform(0, min(30, 2 ** (5 - left)))
            try:
                return await attempt(session, url, file)
            except aiohttp.ClientResponseError as error:
                if error.status not in BUSY or not left:
                    raise
                after = (error.headers or {}).get("Retry-After", "")
                pause = min(120, int(after)) if after.isdigit() else pause
            except (aiohttp.ClientError, asyncio.TimeoutError):
                if not left:
                    raise
            await asyncio.sleep(pause)


asyncio.run(download(*sys.argv[1:]))
