# sink_services.py - strict stand-ins for the services that take alerts by HTTP: they refuse what the
# real ones refuse, and misbehave as they are told
# SPDX-License-Identifier: Apache-2.0
"""A service keeps what it has taken in `taken`, a list of (id, revision), and whatever broke its rules
in `wrong`. `faults` is a list of what happens to the next requests for records, one a request:
a status, (429, seconds) with Retry-After, "date" for a Retry-After with a date, "close", "slow",
"partial" where the service can take a part, "expired" where it has tokens, None for nothing."""
import base64
import email.utils
import gzip
import hashlib
import hmac
import http.server
import json
import pathlib
import re
import socketserver
import ssl
import subprocess
import threading
import time
import urllib.parse

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ALERT_ID = re.compile(r"\d{19}_" + GUID.pattern)
SLOW_S = 4


def certificate(folder, name):
    """A certificate for the names of the services that vouches for itself, and its key; one file."""
    path = folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
                    "subjectAltName=IP:127.0.0.1,DNS:siem.invalid,DNS:localhost", "-keyout", f"{path}.key",
                    "-out", path], check=True, capture_output=True, timeout=60)
    path.write_text(path.read_text() + pathlib.Path(f"{path}.key").read_text())
    return path


def tls(path, client=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client)
    return context


