#!/usr/bin/env python3
# api_daemon.py - the API of a daemon that watches: every route about alerts, and the command line
# SPDX-License-Identifier: Apache-2.0
"""Usage: api_daemon.py PROGRAM SEEDS OPENAPI

A daemon reads a pipe to which queries with hostile names are written; what it answers is read back
with every JSON route."""
import http.client
import json
import pathlib
import signal
import subprocess
import sys
import unittest
import urllib.parse

import daemon
from daemon import Case, LISTED, wait_for
from openapi import Document

PROGRAM, SEEDS = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
DOCUMENT = Document(sys.argv[3])
PASSWORD = "correct horse battery"
ARM = "/subscriptions/0/providers/Microsoft.Security"
VERSION = "api-version=2022-01-01"

# What else the daemon is configured for, so that every route has something to tell.
MORE = """
inventory: {{hosts: [{{match: 203.0.113.0/26, name: lab, owner: ann, tags: [lab]}}]}}
mail: {{url: 'smtp://127.0.0.1:1', from: dns@example.net}}
response: {{public_url: 'https://dns.example.net'}}
automation: [{{name: keep, command: [/usr/bin/true], types: [dark_web], tags: [lab], entities: [203.0.113.0/24]}}]
exports: [{{name: file, type: file, path: {folder}/out.jsonl}}]
isolation: {{allowed: [203.0.113.0/24], targets: [{{name: gate, type: nftables, path: {folder}/gate.nft}}]}}
"""

# Answered to users and browsers alone, or when an export is configured no more: api_http.py, contact.py
# and exports.py ask for them.
ELSEWHERE = {("post", "/api/v1/session"), ("delete", "/api/v1/session"), ("put", "/api/v1/session/password"),
             ("get", "/answer/{token}"), ("post", "/answer/{token}"), ("get", "/api/v1/events"),
             ("patch", "/api/v1/session"),
             ("delete", "/api/v1/exports/{name}"), ("get", "/api/v1/tokens"), ("post", "/api/v1/tokens"), ("delete", "/api/v1/tokens/{name}")}

# What a label or a text may be made of to hurt those who read it.
PIECES = [b"<script>", b"';--", b"$(id)", b"`id`", b"=1+1", b"@SUM", b"%00", b"\x00", b"\x1b[2J",
          b"\r\n", b"\\", b'"', b"\xff\xfe", b"\xe2\x80\xae", b"\xed\xa0\x80", b"{{7*7}}", b"../..",
          b"a.b", b"\x7f", b"\t", b"&amp;", b"%", b"~", b"\xc0\xaf", b"\xf0\x9f\x92\xa9", b"-"]
LABELS = (PIECES + [a + b for a in PIECES for b in PIECES])[:64]


def wire_of(text):
    """The labels that presentation format stands for."""
    labels, label, at = [], b"", 0
    while at < len(text):
        if text[at] == ".":
            labels.append(label)
            label = b""
        elif text[at] == "\\" and text[at + 1:at + 4].isdigit():
            label += bytes([int(text[at + 1:at + 4])])
            at += 3
        elif text[at] == "\\":
            label += text[at + 1].encode()
            at += 1
        else:
            label += text[at].encode()
        at += 1
    return labels + ([label] if label else [])


def lower(label):
    return bytes(c + 32 if 65 <= c <= 90 else c for c in label)


