"""The beliefs, and how each is judged by the records of a run."""

import dataclasses
import typing

TRUE, FALSE, DEPENDS = "true", "false", "it depends"
# Success was said, and the file is not the object.
SILENT = {"silent-truncation", "corrupt", "wrong-object"}
SIZES = [8192, 65536, 1048576]


class Run:
    """The records of a run, by what they were played with."""

    def __init__(self, records):
        self.records = {
            (
                record["scenario"],
                record["strategy"],
                record["chunk_size"],
                record.get("recipe"),
            ): record
            for record in records
        }
        self.scenarios = list(dict.fromkeys(record["scenario"] for record in records))

    def one(self, scenario, size=65536, recipe=None):
        """In chunks of `size` bytes, or whole where that is None."""
        strategy = "read-all" if size is None else "fixed-chunk"
        return self.records[(scenario, strategy, size, recipe)]

    def ends(self, size=65536, recipe=None):
        """The outcome of each scenario."""
        return {
            scenario: kind(self.one(scenario, size, recipe)) for scenario in self.scenarios
        }

    def bad(self):
        """The scenarios that do not end with the whole file."""
        return [name for name, end in self.ends().items() if end != "complete"]

    def cured(self, recipe):
        """Those of them that do with `recipe`."""
        ends = self.ends(recipe=recipe)
        return [name for name in self.bad() if ends[name] == "complete"]


@dataclasses.dataclass
class Belief:
    """A claim, and what judges it: the verdict, and the figures behind it."""

    claim: str
    judge: typing.Callable[[Run], tuple[str, str]]


def kind(record):
    return record["outcome"]["kind"]


def codes(names):
    return ", ".join(f"`{name}`" for name in names) or "none"


def human(count):
    """Two digits: the third depends on the allocator's rounding."""
    for unit, factor in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]:
        if count >= factor:
            return f"{float(f'{count / factor:.2g}'):g} {unit}"
    return f"{count} B"


def chunks(size):
    return "1 MiB" if size == 1 << 20 else f"{size >> 10} KiB"


def of_all(count, total):
    """A remedy that helps always, never, or sometimes."""
    return TRUE if count == total else FALSE if count == 0 else DEPENDS


def closes(run):
    ends = [run.ends(size) for size in SIZES]
    others = [name for name in run.scenarios if len({end[name] for end in ends}) > 1]
    shown = (
        f"{len(run.scenarios) - len(others)} of {len(run.scenarios)} scenarios end alike with "
        f"8 KiB, 64 KiB and 1 MiB" + (f"; not: {codes(others)}" if others else "")
    )
    return (FALSE if not others else DEPENDS), shown


def exhausts(run):
    heaps = [run.one("healthy", size)["peak_heap_bytes"] for size in SIZES]
    shown = "`healthy`, most memory at once: " + ", ".join(
        f"{human(heap)} with {chunks(size)}" for heap, size in zip(heaps, SIZES)
    )
    return (TRUE if heaps[0] > heaps[-1] else FALSE), shown


def enlarges(run):
    name = "chunk-size-and-buffer"
    ends = [run.one(name, size) for size in SIZES]
    held = [end["received_bytes"] - end["delivered_bytes"] for end in ends]
    shown = f"`{name}`, bytes that the reader still held at the cut: " + ", ".join(
        f"{human(count)} with {chunks(size)}" for count, size in zip(held, SIZES)
    )
    queues = [run.one("healthy", size)["max_receive_queue_bytes"] for size in SIZES]
    same = max(queues) <= 1.1 * min(queues)
    shown += "; the kernel's buffer is " + ("the same" if same else "another")
    return (TRUE if held[-1] > 1.5 * held[0] else FALSE), shown


def reads(run):
    counts = [run.one("healthy", size)["transport_reads"] for size in SIZES]
    writes = [run.one("healthy", size)["sink_writes"] for size in SIZES]
    shown = (
        f"`healthy`: {counts[0]} reads from the socket with 8 KiB, {counts[-1]} with 1 MiB; "
        f"what falls is the number of chunks, {writes[0]} to {writes[-1]}"
    )
    return (TRUE if counts[-1] < 0.9 * counts[0] else FALSE), shown


