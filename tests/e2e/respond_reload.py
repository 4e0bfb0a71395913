#!/usr/bin/env python3
# respond_reload.py - what is done about alerts follows the configuration without a restart
# SPDX-License-Identifier: Apache-2.0
"""Usage: respond_reload.py PROGRAM SEEDS

A daemon that was started with next to nothing to do about alerts reads a configuration with
notifications, automation and isolation; only what takes privileges waits for the next start."""
import http.server
import json
import pathlib
import signal
import subprocess
import sys
import threading

from daemon import Case, wait_for

PROGRAM, SEEDS = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
SAMPLE = "192.0.2.10"  # the machine that sample alerts are about

BEFORE = """
contact: {{webhook: {{url: 'http://127.0.0.1:{port}/contact', allow_http: true, allow: [127.0.0.0/8]}}}}
isolation:
  allowed: [192.0.2.0/24]
  targets: [{{name: known, type: nftables, path: {folder}/known.nft}}]
"""
AFTER = """
contact: {{webhook: {{url: 'http://127.0.0.1:{port}/elsewhere', allow_http: true, allow: [127.0.0.0/8]}}}}
response: {{public_url: 'https://dns.example'}}
notifications:
  - {{name: chat, severity_min: low,
     webhook: {{url: 'http://127.0.0.1:{port}/chat', allow_http: true, allow: [127.0.0.0/8]}}}}
automation:
  - {{name: later, types: [dark_web], command: [/usr/bin/tee, {folder}/later.json]}}
isolation:
  allowed: [192.0.2.0/24]
  protected: [{protected}]
  targets:
    - {{name: known, type: nftables, path: {folder}/known.nft}}
    - {{name: later, type: nftables, path: {folder}/later.nft}}
"""


class Hook(http.server.BaseHTTPRequestHandler):
    paths = []

    def log_message(self, *args):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.paths.append(self.path)
        self.send_response(204)
        self.end_headers()


class Test:
    def __init__(self, case):
        self.case = case
        hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        self.port = hook.server_port
        self.configure(BEFORE)
        self.daemon = case.start()
        case.traffic.connect(case.pipe)

    def configure(self, text, protected="198.51.100.0/24"):
        self.case.configure(f"{{name: tap, type: pcap, path: {self.case.pipe}}}",
                            text.format(port=self.port, folder=self.case.folder,
                                        protected=protected))

    def reload(self, *how):
        self.configure(*how)
        before = self.daemon.metric("reloads_total")
        self.daemon.signal(signal.SIGHUP)
        wait_for("the reload", lambda: self.daemon.metric("reloads_total") > before)

    def cli(self, *words, fails=False):
        done = subprocess.run([PROGRAM, *words, "-c", str(self.case.config)], capture_output=True,
                              text=True, timeout=60, check=False)
        assert (done.returncode != 0) == fails, (words, done.stdout, done.stderr)
        return done.stderr if fails else done.stdout

    def deliveries(self):
        return [json.loads(line) for line in
                self.cli("respond", "deliveries", "-o", "json").splitlines()]

    def isolate(self, target, fails=False):
        return self.cli("respond", "isolate", self.alert, "--target", target, "-m", "test",
                        fails=fails)

    def run(self):
        wait_for("the first step", lambda: self.follows())
        self.cli("alerts", "simulate", "--type", "dark_web")
        alerts = self.case.alerts().values()
        self.alert = next(alert["id"] for alert in alerts if alert["detector"] == "dark_web")
        self.reload(AFTER)
        log = self.daemon.log.read_text()
        for line in ("automation rule later: its program is new",
                     "isolation target later: its file or command is new"):
            assert line in log, log
        assert "isolation target known" not in log, log
        self.cli("alerts", "set", self.alert, "--status", "in-progress")
        self.owners()
        self.deliveries_follow()
        self.isolations_follow()
        self.case.traffic.disconnect()
        self.daemon.wait()
        self.restart()

    def follows(self):
        """The step that marks where to begin from, so that the sample is told of."""
        return "respond" in subprocess.run(
            ["sqlite3", str(self.case.store), "SELECT name FROM follower"], capture_output=True,
            text=True, check=False).stdout

    def owners(self):
        self.cli("respond", "ask", self.alert)
        wait_for("the question", lambda: "/elsewhere" in Hook.paths)
        assert "/contact" not in Hook.paths

    def deliveries_follow(self):
        wait_for("the notification", lambda: "/chat" in Hook.paths)
        rule = wait_for("the rule", lambda: [one for one in self.deliveries()
                                             if one.get("origin") == "later" and one["attempts"]])
        assert rule[0]["state"] == "pending" and "restart" in rule[0]["result"], rule
        for one in self.deliveries():
            assert one["state"] != "done" or "result" not in one, one

    def isolations_follow(self):
        self.isolate("known")
        self.cli("respond", "apply", "1")
        assert SAMPLE in (self.case.folder / "known.nft").read_text()
        assert "restart" in self.isolate("later", fails=True)  # there is nothing to compare with
        assert "restart" in self.cli("respond", "apply", "2", fails=True)
        self.cli("respond", "undo", "1")
        self.reload(AFTER, SAMPLE)
        assert "protected" in self.isolate("known", fails=True)
        self.reload(AFTER)

    def restart(self):
        """What waited for it is done, at once as far as the next attempt goes."""
        subprocess.run(["sqlite3", str(self.case.store), "UPDATE delivery SET due_ns = 0"],
                       check=True)
        self.daemon = self.case.start()
        self.case.traffic.connect(self.case.pipe)
        self.cli("respond", "apply", "2")
        assert SAMPLE in (self.case.folder / "later.nft").read_text()
        wait_for("the program", lambda: (self.case.folder / "later.json").exists())
        self.case.traffic.disconnect()
        self.daemon.wait()


def main():
    case, told = Case(PROGRAM, SEEDS), True
    try:
        Test(case).run()
        told = False
    finally:
        case.close(told)


if __name__ == "__main__":
    main()
