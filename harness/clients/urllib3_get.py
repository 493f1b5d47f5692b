"""urllib3: each URL into its FILE, as its documentation shows it."""

import shutil
import sys

import urllib3

for url, file in zip(sys.argv[1::2], sys.argv[2::2]):
    response = urllib3.request("GET", url, preload_content=False)
    if response.status != 200:
        sys.exit(f"status {response.status}")
    with open(file, "wb") as out:
        shutil.copyfileobj(response, out)
    response.release_conn()
