# ClientTimeout(total=None, sock_connect=30, sock_read=60)
import asyncio
import sys

import aiohttp

LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)


async def download(url, file):
    async with aiohttp.ClientSession(timeout=LIMITS, raise_for_status=True) as session:
        async with session.get(url) as answer:
            with open(file, "wb") as out:
                async for piece in answer.content.iter_chunked(65536):
                    out.write(piece)


asyncio.run(download(*sys.argv[1:]))
