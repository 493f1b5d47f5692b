"""Where clients that ask for several paths find the file, and the scenarios for these.

A scenario is written for each kind of server, as a file: the faults are the same, and so
are their names. `shortread run --client` plays it at every path of its server.
"""

import base64
import hashlib
import pathlib
import random
import zipfile

WHEEL = "demo-1.0-py3-none-any.whl"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Past the size from which boto3 downloads parts at a time, of 8 MiB by default, and
# twice what huggingface_hub holds before it writes.
BYTES = 20 << 20

# What Cloud Storage says of such a file, in its field X-Goog-Hash: of the pattern.
HASHES = "crc32c=AdDeTw==,md5=ZjT9oJAPkTzvz9B6r9JDhg=="

# `path` is the file's, `extra` what else the server has there. A real file cannot be
# scaled and has one version.
KINDS = {
    "index": {
        "path": f"/packages/{WHEEL}",
        "body": f'file = "{WHEEL}"',
        "rate": "100MB/s",
        "extra": f"""
[[answer]]
on = {{ path = "/SCENARIO/simple/*" }}
status = 200
page = "<!DOCTYPE html><title>demo</title><a href='/packages/{WHEEL}'>{WHEEL}</a>"
""",
        "alias": "/SCENARIO/simple/demo/",
    },
    "s3": {"path": "/bucket/data.bin"},
    "hub": {
        "path": "/org/model/resolve/main/data.bin",
        "headers": f'X-Repo-Commit = "{COMMIT}"',
    },
    "gcs": {
        "path": "/download/storage/v1/b/bucket/o/data.bin",
        "headers": f'X-Goog-Hash = "{HASHES}"',
        "extra": f"""
[[answer]]
on = {{ path = "/storage/*" }}
status = 200
page = '{{"bucket": "bucket", "name": "data.bin", "size": "{BYTES}"}}'
page_type = "application/json"
""",
        "alias": "/storage/v1/b/bucket/o/data.bin",
        # A resumption there names the generation of the object, which this server has not.
        "without": ["changed"],
    },
}

# On a clock ten times as fast: the longest of their attempts take two minutes.
SCALED = """
[tcp]
time = 0.1
"""

CUT = (
    '[[fault]]\non = { path = "PATH", attempt = "first" }\nwhen = { body = "5MB" }\nthen = "fin"\n'
)
CUT_ALWAYS = '[[fault]]\non = { path = "PATH" }\nwhen = { object = "5MB" }\nthen = "fin"\n'
FORBIDDEN = 'success = "forbidden"'

# What is said of each, what goes wrong, and the rule for any client. `versions` needs an
# object that can change, `response` stands in [response].
SCENARIOS = {
    "healthy": {"title": "the file comes whole", "rule": 'success = "required"'},
    "cut-first": {"title": "the first attempt is cut at 5 MB", "faults": CUT},
    "cut-at-5mb": {
        "title": "every response that has the byte at 5 MB ends there",
        "faults": CUT_ALWAYS,
    },
    "cut-each-9mb": {
        "title": "every response ends after 9 MB",
        "faults": '[[fault]]\non = { path = "PATH" }\nwhen = { body = "9MB" }\nthen = "fin"\n',
    },
    "reset-first": {
        "title": "the first attempt is reset at 5 MB",
        "faults": CUT.replace('"fin"', '"reset"'),
    },
    "weak-etag": {
        "title": "as cut-at-5mb, and the entity tag is a weak one",
        "faults": CUT_ALWAYS,
        "headers": "ETag = 'W/\"1\"'",
        "response": 'validators = "etag"',
    },
    "range-ignored": {
        "title": "the first attempt is cut at 5 MB, and a range gets 200 with all of the file",
        "faults": CUT,
        "response": 'range = "ignore"',
    },
    "range-ignored-without-checksum": {
        "title": "as range-ignored, and no response has a checksum",
        "faults": CUT,
        "response": 'range = "ignore"',
        "bare": True,
    },
    "wrong-start": {
        "title": "the first attempt is cut at 5 MB, and a range gets bytes from elsewhere",
        "faults": CUT,
        "response": 'range = "wrong-start"',
        # Its head says what was asked for: nothing but a checksum tells.
        "rule": 'success = "undetectable"',
    },
    "changed": {
        "title": "the first attempt is cut at 5 MB, and the rest is of another version",
        "faults": CUT + '\n[[version]]\non = { path = "PATH", attempt = "resumption" }\n',
        "versions": True,
    },
    "busy-twice": {
        "title": "the file's first two requests get 503",
        "faults": '[[answer]]\non = { path = "PATH", method = "GET", request = "..REQUESTS" }\n'
        'status = 503\nretry_after = "1s"\npage = "busy\\n"\npage_type = "text/plain"\n',
    },
}


def template():
    """docs/PATTERN.md."""
    state, made = 1, bytearray()
    for _ in range(1048573):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        made.append(state >> 56)
    return bytes(made)


def pattern(size):
    whole = template()
    return (whole * (size // len(whole) + 1))[:size]


def make_wheel(folder):
    """A wheel with a file that does not compress."""
    data = random.Random(1).randbytes(BYTES)
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


def scenario(kind, name):
    """The text of a scenario for a kind of server; None where it cannot be played there."""
    server, wrong = KINDS[kind], SCENARIOS[name]
    is_file = "body" in server
    if (is_file and wrong.get("versions")) or name in server.get("without", []):
        return None
    aliases = [server["path"]] + ([server["alias"]] if "alias" in server else [])
    if wrong.get("bare") and kind != "gcs":
        return None
    headers = [wrong.get("headers")] + ([] if wrong.get("bare") else [server.get("headers")])
    headers = [each for each in headers if each]
    faults, rule = wrong.get("faults", ""), wrong.get("rule", FORBIDDEN)
    if "X-Goog-Hash" in "".join(headers) and "undetectable" in rule:
        rule = FORBIDDEN
    parts = [
        f'title = "{wrong["title"]}"\ncause = "a recipe"',
        f"alias = {aliases}".replace("'", '"'),
        "[body]\n" + server.get("body", f'size = "{BYTES}B"'),
        f'[link]\nrate = "{server.get("rate", "20MB/s")}"',
        "\n".join(
            ["[response]", wrong.get("response", "")]
            + ([f"headers = {{ {', '.join(headers)} }}"] if headers else [])
        ),
        faults,
        "" if is_file else SCALED,
        server.get("extra", ""),
        f"[expect.any]\n{rule}",
    ]
    # An index or the metadata is asked for before the file.
    before = 1
    text = "\n\n".join(part for part in parts if part) + "\n"
    filled = {"REQUESTS": str(2 + before), "SCENARIO": name, "PATH": server["path"]}
    for word, value in filled.items():
        text = text.replace(word, value)
    return text


def write(folder, kind, names):
    """The files of a kind in a folder of its own."""
    where = pathlib.Path(folder) / kind
    where.mkdir()
    if "body" in KINDS[kind]:
        make_wheel(where)
    texts = {name: scenario(kind, name) for name in names}
    paths = []
    for name, text in texts.items():
        if text is not None:
            paths.append(where / f"{name}.toml")
            paths[-1].write_text(text)
    return paths
