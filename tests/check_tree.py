#!/usr/bin/env python3
# check_tree.py - house rules that a compiler does not know: first lines, words, function lengths
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_tree.py SOURCE_ROOT"""
import pathlib
import re
import statistics
import sys

FUNCTION_LINES_MAX = 80
TEXT = {".c", ".h", ".def", ".py", ".sh", ".md", ".scd", ".in", ".build", ".txt", ".yaml",
        ".service", ""}
TITLED = {".c", ".h", ".def", ".py", ".sh"}
TOP = ("src", "include", "tests", "fuzz", "bench", "tools", "docs", "packaging", "data", ".ci")
DATA_PATH = "sha" + "red/"  # only .ci/run may know where real data lies
FORBIDDEN = [
    re.compile(pattern)
    for pattern in (
        "/wo" + "rk/",
        r"\bTO" + r"DO\b",
        r"\bFIX" + r"ME\b",
        r"\bXX" + r"X\b",
        r"registry\.npm" + "js",
        r"\bpypi\." + "org",
        r"\bcrates\." + "io",
        r"(proxy|sum)\.golang\." + "org",
        r"(deb|security)\.debian\." + "org",
    )
]


def files(root):
    yield from (path for path in root.iterdir() if path.is_file())
    for top in TOP:
        yield from (path for path in sorted((root / top).rglob("*")) if path.is_file())


def is_text(path):
    return path.suffix in TEXT and "corpus" not in path.parts and "__pycache__" not in path.parts


def check_title(path, lines):
    """`name.c - one sentence` within the first lines (after #!), and the licence behind it."""
    if path.suffix not in TITLED and path.name not in ("Makefile", "run"):
        return
    head = lines[:3]
    if not any(re.match(rf"(/\*|#|//) {re.escape(path.name)} - \S", line) for line in head):
        yield f"1: no first line `{path.name} - what it is`"
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:4]):
        yield "1: no SPDX line"


def check_words(path, lines):
    for number, line in enumerate(lines, 1):
        for pattern in FORBIDDEN:
            if pattern.search(line):
                yield f"{number}: '{pattern.search(line).group()}' has no place here"
        if DATA_PATH in line and path.parent.name != ".ci":
            yield f"{number}: '{DATA_PATH}' has no place here"


def function_lengths(lines):
    """(line, length) of each function; clang-format puts its braces alone in column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number - start - 1
            start = None


def check_registered(path):
    """A unit test that its folder's list does not name is built and run by nobody."""
    if path.name.startswith("test_") and path.suffix == ".c" and "unit" in path.parts:
        row = f"'{re.escape(path.stem[5:])}'(?!:)"  # not the room's own name
        if not re.search(row, (path.parent / "meson.build").read_text()):
            yield "0: not in its folder's meson.build"


def main(root):
    root = pathlib.Path(root)
    complaints = []
    lengths = []
    for path in filter(is_text, files(root)):
        name = path.relative_to(root)
        lines = path.read_text(encoding="utf-8").splitlines()
        found = list(check_title(path, lines)) + list(check_words(path, lines))
        found += check_registered(path)
        if path.suffix == ".c" and name.parts[0] != "tests":  # there, tables of cases are long
            for number, length in function_lengths(lines):
                lengths.append(length)
                if length > FUNCTION_LINES_MAX:
                    found.append(f"{number}: a function of {length} lines")
        complaints += (f"{name}:{complaint}" for complaint in found)
    print("\n".join(complaints))
    print(f"{len(lengths)} functions: median {statistics.median(lengths):.0f} lines, "
          f"{100 * sum(length < 55 for length in lengths) / len(lengths):.1f} % under 55, "
          f"longest {max(lengths)}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
