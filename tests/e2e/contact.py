#!/usr/bin/env python3
# contact.py - sample alerts become mails, signed requests and runs, and an owner's answer counts
# SPDX-License-Identifier: Apache-2.0
"""Usage: contact.py DNSVIGIL SOURCE_ROOT"""
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
CONFIG = """
state_dir: {folder}/state
store: {{path: {folder}/alerts.db, ballast_mib: 0}}
mail:
  url: smtp://127.0.0.1:{mail}
  from: dns@example.net
  ca_file: {folder}/certificate.pem
  credentials_file: {folder}/login
response: {{public_url: 'https://dns.example.net'}}
contact: {{language: ja}}
notifications:
  - name: team
    severity_min: low
    emails: [kim@team.example]
    webhook: {{url: 'http://127.0.0.1:{hook}/team', allow_http: true, allow: [127.0.0.0/8]}}
  - name: astray
    severity_min: medium
    webhook: {{url: 'http://127.0.0.1:{hook}/astray', allow_http: true}}
automation:
  - name: keep
    severity_min: medium
    types: [threat_intel]
    command: [/usr/bin/tee, {folder}/kept.json]
"""


class Hook(http.server.BaseHTTPRequestHandler):
    requests = []

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.path, dict(self.headers), body))
        self.send_response(204)
        self.end_headers()


def run(folder, *arguments):
    command = [PROGRAM, *arguments, "-c", str(folder / "dnsvigil.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def alerts(folder):
    lines = run(folder, "alerts", "list", "-a", "-o", "json").splitlines()
    return {alert["detector"]: alert for alert in map(json.loads, lines)}


def mails(folder):
    for path in sorted(folder.glob("mail/*.eml"), key=lambda path: int(path.stem)):
        sender, to, login, text = path.read_text("ascii").split("\n", 3)
        assert login.startswith("AUTH "), login
        yield to, email.message_from_string(text, policy=email.policy.default)


def prepare(folder, hook_port):
    (folder / "mail").mkdir()
    (folder / "login").write_text("user\npassword\n")
    (folder / "login").chmod(0o600)
    certificate = folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"), "-out",
                    str(certificate)], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text(certificate.read_text() + (folder / "key.pem").read_text())
    server = subprocess.Popen([sys.executable, ROOT / "tests/support/mail_server.py", folder / "mail",
                               both], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline())
    (folder / "dnsvigil.yaml").write_text(CONFIG.format(folder=folder, mail=port, hook=hook_port))
    return server


def check_samples(folder):
    # The store is made by the first command; what is there before the first delivery is not told.
    run(folder, "alerts", "simulate", "--type", "dark_web")
    run(folder, "respond", "deliver")
    assert not list(mails(folder)) and not Hook.requests
    time.sleep(1.1)  # samples of another second are other alerts
    run(folder, "alerts", "simulate")
    stored = alerts(folder)
    assert len(stored) == 13 and all(alert["sample"] for alert in stored.values())
    run(folder, "respond", "deliver")


def check_notifications(folder):
    sent = list(mails(folder))
    # 2 Medium and 1 Low of the day in mails of their own; the rest waits for the digest.
    assert [to for to, _ in sent] == ["RCPT TO:<kim@team.example>"] * 3, sent
    assert all("[SAMPLE ALERT]" in mail["Subject"] for _, mail in sent)
    queue = [json.loads(line) for line in run(folder, "respond", "deliveries", "-o", "json").splitlines()]
    told = [row for row in queue if row.get("target") == "team"]
    assert told and all(row["state"] == "done" for row in told), told
    astray = [row for row in queue if row.get("target") == "astray"]
    assert astray and all("private" in row["result"] for row in astray), astray


def check_signatures(folder):
    key = (folder / "state/webhook.key").read_text().strip().encode()
    assert (folder / "state/webhook.key").stat().st_mode & 0o777 == 0o600
    assert {path for path, _, _ in Hook.requests} == {"/team"}
    for _, headers, body in Hook.requests:
        seconds, told = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})",
                                     headers["X-Dnsvigil-Signature"]).groups()
        made = hmac.new(key, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(made, told)
        assert abs(time.time() - int(seconds)) < 60
        assert json.loads(body)["alert"]["sample"] is True


def check_automation(folder):
    kept = json.loads((folder / "kept.json").read_text())
    assert kept["detector"] == "threat_intel"
    runs = [json.loads(line) for line in run(folder, "automation", "runs", "-o", "json").splitlines()]
    assert [row["state"] for row in runs] == ["done"], runs
    tried = run(folder, "automation", "test", "keep", "-o", "json").splitlines()
    assert len(tried) == 1 and json.loads(tried[0])["id"] == kept["id"]


def check_contact(folder):
    alert = alerts(folder)["threat_intel"]
    run(folder, "respond", "ask", alert["id"], "--address", "ana@owner.example")
    to, mail = list(mails(folder))[-1]
    text = mail.get_content()
    assert to == "RCPT TO:<ana@owner.example>"
    assert "想定内ですか" in mail["Subject"] and "beacon.c2.example" in text
    links = re.findall(r"https://dns\.example\.net/answer/([0-9a-f]{32}\.[enm]\.[0-9a-f]+\.[0-9a-f]{64})",
                       text)
    assert len(set(links)) == 3, text
    assert alerts(folder)["threat_intel"]["response"]["contact"]["state"] == "asked"
    run(folder, "respond", "answer", alert["id"], "expected", "-m", "she called")
    answered = alerts(folder)["threat_intel"]
    assert (answered["status"], answered["disposition"]) == ("Dismissed", "expected")
    run(folder, "respond", "answer", alert["id"], "not_expected")
    answered = alerts(folder)["threat_intel"]
    assert answered["status"] == "Active" and answered["response"]["compromised"] is True


def check_refusals(folder):
    """What a mail server refuses for good is given up, what it refuses for now is not; without TLS
    nothing is sent."""
    alert = alerts(folder)["signature"]
    wanted = {"no-one@owner.example": "dead", "later-ana@owner.example": "pending"}
    for address in wanted:
        run(folder, "respond", "ask", alert["id"], "--address", address)
    plain = subprocess.Popen([sys.executable, ROOT / "tests/support/mail_server.py", folder / "mail"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    config = folder / "dnsvigil.yaml"
    port = int(plain.stdout.readline())
    config.write_text(re.sub(r"smtp://127.0.0.1:\d+", f"smtp://127.0.0.1:{port}", config.read_text()))
    before = len(list(mails(folder)))
    run(folder, "respond", "ask", alert["id"], "--address", "eve@owner.example")
    plain.stdin.close()
    plain.wait()
    wanted["eve@owner.example"] = "pending"
    rows = map(json.loads, run(folder, "respond", "deliveries", "-o", "json").splitlines())
    states = {row["target"]: row["state"] for row in rows if row["kind"] == "contact"}
    assert {address: states[address] for address in wanted} == wanted, states
    assert len(list(mails(folder))) == before


def main():
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = prepare(folder, hook.server_port)
        try:
            for check in (check_samples, check_notifications, check_signatures, check_automation,
                          check_contact, check_refusals):
                check(folder)
        finally:
            server.stdin.close()
            server.wait()


if __name__ == "__main__":
    main()
