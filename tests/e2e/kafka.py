#!/usr/bin/env python3
# kafka.py - alerts reach a real Kafka broker whatever happens to it and to us: none is lost
# SPDX-License-Identifier: Apache-2.0
"""Usage: kafka.py EXPORT_RUN DNSVIGIL BUILD_FOLDER

The broker is Apache Kafka in KRaft mode on loopback; Maven puts its jars into BUILD_FOLDER once.
Exit code 77 where there is no Java, Maven, kcat or network."""
import base64
import collections
import http.server
import json
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from ports import free_port

RUN, PROGRAM, BUILD = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:4])
POM = pathlib.Path(__file__).resolve().parent / "kafka/pom.xml"
PASSWORD, CLIENT_SECRET = "pass-" + secrets.token_hex(8), "se&cret=" + secrets.token_hex(8)
CALM_LIMIT, SMALL_LIMIT = 1048588, 20000  # bytes of a request's records that the broker takes

BROKER = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{quorum}
controller.listener.names=QUORUM
listeners=CLEAR://127.0.0.1:{clear},LOGIN://127.0.0.1:{login},QUORUM://127.0.0.1:{quorum}
advertised.listeners=CLEAR://127.0.0.1:{clear},LOGIN://127.0.0.1:{login}
listener.security.protocol.map=CLEAR:PLAINTEXT,LOGIN:SASL_SSL,QUORUM:PLAINTEXT
inter.broker.listener.name=CLEAR
listener.name.login.sasl.enabled.mechanisms=PLAIN,OAUTHBEARER
listener.name.login.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_dnsvigil="{password}";
listener.name.login.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.login.ssl.keystore.type=PEM
listener.name.login.ssl.keystore.location={folder}/broker.pem
log.dirs={folder}/log
message.max.bytes={limit}
num.partitions=3
auto.create.topics.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
"""

CONFIG = """
state_dir: {folder}/state
store: {{path: {folder}/alerts.db, ballast_mib: 0}}
exports:
  - {{name: clear, type: kafka, address: '127.0.0.1:{clear}', topic: clear, tls: false,
     suppressed: true, timeout_s: 3, retry_max_s: 1}}
  - {{name: login, type: kafka, address: '127.0.0.1:{login}', topic: login, dialect: ocsf,
     sasl: plain, username: dnsvigil, password_file: {folder}/password, tls_ca: {folder}/ca.pem,
     suppressed: true, timeout_s: 3, retry_max_s: 1}}
  - {{name: token, type: kafka, address: '127.0.0.1:{login}', topic: token,
     sasl: oauth, token_url: 'http://127.0.0.1:{tokens}/token', client_id: dnsvigil,
     client_secret_file: {folder}/client_secret, scope: 'api://alerts/.default',
     allow_http: true, allow: [127.0.0.0/8], tls_ca: {folder}/ca.pem,
     suppressed: true, timeout_s: 3, retry_max_s: 1}}
  - {{name: stranger, type: kafka, address: '127.0.0.1:{login}', topic: clear,
     sasl: plain, username: dnsvigil, password_file: {folder}/wrong, tls_ca: {folder}/ca.pem,
     suppressed: true, timeout_s: 3, retry_max_s: 1}}
  - {{name: doubter, type: kafka, address: '127.0.0.1:{login}', topic: clear,
     sasl: plain, username: dnsvigil, password_file: {folder}/password,
     suppressed: true, timeout_s: 3, retry_max_s: 1}}
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def wait_for(what, check, seconds=60):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def jars():
    """The broker's class path; made whole under another name first."""
    folder, draft = pathlib.Path(BUILD) / "kafka-4.4.0", pathlib.Path(BUILD) / "kafka-draft"
    if not folder.exists():
        shutil.rmtree(draft, ignore_errors=True)
        try:
            done = subprocess.run(["mvn", "-q", "-B", "-f", POM, "dependency:copy-dependencies",
                                   f"-DoutputDirectory={draft}"], capture_output=True, text=True,
                                  timeout=240)
        except subprocess.TimeoutExpired:
            skip("Maven does not get the broker in time")
        if done.returncode != 0:
            skip("Maven does not get the broker: " + done.stdout[-300:])
        draft.rename(folder)
    return f"{folder}/*"


