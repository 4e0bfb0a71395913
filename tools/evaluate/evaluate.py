#!/usr/bin/env python3
# evaluate.py - measures the program on labelled data and holds the figures to their targets
# SPDX-License-Identifier: Apache-2.0
"""Runs dnsvigil over a folder of labelled data; prints one table per alert type.

The folder may hold pcap/labels.tsv with its captures, dga/dga_train.tsv, benign/*.txt with
known_bad_overlap.tsv, intel/phishing_* and intel/mining_*, tunnel_names/ and logs/. What is missing
is left out, with a word on standard error.
"""
import argparse
import itertools
import json
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "data_check"))

import captures  # noqa: E402 - it needs the path above
import names  # noqa: E402

PARTS = ("pcap/labels.tsv", "dga/dga_train.tsv", "benign", "intel", "tunnel_names", "logs")
NOTE_CHARS_MAX = 110


def progress(text):
    print("evaluate:", text, file=sys.stderr)


def value_text(figure):
    """The value with the counts behind it."""
    if figure.value != figure.value:
        return "nothing to measure"
    text = f"{figure.value:.3g}" if figure.value < 100 else f"{figure.value:.0f}"
    if figure.interval:
        text += f" [{figure.interval[0]:.3g}, {figure.interval[1]:.3g}]"
    return f"{text} ({figure.parts[0]}/{figure.parts[1]})" if figure.parts else text


def print_tables(figures):
    met_text = {True: "met", False: "NOT MET", None: ""}
    figures = sorted(figures, key=lambda figure: figure.kind)
    for kind, group in itertools.groupby(figures, key=lambda figure: figure.kind):
        print(f"\n{kind}")
        for figure in group:
            note = figure.note
            if len(note) > NOTE_CHARS_MAX:
                note = note[:NOTE_CHARS_MAX] + "…"
            line = (f"  {figure.measure:46} {value_text(figure):44} {figure.target():8}"
                    f" {met_text[figure.met()]:8} {note}")
            print(line.rstrip())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=os.environ.get("DNSVIGIL_DATA"), metavar="DATA",
                        help="the folder; default: the environment variable DNSVIGIL_DATA")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "dnsvigil",
                        metavar="PATH", help="the dnsvigil to measure; default: build/dnsvigil")
    parser.add_argument("--json", action="store_true", help="print an array of figures")
    options = parser.parse_args()
    if not options.data:
        parser.error("name a folder of labelled data, or set DNSVIGIL_DATA")
    if not pathlib.Path(options.data).is_dir():
        parser.error(f"{options.data} is no folder")
    if not options.program.is_file():
        parser.error(f"{options.program} does not exist; build it with `make`, or use --program")
    return options


def main():
    options = arguments()
    data = pathlib.Path(options.data).resolve()
    for part in PARTS:
        if not (data / part).exists():
            progress(f"no {part}: left out")
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        where = (options.program.resolve(), ROOT / "data" / "intel", data, pathlib.Path(folder))
        if (data / "pcap" / "labels.tsv").is_file():
            figures += captures.measure(*where, progress)
        figures += names.measure(*where, progress)
    if options.json:
        json.dump([figure.as_dict() for figure in figures], sys.stdout, indent=1)
    else:
        print_tables(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
