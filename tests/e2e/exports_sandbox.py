#!/usr/bin/env python3
# exports_sandbox.py - `dnsvigil run`, confined as it is by default, finds the services that take its
# alerts by their names, and trusts them by a certificate of theirs or by those of the system
# SPDX-License-Identifier: Apache-2.0
"""Usage: exports_sandbox.py PROGRAM SEEDS

As root the program is started as root and as `nobody`, with names and certificates of its own in the
places of the system's; otherwise with what there is. Everything happens on loopback."""
import json
import os
import pathlib
import re
import shutil
import socketserver
import subprocess
import sys
import threading

from daemon import LISTED, Case, Daemon, skip, wait_for
from sink_services import AzureLogs, Elastic, Otlp, Splunk, Webhook, certificate, tls

CLIENTS, NAME = 3, "siem.invalid"
SYSTEM_CA = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
TEMPLATE = """{"text": "%%{ %{title}", "evidence": %{json:evidence}, "key": "%{id}:%{revision}",
 "domain": "%{domain}", "url": "https%3A%2F%2Fx%2F%{url:domain}"}"""
OUTSIDE = ('mount --bind "$1" /etc/hosts && mount --bind "$2" ' + str(SYSTEM_CA)
           + ' && { [ ! -e /etc/ssl/cert.pem ] || mount --bind "$2" /etc/ssl/cert.pem; }'
           + ' && shift 2 && exec "$@"')


class Collector(socketserver.StreamRequestHandler):
    """Takes syslog over TLS, a length before each message (RFC 5425)."""

    def handle(self):
        while number := self.read_number():
            self.server.taken.append(self.rfile.read(number))

    def read_number(self):
        text = b""
        while (byte := self.rfile.read(1)).isdigit():
            text += byte
        return int(text or 0)


class Syslog(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, context):
        self.taken, self.wrong = [], []
        super().__init__(("127.0.0.1", 0), Collector)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """It may break off when it ends."""


class Mail:
    """Keeps what it was sent in a folder."""

    def __init__(self, folder, pem):
        self.box, self.wrong = folder / "box", []
        self.box.mkdir()
        path = pathlib.Path(__file__).parents[1] / "support/mail_server.py"
        self.process = subprocess.Popen([sys.executable, path, self.box, pem], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    @property
    def taken(self):
        return list(self.box.glob("*.eml"))


class Confined(Case):
    def __init__(self, program, seeds):
        super().__init__(program, seeds)
        self.folder.chmod(0o755)
        self.pem = certificate(self.folder, "server")
        context = tls(self.pem)
        self.services = {"splunk": Splunk(context), "elasticsearch": Elastic(context),
                         "azure_logs": AzureLogs(context), "otlp": Otlp(context),
                         "webhook": Webhook(context), "syslog": Syslog(context),
                         "mail": Mail(self.folder, self.pem)}
        self.owner = 0

    def secret(self, name, text):
        path = self.folder / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(path, self.owner, -1)
        return str(path)

    def keys(self, kind, host):
        """What an export of this kind needs to be let in."""
        url = f"https://{host}:{self.services[kind].port}"
        if kind == "syslog":
            return {"address": url.removeprefix("https://")}
        if kind == "mail":
            return {"url": url.replace("https", "smtp"), "from": "dnsvigil@example.com",
                    "emails": ["ann@example.com"],
                    "credentials_file": self.secret("login", "ann\npassword")}
        if kind == "azure_logs":
            return {"url": url, "token_url": f"{url}/tenant/oauth2/v2.0/token", "client_id": "client",
                    "rule_id": AzureLogs.rule,
                    "client_secret_file": self.secret("client", AzureLogs.secret)}
        if kind == "webhook":
            (self.folder / "template").write_text(TEMPLATE)
            return {"url": f"{url}/hook?team=dns", "template_file": str(self.folder / "template"),
                    "content_type": "application/json; charset=utf-8", "username": "ann",
                    "key_file": self.secret("key", Webhook.secret),
                    "password_file": self.secret("password", Webhook.password)}
        more = {"token_header": "X-Api-Key"} if kind == "otlp" else {}
        return {"url": url, "token_file": self.secret(kind, self.services[kind].token)} | more

    def export(self, kind, host, authority):
        return {"name": f"{kind}-{host.split('.')[0]}", "type": kind, "tls_ca": str(authority or ""),
                "allow": ["127.0.0.0/8"], "suppressed": True, "timeout_s": 5,
                "retry_max_s": 1} | self.keys(kind, host)

    def taken(self, daemon, name):
        found = re.search(f'^dnsvigil_export_taken_total{{export="{name}"}} (\\d+)',
                          daemon.get("/metrics")[1], re.M)
        return found and int(found[1])

    def run_as(self, user, places, first_client):
        """Each service gets each alert from each of its exports."""
        exports = [self.export(kind, host, authority)
                   for kind in self.services for host, authority in places]
        self.configure(f"{{name: tap, type: pcap, path: {self.pipe}}}",
                       f"exports: {json.dumps(exports)}\nsandbox: {{user: {json.dumps(user)}}}\n")
        daemon = self.start()
        if "sandbox: seccomp" not in daemon.log.read_text():
            skip("nothing confines programs here")
        self.traffic.connect(self.pipe)
        for i in range(CLIENTS):
            self.traffic.ask(f"10.0.{first_client}.{i + 1}", LISTED)
        for one in exports:
            wait_for(f"all that {one['name']} takes of {user or 'root'}",
                     lambda: self.taken(daemon, one["name"]) == CLIENTS)
        for kind, service in self.services.items():
            assert service.taken and not service.wrong, f"{kind}: {service.wrong}"
        daemon.stop()
        self.traffic.disconnect()
        shutil.rmtree(self.folder / "state")
        shutil.rmtree(self.store.parent)
        return len(exports)

    def start(self):
        return Daemon(self.program, self.config, self.folder, self.children)


class Outside(Confined):
    """With names and certificates of ours in the places of the system's."""

    def __init__(self, program, seeds):
        super().__init__(program, seeds)
        hosts = self.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n127.0.0.1 {NAME}\n")
        wrapper = self.folder / "run"
        wrapper.write_text(f"#!/bin/sh\nexec unshare -m sh -c '{OUTSIDE}' sh {hosts} {self.pem} "
                           f"{self.program} \"$@\"\n")
        wrapper.chmod(0o755)
        self.wrapper = str(wrapper)

    def start(self):
        return Daemon(self.wrapper, self.config, self.folder, self.children)


def can_mount():
    return os.geteuid() == 0 and SYSTEM_CA.exists() and subprocess.run(
        ["unshare", "-m", "mount", "--bind", SYSTEM_CA, "/etc/hosts"], check=False,
        capture_output=True).returncode == 0


def main():
    mounts, users = can_mount(), ["", "nobody"] if os.geteuid() == 0 else [""]
    case = (Outside if mounts else Confined)(*(str(pathlib.Path(path).resolve())
                                               for path in sys.argv[1:3]))
    failed = True
    try:
        places = [("localhost", case.pem)] + ([(NAME, None)] if mounts else [])
        for number, user in enumerate(users):
            case.owner = 65534 if user else 0
            count = case.run_as(user, places, number)
            print(f"as {user or 'we are'}: {count} exports to {len(case.services)} services")
        failed = False
    finally:
        case.close(failed)


if __name__ == "__main__":
    main()
