#!/usr/bin/env python3
# api_http.py - asks the API from outside as clients, browsers and attackers do
# SPDX-License-Identifier: Apache-2.0
"""Usage: api_http.py SERVER PROGRAM OPENAPI

SERVER is api_serve, PROGRAM is dnsvigil, OPENAPI the document of the routes."""
import contextlib
import http.client
import json
import pathlib
import re
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

from openapi import Document

SERVER, PROGRAM, OPENAPI = sys.argv[1:4]
DOCUMENT = Document(OPENAPI)
PASSWORD = "correct horse battery"
ROLES = ("viewer", "analyst", "admin")
METHODS = ("get", "post", "put", "patch", "delete")


class Server:
    """One api_serve over a store of its own."""

    def __init__(self, tls=False, api=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dnsvigil-api-"))
        if tls:
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                 "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
                cwd=self.folder, check=True, capture_output=True)
            api += ", tls_certificate: cert.pem, tls_key: key.pem"
        self.config = self.folder / "c.yaml"
        self.config.write_text(
            f"state_dir: state\nstore: {{path: alerts.db, ballast_mib: 0}}\n"
            f"api: {{listen: '127.0.0.1:0', socket: {self.folder}/s{api}}}\n")
        self.password = self.folder / "pw"
        self.password.write_text(PASSWORD + "\n")
        self.password.chmod(0o600)
        self.tls = tls
        self.log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen([SERVER, self.config, self.folder / "alerts.db"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        self.port = int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.code = self.process.wait(60)
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder)
        assert self.code == 0, f"the server ended with {self.code}"

    def more(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def cli(self, *words):
        return subprocess.run([PROGRAM, *words, "-c", self.config], capture_output=True, text=True)

    def user(self, name, role):
        done = self.cli("users", "add", name, "--role", role, "--password-file", self.password)
        assert done.returncode == 0, done.stderr

    def token(self, name, owner, role):
        done = self.cli("tokens", "add", name, "--owner", owner, "--role", role)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def connect(self, source="127.0.0.1"):
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60,
                                              source_address=(source, 0))
        context = ssl.create_default_context(cafile=self.folder / "cert.pem")
        return http.client.HTTPSConnection("localhost", self.port, timeout=60, context=context)

    def ask(self, method, path, body=None, token=None, cookie=None, origin=None, **fields):
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
        if token:
            fields["Authorization"] = f"Bearer {token}"
        if cookie:
            fields["Cookie"] = cookie
        if origin:
            fields["Origin"] = origin
        connection = self.connect()
        connection.request(method.upper(), path, body, fields)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if method.upper() != "HEAD" and answer.getheader("Content-Type") == "application/json":
            DOCUMENT.check(method, path, answer.status, answer.getheader("Content-Type"), text)
        answer.json = json.loads(text) if text and "json" in (answer.getheader("Content-Type") or "") else None
        answer.text = text
        return answer

    def login(self, name, password=PASSWORD):
        answer = self.ask("POST", "/api/v1/session", {"name": name, "password": password})
        cookie = answer.getheader("Set-Cookie") or ""
        return answer, cookie.split(";")[0]

    def raw(self, data, source="127.0.0.1"):
        with socket.create_connection(("127.0.0.1", self.port), 20,
                                      source_address=(source, 0)) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return read_all(connection)

    def local(self, path):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.folder / "s"))
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                               "Connection: close\r\n\r\n".encode())
            return read_all(connection)


def read_all(connection):
    data = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            data += piece
    return data


def status(data):
    found = re.match(rb"HTTP/1\.1 (\d+)", data)
    return int(found.group(1)) if found else 0


class Case(unittest.TestCase):
    tls = False

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.tls)
        cls.origin = f"http{'s' if cls.tls else ''}://{'localhost' if cls.tls else '127.0.0.1'}:{cls.server.port}"
        for role in ROLES:
            cls.server.user(role, role)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()


