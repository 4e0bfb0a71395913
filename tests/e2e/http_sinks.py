#!/usr/bin/env python3
# http_sinks.py - alerts reach services by HTTP, and people by mail, whatever happens on the way: none
# is lost, none spoilt, and one twice only with the same id and revision
# SPDX-License-Identifier: Apache-2.0
"""Usage: http_sinks.py EXPORT_RUN SOURCE_FOLDER CASE

The services are those of sink_services.py, over TLS with a certificate made here. Each is first
down, then misbehaves in all its ways while alerts come and change and our own program is killed."""
import collections
import email
import email.policy
import json
import os
import pathlib
import select
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

from ports import free_port
from sink_services import AzureLogs, Elastic, Otlp, Splunk, Webhook, certificate, tls

RUN, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
SECRETS = (Splunk.token, Otlp.token, AzureLogs.secret, Webhook.secret, Webhook.password, "no-token")
POISON = "domain7."  # in the name of one alert's domain
TEMPLATE = """{"text": "%%{ %{title}: %{entity.name}", "evidence": %{json:evidence},
 "key": "%{id}:%{revision}", "domain": "%{domain}", "url": "https%3A%2F%2Fx%2F%{url:domain}"}"""


def wait_for(what, check, seconds=60):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


class Exports:
    """The program with one export, `out`, and its store, which outlives it."""

    def __init__(self, folder, keys):
        self.folder, self.program = folder, None
        lines = [f"state_dir: {folder}/state", f"store: {{path: {folder}/a.db, ballast_mib: 0}}",
                 "exports:", "  - name: out"]
        keys = {"suppressed": True, "timeout_s": 2, "retry_max_s": 4, "refusals_max": 2,
                "tls_ca": f"{folder}/server.pem"} | keys
        lines += [f"    {key}: {json.dumps(value)}" for key, value in keys.items()]
        (folder / "config.yaml").write_text("\n".join(lines) + "\n")

    def start(self):
        with (self.folder / "log").open("a") as log:
            self.program = subprocess.Popen([RUN, self.folder / "config.yaml"], stderr=log, text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
                                            env=dict(os.environ, https_proxy="http://127.0.0.1:9"))
        assert self.program.stdout.readline() == "ready\n"
        return self

    def ask(self, line):
        self.program.stdin.write(line + "\n")
        return self.program.stdout.readline()

    def state(self):
        return json.loads(self.ask("state out"))

    def kill(self):
        self.program.kill()
        self.program.wait()

    def stop(self):
        began = time.monotonic()
        self.program.stdin.close()
        assert self.program.wait(60) == 0
        self.program.stdout.close()
        assert time.monotonic() - began < 30, "it did not end soon"
        told = (self.folder / "log").read_text()
        assert not any(text in told for text in SECRETS), told


def settled(exports):
    state = exports.state()
    return state["pending"] == 0 and state["taken"] + state["dead"] > 0


def check_delivery(service, alerts, changed):
    assert not service.wrong, collections.Counter(service.wrong).most_common(5)
    newest, order = {}, collections.defaultdict(list)
    for name, revision in service.taken:
        newest[name] = max(newest.get(name, 0), revision)
        if revision not in order[name]:
            order[name].append(revision)
    assert len(newest) == alerts, f"{len(newest)} of {alerts} alerts"
    assert sum(revision > 1 for revision in newest.values()) == changed
    assert all(revisions == sorted(revisions) for revisions in order.values()), "order"


def delivers(folder, make, keys, faults, poison=None):
    """The long way: the service is down, comes up, misbehaves; we are killed in the middle."""
    port = free_port()
    exports = Exports(folder, dict(keys(port), batch_records=20)).start()
    exports.ask("put 0 30 0")
    wait_for("a failure is told", lambda: exports.state()["failing"])
    service = make(port)
    service.faults, service.poison = list(faults), poison
    wait_for("something arrives", lambda: service.taken)
    exports.kill()
    exports.start()
    exports.ask("put 30 30 0")
    exports.ask("put 0 10 3")
    wait_for("all faults are through", lambda: not service.faults)
    wait_for("all is settled", lambda: settled(exports))
    state = exports.state()
    assert state["dead"] == (2 if poison else 0), state  # the alert, and its change
    assert state["changes"] == state["taken"] + state["skipped"] + state["dead"], state
    check_delivery(service, 59 if poison else 60, 9 if poison else 10)
    exports.stop()
    service.stop()
    return service


