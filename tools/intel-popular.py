#!/usr/bin/env python3
# intel-popular.py - makes data/intel/popular.tsv: domains that independent popularity lists agree on
# SPDX-License-Identifier: Apache-2.0
"""Usage: tools/intel-popular.py DATA_FOLDER > data/intel/popular.tsv

DATA_FOLDER/benign/*.txt hold one name a line. Each name is cut down to its registrable domain by
the public suffix list. A domain is popular when AGREE of the independent lists have it. Lists from
one publisher count once, so that one vendor's view is not taken for two. Left out are domains that
are also in a list of bad names, dynamic DNS, free hosting and URL shorteners (below them live
people whom nobody vouches for), and whatever our other seed lists name.
"""
import json
import pathlib
import sys

SUFFIXES = "/usr/share/publicsuffix/public_suffix_list.dat"
AGREE = 3
SOURCES = {
    "Alexa 2013": ["alexa_top100k_2013.txt"],
    "Cisco Umbrella 2026": ["cisco_umbrella_top20k_2026.txt"],
    "Cloudflare Radar 2026": ["cloudflare_radar_top100k_2026.txt"],
    "OpenDNS 2014": ["opendns_top10k_2014.txt"],
    "HTTP Archive third parties": ["third_party_web_hosts.txt"],
}
HOSTING_JSON = ["misp_warninglists/dynamic-dns.json", "misp_warninglists/url-shortener.json"]
HOSTING_TEXT = ["maltrail/suspicious/free_web_hosting.txt", "maltrail/suspicious/dynamic_domain.txt"]
SEEDS = pathlib.Path(__file__).resolve().parent.parent / "data" / "intel"

HEADER = """\
# popular.tsv - domains so widely used that no list may flag them
# SPDX-License-Identifier: Apache-2.0
#
# Made by tools/intel-popular.py: each is in at least {agree} of the lists {names}.
# Columns, separated by tabs: entry, category, confidence, what it is, where the fact comes from.
"""


def rules_read():
    lines = pathlib.Path(SUFFIXES).read_text(encoding="utf-8").splitlines()
    words = [line.split()[0] for line in lines if line.strip() and not line.startswith("//")]
    return {word if word.isascii() else word.encode("idna").decode() for word in words}


def registrable(name, rules):
    """The registrable domain of `name`, or None."""
    labels = name.strip().lower().strip(".").split(".")
    for i in range(len(labels)):
        suffix = ".".join(labels[i:])
        parent = ".".join(labels[i + 1:])
        if "!" + suffix in rules:
            return suffix
        if suffix in rules or "*." + parent in rules:
            return ".".join(labels[i - 1:]) if i > 0 else None
    return None


def names_read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [line.split("\t")[0].strip() for line in file if not line.startswith("#")]


def hosting_read(intel):
    names = []
    for path in HOSTING_JSON:
        names += json.loads((intel / path).read_text())["list"]
    for path in HOSTING_TEXT:
        names += names_read(intel / path)
    return {name.lstrip(".").lower() for name in names}


def main():
    data = pathlib.Path(sys.argv[1])
    rules = rules_read()
    votes = {}
    for files in SOURCES.values():
        domains = {registrable(name, rules) for file in files for name in names_read(data / "benign" / file)}
        for domain in domains - {None}:
            votes[domain] = votes.get(domain, 0) + 1
    out = {registrable(name, rules) for name in names_read(data / "benign" / "known_bad_overlap.tsv")}
    out |= hosting_read(data / "intel")
    for seed in SEEDS.glob("*.tsv"):
        if seed.name != "popular.tsv":
            out |= {registrable(name.lstrip("=*."), rules) for name in names_read(seed)}
    print(HEADER.format(agree=AGREE, names=", ".join(SOURCES)))
    for domain in sorted(votes):
        if votes[domain] >= AGREE and domain not in out and domain.isascii():
            print(f"{domain}\tpopular\t100\tpopular domain\tin several popularity lists")


if __name__ == "__main__":
    main()
