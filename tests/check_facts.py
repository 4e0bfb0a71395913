#!/usr/bin/env python3
# check_facts.py - facts that people read in documents agree with the tables the program is made from
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_facts.py SOURCE_ROOT"""
import pathlib
import re
import sys


def rows(path, macro):
    """The arguments of each row, as one text, strings joined as the compiler joins them."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    for row in re.findall(rf"^{macro}\((.*?)\)$", text, flags=re.S | re.M):
        yield re.findall(r'"((?:[^"\\]|\\.)*)"|([\w.|]+(?: \| \w+)*)', re.sub(r'"\s+"', "", row))


def values(row):
    return [quoted or plain for quoted, plain in row]


def check_detectors(root):
    """An available detector has its function and its test; a planned one neither; README says so."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    reasons = re.findall(r"DETECTOR_\w+", (root / "include/dnsvigil/reasons.def").read_text("utf-8"))
    detectors = [values(row) for row in rows(root / "include/dnsvigil/detectors.def", "DETECTOR")]
    if len(detectors) != 13:
        yield f"detectors.def: {len(detectors)} rows instead of 13"
    for name, slug, _, state, *rest in detectors:
        works = state == "AVAILABLE"
        if (root / f"src/detect/{slug}.c").exists() != works:
            yield f"src/detect/{slug}.c: detectors.def says {state}"
        if works and not (root / f"tests/unit/detect/test_{slug}.c").exists():
            yield f"tests/unit/detect/test_{slug}.c: an available detector without its test"
        if works and f"DETECTOR_{name}" not in reasons:
            yield f"reasons.def: {slug} has no reason to fire"
        if not re.search(rf"^\| `{slug}` .*\| {'yes' if works else 'not yet'} \|$", readme, re.M):
            yield f"README.md: the table of detectors does not say whether {slug} works"
        if "" in rest:
            yield f"detectors.def: {slug} has an empty text"


def check_commands(root):
    """README and the manual name each command and each exit code."""
    pages = [root / "README.md", root / "docs/man/dnsvigil.1.scd"]
    commands = [values(row)[0] for row in rows(root / "src/cli/commands.def", "COMMAND")]
    codes = [values(row) for row in rows(root / "src/cli/exit_codes.def", "EXIT_CODE")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for command in commands:
            if not re.search(rf"dnsvigil {command}\b|\*{command}\*", text):
                yield f"{page.name}: says nothing of the command {command}"
        for _, number, meaning in codes:
            if meaning not in text:
                yield f"{page.name}: does not say what exit code {number} means: {meaning}"


def check_formats(root):
    """The page about formats of lists has a row for each of them."""
    page = root / "docs/feed-formats.md"
    text = page.read_text(encoding="utf-8")
    for row in rows(root / "include/dnsvigil/feed_formats.def", "FEED_FORMAT"):
        slug = values(row)[1]
        if f"\n| `{slug}` | " not in text:
            yield f"{page.name}: its table has no row for {slug}"


def check_links(root):
    """Relative links of the documents lead somewhere."""
    for page in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                yield f"{page.relative_to(root)}: the link to {target} leads nowhere"


def main(root):
    root = pathlib.Path(root)
    complaints = [*check_detectors(root), *check_commands(root), *check_formats(root),
                  *check_links(root)]
    print("\n".join(complaints) or "documents and tables agree")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
