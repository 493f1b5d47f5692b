"""Python's own urllib: URL into FILE, as its documentation shows it."""

import shutil
import sys
import urllib.request

url, file = sys.argv[1:]
with urllib.request.urlopen(url) as response, open(file, "wb") as out:
    shutil.copyfileobj(response, out)
