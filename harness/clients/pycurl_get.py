"""libcurl by pycurl, whose wheel brings it: each URL into its FILE, as its documentation
shows it."""

import sys

import pycurl

curl = pycurl.Curl()
curl.setopt(pycurl.FAILONERROR, True)
for url, file in zip(sys.argv[1::2], sys.argv[2::2]):
    with open(file, "wb") as out:
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.WRITEDATA, out)
        curl.perform()
curl.close()
