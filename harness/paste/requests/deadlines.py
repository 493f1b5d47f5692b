# timeout=(30, 60): to connect, between two reads; there is no total
import sys

import requests

url, file = sys.argv[1:]
with requests.get(url, stream=True, timeout=(30, 60)) as answer:
    answer.raise_for_status()
    with open(file, "wb") as out:
        for piece in answer.iter_content(65536):
            out.write(piece)
