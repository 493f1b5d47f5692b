"""httpx: URL into FILE, as its documentation shows it."""

import sys

import httpx

url, file = sys.argv[1:]
with httpx.stream("GET", url) as response:
    response.raise_for_status()
    with open(file, "wb") as out:
        for chunk in response.iter_bytes():
            out.write(chunk)
