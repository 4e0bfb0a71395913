#!/usr/bin/env python3
# live.py - captures between two network namespaces: nothing uncounted, the right alerts, a tunnel caught
# SPDX-License-Identifier: Apache-2.0
"""Usage: live.py PROGRAM SOURCE_ROOT

Ends with 77 and a reason where namespaces are not permitted or programs are missing."""
import contextlib
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
import threading
import time

SO_TIMESTAMP = 29
RATES = (10_000, 40_000, 80_000, 160_000, 0)  # frames a second; 0: as fast as it goes
SECONDS = 2
UPLOAD = """
import os, socket, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    out.sendto(os.urandom(900), ("10.9.0.1", 9))
    time.sleep(0.02)
"""
CLIENT, SERVER = f"dv{os.getpid()}a", f"dv{os.getpid()}b"


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True)


def within(namespace, *command):
    return ("ip", "netns", "exec", namespace, *command)


@contextlib.contextmanager
def process(command, stop=signal.SIGINT, **more):
    child = subprocess.Popen(command, **more)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(stop)
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextlib.contextmanager
def network():
    """Two namespaces: v0 with 192.0.2.1 in the client's, v1 with 192.0.2.2 in the server's."""
    if os.geteuid() != 0 or run("ip", "netns", "add", CLIENT, check=False).returncode:
        skip("network namespaces are not permitted")
    try:
        run("ip", "netns", "add", SERVER)
        run("ip", "-n", CLIENT, "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns",
            SERVER)
        for name, link, address in ((CLIENT, "v0", "192.0.2.1/24"), (SERVER, "v1", "192.0.2.2/24")):
            run(*within(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"), check=False)
            run("ip", "-n", name, "addr", "add", address, "dev", link)
            run("ip", "-n", name, "link", "set", link, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        yield
    finally:
        run("ip", "netns", "del", CLIENT, check=False)
        run("ip", "netns", "del", SERVER, check=False)


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)


def capturing(link):
    """Whether somebody has a packet socket on the link of the server's namespace."""
    index = run(*within(SERVER, "cat", f"/sys/class/net/{link}/ifindex")).stdout.strip()
    lines = run(*within(SERVER, "cat", "/proc/net/packet")).stdout.splitlines()[1:]
    return sum(line.split()[4] == index for line in lines)


class Capture:
    """`dnsvigil analyze -i v1`, until the block ends."""

    def __init__(self, program, config, folder, *options):
        self.errors = folder / "stderr"
        self.lines = []
        self.command = within(SERVER, program, "analyze", "-c", config, "-i", "v1", "-o", "json",
                              "--stats", *options)

    def __enter__(self):
        others = capturing("v1")
        self.stack = contextlib.ExitStack()
        self.child = self.stack.enter_context(process(
            self.command, stdout=subprocess.PIPE, stderr=self.errors.open("w"), text=True))
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        wait_for("capturing", lambda: capturing("v1") > others or self.child.poll() is not None)
        assert self.child.poll() is None, self.errors.read_text()
        return self

    def read(self):
        for line in self.child.stdout:
            self.lines.append((time.time(), json.loads(line)))

    def __exit__(self, *failure):
        self.stack.close()
        self.reader.join()
        if failure[0] is None:
            assert self.child.returncode == 0, self.errors.read_text()

    def count(self, name):
        return int(re.search(rf"^{name} +(\d+)$", self.errors.read_text(), re.M).group(1))


def replay(capture, rate, loops):
    """Sends the capture from the client's side; returns how many frames went out, and how fast."""
    speed = ["--topspeed"] if rate == 0 else [f"--pps={rate}"]
    said = run(*within(CLIENT, "tcpreplay", "-q", "-K", "-i", "v0", *speed, f"--loop={loops}",
                       str(capture))).stdout
    sent = int(re.search(r"Successful packets:\s+(\d+)", said).group(1))
    return sent, float(re.search(r"([\d.]+) pps", said).group(1))


def check_rates(program, config, folder, sample, frames):
    """Every frame sent is captured or counted as lost, whatever the rate."""
    best = 0
    for rate in RATES:
        loops = max(1, (rate or 400_000) * SECONDS // frames)
        with Capture(program, config, folder, "--no-store") as capture:
            sent, pps = replay(sample, rate, loops)
            time.sleep(0.3)
        got, lost = capture.count("frames_in"), capture.count("frames_lost_kernel")
        print(f"{pps:9.0f} frames/s: {sent} sent, {got} captured, {lost} lost in the kernel")
        assert got + lost == sent, "frames are unaccounted for"
        if lost == 0:
            best = max(best, pps)
    print(f"highest rate without loss: {best:.0f} frames/s")


def stored(program, store):
    lines = run(program, "alerts", "list", "--all", "--limit", "100000", "-o", "json", "--store",
                store).stdout.splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda alert: alert["id"])


def comparable(alert):
    return {key: value for key, value in alert.items()
            if key not in ("created_time", "updated_time", "revision", "last_updated")}


def check_same_alerts(program, config, folder, sample):
    """What was captured live raises the alerts that the same frames raise from a file."""
    dump, live, file = folder / "dump.pcap", str(folder / "live.db"), str(folder / "file.db")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stamps:
        stamps.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)  # the kernel stamps frames once
        with process(within(SERVER, "tcpdump", "-q", "-i", "v1", "-B", "65536", "-s", "0",
                            "--time-stamp-precision=nano", "-U", "-w", str(dump)),
                     stderr=subprocess.DEVNULL):
            wait_for("tcpdump", lambda: capturing("v1"))
            with Capture(program, config, folder, "--store", live):
                replay(sample, 2_000, 1)
                time.sleep(0.3)
            time.sleep(1.5)  # tcpdump looks at its ring every second
    run(program, "analyze", "-c", config, "-q", "--store", file, str(dump))
    alerts = [[comparable(alert) for alert in stored(program, store)] for store in (live, file)]
    assert alerts[0], "no alert was raised"
    assert [alert["id"] for alert in alerts[0]] == [alert["id"] for alert in alerts[1]]
    for live, again in zip(*alerts):
        different = [key for key in live if live[key] != again.get(key)]
        assert not different, f"{live['id']}: {[(key, live[key], again.get(key)) for key in different]}"
    print(f"{len(alerts[0])} alerts, live as from a file")


def check_iodine(program, config, folder):
    """A tunnel of iodine is told while it runs."""
    if not shutil.which("iodine") or not shutil.which("iodined"):
        print("iodine is not installed: its tunnel was left out")
        return
    if not pathlib.Path("/dev/net/tun").exists():
        print("there is no /dev/net/tun: the tunnel of iodine was left out")
        return
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    with contextlib.ExitStack() as stack:
        stack.enter_context(process(
            within(SERVER, "iodined", "-f", "-c", "-P", "secret", "10.9.0.1", "t.kettlebridge-sync.net"),
            signal.SIGTERM, **quiet))
        capture = stack.enter_context(Capture(program, config, folder, "--store",
                                              str(folder / "tunnel.db")))
        began = time.time()
        stack.enter_context(process(
            within(CLIENT, "iodine", "-f", "-r", "-P", "secret", "192.0.2.2", "t.kettlebridge-sync.net"),
            signal.SIGTERM, **quiet))
        wait_for("the tunnel", lambda: "10.9.0." in run("ip", "-n", CLIENT, "addr").stdout, 60)
        up = time.time()
        stack.enter_context(process(within(CLIENT, sys.executable, "-c", UPLOAD), **quiet))
        tunnels = lambda: [(when, alert) for when, alert in list(capture.lines)
                           if alert["detector"].startswith("data_")]
        wait_for("an alert about the tunnel", tunnels, 90)
        when, alert = tunnels()[0]
    print(f"iodine: {alert['detector']} stored and told {when - began:.1f} s after the client was "
          f"started, {when - up:.1f} s after its tunnel was up")


def main():
    program, root = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
    missing = [name for name in ("ip", "tcpreplay", "tcpdump") if not shutil.which(name)]
    if missing:
        skip(f"not installed: {', '.join(missing)}")
    sample = root / "data/captures/sample.pcap"
    with tempfile.TemporaryDirectory(prefix="dnsvigil-live-") as name, network():
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        config = folder / "dnsvigil.yaml"
        config.write_text(f"sensor: test\nintel: {{seed_dir: {root}/data/intel}}\n"
                          f"rules: {{own_dir: {root}/rules}}\nstate_dir: {folder}/state\n")
        frames = run("tcpdump", "-nqr", str(sample)).stdout.count("\n")
        check_same_alerts(program, str(config), folder, sample)
        check_rates(program, str(config), folder, sample, frames)
        check_iodine(program, str(config), folder)


if __name__ == "__main__":
    main()
