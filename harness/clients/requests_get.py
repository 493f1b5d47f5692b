"""requests: URL into FILE, as its documentation shows it."""

import sys

import requests

url, file = sys.argv[1:]
with requests.get(url, stream=True) as response:
    response.raise_for_status()
    with open(file, "wb") as out:
        for chunk in response.iter_content(chunk_size=65536):
            out.write(chunk)
