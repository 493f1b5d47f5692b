# no setting: refuse an answer without a length, compare, then rename
import asyncio
import os
import sys

import aiohttp

PLAIN = {"Accept-Encoding": "identity"}  # a coded body has another length


async def download(url, file):
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.get(url, headers=PLAIN) as answer:
            length = answer.content_length
            if length is None and "Transfer-Encoding" not in answer.headers:
                raise SystemExit("no length: nothing would say that the file is whole")
            with open(file + ".part", "wb") as out:
                async for piece in answer.content.iter_chunked(65536):
                    out.write(piece)
                if length not in (None, out.tell()):
                    raise SystemExit(f"{out.tell()} of {length} bytes")
    os.replace(file + ".part", file)


asyncio.run(download(*sys.argv[1:]))
