"""httpx with stamina around the whole download, as stamina's documentation shows it:
URL into FILE."""

import sys

import httpx
import stamina


@stamina.retry(on=httpx.HTTPError, attempts=6)
def download(url, file):
    with httpx.stream("GET", url) as response:
        response.raise_for_status()
        with open(file, "wb") as out:
            for chunk in response.iter_bytes():
                out.write(chunk)


download(*sys.argv[1:])
