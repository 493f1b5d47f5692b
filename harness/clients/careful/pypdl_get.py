"""pypdl with its defaults, and five retries: URL into FILE."""

import os
import sys

url, file = sys.argv[1:]
# It writes a log into the folder that it is started in.
os.chdir(os.path.dirname(os.path.abspath(file)))

from pypdl import Pypdl  # noqa: E402

downloader = Pypdl()
results = downloader.start(url, os.path.abspath(file), retries=5, display=False)
sys.exit(0 if results and downloader.success else 1)
