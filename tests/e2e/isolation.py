#!/usr/bin/env python3
# isolation.py - machines are isolated by real resolvers and a real firewall, and let in again
# SPDX-License-Identifier: Apache-2.0
"""Usage: isolation.py DNSVIGIL SEEDS unbound|nftables|snippets

An alert about 127.0.0.22 is made from a capture; then it goes the way an analyst takes: proposed,
shown, applied, undone, expired. Everything runs on loopback or in a network namespace of its own;
the resolver forwards to a local knotd. Exit code 77: a program is missing.
"""
import json
import os
import socket
import sqlite3
import struct
import subprocess
import sys

from dnstap_servers import SKIP, Bench, need, wait_for

CLIENT = "127.0.0.22"
OTHER = "127.0.0.23"
ONION = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
HARMLESS = "www.harmless-domain.net"
ZONE = "isolation.dnsvigil"

# Names that would end a string, a line or a comment of what they are written in.
HOSTILE = [r"a\"b.x", r"x\010server\:.x", "a'b.x", r"'\)\)os.exit\(3\)--.x", "]].x", r"\$include.x",
           r"\;c.x", r"a\\.x", r"a\\\".x", r"\@.x", r"\(.x", r"x\000y.x", r"\255\254.x", "%s%n.x",
           r"a\.b.x", "{{x}}.x", "*x.x", "#x.x", "`id`.x", r"\013\010\009.x", r"\127.x", "--.x"]


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def wire(name):
    """Presentation format to wire format."""
    labels, label, at = [], b"", 0
    while at < len(name):
        if name[at] == "." or name[at] != "\\":
            if name[at] == ".":
                labels.append(label)
                label = b""
            else:
                label += name[at].encode()
            at += 1
        elif name[at + 1].isdigit():
            label += bytes([int(name[at + 1:at + 4])])
            at += 4
        else:
            label += name[at + 1].encode()
            at += 2
    labels.append(label)
    return b"".join(bytes([len(part)]) + part for part in labels) + b"\0"


def query(name, number=1, qtype=1):
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + wire(name) + struct.pack(">2H", qtype, 1)


def capture(names):
    """A pcap of raw IP packets: CLIENT asks for each name."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
    for number, name in enumerate(names):
        payload = query(name, number + 1)
        udp = struct.pack(">4H", 40000 + number, 53, 8 + len(payload), 0) + payload
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0,
                           socket.inet_aton(CLIENT), socket.inet_aton("127.0.0.1"))
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        packet = head + udp
        out += struct.pack("<4I", 1700000000 + number, 0, len(packet), len(packet)) + packet
    return out


def ask(port, client, name):
    """The response code, or None without an answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind((client, 0))
        asker.settimeout(2)
        asker.sendto(query(name), ("127.0.0.1", port))
        try:
            return asker.recv(4096)[3] & 15
        except OSError:
            return None


NOERROR, NXDOMAIN, REFUSED = 0, 3, 5


