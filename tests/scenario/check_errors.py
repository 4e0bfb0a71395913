#!/usr/bin/env python3
# check_errors.py - a story that is wrong, or comes out otherwise, is told so with its file and line
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_errors.py SCENARIO SEED_FOLDER"""
import pathlib
import subprocess
import sys
import tempfile

EVIL = "feed evil c2 80\n  evil-domain.net\n"
ASK = "client 192.0.2.1 asks A evil-domain.net\n"

# What the story says; what must be said of it.
CASES = [
    # The language.
    ("", ":0: a story ends with what it expects"),
    (ASK + "expect nothing\nexpect dark_web\n", ":3: a story ends with what it expects"),
    ("hello\nexpect nothing\n", ":1: 'hello' is no statement"),
    ("  indented\nexpect nothing\n", ":1: an indented line belongs to no statement"),
    ("\n\nclient 192.0.2 asks A a.net\n", ":3: '192.0.2' is no address"),
    ("client 192.0.2.1 says A a.net\n",
     ":1: a client 'asks', 'asks again', 'gets' or 'sends back', not 'says'"),
    ("client 192.0.2.1 asks B a.net\n", ":1: 'B' is no record type"),
    ("client 192.0.2.1 asks A a..net\n", ":1: 'a..net' is no name"),
    ("client 192.0.2.1 asks A\n", ":1: '' is no name"),
    ("client 192.0.2.1 asks A a.net over sctp\n", ":1: over what?"),
    ("client 192.0.2.1 asks A a.net subnet 10.0.0.1/8\n", ":1: '10.0.0.1/8' is no subnet"),
    ("client 192.0.2.1 asks A a.net opcode 16\n", ":1: opcode is a number from 0 to 15"),
    ("client 192.0.2.1 asks A a.net quickly\n", ":1: 'quickly' is not understood here"),
    ("client 192.0.2.1 asks A a.net -> MAYBE\n", ":1: 'MAYBE' is no response code"),
    ("client 192.0.2.1 gets A a.net\n", ":1: who gets something must be told what"),
    ("client 192.0.2.1 asks A a.net -> NOERROR B 1\nexpect nothing\n", ":1: 'B' is no record type"),
    ("client 192.0.2.1 asks A a.net -> NOERROR A x\nexpect nothing\n",
     ":1: a record here cannot be written"),
    ("+5 client 192.0.2.1 asks A a.net\n", ":1: '+5' is no span of time"),
    ("at noon\n", ":1: 'noon' is no time"),
    ("at 25:00:00\n", ":1: '25:00:00' is no time"),
    ("repeat many every 1s\n  " + ASK, ":1: repeat N every SPAN"),
    ("feed evil bad 80\n  a.net\n", ":1: 'bad' is no category"),
    ("feed evil c2 101\n  a.net\n", ":1: feed NAME CATEGORY CONFIDENCE"),
    ("feed evil c2 80\n  a.net\n  not a name\nexpect nothing\n", ":1: feed evil refuses 'not a name'"),
    ("feed evil c2 80 # com is a public suffix\n  a-domain.net\n  com\nexpect nothing\n",
     ":1: feed evil refuses 'com'"),
    ("config\n  resolvers: [nobody]\n" + EVIL + "expect nothing\n", ": config:1:"),
    ("expect bad_weather\n", ":1: 'bad_weather' is no detector"),
    ("expect dark_web colour black\n", ":1: 'colour black' is nothing to expect of an alert"),
    ("expect dark_web count\n", ":1: 'count ' is nothing to expect of an alert"),
    ("counter frames_lost 1\n", ":1: 'frames_lost' is no counter"),
    ("counter frames_in many\n", ":1: counter NAME VALUE"),
    # What came of it.
    (EVIL + ASK + "expect nothing\n", "this alert was not expected:\n    threat_intel entity 192.0.2.1"),
    (EVIL + "expect threat_intel\n", ":3: no such threat_intel alert was raised"),
    (EVIL + ASK + "expect threat_intel count 2\n", ":4: no such threat_intel alert was raised"),
    (EVIL + ASK + "expect threat_intel\nexpect threat_intel\n", ":5: no such threat_intel alert"),
    (EVIL + ASK + "expect phishing_domain\n", ":4: no such phishing_domain alert was raised"),
    (EVIL + ASK + "expect threat_intel\ncounter queries 2\n", ":5: the counter is 1, not 2"),
]


def main():
    scenario, seeds = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "wrong.story"
        for text, message in CASES:
            path.write_text(text)
            done = subprocess.run([scenario, seeds, path], capture_output=True, text=True)
            place = str(path) if message.startswith(":") else ""
            if done.returncode != 1 or place + message not in done.stderr:
                print(f"{text!r}\n  should say {message!r}\n  said ({done.returncode}) {done.stderr!r}")
                failed += 1
    print(f"{len(CASES) - failed} of {len(CASES)} mistakes are named")
    return failed > 0


sys.exit(main())
