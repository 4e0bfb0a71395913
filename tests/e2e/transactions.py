#!/usr/bin/env python3
# transactions.py - what `analyze --transactions` writes gives the same alerts when it is analysed
# SPDX-License-Identifier: Apache-2.0
"""Usage: transactions.py PROGRAM SEEDS CAPTURE

Breaches of the protocol are left out: most are in how a message is written, which no log tells."""
import json
import pathlib
import subprocess
import sys
import tempfile

program, seeds, capture = (str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:4])


def alerts(folder, *words):
    said = subprocess.run([program, "analyze", "-q", "-n", "-o", "json", "-c", f"{folder}/c.yaml",
                           *words], check=True, capture_output=True, text=True, timeout=100)
    told = map(json.loads, said.stdout.splitlines())
    return {(alert["detector"], alert["id"]) for alert in told
            if alert["detector"] != "protocol_anomaly"}


with tempfile.TemporaryDirectory(prefix="dnsvigil-transactions-") as folder:
    pathlib.Path(folder, "c.yaml").write_text(f"intel: {{seed_dir: {seeds}}}\nrules: {{own: no}}\n")
    lines = pathlib.Path(folder, "t.jsonl")
    first = alerts(folder, "--transactions", str(lines), capture)
    again = alerts(folder, str(lines))
    assert len(first) > 5 and first == again, f"{first ^ again}"
    piped = subprocess.run([program, "analyze", "-q", "-n", "-c", f"{folder}/c.yaml",
                            "--transactions", "-", capture], check=True, capture_output=True)
    assert piped.stdout == lines.read_bytes(), "standard output has something else"
    print(f"{len(first)} alerts, the same from {piped.stdout.count(10)} lines of JSON")