class Matrix(Case):
    """Who may do what, for every route of the document (R14)."""

    def who(self):
        server = self.server
        for role in ROLES:
            yield role, role, {"token": server.token(f"t-{role}", role, role)}
            _, cookie = server.login(role)
            yield f"session of {role}", role, {"cookie": cookie, "origin": self.origin}
        yield "nobody", "none", {}
        yield "unknown token", None, {"token": "dvt_" + "A" * 43}
        yield "lower token", "viewer", {"token": server.token("t-lower", "admin", "viewer")}
        revoked = server.token("t-revoked", "admin", "admin")
        server.cli("tokens", "remove", "t-revoked")
        yield "revoked token", None, {"token": revoked}
        server.user("gone", "admin")
        _, ended = server.login("gone")
        server.cli("users", "set", "gone", "--disable")
        yield "ended session", "none", {"cookie": ended, "origin": self.origin}

    def expected(self, operation, role):
        """None: a role is good enough; the handler decides then."""
        order = ("none", *ROLES)
        if role is None:
            return 401
        if order.index(role) >= order.index(operation["x-role"]):
            return None
        return 401 if role == "none" else 403

    def test_every_route_by_everybody(self):
        document = json.loads(pathlib.Path(OPENAPI).read_text())
        tried = 0
        everybody = list(self.who())
        for path, operations in document["paths"].items():
            if not path.startswith(("/api/", "/subscriptions/")):
                continue  # answered without asking who it is: a signature in the link says it
            target = re.sub(r"\{\w+\}", "nothing", path)
            for method in METHODS:
                for name, role, how in everybody:
                    if path == "/api/v1/session" and method == "delete":
                        continue  # would end the sessions under test
                    if path == "/api/v1/events" and method == "get" and role in ROLES:
                        continue  # does not end
                    answer = self.server.ask(method, target, **how)
                    tried += 1
                    with self.subTest(method=method, path=path, who=name):
                        want = 405 if method not in operations else self.expected(operations[method], role)
                        if role is None:
                            want = 401
                        if want:
                            self.assertEqual(answer.status, want)
                        elif path.startswith(("/api/v1/tokens", "/api/v1/sessions")) and "token" in how:
                            self.assertIn(answer.json["error"]["code"], ("user_required", "bad_json"))
                        else:
                            self.assertNotIn(answer.status, (401, 403, 405, 500))
        print(f"{tried} requests", file=sys.stderr)


