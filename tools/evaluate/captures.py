# captures.py - what the program says of labelled captures, and after how many queries
# SPDX-License-Identifier: Apache-2.0
"""Detection, time to alert and false alarms of the captures that pcap/labels.tsv names."""
import collections
import csv
import json
import math
import re
import statistics
import struct
import subprocess
import sys

import check_captures
import tunnels
from figures import Figure, share, summary
from tunnels import TUNNELS, kinds_of

DAY_S = 86400
SPLICED_S = 2 * DAY_S  # captures that seem longer are joined from several times
MAGICS = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6), b"\xa1\xb2\xc3\xd4": (">", 1e-6),
          b"\x4d\x3c\xb2\xa1": ("<", 1e-9), b"\xa1\xb2\x3c\x4d": (">", 1e-9)}


def frames(raw):
    """(seconds, end offset) of each whole frame of a classic pcap; nothing of other formats."""
    order, unit = MAGICS.get(raw[:4], (None, 0))
    offset = 24
    while order and offset + 16 <= len(raw):
        seconds, fraction, captured, _ = struct.unpack_from(order + "4I", raw, offset)
        offset += 16 + captured
        if offset > len(raw):
            return
        yield seconds + fraction * unit, offset


class Prefixes:
    """Analyses the beginnings of one capture, to find out where an alert appears."""

    def __init__(self, check, capture, lists):
        self.command = [check.program, "analyze", "-o", "json", "--no-store", "--config",
                        check.config, *lists]
        self.raw = (check.data / "pcap" / capture).read_bytes()
        self.frames = list(frames(self.raw))

    def analyze(self, count):
        """The kinds of alert in the first `count` frames, and how many queries those hold."""
        end = self.frames[count - 1][1]
        done = subprocess.run(self.command + ["-"], input=self.raw[:end], capture_output=True,
                              timeout=300, check=False)
        alerts = [json.loads(line) for line in done.stdout.splitlines()]
        queries = re.search(rb"(\d+) transactions", done.stderr)
        return kinds_of(alerts), int(queries[1]) if queries else 0

    def first_alert(self, expected):
        """(seconds, queries) until one of the expected kinds shows; None if unknown."""
        low, high = 0, len(self.frames)
        if not high or not self.analyze(high)[0] & expected:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.analyze(middle)[0] & expected:
                high = middle
            else:
                low = middle
        return max(0, self.frames[high - 1][0] - self.frames[0][0]), self.analyze(high)[1]


class Tally:
    """What the captures of one expected kind showed."""

    def __init__(self):
        self.results = []  # (capture, queries, shown)
        self.latencies = []
        self.behind = [0, 0]  # queries behind an alert, all queries
        self.directions = []

    def add(self, capture, queries, alerts, expected):
        self.results.append((capture, queries, bool(kinds_of(alerts) & expected)))
        tunnels = [alert for alert in alerts if kinds_of([alert]) & TUNNELS]
        if tunnels and expected <= TUNNELS:
            main = max(tunnels, key=lambda alert: alert["count"])
            self.directions.append(bool(kinds_of([main]) & expected))

    def figures(self, kind):
        shown = sum(result[2] for result in self.results)
        missed = ", ".join(result[0] for result in self.results if not result[2])
        yield share(kind, "captures that show it", shown, len(self.results),
                    f"missed: {missed}" if missed else "")
        if self.behind[1]:
            yield share(kind, "queries behind an alert", *self.behind)
        if kind == "tunnels":
            long = [result[2] for result in self.results if result[1] >= 10]
            yield share(kind, "captures of 10 queries or more that show it", sum(long), len(long))
            yield share(kind, "main alert has the right direction", sum(self.directions),
                        len(self.directions))
        if self.latencies:
            seconds, queries = zip(*self.latencies)
            note = f"of {len(seconds)} captures"
            yield summary(kind, "median seconds to the alert", seconds, statistics.median, note)
            yield summary(kind, "median queries to the alert", queries, statistics.median, note)


def measure_positives(check, rows, progress):
    """Figures of the captures in which an alert is expected."""
    tallies = collections.defaultdict(Tally)
    for row in rows:
        progress(row["file"])
        expected = set(row["expected"].split("|"))
        kind = row["expected"].split("|")[0]
        lists = check_captures.lists_for(kind, check.data, check.folder)
        alerts, _ = check.analyze(row["file"], lists)
        groups = [kind, "tunnels"] if expected <= TUNNELS else [kind]
        latency = Prefixes(check, row["file"], lists).first_alert(expected)
        queries = int(row["dns_queries"] or 0)
        for group in groups:
            tallies[group].add(row["file"], queries, alerts, expected)
            if latency:
                tallies[group].latencies.append(latency)
        if kind in check_captures.FLOORS:
            tallies[kind].behind[0] += sum(alert["count"] for alert in alerts
                                           if kinds_of([alert]) == {kind})
            tallies[kind].behind[1] += queries
    for kind, tally in sorted(tallies.items()):
        yield from tally.figures(kind)


def measure_benign(check, rows, progress):
    """Figures of the false alarms in captures without anything to find."""
    alarms = collections.Counter()
    queries, seconds, excused = 0, 0.0, 0
    for row in rows:
        progress(row["file"])
        queries += int(row["dns_queries"] or 0)
        lasted = float(row["duration_s"] or 0)
        seconds += lasted if lasted <= SPLICED_S else 0
        for alert in check.analyze(row["file"])[0]:
            kind = alert["alert_type"].removeprefix(check_captures.PREFIX)
            if {(row["file"], alert["domain"]), (row["file"], kind)} & check_captures.TRUE_ALERTS:
                excused += 1
            else:
                alarms[kind, row["file"].startswith(check_captures.CRAWLS)] += 1
    days = seconds / DAY_S
    yield Figure("benign captures", "days of traffic", days, note="spliced captures left out")
    yield Figure("benign captures", "true alerts, not counted below", excused)
    for kind in sorted({kind for kind, _ in alarms} | {"RandomizedDomain"}):
        crawl, rest = alarms[kind, True], alarms[kind, False]
        note = f"{crawl} alerts in crawls of popular names, {rest} elsewhere; {queries} queries"
        yield Figure(kind, "alerts per million benign queries",
                     (crawl + rest) / queries * 1e6 if queries else math.nan, note=note)
        yield Figure(kind, "alerts per day of benign captures",
                     (crawl + rest) / days if days else math.nan)


def measure(program, seeds, data, folder, progress):
    """All figures of data/pcap; complaints of the program itself go to standard error."""
    with (data / "pcap" / "labels.tsv").open(newline="") as labels:
        rows = list(csv.DictReader(labels, delimiter="\t"))
    rows = [row for row in rows if (data / "pcap" / row["file"]).is_file()]
    check = check_captures.Check(program, seeds, data, folder)
    benign = [row for row in rows if row["expected"].startswith("benign")]
    positives = [row for row in rows if row not in benign
                 and not {"robustness", "unknown"} & set(row["expected"].split("|"))]
    yield from measure_positives(check, positives, progress)
    slow = [row for row in positives if set(row["expected"].split("|")) <= TUNNELS]
    if slow:
        yield from tunnels.measure(check, slow, folder, progress)
    if benign:
        yield from measure_benign(check, benign, progress)
    for failure in check.failures:
        print("evaluate:", failure, file=sys.stderr)
