#!/usr/bin/env python3
# daemon_input.py - `dnsvigil run` gives the same alerts by whatever way the traffic comes, and soon
# SPDX-License-Identifier: Apache-2.0
"""Usage: daemon_input.py PROGRAM SEEDS CASE; the cases are the functions of class InputCase."""
import json
import os
import pathlib
import random
import re
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import time

from daemon import Case, LISTED, RESOLVER, dns, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = 200


def iso(now, decimals=3):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f"{now % 1:.{decimals}f}"[1:] + "Z"


def log_bind(now, client, name):
    when = time.strftime("%d-%b-%Y %H:%M:%S", time.localtime(now)) + f"{now % 1:.3f}"[1:]
    return (f"{when} client @0x7f5a9c001c48 {client}#40000 ({name}): query: {name} IN A +E(0)K "
            f"({RESOLVER})\n")


def log_unbound(now, client, name):
    head = f"[{int(now)}] unbound[4711:0]"
    return (f"{head} query: {client} {name}. A IN\n"
            f"{head} reply: {client} {name}. A IN NXDOMAIN 0.000000 1 40\n")


def log_dnsmasq(now, client, name):
    head = time.strftime("%b %e %H:%M:%S", time.localtime(now)) + " dnsmasq[7]: 9 " + client
    return (f"{head}/40000 query[A] {name} from {client}\n"
            f"{head}/40000 config {name} is NXDOMAIN\n")


def log_zeek(now, client, name):
    return json.dumps({"ts": now, "uid": "C1", "id.orig_h": client, "id.orig_p": 40000,
                       "id.resp_h": RESOLVER, "id.resp_p": 53, "proto": "udp", "trans_id": 7,
                       "query": name, "qclass": 1, "qclass_name": "C_INTERNET", "qtype": 1,
                       "qtype_name": "A", "rcode": 3, "rcode_name": "NXDOMAIN", "AA": False,
                       "TC": False, "RD": True, "RA": True, "Z": 0, "rejected": False}) + "\n"


def log_eve(now, client, name):
    when = iso(now, 6).replace("Z", "+0000")
    head = {"timestamp": when, "flow_id": 1, "event_type": "dns", "proto": "UDP"}
    ask = {**head, "src_ip": client, "src_port": 40000, "dest_ip": RESOLVER, "dest_port": 53,
           "dns": {"type": "query", "id": 7, "rrname": name, "rrtype": "A", "tx_id": 0}}
    answer = {**head, "src_ip": client, "src_port": 40000, "dest_ip": RESOLVER, "dest_port": 53,
              "dns": {"version": 2, "type": "answer", "id": 7, "flags": "8183", "qr": True,
                      "rd": True, "ra": True, "rrname": name, "rrtype": "A", "rcode": "NXDOMAIN"}}
    return json.dumps(ask) + "\n" + json.dumps(answer) + "\n"


def log_route53(now, client, name):
    return json.dumps({"version": "1.100000", "account_id": "1", "region": "eu-west-1",
                       "query_timestamp": iso(now, 0).replace(".", ""), "query_name": name + ".",
                       "query_type": "A", "query_class": "IN", "rcode": "NXDOMAIN", "answers": [],
                       "srcaddr": client, "srcport": "40000", "transport": "UDP",
                       "srcids": {"instance": "i-1"}}) + "\n"


def log_azure(now, client, name):
    return json.dumps({"time": iso(now), "category": "DnsResponse", "properties": {
        "query_name": name + ".", "query_type": "A", "query_class": "IN", "response_code": 3,
        "srcipaddr": client, "srcport": 40000, "dstipaddr": RESOLVER, "dstport": 53,
        "transport": "UDP", "answer": []}}) + "\n"


