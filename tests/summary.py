#!/usr/bin/env python3
# summary.py - prints how failed tests of Meson's test log ended, then the counts as one last line
# SPDX-License-Identifier: Apache-2.0
"""Usage: summary.py testlog.json. Exits 1 when a test failed; that none ran counts as one."""
import json
import sys

PASSED = ("OK", "EXPECTEDFAIL")
LINES_MAX = 25


def tell_end(test):
    """The last that a failed test said: a log that is cut keeps its end."""
    said = (test.get("stdout", "") + test.get("stderr", "")).splitlines()
    print(f"== {test['name']}: {test['result']} after {test['duration']:.1f} s")
    print("\n".join(said[-LINES_MAX:]))


def main(path):
    results = []
    try:
        with open(path, encoding="utf-8") as log:
            for test in map(json.loads, log):
                results.append(test["result"])
                if test["result"] not in (*PASSED, "SKIP"):
                    tell_end(test)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}: the tests did not run", file=sys.stderr)
        # No results are a failure, too.
    passed = sum(result in PASSED for result in results)
    skipped = results.count("SKIP")
    failed = len(results) - passed - skipped if results else 1
    line = f"{passed} passed, {failed} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
