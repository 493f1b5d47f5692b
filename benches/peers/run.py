#!/usr/bin/env python3
"""Measures this server and nginx in turn on one machine, and writes docs/PERFORMANCE.md's
table: many slow connections, latency, small responses, start-up.

    cargo build --release
    python3 benches/peers/run.py [--rounds N] [--write]

Rounds are interleaved; a figure is the median of all, and behind it stand the least and
the most. nginx and wrk are from the distribution (`apt-get install nginx-light wrk`); what
is missing is left out with a sentence."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import load

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "PERFORMANCE.md"
MARKS = ("<!-- peers -->\n", "<!-- end of peers -->\n")
SLOW = 10_000

NGINX = """daemon off; worker_processes 1; worker_rlimit_nofile {files};
error_log {folder}/error.log; pid {folder}/pid;
events {{ worker_connections {files}; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=8192; root {folder};
    location ~ ^/at/(?<rate>\\d+)/ {{ rewrite ^ /large break; limit_rate $rate; }}
  }}
}}
"""


class Ours:
    """`shortread serve`."""

    name = "shortread"

    def __init__(self, files):
        program = ROOT / "target" / "release" / "shortread"
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [program, "serve", "--max-connections", str(files - 300)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        ready = json.loads(self.process.stdout.readline())
        self.ready = time.perf_counter() - began
        host, port = ready["url"].removeprefix("http://").rsplit(":", 1)
        self.address, self.pids = (host, int(port)), [self.process.pid]

    def throttled(self, rate):
        return f"/download?size=1TB&rate={rate}B/s"

    small = "/download?size=1KiB"

    def delayed(self, millis):
        return f"/download?size=1KiB&latency={millis}ms"

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Nginx:
    """nginx, whose `limit_rate` is the same for each connection."""

    name = "nginx"

    def __init__(self, files):
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        folder.chmod(0o755)
        with open(folder / "large", "wb") as large:
            large.truncate(1 << 40)
        (folder / "small").write_bytes(bytes(1024))
        with load.socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "conf").write_text(NGINX.format(folder=folder, port=port, files=files))
        self.process = subprocess.Popen(
            ["nginx", "-c", folder / "conf"], stderr=subprocess.DEVNULL
        )
        self.address, self.ready = ("127.0.0.1", port), None
        while True:
            try:
                load.socket.create_connection(self.address).close()
                break
            except ConnectionRefusedError:
                if self.process.poll() is not None:
                    raise SystemExit("nginx ended: " + (folder / "error.log").read_text())
                time.sleep(0.01)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.pids = [self.process.pid, *map(int, children.read_text().split())]

    def throttled(self, rate):
        return f"/at/{rate}/"

    small = "/small"

    delayed = None

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def small_per_second(server):
    """Responses of 1 KiB in a second on 32 connections that are kept, one thread."""
    host, port = server.address
    told = subprocess.run(
        ["wrk", "-t1", "-c32", "-d5", f"http://{host}:{port}{server.small}"],
        capture_output=True, text=True, check=True,
    ).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])


def measure(kind, files, connections):
    """One round of one server: its figures by row."""
    server = kind(files)
    rows = {}
    try:
        if server.ready is not None:
            rows["`serve` until the ready line, whole catalogue, ms"] = server.ready * 1e3
            rows["its memory then, MB"] = load.memory_bytes(server.pids) / 1e6
        rows["a lone request of 1 KiB, us"] = load.lone(server.address, server.small, 500) * 1e6
        if server.delayed:
            for millis in (10, 50, 200):
                took = load.lone(server.address, server.delayed(millis), 9) * 1e3
                rows[f"round trip at {millis} ms each way, ms"] = took
        if shutil.which("wrk"):
            rows["responses of 1 KiB a second, 32 connections"] = small_per_second(server)
        for rate in (100_000, 1_000_000, 10_000_000):
            varies = load.variation(server.address, server.throttled(rate), 5)
            rows[f"variation of bytes per 100 ms at {rate // 1000} KB/s"] = varies
        for count in connections:
            told = load.slow(server.address, server.throttled(SLOW), count, 10, server.pids)
            name = f"{count:,} connections at 10 KB/s"
            rows[f"{name}: CPU, % of one"] = told["cpu"] * 100
            rows[f"{name}: memory above idle, MB"] = told["memory"] / 1e6
            rows[f"{name}: rate, 1st percentile, B/s"] = told["p1"]
            rows[f"{name}: rate, 99th percentile, B/s"] = told["p99"]
    finally:
        server.stop()
    return rows


def cell(values):
    """The median of all rounds, and the least and the most."""
    if not values:
        return "-"
    shown = ["{:,.0f}", "{:,.1f}", "{:.4f}"]
    size = statistics.median(values)
    form = shown[0 if size >= 1000 else 1 if size >= 0.1 else 2].format
    return f"{form(size)} ({form(min(values))} to {form(max(values))})"


def table(found):
    names = list(found)
    rows = list(dict.fromkeys(row for rounds in found.values() for one in rounds for row in one))
    lines = ["| | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for row in rows:
        cells = [cell([one[row] for one in found[name] if row in one]) for name in names]
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="*", default=[1000, 5000])
    parser.add_argument("--write", action="store_true", help="into docs/PERFORMANCE.md")
    options = parser.parse_args()
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    fits = [count for count in options.connections if count + 400 <= files]
    for count in set(options.connections) - set(fits):
        print(f"{count} connections: left out, the limit on open files is {files}")
    kinds = [Ours]
    if shutil.which("nginx"):
        kinds.append(Nginx)
    else:
        print("nginx: left out, it is not installed")
    if not shutil.which("wrk"):
        print("small responses: left out, wrk is not installed")
    found = {kind.name: [] for kind in kinds}
    for number in range(options.rounds):
        for kind in kinds:
            print(f"round {number + 1}: {kind.name}", file=sys.stderr)
            found[kind.name].append(measure(kind, files, fits))
    told = table(found)
    print(told)
    if options.write:
        text = PAGE.read_text()
        before, rest = text.split(MARKS[0])
        _, after = rest.split(MARKS[1])
        where = (
            f"{datetime.date.today()}, Linux {platform.release()}, "
            f"{len(os.sched_getaffinity(0))} CPUs, "
            f"{options.rounds} rounds: the median, and the least and the most.\n\n"
        )
        PAGE.write_text(before + MARKS[0] + where + told + MARKS[1] + after)


if __name__ == "__main__":
    main()
