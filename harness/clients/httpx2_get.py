"""httpx2: each URL into its FILE, as its documentation shows it."""

import sys

import httpx2

with httpx2.Client() as client:
    for url, file in zip(sys.argv[1::2], sys.argv[2::2]):
        with client.stream("GET", url) as response:
            response.raise_for_status()
            with open(file, "wb") as out:
                for chunk in response.iter_bytes():
                    out.write(chunk)
