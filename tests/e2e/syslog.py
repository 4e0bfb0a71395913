#!/usr/bin/env python3
# syslog.py - rsyslog receives every alert as it was sent, over UDP, TCP and TLS, through its restarts
# SPDX-License-Identifier: Apache-2.0
"""Usage: syslog.py EXPORT_RUN CASE"""
import collections
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from ports import free_port

PROGRAM, CASE = sys.argv[1], sys.argv[2]
PATIENCE_S = 60
TEMPLATE = """template(name="told" type="list") {
  constant(value="{") property(name="pri" outname="pri" format="jsonf")
  constant(value=",") property(name="timereported" dateFormat="rfc3339" outname="time" format="jsonf")
  constant(value=",") property(name="hostname" outname="host" format="jsonf")
  constant(value=",") property(name="app-name" outname="app" format="jsonf")
  constant(value=",") property(name="procid" outname="process" format="jsonf")
  constant(value=",") property(name="msgid" outname="kind" format="jsonf")
  constant(value=",") property(name="structured-data" outname="data" format="jsonf")
  constant(value=",") property(name="msg" outname="text" format="jsonf")
  constant(value=",") property(name="inputname" outname="input" format="jsonf")
  constant(value="}\\n")
}
"""


class Collector:
    """An rsyslogd of our own that writes what it receives, a JSON object a line."""

    def __init__(self, folder):
        self.folder, self.process, self.ports = folder, None, {}
        for name in ("udp", "tcp", "tls"):
            self.ports[name] = free_port()

    def configuration(self, authority):
        return f"""global(workDirectory="{self.folder}/spool" maxMessageSize="64k" net.enableDNS="off"
  parser.escapeControlCharactersOnReceive="off"
  defaultNetstreamDriverCAFile="{self.folder}/{authority}.pem"
  defaultNetstreamDriverCertFile="{self.folder}/server.pem"
  defaultNetstreamDriverKeyFile="{self.folder}/server.key")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{self.ports['udp']}")
module(load="imptcp")
input(type="imptcp" address="127.0.0.1" port="{self.ports['tcp']}" name="imptcp")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
input(type="imtcp" address="127.0.0.1" port="{self.ports['tls']}")
{TEMPLATE}
action(type="omfile" file="{self.folder}/received" template="told" asyncWriting="off" flushOnTXEnd="on")
"""

    def start(self, authority="authority"):
        (self.folder / "spool").mkdir(exist_ok=True)
        path = self.folder / "rsyslog.conf"
        path.write_text(self.configuration(authority))
        command = ["rsyslogd", "-n", "-C", "-f", str(path), "-i", str(self.folder / "rsyslog.pid")]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=open(self.folder / "rsyslog.err", "a"))
        until(lambda: all(is_open(self.ports[name]) for name in ("tcp", "tls")), "rsyslogd listens")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(timeout=PATIENCE_S)

    def received(self):
        path = self.folder / "received"
        if not path.exists():
            return []
        lines = path.read_text("utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def heard(self):
        """Whether any of our words arrived, be it as no message at all."""
        path = self.folder / "received"
        return path.exists() and b"dnsvigil" in path.read_bytes()


class Run:
    """The exports of a configuration, and the commands of export_run."""

    def __init__(self, folder, *exports):
        self.folder = folder
        text = f"store: {{path: {folder}/alerts.db, ballast_mib: 0}}\nexports:\n" + "".join(
            "  - " + json.dumps({"retry_max_s": 1, "timeout_s": 3, "suppressed": True, **export}) + "\n" for export in exports)
        (folder / "dnsvigil.yaml").write_text(text)
        self.start()

    def start(self):
        self.process = subprocess.Popen([PROGRAM, str(self.folder / "dnsvigil.yaml")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=open(self.folder / "run.err", "a"), text=True)
        answer = self.process.stdout.readline()
        assert answer == "ready\n", (answer, (self.folder / "run.err").read_text())

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def state(self, name):
        return json.loads(self.ask(f"state {name}"))

    def taken(self, name, count):
        until(lambda: self.state(name)["taken"] >= count, f"{name} takes {count}", lambda: self.state(name))

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=PATIENCE_S) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(holds, what, tell=lambda: ""):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, (what, tell())
        time.sleep(0.1)


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def certificates(folder):
    """Two authorities; one has signed the server for 127.0.0.1 and localhost, and a client."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name in ("authority", "stranger"):
        openssl(folder, "req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
                "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    for name, names in (("server", "IP:127.0.0.1,DNS:localhost"), ("client", "DNS:sensor.example")):
        openssl(folder, "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "names").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key",
                "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{name}.pem")


def export(collector, transport, **more):
    keys = {"name": transport, "type": "syslog", "transport": transport,
            "address": f"127.0.0.1:{collector.ports[transport]}"}
    if transport == "tls":
        folder = str(collector.folder)
        keys.update(tls_ca=f"{folder}/authority.pem", tls_certificate=f"{folder}/client.pem",
                    tls_key=f"{folder}/client.key")
    return {**keys, **more}


def params(data):
    """Structured data read by the letter of RFC 5424."""
    name, rest = re.fullmatch(r"\[([^ \]]+)(.*)\]", data).groups()
    found = re.findall(r' ([^ ="\]]+)="((?:[^"\\\]]|\\.)*)"', rest)
    assert "".join(f' {key}="{value}"' for key, value in found) == rest, data
    return name, {key: re.sub(r"\\(.)", r"\1", value) for key, value in found}


def check_message(message):
    """Every part is what the others say it is."""
    name, data = params(message["data"])
    assert name == "dnsvigil@32473" and message["app"] == "dnsvigil" and message["process"] == "-", message
    severities = {"Informational": 6, "Low": 5, "Medium": 4, "High": 2}
    assert int(message["pri"]) == 16 * 8 + severities[data["severity"]], message
    assert re.fullmatch(r"[0-9]{4}-[0-9-]{5}T[0-9:]{8}\.[0-9]{3}Z", message["time"]), message
    head = re.match(r"CEF:0((?:\|(?:[^|\\]|\\.)*){6})\|(.*)", message["text"].lstrip())
    assert head, message
    header = re.split(r"(?<!\\)\|", head[1])[1:]
    assert header[0] == "dnsvigil" and header[3] == data["type"], (header, data)
    assert f'cs5={data["id"]}:{data["revision"]}' in message["text"], message
    return data["id"], int(data["revision"])


def check_all(collector, count, twice_allowed=False):
    """Each of `count` alerts is there in its last revision, and what came twice is the same."""
    def last_revisions():
        found = collections.defaultdict(list)
        for message in collector.received():
            found[check_message(message)].append({**message, "input": ""})
        return found
    until(lambda: len({id for id, _ in last_revisions()}) >= count, f"{count} alerts arrive",
          lambda: len(last_revisions()))
    found = last_revisions()
    assert len({id for id, _ in found}) == count
    for copies in found.values():
        assert all(copy == copies[0] for copy in copies), copies
        assert twice_allowed or len(copies) == 1, copies
    return sum(len(copies) - 1 for copies in found.values())


def case_transports(folder, collector):
    """Over each transport and framing all arrive, the same bytes whichever way."""
    collector.start()
    run = Run(folder, export(collector, "udp"), export(collector, "tcp"), export(collector, "tls"),
              export(collector, "tcp", name="lines", framing="newline"),
              export(collector, "tls", name="named", address=f"localhost:{collector.ports['tls']}"))
    names = ("udp", "tcp", "tls", "lines", "named")
    for begin in range(0, 200, 20):  # not all at once: what comes faster than it is read is lost over UDP
        run.ask(f"put {begin} 20 0")
        for name in names:
            run.taken(name, begin + 20)
        wanted = len(names) * (begin + 20)
        until(lambda: len(collector.received()) == wanted, f"{wanted} messages", lambda: len(collector.received()))
    copies = collections.Counter()
    for message in collector.received():
        check_message(message)
        copies[json.dumps({**message, "input": ""})] += 1
    assert len(copies) == 200 and set(copies.values()) == {5}, copies.most_common(3)
    run.stop()


def case_names(folder, collector):
    """Hostile names neither end a message nor begin a field; native records arrive as JSON."""
    collector.start()
    run = Run(folder, export(collector, "tls"),
              export(collector, "tcp", dialect="native", framing="newline"))
    count = int(run.ask("names").split()[1])
    run.taken("tls", count)
    run.taken("tcp", count)
    until(lambda: len(collector.received()) == 2 * count, "all names", lambda: len(collector.received()))
    messages = collector.received()
    texts = {}
    for message in messages:
        _, data = params(message["data"])
        if message["text"].lstrip().startswith("{"):
            record = json.loads(message["text"])
            assert record["id"] == data["id"], message
            texts[data["id"]] = record["domain"]
        else:
            check_message(message)
    assert len(texts) == count
    for message in messages:
        if not message["text"].lstrip().startswith("{"):
            extension = message["text"].split("|", 7)[-1]
            values = dict(re.findall(r"(?:^| )(\w+)=((?:[^\\=]|\\.)*?)(?= \w+=|$)", extension))
            host = re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[1]), values["dhost"])
            wanted = texts[params(message["data"])[1]["id"]]
            assert host == wanted or len(wanted) > 255, (host, wanted)
    run.stop()


def case_strangers(folder, collector):
    """A server of another authority or name gets nothing; neither does one that does not want us."""
    collector.start()
    wrong = {"tls_ca": f"{folder}/stranger.pem"}
    run = Run(folder, export(collector, "tls", name="authority", **wrong),
              export(collector, "tls", name="nobody", tls_ca=""),
              export(collector, "tls", name="clear", address=f"127.0.0.1:{collector.ports['tcp']}"))
    run.ask("put 0 3 0")
    reasons = {"authority": "certificate is not accepted", "nobody": "certificate is not accepted", "clear": ""}
    for name, reason in reasons.items():
        until(lambda: run.state(name)["failing"], f"{name} fails", lambda: run.state(name))
        state = run.state(name)
        assert state["taken"] == 0 and state["dead"] == 0 and state["pending"] == 3, state
        assert reason in state["failure"], state
    run.stop()
    assert not collector.heard()
    (folder / "alerts.db").rename(folder / "alerts.old")
    (folder / "client.pem").write_text((folder / "stranger.pem").read_text())
    (folder / "client.key").write_text((folder / "stranger.key").read_text())
    run = Run(folder, export(collector, "tls", resend_s=0))
    run.ask("put 0 3 0")
    until(lambda: run.state("tls")["failing"], "a client that is a stranger fails", lambda: run.state("tls"))
    assert run.state("tls")["taken"] == 0 and not collector.heard(), run.state("tls")
    run.stop()


def case_outages(folder, collector):
    """The collector ends, is killed, and comes back, and so do we; nothing is lost."""
    collector.start()
    run = Run(folder, export(collector, "tcp"), export(collector, "tls"))
    total = 0
    for outage in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
        run.ask(f"put {total} 100 0")
        run.taken("tls", total + 50)
        collector.stop(outage)
        run.ask(f"put {total + 100} 50 0")
        time.sleep(1.5)
        collector.start()
        total += 150
        run.taken("tcp", total)
        run.taken("tls", total)
    collector.stop()
    run.ask(f"put {total} 50 0")
    run.kill()
    collector.start()
    run.start()
    total += 50
    run.taken("tcp", total)
    run.taken("tls", total)
    twice = check_all(collector, total, twice_allowed=True)
    by_input = collections.Counter(message["input"] for message in collector.received())
    ids = {input: {check_message(message)[0] for message in collector.received() if message["input"] == input}
           for input in by_input}
    assert all(len(found) == total for found in ids.values()), by_input
    print(f"{total} alerts, {dict(by_input)} messages, {twice} copies")
    run.stop()


def main():
    if not shutil.which("rsyslogd") or not pathlib.Path("/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so").exists():
        print("rsyslogd with rsyslog-gnutls is not installed")
        return 77
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dnsvigil-syslog-"))
    collector = Collector(folder)
    certificates(folder)
    try:
        globals()["case_" + CASE](folder, collector)
    except BaseException:
        for name in ("rsyslog.err", "run.err"):
            path = folder / name
            print(f"{name}: {path.read_text() if path.exists() else ''}", file=sys.stderr)
        raise
    finally:
        if collector.process and collector.process.poll() is None:
            collector.stop(signal.SIGKILL)
        shutil.rmtree(folder)
    return 0


sys.exit(main())