def log_transactions(now, client, name):
    return json.dumps({"time": now, "client": client, "client_port": 40000, "server": RESOLVER,
                       "qname": name, "qtype": "A", "rcode": "NXDOMAIN"}) + "\n"


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, value):
    """Of a protobuf message: a whole number or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


class Dnstap:
    """A server's end of Frame Streams, as dnstap.info describes it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.control(4)  # READY
        assert self.socket.recv(4096)[8:12] == struct.pack(">I", 1), "it did not ACCEPT"
        self.control(2)  # START

    def control(self, kind):
        content = b"protobuf:dnstap.Dnstap"
        body = struct.pack(">III", kind, 1, len(content)) + content
        self.socket.sendall(struct.pack(">II", 0, len(body)) + body)

    def answer(self, client, number, name):
        """A client's query with its response."""
        for kind, time_field, message in ((5, 8, 10), (6, 12, 14)):
            now = time.time()
            body = (field(1, kind) + field(2, 1) + field(3, 1)
                    + field(4, socket.inet_aton(client)) + field(5, socket.inet_aton(RESOLVER))
                    + field(6, 20000 + number) + field(7, 53) + field(time_field, int(now))
                    + varint(time_field + 1 << 3 | 5) + struct.pack("<I", int(now % 1 * 1e9))
                    + field(message, dns(number, name, kind == 6)))
            frame = field(15, 1) + field(14, body)
            self.socket.sendall(struct.pack(">I", len(frame)) + frame)


