#!/usr/bin/env python3
# dnstap_servers.py - a real DNS server sends its dnstap: the right clients get the right alerts
# SPDX-License-Identifier: Apache-2.0
"""Usage: dnstap_servers.py DNSVIGIL SEEDS unbound|named|knotd|kresd|dnsdist [unix|tcp]

Everything runs on loopback, from a folder of its own: the server answers from a zone or forwards to
a local knotd that has one, so that no query leaves the machine. Exit code 77: a program is missing.
"""
import json
import os
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

SKIP = 77
ONION = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
LISTED = "bad.listed-domain.net"
HARMLESS = "www.harmless-domain.net"
EXPECTED = {("127.0.0.22", "dark_web"), ("127.0.0.23", "phishing_domain")}
WAIT_S = 60  # for what takes a fraction of a second on an idle machine

ZONE = """$TTL 60
@ SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60
@ NS ns.invalid.
ns.invalid. A 127.0.0.1
bad.listed-domain.net. A 192.0.2.66
www.harmless-domain.net. A 192.0.2.80
"""

KNOT = """
server:
    listen: 127.0.0.1@{port}
    rundir: {folder}/{role}
    user: {user}
database:
    storage: {folder}/{role}
log:
  - target: stderr
    any: error
{module}
template:
  - id: default
    storage: {folder}
    {global_module}
zone:
  - domain: .
    file: root.zone
"""


def need(*programs):
    paths = []
    for program in programs:
        path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if not path:
            print(f"skipped: {program} is not installed")
            sys.exit(SKIP)
        paths.append(path)
    return paths


def need_file(pattern, package):
    if not list(pathlib.Path("/usr/lib").glob(pattern)):
        print(f"skipped: {package} is not installed")
        sys.exit(SKIP)


def wait_for(what, check):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {WAIT_S} s")


class Bench:
    """A folder, the programs started in it, and their ports."""

    def __init__(self, dnsvigil, seeds, transport):
        self.dnsvigil = dnsvigil
        self.seeds = seeds
        self.transport = transport
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dnstap-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.upstream = free_port()
        self.tap_port = free_port()
        self.socket = self.folder / "tap.sock"
        self.processes = []

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, name, *arguments):
        log = open(self.folder / f"{name}.log", "wb")
        out = open(self.folder / f"{name}.out", "wb")
        process = subprocess.Popen(arguments, stdout=out, stderr=log, cwd=self.folder,
                                   start_new_session=True)
        self.processes.append(process)
        return process

    def stop(self, process, code=None):
        process.send_signal(signal.SIGTERM)
        found = process.wait(WAIT_S)
        if code is not None and found != code:
            raise AssertionError(f"{process.args[0]} ended with {found}")

    def close(self, keep):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
                process.wait()
        if keep:
            for log in sorted(self.folder.glob("*.log")) + sorted(self.folder.glob("*.out")):
                print(f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}")
        shutil.rmtree(self.folder)

    def listen(self):
        """dnsvigil, with the list that has LISTED in it."""
        where = (f"type: dnstap, path: {self.socket}, mode: '0666'" if self.transport == "unix"
                 else f"type: dnstap-tcp, listen: '127.0.0.1:{self.tap_port}'")
        self.write("listed.txt", LISTED + "\n")
        config = self.write("dnsvigil.yaml", f"""
store: {{path: {self.folder}/alerts.db, ballast_mib: 0}}
intel: {{seed_dir: {self.seeds}}}
feeds: [{{name: ours, category: phishing, path: {self.folder}/listed.txt}}]
sources: [{{name: tap, {where}}}]
""")
        process = self.start("dnsvigil", self.dnsvigil, "analyze", "-c", str(config), "--no-store",
                             "--stats", "-o", "json", "--source", "tap")
        if self.transport == "unix":
            wait_for("the socket", self.socket.exists)
        else:
            wait_for("the port", lambda: answers_tcp(self.tap_port))
        return process

    def alerts(self):
        text = (self.folder / "dnsvigil.out").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def authority(self):
        """What the resolvers forward to: a zone for all names."""
        (knotd,) = need("knotd")
        self.write("root.zone", ZONE)
        self.write("authority/knot.conf", KNOT.format(
            port=self.upstream, folder=self.folder, role="authority", user="root", module="",
            global_module=""))
        self.start("authority", knotd, "-c", str(self.folder / "authority/knot.conf"))
        wait_for("the authority", lambda: asks(self.upstream, "127.0.0.1", HARMLESS))


