#!/usr/bin/env python3
# feed_server.py - a small, strict HTTP server on loopback that behaves well or badly as the path says
# SPDX-License-Identifier: Apache-2.0
"""Usage: feed_server.py [CERTIFICATE]   prints its port, then serves until its standard input ends;
with a file of certificate and key, by TLS"""
import gzip
import http.server
import pathlib
import ssl
import sys
import threading
import time

LIST = b"one.example.net\ntwo.example.net\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = self.path.split("?")[0].strip("/").replace("-", "_")
        getattr(self, "get_" + name, self.get_missing)()

    def do_POST(self):
        """Tells what it got; the path may ask for another status: /500."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        got = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        status = self.path.strip("/")
        self.answer(int(status) if status.isdigit() else 200, got.encode() + b"\n" + body)

    def get_missing(self):
        self.answer(404, b"no such list")

    def get_list(self):
        if self.headers.get("If-None-Match") == '"v1"':
            self.answer(304, ETag='"v1"')
        elif self.headers.get("If-None-Match"):
            self.answer(400)
        else:
            self.answer(200, LIST, ETag='"v1"', Last_Modified="Sat, 07 Mar 2026 10:00:00 GMT")

    def get_dated(self):
        same = self.headers.get("If-Modified-Since") == "Sat, 07 Mar 2026 10:00:00 GMT"
        self.answer(304 if same else 200, b"" if same else LIST,
                    Last_Modified="Sat, 07 Mar 2026 10:00:00 GMT")

    def get_gzip(self):
        if self.headers.get("Accept-Encoding") != "gzip":
            return self.answer(406)
        self.answer(200, gzip.compress(LIST, mtime=0), Content_Encoding="gzip")

    def get_bomb(self):
        self.answer(200, gzip.compress(b"a.example.net\n" * (20 << 20), 1, mtime=0))

    def get_large(self):
        self.answer(200, LIST * 100000)

    def get_endless(self):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            while True:
                self.wfile.write(LIST * 1000)
        except OSError:
            self.close_connection = True

    def get_truncated(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(LIST) + 10))
        self.end_headers()
        self.wfile.write(LIST)
        self.close_connection = True

    def get_cut_gzip(self):
        self.answer(200, gzip.compress(LIST * 1000)[:-20])

    def get_slow(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(LIST)))
        self.end_headers()
        self.wfile.write(LIST[:1])
        self.wfile.flush()
        time.sleep(20)

    def get_page(self):
        self.answer(200, b"<!DOCTYPE html><html><body>Please log in</body></html>")

    def get_nothing(self):
        self.answer(200)

    def get_secret(self):
        good = self.headers.get("Auth-Key") == "k3y"
        self.answer(200 if good else 403, LIST if good else b"")

    def get_open(self):
        """For those who must not bring a key along."""
        self.answer(400 if self.headers.get("Auth-Key") else 200, LIST)

    def get_moved(self):
        self.answer(302, b"moved", Location="/list")

    def get_away(self):
        """The same server under another name: another origin."""
        self.answer(302, Location=f"http://localhost:{self.server.server_port}/open")

    def get_circle(self):
        self.answer(302, Location="/circle")

    def get_inside(self):
        self.answer(302, Location=f"http://127.0.0.1:{self.server.server_port}/list")

    def get_file(self):
        self.answer(302, Location="file:///etc/passwd")

    def get_grown(self):
        """Answers with as many names as the version asked for in the query says."""
        count = int(self.path.split("?")[1])
        self.answer(200, b"".join(b"n%d.example.net\n" % i for i in range(count)))

    def get_counter(self):
        """A list whose size jumps from one answer to the next."""
        self.server.asked += 1
        count = [20, 5, 6, 100][(self.server.asked - 1) % 4]
        self.answer(200, b"".join(b"n%d.example.net\n" % i for i in range(count)))

    def get_popular(self):
        names = ("google", "facebook", "youtube", "microsoft", "apple", "amazon", "instagram",
                 "netflix", "linkedin", "github", "cloudflare", "yahoo", "bing", "office")
        self.answer(200, "".join(f"{name}.com\n" for name in names).encode() + LIST)

    def get_suffixes(self):
        """The list of public suffixes that is installed, changed as the query says."""
        text = pathlib.Path("/usr/share/publicsuffix/public_suffix_list.dat").read_bytes()
        popular = pathlib.Path(__file__).parents[2].joinpath("data/intel/popular.tsv").read_bytes()
        self.answer(200, {
            "new": text + b"a-new-suffix.com\n",
            "cut": text[:-len(text) // 10],
            "popular": text + b"".join(line.split(b"\t")[0] + b"\n" for line in popular.splitlines()),
        }[self.path.split("?")[1]])

    def get_binary(self):
        self.answer(200, bytes(range(256)) * 10)

    def get_words(self):
        self.answer(200, b"this is not a list of names\nbut a text about them\n" * 50)

    def get_private(self):
        self.answer(200, b"10.0.0.0/8\n127.0.0.1\ncom\nco.uk\nlocalhost\n")


class Server(http.server.ThreadingHTTPServer):
    asked = 0

    def handle_error(self, request, client_address):
        """Clients may hang up on what they refuse."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if len(sys.argv) > 1:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[1])
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
