#!/usr/bin/env python3
"""Makes one virtual environment per aiohttp release, from the pins beside it.

    make_environments.py                     all pinned releases
    make_environments.py 3.14.5 3.8.6        these
    make_environments.py --folder /tmp/x 3.9.5

Needs the venv module, and the package index that pip is configured for. An
environment that is there already and complete is left alone.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements"
FOLDER = HERE / ".venvs"

# The newest CPython that a release runs on, where that is not the newest of
# all: the C sources in its package do not compile on later ones.
NEWEST_PYTHON = {(3, 7): (3, 10), (3, 8): (3, 11)}
# The oldest CPython that the pins of all releases install on.
OLDEST_PYTHON = (3, 10)


class Refusal(Exception):
    """A sentence for the user."""


def releases():
    """All pinned releases, oldest first."""
    names = [path.stem.removeprefix("aiohttp-") for path in REQUIREMENTS.glob("*.txt")]
    return sorted(names, key=number)


def number(release):
    return tuple(int(part) for part in release.split(".")[:3])


def python_of(release, folder=FOLDER):
    """The interpreter of a release's environment, whether or not it is there."""
    return pathlib.Path(folder) / f"aiohttp-{release}" / "bin" / "python"


def version_of(python):
    """(major, minor) of an interpreter; None if it does not run."""
    question = "import sys; print(*sys.version_info[:2])"
    try:
        said = subprocess.run(
            [python, "-c", question], capture_output=True, text=True, timeout=30
        )
        major, minor = said.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def fitting_python(release):
    """An interpreter of this machine that the release installs on."""
    newest = NEWEST_PYTHON.get(number(release)[:2])
    names = [f"python3.{minor}" for minor in range(14, OLDEST_PYTHON[1] - 1, -1)]
    candidates = [sys.executable, *filter(None, map(shutil.which, names))]
    for python in candidates:
        version = version_of(python)
        if version and version >= OLDEST_PYTHON and (not newest or version <= newest):
            return python
    if newest:
        wanted = f"needs CPython <= {newest[0]}.{newest[1]}"
        series = ".".join(release.split(".")[:2])
        raise Refusal(
            f"aiohttp {series} {wanted}, and this machine has none between "
            f"{OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} and that; install python"
            f"{newest[0]}.{newest[1]} with its venv module"
        )
    raise Refusal(f"aiohttp {release} needs CPython >= {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]}")


def is_complete(python, requirements):
    """Whether the environment has exactly what is pinned."""
    if not python.exists():
        return False
    command = [python, "-m", "pip", "freeze", "--disable-pip-version-check"]
    said = subprocess.run(command, capture_output=True, text=True)
    return said.returncode == 0 and pins(said.stdout) == pins(requirements.read_text())


def pins(text):
    lines = (line.split("#")[0].strip().lower().replace("_", "-") for line in text.splitlines())
    return {line for line in lines if line}


def make(release, folder):
    """Makes the environment of a release; says what it did."""
    requirements = REQUIREMENTS / f"aiohttp-{release}.txt"
    if not requirements.exists():
        raise Refusal(f"aiohttp {release} is not pinned; there are {', '.join(releases())}")
    python = python_of(release, folder)
    if is_complete(python, requirements):
        return f"aiohttp {release}: {python.parent.parent} is complete"
    base = fitting_python(release)
    place = python.parent.parent
    make_at(place, requirements, base)
    return f"aiohttp {release}: made {place} with {base}"


def make_at(place, requirements, base=sys.executable):
    """Makes the environment `place` with exactly what `requirements` pins, unless
    it is there; its interpreter."""
    python = pathlib.Path(place) / "bin" / "python"
    if is_complete(python, requirements):
        return python
    subprocess.run([base, "-m", "venv", "--clear", place], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # No resolution: the files are complete.
    subprocess.run([*install, "--no-deps", "-r", requirements], check=True)
    if not is_complete(python, requirements):
        raise Refusal(f"{place} does not have what {requirements.name} pins")
    return python


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("releases", nargs="*", metavar="RELEASE", help="default: all pinned")
    parser.add_argument("--folder", type=pathlib.Path, default=FOLDER)
    args = parser.parse_args()
    try:
        for release in args.releases or releases():
            print(make(release, args.folder), flush=True)
    except Refusal as refusal:
        sys.exit(f"error: {refusal}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {' '.join(map(str, error.cmd))} failed; its message is above")


if __name__ == "__main__":
    main()
