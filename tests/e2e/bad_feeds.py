#!/usr/bin/env python3
# bad_feeds.py - lists that are broken, hijacked or gone are refused with a reason, and the last good one stays
# SPDX-License-Identifier: Apache-2.0
"""Usage: bad_feeds.py PROGRAM"""
import gzip
import http.server
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import zipfile

GOOD = b"".join(b"bad%d.example.net\n" % i for i in range(100))
POPULAR = b"".join(b"popular%d.example.org\n" % i for i in range(200))
SOME = b"".join(GOOD.splitlines(keepends=True)[:40])


def packed(data):
    return gzip.compress(data, mtime=0)


def zipped(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(files):
            archive.writestr(f"list{number}.txt", data)
    return out.getvalue()


def repeat(line, times):
    return line * times


# What the server says: name -> (status, headers, body), and a part of the reason that is to be shown.
BAD = {
    "empty": ((200, {}, b""), "empty"),
    "blank lines": ((200, {}, b"\n" * 1000), ""),
    "comments only": ((200, {}, b"# nothing to see here\n" * 100), ""),
    "html page": ((200, {}, b"<!DOCTYPE html><html><body>Log in</body></html>"), "HTML"),
    "html behind blanks": ((200, {}, b"\n\n  <html><head></head></html>\n"), "HTML"),
    "xml": ((200, {}, b"<?xml version='1.0'?><rss></rss>"), ""),
    "prose": ((200, {}, b"The list has moved, see our new site for details.\n" * 50), ""),
    "not found": ((404, {}, b"no such list"), "404"),
    "forbidden": ((403, {}, b""), "403"),
    "server error": ((500, {}, GOOD), "500"),
    "unasked not modified": ((304, {}, b""), ""),
    "cut gzip": ((200, {}, packed(GOOD * 20)[:-30]), ""),
    "damaged gzip": ((200, {}, packed(GOOD)[:20] + b"\xff" * 40), ""),
    "gzip header alone": ((200, {}, b"\x1f\x8b\x08"), ""),
    "gzip bomb": ((200, {}, packed(b"a.example.net\n" * (20 << 20))), ""),
    "gzip in gzip": ((200, {}, packed(packed(GOOD))), ""),
    "zip of two lists": ((200, {}, zipped(GOOD, GOOD)), "several files"),
    "cut zip": ((200, {}, zipped(GOOD)[:-10]), "cut off"),
    "zip bomb": ((200, {}, zipped(b"a.example.net\n" * (20 << 20))), "256 MiB"),
    "zip": ((200, {}, b"PK\x03\x04" + bytes(range(256)) * 10), ""),
    "nul bytes": ((200, {}, b"\0" * 5000), ""),
    "nul inside lines": ((200, {}, repeat(b"bad\0name.example.net\n", 500)), ""),
    "utf-16": ((200, {}, GOOD.decode().encode("utf-16")), ""),
    "utf-16 without mark": ((200, {}, GOOD.decode().encode("utf-16-le")), ""),
    "random bytes": ((200, {}, bytes((i * 7919 >> 3) & 0xff for i in range(9000))), ""),
    "an image": ((200, {}, b"\x89PNG\r\n\x1a\n" + bytes(5000)), ""),
    "one endless line": ((200, {}, b"a" * (1 << 20)), ""),
    "lines too long": ((200, {}, repeat(b"x" * 5000 + b".example.net\n", 60)), ""),
    "cut json": ((200, {}, b'{"type": "bundle", "objects": [{"type": "indicator",'), ""),
    "json of something else": ((200, {}, b'{"error": "rate limit exceeded"}'), ""),
    "json deep": ((200, {}, b"[" * 100000), ""),
    "open parenthesis in a zone": ((200, {}, b"$TTL 60\n@ SOA a. b. (1 2 3\nx.example CNAME .\n"), ""),
    "only public suffixes": ((200, {}, b"com\nnet\norg\nco.uk\nde\n" * 20), ""),
    "only popular names": ((200, {}, POPULAR), ""),
    "popular names by the dozen": ((200, {}, GOOD + b"".join(POPULAR.splitlines(keepends=True)[:60])), ""),
    "private networks": ((200, {}, b"10.0.0.0/8\n192.168.0.0/16\n127.0.0.1\n::1\n" * 20), ""),
    "wildcards of everything": ((200, {}, b"*\n*.*\n*.com\n" * 30), ""),
    "exceptions only": ((200, {}, b"@@||bank.example.com^\n" * 60), ""),
    "shrunk to less than half": ((200, {}, SOME), "shrank from 100"),
    "grown more than ten times": ((200, {}, b"".join(b"n%d.example.com\n" % i for i in range(1200))),
                                  "grew from 100"),
    "announced longer than it is": ((200, {"Content-Length": str(len(GOOD) + 50)}, GOOD), ""),
    "redirect in a circle": ((302, {"Location": "/redirect%20in%20a%20circle"}, b""), "redirects"),
    "redirect to a file": ((302, {"Location": "file:///etc/passwd"}, b""), "https"),
    "redirect to nobody": ((302, {"Location": "http://127.0.0.1:1/list"}, b""), "connect"),
    "too many redirects": ((302, {"Location": "/too%20many%20redirects?again"}, b""), "redirects"),
    "longer than 64 MiB": ((200, {"Content-Length": str(65 << 20)}, b""), "64 MiB"),
}
# Refused before anything is sent: the feed itself is not permitted what it would need.
FORBIDDEN = {"a private address": "private"}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    bad = None
    popular = (200, {}, POPULAR)


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        status, headers, body = self.server.popular if self.path == "/popular" else \
            (200, {}, GOOD) if not self.server.bad else BAD[self.server.bad][0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Feed:
    """One feed with its configuration, updated through the program."""

    def __init__(self, program, folder, port):
        self.program, self.folder, self.port = program, folder, port
        self.configure()

    def configure(self, private="yes"):
        (self.folder / "c.yaml").write_text(
            f"state_dir: state\nstore: {{path: alerts.db}}\nintel: {{seeds: no}}\nfeeds:\n"
            f"- {{name: popular, url: 'http://127.0.0.1:{self.port}/popular', category: popular, "
            f"allow_http: yes, allow_private: yes}}\n"
            f"- {{name: listed, url: 'http://127.0.0.1:{self.port}/list', category: c2, "
            f"allow_http: yes, allow_private: {private}}}\n")

    def run(self, *words):
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        return subprocess.run([self.program, *words], cwd=self.folder, env=environment, timeout=120,
                              capture_output=True, text=True, check=False)

    def update(self, name="listed"):
        return self.run("feeds", "update", "-c", "c.yaml", "-q", name)

    def status(self, name="listed"):
        lines = self.run("feeds", "status", "-c", "c.yaml", "-o", "json").stdout.splitlines()
        return next(one for one in map(json.loads, lines) if one["name"] == name)

    def kept(self, name="listed"):
        return (self.folder / f"state/feeds/{name}.list").read_bytes()


def problem(feed, part, good):
    """What is wrong with how a bad list was taken, or None."""
    run = feed.update()
    status = feed.status()
    if run.returncode != 1:
        return f"exit code {run.returncode}: {run.stderr.strip()}"
    if not status.get("error") or part.lower() not in status["error"].lower():
        return f"the reason is {status.get('error')!r}, expected {part!r}"
    if status["error"] not in run.stderr:
        return f"the reason is not shown: {run.stderr.strip()!r}"
    if feed.kept() != good or status["entries"] != 100:
        return "the last good list is gone"
    print(f"     {status['error']}")
    return None


def popular_update(feed, server):
    """Popular names are fetched as well; a broken list of them leaves the last good one, which the
    lists after it are judged by."""
    first = feed.update("popular")
    assert first.returncode == 0, first.stderr
    good = feed.kept("popular")
    for broken in b"", b"<html></html>", POPULAR[:400]:
        server.popular = (200, {}, broken)
        assert feed.update("popular").returncode == 1, broken
        assert feed.kept("popular") == good and feed.status("popular")["error"]


def main():
    failed = 0
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="dnsvigil-bad-feeds-") as folder:
        feed = Feed(str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(folder), server.server_port)
        popular_update(feed, server)
        first = feed.update()
        assert first.returncode == 0, first.stderr
        good = feed.kept()
        for name, part in [(name, case[1]) for name, case in BAD.items()] + list(FORBIDDEN.items()):
            server.bad = name if name in BAD else None
            feed.configure(private="no" if name in FORBIDDEN else "yes")
            print(f"  {name}")
            wrong = problem(feed, part, good)
            failed += wrong is not None
            if wrong:
                print(f"FAILED {name}: {wrong}")
        server.bad = None
        feed.configure()
        last = feed.update()
        assert last.returncode == 0 and "error" not in feed.status(), last.stderr
    print(f"{len(BAD) + len(FORBIDDEN)} bad lists, {failed} taken or refused without a reason")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
