"""obstore: an object into a FILE, as a stream."""

import sys

import obstore
from obstore.store import S3Store

url, file = sys.argv[1:]
store = S3Store(
    "bucket",
    endpoint=url.rpartition("/")[0],
    region="us-east-1",
    skip_signature=True,
    client_options={"allow_http": True},
)
with open(file, "wb") as out:
    for chunk in obstore.get(store, "data.bin").stream():
        out.write(chunk)
