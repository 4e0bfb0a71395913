#!/usr/bin/env python3
# daemon.py - `dnsvigil run` as an operator meets it: reloads, crashes, stops, stalls, full disks
# SPDX-License-Identifier: Apache-2.0
"""Usage: daemon.py PROGRAM SEEDS CASE; the cases are the functions of class Case.

Everything happens in a folder of its own and on loopback. Exit code 77: not permitted here."""
import ctypes
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

LISTED, LATER = "bad.listed-domain.net", "new.later-domain.org"
RESOLVER = "192.0.2.53"


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def wait_for(what, check, seconds=60):
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.05)


def dns(number, name, response):
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    flags = 0x8180 if response else 0x0100
    return struct.pack(">6H", number, flags, 1, 0, 0, 0) + question + b"\0\0\1\0\1"


def frame(time_s, client, number, name, response):
    """A pcap record with an Ethernet frame: a query of the client's or the answer to it."""
    payload = dns(number, name, response)
    ends = [(socket.inet_aton(client), 20000 + number % 30000), (socket.inet_aton(RESOLVER), 53)]
    (source, sport), (target, dport) = reversed(ends) if response else ends
    udp = struct.pack(">4H", sport, dport, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, source, target)
    data = b"\x02" * 12 + b"\x08\0" + ip + udp
    return struct.pack("<4I", int(time_s), int(time_s % 1 * 1e6), len(data), len(data)) + data


class Traffic:
    """Queries with their answers, to a pipe and to a file of the same."""

    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)

    def __init__(self, record):
        self.record = open(record, "ab")
        if self.record.tell() == 0:
            self.record.write(self.header)
        self.pipe = None
        self.frames = self.number = 0

    def connect(self, path):
        self.pipe = open(path, "wb", buffering=0)
        self.pipe.write(self.header)

    def ask(self, client, name, time_s=None):
        self.number = (self.number + 1) % 65536
        now = time_s or time.time()
        both = (frame(now, client, self.number, name, False)
                + frame(now + 0.001, client, self.number, name, True))
        self.record.write(both)
        self.pipe.write(both)
        self.frames += 2

    def disconnect(self):
        self.record.flush()
        self.pipe.close()


class Daemon:
    def __init__(self, program, config, folder, children):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        text = config.read_text().replace("PORT", str(self.port))
        config.write_text(text)
        self.log = folder / f"run-{self.port}.log"
        self.process = subprocess.Popen([program, "run", "-c", str(config)],
                                        stderr=self.log.open("w"), stdout=subprocess.DEVNULL)
        children.append(self.process)
        wait_for("an answer", lambda: self.get("/healthz")[0])
        config.write_text(text.replace(str(self.port), "PORT"))

    def get(self, path):
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        lines = [line for line in self.get("/metrics")[1].splitlines()
                 if line.startswith(f"dnsvigil_{name} ")]
        return float(lines[0].split()[1]) if lines else None

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, code=0):
        self.signal(signal.SIGTERM)
        self.wait(code)

    def wait(self, code=0):
        found = self.process.wait(60)
        assert found == code, f"it ended with {found}:\n{self.log.read_text()}"


