#!/usr/bin/env python3
# check_captures.py - analyses labelled real captures and compares the alerts with the labels
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_captures.py DNSVIGIL SEED_FOLDER

DNSVIGIL_DATA names a folder with pcap/labels.tsv (file, expected alert types without their prefix,
...) and the lists its captures were made from. Exit 77 (skipped) without it.

- No capture may crash the program: it ends with 0, or with 3 for a damaged file.
- Captures of one kind of alert must show that kind for at least the share of their names in FLOORS.
- Of all other captures with expected kinds at least the share in SHARES must show one of them.
- Benign captures must show nothing, with the lists that come with the program; where the label says
  benign but the traffic is not, TRUE_ALERTS and CRAWLS say so.
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

# Least share of a capture's names that must be in the alerts of its kind; set a little below what
# was measured. The names are of lists that were not all used to make ours.
FLOORS = {
    "DarkWeb": 1.0,
    "DarkWebProxy": 1.0,
    "SinkholedDomain": 0.95,
    "CurrencyMining": 0.85,
    "PhishingDomain": 0.95,
    "ThreatIntelSuspectDomain": 0.95,
    "SuspiciousDomain": 0.95,
}

# Least share of the captures of a kind that must show it or another expected kind; hard ones among
# them are a single query that carries a file and damage that the network layer already refuses.
SHARES = {
    "DataExfiltration": 0.95,
    "DataInfiltration": 0.95,
    "DataObfuscation": 0.95,
    "DomainGenerationAlgorithm": 0.6,
    "ProtocolAnomaly": 0.75,
}

# Alerts that are right in captures whose label looks at something else, by domain or kind.
TRUE_ALERTS = {
    ("benign/compactor_rootserver_nsd-live.pcap", "i2p2.i2p"),  # a leak that reached a root server
    ("benign/compactor_rootserver_nsd-live.pcap", "ProtocolAnomaly"),  # names longer than allowed
    ("benign_small/zeek_dns-svcb-rdlength-mismatch.pcap", "ProtocolAnomaly"),  # as its name says
    ("benign_small/maltrail_dns_queries.pcap", "onion.to"),          # made to test another detector
    ("benign_small/maltrail_mixed_soup.pcap", "onion.to"),
}

# One client that resolves the million most popular names: pools, seized domains, squats of brands
# and machine-made names among them. Alerts about single names are right there as long as they stay
# few; none may speak of the client's behaviour.
CRAWLS = "benign/ggy_normal_"
CRAWL_ALERTS_MAX = 0.004  # of the queries
CRAWL_KINDS = ("DarkWebProxy", "SinkholedDomain", "CurrencyMining", "PhishingDomain",
               "RandomizedDomain")


def openphish(data, folder):
    """Host names behind which stands the day they were seen."""
    path = folder / "openphish.txt"
    source = data / "intel" / "phishing_openphish" / "openphish_hosts_older.tsv"
    path.write_text("".join(line.split("\t")[0].strip() + "\n"
                            for line in source.read_text().splitlines()))
    return ["--feed", f"phishing:{path}"]


def maltrail(data, folder):
    """One list of all malware families; lines that name no host or address are left out."""
    path = folder / "maltrail.txt"
    with path.open("w") as out:
        for source in sorted((data / "intel" / "maltrail" / "malware").glob("*.txt")):
            for line in source.read_text(errors="replace").splitlines():
                line = line.split("#")[0].strip()
                if line and "/" not in line and " " not in line:
                    out.write(line.rsplit(":", 1)[0] + "\n")
    return ["--feed", f"malware:{path}"]


def signatures(data, folder):
    """The public signature rules, with those that only inform: the names are of both."""
    path = folder / "signatures.yaml"
    path.write_text((folder / "check.yaml").read_text() +
                    f"rules: {{informational: true, paths: [{data / 'intel' / 'et_open_2024'}]}}\n")
    return ["--config", path]


# Options that give the program the lists from which the captures of a kind were made.
LISTS = {"PhishingDomain": openphish, "ThreatIntelSuspectDomain": maltrail,
         "SuspiciousDomain": signatures}


def lists_for(kind, data, folder):
    return LISTS[kind](data, folder) if kind in LISTS else []


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

    def analyze(self, capture, lists=()):
        """The alerts, and the exit code."""
        command = [self.program, "analyze", "-o", "json", "--no-store", "--quiet",
                   "--config", self.config, *lists]
        done = subprocess.run(command + [self.data / "pcap" / capture], capture_output=True,
                              text=True, timeout=300)
        if done.returncode not in EXITS:
            self.fail(capture, f"exit {done.returncode}: {done.stderr.strip()[-400:]}")
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode

    def positive(self, capture, kind):
        """One row of the table: how many of the capture's questions are behind an alert."""
        alerts, _ = self.analyze(capture, lists_for(kind, self.data, self.folder))
        found = sum(alert["count"] for alert in alerts if alert["alert_type"] == PREFIX + kind)
        others = collections.Counter(alert["alert_type"] for alert in alerts)
        others.pop(PREFIX + kind, None)
        for alert in alerts:
            if not alert.get("evidence", {}).get("summary"):
                self.fail(capture, f"alert {alert['id']} does not say why")
        return found, others

    def shown(self, capture, expected):
        """Whether one of the expected kinds is among the alerts."""
        alerts, _ = self.analyze(capture)
        kinds = {alert["alert_type"].removeprefix(PREFIX) for alert in alerts}
        return bool(kinds & set(expected.split("|")))

    def benign(self, capture, queries):
        """The number of alerts, all of them excused."""
        alerts, _ = self.analyze(capture)
        crawl = capture.startswith(CRAWLS)
        for alert in alerts:
            kind = alert["alert_type"].removeprefix(PREFIX)
            excused = {(capture, alert["domain"]), (capture, kind)} & TRUE_ALERTS
            if not excused and not (crawl and kind in CRAWL_KINDS):
                self.fail(capture, f"{kind}: {alert['evidence']['summary']}")
        if crawl and len(alerts) > CRAWL_ALERTS_MAX * queries:
            self.fail(capture, f"{len(alerts)} alerts for {queries} queries")
        return len(alerts)


def run(check, rows):
    tally = collections.Counter()
    shown = collections.defaultdict(list)
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
        elif expected.split("|")[0] in SHARES:
            shown[expected.split("|")[0]].append(check.shown(capture, expected))
        else:
            check.analyze(capture)
    for kind, results in sorted(shown.items()):
        print(f"{kind:44} {len(results):8} {sum(results):6} captures that show it")
        if sum(results) < SHARES[kind] * len(results):
            check.fail(kind, f"{sum(results)} of {len(results)} captures show it")
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


if __name__ == "__main__":
    sys.exit(main())
