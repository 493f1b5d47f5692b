"""How far the real library and ours may differ, and why.

A stream reader with the mark `high` stops reading when it holds more than that,
and one read from the transport brings at most TRANSPORT_READ bytes: what it
holds at most, `held`, is the sum. From that follow the largest item, and what
an exception can destroy: all that the reader held was parsed and not delivered.
"""

SECOND = 1_000_000_000

# asyncio reads at most so much at a time (`max_size` of its socket transports).
TRANSPORT_READ = 256 << 10

# What Python needs for a request besides its body: the buffer of a read from the
# socket, which asyncio allocates at its full size before it knows how much came;
# and connection, parser, head, timers, what is imported on first use: 50 to
# 120 KiB were measured with bodies of some bytes.
PYTHON_OVERHEAD = TRANSPORT_READ + (256 << 10)

# By how much a process on a loaded machine of two cores may be late with a
# timer, while bytes flow.
LATE = 0.05

# aiohttp moves totals from this long on to the next full second.
CEIL_FROM = 5 * SECOND

# What the kernel may hold between the two programs: the receive buffer at its
# largest (tcp_rmem, 6 MiB) and the send buffer at its largest (tcp_wmem, 4 MiB).
KERNEL = 10 << 20

SUCCESS = ("complete", "silent-truncation", "corrupt", "wrong-object")


def number(release):
    return tuple(int(part) for part in release.split(".")[:3])


def high_water(release, strategy, chunk_size):
    """The mark above which reading pauses; None where there is none."""
    if number(release) < (3, 14):
        return 2 * 65536
    if strategy == "read-all":
        # read(-1) raises the mark to the largest integer.
        return None
    high = 2 * 262144
    if strategy == "fixed-chunk":
        # Reading n bytes raises the marks to n and 2 n.
        high = max(high, 2 * chunk_size)
    return high


def held(release, strategy, chunk_size, body):
    """The most that a stream reader holds."""
    high = high_water(release, strategy, chunk_size)
    return body if high is None else min(body, high + TRANSPORT_READ)


def largest_item(release, strategy, chunk_size, body, inflates=1):
    """No item is larger."""
    if strategy == "read-all":
        return body
    if strategy == "fixed-chunk":
        return chunk_size
    # One call hands out what is held. A feed inflates to no more than its own length
    # times the ratio of the object.
    return min(body, inflates * held(release, strategy, chunk_size, body))


def delivered_tolerance(trial, real, ours):
    """(bytes, why) by which the delivered bytes may differ.

    Each side is also compared with what its own server sent: see `compare`.
    """
    if real["kind"] in SUCCESS:
        return 0, "success"
    if trial["exact"]:
        return 0, "the scenario decides it to the byte"
    if trial["strategy"] == "read-all":
        return 0, "a failed read() delivers nothing"
    settings = trial["settings"]
    sink = settings["sink"]
    paced = sink["pause_ns"] > 0 or sink["rate_bytes_per_second"] is not None
    downloads = settings["client"]["parallel"]
    by_clock = real["kind"] in ("timed-out", "stalled")
    in_silence = by_clock and real["sent_bytes"] == ours["sent_bytes"]
    if in_silence and not paced:
        return 0, "all had been delivered before the silence"
    body = settings["body"]["size_bytes"]
    reader = held(trial["release"], trial["strategy"], trial["chunk_size"], body)
    bytes_, why = reader * downloads, ["what the reader holds"]
    if paced or (by_clock and not in_silence):
        # At the pace at which bytes were delivered: the clock's grain, and the
        # rounding of the total, which ours scales as the trial was scaled.
        late = LATE + rounding(settings["client"]["total_ns"], trial["time_factor"])
        bytes_ += int(late * pace(settings)) * downloads
        why.append("pace x (50 ms + 1 s, scaled, of a rounded total)")
    if real["kind"] == "reset":
        # Not acknowledged when the RST left: dropped, or just delivered. With a
        # consumer that lags behind it is all that waits in the kernel.
        bytes_ += KERNEL if paced else max(real["in_flight_bytes"], ours["in_flight_bytes"])
        why.append("what an RST drops in the kernel")
    return bytes_, " + ".join(why)


def rounding(total_ns, time_factor):
    """Seconds by which ours may fire a total later than the real one, where the
    rounding is off, or cut to 30 ms (client.py)."""
    if total_ns is None or total_ns < CEIL_FROM * time_factor:
        return 0.0
    return time_factor


def pace(settings):
    """Bytes per second at which one download goes at most."""
    link, sink = settings["link"], settings["sink"]
    rates = [link["rate_bytes_per_second"]]
    if sink["rate_bytes_per_second"] is not None:
        rates.append(sink["rate_bytes_per_second"])
    return min(rates)


def memory_tolerance(body):
    """Peak memory may differ by a tenth of the body, and by Python's own."""
    return body // 10 + PYTHON_OVERHEAD
