"""aiohttp with aiohttp-retry, as its documentation shows it: URL into FILE."""

import asyncio
import sys

from aiohttp_retry import ExponentialRetry, RetryClient


async def main(url, file):
    options = ExponentialRetry(attempts=6)
    async with RetryClient(retry_options=options, raise_for_status=True) as client:
        async with client.get(url) as response:
            with open(file, "wb") as out:
                async for chunk in response.content.iter_chunked(65536):
                    out.write(chunk)


asyncio.run(main(*sys.argv[1:]))