class Answer(Exception):
    """Raised with what a request is answered with."""

    def __init__(self, status, body=None, headers=()):
        self.status, self.body, self.headers = status, body, dict(headers)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        service = self.server.service
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            with service.lock:
                self.check_body(service, body)
            if service.is_data(self.path):
                self.misbehave(service)
            with service.lock:
                answer = service.answer(self.path, self.headers, self.body)
        except Answer as given:
            answer = given
        self.tell(answer)

    def check_body(self, service, body):
        self.body = body
        if self.headers.get("Content-Encoding") == "gzip":
            service.gzipped += 1
            self.body = gzip.decompress(body)
            service.expect(service.takes_gzip, "a compressed body")
        service.expect("Expect" not in self.headers, "Expect")
        if not service.is_data(self.path):
            return
        service.requests.append((time.monotonic(), self.client_address))
        if len(self.body) > service.limit or len(body) > service.limit:
            raise Answer(413, {"text": "too long"})

    def misbehave(self, service):
        with service.lock:
            self.fault = service.faults.pop(0) if service.faults else None
        service.part = self.fault
        if self.fault == "slow":
            time.sleep(SLOW_S)
        if self.fault in ("close", "slow"):
            self.close_connection = True
            raise ConnectionError
        if self.fault == "date":
            date = email.utils.formatdate(time.time() + 3, usegmt=True)
            raise Answer(503, None, {"Retry-After": date})
        if isinstance(self.fault, tuple):
            raise Answer(self.fault[0], None, {"Retry-After": str(self.fault[1])})
        if isinstance(self.fault, int):
            raise Answer(self.fault, service.failure(self.fault))

    def tell(self, answer):
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Connections are broken off on purpose."""


class Service:
    """What all have in common. `poison` is in the records that it will not have."""
    takes_gzip, limit, poison = True, 1 << 30, None

    def __init__(self, tls=None, port=0):
        self.lock, self.taken, self.wrong, self.faults = threading.Lock(), [], [], []
        self.requests, self.gzipped, self.part = [], 0, None
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.service = self
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def expect(self, holds, what):
        if not holds:
            self.wrong.append(what)
        return holds

    def is_data(self, path):
        return True

    def failure(self, status):
        return None

    def refuses(self, text):
        return self.poison is not None and self.poison in text

    def take(self, key):
        """Counts a record by its key, <id>:<revision>."""
        name, revision = key.rsplit(":", 1)
        self.expect(ALERT_ID.fullmatch(name), f"the id {name}")
        self.taken.append((name, int(revision)))


class Splunk(Service):
    token, acks_after = "00000000-1111-2222-3333-444444444444", None

    def __init__(self, *args, **kwargs):
        self.ids, self.polls = {}, {}
        super().__init__(*args, **kwargs)

    def is_data(self, path):
        return "/ack" not in path

    def failure(self, status):
        return {"text": "Server is busy", "code": 9}

    def answer(self, path, headers, body):
        login = headers.get("Authorization", "")
        if not login.startswith("Splunk "):
            raise Answer(401, {"text": "Token is required", "code": 2})
        if login != f"Splunk {self.token}":
            raise Answer(403, {"text": "Invalid token", "code": 4})
        self.expect(headers["Content-Type"] == "application/json", "content type")
        channel = headers.get("X-Splunk-Request-Channel", "")
        if self.acks_after is not None and not GUID.fullmatch(channel):
            raise Answer(400, {"text": "Data channel is missing", "code": 10})
        if path == "/services/collector/ack":
            return self.acknowledge(json.loads(body)["acks"])
        if path != "/services/collector/event":
            raise Answer(404, {"text": "The requested URL was not found on this server.", "code": 404})
        return self.index(self.events(body))

    def events(self, body):
        text, at, events, decoder = body.decode(), 0, [], json.JSONDecoder()
        if not text.strip():
            raise Answer(400, {"text": "No data", "code": 5})
        while at < len(text):
            event, at = decoder.raw_decode(text, at)
            events.append(event)
            while at < len(text) and text[at].isspace():
                at += 1
        return events

    def index(self, events):
        for number, event in enumerate(events):
            self.expect(set(event) <= {"time", "host", "source", "sourcetype", "index", "event", "fields"},
                        f"the keys {list(event)}")
            if event.get("index", "security") != "security":
                raise Answer(400, {"text": "Incorrect index", "code": 7, "invalid-event-number": number})
            if not event.get("event") or self.refuses(json.dumps(event)):
                raise Answer(400, {"text": "Invalid data format", "code": 6,
                                   "invalid-event-number": number})
            self.expect(re.fullmatch(r"\d+\.\d{3}", f"{event['time']:.3f}"), "time")
            self.expect(event["sourcetype"] == "dnsvigil:alert", "source type")
            self.expect(all(isinstance(v, str) for v in event["fields"].values()), "flat fields")
            self.expect(event["fields"]["alert_key"] ==
                        f"{event['event']['id']}:{event['event']['revision']}", "alert_key")
            if self.acks_after is None:
                self.take(event["fields"]["alert_key"])
        if self.acks_after is None:
            return Answer(200, {"text": "Success", "code": 0})
        ack = len(self.ids)
        self.ids[ack] = [event["fields"]["alert_key"] for event in events]
        return Answer(200, {"text": "Success", "code": 0, "ackId": ack})

    def acknowledge(self, acks):
        """Each acknowledgement is given once, after so many questions."""
        if self.acks_after is None:
            raise Answer(400, {"text": "ACK is disabled", "code": 14})
        told = {}
        for ack in acks:
            self.polls[ack] = self.polls.get(ack, 0) + 1
            told[str(ack)] = ack in self.ids and self.polls[ack] > self.acks_after
            if told[str(ack)]:
                for key in self.ids.pop(ack):
                    self.take(key)
        return Answer(200, {"acks": told})


class Elastic(Service):
    token, stream = base64.b64encode(b"id:api-key").decode(), True
    index = "logs-dnsvigil.alert-default"

    def __init__(self, *args, **kwargs):
        self.documents = {}
        super().__init__(*args, **kwargs)

    def answer(self, path, headers, body):
        if headers.get("Authorization") != f"ApiKey {self.token}":
            raise Answer(401, {"error": {"type": "security_exception", "reason": "who are you"}})
        self.expect(headers["Content-Type"] == "application/x-ndjson", "content type")
        where = urllib.parse.urlsplit(path)
        self.expect(where.path == f"/{self.index}/_bulk", path)
        if not body.endswith(b"\n"):
            raise Answer(400, {"error": {"type": "illegal_argument_exception",
                                         "reason": "must be terminated by a newline"}})
        lines = body.decode().split("\n")[:-1]
        self.expect(len(lines) % 2 == 0, "pairs of lines")
        pairs = zip(lines[0::2], lines[1::2])
        items = [self.item(number, json.loads(action), json.loads(document))
                 for number, (action, document) in enumerate(pairs)]
        return Answer(200, {"errors": any("error" in list(i.values())[0] for i in items),
                            "items": items})

    def item(self, number, action, document):
        (name, meta), = action.items()
        self.expect(name == ("create" if self.stream else "index"), f"the action {name}")
        self.expect("@timestamp" in document and document["ecs"]["version"], "an ECS document")
        self.expect(len(meta["_id"].encode()) <= 512, "the length of the id")
        return {name: self.store(name, meta, document, self.part == "partial" and number % 3 == 1)}

    def store(self, name, meta, document, busy):
        if busy:
            return {"status": 429, "error": {"type": "es_rejected_execution_exception",
                                             "reason": "queue is full"}}
        if self.refuses(json.dumps(document)):
            return {"status": 400, "error": {"type": "mapper_parsing_exception",
                                             "reason": "failed to parse field"}}
        there = self.documents.get(meta["_id"])
        if there is not None and (self.stream or there >= meta["version"]):
            return {"status": 409, "error": {"type": "version_conflict_engine_exception",
                                             "reason": "document already exists"}}
        key = meta["_id"] if self.stream else f"{meta['_id']}:{meta['version']}"
        self.expect(key == f"{document['event']['id']}:{document['event']['sequence']}", "the key")
        self.documents[meta["_id"]] = meta.get("version", 0)
        self.take(key)
        return {"status": 201}


class AzureLogs(Service):
    """The endpoint for logs and, at /tenant/, the one for tokens."""
    limit, secret, rule = 1000000, "client-secret", "dcr-00000000000000000000000000000000"

    def __init__(self, *args, **kwargs):
        rule = pathlib.Path(__file__).parents[2] / "packaging/sentinel/data-collection-rule.json"
        streams = json.loads(rule.read_text())["resources"][0]["properties"]["streamDeclarations"]
        self.columns = {column["name"]: column["type"]
                        for column in streams["Custom-DnsVigilAlert_CL"]["columns"]}
        self.tokens, self.asked = set(), 0
        super().__init__(*args, **kwargs)

    def is_data(self, path):
        return not path.startswith("/tenant/")

    def answer(self, path, headers, body):
        if path == "/tenant/oauth2/v2.0/token":
            return self.token(headers, dict(urllib.parse.parse_qsl(body.decode())))
        if self.part == "expired":
            self.tokens.clear()
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Answer(401, {"error": {"code": "InvalidAuthenticationToken", "message": "expired"}})
        self.expect(headers["Content-Type"] == "application/json", "content type")
        where = urllib.parse.urlsplit(path)
        self.expect(where.query == "api-version=2023-01-01", path)
        if where.path != f"/dataCollectionRules/{self.rule}/streams/Custom-DnsVigilAlert_CL":
            raise Answer(404, {"error": {"code": "NotFound", "message": "no such rule"}})
        rows = json.loads(body)
        if not isinstance(rows, list) or any(self.refuses(json.dumps(row)) for row in rows):
            raise Answer(400, {"error": {"code": "InvalidPayload", "message": "malformed"}})
        for row in rows:
            self.row(row)
        return Answer(204)

    def token(self, headers, form):
        self.asked += 1
        self.expect(headers["Content-Type"] == "application/x-www-form-urlencoded", "the form's type")
        self.expect(form["scope"] == "https://monitor.azure.com//.default", "scope")
        self.expect(form["grant_type"] == "client_credentials", "grant")
        if (form["client_id"], form["client_secret"]) != ("client", self.secret):
            raise Answer(401, {"error": "invalid_client", "error_description": "wrong secret"})
        token = f"token-{self.asked}-" + "x" * 2000
        self.tokens.add(token)
        return Answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def row(self, row):
        for name, value in row.items():
            if name == "Type":
                continue  # the platform drops it and says itself which table a row is in
            kind = self.columns.get(name)
            self.expect(kind, f"the column {name}")
            fits = {"string": str, "datetime": str, "real": (int, float), "boolean": bool}
            self.expect(kind and isinstance(value, fits[kind]), f"the type of {name}")
            if kind == "datetime":
                self.expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", value), name)
        self.expect(len(json.dumps(row).encode()) <= 65536, "the length of a row")
        revision = json.loads(row["ExtendedProperties"])["revision"]
        self.take(f"{row['SystemAlertId']}:{revision}")


class Otlp(Service):
    token = "otlp-token"

    def answer(self, path, headers, body):
        if headers.get("X-Api-Key") != self.token:
            raise Answer(401, {"message": "unauthenticated"})
        self.expect(path == "/v1/logs", path)
        self.expect(headers["Content-Type"] == "application/json", "content type")
        resource, = json.loads(body)["resourceLogs"]
        names = self.attributes(resource["resource"]["attributes"])
        self.expect(names["service.name"] == "dnsvigil", "service.name")
        scope, = resource["scopeLogs"]
        refused = [record for record in scope["logRecords"] if not self.record(record)]
        if not refused:
            return Answer(200, {})
        return Answer(200, {"partialSuccess": {"rejectedLogRecords": str(len(refused)),
                                               "errorMessage": "not these"}})

    def attributes(self, items):
        names = {item["key"]: item["value"]["stringValue"] for item in items}
        self.expect(len(names) == len(items), "attributes stand there once")
        return names

    def record(self, record):
        for key in ("timeUnixNano", "observedTimeUnixNano"):
            self.expect(re.fullmatch(r"\d{19}", record[key]), key)
        self.expect(record["severityNumber"] in (9, 11, 13, 17), "severityNumber")
        self.expect(record["eventName"].startswith("AzureDNS_"), "eventName")
        alert = json.loads(record["body"]["stringValue"])
        key = self.attributes(record["attributes"])["log.record.uid"]
        self.expect(key == f"{alert['id']}:{alert['revision']}", "log.record.uid")
        if self.refuses(json.dumps(alert)):
            return False
        self.take(key)
        return True


class Webhook(Service):
    takes_gzip, secret, password = False, "hook-secret", "pass:word"

    def answer(self, path, headers, body):
        login = base64.b64encode(f"ann:{self.password}".encode()).decode()
        if headers.get("Authorization") != f"Basic {login}":
            raise Answer(403)
        self.expect(path == "/hook?team=dns", path)
        self.expect(headers["Content-Type"] == "application/json; charset=utf-8", "content type")
        parts = dict(part.split("=") for part in headers["X-Dnsvigil-Signature"].split(","))
        signed = hmac.new(self.secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256)
        if not hmac.compare_digest(signed.hexdigest(), parts["v1"]) or \
                abs(time.time() - int(parts["t"])) > 60:
            raise Answer(401)
        message = json.loads(body)
        if self.refuses(body.decode()):
            raise Answer(422)
        self.expect(message["text"].startswith("%{"), "the literal sign")
        self.expect(isinstance(message["evidence"], dict), "a value as JSON")
        self.expect(urllib.parse.unquote(message["url"]) == "https://x/" + message["domain"], "url")
        self.expect(headers["X-Dnsvigil-Delivery"] == message["key"], "the delivery's key")
        self.take(message["key"])
        return Answer(200)
