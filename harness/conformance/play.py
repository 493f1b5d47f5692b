"""Plays trials: the real library against a server of its own, and ours."""

import json
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading

import outcome

HERE = pathlib.Path(__file__).resolve().parent
# What a trial may take beyond its own patience: starting Python on a machine
# that is busy, and a blocked event loop that cannot look at the time.
PATIENCE = 90


class ToolError(Exception):
    """Something around the trial failed, not the download."""


def settings_of(shortread, scenario):
    """What a client needs to play the scenario, with the numbers of the TCP world."""
    command = [shortread, "explain", scenario, "--scaled", "--json"]
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode != 0:
        raise ToolError(f"{' '.join(map(str, command))}: {said.stderr.strip()}")
    return json.loads(said.stdout)


class Server:
    """`shortread serve` with one scenario, for one trial.

    A server of its own per trial: its counts of requests and connections, which
    faults refer to, start at one.
    """

    def __init__(self, shortread, scenario, name):
        self.journal = tempfile.TemporaryFile("w+")
        command = [shortread, "serve", scenario, "--scaled", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.journal, text=True
        )
        line = self.process.stdout.readline()
        try:
            ready = json.loads(line)["url"]
        except (ValueError, KeyError, TypeError):
            self.end()
            raise ToolError(f"shortread serve {scenario} said no ready line, but {line!r}") from None
        self.url = f"{ready}/s/{name}"

    def end(self):
        """Ends the server; its journal."""
        self.process.terminate()
        try:
            # The client is gone, so nothing is worth waiting for, but for a
            # connection in a black hole, which is only reaped after a while.
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.journal.seek(0)
        lines = [line for line in self.journal.read().splitlines() if line.startswith("{")]
        self.journal.close()
        return outcome.Journal([json.loads(line) for line in lines])


def play_real(shortread, python, pattern, trial):
    """One trial of the real library, in the form that is compared."""
    server = Server(shortread, trial["path"], trial["scenario"])
    order = {
        "url": server.url,
        "settings": trial["settings"],
        "strategy": trial["strategy"],
        "chunk_size": trial["chunk_size"],
        "pattern": str(pattern),
    }
    patience = trial["settings"]["client"]["give_up_ns"] / 1e9 + PATIENCE
    try:
        said = subprocess.run(
            # Nothing of the caller's environment, and no bytecode files.
            [python, "-B", "-s", HERE / "client.py"],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=patience,
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"the real client did not end within {patience:.0f} s") from None
    finally:
        journal = server.end()
    if said.returncode != 0 or not said.stdout:
        last = (said.stderr.strip().splitlines() or ["without a word"])[-1]
        raise ToolError(f"the real client failed: {last}")
    result = json.loads(said.stdout)
    if result["aiohttp"] != trial["release"]:
        raise ToolError(f"{python} has aiohttp {result['aiohttp']}")
    side = outcome.side_of_real(result, journal, trial["settings"])
    side["python"], side["c_parser"] = result["python"], result["c_parser"]
    return side


def play_ours(shortread, release, trials, jobs, folder):
    """Trials of ours, by (scenario, strategy, chunk size); one run for each set
    of scenarios that have the same strategies."""
    by_strategies = {}
    scenarios = {}
    for trial in trials:
        choice = (trial["strategy"], trial["chunk_size"])
        scenarios.setdefault((trial["scenario"], trial["path"]), []).append(choice)
    for (_, path), choices in scenarios.items():
        by_strategies.setdefault(tuple(sorted(choices, key=str)), []).append(path)
    found = {}
    for choices, paths in by_strategies.items():
        for record in run_ours(shortread, release, paths, choices, jobs, folder):
            if record["profile"] == f"aiohttp-{release}":
                key = (record["scenario"], record["strategy"], record["chunk_size"])
                found[key] = record
    return found


def run_ours(shortread, release, paths, choices, jobs, folder):
    command = [shortread, "run", *paths, "--world", "tcp", "--quiet", "--jobs", str(jobs)]
    command += ["--profile", f"aiohttp-{release}"]
    for strategy in sorted({strategy for strategy, _ in choices}):
        command += ["--strategy", strategy]
    for size in sorted({size for _, size in choices if size is not None}):
        command += ["--chunk-size", str(size)]
    with tempfile.TemporaryDirectory(dir=folder) as out:
        said = subprocess.run([*command, "--out", out], capture_output=True, text=True)
        if said.returncode != 0:
            raise ToolError(f"shortread run failed: {said.stderr.strip()}")
        lines = (pathlib.Path(out) / "latest" / "trials.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def side_by_side(trials, jobs, play, tell):
    """Plays trials, `jobs` at a time; those that measure alone, at the end.

    The answers in the order of `trials`: what `play` returned, or its ToolError.
    """
    answers = [None] * len(trials)

    def one(index):
        try:
            answers[index] = play(trials[index])
        except ToolError as error:
            answers[index] = error
        tell()

    waiting = queue.SimpleQueue()
    alone = [i for i, trial in enumerate(trials) if trial["settings"]["measure"]]
    for index in sorted(set(range(len(trials))) - set(alone)):
        waiting.put(index)

    def work():
        while True:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                return
            one(index)

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in alone:
        one(index)
    return answers


def progress(total, what):
    """A counter on standard error, where that is a terminal."""
    lock, done = threading.Lock(), 0

    def tell():
        nonlocal done
        with lock:
            done += 1
            if sys.stderr.isatty():
                end = "\n" if done == total else "\r"
                print(f"{what}: {done} of {total}", end=end, file=sys.stderr, flush=True)

    return tell
