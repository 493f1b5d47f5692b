"""requests with urllib3's Retry, as urllib3's documentation shows it: URL into FILE."""

import sys

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

url, file = sys.argv[1:]
retry = Retry(total=5, backoff_factor=0.5, status_forcelist=[429, 500, 502, 503, 504])
with requests.Session() as session:
    session.mount("http://", HTTPAdapter(max_retries=retry))
    with session.get(url, stream=True, timeout=60) as response:
        response.raise_for_status()
        with open(file, "wb") as out:
            for chunk in response.iter_content(chunk_size=65536):
                out.write(chunk)
