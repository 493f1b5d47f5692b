"""The clients that ask for several paths of one server, by the kind of the server."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from environments import PATHS, ROOT, STORES  # noqa: E402
from recipes import Client  # noqa: E402

SCRIPTS = HERE.relative_to(ROOT)


class PathsClient(Client):
    """`kind` is that of its server. WHEEL in its command is the file that an index has."""

    def __init__(self, name, kind, script, environment, version):
        words = f"{SCRIPTS}/{script} {{url}} {{out}}"
        if script.endswith(".sh"):
            command = f"sh {words} {environment.python} WHEEL"
        else:
            command = f"{environment.python} {words}"
        get = "run.py makes a virtual environment for it"
        super().__init__(name, command, environment.python, get, version, None, environment)
        self.kind = kind


def client(name, kind, script, environment, *packages):
    def version():
        return " with ".join(environment.version(package) for package in packages or [name])

    return PathsClient(name, kind, script, environment, version)


CLIENTS = [
    client("pip", "index", "pip_get.sh", PATHS),
    client("uv", "index", "uv_get.sh", PATHS),
    client("boto3", "s3", "boto3_get.py", PATHS),
    client("s3fs", "s3", "s3fs_get.py", STORES, "s3fs", "aiobotocore"),
    client("obstore", "s3", "obstore_get.py", STORES),
    client("pyarrow.fs", "s3", "pyarrow_get.py", STORES, "pyarrow"),
    client("duckdb", "s3", "duckdb_get.py", STORES, "duckdb", "duckdb-extension-httpfs"),
    client("huggingface_hub", "hub", "hub_get.py", PATHS),
    client("google-cloud-storage", "gcs", "gcs_get.py", PATHS),
]
