# urllib3's Retry() ends with the head: a loop around all of it
import random
import sys
import time

import requests

BUSY = {408, 425, 429, 500, 502, 503, 504}


def attempt(session, url, file):
    with session.get(url, stream=True, timeout=(30, 60)) as answer:
        answer.raise_for_status()
        with open(file, "wb") as out:
            for piece in answer.iter_content(65536):
                out.write(piece)


def download(url, file):
    with requests.Session() as session:
        for left in range(5, -1, -1):
            pause = random.uniform(0, min(30, 2 ** (5 - left)))
            try:
                return attempt(session, url, file)
            except requests.HTTPError as error:
                if error.response.status_code not in BUSY or not left:
                    raise
                after = error.response.headers.get("Retry-After", "")
                pause = min(120, int(after)) if after.isdigit() else pause
            except requests.RequestException:
                if not left:
                    raise
            time.sleep(pause)


download(*sys.argv[1:])