class Routes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.case = Case(PROGRAM, SEEDS)
        cls.case.configure(
            f"{{name: tap, type: pcap, path: {cls.case.pipe}}}",
            MORE.format(folder=cls.case.folder))
        cls.add_lists()
        cls.daemon = cls.case.start()
        cls.case.traffic.connect(cls.case.pipe)
        cls.names = {}
        for number, label in enumerate(LABELS):
            client = f"203.0.113.{number + 1}"
            cls.ask_for(client, [label, *(part.encode() for part in LISTED.split("."))])
            cls.names[client] = [lower(label), *(part.encode() for part in LISTED.split("."))]
        cls.token = None
        cls.setup()
        wait_for("all alerts", lambda: cls.get("/alerts/count?domain=" + LISTED)["alerts"] >= 64)
        cls.daemon.signal(signal.SIGHUP)  # what was seen goes into the history
        wait_for("the history", lambda: cls.get("/domains/" + LISTED)["clients"] == 64)

    @classmethod
    def add_lists(cls):
        """A feed that would come by network, and a rule."""
        (cls.case.folder / "own.rules").write_text(
            'alert dns any any -> any any (msg:"a name that nobody asks for"; dns.query; content:"no.such.name"; '
            'bsize:12; reference:url,example.net/why; sid:4000000; rev:1;)\n')
        text = cls.case.config.read_text()
        for what, more in (("feeds: [", "{name: remote, category: malware, url: 'https://127.0.0.1:1/list'}, "),
                           ("rules: {", f"paths: [{cls.case.folder}/own.rules], ")):
            text = text.replace(what, what + more)
        cls.case.config.write_text(text)

    @classmethod
    def tearDownClass(cls):
        cls.case.traffic.disconnect()
        cls.case.traffic.record.close()
        cls.daemon.wait()
        cls.case.close(False)
        if getattr(cls, "documented", False) and DOCUMENT.met:
            unmet = DOCUMENT.unmet() - ELSEWHERE
            assert not unmet, f"never held against the document: {sorted(unmet)}"

    @classmethod
    def ask_for(cls, client, labels):
        original = daemon.dns
        question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0\0\1\0\1"
        daemon.dns = lambda number, name, response: original(number, "x", response)[:12] + question
        try:
            cls.case.traffic.ask(client, "")
        finally:
            daemon.dns = original

    @classmethod
    def setup(cls):
        """From the code in state_dir to a token, as a first administrator goes."""
        code = (cls.case.folder / "state/setup-code").read_text().strip()
        first = {"code": code, "name": "alice", "password": PASSWORD}
        assert cls.ask("POST", "/api/v1/setup", first)[0] == 201
        assert cls.ask("POST", "/api/v1/setup", first)[0] == 403
        done = cls.cli("tokens", "add", "t", "--owner", "alice", "--role", "admin")
        cls.token = done.stdout.strip()

    @classmethod
    def cli(cls, *words, store=False):
        where = ("--store", str(cls.case.store)) if store else ()
        return subprocess.run([PROGRAM, *words, *where, "-c", str(cls.case.config)],
                              capture_output=True, text=True, check=False)

    @classmethod
    def ask(cls, method, path, body=None, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", cls.daemon.port, timeout=60)
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if cls.token:
            fields["Authorization"] = f"Bearer {cls.token}"
        if body is not None:
            body = json.dumps(body)
            fields["Content-Type"] = "application/json"
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        DOCUMENT.check(method, path, answer.status, answer.getheader("Content-Type"), text)
        is_json = "application/json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(text) if text and is_json else text, answer

    @classmethod
    def get(cls, path, code=200):
        status, found, _ = cls.ask("GET", path if path.startswith("/sub") else "/api/v1" + path)
        assert status == code, (path, status, found)
        return found

    def send(self, method, path, body=None, code=200, **fields):
        path = path if path.startswith("/sub") else "/api/v1" + path
        status, found, _ = self.ask(method, path, body, **fields)
        self.assertEqual(status, code, (path, found))
        return found

    def alert(self, client):
        return self.get(f"/alerts?entity={client}&status=all")["items"][0]

    def items(self, path):
        """All of a list, page by page."""
        found, cursor, sign = [], "", "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{sign}limit=7{cursor}")
            found += page["items"]
            if "next" not in page:
                return found
            cursor = "&cursor=" + urllib.parse.quote(page["next"])

    # Names.

    def same(self, client, text):
        self.assertEqual(wire_of(text), self.names[client])

    def test_hostile_names_are_told_as_they_are(self):
        """R15"""
        seen = self.items(f"/alerts?domain={LISTED}&status=all")
        self.assertEqual(len({alert["id"] for alert in seen}), len(self.names))
        for alert in seen:
            client = alert["entity"]["ip"]
            with self.subTest(client=client, label=self.names[client][0]):
                self.same(client, alert["qname"])
                self.same(client, self.get(f"/alerts/{alert['id']}")["qname"])
                rows = self.get(f"/alerts/{alert['id']}/transactions")["items"]
                self.same(client, rows[0]["name"])
                self.same(client, self.get(f"/inventory/{client}/names")["items"][0]["name"])
                name = urllib.parse.quote(alert["qname"], safe="")
                self.assertEqual(self.get(f"/domains/{name}")["clients"], 1)
                self.same(client, self.get(f"/domains/{name}/clients")["items"][0]["name"])
                found = self.get(f"/alerts?search={name}&status=all")["items"]
                self.assertIn(alert["id"], [other["id"] for other in found])
                azure = self.get(f"{ARM}/locations/x/alerts/{alert['id']}?{VERSION}")
                rows = azure["properties"]["supportingEvidence"]["rows"]
                self.same(client, rows[0][1])

    def test_hostile_texts_come_back_as_they_were_sent(self):
        alert = self.alert("203.0.113.1")
        for text in [piece.decode("utf-8", "ignore").replace("\0", "") for piece in LABELS]:
            if not text:
                continue
            with self.subTest(text=text):
                self.send("POST", f"/alerts/{alert['id']}/notes", {"text": text}, 201)
                last = self.items(f"/alerts/{alert['id']}/history")[-1]
                self.assertEqual((last["comment"], last["actor"]), (text, "token:t"))
                self.send("PATCH", f"/alerts/{alert['id']}", {"assignee": text})
                self.assertEqual(self.alert("203.0.113.1")["assignee"], text)

    # Life.

    def test_a_change_needs_the_revision_that_was_seen(self):
        alert = self.alert("203.0.113.2")
        path, tag = f"/alerts/{alert['id']}", f'"{alert["revision"]}"'
        change = {"status": "dismissed", "disposition": "expected", "comment": "ours"}
        changed = self.send("PATCH", path, change, If_Match=tag)
        self.assertEqual((changed["status"], changed["revision"]), ("Dismissed", alert["revision"] + 1))
        self.send("PATCH", path, {"status": "active"}, 412, If_Match=tag)
        self.send("PATCH", path, {"status": "active"}, 412, If_Match='"x"')
        opened = self.send("PATCH", path, {"status": "active", "if_revision": alert["revision"] + 1})
        self.assertEqual(opened["status"], "Active")
        self.assertNotIn("disposition", opened)
        self.send("PATCH", path, {"status": "open"}, 422)
        self.send("PATCH", path, {}, 422)
        self.send("PATCH", "/alerts/none", {"status": "active"}, 404)
        actions = [entry["action"] for entry in self.items(path + "/history")]
        self.assertEqual(actions, ["status", "disposition", "status", "disposition"])

    def test_many_are_changed_at_once_or_none(self):
        filters = {"entity": "203.0.113.3"}
        dry = self.send("POST", "/alerts/bulk", {"filter": filters, "assignee": "bob", "dry_run": True})
        self.assertEqual((dry["matched"], dry["entities"]), (1, 1))
        self.assertNotIn("assignee", self.alert("203.0.113.3"))
        done = self.send("POST", "/alerts/bulk", {"filter": filters, "assignee": "bob"})
        self.assertEqual(done["changed"], 1)
        ids = [self.alert(f"203.0.113.{n}")["id"] for n in (3, 4)]
        done = self.send("POST", "/alerts/bulk", {"ids": ids, "feedback": "useful"})
        self.assertEqual(done["changed"], 2)
        self.send("POST", "/alerts/bulk", {"ids": ids + ["0000"], "feedback": "none"}, 404)
        self.assertEqual(self.alert("203.0.113.3")["feedback"]["value"], "useful")
        for body in ({"assignee": "x"}, {"filter": {}, "assignee": "x"}, {"ids": [], "assignee": "x"},
                     {"filter": {"nothing": "1"}, "assignee": "x"}, {"filter": filters},
                     {"ids": ids, "filter": filters, "assignee": "x"}):
            self.send("POST", "/alerts/bulk", body, 422)
        detectors = {row["detector"]: row for row in self.get("/detectors")["items"]}
        self.assertEqual(detectors["phishing_domain"]["right"], 2)

    def test_counts_groups_and_what_is_related(self):
        total = self.get("/alerts/count?status=all")
        for by in ("severity", "status", "type", "entity", "domain", "owner", "day", "hour"):
            groups = self.get(f"/alerts/groups?by={by}&status=all&top=10000")["items"]
            self.assertEqual(sum(group["count"] for group in groups), total["alerts"], by)
        self.get("/alerts/groups", 400)
        self.get("/alerts/groups?by=colour", 400)
        alert = self.alert("203.0.113.5")
        related = self.items(f"/alerts/{alert['id']}/related?by=domain")
        self.assertNotIn(alert["id"], [other["id"] for other in related])
        self.assertEqual(len({other["entity"]["ip"] for other in related}), len(self.names) - 1)
        self.assertEqual(self.get(f"/alerts/{alert['id']}/related?by=entity")["items"], [])

    def test_samples_go_the_way_of_alerts(self):
        stored = self.send("POST", "/alerts/simulate", {"types": ["dark_web", "signature"]}, 201)
        self.assertEqual(len(stored["items"]), 2)
        self.assertTrue(self.get(f"/alerts/{stored['items'][0]}")["sample"])
        self.send("POST", "/alerts/simulate", {"types": ["nothing"]}, 422)

    def test_a_download_has_every_alert_once(self):
        status, text, answer = self.ask("GET", f"/api/v1/alerts/export?domain={LISTED}&status=all")
        self.assertEqual(status, 200)
        self.assertIn("alerts.", answer.getheader("Content-Disposition"))
        ids = [json.loads(line)["id"] for line in text.splitlines()]
        self.assertEqual(len(ids), len(self.names))
        self.assertEqual(len(set(ids)), len(ids))
        _, text, _ = self.ask("GET", f"/api/v1/alerts/export?domain={LISTED}&status=all&dialect=csv")
        self.assertEqual(text.count(b"\r\n"), len(ids) + 1)
        self.get("/alerts/export?dialect=nothing", 400)
        self.get("/alerts/export?severity=nothing", 400)

    # Rules and incidents.

    def test_a_rule_does_what_its_simulation_said(self):
        rule = {"name": "quiet-six", "alert_types": ["*"], "reason": "expected",
                "conditions": [{"field": "entity", "in": ["203.0.113.6", "203.0.113.7"]}]}
        found = self.send("POST", "/suppressions/simulate", rule)
        self.assertEqual((found["alerts"], found["entities"]), (2, 2))
        self.assertEqual(self.send("POST", "/suppressions", rule, 201)["state"], "enabled")
        self.send("POST", "/suppressions", rule, 409)
        rule["comment"] = "twice"
        self.assertEqual(self.send("PUT", "/suppressions/quiet-six", rule)["comment"], "twice")
        self.send("PUT", "/suppressions/other", rule, 422)
        changed = self.send("PATCH", "/suppressions/quiet-six", {"enabled": False})
        self.assertEqual(changed["state"], "disabled")
        self.assertEqual(self.get("/suppressions/quiet-six")["state"], "disabled")
        self.assertIn("quiet-six", [item["name"] for item in self.get("/suppressions")["items"]])
        self.send("DELETE", "/suppressions/quiet-six", code=204)
        self.get("/suppressions/quiet-six", 404)
        self.send("POST", "/suppressions", {**rule, "conditions": []}, 422)

    def test_a_rule_comes_from_an_alert(self):
        alert = self.alert("203.0.113.8")
        body = {"reason": "benign", "scope": "entity", "name": "from-eight", "dry_run": True}
        rule = self.send("POST", f"/alerts/{alert['id']}/suppress", body, 201)
        self.get("/suppressions/from-eight", 404)
        found = self.send("POST", "/suppressions/simulate", rule)
        self.assertEqual(found["samples"], [alert["id"]])
        self.send("POST", f"/alerts/{alert['id']}/suppress", {**body, "dry_run": False}, 201)
        self.get("/suppressions/from-eight")
        self.send("POST", f"/alerts/{alert['id']}/suppress", {**body, "reason": "true-positive"}, 422)
        self.send("DELETE", "/suppressions/from-eight", code=204)

    def test_incidents(self):
        incident = next(item for item in self.get("/incidents?status=all")["items"]
                        if item["kind"] == "shared_domain")
        path = f"/incidents/{incident['id']}"
        self.assertEqual(self.get(path)["id"], incident["id"])
        self.assertEqual(len(self.items(path + "/alerts")), incident["alerts"])
        changed = self.send("PATCH", path, {"status": "in-progress", "comment": "mine"})
        self.assertEqual(changed["status"], "InProgress")
        self.assertEqual(self.get(path + "/history")["items"][-1]["comment"], "mine")
        self.send("PATCH", path, {"status": "nothing"}, 422)
        self.get("/incidents/none", 404)
        self.get("/incidents?cursor=x", 400)

    # What is known.

    def test_machines_and_knowledge(self):
        machines = {item["ip"]: item for item in self.get("/inventory?limit=200")["items"]}
        self.assertEqual(machines["203.0.113.9"]["owner"], "ann")
        self.assertEqual(machines["203.0.113.9"]["tags"], ["lab"])
        one = self.get("/inventory/203.0.113.9")
        self.assertEqual((one["alerts"], one["by_type"]), (1, {"phishing_domain": 1}))
        self.get("/inventory/nobody", 404)
        self.assertEqual(self.get("/inventory/hosts")["items"][0]["match"], "203.0.113.0/26")
        self.assertEqual(self.get(f"/domains/{LISTED}")["clients"], len(self.names))
        sources = self.get("/sources")["items"]
        self.assertGreaterEqual(sources[0]["messages"], 2 * len(self.names))
        self.assertEqual([feed["entries"] for feed in self.get("/feeds")["items"]
                          if feed["name"] == "ours"], [1])
        self.assertEqual(self.get("/rules")["own"], False)
        self.assertIn("sensor: ", self.get("/config")["yaml"])
        self.assertTrue(self.get("/health")["ready"])

    def test_each_setting_is_told_with_its_meaning_in_both_languages(self):
        for language, letter in (("en", "[a-z]"), ("ja", "[\u3040-\u30ff]")):
            detectors = self.get(f"/detectors?lang={language}")["items"]
            self.assertEqual(len(detectors), 13)
            for row in detectors:
                for setting in row["settings"]:
                    self.assertRegex(setting["meaning"], letter)
                    self.assertLessEqual(setting.get("min", 0), setting.get("max", 0))
                self.assertEqual(row["settings"][0]["key"], f"detectors.{row['detector']}.enabled")
        settings = {one["key"]: one for row in detectors for one in row["settings"]}
        self.assertEqual(settings["tunnels.up_bytes"]["value"], settings["tunnels.up_bytes"]["default"])
        self.assertIn("high", settings["detectors.dark_web.confidence"]["choices"])

    def test_what_a_source_has_seen_and_cannot_tell(self):
        tap = self.get("/sources")["items"][0]
        self.assertEqual((tap["lacks"], tap["starved"], tap["broken"]), ([], [], False))
        self.assertEqual(tap["counters"]["messages_in"], tap["messages"])

    def test_a_feed_is_asked_for_only_where_it_comes_by_network(self):
        refused = self.send("POST", "/feeds/ours/update", code=409)
        self.assertEqual(refused["error"]["code"], "no_url")
        self.send("POST", "/feeds/nobody/update", code=404)
        self.assertTrue(any(feed.get("builtin") for feed in self.get("/feeds")["items"]))
        self.send("POST", "/feeds/remote/update", code=204)

    def test_a_rule_is_told_in_words(self):
        self.get("/rules/1", 404)
        self.assertEqual(self.get("/rules?search=nothing+like+it")["items"], [])
        (rule,) = self.get("/rules?search=NOBODY")["items"]
        told = self.get(f"/rules/{rule['sid']}")
        self.assertIn("no.such.name", " ".join(told["holds_for"]))
        self.assertEqual(told["references"], [{"kind": "url", "value": "example.net/why"}])

    def test_who_is_told(self):
        told = self.get("/notifications")
        self.assertEqual((told["items"], told["today"], told["mail"]), ([], [], True))
        self.assertEqual(told["deliveries"]["dropped"], 0)

    def test_a_session_is_seen_and_ended(self):
        token, type(self).token = self.token, None
        try:
            login = {"name": "alice", "password": PASSWORD}
            code, _, answer = self.ask("POST", "/api/v1/session", login)
            self.assertEqual(code, 201)
            own = {"Cookie": answer.getheader("Set-Cookie").split(";")[0],
                   "Origin": f"http://127.0.0.1:{self.daemon.port}"}
            (mine,) = [one for one in self.ask("GET", "/api/v1/sessions", **own)[1]["items"] if one["current"]]
            self.assertEqual(mine["user"], "alice")
            self.assertEqual(self.ask("DELETE", f"/api/v1/sessions/{mine['id']}", **own)[0], 204)
            self.assertEqual(self.ask("GET", "/api/v1/session", **own)[1], {})
        finally:
            type(self).token = token
        self.get("/sessions", 403)  # a token has none

    def test_the_trail_is_read_from_both_ends(self):
        oldest = self.get("/audit?limit=1")["items"][0]
        newest = self.get("/audit?limit=2&newest=true")
        self.assertEqual(oldest["seq"], 1)
        self.assertGreater(newest["items"][0]["seq"], newest["items"][1]["seq"])
        after = self.get(f"/audit?limit=2&newest=true&cursor={newest['next']}")["items"]
        self.assertLess(after[0]["seq"], newest["items"][1]["seq"])

    # Azure's resources.

    def test_azure_alerts(self):
        found, link = [], f"{ARM}/alerts?{VERSION}"
        while link:
            page = self.get(link)
            found += page["value"]
            link = page.get("nextLink", "")
            self.assertIn(link.split("/subscriptions")[0], ("", f"http://127.0.0.1:{self.daemon.port}"))
            link = link[link.find("/sub"):]
        self.assertEqual(len(found), len({alert["name"] for alert in found}))
        self.assertGreaterEqual(len(found), len(self.names))
        self.assertEqual(self.get(f"{ARM}/alerts", 400)["error"]["code"], "MissingApiVersionParameter")
        self.get(f"{ARM}/alerts?api-version=new", 400)
        alert = self.alert("203.0.113.10")
        for base in ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Security",
                     "/subscriptions/s/providers/Microsoft.Security"):
            one = self.get(f"{base}/locations/here/alerts/{alert['id']}?{VERSION}")
            self.assertIn("/subscriptions/s/", one["id"])
            for action, status in (("dismiss", "Dismissed"), ("inProgress", "InProgress"),
                                   ("resolve", "Resolved"), ("activate", "Active")):
                self.send("POST", f"{base}/locations/here/alerts/{alert['id']}/{action}?{VERSION}",
                          code=204)
                self.assertEqual(self.alert("203.0.113.10")["status"], status)
        self.send("POST", f"{ARM}/locations/x/alerts/{alert['id']}/forget?{VERSION}", code=404)
        self.assertEqual(self.get(f"{ARM}/locations/x/alerts/none?{VERSION}", 404)["error"]["code"],
                         "ResourceNotFound")
        simulate = {"properties": {"kind": "Bundles", "bundles": ["DNS"]}}
        self.send("POST", f"{ARM}/locations/x/alerts/default/simulate?{VERSION}", simulate, 202)
        simulate["properties"]["bundles"] = ["KeyVaults"]
        self.send("POST", f"{ARM}/locations/x/alerts/default/simulate?{VERSION}", simulate, 400)

    def test_azure_rules(self):
        path = f"{ARM}/alertsSuppressionRules/from-azure"
        rule = {"properties": {
            "alertType": "AzureDNS_PhishingDomain", "expirationDateUTC": "2099-01-31T00:00:00Z",
            "state": "Enabled", "reason": "FalsePositive", "comment": "ours",
            "suppressionAlertsScope": {"allOf": [
                {"field": "entities.ip.address", "in": ["198.51.100.1"]},
                {"field": "entities.dns.domainName", "contains": "example"}]}}}
        made = self.send("PUT", f"{path}?{VERSION}", rule)
        for key in ("alertType", "state", "comment", "suppressionAlertsScope"):
            self.assertEqual(made["properties"][key], rule["properties"][key], key)
        self.assertTrue(made["properties"]["expirationDateUtc"].startswith("2099-01-31T00:00:00"))
        self.assertEqual(self.get("/suppressions/from-azure")["reason"], "false_positive")
        again = self.send("PUT", f"{path}?{VERSION}", {**made})
        self.assertEqual(again["properties"]["suppressionAlertsScope"],
                         made["properties"]["suppressionAlertsScope"])
        rules = f"{ARM}/alertsSuppressionRules?{VERSION}"
        self.assertIn("from-azure", [item["name"] for item in self.get(rules)["value"]])
        self.assertEqual(made["properties"]["reason"], "FalsePositive")
        self.assertEqual(self.get(f"{rules}&AlertType=AzureDNS_DarkWeb")["value"], [])
        for wrong in ({"alertType": None}, {"reason": None}, {"state": None}, {"state": "On"},
                      {"state": "Expired"}, {"expirationDateUTC": 7},
                      {"suppressionAlertsScope": {"anyOf": []}},
                      {"alertType": "*", "suppressionAlertsScope": None}):
            bad = {"properties": {**rule["properties"], **wrong}}
            self.send("PUT", f"{path}?{VERSION}", bad, 400)
        unknown = {**rule["properties"], "alertType": "AzureDNS_OfTomorrow"}
        self.send("PUT", f"{path}?{VERSION}", {"properties": unknown})
        self.assertEqual(len(self.get(f"{rules}&AlertType=AzureDNS_OfTomorrow")["value"]), 1)
        self.send("DELETE", f"{path}?{VERSION}", code=204)
        self.get(f"{path}?{VERSION}", 404)
        gone = self.send("DELETE", f"{path}?{VERSION}", code=404)
        self.assertEqual(gone["error"]["code"], "ResourceNotFound")
        self.assertNotIn(str(self.case.folder), gone["error"]["message"])

    # The document.

    def test_whatever_is_asked_is_answered_as_the_document_says(self):
        self.other_alert_routes(f"/alerts/{self.alert('203.0.113.21')['id']}")
        self.other_settings()
        for arm in (ARM, ARM.replace("/providers", "/resourceGroups/g/providers")):
            for alerts in (f"{arm}/alerts", f"{arm}/locations/here/alerts"):
                self.get(f"{alerts}?{VERSION}")
        body = {"properties": {"alertType": "AzureDNS_DarkWeb", "state": "Disabled", "reason": "x"}}
        rule = f"{ARM}/alertsSuppressionRules/for-document?{VERSION}"
        self.send("PUT", rule, body)
        self.get(rule)
        self.send("DELETE", rule, code=204)
        type(self).documented = True

    def other_alert_routes(self, alert):
        self.send("POST", f"{alert}/inquiries", {"address": "ann@example.net"}, 201)
        self.send("POST", f"{alert}/answer", {"answer": "not_expected", "comment": "by phone"}, 204)
        self.send("PUT", f"{alert}/checklist/scan", {"state": "done", "note": "clean"})
        for what in ("inquiries", "checklist"):
            self.assertTrue(self.get(f"{alert}/{what}")["items"])
        number = self.send("POST", f"{alert}/isolations", {"target": "gate", "reason": "x"}, 201)["id"]
        isolation = f"/isolations/{number}"
        self.assertIn("203.0.113.21", self.get(f"{isolation}/preview")["diff"])
        for change, state in (("apply", "applied"), ("undo", "undone")):
            self.send("POST", f"{isolation}/{change}", code=202)
            wait_for(state, lambda: self.get(isolation)["state"] == state)
        for what in ("/isolations", "/isolation-targets", "/deliveries", "/automation"):
            self.assertTrue(self.get(what)["items"], what)
        self.assertEqual(self.get("/automation")["items"][0]["entities"], ["203.0.113.0/24"])
        self.get("/automation/keep/test?since=7d")

    def other_settings(self):
        user = {"name": "bob", "role": "viewer", "password": PASSWORD}
        self.send("POST", "/users", user, 201)
        self.send("PATCH", "/users/bob", {"role": "analyst"})
        self.get("/users/bob")
        self.get("/users")
        self.send("DELETE", "/users/bob", code=204)
        for what in ("/audit", "/exports", "/exports/file", "/exports/file/dead", "/session", "/setup",
                     "/openapi.json", "/metrics"):
            self.get(what)
        self.send("POST", "/exports/validate", {"ruleSets": []})
        self.send("POST", "/exports/file/test")
        self.send("POST", "/exports/file/backfill", {"since": "2026-01-01T00:00:00Z"}, 204)
        for what in ("snapshot", "redrive"):
            self.send("POST", f"/exports/file/{what}", code=204)

    # The command line.

    def test_the_command_line_asks_the_daemon(self):
        alert = self.alert("203.0.113.11")
        done = self.cli("alerts", "set", alert["id"], "--status", "resolved", "-m", "by hand")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 alert changed", done.stderr)
        self.assertEqual(self.alert("203.0.113.11")["status"], "Resolved")
        self.assertRegex(self.items(f"/alerts/{alert['id']}/history")[0]["actor"], "^cli:")
        done = self.cli("alerts", "set", "--entity", "203.0.113.11", "--from-status", "resolved",
                        "--status", "active")
        self.assertIn("1 alert changed", done.stderr)
        self.assertEqual(self.cli("alerts", "set", "zz", "--status", "active").returncode, 1)
        made = self.cli("suppress", "from-alert", alert["id"], "--reason", "benign", "--name", "by-hand")
        self.assertEqual(json.loads(made.stdout)["name"], "by-hand", made.stderr)
        for action in ("disable", "enable", "remove"):
            self.assertEqual(self.cli("suppress", action, "by-hand").returncode, 0)
        listed = self.cli("inventory", "list", "--entity", "203.0.113.11")
        self.assertEqual(json.loads(listed.stdout)["ip"], "203.0.113.11", listed.stderr)
        shown = self.cli("inventory", "show", "203.0.113.11")
        self.assertEqual(json.loads(shown.stdout)["alerts"], 1, shown.stderr)
        locked = self.cli("alerts", "set", alert["id"], "--status", "active", store=True)
        self.assertNotEqual(locked.returncode, 0)

    def test_the_trail_is_whole(self):
        self.assertTrue(self.get("/audit/verify")["intact"])
        self.assertEqual(json.loads(self.cli("audit", "verify").stdout)["whole"], True)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.argv[1:] = sys.argv[4:]
    unittest.main()
