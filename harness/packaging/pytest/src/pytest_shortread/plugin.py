"""Options, fixtures and the report's section."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
from typing import Any, Generator, Iterator, Optional

import pytest

from ._handle import Asked, Shortread
from ._server import Server, ServerError

# The longest key that the server takes has 128 bytes.
_LONGEST_NAME = 80

# Of a journal, so many lines are shown.
_LINES_SHOWN = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("shortread", "downloads that break")
    group.addoption(
        "--shortread-binary",
        metavar="PATH",
        help="the program to start (default: that of the distribution shortread, else in PATH)",
    )
    group.addoption(
        "--shortread-skip",
        action="store_true",
        help="skip tests that need the program where there is none",
    )
    parser.addini("shortread_args", "arguments of `shortread serve`", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "shortread(scenario, /, **parameters): what `shortread.url()` breaks in this test",
    )


def _binary(config: pytest.Config) -> str:
    """The program to start.

    Raises FileNotFoundError with what was looked for.
    """
    given: Optional[str] = config.getoption("shortread_binary")
    if given is not None:
        found = shutil.which(given)
        if found is None:
            raise FileNotFoundError(f"--shortread-binary {given} is not a program")
        return found
    try:
        from shortread import find_binary
    except ImportError:
        found = shutil.which("shortread")
        if found is None:
            raise FileNotFoundError(
                "the program shortread is not in PATH; `pip install shortread` brings it on Linux"
            ) from None
        return found
    path: str = find_binary()
    return path


@pytest.fixture(scope="session")
def shortread_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server of this session, or of this worker of pytest-xdist."""
    try:
        binary = _binary(request.config)
    except FileNotFoundError as missing:
        if request.config.getoption("shortread_skip"):
            pytest.skip(str(missing))
        pytest.fail(f"{missing} (--shortread-skip skips these tests)", pytrace=False)
    try:
        server = Server(binary, request.config.getini("shortread_args"))
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)
    yield server
    server.stop()


@pytest.fixture
def shortread(shortread_server: Server, request: pytest.FixtureRequest) -> Shortread:
    """A server that breaks downloads as their URLs say, with counters and a
    journal of this test alone.
    """
    mark = request.node.get_closest_marker("shortread")
    marked = None
    if mark is not None:
        if len(mark.args) > 1 or bool(mark.args) == bool(mark.kwargs):
            pytest.fail(
                "the mark shortread takes the name of a scenario, or parameters: "
                "@pytest.mark.shortread(size='1MB', fault='fin@400KB')",
                pytrace=False,
            )
        scenario = mark.args[0] if mark.args else None
        marked = Asked(scenario, mark.kwargs)
    handle = Shortread(shortread_server, _key(request.node), marked)
    request.node.stash[_HANDLE] = handle
    return handle


_HANDLE = pytest.StashKey[Shortread]()
_RUNS = pytest.StashKey[int]()


def _key(item: pytest.Item) -> str:
    """A name for the test, another one each time that it is run: counters
    begin anew where it is repeated.
    """
    run = item.stash.get(_RUNS, 0) + 1
    item.stash[_RUNS] = run
    name = "".join(c if c.isprintable() else "?" for c in item.nodeid)
    if len(name.encode()) > _LONGEST_NAME:
        digest = hashlib.sha256(item.nodeid.encode()).hexdigest()[:12]
        name = name.encode()[-_LONGEST_NAME:].decode(errors="ignore") + "~" + digest
    return name if run == 1 else f"{name}#{run}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, None]:
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    handle = item.stash.get(_HANDLE, None)
    if report.when == "call" and report.failed and handle is not None:
        report.sections.append(("shortread: what the server did", _told(handle)))


def _told(handle: Shortread) -> str:
    """The journal as lines, the times counted from its first event."""
    try:
        events = handle.journal_so_far()
    except ServerError as error:
        return str(error)
    if not events:
        return f"nothing was asked for (key {shlex.quote(handle.key)})"
    start = events[0]["at_ns"]
    lines = [_line(event, start) for event in events if event["event"] != "tcp-info"]
    more = len(lines) - _LINES_SHOWN
    return "\n".join(lines[:_LINES_SHOWN] + [f"... and {more} more"] * (more > 0))


_NOT_SHOWN = {"at_ns", "utc", "connection", "key", "event", "sockets", "index"}


def _line(event: Any, start: int) -> str:
    said = {name: value for name, value in event.items() if name not in _NOT_SHOWN}
    fields = " ".join(f"{name}={json.dumps(value)}" for name, value in said.items())
    milliseconds = (event["at_ns"] - start) / 1e6
    return f"{milliseconds:10.1f} ms  #{event['connection']} {event['event']} {fields}".rstrip()
