"""From what the real client and the server saw to the words of a record.

The kinds, and which of several downloads counts, are those of shortread
(docs/SCENARIOS.md, `[[expect.trial]]`), so that the two can be compared.
"""

import re

# Worst first: which of a trial's downloads is its outcome.
BADNESS = (
    "silent-truncation",
    "wrong-object",
    "corrupt",
    "out-of-memory",
    "stalled",
    "disk-full",
    "malformed",
    "timed-out",
    "reset",
    "truncated",
    "refused",
    "complete",
)

ENOSPC = 28
ETIMEDOUT = 110
ECONNRESET = 104


class Journal:
    """What the server wrote down of a trial, in its order."""

    def __init__(self, events):
        self.requests = sum(event["event"] == "request" for event in events)
        self.connections = sum(event["event"] == "accepted" for event in events)
        self.faults = [event for event in events if event["event"] == "fault"]
        closed = [event for event in events if event["event"] == "closed"]
        self.sent_bytes = sum(event["sent_bytes"] for event in closed)
        self.in_flight_bytes = max((f["in_flight_bytes"] for f in self.faults), default=0)

    @property
    def last_action(self):
        """The last thing that was done to a connection, without its argument."""
        return self.faults[-1]["action"].split(":")[0] if self.faults else None

    @property
    def sent_nothing(self):
        """Whether the connection was cut before the first byte of a response."""
        return bool(self.faults) and all(f["at_wire_bytes"] == 0 for f in self.faults)


def side_of_real(result, journal, settings):
    """One trial of the real library, in the form that is compared."""
    downloads = result["downloads"]
    expected = settings["body"]["size_bytes"]
    outcomes = [outcome(one, journal, expected) for one in downloads]
    kind, deadline, exception = min(outcomes, key=lambda one: BADNESS.index(one[0]))
    delivered = sum(one["delivered_bytes"] for one in downloads)
    budget = settings["client"]["memory_bytes"]
    if budget is not None and result["peak_bytes"] > budget:
        # CPython cannot be given a budget for what it buffers: it is measured,
        # and what needed more would have ended there.
        kind, deadline, exception, delivered = "out-of-memory", None, "MemoryError", 0
    return {
        "kind": kind,
        "deadline": deadline,
        "exception": exception,
        "delivered_bytes": delivered,
        "sent_bytes": journal.sent_bytes,
        "in_flight_bytes": journal.in_flight_bytes,
        "connections": journal.connections,
        "requests": journal.requests,
        "sizes": summary(result["sizes"]),
        "peak_bytes": result["peak_bytes"],
        "elapsed_ns": max(one["elapsed_ns"] for one in downloads),
        "errors": [one["errors"] for one in downloads if one["errors"]][:1],
    }


def side_of_ours(record):
    """One record of trials.jsonl, in the same form."""
    outcome, server, sizes = record["outcome"], record["server"], record["chunk_bytes"]
    return {
        "kind": outcome["kind"],
        "deadline": outcome["deadline"],
        "exception": outcome["exception"],
        "delivered_bytes": record["delivered_bytes"],
        "sent_bytes": server["sent_bytes"],
        "in_flight_bytes": max((f["in_flight_bytes"] for f in server["faults"]), default=0),
        "connections": server["connections"],
        "requests": server["requests"],
        "sizes": {key: sizes[key] for key in ("count", "min", "p50", "p90", "max")},
        "peak_bytes": record["peak_heap_bytes"],
        "elapsed_ns": record["elapsed_ns"],
        "errors": [outcome["error"]] if outcome["error"] else [],
    }


def summary(sizes):
    """[[size, how often], ...] in order, as count, least, percentiles, most."""
    count = sum(times for _, times in sizes)
    if count == 0:
        return {"count": 0, "min": 0, "p50": 0, "p90": 0, "max": 0}

    def percentile(share):
        rank, seen = share * count, 0
        for size, times in sizes:
            seen += times
            if seen >= rank:
                return size
        return sizes[-1][0]

    return {
        "count": count,
        "min": sizes[0][0],
        "p50": percentile(0.5),
        "p90": percentile(0.9),
        "max": sizes[-1][0],
    }


def outcome(download, journal, expected):
    """(kind, deadline, exception) of one download."""
    if download["verdict"] == "gave-up":
        return "stalled", None, None
    if download["verdict"] == "success":
        return success(download, expected), None, None
    names = [link["class"] for link in download["errors"]]
    kind, deadline = failure(download, names, journal)
    return kind, deadline, names[0]


def success(download, expected):
    delivered, matches = download["delivered_bytes"], download["matches"]
    if not matches:
        return "wrong-object" if delivered != expected else "corrupt"
    if delivered < expected:
        return "silent-truncation"
    return "complete" if delivered == expected else "corrupt"


def failure(download, names, journal):
    """(kind, deadline) of a download that raised."""
    outer = names[0]
    if download["head_deadline"]:
        return "timed-out", "head"
    if outer in ("SocketTimeoutError", "ServerTimeoutError"):
        return "timed-out", "sock-read"
    if outer == "ConnectionTimeoutError":
        return "timed-out", "connect"
    if outer == "TimeoutError":
        return "timed-out", "total"
    number = errno_of(download["errors"], journal)
    if outer == "OSError" and number == ENOSPC:
        return "disk-full", None
    if number == ETIMEDOUT:
        return "timed-out", "keepalive"
    if outer == "ClientPayloadError":
        return payload_error(download["errors"], number), None
    if outer in ("ServerDisconnectedError", "ClientOSError", "ClientConnectorError"):
        if download["status"] is None and journal.sent_nothing:
            return "refused", None
        return ("reset" if number == ECONNRESET else "truncated"), None
    # ClientResponseError, RuntimeError("Connection closed."), ...: the parser
    # gave up.
    return "malformed", None


def payload_error(errors, number):
    """A body that did not come to its end, or is not what it was said to be."""
    text = " ".join(link["text"] for link in errors)
    decoding = ("ContentEncodingError", "DecompressSizeError")
    classes = [link["class"] for link in errors]
    if "Can not decode" in text or any(word in text or word in classes for word in decoding):
        return "malformed"
    if "TransferEncodingError" in text and "Not enough data" not in text:
        return "malformed"
    return "reset" if number == ECONNRESET else "truncated"


def errno_of(errors, journal):
    """The system's error behind an exception, or None.

    aiohttp puts it into the text alone (3.9 on), or nowhere (3.7, 3.8): there
    the server tells what it did to the connection.
    """
    for link in errors:
        if link["errno"] is not None:
            return link["errno"]
        found = re.search(r"\b(?:ConnectionResetError|TimeoutError|OSError)\((\d+)", link["text"])
        if found:
            return int(found[1])
    silent = errors[0]["text"] == "Response payload is not completed"
    if silent and journal.last_action in ("reset", "forget"):
        return ECONNRESET
    if silent and journal.last_action == "blackhole":
        return ETIMEDOUT
    return None
