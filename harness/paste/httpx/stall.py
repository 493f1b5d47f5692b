# Timeout(30); against a trickle none: count the bytes of 30 s
import sys
import time

import httpx

url, file = sys.argv[1:]
with httpx.stream("GET", url, timeout=30, follow_redirects=True) as answer:
    answer.raise_for_status()
    with open(file, "wb") as out:
        since, came = time.monotonic(), 0
        for piece in answer.iter_bytes():
            out.write(piece)
            came += len(piece)
            if time.monotonic() - since >= 30:
                if came < 10 * 30:
                    raise SystemExit(f"{came} bytes in 30 s")
                since, came = time.monotonic(), 0
