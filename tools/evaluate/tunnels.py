# tunnels.py - how tunnels are found when they are slow, seen in part, or within other traffic
# SPDX-License-Identifier: Apache-2.0
"""Plays tunnel captures in other ways and asks when, and as what, they would have been told."""
import concurrent.futures
import datetime
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import statistics
import struct
import subprocess

import check_captures
from figures import Figure, share, summary

TUNNELS = {"DataExfiltration", "DataInfiltration", "DataObfuscation"}
FRAMES_MAX = 2000  # of each capture: enough for 64 names, and the time is bounded
MIX = ("--packets", "20000", "--clients", "500", "--names", "20000", "--rate", "400", "--hit-rate",
       "0", "--mix", "onion=0,gateway=0,mining=0,sinkhole=0,tunnel=0,dga=0,malformed=0")
MIX_START_S = 10
NO_TIME = datetime.datetime.max.timestamp()


def kinds_of(alerts):
    return {alert["alert_type"].removeprefix(check_captures.PREFIX) for alert in alerts}


def load_retime():
    """tools/retime-pcap.py as a module."""
    path = pathlib.Path(__file__).resolve().parents[1] / "retime-pcap.py"
    loader = importlib.machinery.SourceFileLoader("retime", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("retime", loader))
    loader.exec_module(module)
    return module


retime = load_retime()

# How a capture is played: name -> (seconds between queries, percent lost, without responses).
VARIANTS = {
    "as recorded": (None, 0, False),
    "1 s a query": (1, 0, False),
    "10 s a query": (10, 0, False),
    "60 s a query": (60, 0, False),
    "300 s a query": (300, 0, False),
    "a tenth lost": (None, 10, False),
    "a tenth lost, 10 s a query": (10, 10, False),
    "no responses": (None, 0, True),
}


def block(kind, body):
    """A pcapng block."""
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(captures):
    """One file of several (link type, packets), in order of time."""
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    option_ns = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)  # if_tsresol: nanoseconds
    for link, _ in captures:
        out.append(block(1, struct.pack("<HHI", link, 0, 0) + option_ns))
    merged = sorted((packet[0], i, packet[1], packet[2])
                    for i, (_, packets) in enumerate(captures) for packet in packets)
    for time, i, wirelen, frame in merged:
        stamp = round(time * 1e9)
        head = struct.pack("<5I", i, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), wirelen)
        out.append(block(6, head + frame))
    return b"".join(out)


class Player:
    """Analyses captures that are made up in memory."""

    def __init__(self, check):
        self.command = [check.program, "analyze", "-o", "json", "--no-store", "--quiet", "--config",
                        check.config, "-"]

    def tunnels(self, captures):
        """The alerts about tunnels, the one with most behind it first."""
        done = subprocess.run(self.command, input=pcapng(captures), capture_output=True,
                              timeout=300, check=False)
        alerts = [json.loads(line) for line in done.stdout.splitlines()]
        return sorted((alert for alert in alerts if kinds_of([alert]) & TUNNELS),
                      key=lambda alert: -alert["count"])


def told_at(alerts):
    """When the earliest of the alerts was told, in seconds."""
    times = [datetime.datetime.fromisoformat(alert["generated"].replace("Z", "+00:00")).timestamp()
             for alert in alerts]
    return min(times, default=NO_TIME)


def latest(alerts):
    """The one that was changed last: what the tunnel is called in the end."""
    return max(alerts, key=lambda alert: alert["end"])


