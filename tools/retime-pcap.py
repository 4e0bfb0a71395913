#!/usr/bin/env python3
# retime-pcap.py - slows a capture of DNS down, or loses part of it, to test detectors of slow traffic
# SPDX-License-Identifier: Apache-2.0
"""Usage: tools/retime-pcap.py [--every SECONDS] [--loss PERCENT] [--no-responses] IN.pcap OUT.pcap

--every puts the queries so many seconds apart, each response as long after its query as it was (at
most two seconds). --loss drops so many of the packets, always the same ones. Reads pcap files with
Ethernet, Linux cooked or raw IP packets; what is not UDP or TCP stays behind the packet before it.
"""
import argparse
import random
import struct

RESPONSE_DELAY_MAX = 2.0
MAGICS = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6), b"\xa1\xb2\xc3\xd4": (">", 1e-6),
          b"\x4d\x3c\xb2\xa1": ("<", 1e-9), b"\xa1\xb2\x3c\x4d": (">", 1e-9)}
IP_AT = {1: 14, 113: 16, 101: 0, 276: 20, 12: 0, 14: 0, 0: 4}


def packets_read(path):
    data = open(path, "rb").read()
    if data[:4] not in MAGICS:
        raise ValueError(f"{path} is no pcap file")
    order, unit = MAGICS[data[:4]]
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    packets, at = [], 24
    while at + 16 <= len(data):
        s, fraction, caplen, wirelen = struct.unpack_from(order + "4I", data, at)
        packets.append([s + fraction * unit, wirelen, data[at + 16:at + 16 + caplen]])
        at += 16 + caplen
    return link, packets


def dns_find(link, frame):
    """(is a query, the two ends and id) of a UDP packet, else None."""
    at = IP_AT[link]
    if len(frame) < at + 28:
        return None
    if frame[at] >> 4 == 4:
        ends, protocol, fragment = frame[at + 12:at + 20], frame[at + 9], frame[at + 7] | (frame[at + 6] & 31)
        source, target = ends[:4], ends[4:]
        at += (frame[at] & 15) * 4
        if fragment:
            return None
    else:
        source, target, protocol = frame[at + 8:at + 24], frame[at + 24:at + 40], frame[at + 6]
        at += 40
    if protocol != 17 or len(frame) < at + 12:
        return None
    from_port, to_port = struct.unpack_from(">HH", frame, at)
    query = to_port == 53
    client = (source, from_port, target) if query else (target, to_port, source)
    return query, client + (frame[at + 8:at + 10],)


def retimed(link, packets, every):
    queries, slot, first = {}, 0, packets[0][0]
    moved = []
    now = asked = packets[0][0]
    for time, wirelen, frame in packets:
        found = dns_find(link, frame)
        if found and found[0]:
            now, asked = first + slot * every, time
            slot += 1
            queries[found[1]] = (now, time)
        elif found and found[1] in queries:
            now, asked = queries[found[1]]
        moved.append((now + min(max(time - asked, 0), RESPONSE_DELAY_MAX), wirelen, frame))
    return sorted(moved, key=lambda packet: packet[0])


def thinned(link, packets, loss, no_responses):
    """Without `loss` percent of the packets, always the same ones, or without the responses."""
    chance = random.Random(1)
    packets = [packet for packet in packets if chance.random() * 100 >= loss]
    if no_responses:
        packets = [packet for packet in packets if (dns_find(link, packet[2]) or [False])[0]]
    return packets


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=float)
    parser.add_argument("--loss", type=float, default=0)
    parser.add_argument("--no-responses", action="store_true")
    parser.add_argument("input")
    parser.add_argument("output")
    options = parser.parse_args()
    link, packets = packets_read(options.input)
    packets = thinned(link, packets, options.loss, options.no_responses)
    if options.every:
        packets = retimed(link, packets, options.every)
    with open(options.output, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link))
        for time, wirelen, frame in packets:
            s = int(time)
            out.write(struct.pack("<4I", s, int((time - s) * 1e9), len(frame), wirelen) + frame)


if __name__ == "__main__":
    main()
