# Timeout(60, connect=30): between two reads; there is no total
import sys

import httpx

url, file = sys.argv[1:]
limits = httpx.Timeout(60, connect=30)
with httpx.stream("GET", url, timeout=limits, follow_redirects=True) as answer:
    answer.raise_for_status()
    with open(file, "wb") as out:
        for piece in answer.iter_bytes():
            out.write(piece)