class Telling:
    """The first alert of one capture: found by playing ever shorter beginnings of it. An alert that
    still waits for its direction when the input ends is dated later than its end, and does not
    count as told unless nothing else came until then."""

    def __init__(self, player, link, packets):
        self.packets = packets
        low, high = 0, len(packets)
        self.alerts = self.final = player.tunnels([(link, packets)])
        self.shown = bool(self.alerts)
        while self.shown and high - low > 1:
            middle = (low + high) // 2
            alerts = player.tunnels([(link, packets[:middle])])
            if told_at(alerts) < packets[middle][0]:
                self.alerts, high = alerts, middle
            else:
                low = middle
        self.time_s = told_at(self.alerts) - packets[0][0]

    def leaked(self):
        """Bytes of information that had gone when it was told."""
        measures = [alert["evidence"].get("tunnel", {}) for alert in self.alerts]
        return max(measure.get("bytes_up", 0) + measure.get("bytes_down", 0)
                   for measure in measures)


def is_query(link, packet):
    found = retime.dns_find(link, packet[2])
    return bool(found and found[0])


def played(link, packets, every, loss, no_responses):
    """The packets as one variant plays them."""
    packets = retime.thinned(link, packets, loss, no_responses)
    return retime.retimed(link, packets, every) if every else packets


def variant_figures(name, tellings, expected):
    """Figures of all captures played in one way; `expected` are the right kinds of each."""
    told = [(telling, right) for telling, right in zip(tellings, expected) if telling.shown]
    right = [bool(kinds_of(telling.alerts[:1]) & kinds) for telling, kinds in told]
    final = [bool(kinds_of([latest(telling.final)]) & kinds) for telling, kinds in told]
    yield share("tunnels", f"{name}: shown", len(told), len(tellings))
    yield share("tunnels", f"{name}: direction right when told", sum(right), len(right))
    yield share("tunnels", f"{name}: direction right in the end", sum(final), len(final))
    yield summary("tunnels", f"{name}: median seconds until told",
                  [telling.time_s for telling, _ in told], statistics.median)
    yield summary("tunnels", f"{name}: median bytes gone until told",
                  [telling.leaked() for telling, _ in told], statistics.median)


def measure_variants(player, captures, progress):
    expected = [kinds for _, _, kinds in captures]
    for name, (every, loss, no_responses) in VARIANTS.items():
        progress(f"tunnels, {name}")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            tellings = list(pool.map(
                lambda capture: Telling(player, capture[0], played(*capture[:2], every, loss,
                                                                   no_responses)), captures))
        yield from variant_figures(name, tellings, expected)


def measure_mix(player, captures, generate, folder, progress):
    """Each tunnel among five hundred clients that do nothing else."""
    progress("tunnels, among others")
    path = folder / "mix.pcap"
    subprocess.run([generate, "--out", path, *MIX], check=True, capture_output=True)
    mix = retime.packets_read(path)
    start = mix[1][0][0] + MIX_START_S
    shown = right = 0
    for link, packets, kinds in captures:
        shift = start - packets[0][0]
        moved = [[packet[0] + shift, *packet[1:]] for packet in packets]
        alerts = player.tunnels([mix, (link, moved)])
        shown += bool(alerts)
        right += bool(alerts and kinds_of(alerts[:1]) & kinds)
    others = player.tunnels([mix])
    yield share("tunnels", "among 500 clients: shown", shown, len(captures))
    yield share("tunnels", "among 500 clients: direction right", right, shown)
    yield Figure("tunnels", "among 500 clients: false alarms", len(others),
                 note=f"{len(mix[1])} packets in {mix[1][-1][0] - mix[1][0][0]:.0f} s")


def measure(check, rows, folder, progress):
    """All figures; `rows` are those of the labels whose captures hold a tunnel."""
    captures = []
    for row in rows:
        try:
            link, packets = retime.packets_read(check.data / "pcap" / row["file"])
        except ValueError as error:
            progress(f"{error}: left out")
            continue
        captures.append((link, packets[:FRAMES_MAX], set(row["expected"].split("|"))))
    player = Player(check)
    yield from measure_variants(player, captures, progress)
    generate = pathlib.Path(check.program).parent / "tools" / "generate" / "dnsvigil-generate"
    if generate.is_file():
        yield from measure_mix(player, captures, generate, folder, progress)
    else:
        progress(f"no {generate}: tunnels among others are left out")
