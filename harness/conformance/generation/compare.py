"""What may differ between a release and ours, and why; all else is a fault."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional

Case = Dict[str, Any]
Result = Dict[str, Any]


class Reason(NamedTuple):
    """Why a difference remains. `holds` sees the release, the parser, the case, the
    real result and ours."""

    text: str
    holds: Callable[[str, str, Case, Result, Result], bool]


def number(release: str) -> tuple:
    return tuple(int(part) for part in release.split("."))


def wire_of(case: Case) -> bytes:
    return bytes.fromhex("".join(case["pieces"]))


def ends_without_body(release: str, parser: str, case: Case, real: Result, ours: Result) -> bool:
    same = {**real, "end": "eof", "items": []} == {**ours, "items": []}
    return number(release) < (3, 9) and real["end"] == "endless" and same


def has_other_digits(release: str, parser: str, case: Case, real: Result, ours: Result) -> bool:
    wire = wire_of(case).decode("utf-8", "replace")
    other = any(character.isdecimal() and not character.isascii() for character in wire)
    return parser == "python" and number(release) < (3, 9, 2) and other


def counts_beyond(release: str, parser: str, case: Case, real: Result, ours: Result) -> bool:
    if parser != "python" or not all(isinstance(end, list) for end in (real["end"], ours["end"])):
        return False
    least = re.compile(r"of (\d{20,}) bytes")
    text = json.dumps(real["end"])
    without = [json.loads(least.sub("of many bytes", json.dumps(end))) for end in (real["end"], ours["end"])]
    return bool(least.search(text)) and without[0] == without[1] and {**real, "end": 0} == {**ours, "end": 0}


def pauses_in_interim(release: str, parser: str, case: Case, real: Result, ours: Result) -> bool:
    interim = re.match(rb"\s*HTTP/1.\d 1\d\d ", wire_of(case))
    return bool(interim) and case["limit"] is not None


def notices_damage_later(release: str, parser: str, case: Case, real: Result, ours: Result) -> bool:
    coded = re.search(rb"(?i)content-encoding[^\n]*(gzip|deflate)", wire_of(case))
    theirs, mine = json.dumps(real["end"]), json.dumps(ours["end"])
    noticed = "Can not decode" in theirs or "on_body" in theirs
    before = "not completed" in theirs and ("on_body" in mine or number(release) < (3, 9, 4))
    return bool(coded) and real["head"] == ours["head"] and (noticed or before)


def waits_where_closed(release: str, parser: str, case: Case, real: Result, ours: Result) -> bool:
    """Seen once in 11,788 responses: a deflate body in chunks, a byte at a time."""
    coded = re.search(rb"(?i)content-encoding[^\n]*(gzip|deflate)", wire_of(case))
    tiny = case["limit"] is not None and case["late"]
    closed = "Connection closed." in json.dumps(real["end"]) and ours["end"] == "pending"
    same = real["head"] == ours["head"] and real["length"] == ours["length"]
    return parser == "python" and number(release) >= (3, 14) and bool(coded) and tiny and closed and same


REASONS: List[Reason] = [
    Reason(
        "damaged deflate data: zlib notices it bytes before miniz_oxide does, which also "
        "takes a distance that reaches behind the beginning",
        notices_damage_later,
    ),
    Reason(
        "an interim response with a body that fills the buffer: the library stops reading, "
        "for nobody empties it. Ours skips what belongs to interim responses",
        pauses_in_interim,
    ),
    Reason(
        "3.8 ends the chunks of a body that is empty never: iter_chunks() goes on without "
        "an end. Ours ends, since a program that never waits cannot be simulated",
        ends_without_body,
    ),
    Reason(
        "before 3.9.2 the parser in Python takes digits of other scripts in statuses and "
        "lengths. Ours takes those of ASCII",
        has_other_digits,
    ),
    Reason(
        "a coded body that fills a tiny buffer again and again and is read late: the parser in "
        "Python from 3.14 on says that the connection is closed where ours waits. Not "
        "understood yet",
        waits_where_closed,
    ),
    Reason(
        "the parser in Python counts beyond 64 bits, and says so in the text of a body that "
        "is cut. Ours stops counting there, and such a body never ends in either",
        counts_beyond,
    ),
]


def differs(real: Result, ours: Result) -> List[str]:
    """The fields that differ, in the order in which they matter."""
    return [name for name in ("head", "end", "length", "crc", "items") if real[name] != ours[name]]


def reason_for(release: str, parser: str, case: Case, real: Result, ours: Result) -> Optional[str]:
    for reason in REASONS:
        if reason.holds(release, parser, case, real, ours):
            return reason.text
    return None


def told(result: Result) -> str:
    """A result in a line."""

    def end(value: Any) -> str:
        if isinstance(value, list):
            return " <- ".join(f"{name}: {text}" for name, text in value)
        return str(value)

    return f"head {end(result['head'])} | {result['length']} bytes | {end(result['end'])}"