class InputCase(Case):
    def same(self, alerts):
        """What does not depend on when and by whom an alert was stored."""
        return {key: json.dumps({name: value for name, value in alert.items()
                                 if name not in ("revision", "prevalence", "novelty")})
                for key, alert in alerts.items()}

    def shards(self):
        """The same stored alerts from `run` on 1, 2 and 7 shards as from `analyze`."""
        names, start = random.Random(2), time.time() - 3600
        self.traffic.pipe = open(os.devnull, "wb")
        for i in range(300):
            when = start + i
            tunnel = "".join(names.choices("0123456789abcdef", k=50)) + ".t.kettlebridge-sync.net"
            self.traffic.ask("203.0.113.9", tunnel, when)
            self.traffic.ask(f"198.51.100.{i % 40 + 1}", LISTED, when + 0.2)
            self.traffic.ask(f"192.0.2.{i % 90 + 100}", f"xmr-eu1.pool-{i % 7}-miner.net", when + 0.4)
        self.traffic.disconnect()
        captures = [self.record, ROOT / "data/captures/sample.pcap"]
        for capture in captures:
            self.record = capture
            self.configure(f"{{name: file, type: pcap, path: {capture}}}", "novelty: {warm_up_days: 0}\n")
            (self.folder / "file.db").unlink(missing_ok=True)
            expected = self.same(self.analyzed())
            assert len(expected) >= 8, f"only {len(expected)} alerts"
            text = self.config.read_text()
            for count in (1, 2, 7):
                shutil.rmtree(self.store.parent, ignore_errors=True)
                shutil.rmtree(self.folder / "state", ignore_errors=True)
                self.config.write_text(text.replace("shards: 2", f"shards: {count}"))
                self.run_to_end()
                found = self.same(self.alerts())
                assert found.keys() == expected.keys(), (capture, count, found.keys() ^ expected.keys())
                other = [key for key in found if found[key] != expected[key]]
                assert not other, f"{count}:\n{found[other[0]]}\n{expected[other[0]]}"
            print(f"{capture.name}: {len(expected)} alerts, the same from 1, 2 and 7 shards")

    def run_to_end(self):
        """A daemon whose only source is a file ends by itself, perhaps before it was asked."""
        text = self.config.read_text()
        self.config.write_text(text.replace("'127.0.0.1:PORT'", "''"))
        subprocess.run([self.program, "run", "-c", str(self.config)], check=True, timeout=60,
                       stderr=(self.folder / "run-end.log").open("w"))
        self.config.write_text(text)

    def formats(self):
        """A listed name in the log of every format, before and after the log was rotated."""
        known = re.findall(r"^LOG_FORMAT\(\w+, (\w+)",
                           (ROOT / "src/input/log_formats.def").read_text(), re.M)
        writers = {slug: globals()[f"log_{slug}"] for slug in known}
        logs = {slug: self.folder / f"{slug}.log" for slug in known}
        for log in logs.values():
            log.write_text("")
        self.configure(", ".join(f"{{name: {slug}, type: log, path: {log}, format: {slug}}}"
                                 for slug, log in logs.items()))
        daemon = self.start()
        wait_for("ready", lambda: daemon.get("/readyz")[0] == 200)
        asked = set()
        for turn in range(3):
            for number, (slug, log) in enumerate(logs.items()):
                client = f"203.0.113.{turn * 20 + number + 1}"
                asked.add(client)
                with log.open("a") as out:
                    out.write(writers[slug](time.time(), client, LISTED))
                    out.write(writers[slug](time.time(), client, "www.harmless.net"))
            wait_for("an alert of each log",
                     lambda: self.clients_of(self.alerts(), LISTED) == asked)
            for log in logs.values():
                if turn == 0:
                    log.rename(log.with_suffix(".log.1"))
                    log.write_text("")
                else:
                    shutil.copy(log, log.with_suffix(".copy"))
                    os.truncate(log, 0)
            time.sleep(1.5)  # a cut file that has grown to its old size meanwhile looks untouched
        refused = [line for line in daemon.get("/metrics")[1].splitlines()
                   if line.startswith("dnsvigil_log_refused") and not line.endswith(" 0")]
        assert not refused, refused
        daemon.stop()
        print(f"{len(known)} formats, {len(asked)} alerts, through a rename and a cut")

    def delays(self):
        """From the event to the stored alert, by dnstap and by log."""
        log, tap = self.folder / "q.log", self.folder / "tap.sock"
        log.write_text("")
        self.configure(f"{{name: log, type: log, path: {log}, format: transactions}}, "
                       f"{{name: tap, type: dnstap, path: {tap}}}")
        daemon = self.start()
        wait_for("ready", lambda: daemon.get("/readyz")[0] == 200)
        dnstap, sent, seen = Dnstap(tap), {}, {}
        store = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
        random.seed(3)
        until = time.time()
        while len(seen) < 2 * SAMPLES and time.time() < until + 10:
            if len(sent) < 2 * SAMPLES:
                number = len(sent) // 2
                client = f"203.0.{113 + len(sent) % 2}.{number + 1}"
                sent[client] = until = time.time()
                if len(sent) % 2:
                    dnstap.answer(client, number, LISTED)
                else:
                    with log.open("a") as out:
                        out.write(log_transactions(time.time(), client, LISTED))
            time.sleep(random.uniform(0.005, 0.04))
            for (client,) in store.execute("SELECT entity_ip FROM alert"):
                seen.setdefault(client, time.time())
        assert seen.keys() == sent.keys(), f"{len(seen)} of {len(sent)} came"
        for kind, third in (("dnstap", "113"), ("log line", "114")):
            delays = sorted(seen[client] - when for client, when in sent.items()
                            if client.split(".")[2] == third)
            p99 = delays[len(delays) * 99 // 100 - 1]
            print(f"{kind} to stored alert: p50 {delays[len(delays) // 2] * 1000:.0f} ms, "
                  f"p99 {p99 * 1000:.0f} ms of {len(delays)}")
            assert p99 <= 1, f"{kind}: p99 is {p99:.2f} s"
        daemon.stop()

    def lists(self):
        """While one list replaces another under load, each message is judged by either of them."""
        self.config.write_text(self.config.read_text() + "history: {days: 0}\n")
        daemon, asked, reloads = self.start(), set(), 0
        self.traffic.connect(self.pipe)
        text = self.config.read_text()
        end, due = time.monotonic() + 12, time.monotonic()
        while time.monotonic() < end:
            for _ in range(20):
                client = f"203.0.{len(asked) // 250}.{len(asked) % 250 + 1}"
                self.traffic.ask(client, LISTED)
                asked.add(client)
            self.traffic.ask("198.51.100.1", "www.harmless.net")
            time.sleep(0.02)
            if time.monotonic() < due or daemon.metric("reloads_total") != reloads:
                continue
            due, reloads = time.monotonic() + 0.4, reloads + 1
            self.config.write_text(text.replace("phishing", "c2" if reloads % 2 else "phishing"))
            daemon.signal(1)
        wait_for("all frames", lambda: daemon.metric("frames_in_total") == self.traffic.frames)
        self.traffic.disconnect()
        daemon.wait()
        judged = {}
        for alert in self.alerts().values():
            judged.setdefault(alert["entity"]["ip"], []).append(alert["detector"])
        assert judged.keys() == asked, f"{len(asked - judged.keys())} were judged by neither list"
        twice = [client for client, by in judged.items() if len(by) > 1]
        assert not twice, f"{len(twice)} were judged by both: {twice[:5]}"
        kinds = {by[0] for by in judged.values()}
        assert len(kinds) == 2, kinds
        print(f"{reloads} changes of lists, {len(asked)} messages, each judged by one of them")


def main():
    case = InputCase(*(str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:3]))
    failed = True
    try:
        getattr(case, sys.argv[3])()
        failed = False
    finally:
        case.close(failed)


if __name__ == "__main__":
    main()
