# sink_services.py - strict stand-ins for the services that take alerts by HTTP: they refuse what the
# real ones refuse, and misbehave as they are told
# SPDX-License-Identifier: Apache-2.0
"""A service keeps what it has taken in `taken`, a list of (id, revision), and whatever broke its rules
in `wrong`. `faults` is a list of what happens to the next requests for records, one a request:
a status, (429, seconds) with Retry-After, "date" for a Retry-After with a date, "close", "slow",
"partial" where the service can take a part, "expired" where it has tokens, "restart" where it forgets
what it has not acknowledged, None for nothing."""
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
import sys
import threading
import time
import urllib.parse

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "export"))
from elastic_mapping import Index, MappingError  # noqa: E402

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
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
            raise Answer(413, service.failure(413))

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
            raise Answer(503, service.failure(503), {"Retry-After": date})
        if isinstance(self.fault, tuple):
            raise Answer(self.fault[0], service.failure(self.fault[0]), {"Retry-After": str(self.fault[1])})
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
        """What stands in an answer of this status."""

    def refuses(self, text):
        return self.poison is not None and self.poison in text

    def take(self, key):
        """Counts a record by its key, <id>:<revision>."""
        name, revision = key.rsplit(":", 1)
        self.expect(ALERT_ID.fullmatch(name), f"the id {name}")
        self.taken.append((name, int(revision)))


