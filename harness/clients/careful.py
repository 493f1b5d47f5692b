"""Clients that are told to try again, or to go on where they were: their recipes, and the
scenarios that matter for them."""

from recipes import (
    RELEASE,
    Client,
    program,
    python_client,
    reqwest_version,
    undici_client,
)
from environments import PYTHON

RETRYING = RELEASE / "reqwest-retry"


def with_package(package):
    """A library, and what is around it."""
    library = package.split("-")[0] if "-" in package else "httpx"
    return lambda: f"{PYTHON.version(library)} with {PYTHON.version(package)}"


CAREFUL = [
    program(
        "curl--retry",
        "curl -qfsS --retry 5 --retry-all-errors -C - -o {out} {url}",
        "curl",
        needs="curl",
    ),
    program("wget-c", "wget -nv -c -t 5 -O {out} {url}", "wget", needs="wget"),
    program("aria2c-c", "aria2c --no-conf -q -c -m 5 -d / -o {out} {url}", "aria2", needs="aria2c"),
    python_client(
        "requests-retry",
        "careful/requests_retry.py",
        lambda: f"{PYTHON.version('requests')} with the Retry of {PYTHON.version('urllib3')}",
        is_for_pairs=False,
    ),
    python_client(
        "httpx-stamina", "careful/httpx_stamina.py", with_package("stamina"), is_for_pairs=False
    ),
    python_client(
        "httpx-tenacity", "careful/httpx_tenacity.py", with_package("tenacity"), is_for_pairs=False
    ),
    python_client(
        "aiohttp-retry",
        "careful/aiohttp_retry_get.py",
        with_package("aiohttp-retry"),
        is_for_pairs=False,
    ),
    python_client("pypdl", "careful/pypdl_get.py", is_for_pairs=False),
    undici_client("undici-retry", "retry.mjs", is_for_pairs=False),
    Client(
        "reqwest-retry",
        f"{RETRYING} {{url}} {{out}}",
        RETRYING,
        "run.py --build compiles it with reqwest",
        lambda: f"{reqwest_version()} with {reqwest_version('reqwest-retry')}",
    ),
]

# Of a scenario whose clock is not scaled: waits of 1, 2, 4, 8 and 16 s, and more.
LIMIT = "60s"

# Each way in which one attempt is not enough.
SCENARIOS = [
    "fin-content-length",
    "fin-chunked",
    "fin-close-delimited",
    "reset-mid-body",
    "cut-without-ranges",
    "cut-at-the-exact-end",
    "cut-each-10mib",
    "cut-every-3mib",
    "cut-then-changed-object",
    "cut-then-same-etag",
    "cut-then-smaller-object",
    "cut-then-expired-link",
    "cut-then-range-ignored",
    "cut-then-partial-as-200",
    "cut-then-wrong-range",
    "cut-then-half-the-rest",
    "cut-then-partial-more",
    "cut-then-unknown-total",
    "busy-twice",
    "too-many-requests",
    "empty-reply",
    "proxy-60s-per-response",
    "slow-head",
    "stall-recovers",
    "stall-forever",
    "nothing-after-head",
]
