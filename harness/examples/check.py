#!/usr/bin/env python3
"""Runs the examples of README.md and docs/TESTING.md as they stand there.

    check.py [--shortread PATH]

The pytest fixture and its test are written into a file and run by pytest, with
the folder of `shortread` in PATH; the GitHub Actions job is read as YAML, and
what it runs must be there. Makes a virtual environment in `.venv/` from
`requirements.txt`. Exits with 0 when all hold.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "harness" / "conformance"))

import make_environments  # noqa: E402

FIXTURE_LINES = 15


def block(document, name):
    """The code behind `<!-- NAME -->` in a document."""
    text = (ROOT / document).read_text()
    found = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```\n", text, re.DOTALL)
    if not found:
        sys.exit(f"error: {document} has no block <!-- {name} -->")
    return found.group(1)


def pytest_example(python, shortread):
    fixture, test = block("README.md", "pytest fixture"), block("docs/TESTING.md", "pytest test")
    lines = [line for line in fixture.splitlines() if line]
    if len(lines) > FIXTURE_LINES:
        sys.exit(f"error: the fixture has {len(lines)} lines, and {FIXTURE_LINES} at most")
    environment = dict(os.environ, PATH=f"{shortread.parent}:{os.environ['PATH']}")
    environment.pop("PYTEST_ADDOPTS", None)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "conftest.py").write_text(fixture)
        (pathlib.Path(folder) / "test_download.py").write_text(test)
        command = [python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        said = subprocess.run(command, env=environment, text=True, capture_output=True)
    print(said.stdout, end="")
    if said.returncode != 0 or not re.search(r"\b[1-9]\d* passed", said.stdout):
        sys.exit(f"error: the pytest example fails\n{said.stderr}")


def plugin_example(python, shortread):
    """Its own tests run it: harness/packaging/try."""
    page = (ROOT / "harness/packaging/pytest/README.md").read_text()
    if block("docs/TESTING.md", "pytest plugin test") not in page:
        sys.exit("error: the example for pytest-shortread is not the one of its page")


def workflow(python, name):
    """A workflow of docs/TESTING.md as data: it may read the repository and
    nothing else, and its actions are named by a hash.
    """
    text = block("docs/TESTING.md", name)
    to_json = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"
    said = subprocess.run([python, "-c", to_json], input=text, text=True, capture_output=True)
    if said.returncode != 0:
        sys.exit(f"error: the {name} is no YAML\n{said.stderr}")
    data = json.loads(said.stdout)
    if data.get("permissions") != {"contents": "read"}:
        sys.exit(f"error: the {name} may do more than read the repository")
    for action in re.findall(r"uses: (.*)", text):
        if not re.match(r"\S+@[0-9a-f]{40} # v\S+$", action):
            sys.exit(f"error: {name}: {action} is not pinned by its hash")
    return data


def runs_of(data):
    """What the steps of a workflow run."""
    return [step["run"] for job in data["jobs"].values() for step in job["steps"] if "run" in step]


def known(shortread, words):
    """`--help` behind the rest: the options have to be known, nothing runs."""
    said = subprocess.run([shortread, *words, "--help"], text=True, capture_output=True)
    if said.returncode != 0:
        sys.exit(f"error: {' '.join(words)}\n{said.stderr}")


def workflow_example(python, shortread):
    """The commands of the job that are ours have to be understood."""
    runs = runs_of(workflow(python, "workflow"))
    ours = [line for run in runs for line in run.splitlines() if line.startswith("shortread ")]
    builds = [line for run in runs for line in run.splitlines() if line.startswith("cargo ")]
    if not ours or not builds:
        sys.exit("error: the workflow runs nothing of this project")
    for line in ours:
        words = re.findall(r"'[^']*'|\S+", line)
        known(shortread, [word.strip("'") for word in words][1:])
    print(f"workflow: {len(runs)} steps run something, {len(ours)} of them shortread")


def service_example(python, shortread):
    """The container's arguments have to be understood."""
    runs = runs_of(workflow(python, "service workflow"))
    (line,) = [line for run in runs for line in run.splitlines() if "docker run" in line]
    known(shortread, line.split(" IMAGE ")[1].split())
    print("workflow with a service: its arguments are known")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--shortread", type=pathlib.Path, default=ROOT / "target" / "release" / "shortread"
    )
    args = parser.parse_args()
    if not args.shortread.exists():
        sys.exit(f"error: {args.shortread} is missing; `cargo build --release` makes it")
    python = make_environments.make_at(HERE / ".venv", HERE / "requirements.txt")
    pytest_example(python, args.shortread)
    plugin_example(python, args.shortread)
    workflow_example(python, args.shortread)
    service_example(python, args.shortread)


if __name__ == "__main__":
    main()