class Splunk(Service):
    """An HTTP Event Collector; with `acks_after` its token has indexer acknowledgement turned on, and
    says so only after so many questions. Ids of acknowledgements belong to a channel, and begin anew
    when the collector does; what it had not indexed by then is gone (restart())."""
    token, acks_after, indexes = "00000000-1111-2222-3333-444444444444", None, ("security",)

    def __init__(self, *args, **kwargs):
        self.channels, self.next_ids, self.polls, self.lost = {}, {}, {}, 0
        super().__init__(*args, **kwargs)

    def restart(self):
        self.lost += sum(len(ids) for ids in self.channels.values())
        self.channels, self.next_ids, self.polls = {}, {}, {}

    def is_data(self, path):
        return "/ack" not in path

    def failure(self, status):
        return {"text": "Content-Length is too large"} if status == 413 else {"text": "Server is busy", "code": 9}

    def answer(self, path, headers, body):
        login = headers.get("Authorization", "")
        if not login.startswith("Splunk "):
            raise Answer(401, {"text": "Token is required", "code": 2})
        if login != f"Splunk {self.token}":
            raise Answer(403, {"text": "Invalid token", "code": 4})
        self.expect(headers["Content-Type"] == "application/json", "content type")
        where = urllib.parse.urlsplit(path)
        if where.path not in ("/services/collector/ack", "/services/collector/event"):
            raise Answer(404, {"text": "The requested URL was not found on this server.", "code": 404})
        if self.part == "restart":
            self.restart()
            self.part = None
        channel = headers.get("X-Splunk-Request-Channel") or dict(urllib.parse.parse_qsl(where.query)).get("channel")
        if channel is None and (self.acks_after is not None or where.path.endswith("ack")):
            raise Answer(400, {"text": "Data channel is missing", "code": 10})
        if channel is not None and not GUID.fullmatch(channel):
            raise Answer(400, {"text": "Invalid data channel", "code": 11})
        if where.path == "/services/collector/ack":
            return self.acknowledge(channel, body)
        return self.index(channel, self.events(body))

    def events(self, body):
        """The objects of a body, one behind the other; their numbers as they are written."""
        text, at, events = body.decode(), 0, []
        decoder = json.JSONDecoder(parse_float=lambda digits: digits, parse_constant=lambda word: 1 / 0)
        if not text.strip():
            raise Answer(400, {"text": "No data", "code": 5})
        while at < len(text):
            try:
                event, at = decoder.raw_decode(text, at)
            except ValueError:
                raise Answer(400, {"text": "Invalid data format", "code": 6,
                                   "invalid-event-number": len(events)}) from None
            events.append(event)
            while at < len(text) and text[at].isspace():
                at += 1
        return events

    def event_problem(self, event):
        """(text, code) of the vendor's table, or None."""
        if not isinstance(event, dict):
            return "Invalid data format", 6
        if "event" not in event:
            return "Event field is required", 12
        if event["event"] in ("", {}, None):
            return "Event field cannot be blank", 13
        if event.get("index", self.indexes[0]) not in self.indexes:
            return "Incorrect index", 7
        fields = event.get("fields", {})
        if not isinstance(fields, dict) or not all(isinstance(one, str) for value in fields.values() for one in
                                                   (value if isinstance(value, list) else [value])):
            return "Error in handling indexed fields", 15
        return ("Invalid data format", 6) if self.refuses(json.dumps(event)) else None

    def index(self, channel, events):
        """Events before the one that is not right are indexed, as those of the real one are."""
        keys = []
        for number, event in enumerate(events):
            problem = self.event_problem(event)
            if problem:
                self.settle(channel, keys, told=False)
                raise Answer(400, {"text": problem[0], "code": problem[1], "invalid-event-number": number})
            keys.append(self.event_check(event))
        return self.settle(channel, keys, told=True)

    def event_check(self, event):
        self.expect(set(event) <= {"time", "host", "source", "sourcetype", "index", "event", "fields"},
                    f"the keys {list(event)}")
        self.expect(re.fullmatch(r"\d{10}\.\d{3}", event["time"]), f"the time {event['time']}")
        self.expect(event["host"] and event["source"] == "dnsvigil", "host and source")
        self.expect(event["sourcetype"] == "dnsvigil:alert", "source type")
        self.expect(event["fields"]["alert_key"] == f"{event['event']['id']}:{event['event']['revision']}",
                    "alert_key")
        return event["fields"]["alert_key"]

    def settle(self, channel, keys, told):
        if self.acks_after is None or not told:
            for key in keys:
                self.take(key)
            return Answer(200, {"text": "Success", "code": 0})
        ack = self.next_ids.get(channel, 0)
        self.next_ids[channel] = ack + 1
        self.channels.setdefault(channel, {})[ack] = keys
        return Answer(200, {"text": "Success", "code": 0, "ackId": ack})

    def acknowledge(self, channel, body):
        """Each acknowledgement is given once, after so many questions; one of another channel, or of
        the time before a restart, never."""
        if self.acks_after is None:
            raise Answer(400, {"text": "ACK is disabled", "code": 14})
        asked, told, ids = json.loads(body), {}, self.channels.get(channel, {})
        self.expect(list(asked) == ["acks"] and asked["acks"] and
                    all(isinstance(ack, int) for ack in asked["acks"]), f"the question {asked}")
        self.expect(len(set(asked["acks"])) == len(asked["acks"]), "an id twice in a question")
        for ack in asked["acks"]:
            self.polls[channel, ack] = self.polls.get((channel, ack), 0) + 1
            told[str(ack)] = ack in ids and self.polls[channel, ack] > self.acks_after
            if told[str(ack)]:
                for key in ids.pop(ack):
                    self.take(key)
        return Answer(200, {"acks": told})