class Tokens(http.server.BaseHTTPRequestHandler):
    """Gives out tokens that live for 8 s, which the broker takes unsigned."""
    given = 0

    def log_message(self, *args):
        pass

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(),
                                           strict_parsing=True))
        right = form == {"grant_type": "client_credentials", "client_id": "dnsvigil",
                         "client_secret": CLIENT_SECRET, "scope": "api://alerts/.default"}
        claims = {"sub": "dnsvigil", "iat": time.time(), "exp": time.time() + 8}
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                 for part in ({"alg": "none"}, claims)]
        answer = {"access_token": ".".join(parts) + ".", "token_type": "Bearer", "expires_in": 8}
        body = json.dumps(answer if right else {"error": "invalid_client"}).encode()
        Tokens.given += right
        self.send_response(200 if right else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Broker:
    def __init__(self, folder, ports):
        self.folder, self.ports, self.process = folder, ports, None
        self.java = ["java", "-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                     "-cp", jars()]
        self.configure(CALM_LIMIT)
        subprocess.run([*self.java, "kafka.tools.StorageTool", "format", "-t",
                        "ZG5zdmlnaWwtdGVzdC1rYQ", "-c", folder / "broker.properties"], check=True,
                       capture_output=True, timeout=60)

    def configure(self, limit):
        (self.folder / "broker.properties").write_text(
            BROKER.format(folder=self.folder, password=PASSWORD, limit=limit, **self.ports))

    def start(self):
        log = (self.folder / "broker.log").open("a")
        self.process = subprocess.Popen([*self.java, "kafka.Kafka", self.folder / "broker.properties"],
                                        stdout=log, stderr=log)
        wait_for("the broker", self.answers)

    def answers(self):
        assert self.process.poll() is None, (self.folder / "broker.log").read_text()[-3000:]
        done = subprocess.run(["kcat", "-L", "-b", f"127.0.0.1:{self.ports['clear']}", "-m", "1"],
                              capture_output=True)
        return done.returncode == 0

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def read(self, topic):
        """What is in the topic: key, headers, record, in order within each partition."""
        done = subprocess.run(["kcat", "-C", "-q", "-e", "-o", "beginning", "-b",
                               f"127.0.0.1:{self.ports['clear']}", "-t", topic, "-f",
                               "%k\t%h\t%s\n"], capture_output=True, text=True, timeout=30, check=True)
        for line in done.stdout.splitlines():
            key, headers, record = line.split("\t")
            yield key, dict(header.split("=", 1) for header in headers.split(",")), json.loads(record)


class Exports:
    """The program under test, and what it said."""

    def __init__(self, folder):
        self.log = folder / "exports.log"
        self.process = subprocess.Popen([RUN, folder / "dnsvigil.yaml"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log.open("a"), text=True)
        assert self.answer() == "ready\n", self.log.read_text()

    def answer(self):
        return self.process.stdout.readline()

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def ask(self, command):
        self.tell(command)
        return self.answer()

    def state(self, name):
        return json.loads(self.ask(f"state {name}"))

    def settled(self, *names):
        return all(self.state(name)["pending"] == 0 for name in names)

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0, self.log.read_text()


def prepare(folder, ports):
    secret_files = {"password": PASSWORD, "wrong": "wrong-" + PASSWORD, "client_secret": CLIENT_SECRET}
    for name, text in secret_files.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text + "\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    folder / "key.pem", "-out", folder / "ca.pem"], check=True, capture_output=True)
    (folder / "broker.pem").write_text((folder / "key.pem").read_text() + (folder / "ca.pem").read_text())
    tokens = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    (folder / "dnsvigil.yaml").write_text(
        CONFIG.format(folder=folder, tokens=tokens.server_port, **ports))


def stored(folder):
    done = subprocess.run([PROGRAM, "alerts", "list", "-a", "-o", "json", "-c", folder / "dnsvigil.yaml"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return {alert["id"]: alert["revision"] for alert in map(json.loads, done.stdout.splitlines())}


def check_topic(broker, topic, expected):
    """All alerts as they are now are there, none steps back, copies are equal. Returns their number."""
    latest, copies = {}, collections.defaultdict(list)
    for key, headers, record in broker.read(topic):
        revision = int(headers["revision"])
        assert headers["id"] == key and headers["content-type"] == "application/json", headers
        assert headers["schema"] == ("ocsf" if topic == "login" else "native") and headers["sensor"], headers
        if topic != "login":
            assert (record["id"], record["revision"]) == (key, revision), record
        assert latest.get(key, 0) <= revision, f"{key}: {revision} after {latest[key]}"
        latest[key] = revision
        copies[key, revision].append(record)
    assert latest == expected, f"{topic}: {len(latest)} alerts instead of {len(expected)}"
    assert all(record == same[0] for same in copies.values() for record in same)
    return sum(map(len, copies.values())) - len(copies)


def calm(exports):
    """Three ways to log in, and two who do not get in."""
    exports.ask("put 0 200 0")
    wait_for("the first alerts", lambda: exports.settled("clear", "login", "token"))
    for name, reason in (("stranger", "uthentication failed"), ("doubter", "certificate verify failed")):
        wait_for(name, lambda: exports.state(name)["failing"])
        assert reason in exports.state(name)["failure"], exports.state(name)
        assert exports.state(name)["taken"] == 0


def outage(broker, exports):
    """The broker dies in the middle, comes back with a lower limit, then hangs."""
    exports.tell("put 200 300 0")
    time.sleep(0.2)
    broker.kill()
    exports.answer()
    exports.ask("put 0 50 1")
    wait_for("a failure", lambda: exports.state("clear")["failing"])
    broker.configure(SMALL_LIMIT)
    broker.start()
    wait_for("what was held", lambda: exports.settled("clear", "login", "token"))
    assert exports.state("clear")["dead"] == 0, exports.state("clear")
    broker.process.send_signal(signal.SIGSTOP)
    exports.ask("put 500 100 0")
    wait_for("a failure", lambda: exports.state("clear")["failing"])
    broker.process.send_signal(signal.SIGCONT)
    wait_for("what was held", lambda: exports.settled("clear", "login", "token"))


def crash(folder, exports):
    """Our side dies in the middle of sending."""
    exports.tell("put 600 400 0")
    time.sleep(0.3)
    exports.process.kill()
    exports.process.wait()
    exports = Exports(folder)
    exports.ask("put 600 400 0")
    exports.ask("put 100 100 2")
    wait_for("what was under way", lambda: exports.settled("clear", "login", "token"))
    return exports


def run(folder):
    ports = dict(zip(("clear", "login", "quorum"), (free_port() for _ in range(3))))
    prepare(folder, ports)
    broker = Broker(folder, ports)
    try:
        broker.start()
        exports = Exports(folder)
        calm(exports)
        outage(broker, exports)
        exports = crash(folder, exports)
        exports.stop()
        expected = stored(folder)
        assert len(expected) == 1000, len(expected)
        twice = {topic: check_topic(broker, topic, expected) for topic in ("clear", "login", "token")}
    finally:
        broker.kill()
    said = (folder / "exports.log").read_text()
    assert PASSWORD not in said and CLIENT_SECRET not in said
    assert Tokens.given > 1, "tokens are not renewed"
    print(f"{len(expected)} alerts in each topic, sent twice: {twice}; {Tokens.given} tokens")


def main():
    for program in ("java", "mvn", "kcat", "openssl"):
        if not shutil.which(program):
            skip(f"no {program}")
    with tempfile.TemporaryDirectory() as folder:
        run(pathlib.Path(folder))


main()
