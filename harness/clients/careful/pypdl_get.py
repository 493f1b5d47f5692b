"""pypdl with its defaults, and five retries: URL into FILE."""

import sys

from pypdl import Pypdl

url, file = sys.argv[1:]
if __name__ == "__main__":
    downloader = Pypdl()
    results = downloader.start(url, file, retries=5, display=False)
    sys.exit(0 if results and downloader.success else 1)
