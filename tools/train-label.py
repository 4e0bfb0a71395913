#!/usr/bin/env python3
# train-label.py - makes data/models/label.inc: how many bits each character of an ordinary label costs
# SPDX-License-Identifier: Apache-2.0
"""Usage: tools/train-label.py DATA_FOLDER > data/models/label.inc

DATA_FOLDER/benign/*.txt hold one name a line. Every label left of the top-level domain is learnt,
weighted by 1 + log2 of how often it occurs, so that "www" does not drown the rest. The model gives
the probability of a character after the two before it, mixed with that after one and that of the
character alone (Jelinek-Mercer with counts as confidence). Left out are the names that are also on
lists of bad names and the reconstructed look-ups of virus scanners, which carry data. The same
input gives the same bytes.
"""
import collections
import hashlib
import math
import pathlib
import sys

VERSION = 1
SYMBOLS = 40  # 0: boundary, 1-26 letters, 27-36 digits, 37 '-', 38 '_', 39 everything else
STEPS_PER_BIT = 16
CONFIDENCE = 8  # a context seen this often is trusted as much as the shorter one
EXCLUDED = {"av_reputation_lookups_reconstructed.txt"}

HEADER = """\
/* label.inc - bits of each character of a label after the two before it, in sixteenths
 * SPDX-License-Identifier: Apache-2.0
 *
 * Made by tools/train-label.py, version {version}, from {labels} labels of {files} lists whose
 * contents have the SHA-256 {digest}.
 * Mean cost of a character of these labels: {mean:.3f} bits. Index: [second last][last][next]. */
"""


def symbol(char):
    if "a" <= char <= "z":
        return 1 + ord(char) - ord("a")
    if "0" <= char <= "9":
        return 27 + ord(char) - ord("0")
    return {"-": 37, "_": 38}.get(char, 39)


def labels_read(folder):
    bad = {line.split("\t")[0] for line in open(folder / "known_bad_overlap.tsv", encoding="utf-8")}
    counts = collections.Counter()
    digest = hashlib.sha256()
    paths = sorted(path for path in folder.glob("*.txt") if path.name not in EXCLUDED)
    for path in paths:
        digest.update(path.read_bytes())
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            name = line.strip().strip(".").lower()
            if name not in bad:
                counts.update(label for label in name.split(".")[:-1] if 0 < len(label) <= 63)
    return counts, len(paths), digest.hexdigest()


def grams_count(counts):
    grams = [[[0.0] * SYMBOLS for _ in range(SYMBOLS)] for _ in range(SYMBOLS)]
    for label, count in sorted(counts.items()):
        weight = 1 + math.log2(count)
        a = b = 0
        for char in label:
            c = symbol(char)
            grams[a][b][c] += weight
            a, b = b, c
        grams[a][b][0] += weight
    return grams


def mixed(row, shorter):
    total = sum(row)
    return [(n + CONFIDENCE * p) / (total + CONFIDENCE) for n, p in zip(row, shorter)]


def table_make(grams):
    pairs = [[sum(grams[a][b][c] for a in range(SYMBOLS)) for c in range(SYMBOLS)] for b in range(SYMBOLS)]
    alone = mixed([sum(pairs[b][c] for b in range(SYMBOLS)) for c in range(SYMBOLS)], [1 / SYMBOLS] * SYMBOLS)
    table = []
    for a in range(SYMBOLS):
        for b in range(SYMBOLS):
            row = mixed(grams[a][b], mixed(pairs[b], alone))
            table.append([min(255, round(-math.log2(p) * STEPS_PER_BIT)) for p in row])
    return table


def mean_bits(grams, table):
    cells = [(grams[i // SYMBOLS][i % SYMBOLS][c], bits) for i, row in enumerate(table) for c, bits in enumerate(row)]
    return sum(n * bits for n, bits in cells) / sum(n for n, _ in cells) / STEPS_PER_BIT


def main():
    counts, files, digest = labels_read(pathlib.Path(sys.argv[1]) / "benign")
    grams = grams_count(counts)
    table = table_make(grams)
    print(HEADER.format(version=VERSION, labels=len(counts), files=files, digest=digest,
                        mean=mean_bits(grams, table)))
    print("/* clang-format off */")
    print(f"enum {{ LABEL_MODEL_VERSION = {VERSION}, LABEL_SYMBOLS = {SYMBOLS}, "
          f"LABEL_STEPS_PER_BIT = {STEPS_PER_BIT} }};")
    print("static const uint8_t label_bits[LABEL_SYMBOLS * LABEL_SYMBOLS][LABEL_SYMBOLS] = {")
    for row in table:
        print("{" + ",".join(map(str, row)) + "},")
    print("};")


if __name__ == "__main__":
    main()
