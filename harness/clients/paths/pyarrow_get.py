"""pyarrow.fs: an object into a FILE, as a stream."""

import sys
from urllib.parse import urlsplit

from pyarrow import fs

url, file = sys.argv[1:]
store = fs.S3FileSystem(
    anonymous=True, region="us-east-1", scheme="http", endpoint_override=urlsplit(url).netloc
)
fs.copy_files("bucket/data.bin", file, source_filesystem=store)
