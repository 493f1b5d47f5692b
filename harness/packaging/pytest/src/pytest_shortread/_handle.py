"""What a test gets: URLs that break, and what came of them."""

from __future__ import annotations

import os
import subprocess
import urllib.error
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

from ._server import Server, ServerError, fetch

Event = Dict[str, Any]
"""An event of the journal: `event` says which; docs/SERVER.md has the others."""

_Text = Union[str, int, float]


@dataclass(frozen=True)
class Fault:
    """A fault with settings of its own, such as `settle` or `by`."""

    what: str
    settings: Mapping[str, _Text] = field(default_factory=dict)


def fault(what: str, **settings: _Text) -> Fault:
    """`fault("reset@5KiB", settle="0")`."""
    return Fault(what, settings)


def answer(status: int, **settings: _Text) -> Fault:
    """What some requests get in place of the object:
    `url(size="1MB", answer=answer(503, on="1..2", retry_after="2s"))`."""
    return Fault(str(status), settings)


def version(size: str, **settings: _Text) -> Fault:
    """The object as some requests find it, with other bytes:
    `url(size="1MB", version=version("same", on="2.."))`."""
    return Fault(size, settings)


_Value = Union[_Text, Fault, Sequence[Union[_Text, Fault]]]


@dataclass(frozen=True)
class Asked:
    """What a URL asks for: a scenario by name, or the parameters of one."""

    scenario: Optional[str] = None
    parameters: Mapping[str, _Value] = field(default_factory=dict)

    def path(self, prefix: str = "") -> str:
        """The path and the query, without a key."""
        if self.scenario is not None:
            return f"{prefix}/s/{urllib.parse.quote(self.scenario)}"
        query = urllib.parse.urlencode(list(self._pairs()), safe="@:/")
        return f"{prefix or '/download'}?{query}"

    def _pairs(self) -> list[Tuple[str, str]]:
        pairs = []
        for name, value in self.parameters.items():
            several = isinstance(value, (list, tuple))
            for one in value if several else [value]:  # type: ignore[union-attr]
                if isinstance(one, Fault):
                    pairs.append((name, one.what))
                    pairs.extend((key, _word(said)) for key, said in one.settings.items())
                else:
                    pairs.append((name, _word(one)))
        return pairs


def _word(value: object) -> str:
    """As scenario files spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Verification:
    """Whether a file is the object: true or false, and why."""

    whole: bool
    finding: str

    def __bool__(self) -> bool:
        return self.whole

    def __repr__(self) -> str:
        return self.finding


class Shortread:
    """The server, as one test sees it."""

    def __init__(self, server: Server, key: str, marked: Optional[Asked] = None) -> None:
        self._server = server
        self._marked = marked
        self._last = marked
        self.key = key

    @property
    def base(self) -> str:
        """The URL of the server, without a slash at its end."""
        return self._server.url

    def url(self, scenario: Optional[str] = None, /, **parameters: _Value) -> str:
        """The URL of a download that breaks: of a scenario by its name, or of
        one with these parameters (`size="1MB", fault="fin@400KB"`).

        Without arguments, it is that of the test's mark.
        """
        asked = self._asked(scenario, parameters)
        self._last = asked
        path = asked.path()
        separator = "&" if "?" in path else "?"
        key = urllib.parse.urlencode({"key": self.key})
        return f"{self.base}{path}{separator}{key}"

    def expected(self, scenario: Optional[str] = None, /, **parameters: _Value) -> bytes:
        """The bytes that a client should have, without any fault."""
        asked = self._asked(scenario, parameters)
        try:
            return fetch(self.base + asked.path("/expected"))
        except urllib.error.HTTPError as refusal:
            raise ServerError(refusal.read().decode(errors="replace").strip()) from None

    def verify(
        self,
        path: Union[str, "os.PathLike[str]"],
        scenario: Optional[str] = None,
        /,
        **parameters: _Value,
    ) -> Verification:
        """Whether the file is the object: that of the arguments, else the one
        that `url()` was asked for last.
        """
        given = scenario is not None or bool(parameters)
        asked = self._asked(scenario, parameters) if given else self._last
        if asked is None:
            raise _no_object("verify(path)")
        if asked.scenario is not None:
            what = ["--scenario", asked.scenario]
        elif "size" in asked.parameters:
            what = ["--size", _word(asked.parameters["size"])]
        else:
            raise ServerError("the size of the object is not known: pass size=...")
        command = [self._server.binary, "verify", os.fspath(path), *what]
        command += ["--control", self._server.control, "--key", self.key]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if ended.returncode not in (0, 10):
            raise ServerError(ended.stderr.strip())
        return Verification(ended.returncode == 0, ended.stdout.strip())

    def journal(self, timeout: float = 30.0) -> list[Event]:
        """What the server sent and did for this test, once that is final:
        something was asked for, and nothing of it is under way.

        Raises ServerError where that is not so after `timeout` seconds.
        """
        return self._server.events(self.key, wait=timeout)

    def journal_so_far(self) -> list[Event]:
        """The same, without waiting."""
        return self._server.events(self.key)

    def _asked(self, scenario: Optional[str], parameters: Mapping[str, _Value]) -> Asked:
        if scenario is not None and parameters:
            raise TypeError("a scenario by its name takes no parameters")
        if scenario is not None or parameters:
            return Asked(scenario, parameters)
        if self._marked is None:
            raise _no_object("url()")
        return self._marked


def _no_object(call: str) -> TypeError:
    return TypeError(
        f"{call} needs a scenario or parameters, such as size='1MB', fault='fin@400KB', "
        "or the test a mark with them: @pytest.mark.shortread(...)"
    )
