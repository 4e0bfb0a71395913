#!/usr/bin/env python3
# check_captures.py - analyses labelled real captures and compares the alerts with the labels
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_captures.py DNSVIGIL SEED_FOLDER

DNSVIGIL_DATA names a folder with pcap/labels.tsv (file, expected alert types without their prefix,
...) and the lists its captures were made from. Exit 77 (skipped) without it.

- No capture may crash the program: it ends with 0, or with 3 for a damaged file.
- Captures of one kind of alert must show that kind for at least the share of their names in FLOORS.
- Benign captures must show none of the kinds, with the lists that come with the program; where the
  label says benign but the traffic is not, TRUE_ALERTS and CRAWLS say so.
"""
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
EXITS = (0, 3)
PREFIX = "AzureDNS_"
KINDS = ("DarkWeb", "DarkWebProxy", "SinkholedDomain", "CurrencyMining", "PhishingDomain",
         "ThreatIntelSuspectDomain")

# Least share of a capture's names that must be in the alerts of its kind; set a little below what
# was measured. The names are of lists that were not all used to make ours.
FLOORS = {
    "DarkWeb": 1.0,
    "DarkWebProxy": 1.0,
    "SinkholedDomain": 0.95,
    "CurrencyMining": 0.85,
    "PhishingDomain": 0.95,
    "ThreatIntelSuspectDomain": 0.95,
}

# Alerts that are right in captures whose label looks at something else.
TRUE_ALERTS = {
    ("benign/compactor_rootserver_nsd-live.pcap", "i2p2.i2p"),  # a leak that reached a root server
    ("benign_small/maltrail_dns_queries.pcap", "onion.to"),          # made to test another detector
    ("benign_small/maltrail_mixed_soup.pcap", "onion.to"),
}

# One client that resolves the million most popular names, pools and seized domains among them: an
# alert must rest on a list entry, never on a pattern, and they must stay few.
CRAWLS = "benign/ggy_normal_"
CRAWL_ALERTS_MAX = 0.002  # of the queries


def openphish(data, folder):
    """Host names behind which stands the day they were seen."""
    path = folder / "openphish.txt"
    source = data / "intel" / "phishing_openphish" / "openphish_hosts_older.tsv"
    path.write_text("".join(line.split("\t")[0].strip() + "\n"
                            for line in source.read_text().splitlines()))
    return [f"phishing:{path}"]


def maltrail(data, folder):
    """One list of all malware families; lines that name no host or address are left out."""
    path = folder / "maltrail.txt"
    with path.open("w") as out:
        for source in sorted((data / "intel" / "maltrail" / "malware").glob("*.txt")):
            for line in source.read_text(errors="replace").splitlines():
                line = line.split("#")[0].strip()
                if line and "/" not in line and " " not in line:
                    out.write(line.rsplit(":", 1)[0] + "\n")
    return [f"malware:{path}"]


FEEDS = {"PhishingDomain": openphish, "ThreatIntelSuspectDomain": maltrail}


class Check:
    def __init__(self, program, seeds, data, folder):
        self.program = program
        self.data = data
        self.folder = folder
        self.failures = []
        self.config = folder / "check.yaml"
        self.config.write_text(f"alerts: {{samples_max: 10}}\nintel: {{seed_dir: {seeds}}}\n")

    def fail(self, capture, what):
        self.failures.append(f"{capture}: {what}")

    def analyze(self, capture, feeds=()):
        """The alerts, and the exit code."""
        command = [self.program, "analyze", "-o", "json", "--no-store", "--quiet",
                   "--config", self.config]
        for feed in feeds:
            command += ["--feed", feed]
        done = subprocess.run(command + [self.data / "pcap" / capture], capture_output=True,
                              text=True, timeout=300)
        if done.returncode not in EXITS:
            self.fail(capture, f"exit {done.returncode}: {done.stderr.strip()[-400:]}")
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode

    def positive(self, capture, kind):
        """One row of the table: how many of the capture's questions are behind an alert."""
        feeds = FEEDS[kind](self.data, self.folder) if kind in FEEDS else ()
        alerts, _ = self.analyze(capture, feeds)
        found = sum(alert["count"] for alert in alerts if alert["alert_type"] == PREFIX + kind)
        others = collections.Counter(alert["alert_type"] for alert in alerts)
        others.pop(PREFIX + kind, None)
        for alert in alerts:
            if not alert.get("evidence", {}).get("summary"):
                self.fail(capture, f"alert {alert['id']} does not say why")
        return found, others

    def benign(self, capture, queries):
        """The number of alerts of the six kinds, all of them excused."""
        alerts, _ = self.analyze(capture)
        alerts = [alert for alert in alerts if alert["alert_type"].removeprefix(PREFIX) in KINDS]
        crawl = capture.startswith(CRAWLS)
        for alert in alerts:
            listed = "indicator" in alert["evidence"]
            if not (crawl and listed) and (capture, alert["domain"]) not in TRUE_ALERTS:
                self.fail(capture, f"{alert['alert_type']}: {alert['evidence']['summary']}")
        if crawl and len(alerts) > CRAWL_ALERTS_MAX * queries:
            self.fail(capture, f"{len(alerts)} alerts for {queries} queries")
        return len(alerts)


def run(check, rows):
    tally = collections.Counter()
    print(f"{'capture':44} {'queries':>8} {'found':>6} {'share':>6}  other alerts")
    for row in rows:
        capture, expected = row["file"], row["expected"]
        queries = int(row["dns_queries"] or 0)
        tally[expected.split("|")[0]] += 1
        if expected in FLOORS:
            found, others = check.positive(capture, expected)
            share = found / queries if queries else 0
            print(f"{capture:44} {queries:8} {found:6} {share:6.1%}  {dict(others) or ''}")
            if share < FLOORS[expected]:
                check.fail(capture, f"{share:.1%} found, {FLOORS[expected]:.0%} promised")
        elif expected.startswith("benign"):
            alerts = check.benign(capture, queries)
            tally["benign alerts (all true)"] += alerts
            if alerts:
                print(f"{capture:44} {queries:8} {alerts:6} true alerts in benign traffic")
        else:
            check.analyze(capture)
    print(", ".join(f"{count} {what}" for what, count in sorted(tally.items())))


def main():
    data = os.environ.get("DNSVIGIL_DATA")
    if not data:
        print("skipped: DNSVIGIL_DATA names no folder of captures")
        return SKIPPED
    data = pathlib.Path(data)
    with (data / "pcap" / "labels.tsv").open(newline="") as labels:
        rows = list(csv.DictReader(labels, delimiter="\t"))
    with tempfile.TemporaryDirectory() as folder:
        seeds = pathlib.Path(sys.argv[2]).resolve()
        check = Check(sys.argv[1], seeds, data, pathlib.Path(folder))
        run(check, rows)
    for failure in check.failures:
        print("FAILED", failure)
    return len(check.failures) > 0


sys.exit(main())
