"""google-cloud-storage: an object into a FILE."""

import os
import sys

url, file = sys.argv[1:]
os.environ["STORAGE_EMULATOR_HOST"] = url.rpartition("/")[0]

from google.cloud import storage  # noqa: E402

client = storage.Client.create_anonymous_client()
client.bucket("bucket").blob("data.bin").download_to_filename(file)
