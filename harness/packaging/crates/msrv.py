"""Reads `cargo metadata`, and fails where a dependency of a published crate needs a
newer Rust than the crate states."""

import json
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}


def needed(root):
    """The packages that building `root` takes, without those of its tests."""
    found, ahead = set(), [root]
    while ahead:
        package = ahead.pop()
        if package not in found:
            found.add(package)
            for dependency in nodes[package]["deps"]:
                if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
                    ahead.append(dependency["pkg"])
    return found


def version(package):
    return tuple(int(part) for part in (package["rust_version"] or "1").split("."))[:2]


failed = False
for root in metadata["packages"]:
    if root["name"] not in ("shortread", "shortread-server"):
        continue
    others = [packages[package] for package in needed(root["id"])]
    newest = max(others, key=version)
    stated = ".".join(map(str, version(root)))
    print(f"{root['name']}: Rust {stated}, {len(others) - 1} dependencies")
    if version(newest) > version(root):
        print(f"{newest['name']} {newest['version']} needs Rust {newest['rust_version']}")
        failed = True
sys.exit(failed)
