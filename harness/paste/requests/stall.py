# timeout=(30, 30); against a trickle none: count the bytes of 30 s
import sys
import time

import requests

url, file = sys.argv[1:]
with requests.get(url, stream=True, timeout=(30, 30)) as answer:
    answer.raise_for_status()
    with open(file, "wb") as out:
        since, came = time.monotonic(), 0
        # iter_content would wait until its piece is full; read1 is of urllib3 2.2.
        while piece := answer.raw.read1(65536, decode_content=True):
            out.write(piece)
            came += len(piece)
            if time.monotonic() - since >= 30:
                if came < 10 * 30:
                    raise SystemExit(f"{came} bytes in 30 s")
                since, came = time.monotonic(), 0
        if answer.raw.length_remaining:
            raise SystemExit(f"short by {answer.raw.length_remaining} bytes")
