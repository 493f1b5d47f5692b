"""Compares one trial of the real library with ours: differences as sentences."""

import bounds


def compare(trial, real, ours):
    """The row of the table: both sides, what was allowed, what differs.

    `trial` has release, scenario, strategy, chunk_size, settings, time_factor,
    exact and schedule (choice.py).
    """
    body = trial["settings"]["body"]["size_bytes"] * trial["settings"]["client"]["parallel"]
    allowed, why = bounds.delivered_tolerance(trial, real, ours)
    row = {
        "release": trial["release"],
        "scenario": trial["scenario"],
        "strategy": trial["strategy"],
        "chunk_size": trial["chunk_size"],
        "real": real,
        "ours": ours,
        "body_bytes": body,
        "delivered_allowed_bytes": allowed,
        "delivered_allowed_why": why,
        "largest_item_bytes": bounds.largest_item(
            trial["release"],
            trial["strategy"],
            trial["chunk_size"],
            trial["settings"]["body"]["size_bytes"],
            inflates(trial),
        ),
    }
    row["differences"] = [
        *outcomes(real, ours),
        *delivered(real, ours, allowed, why),
        *sizes(row, "real", real),
        *sizes(row, "ours", ours),
        *(distribution(trial, real, ours) if trial["schedule"] else []),
        # zlib of Python makes room by doubling, and its pieces exist twice.
        *(memory(real, ours, body) if inflates(trial) == 1 else []),
    ]
    return row


def inflates(trial):
    """By how much at most a coded body grows as it is decoded."""
    body = trial["settings"]["body"]
    return body["ratio"] if body["encoding"] else 1


def outcomes(real, ours):
    """Words and counts that must be the same."""
    for key, name in (
        ("kind", "outcome"),
        ("deadline", "deadline"),
        ("exception", "exception"),
        ("connections", "connections made"),
        ("requests", "requests sent"),
    ):
        if real[key] != ours[key]:
            yield f"{name}: real {word(real[key])}, ours {word(ours[key])}"


def word(value):
    return "none" if value is None else str(value)


def delivered(real, ours, allowed, why):
    """Bytes handed to the application.

    Where the server's own clock decided how much it sent, what is compared is
    how much of that was not delivered; so a server that was late in one of the
    two trials is no difference.
    """
    apart = abs(real["delivered_bytes"] - ours["delivered_bytes"])
    missing = [side["sent_bytes"] - side["delivered_bytes"] for side in (real, ours)]
    apart = min(apart, abs(missing[0] - missing[1]))
    if apart > allowed:
        yield (
            f"delivered: real {real['delivered_bytes']:,} B of {real['sent_bytes']:,} B sent, "
            f"ours {ours['delivered_bytes']:,} B of {ours['sent_bytes']:,} B; "
            f"{allowed:,} B apart are allowed ({why})"
        )


def sizes(row, name, side):
    """Every item within the bound of the release."""
    found = side["sizes"]
    if found["count"] == 0:
        return
    if found["max"] > row["largest_item_bytes"]:
        yield (
            f"largest item: {name} {found['max']:,} B, and a stream reader of "
            f"{row['release']} hands out at most {row['largest_item_bytes']:,} B here"
        )
    if found["min"] < 1:
        yield f"smallest item: {name} has an empty one"


def distribution(trial, real, ours):
    """Where the server's schedule is controlled, the kinds of sizes agree.

    The median and the 90th percentile are the same size, or, where they fall
    on a border between two kinds or the server was late once more on one side,
    not more than `share` apart; the number of items likewise.
    """
    share = trial["schedule"]["share"]
    for key in trial["schedule"]["compared"]:
        first, second = real["sizes"][key], ours["sizes"][key]
        if abs(first - second) > share * max(first, second):
            unit = "" if key == "count" else " B"
            yield (
                f"items, {key}: real {first:,}{unit}, ours {second:,}{unit}; "
                f"{share:.0%} apart are allowed"
            )


def memory(real, ours, body):
    """Peak memory divided by body size, within 10 %."""
    if body == 0 or ours["peak_bytes"] is None or ours["kind"] == "out-of-memory":
        # What ran into a budget stopped there; the real one is measured.
        return
    if abs(real["peak_bytes"] - ours["peak_bytes"]) > bounds.memory_tolerance(body):
        yield (
            f"peak memory / body: real {real['peak_bytes'] / body:.2f}, "
            f"ours {ours['peak_bytes'] / body:.2f}; 0.10 apart are allowed"
        )
