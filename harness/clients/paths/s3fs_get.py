"""s3fs, with aiobotocore: an object into a FILE."""

import sys

import s3fs

url, file = sys.argv[1:]
store = s3fs.S3FileSystem(anon=True, endpoint_url=url.rpartition("/")[0])
store.get_file("bucket/data.bin", file)