def answers_tcp(port):
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def asks(port, client, name, tcp=False):
    command = ["kdig", "@127.0.0.1", "-p", str(port), "-b", client, "+retry=1", "+time=2",
               "+tcp" if tcp else "+notcp", name, "A"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return answer.returncode == 0 and b"status:" in answer.stdout


def start_unbound(bench):
    (unbound,) = need("unbound")
    bench.authority()
    tap = (f'dnstap-socket-path: "{bench.socket}"' if bench.transport == "unix" else
           f'dnstap-ip: "127.0.0.1@{bench.tap_port}"\n  dnstap-tls: no')
    conf = bench.write("unbound/unbound.conf", f"""
server:
  interface: 127.0.0.1@{bench.port}
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "{bench.folder}/unbound"
  pidfile: ""
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "onion." transparent
  access-control: 127.0.0.0/8 allow
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{bench.upstream}
remote-control:
  control-enable: no
dnstap:
  dnstap-enable: yes
  dnstap-bidirectional: yes
  {tap}
  dnstap-send-identity: yes
  dnstap-identity: "unbound-test"
  dnstap-log-client-query-messages: yes
  dnstap-log-client-response-messages: yes
  dnstap-log-resolver-query-messages: yes
  dnstap-log-resolver-response-messages: yes
""")
    return bench.start("server", unbound, "-d", "-c", str(conf))


def start_named(bench):
    (named,) = need("named")
    bench.authority()
    conf = bench.write("named/named.conf", f"""
options {{
  directory "{bench.folder}/named";
  listen-on port {bench.port} {{ 127.0.0.1; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  session-keyfile none;
  recursion yes;
  allow-query {{ 127.0.0.0/8; }};
  dnssec-validation no;
  empty-zones-enable no;
  forward only;
  forwarders port {bench.upstream} {{ 127.0.0.1; }};
  dnstap {{ client; resolver; forwarder; }};
  dnstap-output unix "{bench.socket}";
  dnstap-identity "named-test";
}};
controls {{ }};
""")
    return bench.start("server", named, "-g", "-n", "1", "-c", str(conf))


def start_knotd(bench):
    (knotd,) = need("knotd")
    need_file("*/knot/modules-*/dnstap.so", "knot-module-dnstap")
    bench.write("root.zone", ZONE)
    bench.write("knotd/knot.conf", KNOT.format(
        port=bench.port, folder=bench.folder, role="knotd", user="root",
        module=f"mod-dnstap:\n  - id: tap\n    sink: unix:{bench.socket}\n"
               "    identity: knotd-test\n    log-queries: on\n    log-responses: on",
        global_module="global-module: mod-dnstap/tap"))
    return bench.start("server", knotd, "-c", str(bench.folder / "knotd/knot.conf"))


def start_kresd(bench):
    (kresd,) = need("kresd")
    need_file("*/knot-resolver/kres_modules/dnstap.so", "knot-resolver with dnstap")
    bench.authority()
    conf = bench.write("kresd/kresd.conf", f"""
net.listen('127.0.0.1', {bench.port}, {{ kind = 'dns' }})
modules.unload('ta_update')
modules.unload('ta_signal_query')
modules.unload('ta_sentinel')
modules.unload('priming')
modules.unload('detect_time_skew')
modules.unload('detect_time_jump')
trust_anchors.remove('.')
modules.load('dnstap')
dnstap.config({{
  socket_path = '{bench.socket}',
  identity = 'kresd-test',
  client = {{ log_queries = true, log_responses = true }},
}})
policy.add(policy.all(policy.FORWARD('127.0.0.1@{bench.upstream}')))
cache.size = 10 * MB
""")
    return bench.start("server", kresd, "-n", "-c", str(conf), str(bench.folder / "kresd"))


def start_dnsdist(bench):
    (dnsdist,) = need("dnsdist")
    bench.authority()
    logger = (f'newFrameStreamUnixLogger("{bench.socket}")' if bench.transport == "unix" else
              f'newFrameStreamTcpLogger("127.0.0.1:{bench.tap_port}")')
    conf = bench.write("dnsdist/dnsdist.conf", f"""
setLocal("127.0.0.1:{bench.port}")
setSecurityPollSuffix("")
newServer({{address = "127.0.0.1:{bench.upstream}", healthCheckMode = "up"}})
tap = {logger}
addAction(AllRule(), DnstapLogAction("dnsdist-test", tap))
addResponseAction(AllRule(), DnstapLogResponseAction("dnsdist-test", tap))
""")
    return bench.start("server", dnsdist, "--supervised", "-C", str(conf), "--disable-syslog")


def found_alerts(bench):
    return {(alert["entity"]["ip"], alert["detector"]) for alert in bench.alerts()}


def play(bench, start):
    listener = bench.listen()
    server = start(bench)
    wait_for("the server", lambda: asks(bench.port, "127.0.0.1", HARMLESS))
    for _ in range(3):  # some of it over TCP; more than once, as names are cached
        assert asks(bench.port, "127.0.0.21", HARMLESS)
        assert asks(bench.port, "127.0.0.22", ONION)
        assert asks(bench.port, "127.0.0.23", LISTED, tcp=True)
    time.sleep(4)  # servers buffer what they tell for a second or so
    bench.stop(server)
    bench.stop(listener, 0)
    check(bench)


def check(bench):
    found = found_alerts(bench)
    assert found == EXPECTED, f"{found} instead of {EXPECTED}"  # the server itself is not blamed
    stats = dict(re.findall(r"^(\w+) +(\d+)$",
                            (bench.folder / "dnsvigil.log").read_text(encoding="utf-8"), re.M))
    print(", ".join(f"{key} {value}" for key, value in stats.items()
                    if key.startswith(("dnstap", "transactions")) and value != "0"))


def main(dnsvigil, seeds, server, transport="unix"):
    need("kdig")
    bench = Bench(os.path.abspath(dnsvigil), os.path.abspath(seeds), transport)
    keep = True
    try:
        play(bench, globals()[f"start_{server}"])
        keep = False
    except SystemExit:
        keep = False
        raise
    finally:
        bench.close(keep)


if __name__ == "__main__":
    main(*sys.argv[1:])
