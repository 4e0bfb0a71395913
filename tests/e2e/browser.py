#!/usr/bin/env python3
# browser.py - an analyst's day in a real browser: everything a browser test needs, then the test itself
# SPDX-License-Identifier: Apache-2.0
"""Usage: browser.py DNSVIGIL SOURCE_ROOT WORK_FOLDER

A running daemon reads a pipe; a mail server, an export to a file and an isolation target stand by.
browser.mjs does the rest. The packages it needs are kept in WORK_FOLDER. Exit code 77: there is no
browser, no node or no registry of packages here."""
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from daemon import RESOLVER, skip, wait_for
from isolation import checksum
from ports import free_port

PROGRAM, ROOT, WORK = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
LISTED = "listed-domain.net"
CONFIG = """
sensor: test
state_dir: {folder}/state
store: {{path: {folder}/alerts.db, ballast_mib: 0}}
api: {{listen: '127.0.0.1:{port}', socket: {folder}/socket}}
intel: {{seed_dir: {root}/data/intel}}
rules: {{own_dir: {root}/rules}}
sources: [{{name: tap, type: pcap, path: {folder}/pipe}}]
feeds: [{{name: ours, category: phishing, path: {folder}/listed.txt, licence: CC0-1.0}}]
exports: [{{name: archive, type: file, path: {folder}/out/alerts.jsonl}}]
inventory: {{hosts: [{{match: 10.9.0.0/16, name: kiosk, owner: Ana, email: ana@owner.example, tags: [lab]}}]}}
mail: {{url: 'smtp://127.0.0.1:{mail}', from: dns@example.net, ca_file: {folder}/certificate.pem, credentials_file: {folder}/login}}
response: {{public_url: 'http://127.0.0.1:{port}'}}
isolation:
  allowed: [10.9.0.0/16]
  targets: [{{name: firewall, type: rpz, path: {folder}/rpz.zone, zone: rpz.local, command: [/bin/true]}}]
"""

# What would be run if it were taken for more than text, each short enough for a label.
OPENINGS = ["<script>hit()</script>", "<img src=x onerror=hit()>", "<svg onload=hit()>",
            "\"><script>hit()</script>", "'><img src=x onerror=hit()>", "javascript:hit()",
            "</td><script>hit()</script>", "<iframe srcdoc='<script>hit()</script>'>",
            "<a href=javascript:hit()>x</a>", "\" onmouseover=\"hit()", "' autofocus onfocus='hit()",
            "{{constructor.constructor('hit()')()}}", "${hit()}", "<!--<script>hit()//-->",
            "<style>*{display:none}</style>", "<base href=//evil>"]
ENDINGS = [b"", b"\0", b"\xff\xfe", "\u202e\u2028".encode()]
HOSTILE = [opening.encode() + ending for opening in OPENINGS for ending in ENDINGS]


def packet(time_s, client, number, labels, response):
    """A pcap record: the client asks for the name, or is answered that there is nothing."""
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    payload = struct.pack(">6H", number, 0x8180 if response else 0x0100, 1, 0, 0, 0) + name + b"\0\1\0\1"
    ends = [(socket.inet_aton(client), 20000 + number), (socket.inet_aton(RESOLVER), 53)]
    (source, sport), (target, dport) = reversed(ends) if response else ends
    udp = struct.pack(">4H", sport, dport, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, source, target)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    data = b"\2" * 12 + b"\x08\0" + head + udp
    return struct.pack("<4I", int(time_s), int(time_s % 1 * 1e6), len(data), len(data)) + data


def traffic(clients, name):
    """One question of each client, now."""
    now = time.time()
    return b"".join(packet(now + i / 1000, client, i + 1, [*name(i), *LISTED.encode().split(b".")], response)
                    for i, client in enumerate(clients) for response in (False, True))


def packages():
    """Installs what browser.mjs uses, once."""
    WORK.mkdir(parents=True, exist_ok=True)
    lock, stamp = (ROOT / "tests/web/package-lock.json").read_bytes(), WORK / ".installed"
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy2(ROOT / "tests/web" / name, WORK / name)
    shutil.copy2(ROOT / "tests/e2e/browser.mjs", WORK / "browser.mjs")
    if not stamp.is_file() or stamp.read_bytes() != lock:
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WORK, capture_output=True, text=True)
        if done.returncode:
            skip(f"the packages cannot be installed: {done.stderr[-300:]}")
        stamp.write_bytes(lock)


def mail_server(folder):
    (folder / "mail").mkdir()
    (folder / "login").write_text("user\npassword\n")
    (folder / "login").chmod(0o600)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    (folder / "both.pem").write_text(certificate.read_text() + key.read_text())
    return subprocess.Popen([sys.executable, ROOT / "tests/support/mail_server.py", folder / "mail", folder / "both.pem"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def daemon_start(folder, mail_port):
    port = free_port()
    (folder / "listed.txt").write_text(LISTED + "\n")
    (folder / "out").mkdir()
    os.mkfifo(folder / "pipe")
    config = folder / "dnsvigil.yaml"
    config.write_text(CONFIG.format(folder=folder, root=ROOT, port=port, mail=mail_port))
    log = (folder / "log").open("w")
    return port, subprocess.Popen([PROGRAM, "run", "-c", config], stdout=log, stderr=log)


def setup_code(folder, daemon):
    path = folder / "state/setup-code"

    def look():
        assert daemon.poll() is None, (folder / "log").read_text()
        return path.is_file() and path.read_text().strip()
    return wait_for("the setup code", look)


def story(folder, port, code, browser):
    plan = {
        "base": f"http://127.0.0.1:{port}", "browser": browser, "code": code,
        "pipe": str(folder / "pipe"), "mail": str(folder / "mail"), "zone": str(folder / "rpz.zone"),
        "exported": str(folder / "out/alerts.jsonl"), "words": str(ROOT / "web/src/words.ts"),
        "pictures": str(WORK), "hostile": len(HOSTILE), "listed": LISTED,
        "capture": str(ROOT / "data/captures/sample.pcap"), "live": {}}
    for number, language in enumerate(("en", "ja"), 1):
        path = folder / f"live-{language}"
        path.write_bytes(traffic([f"10.9.{number}.{i}" for i in range(1, 4)], lambda i: [b"www"]))
        plan["live"][language] = {"path": str(path), "client": f"10.9.{number}."}
    (folder / "names").write_bytes(traffic([f"10.9.3.{i + 1}" for i in range(len(HOSTILE))],
                                           lambda i: [HOSTILE[i]]))
    plan["names"] = str(folder / "names")
    (folder / "plan.json").write_text(json.dumps(plan))
    return subprocess.run(["node", WORK / "browser.mjs", folder / "plan.json"], timeout=540).returncode


def main():
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser or not shutil.which("node") or not shutil.which("npm"):
        skip("this takes chromium, node and npm")
    packages()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        mail = mail_server(folder)
        port, daemon = daemon_start(folder, int(mail.stdout.readline()))
        try:
            with open(folder / "pipe", "wb") as keep:  # while it is open, the source has no end
                code = story(folder, port, setup_code(folder, daemon), browser)
                keep.flush()
        finally:
            daemon.terminate()
            daemon.wait(60)
            mail.stdin.close()
            mail.wait()
        if code:
            print((folder / "log").read_text())
        sys.exit(code)


if __name__ == "__main__":
    main()
