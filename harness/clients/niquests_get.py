"""niquests: each URL into its FILE, as its documentation shows it."""

import sys

import niquests

with niquests.Session() as session:
    for url, file in zip(sys.argv[1::2], sys.argv[2::2]):
        with session.get(url, stream=True) as response:
            response.raise_for_status()
            with open(file, "wb") as out:
                for chunk in response.iter_content(65536):
                    out.write(chunk)
