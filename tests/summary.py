#!/usr/bin/env python3
# summary.py - counts the results of Meson's test log and prints them as one last line
# SPDX-License-Identifier: Apache-2.0
"""Usage: summary.py testlog.json. Exits 1 when a test failed; that none ran counts as one."""
import json
import sys


def main(path):
    try:
        with open(path, encoding="utf-8") as log:
            results = [json.loads(line)["result"] for line in log]
    except OSError as error:
        print(f"{error.filename}: {error.strerror}: the tests did not run", file=sys.stderr)
        results = []  # which is a failure, too
    passed = sum(result in ("OK", "EXPECTEDFAIL") for result in results)
    skipped = results.count("SKIP")
    failed = len(results) - passed - skipped if results else 1
    line = f"{passed} passed, {failed} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
