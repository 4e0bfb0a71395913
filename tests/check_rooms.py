#!/usr/bin/env python3
# check_rooms.py - holds the code to the table of docs/architecture.md that says who may use whom
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_rooms.py SOURCE_ROOT"""
import pathlib
import re
import sys

EVERYBODYS = {"base", "noun"}  # usable by every room below them


def read_table(root):
    """Room -> the rooms it may use, in the order of the table."""
    text = (root / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.split("| room |", 1)[1].split("\n\n", 1)[0]
    rows = re.findall(r"^\| `([a-z]+)` \|[^|]*\|([^|]*)\|$", table, re.M)
    return {room: set(re.findall(r"`([a-z]+)`", used)) for room, used in rows}


def check_table(root, may_use):
    """The table names the folders that exist, and only rooms that stand above: so no cycles."""
    folders = {path.name for path in (root / "src").iterdir() if path.is_dir()}
    for room in sorted(folders ^ set(may_use)):
        yield f"docs/architecture.md: room {room} is in the table or in src/, not in both"
    above = set()
    for room, used in may_use.items():
        for other in sorted(used - above):
            yield f"docs/architecture.md: {room} uses {other}, which does not stand above it"
        above.add(room)


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([a-z]+)/', line)
        if match:
            yield number, match.group(1)


def allowed(may_use, room, other):
    early = room in EVERYBODYS
    return other == room or other in may_use[room] or (not early and other in EVERYBODYS)


def check_includes(root, may_use):
    for path in sorted((root / "src").rglob("*.[chd]*")):
        room = path.relative_to(root / "src").parts[0]
        for number, other in includes(path) if room in may_use else ():
            if not allowed(may_use, room, other):
                yield f"{path.relative_to(root)}:{number}: {room} may not use {other}"
    for path in sorted((root / "include").rglob("*.h")):
        for number, other in includes(path):
            if other != "base":
                yield f"{path.relative_to(root)}:{number}: a noun may only use base"


def main(root):
    root = pathlib.Path(root)
    may_use = read_table(root)
    complaints = list(check_table(root, may_use)) + list(check_includes(root, may_use))
    print("\n".join(complaints) or f"{len(may_use)} rooms keep to the table")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
