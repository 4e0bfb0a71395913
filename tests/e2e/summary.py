#!/usr/bin/env python3
# summary.py - `analyze` says at its end what of a capture it could not use
# SPDX-License-Identifier: Apache-2.0
"""Usage: summary.py PROGRAM SEEDS"""
import pathlib
import struct
import subprocess
import sys
import tempfile

program, seeds = (str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:3])
ETHERNET, WIRELESS = 1, 105


def block(kind, body):
    body += bytes(-len(body) % 4)
    total = len(body) + 12
    return struct.pack("<II", kind, total) + body + struct.pack("<I", total)


def pcapng(*frames):
    """Frames are (link type, bytes); each is the only one of its interface."""
    blocks = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    blocks += [block(1, struct.pack("<HHI", link, 0, 0)) for link, _ in frames]
    blocks += [block(6, struct.pack("<IIIII", i, 0, 0, len(data), len(data)) + data)
               for i, (_, data) in enumerate(frames)]
    return b"".join(blocks)


def frame(port, message):
    udp = struct.pack(">HHHH", 4000, port, 8 + len(message), 0) + message
    ip = struct.pack(">BBHHHBBH8B", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, 192, 0, 2, 1,
                     192, 0, 2, 53)
    return ETHERNET, bytes(12) + b"\x08\x00" + ip + udp


def query(opcode):
    return struct.pack(">6H", opcode, opcode << 11, 1, 0, 0, 0) + b"\x01a\x03com\x00\x00\x01\x00\x01"


def said(folder, capture, *words):
    file = pathlib.Path(folder, "capture")
    file.write_bytes(capture)
    done = subprocess.run([program, "analyze", "-n", "-c", f"{folder}/c.yaml", *words, str(file)],
                          check=True, capture_output=True, text=True, timeout=60)
    return done.stderr.splitlines()


dns, web, other = frame(53, query(0)), frame(80, b"GET /"), (WIRELESS, bytes(60))
with tempfile.TemporaryDirectory(prefix="dnsvigil-summary-") as folder:
    pathlib.Path(folder, "c.yaml").write_text(f"intel: {{seed_dir: {seeds}}}\nrules: {{own: no}}\n")
    lines = said(folder, pcapng(dns, web))
    assert len(lines) == 1, lines
    lines = said(folder, pcapng(dns, web, other))
    assert lines[1:] == ["1 of the frames were set aside: a link type we do not read"], lines
    lines = said(folder, pcapng(web, web, other))
    assert lines[1:] == ["2 of the frames were set aside: UDP or TCP on ports that are not DNS"], lines
    lines = said(folder, pcapng(dns, frame(53, query(4)), frame(53, query(5))), "--transactions",
                 f"{folder}/t")
    assert len(lines) == 2 and lines[1].startswith(f"2 transactions are not in {folder}/t"), lines
    assert len(pathlib.Path(folder, "t").read_text().splitlines()) == 1
    print("frames and transactions that are left out are told")
