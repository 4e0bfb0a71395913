#!/usr/bin/env python3
# walkthrough.py - from an alert to the owner's answer, and to an isolation and back, with a real service
# SPDX-License-Identifier: Apache-2.0
"""Usage: walkthrough.py DNSVIGIL SOURCE_ROOT SEEDS

`dnsvigil run`, without privileges and in its sandbox, watches a real unbound over dnstap. Alerts are
raised by what its clients ask; owners get mail and answer over HTTP; a machine is isolated on that
same unbound; programs and web services are called; and the service dies in the middle of it.
Everything runs on loopback. Exit code 77: a program is missing."""
import collections
import email
import email.policy
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from dnstap_servers import HARMLESS, LISTED, ONION, SKIP, Bench, need
from isolation import NOERROR, NXDOMAIN, ask, wait_for
from ports import free_port

ANA, BO, EVE = "127.0.0.22", "127.0.0.23", "127.0.0.24"
ZONE = "isolation.dnsvigil"
HOSTILE = r"<script>alert\(1\)</script>\013\010Bcc:\032eve@evil.example\013\010\;$(id)."
KEPT = ("dark_web", "phishing_domain")
PUBLIC = "https://dns.example.net"
ASTRAY = {
    "private": "http://127.0.0.1:{hook}/private",
    "decimal": "http://2130706433:{hook}/decimal",
    "mapped": "http://[::ffff:127.0.0.1]:{hook}/mapped",
    "renamed": "http://localhost:{hook}/renamed",
    "metadata": "http://169.254.169.254/latest/meta-data/",
}

ASTRAY_ROW = """
  - name: {name}
    severity_min: low
    webhook: {{url: '{url}', allow_http: true, timeout_s: 3}}
"""

CONFIG = """
state_dir: {folder}/state
store: {{path: {folder}/store/alerts.db, ballast_mib: 0}}
sandbox: {{user: {user}}}
intel: {{seed_dir: {seeds}, updates: false}}
api: {{listen: '127.0.0.1:{api}'}}
feeds: [{{name: ours, category: phishing, path: {folder}/listed.txt}}]
sources: [{{name: tap, type: dnstap, path: {socket}, mode: '0666'}}]
mail:
  url: smtp://127.0.0.1:{mail}
  from: dns@example.net
  ca_file: {folder}/certificate.pem
response: {{public_url: '{public}'}}
inventory:
  hosts:
    - {{match: {ana}, name: desk-22, owner: Ana, email: ana@owner.example}}
    - {{match: {bo}, name: desk-23, owner: Bo, email: bo@owner.example}}
notifications:
  - name: team
    severity_min: low
    emails: [kim@team.example]
  - name: chat
    severity_min: low
    webhook: {{url: 'http://127.0.0.1:{hook}/chat', allow_http: true, allow: [127.0.0.0/8]}}
  - name: redirected
    severity_min: low
    webhook: {{url: 'http://127.0.0.1:{hook}/moved', allow_http: true, allow: [127.0.0.0/8]}}
{astray}
automation:
  - name: keep
    command: [/usr/bin/tee, -a, {folder}/kept.json]
    types: [dark_web, phishing_domain]
  - name: call
    webhook: {{url: 'http://127.0.0.1:{hook}/call', allow_http: true, allow: [127.0.0.0/8]}}
isolation:
  allowed: [127.0.0.0/8]
  targets:
    - name: resolver
      type: rpz
      zone: {zone}
      path: {folder}/isolation.rpz
      command: [{control}, -c, {folder}/unbound/unbound.conf, auth_zone_reload, {zone}]
"""

UNBOUND = """
server:
  interface: 127.0.0.1@{port}
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "{folder}/unbound"
  pidfile: ""
  module-config: "respip iterator"
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  local-zone: "onion." transparent
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{upstream}
rpz:
  name: "{zone}"
  zonefile: "{folder}/isolation.rpz"
remote-control:
  control-enable: yes
  control-interface: {folder}/unbound/control.sock
  control-use-cert: no
dnstap:
  dnstap-enable: yes
  dnstap-bidirectional: yes
  dnstap-socket-path: "{socket}"
  dnstap-log-client-query-messages: yes
  dnstap-log-client-response-messages: yes
"""