class Elastic(Service):
    """The bulk interface of a cluster that has the index template of packaging/, or of one with an
    ordinary index (`stream` False)."""
    token, stream = base64.b64encode(b"id:api-key").decode(), True
    index = "logs-dnsvigil.alert-default"

    def __init__(self, *args, **kwargs):
        self.documents = {}
        self.mapping = Index(json.loads((PACKAGING / "elasticsearch/dnsvigil-alert.template.json").read_text()))
        super().__init__(*args, **kwargs)

    def failure(self, status):
        """A proxy before the cluster says 413 in no JSON; the cluster itself, what it is short of."""
        return None if status == 413 else {"error": {
            "type": "es_rejected_execution_exception", "reason": "rejected execution of coordinating operation"},
            "status": status}

    def answer(self, path, headers, body):
        if headers.get("Authorization") != f"ApiKey {self.token}":
            raise Answer(401, {"error": {"type": "security_exception", "reason": "who are you"}})
        if headers["Content-Type"] not in ("application/x-ndjson", "application/json"):
            raise Answer(406, {"error": "Content-Type header is not supported", "status": 406})
        where = urllib.parse.urlsplit(path)
        self.expect(where.path == f"/{self.index}/_bulk", path)
        items = [self.item(number, action, document)
                 for number, (action, document) in enumerate(self.pairs(body))]
        whole = {"took": 3, "errors": any("error" in list(i.values())[0] for i in items), "items": items}
        return Answer(200, self.filtered(whole, dict(urllib.parse.parse_qsl(where.query)).get("filter_path")))

    def pairs(self, body):
        """Each line is JSON, and the last ends like the others."""
        if not body.endswith(b"\n"):
            raise Answer(400, {"error": {"type": "illegal_argument_exception",
                                         "reason": "The bulk request must be terminated by a newline [\\n]"}})
        lines = body.decode().split("\n")[:-1]
        if not lines or len(lines) % 2 or not all(lines):
            raise Answer(400, {"error": {"type": "illegal_argument_exception",
                                         "reason": "Malformed action/metadata line"}})
        return zip(map(json.loads, lines[0::2]), map(json.loads, lines[1::2]))

    def filtered(self, whole, wanted):
        """What `filter_path` leaves of the answer."""
        if wanted is None:
            return whole
        paths, items = wanted.split(","), []
        for item in whole["items"]:
            (name, result), = item.items()
            kept = {"status": result["status"]} if "items.*.status" in paths else {}
            error = {key: value for key, value in result.get("error", {}).items()
                     if f"items.*.error.{key}" in paths}
            items.append({name: kept | ({"error": error} if error else {})})
        return {"errors": whole["errors"], "items": items} if "errors" in paths else {"items": items}

    def item(self, number, action, document):
        (name, meta), = action.items()
        self.expect(set(meta) <= {"_index", "_id", "version", "version_type"}, f"the keys {list(meta)}")
        self.expect(len(meta["_id"].encode()) <= 512, "the length of the id")
        return {name: {"_index": self.index, "_id": meta["_id"],
                       **self.store(name, meta, document, self.part == "partial" and number % 3 == 1)}}

    def store(self, name, meta, document, busy):
        if busy:
            return self.error(429 if len(self.documents) % 2 else 503, "es_rejected_execution_exception",
                              "rejected execution of primary operation")
        if self.stream and name != "create":
            return self.error(400, "illegal_argument_exception", "only write ops with an op_type of create are "
                              "allowed in data streams")
        if self.stream and "@timestamp" not in document:
            return self.error(400, "document_parsing_exception", "data stream timestamp field is missing")
        there = self.documents.get(meta["_id"])
        if there is not None and (name == "create" or there >= meta["version"]):
            return self.error(409, "version_conflict_engine_exception", "document already exists")
        try:
            if self.refuses(json.dumps(document)):
                raise MappingError("failed to parse")
            self.mapping.take(document)
        except MappingError as refusal:
            self.expect(self.refuses(json.dumps(document)), str(refusal))
            return self.error(400, "document_parsing_exception", str(refusal))
        key = meta["_id"] if self.stream else f"{meta['_id']}:{meta['version']}"
        self.expect(key == f"{document['event']['id']}:{document['event']['sequence']}", "the key")
        self.documents[meta["_id"]] = meta.get("version", 0)
        self.take(key)
        return {"status": 201 if there is None else 200}

    @staticmethod
    def error(status, kind, reason):
        return {"status": status, "error": {"type": kind, "reason": reason}}


class AzureLogs(Service):
    """The endpoint for logs and, at /tenant/, the one for tokens."""
    limit, secret, rule = 1000000, "client-secret", "dcr-00000000000000000000000000000000"

    def __init__(self, *args, **kwargs):
        rule = PACKAGING / "sentinel/data-collection-rule.json"
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
        if not isinstance(rows, list) or not rows or any(self.refuses(json.dumps(row)) for row in rows):
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
            self.expect(len(str(value).encode()) <= 65536, f"the length of {name}")
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
        self.expect(record.keys() == {"timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText",
                                      "eventName", "body", "attributes"}, f"the keys {list(record)}")
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
