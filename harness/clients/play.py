"""Plays the boards of the scoreboard, and makes their cells of the records."""

import subprocess
import sys

import careful
import cells
import recipes
from environments import HERE, ROOT

sys.path.append(str(HERE / "paths"))
import kinds  # noqa: E402
import paths_clients  # noqa: E402
import paths_play  # noqa: E402

# What a kept connection matters for, and what it is to be compared with.
KEPT = ["healthy", "surplus-before-next"]

# They differ in the settings of the client or of its sink, which are for strategies; a
# command has its own, and gets a healthy file (docs/CLIENTS.md).
NOT_FOR_COMMANDS = [
    "blocked-loop-asyncio",
    "blocked-loop-timer-first",
    "client-disk-full",
    "memory-exhaustion",
    "parallel-slow-sinks",
    "readany-odd-pieces",
    "readany-slow-sink",
    "shared-link-parts",
    "slow-consumer-cut",
    "slow-consumer-survives",
    # Of connections that others left in a pool.
    "kept-connection-reset",
    "stale-pooled-connection",
    "request-budget",
]
# Bodies of over 8 GB, or over a minute.
LONG = ["fifty-gigabytes", "mtu-black-hole", "one-byte-trickle"]

# Clients without a limit of their own wait here until they are stopped.
WAITING = [
    "azure-idle-4min",
    "keepalive-gives-up",
    "nat-idle-blackhole",
    "nat-idle-keepalive",
    "nat-idle-reset",
    "nothing-after-head",
    "stall-forever",
]


def catalogue():
    """The names of the scenarios that say something of a command."""
    names = sorted(path.stem for path in (ROOT / "scenarios").glob("*/*.toml"))
    return [name for name in names if name not in NOT_FOR_COMMANDS + LONG]


def relative(path):
    """`path` from the root, where it is below it: messages show it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def run(args, clients, scenarios, out, is_twice=False, known=None, options=()):
    """Runs shortread from the root, which the commands are relative to: its exit code."""
    command = [args.shortread.resolve(), "run", "--quiet", "--wide"]
    if "--jobs" not in options:
        options = [*options, "--jobs", str(args.jobs)]
    command += ["--out", out, *options]
    command += ["--known", relative(known.resolve())] if known else []
    command += ["--check"] if args.check else []
    for client in clients:
        command += ["--client", client.named(is_twice)]
    return subprocess.run([*command, *scenarios], cwd=ROOT).returncode


class Failed(Exception):
    """shortread could not do its work; `code` is its exit code."""

    def __init__(self, code):
        super().__init__(f"shortread ended with {code}")
        self.code = code


def board(args, name, clients, out, scenarios=None):
    """One board: `plain`, `kept`, `careful` or `paths`, of the clients in it that are
    here."""
    where = out / name
    names = chosen(name, scenarios)
    if name == "kept":
        clients = [client for client in clients if client.twice]
    if name == "paths":
        where.mkdir(parents=True)
        shortread = args.shortread.resolve()
        code, records = paths_play.play(shortread, clients, names, where, args.jobs)
    else:
        code, records = in_parts(args, name, clients, names, where)
    if code not in (0, 10):
        raise Failed(code)
    made = cells.board(clients, records)
    if name == "kept":
        for client, told in zip(clients, made["clients"]):
            told["command"] = client.twice
    made["rows"] = {each: made["rows"][each] for each in names if each in made["rows"]}
    return made


def chosen(name, scenarios):
    """The names of `scenarios` that a board has; without any, all that it has."""
    if name == "kept":
        return [each for each in KEPT if each in (scenarios or KEPT)]
    every = {"plain": catalogue(), "careful": careful.SCENARIOS, "paths": list(kinds.SCENARIOS)}
    # The catalogue may be asked for more than it shows unasked.
    if name == "plain" and scenarios:
        return [each for each in scenarios if each not in kinds.SCENARIOS or is_scenario(each)]
    return [each for each in scenarios or every[name] if each in every[name]]


def in_parts(args, name, clients, names, where):
    """Plays what computes and what only waits one after the other, the latter with more
    trials at a time: the worst exit code, and the records."""
    known = args.known if name != "careful" else None
    rest = [each for each in names if each not in WAITING]
    slow = [each for each in rest if name == "careful" and not is_scaled(each)]
    parts = [
        ([each for each in rest if each not in slow], 1, []),
        (slow, 2, ["--limit", careful.LIMIT]),
        ([each for each in names if each in WAITING], 3, []),
    ]
    worst, records = 0, []
    for part, factor, options in parts:
        if part:
            options = [*options, "--jobs", str(args.jobs * factor)]
            code = run(args, clients, part, where, name == "kept", known, options)
            if code not in (0, 10):
                return code, []
            worst = max(worst, code)
            records += cells.read(where / "latest")
    return worst, records


def is_scaled(name):
    """Attempts in other scenarios wait for as long as they would in production."""
    return "\n[tcp]\n" in next((ROOT / "scenarios").glob(f"*/{name}.toml")).read_text()


def is_scenario(name):
    return any((ROOT / "scenarios").glob(f"*/{name}.toml"))


# The clients of each board.
BOARDS = {
    "plain": recipes.CLIENTS,
    "kept": recipes.CLIENTS,
    "careful": careful.CAREFUL,
    "paths": paths_clients.CLIENTS,
}