class Analyst:
    """dnsvigil's command line on a store with an alert about CLIENT."""

    def __init__(self, bench, targets, names=(ONION,)):
        self.bench = bench
        self.config = bench.write("dnsvigil.yaml", f"""
store: {{path: {bench.folder}/alerts.db, ballast_mib: 0}}
intel: {{seed_dir: {bench.seeds}}}
isolation:
  allowed: [127.0.0.0/8]
  targets:
{targets}""")
        (bench.folder / "in.pcap").write_bytes(capture(names))
        self.run("analyze", "-o", "json", str(bench.folder / "in.pcap"))
        alerts = self.run("alerts", "list", "-o", "json").splitlines()
        self.alert = json.loads(alerts[0])["id"]

    def run(self, *arguments, code=0):
        command = [self.bench.dnsvigil, *arguments]
        at = 2 if arguments[0] in ("respond", "alerts") else 1
        command[at + 1:at + 1] = ["-c", str(self.config)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != code:
            raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def isolate(self, *arguments):
        """Proposes; returns the number and the diff."""
        diff = self.run("respond", "isolate", self.alert, *arguments)
        rows = self.run("respond", "isolations", "-o", "json").splitlines()
        return str(json.loads(rows[0])["id"]), diff

    def let_time_pass(self):
        """All that is applied has ended long ago."""
        with sqlite3.connect(self.bench.folder / "alerts.db") as store:
            store.execute("UPDATE isolation SET expires_ns = 1 WHERE state = 'applied'")
        store.close()

    def states(self):
        rows = self.run("respond", "isolations", "--all", "-o", "json").splitlines()
        return {json.loads(row)["id"]: json.loads(row)["state"] for row in rows}


def unbound_start(bench, unbound):
    conf = bench.write("unbound/unbound.conf", f"""
server:
  interface: 127.0.0.1@{bench.port}
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "{bench.folder}/unbound"
  pidfile: ""
  module-config: "respip iterator"
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{bench.upstream}
rpz:
  name: "{ZONE}"
  zonefile: "{bench.folder}/isolation.rpz"
remote-control:
  control-enable: yes
  control-interface: {bench.folder}/unbound/control.sock
  control-use-cert: no
""")
    bench.start("server", unbound, "-d", "-c", str(conf))
    wait_for("the resolver", lambda: ask(bench.port, OTHER, HARMLESS) == NOERROR)
    return conf


def play_unbound(bench):
    unbound, control, _, _ = need("unbound", "unbound-control", "knotd", "kdig")
    rpz = bench.folder / "isolation.rpz"
    conf = bench.folder / "unbound/unbound.conf"
    analyst = Analyst(bench, f"""
    - name: resolver
      type: rpz
      zone: {ZONE}
      path: {rpz}
      command: [{control}, -c, {conf}, auth_zone_reload, {ZONE}]
""")
    rpz.write_text(f"$ORIGIN {ZONE}.\n@ 60 SOA localhost. root.localhost. 1 60 60 60 60\n"
                   "@ 60 NS localhost.\n", encoding="ascii")
    bench.authority()
    unbound_start(bench, unbound)
    assert ask(bench.port, CLIENT, HARMLESS) == NOERROR
    number, diff = analyst.isolate("-m", "infected")
    assert "+32.22.0.0.127.rpz-client-ip CNAME .\n" in diff, diff
    assert ask(bench.port, CLIENT, HARMLESS) == NOERROR  # only proposed
    analyst.run("respond", "apply", number)
    assert ask(bench.port, CLIENT, HARMLESS) == NXDOMAIN
    assert ask(bench.port, OTHER, HARMLESS) == NOERROR
    analyst.run("respond", "undo", number)
    assert ask(bench.port, CLIENT, HARMLESS) == NOERROR
    analyst.run("respond", "isolate", analyst.alert, "--apply")
    assert ask(bench.port, CLIENT, HARMLESS) == NXDOMAIN
    analyst.let_time_pass()
    analyst.run("respond", "sweep")
    assert ask(bench.port, CLIENT, HARMLESS) == NOERROR
    analyst.run("respond", "isolate", analyst.alert, "--apply", "--what", "127.0.0.22/31")
    assert ask(bench.port, CLIENT, HARMLESS) == NXDOMAIN
    assert ask(bench.port, OTHER, HARMLESS) == NXDOMAIN
    fails_and_goes_on(bench, analyst, rpz)
    print("isolated and let in, by hand and by time, then with its neighbour:", analyst.states())


def fails_and_goes_on(bench, analyst, rpz):
    """With the resolver gone nothing changes; a machine nobody may isolate is refused."""
    before = rpz.read_text(encoding="ascii")
    bench.stop(bench.processes.pop())
    analyst.run("respond", "undo", "3", code=1)
    assert rpz.read_text(encoding="ascii") == before
    assert analyst.states()[3] == "applied"
    analyst.run("respond", "isolate", analyst.alert, "--what", "127.0.0.0/24", code=1)  # and we


def in_namespace():
    """Goes on in a network of its own, where we may change the firewall."""
    unshare, nft = need("unshare", "nft")
    if os.environ.get("DNSVIGIL_IN_NAMESPACE"):
        return nft
    inside = dict(os.environ, DNSVIGIL_IN_NAMESPACE="1")
    check = subprocess.run([unshare, "-n", nft, "list", "ruleset"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
    if check.returncode != 0:
        print("skipped: no network namespace with nftables can be made here")
        sys.exit(SKIP)
    sys.exit(subprocess.run([unshare, "-n", sys.executable, *sys.argv], env=inside,
                            check=False).returncode)


def play_nftables(bench):
    nft = in_namespace()
    (ip,) = need("ip")
    subprocess.run([ip, "link", "set", "lo", "up"], check=True)
    path = bench.folder / "isolation.nft"
    analyst = Analyst(bench, f"""
    - name: gate
      type: nftables
      path: {path}
      command: [{nft}, -f, {path}]
""")

    def elements():
        text = subprocess.run([nft, "-j", "list", "set", "inet", "dnsvigil", "clients_v4"],
                              stdout=subprocess.PIPE, check=True).stdout
        found = [item["set"] for item in json.loads(text)["nftables"] if "set" in item]
        return found[0].get("elem", [])

    assert passes()
    number, _ = analyst.isolate("--hours", "1")
    analyst.run("respond", "apply", number)
    assert elements()[0]["elem"]["val"] == CLIENT, elements()
    assert 3500 < elements()[0]["elem"]["timeout"] <= 3600
    assert not passes()
    analyst.run("respond", "undo", number)
    assert elements() == []
    assert passes()
    print("packets were dropped while it was isolated:", analyst.states())


def passes():
    """Whether a packet of CLIENT arrives."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        there.bind(("127.0.0.1", 0))
        there.settimeout(1)
        here.bind((CLIENT, 0))
        here.sendto(b"x", there.getsockname())
        try:
            return there.recv(16) == b"x"
        except OSError:
            return False


def play_snippets(bench):
    """The real programs take what is written for them, with a machine and with hostile names."""
    unbound_checkconf, kresd, dnsdist = need("unbound-checkconf", "kresd", "dnsdist")
    folder = bench.folder
    bench.write("unbound.conf", f'include: "{folder}/unbound.out"\n')
    bench.write("dnsdist.conf", 'setSecurityPollSuffix("")\n'
                'newServer({address = "127.0.0.1:9", healthCheckMode = "up"})\n'
                f"dofile('{folder}/dnsdist.out')\ndofile('{folder}/dnsdist.out')\n"
                "print('rules are in place')\n")
    (folder / "kresd").mkdir()
    bench.write("kresd.conf", f"dofile('{folder}/knot_resolver.out')\n" * 2 +
                "print('RULES', #policy.rules)\nquit()\n")
    analyst = Analyst(bench, "".join(f"    - {{name: {kind}, type: {kind}, path: {folder}/{kind}.out}}\n"
                                     for kind in ("unbound", "knot_resolver", "dnsdist")),
                      [ONION, *(name[:-1] + "onion" for name in HOSTILE)])
    applied = apply_all(analyst)
    expect([unbound_checkconf, str(folder / "unbound.conf")], "no errors")
    expect([dnsdist, "--check-config", "-C", str(folder / "dnsdist.conf")], "rules are in place")
    expect([kresd, "-n", "-c", str(folder / "kresd.conf"), str(folder / "kresd")],
           f"RULES\t{applied}")
    print(f"{applied} isolations were taken by unbound, dnsdist and kresd")


def apply_all(analyst):
    """Isolates the machine, and the name of each alert; returns how many a target has."""
    names = set()
    for line in analyst.run("alerts", "list", "-o", "json").splitlines():
        alert = json.loads(line)
        if alert["domain"] in names:
            continue
        names.add(alert["domain"])
        for kind in ("unbound", "knot_resolver", "dnsdist"):
            analyst.run("respond", "isolate", alert["id"], "--apply", "-t", kind, "--what",
                        alert["domain"])
    for kind in ("unbound", "knot_resolver", "dnsdist"):
        analyst.run("respond", "isolate", analyst.alert, "--apply", "-t", kind)
    assert len(names) > len(HOSTILE) // 2, names
    return len(names) + 1


def expect(command, text):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30,
                          check=False)
    if done.returncode != 0 or text not in done.stdout.decode(errors="replace"):
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout[-2000:]}")


def main(dnsvigil, seeds, kind):
    bench = Bench(os.path.abspath(dnsvigil), os.path.abspath(seeds), "unix")
    keep = True
    try:
        globals()[f"play_{kind}"](bench)
        keep = False
    except SystemExit as leaving:
        keep = leaving.code not in (0, SKIP)
        raise
    finally:
        bench.close(keep)


if __name__ == "__main__":
    main(*sys.argv[1:])