class Hook(http.server.BaseHTTPRequestHandler):
    """A web service that takes everything, and one that sends its callers elsewhere."""
    requests = []

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.path, self.headers["X-Dnsvigil-Delivery"], json.loads(body)))
        self.send_response(302 if self.path == "/moved" else 204)
        if self.path == "/moved":
            self.send_header("Location", "/secret")
        self.end_headers()

    do_GET = do_POST


class Walk:
    def __init__(self, bench, root):
        self.bench, self.folder = bench, bench.folder
        self.unbound, self.control, _ = need("unbound", "unbound-control", "kdig")
        self.api = free_port()
        hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        self.mail = self.mail_start(root)
        astray = "".join(ASTRAY_ROW.format(name=name, url=url.format(hook=hook.server_port))
                         for name, url in ASTRAY.items())
        self.config = bench.write("dnsvigil.yaml", CONFIG.format(
            folder=self.folder, seeds=bench.seeds, api=self.api, socket=bench.socket,
            mail=int(self.mail.stdout.readline()), public=PUBLIC, ana=ANA, bo=BO, zone=ZONE,
            hook=hook.server_port, astray=astray, control=self.control,
            user="nobody" if os.geteuid() == 0 else "''"))
        bench.write("listed.txt", LISTED + "\n")
        self.rpz = bench.write("isolation.rpz",
                               f"$ORIGIN {ZONE}.\n@ 60 SOA localhost. root.localhost. 1 60 60 60 60\n"
                               "@ 60 NS localhost.\n")
        self.kept = bench.write("kept.json", "")
        self.daemon = None

    def mail_start(self, root):
        """A mail server with TLS, by a certificate of our own."""
        (self.folder / "mail").mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        str(self.folder / "key.pem"), "-out", str(self.folder / "certificate.pem")],
                       check=True, capture_output=True)
        both = self.bench.write("both.pem", (self.folder / "certificate.pem").read_text()
                                + (self.folder / "key.pem").read_text())
        return subprocess.Popen([sys.executable, root / "tests/support/mail_server.py",
                                 self.folder / "mail", both], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)

    def run_daemon(self):
        self.daemon = self.bench.start("dnsvigil", self.bench.dnsvigil, "run", "-c", str(self.config))
        wait_for("the service", lambda: self.http("GET", "/healthz")[0] == 200)

    def crash(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def http(self, method, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.api, timeout=60)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        except OSError:
            return 0, {}, ""
        finally:
            connection.close()

    def cli(self, *arguments, code=0):
        command = [self.bench.dnsvigil, *arguments[:2], "-c", str(self.config), *arguments[2:]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, (command, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def lines(self, *arguments):
        return [json.loads(line) for line in self.cli(*arguments, "-o", "json").splitlines()]

    def alert(self, client):
        found = [alert for alert in self.lines("alerts", "list", "-a")
                 if alert["entity"]["ip"] == client]
        return found[0] if found else None

    def provoke(self, client, name):
        """The client asks until there is an alert of it, and returns that."""
        def asked():
            ask(self.bench.port, client, name)
            return self.alert(client)
        wait_for(f"an alert about {client}", asked)
        return self.alert(client)

    def mails(self, to):
        found = []
        for path in sorted(self.folder.glob("mail/*.eml"), key=lambda path: int(path.stem)):
            _, recipient, _, text = path.read_text("ascii").split("\n", 3)
            if recipient == f"RCPT TO:<{to}>":
                found.append(email.message_from_string(text, policy=email.policy.default))
        return found

    def links(self, to):
        """Of the newest question, by answer."""
        wait_for(f"a mail to {to}", lambda: self.mails(to))
        found = re.findall(PUBLIC + r"(/answer/\S+)", self.mails(to)[-1].get_content())
        assert len(found) == 3, found
        return dict(zip(("expected", "not_expected", "not_mine"), found))

    def audit(self, alert):
        return [(row["actor"], row["action"], row.get("to")) for row in self.lines("audit", "list")
                if row["object"] == f"alert/{alert['id']}"]

    def queue(self):
        return self.lines("respond", "deliveries", "-n", "10000")

    def settled(self):
        """What there is to send, once all of it has been tried."""
        wait_for("all deliveries", lambda: not [row for row in self.queue()
                                                if row["state"] == "pending" and not row["attempts"]])
        return self.queue()


def expected(walk):
    """Alert, question, answer, dismissal."""
    alert = walk.provoke(ANA, ONION)
    walk.cli("respond", "ask", alert["id"])
    links = walk.links("ana@owner.example")
    behind_proxy = {"Host": "dns.example.net", "Origin": "null", "Accept-Language": "fr, ja;q=0.9"}
    for method in ("GET", "HEAD"):  # what looks into mail changes nothing
        status, headers, page = walk.http(method, links["expected"], behind_proxy)
        assert status == 200 and headers["Cache-Control"] == "no-store", (status, headers)
        assert "form-action 'self'" in headers["Content-Security-Policy"]
    status, _, page = walk.http("GET", links["expected"], behind_proxy)
    assert '<form method="post">' in page and "<script" not in page and 'lang="ja"' in page, page
    assert walk.alert(ANA)["response"]["contact"]["state"] == "asked"
    assert walk.http("PUT", links["expected"])[0] == 405
    assert walk.http("POST", links["expected"], behind_proxy)[0] == 200
    assert walk.http("POST", links["not_expected"], behind_proxy)[0] == 410
    answered = walk.alert(ANA)
    assert (answered["status"], answered["disposition"]) == ("Dismissed", "expected"), answered
    assert ("owner:ana@owner.example", "status", "Dismissed") in walk.audit(alert), walk.audit(alert)
    return alert, links


def forged(walk, links):
    """What is no link of ours, or not any more, answers nothing."""
    alert = walk.provoke(BO, LISTED)
    walk.cli("respond", "ask", alert["id"])
    good = walk.links("bo@owner.example")["not_expected"]
    token = good.split("/")[-1].split(".")
    other = links["expected"].split("/")[-1].split(".")
    key = (walk.folder / "state/answer.key").read_text().strip().encode()
    late = f"{token[0]}.e.{int(time.time()) - 1:x}"
    late += "." + hmac.new(key, b"answer\n" + late.encode(), hashlib.sha256).hexdigest()
    assert walk.http("POST", "/answer/" + late)[0] == 410
    wrong = [".".join(parts) for parts in (
        [token[0], "e", *token[2:]], [other[0], *token[1:]], [*token[:3], other[3]],
        [*token[:2], "ffffffff", token[3]], [*token[:3], "0" * 64])]
    wrong += ["x", "%2e%2e", "%00", "a" * 250, "<script>"]
    statuses = [walk.http("POST", "/answer/" + text)[0] for text in wrong]
    assert set(statuses) <= {400, 403, 404, 429} and 403 in statuses, statuses
    status, headers, _ = walk.http("POST", "/answer/" + wrong[0])
    assert status == 429 and int(headers["Retry-After"]) > 0, (status, headers)
    assert walk.alert(BO)["response"]["contact"]["state"] == "asked"
    assert walk.http("POST", good)[0] == 200  # who knows the link is not slowed down
    answered = walk.alert(BO)
    assert answered["status"] == "Active" and answered["response"]["compromised"] is True
    return alert


def isolated(walk, alert):
    """Proposed, shown, applied, undone."""
    port = walk.bench.port
    todo = walk.lines("respond", "checklist", alert["id"])
    assert [row["state"] for row in todo] == ["to_do"] * 5, todo
    diff = walk.cli("respond", "isolate", alert["id"], "-m", "not expected by its owner")
    assert "+32.23.0.0.127.rpz-client-ip CNAME .\n" in diff, diff
    (proposed,) = walk.lines("respond", "isolations")
    number = str(proposed["id"])
    assert ask(port, BO, HARMLESS) == NOERROR
    walk.cli("respond", "apply", number)
    assert ask(port, BO, HARMLESS) == NXDOMAIN and ask(port, EVE, HARMLESS) == NOERROR
    walk.cli("respond", "apply", number, code=1)
    walk.cli("respond", "checklist", alert["id"], "isolate", "done", "-m", "by RPZ")
    actions = walk.alert(BO)["response"]["actions"]
    assert [action["state"] for action in actions] == ["done"] + ["to_do"] * 4, actions
    walk.cli("respond", "undo", number)
    assert ask(port, BO, HARMLESS) == NOERROR
    walk.cli("respond", "isolate", alert["id"], "--what", "127.0.0.0/24", code=1)  # and we with it
    walk.cli("respond", "isolate", alert["id"], "--apply")
    assert ask(port, BO, HARMLESS) == NXDOMAIN


def failing(walk, alert):
    """A resolver that does not listen: nothing changes, and the isolation says why."""
    before = walk.rpz.read_text()
    control = walk.folder / "unbound/control.sock"
    control.rename(control.with_suffix(".away"))
    walk.cli("respond", "isolate", alert["id"], "--apply", "--what", LISTED, code=1)
    control.with_suffix(".away").rename(control)
    assert walk.rpz.read_text() == before
    failed = walk.lines("respond", "isolations")[0]
    assert failed["state"] == "failed" and "unbound-control" in failed["failure"], failed
    walk.cli("respond", "undo", str(failed["id"]))


def hostile(walk):
    """A name made to break out of mail, page and zone."""
    alert = walk.provoke(EVE, HOSTILE + ONION)
    walk.cli("respond", "ask", alert["id"], "--address", "eve@owner.example")
    links = walk.links("eve@owner.example")
    mail = walk.mails("eve@owner.example")[-1]
    assert mail["Bcc"] is None and mail.get_all("To") == ["eve@owner.example"], mail.items()
    assert not walk.mails("eve@evil.example")
    page = walk.http("GET", links["not_mine"])[2]
    assert "<script" not in page and "&lt;" in page, page
    diff = walk.cli("respond", "isolate", alert["id"], "--apply", "--what", alert["qname"])
    added = [line for line in diff.splitlines() if line.startswith("+") and "CNAME" in line]
    assert added and all(re.fullmatch(r"\+[\w.*\\-]+ CNAME \.", line) for line in added), added
    assert ask(walk.bench.port, EVE, HOSTILE + ONION) == NXDOMAIN
    assert ask(walk.bench.port, EVE, HARMLESS) == NOERROR


def told(walk):
    """Each rule has run once for each alert; mail comes in measure; nobody was led astray."""
    rows = walk.settled()
    runs = collections.Counter((row["origin"], row["object"]) for row in rows
                               if row["kind"] == "automation")
    assert set(runs.values()) == {1}, runs
    alerts = {alert["id"]: alert["detector"] for alert in walk.lines("alerts", "list", "-a")}
    kept = [json.loads(line)["id"] for line in walk.kept.read_text().splitlines()]
    assert sorted(kept) == sorted(id for id, detector in alerts.items() if detector in KEPT), kept
    called = [body["alert"]["id"] for path, _, body in Hook.requests if path == "/call"]
    assert sorted(called) == sorted(alerts), called
    paths = {path for path, _, _ in Hook.requests}
    assert paths == {"/chat", "/call", "/moved"}, paths
    for name in [*ASTRAY, "redirected"]:
        results = {row["result"] for row in rows if row.get("origin") == name}
        why = "redirects are not followed" if name == "redirected" else "private or local address"
        assert any(why in text for text in results), (name, results)
        assert all(why in text or "dismissed" in text for text in results), (name, results)


def crashed(walk):
    """A death in the middle of sending repeats nothing but what was on its way."""
    walk.cli("alerts", "simulate")
    time.sleep(0.3)
    walk.crash()
    with sqlite3.connect(walk.folder / "store/alerts.db") as store:
        store.execute("UPDATE isolation SET expires_ns = 1 WHERE state = 'applied'")
    store.close()
    walk.run_daemon()
    wait_for("the end of the isolation", lambda: ask(walk.bench.port, BO, HARMLESS) == NOERROR)
    walk.settled()
    states = {row["id"]: row["state"] for row in walk.lines("respond", "isolations", "--all")}
    assert set(states.values()) == {"undone", "expired"}, states
    chats = collections.defaultdict(list)
    for path, delivery, body in Hook.requests:
        if path == "/chat":
            chats[body["alert"]["id"]].append(delivery)
    assert all(len(set(ids)) == 1 for ids in chats.values()), chats
    repeated = sum(len(ids) - 1 for ids in chats.values())
    assert repeated <= 1, chats
    return repeated


def measured(walk):
    """Of a day's alerts an address gets a few mails, and the rest in one."""
    assert [row for row in walk.settled() if row["state"] == "waiting"]
    single = walk.mails("kim@team.example")
    walk.crash()
    with sqlite3.connect(walk.folder / "store/alerts.db") as store:  # a day passes
        store.execute("UPDATE delivery SET made_ns = made_ns - 86400000000000"
                      " WHERE state = 'waiting'")
    store.close()
    walk.run_daemon()
    wait_for("the digest", lambda: len(walk.mails("kim@team.example")) > len(single))
    assert not [row for row in walk.queue() if row["state"] == "waiting"]
    severities = collections.Counter(row["severity"] for row in walk.lines("alerts", "list", "-a"))
    most = sum(min(count, {"High": 4, "Medium": 2, "Low": 1}.get(severity, 0))
               for severity, count in severities.items())
    assert 0 < len(single) <= most + 1, [mail["Subject"] for mail in single]
    digest = walk.mails("kim@team.example")[len(single):]
    assert len(digest) == 1 and digest[0].get_content().count("[SAMPLE ALERT]") > 3, digest


def proven(walk, alert):
    """The trail has all of it, unaltered, also by the API."""
    walk.cli("audit", "verify")
    actors = {actor for actor, _, _ in walk.audit(alert)}
    assert "owner:bo@owner.example" in actors and any(actor.startswith("cli:") for actor in actors)
    objects = [row["object"] for row in walk.lines("audit", "list")]
    assert any(name.startswith("isolation/") for name in objects), set(objects)


def play(bench, root):
    walk = Walk(bench, root)
    try:
        bench.authority()
        walk.run_daemon()
        log = (walk.folder / "dnsvigil.log").read_text()
        assert "sandbox: landlock" in log or "sandbox: seccomp" in log, log
        bench.write("unbound/unbound.conf", UNBOUND.format(
            port=bench.port, upstream=bench.upstream, folder=walk.folder, zone=ZONE,
            socket=bench.socket))
        bench.start("server", walk.unbound, "-d", "-c", str(walk.folder / "unbound/unbound.conf"))
        wait_for("the resolver", lambda: ask(bench.port, "127.0.0.1", HARMLESS) == NOERROR)
        _, links = expected(walk)
        alert = forged(walk, links)
        isolated(walk, alert)
        failing(walk, alert)
        hostile(walk)
        told(walk)
        repeated = crashed(walk)
        measured(walk)
        proven(walk, alert)
        bench.stop(walk.daemon, 0)
        print(f"walked through; {repeated} sent twice over the crash, as may be")
    except AssertionError:
        print(walk.cli("respond", "deliveries"))
        raise
    finally:
        walk.mail.stdin.close()
        walk.mail.wait()


def main(dnsvigil, root, seeds):
    need("knotd", "openssl")
    bench = Bench(os.path.abspath(dnsvigil), os.path.abspath(seeds), "unix")
    keep = True
    try:
        play(bench, pathlib.Path(root))
        keep = False
    except SystemExit as leaving:
        keep = leaving.code not in (0, SKIP)
        raise
    finally:
        bench.close(keep)


if __name__ == "__main__":
    main(*sys.argv[1:])
