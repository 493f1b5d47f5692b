#!/usr/bin/env python3
"""Runs clients that ask for several paths of one server: package installers, and the
libraries of object stores. Each downloads a healthy file, and one that is cut at 5 MB:
who asks for all of it again is cut again, and who resumes gets the rest. It is judged by
what it says and what it saved.

    paths/run.py                    all of them
    paths/run.py --only pip,uv
    paths/run.py --list             the commands

Exits with 10 if a healthy download fails, or if a client says of a part of the file that
it is the whole.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import venv
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = HERE / "requirements.txt"

WHEEL = "demo-1.0-py3-none-any.whl"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Past the size from which boto3 downloads parts at a time, of 8 MiB by default.
BYTES = 20 << 20
# Longer than any client here needs, with its attempts.
LIMIT_S = 300

# Where the file is, for whom, and what else the server has there.
SCENARIOS = {
    "index": f"""
alias = ["/simple/demo/", "/packages/{WHEEL}"]
body.file = "{WHEEL}"

[[answer]]
on = {{ path = "/simple/*" }}
status = 200
page = "<!DOCTYPE html><title>demo</title><a href='/packages/{WHEEL}'>{WHEEL}</a>"
""",
    "s3": """
alias = "/bucket/data.bin"
body.file = "data.bin"
""",
    "hub": f"""
alias = ["/org/model/resolve/main/data.bin", "/org/model/resolve/{COMMIT}/data.bin"]
body.file = "data.bin"
response.headers = {{ X-Repo-Commit = "{COMMIT}" }}
""",
    "gcs": """
alias = "/download/storage/v1/b/bucket/o/data.bin"
body.file = "data.bin"
response.headers = { X-Goog-Hash = "md5=MD5" }
""",
}

CUT = """
[[fault]]
on = { path = "PATH" }
when = { object = "5MB" }
then = "fin"
"""


class Client:
    """`command` downloads from {url} into {out}; `saved` is what it leaves there, and
    `original` the file that this should be."""

    def __init__(self, name, scenario, command, saved, original):
        self.name, self.scenario, self.command = name, scenario, command
        self.saved, self.original = saved, original


def recipe(name):
    return [str(PYTHON), str(HERE / name), "{url}"]


CLIENTS = [
    Client(
        "pip",
        "index",
        [str(PYTHON), "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
        + ["--disable-pip-version-check", "--index-url", "{url}/simple/", "--dest", "{out}"]
        + ["demo"],
        WHEEL,
        WHEEL,
    ),
    Client(
        "uv",
        "index",
        [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--no-deps", "--no-cache"]
        + ["--python", str(PYTHON), "--index-url", "{url}/simple/", "--target", "{out}", "demo"],
        "demo/data.bin",
        "data.bin",
    ),
    Client("boto3", "s3", recipe("boto3_get.py") + ["{out}/data.bin"], "data.bin", "data.bin"),
    Client("huggingface_hub", "hub", recipe("hub_get.py") + ["{out}"], "data.bin", "data.bin"),
    Client(
        "google-cloud-storage",
        "gcs",
        recipe("gcs_get.py") + ["{out}/data.bin"],
        "data.bin",
        "data.bin",
    ),
]


def make_environment():
    if PYTHON.exists():
        return
    venv.create(VENV, with_pip=True)
    install = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # No resolution: the file is complete.
    subprocess.run([*install, "--no-deps", "-r", REQUIREMENTS], check=True)


def make_files(folder):
    """A file that does not compress, and a wheel that has it."""
    data = random.Random(1).randbytes(BYTES)
    (folder / "data.bin").write_bytes(data)
    info = "demo-1.0.dist-info"
    texts = {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: shortread\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    files = {"demo/__init__.py": b"", "demo/data.bin": data}
    files |= {name: text.encode() for name, text in texts.items()}

    def row(name, content):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        return f"{name},sha256={digest.decode()},{len(content)}\n"

    rows = "".join(row(name, content) for name, content in files.items())
    files[f"{info}/RECORD"] = f"{rows}{info}/RECORD,,\n".encode()
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)


def write_scenarios(folder, is_cut):
    """The scenario files, of which the first key of all is the title."""
    md5 = base64.b64encode(hashlib.md5((folder / "data.bin").read_bytes()).digest()).decode()
    paths = []
    for name, text in SCENARIOS.items():
        fault = ""
        if is_cut:
            fault = CUT.replace("PATH", "/packages/*" if name == "index" else "/*")
        path = folder / f"{name}.toml"
        head = f'title = "{name}"\ncause = "a recipe"\n'
        path.write_text(head + text.replace("MD5", md5) + fault)
        paths.append(path)
    return paths


def serve(shortread, files):
    """The server's process, and its address. It ends with its standard input."""
    command = [shortread, "serve", "--listen", "127.0.0.1:0", "--exit-with-stdin", *files]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    line = server.stdout.readline()
    if not line:
        sys.exit(f"the server does not start: {' '.join(map(str, command))}")
    return server, json.loads(line)["url"]


def environment(home):
    """Without what a user's own settings would change."""
    kept = {"PATH", "LANG"}
    env = {name: value for name, value in os.environ.items() if name in kept}
    return env | {"HOME": home, "NO_PROXY": "*", "AWS_EC2_METADATA_DISABLED": "true"}


def judge(shortread, client, folder, url):
    """What the client said, and what it saved."""
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as home:
        command = [word.replace("{url}", url).replace("{out}", out) for word in client.command]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, env=environment(home), timeout=LIMIT_S
            )
        except subprocess.TimeoutExpired:
            return "waits", "?", ""
        said = "success" if done.returncode == 0 else "failure"
        saved = pathlib.Path(out) / client.saved
        if not saved.is_file():
            return said, "nothing", done.stderr
        against = ["--against", folder / client.original]
        verified = subprocess.run([shortread, "verify", saved, *against], capture_output=True)
        if verified.returncode not in (0, 10):
            sys.exit(verified.stderr.decode())
        return said, "whole" if verified.returncode == 0 else "a part", done.stderr


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [client.name for client in CLIENTS]
    parser.add_argument("--only", metavar="NAMES", default=",".join(names))
    parser.add_argument("--list", action="store_true", help="print the commands and stop")
    default = ROOT / "target" / "release" / "shortread"
    parser.add_argument("--shortread", type=pathlib.Path, default=default)
    args = parser.parse_args()
    only = args.only.split(",")
    if unknown := set(only) - set(names):
        parser.error(f"no recipe for {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    wanted = [client for client in CLIENTS if client.name in only]
    if args.list:
        for client in wanted:
            print(f"{client.name}: {' '.join(client.command)}")
        return 0
    if not args.shortread.exists():
        print(f"error: {args.shortread} is missing; cargo builds it", file=sys.stderr)
        return 2
    make_environment()
    is_wrong = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        make_files(folder)
        for is_cut in (False, True):
            server, url = serve(args.shortread, write_scenarios(folder, is_cut))
            for client in wanted:
                said, saved, errors = judge(args.shortread, client, folder, url)
                right = (said, saved) == ("success", "whole")
                # Who does not resume cannot have it all, and must not say that it has.
                right = right or (is_cut and said == "failure")
                is_wrong |= not right
                what = "cut" if is_cut else "healthy"
                mark = "" if right else "  WRONG"
                print(f"{client.name:21} {what:8} says {said:8} saved {saved}{mark}", flush=True)
                if not right and errors:
                    print(errors, file=sys.stderr)
            server.stdin.close()
            server.wait()
    return 10 if is_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
