"""Which trials are played."""

import pathlib

import play

HERE = pathlib.Path(__file__).resolve().parent
CATALOGUE = HERE.parent.parent / "scenarios"
OWN = HERE / "scenarios"

NEWEST = "3.14.5"
# One of each set of rules that the body's reading went through.
FULL_RELEASES = ("3.8.6", "3.9.5", "3.11.18", "3.13.5", "3.14.5")

READ_ALL = ("read-all", None)
READANY = ("readany", None)
ITER_ANY = ("iter-any", None)
ITER_CHUNKS = ("iter-chunks", None)
FIXED_4K = ("fixed-chunk", 4 << 10)
FIXED_64K = ("fixed-chunk", 64 << 10)
FIXED_1M = ("fixed-chunk", 1 << 20)
FULL_STRATEGIES = (READ_ALL, READANY, FIXED_64K, FIXED_1M, ITER_ANY, ITER_CHUNKS)

# Each mechanism once; the comment says which.
SHORT = {
    "healthy": (READ_ALL, FIXED_64K),  # complete; memory
    "fin-content-length": (READ_ALL, READANY),  # FIN in each framing
    "fin-chunked": (ITER_ANY, ITER_CHUNKS),
    "fin-close-delimited": (READANY,),  # silent success
    "gzip-cut": (READ_ALL, ITER_ANY),  # silent success of a decoder
    "br-chunked": (FIXED_64K,),  # the packages for br and zstd, and how they end
    "zstd-cut": (READANY,),
    "br-garbage": (READ_ALL,),
    "zstd-frames": (READANY,),
    "reset-mid-body": (FIXED_64K,),  # RST
    "total-timeout-2mbps": (READANY,),  # total
    "stall-forever": (FIXED_64K,),  # sock_read
    "blocked-loop-asyncio": (READANY,),  # sock_read and a sink that blocks
    "slow-head": (READANY,),  # a deadline for the head
    "empty-reply": (READ_ALL,),  # the retry before the head
    "nat-idle-blackhole": (ITER_ANY,),  # silence for ever
    "nat-idle-reset": (READANY,),  # RST to a keepalive probe
    "login-page": (READ_ALL,),  # another object
    "bad-chunk-while-waiting": (READANY,),  # the parser fails, nobody is told
    "bad-chunk-with-data": (READANY, ITER_CHUNKS),
    "bad-chunk-late-reader": (READANY,),  # the next read finds it closed
    "sock-read-slow-sink": (FIXED_64K,),  # a timer destroys unread bytes
    "segments-10kb": (READANY, FIXED_4K),  # the kinds of sizes
    "burst-8mib": (READANY, FIXED_1M),
    "burst-slow-consumer": (READANY, ITER_ANY, FIXED_64K),
    "late-reader": (READ_ALL, READANY),  # a pause before the first read
}

# Scenarios whose server keeps a schedule that decides the sizes of items: which
# figures are compared, and how far apart they may be. A figure of sizes is the
# same kind of size on both sides; `share` is for the head, which travels with
# the first bytes, and for a server that was late: two segments become one item.
SCHEDULES = {
    # A segment each 5 ms is one item: 200. Late by a segment in ten at most.
    "segments-10kb": {"compared": ("count", "p50", "p90"), "share": 0.10},
    # 10 ms between calls let the reader fill up to where it pauses, each time.
    "burst-slow-consumer": {"compared": ("count", "p50", "p90"), "share": 0.10},
}
SCHEDULE_STRATEGIES = {
    "segments-10kb": (READ_ALL, READANY, FIXED_4K, FIXED_64K, ITER_ANY),
}

# Failures in which the schedule of the server decides each byte.
EXACT = ("bad-chunk-while-waiting", "bad-chunk-with-data", "bad-chunk-late-reader")

# What the real library cannot be made to play.
UNPLAYABLE = {
    "blocked-loop-timer-first": "it is about an event loop that serves timers before "
    "sockets; asyncio serves sockets first",
}


def catalogue():
    """Name -> what `shortread` takes for it: the catalogue, then our own."""
    found = {path.stem: path.stem for path in sorted(CATALOGUE.glob("*/*.toml"))}
    found.update({path.stem: str(path) for path in sorted(OWN.glob("*.toml"))})
    return found


def trials(shortread, releases, wanted):
    """(trials, skipped) of `wanted`: {scenario: strategies}, for each release."""
    known, found, skipped = catalogue(), [], []
    for scenario, strategies in wanted.items():
        if scenario not in known:
            raise play.ToolError(f"no scenario is called {scenario}")
        if scenario in UNPLAYABLE:
            skipped.append({"what": scenario, "why": UNPLAYABLE[scenario]})
            continue
        settings = play.settings_of(shortread, known[scenario])
        for release in releases:
            for strategy, chunk_size in strategies:
                found.append(
                    {
                        "release": release,
                        "scenario": scenario,
                        "path": known[scenario],
                        "strategy": strategy,
                        "chunk_size": chunk_size,
                        "settings": settings,
                        "schedule": SCHEDULES.get(scenario),
                        "exact": scenario in EXACT,
                    }
                )
    return found, skipped


def full(names=None):
    """The whole catalogue and our own, or those named, with every strategy."""
    return {
        name: SCHEDULE_STRATEGIES.get(name, FULL_STRATEGIES)
        for name in names or catalogue()
    }
