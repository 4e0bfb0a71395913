#!/usr/bin/env python3
# mail_server.py - a small SMTP server on loopback that keeps what it is sent, or refuses it
# SPDX-License-Identifier: Apache-2.0
"""Usage: mail_server.py FOLDER [CERTIFICATE]   prints its port, then serves until its standard input
ends. Each mail becomes a file FOLDER/<number>.eml with the envelope in its first two lines; with a
file of certificate and key it offers STARTTLS, and takes AUTH. Recipients that begin with `no-` are
refused for good, those that begin with `later-` for now."""
import pathlib
import socketserver
import ssl
import sys
import threading


class Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.envelope, self.login, self.secure = [], "", False
        self.say("220 mail.example ESMTP")
        while line := self.rfile.readline():
            word = line.split()[0].upper().decode("latin-1") if line.split() else ""
            if not getattr(self, "on_" + word.lower(), self.on_other)(line.decode("latin-1").strip()):
                break

    def on_other(self, line):
        self.say("500 what?")
        return True

    def on_ehlo(self, line):
        extra = [] if self.secure or not self.server.tls else ["STARTTLS"]
        extra += ["AUTH PLAIN"] if self.secure else []
        for text in ["mail.example", *extra]:
            self.say(f"250-{text}")
        self.say("250 8BITMIME")
        return True

    def on_starttls(self, line):
        self.say("220 go")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.secure = True
        return True

    def on_auth(self, line):
        if len(line.split()) < 3:
            self.say("334 ")
            line += " " + self.rfile.readline().decode().strip()
        self.login = line.split()[2]
        self.say("235 welcome")
        return True

    def on_mail(self, line):
        self.envelope = [line]
        self.say("250 ok")
        return True

    def on_rcpt(self, line):
        self.envelope.append(line)
        if "<no-" in line:
            self.say("550 nobody of that name")
        elif "<later-" in line:
            self.say("451 try again later")
        else:
            self.say("250 ok")
        return True

    def on_data(self, line):
        self.say("354 go on")
        data = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            data += line[1:] if line.startswith(b".") else line
        if not line:
            return False  # broken off before its end: it has not been taken
        head = "\n".join([*self.envelope, self.login and "AUTH " + self.login]) + "\n"
        self.server.keep(head.encode() + data)
        self.say("250 kept")
        return True

    def on_quit(self, line):
        self.say("221 bye")
        return False


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def keep(self, data):
        with self.lock:
            self.number += 1
            draft = self.folder / f"{self.number}.draft"
            draft.write_bytes(data)
            draft.rename(self.folder / f"{self.number}.eml")

    def handle_error(self, request, client_address):
        """Clients may hang up on what they refuse."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    server.folder, server.number, server.lock = pathlib.Path(sys.argv[1]), 0, threading.Lock()
    server.tls = None
    if len(sys.argv) > 2:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(sys.argv[2])
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
