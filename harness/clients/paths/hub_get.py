"""huggingface_hub: a file of a model into a folder, and from there into FILE."""

import os
import sys

url, file = sys.argv[1:]
# It reads them when it is imported.
os.environ["HF_ENDPOINT"] = url.rpartition("/")[0]
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_UPDATE_CHECK"] = "1"
os.environ["HF_HOME"] = f"{file}.home"

from huggingface_hub import hf_hub_download  # noqa: E402

os.replace(hf_hub_download("org/model", "data.bin", local_dir=f"{file}.d"), file)
