"""The table of a conformance run, as Markdown and as JSON."""

import json


def write(folder, rows, skipped, about):
    """Writes report.md and report.json into `folder`."""
    (folder / "report.md").write_text(markdown(rows, skipped, about))
    data = {**about, "skipped": skipped, "rows": rows}
    (folder / "report.json").write_text(json.dumps(data, indent=1) + "\n")


def sentence(row):
    """Which trial a row is of."""
    return f"aiohttp {row['release']}, {row['scenario']}, {call(row)}"


def call(row):
    """The strategy as people type it."""
    return {
        "read-all": "response.read()",
        "readany": "readany()",
        "fixed-chunk": f"iter_chunked({row['chunk_size']})",
        "iter-any": "iter_any()",
        "iter-chunks": "iter_chunks()",
    }[row["strategy"]]


def markdown(rows, skipped, about):
    differing = [row for row in rows if row["differences"]]
    lines = [
        "# The real aiohttp and ours, trial by trial",
        "",
        f"{len(rows)} trials, {len(differing)} differ, {len(skipped)} not played; "
        f"{about['started']}, {about['seconds']:.0f} s.",
        "Each cell is real / ours; one value where both are the same.",
        "",
    ]
    if differing:
        lines += ["## Differences", ""]
        for row in differing:
            lines += [f"- {sentence(row)}: {text}" for text in row["differences"]]
        lines.append("")
    if skipped:
        lines += ["## Not played", ""]
        lines += [f"- {one['what']}: {one['why']}" for one in skipped]
        lines.append("")
    for release in dict.fromkeys(row["release"] for row in rows):
        lines += [f"## aiohttp {release}", "", *table(rows, release), ""]
    return "\n".join(lines)


def table(rows, release):
    yield (
        "| scenario | call | outcome | delivered B (apart, at most) | exception "
        "| items B: least, median, most (bound) | memory / body | |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in rows:
        if row["release"] == release:
            yield "| " + " | ".join(cells(row)) + " |"


def cells(row):
    real, ours, body = row["real"], row["ours"], row["body_bytes"]
    if real is None or ours is None:
        return [row["scenario"], call(row), *[""] * 5, "DIFFERS"]
    return [
        row["scenario"],
        call(row),
        both(real["kind"], ours["kind"]),
        f"{both(real['delivered_bytes'], ours['delivered_bytes'])} ({row['delivered_allowed_bytes']})",
        both(real["exception"] or "-", ours["exception"] or "-"),
        f"{both(items(real), items(ours))} ({row['largest_item_bytes']})",
        both(share(real, body), share(ours, body)),
        verdict(row),
    ]


def both(real, ours):
    return str(real) if real == ours else f"{real} / {ours}"


def items(side):
    sizes = side["sizes"]
    return f"{sizes['min']}, {sizes['p50']}, {sizes['max']}"


def share(side, body):
    return f"{side['peak_bytes'] / body:.2f}" if body and side["peak_bytes"] is not None else "-"


def verdict(row):
    if row["differences"]:
        return "DIFFERS"
    return "agrees, the second time" if row["attempts"] > 1 else "agrees"