class Requests(Case):
    """What is refused before anybody looks at it."""

    def test_requests_that_can_be_read_in_two_ways_are_refused(self):
        head = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for fields, code in (
                (b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
                (b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
                (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
                (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411),
                (b"Transfer-Encoding: gzip, chunked\r\n\r\n", 0),  # closed without a word
                (b"Content-Length: +2\r\n\r\n{}", 400),
                (b"Content-Length: -2\r\n\r\n{}", 400),
                (b"Content-Length: 99999999\r\n\r\n{}", 413),
                (b"Host: localhost\r\nContent-Length: 2\r\n\r\n{}", 400)):
            with self.subTest(fields=fields):
                answer = self.server.raw(head + b"Connection: close\r\n" + fields)
                self.assertEqual(status(answer), code)
                self.assertEqual(answer.count(b"HTTP/1.1"), int(code > 0))

    def test_a_request_without_end_is_cut_off_however_many_others_come(self):
        with socket.create_connection(("127.0.0.1", self.server.port), 20) as slow:
            slow.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
            for _ in range(40):
                self.server.ask("GET", "/api/v1/setup")
            self.assertEqual(slow.recv(1), b"")

    def test_names_and_pages_that_are_not_ours(self):
        ask = self.server.ask
        login = {"name": "viewer", "password": PASSWORD}
        self.assertEqual(ask("GET", "/api/v1/setup", Host="evil.example").status, 421)
        self.assertEqual(ask("POST", "/api/v1/session", login, origin="http://evil.example").status, 403)
        self.assertEqual(ask("POST", "/api/v1/session", login, origin="null").status, 403)
        self.assertEqual(ask("POST", "/api/v1/session", login, Sec_Fetch_Site="cross-site").status, 403)
        self.assertEqual(ask("POST", "/api/v1/session", login, Content_Type="text/plain").status, 415)
        self.assertEqual(ask("POST", "/api/v1/session", login, origin=self.origin).status, 201)

    def test_a_session_changes_nothing_without_our_origin(self):
        _, cookie = self.server.login("admin")
        user = {"name": "carol", "role": "viewer", "password": PASSWORD}
        self.assertEqual(self.server.ask("POST", "/api/v1/users", user, cookie=cookie).status, 403)
        self.assertEqual(self.server.ask("POST", "/api/v1/users", user, cookie=cookie,
                                         origin=self.origin).status, 201)

    def test_bodies_that_are_no_good(self):
        token = self.server.token("bodies", "admin", "admin")
        for body, code in (("", 400), ("{", 400), ("[]", 422), ("{}", 422), ("[" * 100000, 400),
                           ('{"name":"x","name":"y"}', 400),
                           ('{"name":"x","role":"viewer","password":"%s","more":1}' % PASSWORD, 422),
                           ('{"name":1,"role":"viewer","password":"%s"}' % PASSWORD, 422),
                           ('{"name":"../x","role":"viewer","password":"%s"}' % PASSWORD, 422),
                           ('{"name":"x","role":"root","password":"%s"}' % PASSWORD, 422),
                           ('{"name":"x","role":"viewer","password":"short"}', 422),
                           ('{"name":"x' + "y" * 2000000 + '"}', 413)):
            with self.subTest(body=body[:60]):
                try:
                    answer = self.server.ask("POST", "/api/v1/users", body, token=token)
                    self.assertEqual(answer.status, code)
                except (BrokenPipeError, ConnectionResetError):
                    self.assertEqual(code, 413)

    def test_queries_and_paths_that_are_no_good(self):
        token = self.server.token("queries", "viewer", "viewer")
        for path, code in (("/api/v1/alerts", 200), ("/api/v1/alerts?limit=3", 200),
                           ("/api/v1/alerts?limit=201", 400), ("/api/v1/alerts?limit=x", 400),
                           ("/api/v1/alerts?limit=1&limit=1", 400), ("/api/v1/alerts?nothing=1", 400),
                           ("/api/v1/alerts?search=%00", 400), ("/api/v1/alerts?search=%ff", 400),
                           ("/api/v1/alerts?search=%e2%82%ac+x", 200), ("/api/v1/alerts?since=never", 400),
                           ("/api/v1/alerts?search=" + "x" * 5000, 400),
                           ("/api/v1/alerts?status=open", 400), ("/api/v1/alerts?sort=-severity", 200),
                           ("/api/v1/alerts?cursor=zz", 422),
                           ("/api/v1/alerts/%2e%2e", 404), ("/api/v1/alerts/", 404),
                           ("/api/v1/../../etc/passwd", 404)):
            with self.subTest(path=path[:60]):
                self.assertEqual(self.server.ask("GET", path, token=token).status, code)

    def test_answers_are_not_kept_and_not_framed(self):
        answer = self.server.ask("GET", "/api/v1/setup")
        self.assertEqual(answer.json, {"needed": False})
        self.assertEqual(answer.getheader("Cache-Control"), "no-store")
        self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")
        self.assertEqual(answer.getheader("Referrer-Policy"), "no-referrer")
        self.assertIn("default-src 'none'", answer.getheader("Content-Security-Policy"))
        self.assertIn("frame-ancestors 'none'", answer.getheader("Content-Security-Policy"))

    def test_head_is_get_without_a_body(self):
        answer = self.server.ask("HEAD", "/api/v1/openapi.json")
        self.assertEqual((answer.status, answer.text), (200, b""))
        self.assertEqual(int(answer.getheader("Content-Length")),
                         len(self.server.ask("GET", "/api/v1/openapi.json").text))

    def test_the_document_is_the_one_in_docs(self):
        answer = self.server.ask("GET", "/api/v1/openapi.json")
        self.assertEqual(answer.json, json.loads(pathlib.Path(OPENAPI).read_text()))


class Accounts(Case):
    def test_the_cookie_is_out_of_reach(self):
        answer, _ = self.server.login("viewer")
        cookie = answer.getheader("Set-Cookie")
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, cookie)
        self.assertEqual("Secure" in cookie, self.tls)
        self.assertEqual(cookie.startswith("__Host-dnsvigil="), self.tls)

    def test_logging_out_ends_the_session(self):
        _, cookie = self.server.login("viewer")
        ask = lambda method: self.server.ask(method, "/api/v1/session", cookie=cookie,
                                             origin=self.origin).status
        self.assertEqual([ask("GET"), ask("DELETE"), ask("DELETE")], [200, 204, 401])

    def test_a_user_chooses_his_language(self):
        self.server.user("erin", "viewer")
        _, cookie = self.server.login("erin")
        ask = lambda method, body=None: self.server.ask(method, "/api/v1/session", body, cookie=cookie, origin=self.origin)
        self.assertNotIn("language", ask("GET").json)
        self.assertEqual(ask("PATCH", {"language": "ja"}).json["language"], "ja")
        self.assertEqual(ask("PATCH", {"language": "fr"}).status, 422)
        self.assertEqual(ask("GET").json["language"], "ja")

    def test_another_password_ends_all_sessions(self):
        self.server.user("dave", "viewer")
        (_, one), (_, two) = self.server.login("dave"), self.server.login("dave")
        body = {"old": PASSWORD, "new": "another long one"}
        put = self.server.ask("PUT", "/api/v1/session/password", body, cookie=one, origin=self.origin)
        self.assertEqual(put.status, 204)
        self.assertEqual(self.server.ask("GET", "/api/v1/session", cookie=two).json, {})
        self.assertEqual(self.server.login("dave")[0].status, 401)
        self.assertEqual(self.server.login("dave", "another long one")[0].status, 201)

    def test_guessing_is_slowed_down_and_tells_nothing(self):
        server = Server(self.tls)  # with a gate of its own
        try:
            server.user("erin", "admin")
            guess = lambda name: server.login(name, "wrong wrong wrong")[0]
            there, missing = guess("erin"), guess("nobody")
            self.assertEqual((there.status, there.json), (missing.status, missing.json))
            codes = [guess("erin").status for _ in range(6)]
            self.assertEqual(codes[0], 401)
            self.assertEqual(codes[-1], 429)
        finally:
            server.close()

    def test_the_last_administrator_stays(self):
        token = self.server.token("last", "admin", "admin")
        for method, body in (("DELETE", None), ("PATCH", {"role": "viewer"}), ("PATCH", {"enabled": False})):
            self.assertEqual(self.server.ask(method, "/api/v1/users/admin", body, token=token).status, 409)

    def test_a_token_makes_no_tokens(self):
        token = self.server.token("maker", "admin", "admin")
        body = {"name": "child", "role": "admin", "days": 9}
        self.assertEqual(self.server.ask("POST", "/api/v1/tokens", body, token=token).status, 403)

    def test_a_user_sees_and_revokes_only_his_own_tokens(self):
        self.server.token("of-admin", "admin", "viewer")
        _, cookie = self.server.login("analyst")
        how = {"cookie": cookie, "origin": self.origin}
        body = {"name": "of-analyst", "role": "analyst", "days": 1}
        made = self.server.ask("POST", "/api/v1/tokens", body, **how)
        self.assertEqual(made.status, 201)
        self.assertEqual(self.server.ask("GET", "/api/v1/session", token=made.json["token"]).json["role"], "analyst")
        body |= {"name": "more", "role": "admin"}
        self.assertEqual(self.server.ask("POST", "/api/v1/tokens", body, **how).status, 409)
        names = [item["name"] for item in self.server.ask("GET", "/api/v1/tokens", **how).json["items"]]
        self.assertEqual(names, ["of-analyst"])
        self.assertEqual(self.server.ask("DELETE", "/api/v1/tokens/of-admin", **how).status, 404)
        self.assertEqual(self.server.ask("DELETE", "/api/v1/tokens/of-analyst", **how).status, 204)

    def test_what_was_done_stands_in_the_trail(self):
        token = self.server.token("trail", "admin", "admin")
        self.server.user("frank", "viewer")
        items = self.server.ask("GET", "/api/v1/audit?object=user/frank", token=token).json["items"]
        self.assertEqual([item["action"] for item in items], ["user.add"])
        self.assertTrue(items[0]["actor"].startswith("cli:"))
        first = self.server.ask("GET", "/api/v1/audit?limit=2", token=token).json
        second = self.server.ask("GET", f"/api/v1/audit?limit=2&cursor={first['next']}", token=token).json
        self.assertEqual([i["seq"] for i in first["items"] + second["items"]], [1, 2, 3, 4])
        self.assertTrue(self.server.ask("GET", "/api/v1/audit/verify", token=token).json["intact"])
        self.assertNotIn(PASSWORD, json.dumps(items))

    def test_the_unix_socket_needs_no_password(self):
        self.assertIn(b'"role":"admin"', self.server.local("/api/v1/session"))
        self.assertEqual((self.server.folder / "s").stat().st_mode & 0o777, 0o660)


class OverTls(Accounts):
    tls = True

    def test_old_versions_are_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", self.server.port), 20) as connection:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(connection)

    def test_plain_http_gets_no_answer(self):
        self.assertEqual(status(self.server.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")), 0)


class Setup(unittest.TestCase):
    def test_the_first_administrator_comes_with_the_code(self):
        server = Server()
        try:
            file = server.folder / "state/setup-code"
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.assertEqual(server.ask("GET", "/api/v1/setup").json, {"needed": True})
            body = {"code": "wrong", "name": "root", "password": PASSWORD}
            self.assertEqual(server.ask("POST", "/api/v1/setup", body).status, 403)
            body["code"] = file.read_text().strip()
            self.assertEqual(server.ask("POST", "/api/v1/setup", body).status, 201)
            self.assertFalse(file.exists())
            self.assertEqual(server.ask("POST", "/api/v1/setup", body).status, 403)
            self.assertEqual(server.login("root")[0].json["role"], "admin")
            self.assertNotIn(body["code"], (server.folder / "log").read_text())
        finally:
            server.close()


class Events(Case):
    def lines(self, token, **fields):
        connection = self.server.connect()
        connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}", **fields})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.getheader("Content-Type")), (200, "text/event-stream"))
        return connection, answer

    def ids(self, answer, count):
        ids = []
        while len(ids) < count:
            line = answer.readline().decode().strip()
            if line.startswith("id: "):
                ids.append(int(line[4:]))
        return ids

    def test_changes_come_in_order_and_go_on_where_one_was(self):
        token = self.server.token("events", "viewer", "viewer")
        connection, answer = self.lines(token)
        answer.readline()  # the first heartbeat: it listens
        for _ in range(3):
            self.server.more()
        ids = self.ids(answer, 3)
        connection.close()
        self.assertEqual(ids, list(range(ids[0], ids[0] + 3)))
        connection, answer = self.lines(token, **{"Last-Event-ID": str(ids[0])})
        self.assertEqual(self.ids(answer, 2), ids[1:])
        connection.close()
        alerts = self.server.ask("GET", "/api/v1/alerts", token=token).json["items"]
        one = self.server.ask("GET", "/api/v1/alerts/" + alerts[0]["id"], token=token)
        self.assertEqual(one.json, alerts[0])
        self.assertEqual(one.getheader("ETag"), f'"{alerts[0]["revision"]}"')


class Crowd(unittest.TestCase):
    """Many connections, most of them up to no good (R16)."""

    def test_others_are_served_while_2000_hang(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
        server = Server()
        held = []
        try:
            for i in range(2000):
                connection = socket.socket()
                connection.setblocking(False)
                connection.bind(("127.0.0.2", 0))
                connection.connect_ex(("127.0.0.1", server.port))
                held.append(connection)
                if i % 100 == 99:
                    time.sleep(0.05)
                    for early in held[-100:]:
                        with contextlib.suppress(OSError):
                            early.send(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Le")
            times, codes = [], set()
            for _ in range(200):
                start = time.monotonic()
                codes.add(server.ask("GET", "/api/v1/setup").status)
                times.append(time.monotonic() - start)
            times.sort()
            memory = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(
                f"/proc/{server.process.pid}/status").read_text()).group(1))
            print(f"p99 {times[197] * 1000:.1f} ms, {memory // 1024} MiB", file=sys.stderr)
            self.assertEqual(codes, {200})
            self.assertLess(memory, 256 * 1024)
        finally:
            for connection in held:
                connection.close()
            server.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
