"""The clients that have a recipe here: how each is run, and how to get it."""

import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENV = HERE / ".venv"
REQUIREMENTS = HERE / "requirements" / "python.txt"
BUILT = ROOT / "target" / "clients"
UNDICI = HERE / "undici"

# Commands are run from the root of the repository: paths are relative to it.
PYTHON = VENV.relative_to(ROOT) / "bin" / "python"
RECIPES = HERE.relative_to(ROOT)
REQWEST = BUILT.relative_to(ROOT) / "reqwest" / "release" / "reqwest-get"
GO = BUILT.relative_to(ROOT) / "go-get"


class Client:
    """A recipe. `needs` is what must be there, `get` a sentence. `twice` downloads
    twice, on one connection if it is kept; None where the client cannot."""

    def __init__(self, name, command, needs, get, version, twice=None):
        self.name, self.command, self.twice = name, command, twice
        self.needs, self.get, self.version = needs, get, version

    def is_there(self):
        return shutil.which(self.needs, path=None) is not None or (ROOT / self.needs).exists()

    def named(self, twice=False):
        return f"{self.name}={self.twice if twice else self.command}"


def again(command):
    """Of a recipe that takes pairs of URL and FILE: the second file is the one looked at."""
    return command.replace("{url}", "{url} /dev/null {url}")


def first_line(*command):
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    return (said.stdout or said.stderr).splitlines()[0]


def program_version(program):
    """`curl 7.88.1`, from what `--version` says first."""
    number = re.search(r"\d+(\.\d+)+", first_line(program, "--version"))
    return f"{program} {number[0] if number else '?'}"


def package_version(package):
    question = f"import importlib.metadata as m; print(m.version('{package}'))"
    return f"{package} {first_line(str(PYTHON), '-c', question)}"


def node_version():
    question = "`Node ${process.versions.node} (undici ${process.versions.undici})`"
    return first_line("node", "-p", question)


def undici_version():
    return f"undici {json.loads((UNDICI / 'package.json').read_text())['dependencies']['undici']}"


def python_client(package):
    command = f"{PYTHON} {RECIPES}/{package}_get.py {{url}} {{out}}"
    return Client(
        package,
        command,
        str(PYTHON),
        "run.py makes a virtual environment for it; that needs python3 with its venv "
        "module, and a package index",
        lambda: package_version(package),
        again(command),
    )


CLIENTS = [
    Client(
        "curl",
        "curl -qfsS -o {out} {url}",
        "curl",
        "apt-get install curl",
        lambda: program_version("curl"),
        "curl -qfsS -o /dev/null {url} -o {out} {url}",
    ),
    Client(
        "wget",
        "wget -nv -O {out} {url}",
        "wget",
        "apt-get install wget",
        lambda: program_version("wget"),
    ),
    # Its file's name is relative to its folder.
    Client(
        "aria2c",
        "aria2c --no-conf -q -d / -o {out} {url}",
        "aria2c",
        "apt-get install aria2",
        lambda: program_version("aria2c"),
    ),
    python_client("requests"),
    python_client("httpx"),
    python_client("aiohttp"),
    python_client("urllib3"),
    Client(
        "urllib",
        f"{PYTHON} {RECIPES}/urllib_get.py {{url}} {{out}}",
        str(PYTHON),
        "it comes with Python; run.py runs it with the others",
        lambda: f"urllib of {first_line(str(PYTHON), '--version')}",
    ),
    Client(
        "node",
        f"node {RECIPES}/fetch.mjs {{url}} {{out}}",
        "node",
        "apt-get install nodejs; 18 or newer",
        node_version,
        again(f"node {RECIPES}/fetch.mjs {{url}} {{out}}"),
    ),
    Client(
        "undici",
        f"node {RECIPES}/undici/get.mjs {{url}} {{out}}",
        str((UNDICI / "node_modules" / "undici").relative_to(ROOT)),
        "run.py --build installs it with npm; that needs nodejs 20.18 or newer",
        undici_version,
        again(f"node {RECIPES}/undici/get.mjs {{url}} {{out}}"),
    ),
    Client(
        "reqwest",
        f"{REQWEST} {{url}} {{out}}",
        str(REQWEST),
        "run.py --build compiles it: 100 crates from crates.io, a minute",
        lambda: "reqwest " + re.search(r'reqwest = .*?"=([^"]+)"', manifest())[1],
        again(f"{REQWEST} {{url}} {{out}}"),
    ),
    Client(
        "go",
        f"{GO} {{url}} {{out}}",
        str(GO),
        "run.py --build compiles it; that needs go 1.19 or newer (apt-get install golang)",
        lambda: "net/http of " + first_line("go", "version").split()[2],
        again(f"{GO} {{url}} {{out}}"),
    ),
]


def manifest():
    return (HERE / "reqwest" / "Cargo.toml").read_text()


def pins(text):
    lines = (line.strip().lower().replace("_", "-") for line in text.splitlines())
    return {line for line in lines if line}


def make_environment():
    """The virtual environment of the Python clients; says why there is none."""
    if importlib.util.find_spec("ensurepip") is None:
        return "this Python has no venv module (apt-get install python3-venv)"
    pip = [ROOT / PYTHON, "-m", "pip", "--disable-pip-version-check"]
    if (ROOT / PYTHON).exists():
        said = subprocess.run([*pip, "freeze"], capture_output=True, text=True)
        if pins(said.stdout) == pins(REQUIREMENTS.read_text()):
            return None
    venv.create(VENV, with_pip=True, clear=True)
    # No resolution: the file is complete.
    install = [*pip, "install", "--quiet", "--no-deps", "-r", REQUIREMENTS]
    said = subprocess.run(install, capture_output=True, text=True)
    if said.returncode == 0:
        return None
    shutil.rmtree(VENV)
    return (said.stderr.strip() or "pip failed").splitlines()[-1]


def build():
    """Compiles the clients that are programs of their own."""
    BUILT.mkdir(parents=True, exist_ok=True)
    cargo = ["cargo", "build", "--release", "--locked", "--quiet"]
    where = ["--manifest-path", HERE / "reqwest" / "Cargo.toml", "--target-dir", BUILT / "reqwest"]
    subprocess.run([*cargo, *where], check=True)
    if shutil.which("npm") is None:
        print("npm is missing: undici is not installed", file=sys.stderr)
    else:
        npm = ["npm", "ci", "--silent", "--ignore-scripts", "--prefix", UNDICI]
        subprocess.run(npm, check=True)
    if shutil.which("go") is None:
        print("go is missing: its client is not built", file=sys.stderr)
        return
    subprocess.run(["go", "build", "-o", ROOT / GO, "get.go"], cwd=HERE / "go", check=True)