def check_waits(service):
    """After (429, 2) nothing comes for two seconds."""
    times = [when for when, _ in service.requests]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert max(gaps) >= 1.95, gaps


def check_kept(service):
    """Connections are used again: far fewer of them than requests."""
    peers = {peer for _, peer in service.requests}
    assert len(peers) < len(service.requests), "a connection for each request"


FAULTS = [503, (429, 2), "close", None, "slow", 500, "date", None]


def secret(folder, name, text):
    path = folder / name
    path.write_text(text + "\n")
    path.chmod(0o600)
    return str(path)


def splunk_keys(folder, **more):
    return lambda port: {"type": "splunk", "url": f"https://127.0.0.1:{port}/",
                         "token_file": secret(folder, "token", Splunk.token)} | more


def case_splunk(folder):
    service = delivers(folder, lambda port: Splunk(tls(folder / "server.pem"), port),
                       splunk_keys(folder, index="security"), FAULTS, POISON)
    check_waits(service)
    check_kept(service)
    assert service.gzipped


def case_splunk_acknowledged(folder):
    """Acknowledgements come late, later than an attempt lasts, and never for what was lost."""

    def make(port):
        service = Splunk(tls(folder / "server.pem"), port)
        service.acks_after = 6
        return service
    service = delivers(folder, make, splunk_keys(folder, acknowledged=True), FAULTS)
    assert len(service.taken) <= 2 * 70, "what is only not acknowledged yet is not sent again"


def case_splunk_restarted(folder):
    """The collector begins anew while a batch is on its way in parts: ids that it had given before
    then are given again, and mean other records."""
    service = Splunk(tls(folder / "server.pem"))
    service.acks_after, service.limit = 2, 40000
    exports = Exports(folder, splunk_keys(folder, acknowledged=True, compress=False)(service.port)).start()
    exports.ask("put 0 30 0")
    wait_for("the first are taken", lambda: exports.state()["taken"] == 30)
    service.faults = [None, None, "restart"]
    exports.ask("put 30 90 0")
    wait_for("all is settled", lambda: exports.state()["taken"] == 120)
    assert service.lost, "nothing was lost on the way"
    check_delivery(service, 120, 0)
    exports.stop()
    service.stop()


def case_elasticsearch(folder):
    service = delivers(folder, lambda port: Elastic(tls(folder / "server.pem"), port),
                       lambda port: {"type": "elasticsearch", "url": f"https://127.0.0.1:{port}",
                                     "token_file": secret(folder, "token", Elastic.token)},
                       ["partial", *FAULTS, "partial"], POISON)
    assert len(service.taken) == len(set(service.taken)), "a document twice"
    check_waits(service)


def case_elasticsearch_replace(folder):
    def make(port):
        service = Elastic(tls(folder / "server.pem"), port)
        service.stream, service.index = False, "alerts"
        return service
    service = delivers(folder, make,
                       lambda port: {"type": "elasticsearch", "url": f"https://127.0.0.1:{port}",
                                     "token_file": secret(folder, "token", Elastic.token),
                                     "index": "alerts", "replace": True},
                       ["partial", 503, "partial", "close"])
    assert len(service.documents) == 60


def azure_keys(folder, **more):
    return lambda port: {"type": "azure_logs", "url": f"https://127.0.0.1:{port}",
                         "token_url": f"https://127.0.0.1:{port}/tenant/oauth2/v2.0/token",
                         "client_id": "client", "rule_id": AzureLogs.rule,
                         "client_secret_file": secret(folder, "secret", AzureLogs.secret)} | more


def case_azure_logs(folder):
    service = delivers(folder, lambda port: AzureLogs(tls(folder / "server.pem"), port),
                       azure_keys(folder), ["expired", *FAULTS, "expired", None], POISON)
    assert 3 <= service.asked <= 6, f"{service.asked} tokens"


