# ports.py - ports for the servers of tests
# SPDX-License-Identifier: Apache-2.0
import random
import socket

# Below those that Linux gives to whoever names none: nobody takes one by chance before its server does.
# Each is given once.
PORTS = iter(random.sample(range(20000, 32768), 1000))


def free_port():
    """A port of loopback that is free for both UDP and TCP."""
    for port in PORTS:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")
