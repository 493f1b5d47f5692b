"""What clients do wrong: entries, each with the cell that shows it and with raw responses
that show it without shortread."""

import dataclasses
import typing

RFC = "https://www.rfc-editor.org/rfc/"


@dataclasses.dataclass
class Finding:
    """`holds` looks at the cell of `client` in `scenario` on `board`; `told` says what
    happened there, with its figures.

    `make` is Python that writes the raw responses, in the order of `files`. `exit` is the
    status with which the client's command ends for them, `saved` the bytes that it leaves
    (`None` for no file), or a function of them. `asked` and `never_asked` stand in its
    requests, or do not. `limit` is in seconds, for clients that wait between attempts.
    """

    name: str
    title: str
    board: str
    client: str
    scenario: str
    holds: typing.Callable[[dict], bool]
    told: typing.Callable[[dict], str]
    says: list[tuple[str, str]]
    make: str
    files: list[str]
    exit: int
    saved: typing.Any
    reported: str | None = None
    asked: str | None = None
    never_asked: str | None = None
    limit: float = 60


def silent(word):
    """The client said success, and its file is `word`."""
    return lambda cell: cell["sign"] == "✗" and cell["word"] == word and cell["said"] == "exit 0"


def short(cell):
    """What a silent failure has in its file."""
    if cell["saved"] == cell["right"] < cell["object"]:
        return f"exit 0 with the first {bytes_of(cell['saved'])} of {bytes_of(cell['object'])}"
    return (
        f"exit 0 with {bytes_of(cell['saved'])}, of which the first {cell['right']:,} are right; "
        f"the object has {bytes_of(cell['object'])}"
    )


def bytes_of(count):
    return f"{count:,} bytes"