def case_too_long(folder):
    """A service that takes less than it should: requests become shorter until they fit."""
    elastic = {"type": "elasticsearch", "token_file": secret(folder, "api-key", Elastic.token)}
    kinds = [(Splunk, splunk_keys(folder)), (AzureLogs, azure_keys(folder)),
             (Elastic, lambda port: elastic | {"url": f"https://127.0.0.1:{port}"})]
    for kind, keys in kinds:
        place = folder / kind.__name__
        place.mkdir()
        service = kind(tls(folder / "server.pem"))
        service.limit = 40000
        exports = Exports(place, keys(service.port) | {"compress": False, "tls_ca": f"{folder}/server.pem"}).start()
        exports.ask("put 0 60 0")
        wait_for("all is settled", lambda: exports.state()["taken"] == 60)
        check_delivery(service, 60, 0)
        assert exports.state()["dead"] == 0 and not service.gzipped
        exports.stop()
        service.stop()


def case_otlp(folder):
    service = delivers(folder, lambda port: Otlp(tls(folder / "server.pem"), port),
                       lambda port: {"type": "otlp", "url": f"https://127.0.0.1:{port}",
                                     "token_header": "X-Api-Key",
                                     "token_file": secret(folder, "token", Otlp.token)},
                       FAULTS, POISON)
    check_waits(service)


def case_webhook(folder):
    (folder / "template").write_text(TEMPLATE)
    delivers(folder, lambda port: Webhook(tls(folder / "server.pem"), port),
             lambda port: {"type": "webhook", "url": f"https://127.0.0.1:{port}/hook?team=dns",
                           "template_file": str(folder / "template"),
                           "content_type": "application/json; charset=utf-8",
                           "key_file": secret(folder, "key", Webhook.secret), "username": "ann",
                           "password_file": secret(folder, "password", Webhook.password)},
             FAULTS, POISON)


def refused(folder, keys, word, service):
    """What cannot be let in says why, loses nothing, and keeps its secrets to itself."""
    exports = Exports(folder, keys).start()
    exports.ask("put 0 3 0")
    wait_for("a failure is told", lambda: exports.state()["failing"])
    state = exports.state()
    assert word in state["failure"], state
    assert state["taken"] == state["dead"] == 0 and state["pending"] == 3, state
    assert not service.taken
    assert not any(text in state["failure"] for text in SECRETS), state
    exports.stop()


def case_refusals(folder):
    """Wrong certificates, tokens, indexes, places: each names the key to look at."""
    certificate(folder, "other")
    service = Splunk(tls(folder / "server.pem"))
    keys = splunk_keys(folder)(service.port)
    tries = [({"tls_ca": str(folder / "other.pem")}, "certificate"),
             ({"tls_ca": ""}, "certificate"),
             ({"token_file": secret(folder, "wrong", "no-token")}, "token_file"),
             ({"index": "elsewhere"}, "index"),
             ({"acknowledged": True}, "acknowledged"),
             ({"url": f"https://127.0.0.1:{service.port}/else"}, "url"),
             ({"allow": []}, "allow"),
             ({"token_file": str(folder / "nothing")}, "nothing")]
    for number, (change, word) in enumerate(tries):
        place = folder / str(number)
        place.mkdir()
        refused(place, keys | {"tls_ca": str(folder / "server.pem")} | change, word, service)
    service.stop()
    service = AzureLogs(tls(folder / "server.pem"))
    keys = azure_keys(folder, tls_ca=str(folder / "server.pem"))(service.port)
    for number, (change, word) in enumerate([
            ({"client_secret_file": secret(folder, "wrong", "no")}, "client_secret_file"),
            ({"rule_id": "dcr-1"}, "rule_id")]):
        place = folder / f"azure{number}"
        place.mkdir()
        refused(place, keys | change, word, service)
    service.stop()


def case_client_certificate(folder):
    """A service that knows its clients by their certificates lets in those that have one."""
    mine = certificate(folder, "client")
    service = Splunk(tls(folder / "server.pem", client=mine))
    keys = splunk_keys(folder, tls_ca=str(folder / "server.pem"))(service.port)
    (folder / "without").mkdir()
    refused(folder / "without", keys, "url", service)
    exports = Exports(folder, keys | {"tls_certificate": str(mine), "tls_key": f"{mine}.key"}).start()
    exports.ask("put 0 5 0")
    wait_for("they arrive", lambda: len(service.taken) == 5)
    exports.stop()
    service.stop()


class Proxy(socketserver.BaseRequestHandler):
    """CONNECT siem.invalid:443 leads to the service, everything else nowhere."""
    asked = []

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096)
        self.asked.append(head.split()[1].decode())
        with socket.create_connection(("127.0.0.1", self.server.target)) as there:
            self.request.sendall(b"HTTP/1.1 200 go\r\n\r\n")
            pairs = {self.request: there, there: self.request}
            while True:
                for ready in select.select(list(pairs), [], [])[0]:
                    if not (data := ready.recv(65536)):
                        return
                    pairs[ready].sendall(data)


