# HTTPTransport(retries=5) is for connecting alone: a loop around it
import random
import sys
import time

import httpx

LIMITS = httpx.Timeout(60, connect=30)
BUSY = {408, 425, 429, 500, 502, 503, 504}


def attempt(client, url, file):
    with client.stream("GET", url) as answer:
        answer.raise_for_status()
        with open(file, "wb") as out:
            for piece in answer.iter_bytes():
                out.write(piece)


def download(url, file):
    with httpx.Client(timeout=LIMITS, follow_redirects=True) as client:
        for left in range(5, -1, -1):
            pause = random.uniform(0, min(30, 2 ** (5 - left)))
            try:
                return attempt(client, url, file)
            except httpx.HTTPStatusError as error:
                if error.response.status_code not in BUSY or not left:
                    raise
                after = error.response.headers.get("Retry-After", "")
                pause = min(120, int(after)) if after.isdigit() else pause
            except httpx.HTTPError:
                if not left:
                    raise
            time.sleep(pause)


download(*sys.argv[1:])
