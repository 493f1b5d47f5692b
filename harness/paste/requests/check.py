# no setting: refuse an answer without a length, compare, then rename
import os
import sys

import requests

PLAIN = {"Accept-Encoding": "identity"}  # a coded body has another length

url, file = sys.argv[1:]
with requests.get(url, headers=PLAIN, stream=True) as answer:
    answer.raise_for_status()
    length = answer.headers.get("Content-Length")
    if length is None and "Transfer-Encoding" not in answer.headers:
        raise SystemExit("no length: nothing would say that the file is whole")
    with open(file + ".part", "wb") as out:
        for piece in answer.iter_content(65536):
            out.write(piece)
        if length is not None and out.tell() != int(length):
            raise SystemExit(f"{out.tell()} of {length} bytes")
os.replace(file + ".part", file)
