"""huggingface_hub: a file of a model into a FOLDER, and where it says that it is."""

import os
import sys

url, folder = sys.argv[1:]
# It reads them when it is imported.
os.environ["HF_ENDPOINT"] = url
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_UPDATE_CHECK"] = "1"

from huggingface_hub import hf_hub_download  # noqa: E402

print(hf_hub_download("org/model", "data.bin", local_dir=folder))
