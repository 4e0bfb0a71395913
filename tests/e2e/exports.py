#!/usr/bin/env python3
# exports.py - `dnsvigil run` with targets that are down, slow, busy, silent or refuse: nothing is lost
# SPDX-License-Identifier: Apache-2.0
"""Usage: exports.py PROGRAM SEEDS CASE; the cases are the functions at the end.

Everything happens in a folder of its own and on loopback. DNSVIGIL_OUTAGE_S makes each kind of trouble
of the case outage last longer; 720 is the hour of the long run."""
import collections
import gzip
import http.server
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

from daemon import LISTED, Case, wait_for

RATE = 100  # alerts a second
OUTAGE_S = float(os.environ.get("DNSVIGIL_OUTAGE_S", 3))  # of each kind of trouble
REFUSED = re.compile(r".*\.[0-7]\.\d?13")  # clients whose alerts a target refuses while it refuses


def brief(record):
    """What is looked at of a record; a long run has many."""
    return {key: record[key] for key in ("id", "revision", "status", "entity", "sample") if key in record}


class Target:
    """A web service that keeps what it has taken, and behaves as `mode` says: good, busy, silent,
    slow, refusing; or down, which is not listening at all."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.taken, self.mode, self.server = [], "down", None
        self.lock = threading.Lock()

    def become(self, mode):
        if self.server and mode == "down":
            self.server.shutdown()
            self.server.server_close()
            self.server = None
        self.mode = mode
        if not self.server and mode != "down":
            self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
            self.server.daemon_threads = True
            self.server.target = self
            threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def records(self):
        with self.lock:
            return list(self.taken)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_POST(self):
        target = self.server.target
        alert = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if target.mode in ("down", "silent"):  # connections that were kept go down, too
            while target.mode == "silent":
                time.sleep(0.1)
            self.close_connection = True
            return
        status = {"busy": 503}.get(target.mode, 200)
        if target.mode == "slow":
            time.sleep(0.7)
        if target.mode == "refusing" and REFUSED.fullmatch(alert["entity"]["ip"]):
            status = 422
        if status == 200:
            identity = f"{alert['id']}:{alert['revision']}"
            assert self.headers["X-Dnsvigil-Delivery"] == identity
            with target.lock:
                target.taken.append(brief(alert))
        try:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            pass  # it did not wait


class Exports(Case):
    def __init__(self, program, seeds):
        super().__init__(program, seeds)
        self.file = self.folder / "out" / "healthy.jsonl"
        self.healthy, self.troubled = Target(), Target()
        self.healthy.become("good")
        self.daemon, self.client, self.still = None, 0, (0, 0)

    def webhook(self, name, target):
        return (f"  - {{name: {name}, type: webhook, url: 'http://127.0.0.1:{target.port}/alerts',"
                f" allow: [127.0.0.1/32], allow_http: true, timeout_s: 1, retry_max_s: 1,"
                f" refusals_max: 2}}\n")

    def export_to(self, more=""):
        self.configure(f"{{name: tap, type: pcap, path: {self.pipe}}}",
                       f"exports:\n  - {{name: file, type: file, path: {self.file}}}\n"
                       + self.webhook("healthy", self.healthy)
                       + self.webhook("troubled", self.troubled) + more)

    def begin(self):
        self.daemon = self.start()
        self.traffic.connect(self.pipe)

    def ask_for(self, seconds, watch):
        """Alerts at RATE, while what `watch` names does not fall behind."""
        end, worst = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            began = time.monotonic()
            for _ in range(RATE // 5):
                self.client += 1
                self.traffic.ask(f"10.{self.client >> 16}.{self.client >> 8 & 255}."
                                 f"{self.client & 255}", LISTED)
            metrics = self.metrics()
            worst = max([worst] + [metrics[name]["lag_seconds"] for name in watch if name in metrics])
            time.sleep(max(0, 0.2 - (time.monotonic() - began)))
        return worst

    def metrics(self):
        found = collections.defaultdict(lambda: collections.defaultdict(float))
        text = self.daemon.get("/metrics")[1]
        for metric, name, value in re.findall(
                r'^dnsvigil_export_(\w+)\{export="(\w+)"\} (\S+)$', text, re.M):
            found[name][metric] = float(value)
        return found

    def settled(self):
        """Nothing has been raised, and nothing has waited, for a moment."""
        metrics = self.metrics()
        for name, one in metrics.items():
            assert one["changes_total"] == one["taken_total"] + one["skipped_total"] + \
                one["dead_total"] + one["pending"], f"{name}: {dict(one)}"
        changes, now = metrics["file"]["changes_total"], time.monotonic()
        if changes != self.still[0] or any(one["pending"] for one in metrics.values()):
            self.still = changes, now
        return changes and now - self.still[1] > 1.5

    def cli(self, *arguments, code=0):
        config = self.folder / "cli.yaml"
        config.write_text(self.config.read_text().replace("PORT", str(self.daemon.port)))
        said = subprocess.run([self.program, *arguments, "-c", str(config)], capture_output=True,
                              text=True, check=False, timeout=60)
        assert said.returncode == code, f"{arguments}: {said.returncode}\n{said.stdout}{said.stderr}"
        return said.stdout

    def change(self, alert, what):
        """Asks as who is at the machine."""
        body = json.dumps(what).encode()
        with socket.socket(socket.AF_UNIX) as way:
            way.connect(f"{self.folder}/state/api.sock")
            way.sendall(f"PATCH /api/v1/alerts/{alert} HTTP/1.1\r\nHost: localhost\r\n"
                        f"Content-Type: application/json\r\nConnection: close\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            said = way.makefile("rb").read()
        assert b" 200 " in said.splitlines()[0], said

    def lines(self, path):
        """Of the file, and before it of those that were put aside."""
        found = []
        for one in [*sorted(path.parent.glob(f"{path.name}.*")), *([path] if path.exists() else [])]:
            with (gzip.open if one.suffix == ".gz" else open)(one, "rt", encoding="utf-8") as file:
                found += [brief(json.loads(line)) for line in file]
        return found

    def check(self, name, records, missing=()):
        """Every alert as it is now has come, and of none an older revision after a newer one."""
        stored, newest, twice = self.alerts(), {}, 0
        for record in records:
            before = newest.get(record["id"], 0)
            twice += record["revision"] == before
            newest[record["id"]] = max(before, record["revision"])
        lost = [key for key, alert in stored.items()
                if newest.get(key, 0) != alert["revision"] and key not in missing]
        assert not lost, f"{name}: {len(lost)} of {len(stored)} alerts are lost, such as {lost[:2]}"
        return f"{name} {len(records)} records, {twice} twice"

    def outage(self):
        """Down, busy, silent, slow and refusing, with a crash in the middle: nothing is lost, and
        those who are well do not notice."""
        self.export_to()
        self.begin()
        worst = 0.0
        for mode in ("down", "busy", "silent"):
            self.troubled.become(mode)
            worst = max(worst, self.ask_for(OUTAGE_S, ("file", "healthy")))
            self.tell(mode)
        assert self.metrics()["troubled"]["failing"] == 1 and self.metrics()["troubled"]["retries_total"]
        assert not self.troubled.records() and self.healthy.records()
        self.daemon.signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.traffic.disconnect()
        self.begin()
        for mode in ("slow", "down", "refusing"):
            self.troubled.become(mode)
            worst = max(worst, self.ask_for(OUTAGE_S, ("file", "healthy")))
            self.tell(mode)
        assert worst < 10, f"the healthy ones were {worst:.1f} s behind"
        wait_for("everything sent", self.settled, 30 + 5 * OUTAGE_S)
        dead = self.dead_letters()
        self.status_changes()
        told = [self.check("file", self.lines(self.file)),
                self.check("healthy", self.healthy.records()),
                self.check("troubled", self.troubled.records())]
        self.stopped_while_silent()
        print(f"{len(self.alerts())} alerts, {dead} refused and sent again, the healthy ones at most "
              f"{worst:.1f} s behind: {'; '.join(told)}")

    def tell(self, mode):
        """How large it all has become."""
        waits = self.metrics()["troubled"]["pending"]
        status = pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text()
        resident = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) >> 10
        stored = sum(path.stat().st_size for path in self.store.parent.iterdir()) >> 20
        print(f"{mode}: {waits:.0f} wait, {resident} MiB of memory, {stored} MiB on disk", flush=True)

    def dead_letters(self):
        """What was refused for good is told, and sent once more when somebody says so."""
        refused = {key for key, alert in self.alerts().items()
                   if REFUSED.fullmatch(alert["entity"]["ip"])}
        dead = self.cli("export", "dead", "troubled", "-o", "json", "--limit", "200").splitlines()
        dead = {json.loads(line)["alert"]: json.loads(line)["reason"] for line in dead}
        assert dead and dead.keys() <= refused and all("422" in why for why in dead.values()), dead
        assert self.metrics()["troubled"]["dead_records"] == len(dead)
        self.check("troubled", self.troubled.records(), dead)
        self.troubled.become("good")
        self.cli("export", "redrive", "troubled")
        wait_for("the refused ones", lambda: not self.metrics()["troubled"]["dead_records"])
        return len(dead)

    def status_changes(self):
        """What an analyst changes goes out as a newer revision."""
        chosen, before = next(iter(self.alerts().items()))
        self.change(chosen, {"status": "Resolved", "comment": "seen"})
        for records in (lambda: self.lines(self.file), self.healthy.records, self.troubled.records):
            after = wait_for("the change", lambda: [
                record for record in records() if record["id"] == chosen
                and record["status"] == "Resolved"])
            assert after[0]["revision"] > before["revision"]

    def check_packaging(self):
        """Rules and dashboard of the package ask for metrics that there are."""
        there = set(re.findall(r"^(dnsvigil_\w+)", self.daemon.get("/metrics")[1], re.M))
        folder = pathlib.Path(__file__).parents[2] / "packaging"
        for path in (folder / "prometheus/dnsvigil.rules.yml",
                     folder / "grafana/dnsvigil.dashboard.json"):
            unknown = set(re.findall(r"\b(dnsvigil_\w+)", path.read_text())) - there
            assert not unknown, f"{path.name}: {unknown}"

    def limited(self):
        """A limit on files is told like a full disk, and ends no program by a signal."""
        with (self.folder / "alerts").open("wb") as out:
            limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            code = subprocess.run([self.program, "alerts", "list", "--all", "-o", "json", "--store",
                                   self.store], stdout=out, check=False, preexec_fn=limit,
                                  stderr=subprocess.DEVNULL, timeout=60).returncode
        assert code == 1, code

    def stopped_while_silent(self):
        """A target that says nothing does not keep the program from ending."""
        self.troubled.become("silent")
        self.ask_for(1, ())
        began = time.monotonic()
        self.daemon.stop()
        took = time.monotonic() - began
        limit = 30 + OUTAGE_S / 6  # what is stored by then takes its time, too
        assert took < limit, f"it took {took:.1f} s to end"

    def stalled(self):
        """Peers of every kind that accept connections, and not a word more: the others go on, each is
        told, and the program ends."""
        with socket.create_server(("127.0.0.1", 0), backlog=512) as silent:
            where = f"127.0.0.1:{silent.getsockname()[1]}"
            secret = self.folder / "secret"
            secret.touch(mode=0o600)
            secret.write_text("not told\n")
            keys = {
                "tls": f"type: syslog, address: '{where}'",
                "splunk": f"type: splunk, url: 'https://{where}', token_file: {secret}",
                "indexers": f"type: splunk, url: 'http://{where}', allow_http: true, token_file: {secret},"
                            f" acknowledged: true",
                "elastic": f"type: elasticsearch, url: 'http://{where}', allow_http: true, token_file: {secret}",
                "azure": f"type: azure_logs, url: 'https://{where}', token_url: 'https://{where}/token',"
                         f" client_id: we, client_secret_file: {secret}, rule_id: dcr-1",
                "otlp": f"type: otlp, url: 'http://{where}', allow_http: true",
                "kafka": f"type: kafka, address: '{where}', topic: alerts, tls: false",
                "hub": f"type: kafka, address: '{where}', topic: alerts, event_hubs: true, sasl: oauth,"
                       f" token_url: 'https://{where}/token', client_id: we, client_secret_file: {secret}",
                "mail": f"type: mail, url: 'smtp://{where}', allow_http: true, from: us@example.com,"
                        f" emails: [soc@example.com]",
            }
            self.export_to("".join(f"  - {{name: {name}, {more}, timeout_s: 2, retry_max_s: 1}}\n"
                                   for name, more in keys.items()))
            self.begin()
            worst = self.ask_for(6, ("file", "healthy"))
            assert worst < 10, f"the healthy ones were {worst:.1f} s behind"
            wait_for("each is told", lambda: all(self.metrics()[name]["failing"] for name in keys), 30)
            listed = {one["name"]: one for one in
                      map(json.loads, self.cli("export", "list", "-o", "json").splitlines())}
            for name in keys:
                assert listed[name]["taken"] == 0 and listed[name]["pending"] >= RATE, listed[name]
                assert listed[name]["failure"] and "not told" not in listed[name]["failure"], listed[name]
            began = time.monotonic()
            self.daemon.stop()
            took = time.monotonic() - began
            assert took < 30, f"it took {took:.1f} s to end"
        print(f"{len(keys)} peers stalled, the healthy ones at most {worst:.1f} s behind, {took:.1f} s to end")
        for name in keys:
            print(f"{name}: {listed[name]['failure']}")

    def reload(self):
        """A reload starts what is new and leaves the others alone; the past is sent when asked for."""
        self.troubled.become("good")
        self.export_to()
        self.begin()
        self.ask_for(1, ())
        wait_for("everything sent", self.settled)
        late = self.folder / "out" / "late.jsonl"
        rules = "[{rules: [{property: entity.ip, operator: EndsWith, value: '7'}]}]"
        self.export_to(f"  - {{name: late, type: file, path: {late}, rule_sets: {rules}}}\n")
        self.config.write_text(self.config.read_text().replace("PORT", str(self.daemon.port)))
        taken = self.metrics()["healthy"]["taken_total"]
        self.daemon.signal(signal.SIGHUP)
        wait_for("the new export", lambda: "late" in self.metrics())
        assert self.metrics()["healthy"]["taken_total"] == taken and not self.lines(late)
        assert "taken" in self.cli("export", "test", "file")
        assert self.lines(self.file).pop()["sample"] is True
        self.cli("export", "backfill", "late", "--since", "1h")
        wanted = {key for key, alert in self.alerts().items() if alert["entity"]["ip"].endswith("7")}
        wait_for("the past", lambda: wanted <= {record["id"] for record in self.lines(late)})
        assert wanted == {record["id"] for record in self.lines(late)}
        assert "taken" in self.cli("export", "test", "late")
        assert self.lines(late).pop()["sample"] is True
        self.check_packaging()
        self.limited()
        listed = {one["name"]: one for one in
                  map(json.loads, self.cli("export", "list", "-o", "json").splitlines())}
        assert listed["healthy"]["pending"] == 0 and listed["healthy"]["taken"] == taken, listed
        self.forgotten()
        self.daemon.stop()
        print(f"{len(wanted)} of {len(self.alerts())} alerts sent to an export that came later")

    def forgotten(self):
        """An export that is taken out of the configuration is kept until somebody says otherwise."""
        self.cli("export", "forget", "late", code=1)
        self.export_to()
        self.config.write_text(self.config.read_text().replace("PORT", str(self.daemon.port)))
        self.daemon.signal(signal.SIGHUP)
        wait_for("the reload", lambda: "late" not in self.metrics())
        assert '"name":"late","configured":false' in self.cli("export", "list", "-o", "json")
        self.cli("export", "forget", "late")
        assert "late" not in self.cli("export", "list", "-o", "json")
        assert "export/late" in self.cli("audit", "list")


def main():
    case = Exports(*(str(pathlib.Path(path).resolve()) for path in sys.argv[1:3]))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    failed = True
    try:
        getattr(case, sys.argv[3])()
        failed = False
    finally:
        case.close(failed)


if __name__ == "__main__":
    main()
