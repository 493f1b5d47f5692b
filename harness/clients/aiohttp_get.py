"""aiohttp: each URL into its FILE, as its documentation shows it."""

import asyncio
import sys

import aiohttp


async def main(urls, files):
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for url, file in zip(urls, files):
            async with session.get(url) as response:
                with open(file, "wb") as out:
                    async for chunk in response.content.iter_chunked(65536):
                        out.write(chunk)


asyncio.run(main(sys.argv[1::2], sys.argv[2::2]))
