# sock_read=30; against a trickle none: count the bytes of 30 s
import asyncio
import sys
import time

import aiohttp

LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=30)


async def download(url, file):
    async with aiohttp.ClientSession(timeout=LIMITS, raise_for_status=True) as session:
        async with session.get(url) as answer:
            with open(file, "wb") as out:
                since, came = time.monotonic(), 0
                async for piece in answer.content.iter_any():
                    out.write(piece)
                    came += len(piece)
                    if time.monotonic() - since >= 30:
                        if came < 10 * 30:
                            raise SystemExit(f"{came} bytes in 30 s")
                        since, came = time.monotonic(), 0


asyncio.run(download(*sys.argv[1:]))
