"""Clients of one process: many slow downloads at a time, or one request after another."""

import http.client
import os
import select
import socket
import statistics
import time

TICK = os.sysconf("SC_CLK_TCK")
# Each client address has some 28,000 ports.
ADDRESSES = 200
WARM_UP = 3.0


def cpu_seconds(pids):
    """The CPU time of these processes so far."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_bytes(pids):
    """What these processes hold in memory."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmRSS"))
        total += int(line.split()[1]) * 1024
    return total


def slow(address, path, connections, seconds, pids):
    """So many downloads of `path` at a time: the server's CPU time as a part of one CPU,
    the memory above the idle server, and the rates of the connections."""
    idle = memory_bytes(pids)
    poll, sockets, got = select.epoll(), {}, {}
    for number in range(connections):
        one = socket.socket()
        one.bind((f"127.0.0.{1 + number % ADDRESSES}", 0))
        one.connect(address)
        one.setblocking(False)
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        sockets[one.fileno()] = one
        got[one.fileno()] = 0
        poll.register(one.fileno(), select.EPOLLIN)

    def read_until(end):
        while (now := time.monotonic()) < end:
            for descriptor, _ in poll.poll(end - now):
                data = sockets[descriptor].recv(1 << 16)
                if not data:
                    raise SystemExit(f"{path}: a connection ended")
                got[descriptor] += len(data)

    read_until(time.monotonic() + WARM_UP)
    began, used, before = time.monotonic(), cpu_seconds(pids), dict(got)
    read_until(began + seconds)
    took = time.monotonic() - began
    used = cpu_seconds(pids) - used
    held = memory_bytes(pids) - idle
    rates = sorted((got[one] - before[one]) / took for one in got)
    for one in sockets.values():
        one.close()
    return {
        "cpu": used / took,
        "memory": held,
        "p1": rates[len(rates) // 100],
        "p99": rates[-1 - len(rates) // 100],
    }


def variation(address, path, seconds):
    """The coefficient of variation of the bytes in each 100 ms of one download."""
    with socket.create_connection(address) as one:
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            one.recv(1 << 16)
        began, windows = time.monotonic(), [0] * int(seconds * 10)
        while True:
            size = len(one.recv(1 << 16))
            place = int((time.monotonic() - began) * 10)
            if place >= len(windows):
                return statistics.pstdev(windows) / statistics.mean(windows)
            windows[place] += size


def lone(address, path, requests):
    """The median time of a request, one after the other on one connection, in seconds."""
    connection = http.client.HTTPConnection(*address)
    times = []
    for _ in range(requests):
        began = time.perf_counter()
        connection.request("GET", path)
        connection.getresponse().read()
        times.append(time.perf_counter() - began)
    connection.close()
    return statistics.median(times)
