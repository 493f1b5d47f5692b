"""httpx with tenacity around the whole download, as tenacity's documentation shows it:
URL into FILE."""

import sys

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential


@retry(
    retry=retry_if_exception_type(httpx.HTTPError),
    stop=stop_after_attempt(6),
    wait=wait_exponential(multiplier=0.5, max=10),
)
def download(url, file):
    with httpx.stream("GET", url) as response:
        response.raise_for_status()
        with open(file, "wb") as out:
            for chunk in response.iter_bytes():
                out.write(chunk)


download(*sys.argv[1:])
