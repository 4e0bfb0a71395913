#!/usr/bin/env python3
# check_rules.py - a public set of signature rules loads as a whole
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_rules.py DNSVIGIL

DNSVIGIL_DATA names a folder with intel/et_open_2024/*.rules. Exit 77 (skipped) without it."""
import glob
import json
import os
import subprocess
import sys

SKIPPED = 77
SHARE_MIN = 0.999


def main():
    data = os.environ.get("DNSVIGIL_DATA")
    files = sorted(glob.glob(os.path.join(data or "", "intel/et_open_2024/*.rules")))
    if not data or not files:
        print("skipped: DNSVIGIL_DATA names no folder with intel/et_open_2024")
        return SKIPPED
    run = subprocess.run([sys.argv[1], "rules", "test", "-o", "json", *files],
                         capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    totals = lines[-1]
    read = totals["loaded"] + totals["replaced"] + totals["refused"]
    share = 1 - totals["refused"] / read
    print(f"{read} rules about DNS, {100 * share:.2f} % load; refused by keyword:",
          totals["by_keyword"])
    for line in lines[:-1]:
        if line["fate"] == "refused":
            print(f"{line['file']}:{line['line']}: sid {line['sid']}: {line['text']}")
    return 0 if read > 4000 and share >= SHARE_MIN else 1


if __name__ == "__main__":
    sys.exit(main())
