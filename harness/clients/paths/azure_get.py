"""azure-storage-blob: a blob into a FILE."""

import sys

from azure.storage.blob import BlobClient

url, file = sys.argv[1:]
blob = BlobClient(url.rpartition("/")[0] + "/account", "container", "data.bin")
with open(file, "wb") as out:
    blob.download_blob().readinto(out)