def stream(run):
    whole, chunks = run.ends(size=None), run.ends()
    cured = [name for name in run.scenarios if "complete" == chunks[name] != whole[name]]
    bad = [name for name in run.scenarios if whole[name] != "complete"]
    heaps = [run.one("healthy", size)["peak_heap_bytes"] for size in (None, 65536)]
    shown = (
        f"memory: {human(heaps[1])} in place of {human(heaps[0])} (`healthy`). Of {len(bad)} "
        f"scenarios that end badly with `response.read()`, streaming cures: {codes(cured)}"
    )
    return of_all(len(cured), len(bad)), shown


def twice(run):
    record = run.one("healthy", size=None)
    times = record["peak_heap_bytes"] / record["expected_bytes"]
    shown = f"`healthy`: {times:.2f} times the body"
    return (TRUE if 0.9 <= times <= 2.2 else FALSE), shown


def length(run):
    ends = run.ends()
    told = [name for name, end in ends.items() if end == "truncated"]
    silent = [name for name, end in ends.items() if end in SILENT]
    seen = [name for name in silent if kind(run.one(name, recipe="progress")) not in SILENT]
    blind = [name for name in silent if name not in seen]
    shown = (
        f"where it was announced, aiohttp compares it and raises: {codes(told)}; to do so once "
        f"more shows {len(seen)} of the {len(silent)} that are silent. A length that is absent, "
        f"that of the coded body or that of another object shows nothing: {codes(blind)}"
    )
    return of_all(len(told) + len(seen), len(told) + len(silent)), shown


def raises(run):
    short = [
        name
        for name in run.bad()
        if run.one(name)["delivered_bytes"] < run.one(name)["expected_bytes"]
        and kind(run.one(name)) not in ("wrong-object", "stalled")
    ]
    quiet = [name for name in short if kind(run.one(name)) in SILENT]
    shown = (
        f"it does in {len(short) - len(quiet)} of {len(short)}; not where only the close of the "
        f"connection ends the body, or a coded body is whole and what it holds is not: "
        f"{codes(quiet)}"
    )
    return of_all(len(short) - len(quiet), len(short)), shown


def helps(recipe, words):
    def judge(run):
        bad, cured = run.bad(), run.cured(recipe)
        shown = f"{words} cures {len(cured)} of {len(bad)}: {codes(cured)}"
        return of_all(len(cured), len(bad)), shown

    return judge


def safe(run):
    before, after = run.ends(), run.ends(recipe="resume")
    wrong = [
        name for name in run.scenarios if after[name] in SILENT and before[name] not in SILENT
    ]
    shown = (
        f"with `If-Range` and a strong validator, and all that RFC 9110 asks for, "
        f"{len(wrong)} that had failed end with a wrong file and success: {codes(wrong)}; "
        f"only a digest shows these"
    )
    return (FALSE if wrong else TRUE), shown


def coded(run):
    plain, gzip = run.one("fin-content-length"), run.one("gzip-cut")
    shown = (
        f"cut short, a plain body is `{kind(plain)}`; a gzip body that was cut before it was "
        f"stored is `{kind(gzip)}`, since its Content-Length is right"
    )
    return (TRUE if kind(plain) == kind(gzip) else FALSE), shown


BELIEFS = [
    Belief("A small buffer makes connections close", closes),
    Belief("Small buffers exhaust memory", exhausts),
    Belief("A larger chunk size enlarges the buffers below", enlarges),
    Belief("Larger chunks cut the number of reads from the socket", reads),
    Belief("Always stream", stream),
    Belief("`response.read()` needs as much memory as the body, or twice", twice),
    Belief("Watch Content-Length", length),
    Belief("The library raises when the body is short", raises),
    Belief("Retry cures it", helps("retry", "five further attempts from the start:")),
    Belief("Resuming cures it", helps("resume", "`Range` from where it ended:")),
    Belief("Resuming is safe", safe),
    Belief("gzip makes no difference", coded),
    Belief(
        "A longer timeout cures it",
        helps("deadlines", "no limit on the whole, 60 s on silence:"),
    ),
]
