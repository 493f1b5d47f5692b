"""What changed from one scoreboard to the next."""


def tell(before, after):
    """Lines: what became worse first, then the rest, then other versions of clients."""
    worse, better, other, versions = [], [], [], []
    count = 0
    for name, board in after["boards"].items():
        old = before["boards"].get(name, {"clients": [], "rows": {}})
        known = {client["name"]: client["version"] for client in old["clients"]}
        for client in board["clients"]:
            was = known.get(client["name"])
            if was is not None and was != client["version"]:
                versions.append(f"  {client['name']}: {was} -> {client['version']}")
        for scenario, row in board["rows"].items():
            for client, cell in row.items():
                was = old["rows"].get(scenario, {}).get(client)
                if was is None:
                    count += 1
                    continue
                now_is, it_was = short(cell), short(was)
                if now_is != it_was:
                    line = f"  {name}: {client} in {scenario}: {it_was} -> {now_is}"
                    (
                        worse if cell["sign"] == "✗" else better if was["sign"] == "✗" else other
                    ).append(line)
    if not before["boards"]:
        return [f"{count} cells; there is nothing to compare them with"]
    lines = []
    for title, found in (
        ("wrong now:", worse),
        ("no longer wrong:", better),
        ("otherwise:", other),
        ("other versions:", sorted(set(versions))),
    ):
        lines += [title, *found] if found else []
    if count:
        lines.append(f"{count} cells are new")
    return lines or ["nothing changed"]


def short(cell):
    """Without what differs from run to run: times and counts of bytes."""
    return f"{cell['sign']} {cell['word']}"
