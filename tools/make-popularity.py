#!/usr/bin/env python3
# make-popularity.py - makes data/models/popularity.bin: hashes of domains that lists agree on
# SPDX-License-Identifier: Apache-2.0
"""Usage: tools/make-popularity.py DATA_FOLDER > data/models/popularity.bin

DATA_FOLDER/benign/*.txt hold one name a line. Each name is cut down to its registrable domain; a
domain is kept when lists of AGREE publishers have it. Its rank is that of the smallest of these
lists: whoever is in a top 20,000 is among the first 2^15. What is in a list of bad names, dynamic
DNS, free hosting or a URL shortener is left out: below them live people whom nobody vouches for.
One bad host below a domain does not make the domain bad.

The file, little-endian: magic (8 bytes), salt of the hash (8), number of lines, of domains and of
filter words (4 each), zeros up to byte 64, then lines of eight 8-byte entries, then the filter;
src/intel/popularity.c reads it. An entry is the 8-byte BLAKE2s digest of the domain in wire format
with the rank in its low five bits. The filter spares most other domains the digest: a cheap hash of
a domain names one 8-byte word and FILTER_BITS bits of it, which are set.
"""
import hashlib
import importlib.util
import pathlib
import struct
import sys

AGREE = 2
PUBLISHERS = [  # (files, the most domains the publisher ranks)
    (["alexa_top100k_2013.txt"], 100_000),
    (["cisco_umbrella_top20k_2026.txt"], 20_000),
    (["cloudflare_radar_top100k_2026.txt"], 100_000),
    (["cloudflare_top1m_crawl_ggyggy.txt"], 1_000_000),
    (["opendns_top10k_2014.txt"], 10_000),
    (["third_party_web_hosts.txt"], 1_000_000),
    (["china_sites_dnsmasq_list.txt"], 1_000_000),
]
SAME_PUBLISHER = {3: 2}  # the crawl followed Cloudflare's ranking
MAGIC = b"dnsvpop2"
FILTER_BITS, FILTER_LOAD = 4, 4  # bits a domain sets, and domains to a word
FILTER_FACTOR = 0x9e3779b97f4a7c15
LINE_ENTRIES, LOAD = 8, 6  # entries a line has room for, and how many it holds on average

tools = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("intel_popular", tools / "intel-popular.py")
popular = importlib.util.module_from_spec(spec)
spec.loader.exec_module(popular)


def domains_read(data):
    """Domain -> log2 of its rank, for those that enough publishers have."""
    rules = popular.rules_read()
    voters, ranks = {}, {}
    for i, (files, size) in enumerate(PUBLISHERS):
        names = (name for file in files for name in popular.names_read(data / "benign" / file))
        for domain in {popular.registrable(name, rules) for name in names} - {None}:
            voters.setdefault(domain, set()).add(SAME_PUBLISHER.get(i, i))
            rank = (size - 1).bit_length()
            ranks[domain] = min(rank, ranks.get(domain, rank))
    out = set(popular.names_read(data / "benign" / "known_bad_overlap.tsv"))
    out |= popular.hosting_read(data / "intel")
    return {domain: ranks[domain] for domain in sorted(voters)
            if len(voters[domain]) >= AGREE and domain not in out and domain.isascii()}


def wire(domain):
    return b"".join(bytes([len(label)]) + label for label in domain.encode().split(b".")) + b"\0"


def entry(domain, rank, salt):
    digest = hashlib.blake2s(wire(domain), digest_size=8, salt=salt).digest()
    return int.from_bytes(digest, "little") & ~31 | rank


def lines_fill(entries, count):
    """Sorted by their home line, entries that find it full move on to the next with room."""
    lines = [[] for _ in range(count)]
    for value in sorted(entries):
        at = (value >> 32) * count >> 32
        while len(lines[at]) == LINE_ENTRIES:
            at += 1
        lines[at].append(value)
    assert len(lines[-1]) < LINE_ENTRIES, "the last line is full: choose another load"
    return lines


def filter_hash(name):
    value = len(name)
    for at in range(0, len(name), 8):
        value ^= int.from_bytes(name[at:at + 8], "little")
        value = value * FILTER_FACTOR % 2**64
        value ^= value >> 32
    return value


def filter_fill(domains, count):
    words = [0] * count
    for domain in domains:
        value = filter_hash(wire(domain))
        for bit in range(FILTER_BITS):
            words[(value >> 32) * count >> 32] |= 1 << (value >> 6 * bit & 63)
    return words


def main():
    domains = domains_read(pathlib.Path(sys.argv[1]))
    salt = hashlib.blake2s("\n".join(domains).encode(), digest_size=8).digest()
    entries = {entry(domain, rank, salt) for domain, rank in domains.items()}
    lines = lines_fill(entries, len(entries) // LOAD + 1)
    words = filter_fill(domains, len(domains) // FILTER_LOAD + 1)
    out = sys.stdout.buffer
    out.write(struct.pack("<8s8sIII36x", MAGIC, salt, len(lines), len(entries), len(words)))
    for line in lines:
        out.write(struct.pack("<8Q", *line, *[0] * (LINE_ENTRIES - len(line))))
    out.write(struct.pack(f"<{len(words)}Q", *words))
    print(f"{len(entries)} domains, {out.tell()} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