class Case:
    def __init__(self, program, seeds):
        self.program, self.seeds = program, seeds
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dnsvigil-daemon-"))
        self.pipe, self.record = self.folder / "pipe", self.folder / "traffic.pcap"
        self.feed, self.store = self.folder / "listed.txt", self.folder / "store/alerts.db"
        self.config = self.folder / "dnsvigil.yaml"
        self.children = []
        os.mkfifo(self.pipe)
        self.feed.write_text(LISTED + "\n")
        self.configure(f"{{name: tap, type: pcap, path: {self.pipe}}}")
        self.traffic = Traffic(self.record)

    def configure(self, source, more=""):
        self.config.write_text(
            f"sensor: test\nshards: 2\nstate_dir: {self.folder}/state\n"
            f"store: {{path: {self.store}, ballast_mib: 0}}\nintel: {{seed_dir: {self.seeds}}}\n"
            f"feeds: [{{name: ours, category: phishing, path: {self.feed}}}]\n"
            f"rules: {{own: false}}\n"
            f"sources: [{source}]\napi: {{listen: '127.0.0.1:PORT'}}\n"
            f"status: {{stats_interval_s: 0}}\n{more}")

    def start(self):
        return Daemon(self.program, self.config, self.folder, self.children)

    def close(self, told):
        for log in self.folder.glob("run-*.log") if told else ():
            print(f"== {log.name}\n{log.read_text()[-3000:]}")
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def alerts(self, store=None):
        said = subprocess.run([self.program, "alerts", "list", "--all", "--limit", "1000000", "-o",
                               "json", "--store", str(store or self.store)],
                              capture_output=True, text=True, check=False)
        return {alert["id"]: alert for alert in map(json.loads, said.stdout.splitlines())}

    def analyzed(self):
        """The alerts that the recorded traffic raises from a file."""
        store = self.folder / "file.db"
        config = self.folder / "analyze.yaml"
        config.write_text(self.config.read_text().replace("PORT", "0"))
        subprocess.run([self.program, "analyze", "-q", "-c", str(config), "--store", str(store),
                        str(self.record)], check=True, stdout=subprocess.DEVNULL)
        return self.alerts(store)

    def clients_of(self, alerts, name):
        return {alert["entity"]["ip"] for alert in alerts.values() if alert["qname"] == name}

    def reload(self):
        """A reload every half second under load: nothing is lost, a bad one changes nothing, and a
        list that is changed meanwhile misses nothing from then on."""
        daemon = self.start()
        self.traffic.connect(self.pipe)
        good, asked, asked_later, reloads = self.config.read_text(), set(), set(), 0
        end, count, told_bad = time.monotonic() + 10, 0, False
        next_reload = time.monotonic() + 0.5
        while time.monotonic() < end:
            for _ in range(100):
                count += 1
                self.traffic.ask(f"198.51.100.{count % 200 + 1}", f"www{count % 900}.harmless.net")
            client = f"203.0.113.{len(asked) + 1}"
            if len(asked) < 200:
                self.traffic.ask(client, LISTED)
                asked.add(client)
            if daemon_knows_later(daemon, reloads) and len(asked_later) < 200:
                client = f"192.0.2.{len(asked_later) + 55}"
                self.traffic.ask(client, LATER)
                asked_later.add(client)
            time.sleep(0.01)
            if time.monotonic() < next_reload:
                continue
            next_reload += 0.5
            reloads += 1
            if reloads == 4:
                self.feed.write_text(f"{LISTED}\n{LATER}\n")
            self.config.write_text("shards: many\n" if reloads == 6 else good)
            before = daemon.metric("reloads_total"), daemon.metric("reloads_refused_total")
            daemon.signal(signal.SIGHUP)
            wait_for("the reload", lambda: (daemon.metric("reloads_total"),
                                            daemon.metric("reloads_refused_total")) != before)
            told_bad |= reloads == 6 and daemon.metric("reload_failed") == 1
        wait_for("all frames", lambda: daemon.metric("frames_in_total") == self.traffic.frames)
        refused, done = daemon.metric("reloads_refused_total"), daemon.metric("reloads_total")
        self.traffic.disconnect()
        daemon.wait()
        alerts = self.alerts()
        assert told_bad and refused == 1, "the bad configuration was not refused"
        assert self.clients_of(alerts, LISTED) == asked, "alerts of the list were lost"
        assert asked_later and self.clients_of(alerts, LATER) == asked_later, "of the new one, too"
        same = {key for key, alert in self.analyzed().items() if alert["qname"] == LISTED}
        assert same == {key for key, alert in alerts.items() if alert["qname"] == LISTED}
        print(f"{self.traffic.frames} frames, {done:.0f} reloads and 1 refused: nothing lost, "
              f"{len(alerts)} alerts")

    def crash(self):
        """kill -9 under load: what was stored stays, and the meters go on."""
        daemon = self.start()
        self.traffic.connect(self.pipe)
        began = time.time()
        self.traffic.ask("203.0.113.1", LISTED)
        wait_for("the alert", lambda: len(self.alerts()) == 1)
        daemon.stop()  # the meters are kept
        self.traffic.disconnect()
        rounds, stored, slowest = 4, self.alerts(), 0.0
        for turn in range(rounds):
            asked = time.monotonic()
            daemon = self.start()
            slowest = max(slowest, time.monotonic() - asked)
            self.traffic.connect(self.pipe)
            load = threading.Thread(target=self.load, args=(turn, 3000), daemon=True)
            load.start()
            wait_for("more alerts", lambda: len(self.alerts()) > len(stored))
            stored = self.alerts()
            daemon.signal(signal.SIGKILL)
            daemon.process.wait()
            load.join()
            self.traffic.disconnect()
            missing = stored.keys() - self.alerts().keys()
            assert not missing, f"stored alerts are gone: {missing}"
        daemon = self.start()
        self.traffic.connect(self.pipe)
        resumed = wait_for("the open alerts", lambda: daemon.metric("alerts_resumed_total"))
        self.traffic.ask("203.0.113.1", LISTED)
        self.traffic.disconnect()
        daemon.wait()
        mine = [alert for alert in self.alerts().values()
                if alert["entity"]["ip"] == "203.0.113.1" and alert["qname"] == LISTED]
        assert resumed >= 1 and len(mine) == 1, f"{resumed} resumed, {len(mine)} alerts for one"
        assert mine[0]["count"] >= 2 and time.time() - began < 60
        print(f"{rounds} times killed under load, {len(stored)} stored alerts are all there; "
              f"ready again after {slowest:.2f} s at most")

    def load(self, turn, count):
        try:
            for i in range(count):
                self.traffic.ask(f"198.51.{turn + 1}.{i % 250 + 1}",
                                 LISTED if i % 20 == 0 else f"www{i}.harmless.net")
        except BrokenPipeError:
            pass

    def stop(self):
        """Stopped in the middle and started again it tells what one run tells."""
        start, random_names = time.time() - 600, random.Random(1)
        for part in range(2):
            daemon = self.start()
            self.traffic.connect(self.pipe)
            for i in range(400):
                when = start + part * 300 + i * 0.5
                name = "".join(random_names.choices("abcdefghijklmnopqrstuvwxyz234567", k=50))
                self.traffic.ask("203.0.113.9", f"{name}.t.kettlebridge-sync.net", when)
                self.traffic.ask(f"198.51.100.{i % 50 + 1}", LISTED, when + 0.1)
            wait_for("all frames", lambda: daemon.metric("frames_in_total") == 1600)
            daemon.stop()
            self.traffic.disconnect()
        live, file = self.alerts(), self.analyzed()
        assert live.keys() == file.keys(), live.keys() ^ file.keys()
        counts = {key: (alert["count"], file[key]["count"]) for key, alert in live.items()
                  if alert["count"] != file[key]["count"]}
        assert not counts, f"counts differ: {counts}"
        print(f"{len(live)} alerts with the same ids and counts from two runs as from one")

    def latency(self):
        """From a line of a log to a stored alert within two seconds."""
        log = self.folder / "dnsmasq.log"
        log.write_text("")
        self.configure(f"{{name: log, type: log, path: {log}, format: dnsmasq}}")
        daemon, waits = self.start(), []
        wait_for("ready", lambda: daemon.get("/readyz")[0] == 200)
        for i in range(8):
            stamp = time.strftime("%b %e %H:%M:%S")
            with log.open("a") as out:
                out.write(f"{stamp} dnsmasq[7]: query[A] {LISTED} from 203.0.113.{i + 1}\n")
                out.write(f"{stamp} dnsmasq[7]: config {LISTED} is NXDOMAIN\n")
            began = time.monotonic()
            wait_for("the alert", lambda: len(self.alerts()) == i + 1)
            waits.append(time.monotonic() - began)
            time.sleep(0.3)
        counted = daemon.metric("detection_latency_seconds_count")
        median = statistics.median(waits)  # one may meet a disk that has much else to do
        assert median < 2, f"alerts took {waits} s"
        assert counted == 8, f"{counted} latencies were counted"
        daemon.stop()
        print(f"8 alerts, stored and seen within {median:.2f} s, the slowest {max(waits):.2f} s")

    def canary(self):
        """The canary comes back soon after the first traffic, and nobody sees an alert of it."""
        daemon = self.start()
        self.traffic.connect(self.pipe)
        assert daemon.metric("canary_age_seconds") == -1
        self.traffic.ask("203.0.113.1", "www.harmless.net")
        wait_for("the canary", lambda: daemon.metric("canary_age_seconds") >= 0)
        travelled = daemon.metric("canary_seconds")
        rules = pathlib.Path(__file__).parents[2] / "packaging/prometheus/dnsvigil.rules.yml"
        used = set(re.findall(r"dnsvigil_\w+", rules.read_text()))
        given = set(re.findall(r"^dnsvigil_\w+", daemon.get("/metrics")[1], re.M))
        missing = {name for name in used - given if "_export_" not in name}
        assert not missing, f"rules for Prometheus use what is not there: {missing}"
        assert daemon.metric("canary_alerts_total") == 2, "one for each shard"
        assert daemon.get("/readyz")[0] == 200, daemon.get("/readyz")[1]
        assert not self.alerts()
        self.traffic.disconnect()
        daemon.wait()
        assert not self.alerts()
        print(f"the canary was back after {travelled * 1000:.1f} ms")

    def threads(self):
        """Each thread that stands still turns health red within five seconds, by name."""
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        attach, detach, wall = 16, 17, 0x40000000
        daemon = self.start()
        self.traffic.connect(self.pipe)
        time.sleep(2)  # what is done first may take its time, and is not missed meanwhile
        tasks = pathlib.Path(f"/proc/{daemon.process.pid}/task")
        names = {task.name: (task / "comm").read_text().strip() for task in tasks.iterdir()}
        worst = 0.0
        for task, name in sorted(names.items(), key=lambda item: item[1]):
            if name == "http" or name.startswith("api"):
                continue  # who would answer?
            if libc.ptrace(attach, int(task), None, None) != 0:
                skip("threads may not be stopped here")
            os.waitpid(int(task), wall)
            began, wanted = time.monotonic(), "merger" if name == "dnsvigil" else name
            try:
                wait_for(f"a red health for {name}", lambda: is_blamed(daemon, wanted))
                worst = max(worst, time.monotonic() - began)
            finally:
                libc.ptrace(detach, int(task), None, None)
            wait_for("health", lambda: daemon.get("/healthz")[0] == 200)
        assert worst <= 15, f"it took {worst:.1f} s"  # five, and what a busy machine adds
        self.traffic.disconnect()
        daemon.wait()
        print(f"{sorted(names.values())}: each is missed by name, after {worst:.1f} s at most")

    def full_disk(self):
        """A full disk turns readiness red; once there is room all alerts are there."""
        where = self.store.parent
        where.mkdir()
        if os.environ.get("DAEMON_MOUNTS") != "own":
            if os.geteuid() != 0 or not shutil.which("unshare"):
                skip("mounting is not permitted")
            self.close(False)
            os.environ["DAEMON_MOUNTS"] = "own"
            sys.exit(subprocess.call(["unshare", "-m", sys.executable, *sys.argv]))
        if subprocess.call(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(where)]) != 0:
            skip("mounting is not permitted")
        daemon = self.start()
        self.traffic.connect(self.pipe)
        self.traffic.ask("203.0.113.200", LISTED)
        wait_for("the first alert", lambda: len(self.alerts()) == 1)
        filler = where / "filler"
        with filler.open("wb", buffering=0) as out:
            try:
                while out.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        asked, serial = {"203.0.113.200"}, 0
        while daemon.get("/readyz")[0] == 200 and serial < 199:
            serial += 1
            asked.add(f"203.0.113.{serial}")
            self.traffic.ask(f"203.0.113.{serial}", LISTED)
            time.sleep(0.1)
        code, said = daemon.get("/readyz")
        assert code == 503 and "store" in said, f"{serial} alerts: {code} {said}"
        assert daemon.get("/healthz")[0] == 200, daemon.get("/healthz")[1]
        filler.unlink()
        wait_for("ready again", lambda: daemon.get("/readyz")[0] == 200)
        wait_for("all alerts", lambda: self.clients_of(self.alerts(), LISTED) == asked)
        self.traffic.disconnect()
        daemon.wait()
        subprocess.call(["umount", str(where)])
        print(f"red after {serial} alerts; all {len(asked)} were stored once there was room")


def is_blamed(daemon, thread):
    """Health names this thread, and no other."""
    code, said = daemon.get("/healthz")
    return code == 503 and thread in said and said.count("\n") == 1


def daemon_knows_later(daemon, reloads):
    """Whether the list with LATER is in force: it is swapped at the fourth reload."""
    return reloads > 4 and daemon.process.poll() is None


def main():
    case = Case(str(pathlib.Path(sys.argv[1]).resolve()), str(pathlib.Path(sys.argv[2]).resolve()))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    failed = True
    try:
        getattr(case, sys.argv[3])()
        failed = False
    finally:
        case.close(failed)


if __name__ == "__main__":
    main()
