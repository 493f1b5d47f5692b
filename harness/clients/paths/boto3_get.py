"""boto3: an object into a FILE, by its own transfer manager."""

import sys

import boto3
import botocore
from botocore.config import Config

url, file = sys.argv[1:]
client = boto3.client(
    "s3",
    endpoint_url=url.rpartition("/")[0],
    region_name="us-east-1",
    config=Config(signature_version=botocore.UNSIGNED, s3={"addressing_style": "path"}),
)
client.download_file("bucket", "data.bin", file)