def case_proxy(folder):
    """A name that only the proxy knows; the environment's proxy is not asked."""
    service = Splunk(tls(folder / "server.pem"))
    proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy)
    proxy.daemon_threads, proxy.target = True, service.port
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    keys = splunk_keys(folder, url="https://siem.invalid",
                       proxy=f"http://127.0.0.1:{proxy.server_address[1]}")(0)
    exports = Exports(folder, keys).start()
    exports.ask("put 0 5 0")
    wait_for("they arrive", lambda: len(service.taken) == 5)
    assert set(Proxy.asked) == {"siem.invalid:443"}, Proxy.asked
    exports.stop()
    service.stop()
    proxy.shutdown()


def case_names(folder):
    """Names made to break formats arrive as they are."""
    service = Otlp(tls(folder / "server.pem"))
    keys = {"type": "otlp", "url": f"https://127.0.0.1:{service.port}", "token_header": "X-Api-Key",
            "token_file": secret(folder, "token", Otlp.token)}
    exports = Exports(folder, keys).start()
    count = int(exports.ask("names").split()[1])
    wait_for("they arrive", lambda: len(set(service.taken)) == count)
    assert not service.wrong, service.wrong[:5]
    exports.stop()
    service.stop()


def mails(box):
    found = []
    for path in sorted(box.glob("*.eml")):
        head, _, text = path.read_bytes().partition(b"\n\n")
        envelope = path.read_bytes().split(b"From: ", 1)[0].decode()
        message = path.read_bytes()[len(envelope.encode()):]
        found.append((envelope, email.message_from_bytes(message, policy=email.policy.default)))
    return found


class MailServer:
    """The one of tests/support, on a port of its own."""

    def __init__(self, folder):
        self.box = folder / "box"
        self.box.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, SOURCE / "tests/support/mail_server.py", self.box, folder / "server.pem"],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def mail_keys(folder, server, readers):
    return {"type": "mail", "url": f"smtp://127.0.0.1:{server.port}", "from": "dnsvigil@example.com",
            "emails": readers, "subject": "DNS", "credentials_file": secret(folder, "login", "ann\npassword")}


def case_mail(folder):
    """One mail for all that waited, to all who are named and whom the server has."""
    server = MailServer(folder)
    exports = Exports(folder, mail_keys(folder, server,
                                        ["ann@example.com", "no-one@example.com", "bob@example.com"])).start()
    exports.ask("put 0 5 0")
    wait_for("all is settled", lambda: exports.state()["taken"] == 5)
    exports.stop()
    server.stop()
    told = 0
    for envelope, message in mails(server.box):
        assert "<ann@example.com>" in envelope and "<bob@example.com>" in envelope, envelope
        assert str(message["Subject"]).startswith("DNS: "), message["Subject"]
        told += message.get_content().count("  Id: ")
    assert told == 5, told
    said = (folder / "log").read_text()
    assert "takes nothing for <no-one@example.com> (status 550)" in said, said


def case_mail_delayed(folder):
    """A reader who is to wait lets all wait, and nobody gets a mail twice; where nobody is known, the
    alerts are put aside."""
    server = MailServer(folder)
    for number, (readers, key) in enumerate([(["ann@example.com", "later-bob@example.com"], "pending"),
                                             (["no-ann@example.com", "later-bob@example.com"], "pending"),
                                             (["no-ann@example.com", "no-bob@example.com"], "dead")]):
        place = folder / str(number)
        place.mkdir()
        exports = Exports(place, mail_keys(folder, server, readers) | {"tls_ca": f"{folder}/server.pem"}).start()
        exports.ask("put 0 3 0")
        wait_for("a failure is told", lambda: exports.state()["failing"])
        wait_for(key, lambda: exports.state()[key] == 3)
        time.sleep(1.5)
        assert exports.state()["taken"] == 0 and exports.state()[key] == 3, exports.state()
        exports.stop()
    server.stop()
    assert not mails(server.box)


CASES = {name.removeprefix("case_"): case for name, case in globals().items()
         if name.startswith("case_")}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate(folder, "server")
        CASES[sys.argv[3]](folder)


if __name__ == "__main__":
    main()
