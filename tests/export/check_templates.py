#!/usr/bin/env python3
# check_templates.py - the templates in packaging/ hold for every record that is written for them
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_templates.py PLAY PACKAGING CASE

PLAY is the program export_play; the cases are the functions check_*. Programs of the other side
(promtool, logrotate) are asked where they are installed."""
import configparser
import gzip
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

from check_dialects import cef_read, json_read, lines
from elastic_mapping import Index, MappingError

# What ECS says of the fields that are no keywords.
ECS_TYPES = {"@timestamp": "date", "message": "text", "event.severity": "long", "event.sequence": "long",
             "event.start": "date", "event.end": "date", "event.created": "date", "dns.answers.ttl": "long",
             "dns.resolved_ip": "ip", "source.ip": "ip", "destination.ip": "ip", "destination.port": "long",
             "host.ip": "ip", "related.ip": "ip", "threat.indicator.ip": "ip"}
# What each data model of Splunk's CIM asks of an event.
CIM_FIELDS = {"app", "dest", "description", "id", "mitre_technique_id", "severity", "signature",
              "signature_id", "src", "type", "vendor_product",  # Alerts
              "action", "category", "dvc", "ids_type", "user"}  # Intrusion_Detection
CIM_WORDS = {"severity": {"informational", "low", "medium", "high"}, "action": {"allowed"},
             "type": {"alert"}, "ids_type": {"network"}}
AZURE_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,44}")
AZURE_RESERVED = {"_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title"}
AZURE_TYPES = {"string": str, "datetime": str, "real": (int, float), "boolean": bool, "int": int,
               "dynamic": dict}
AZURE_FIELD_BYTES_MAX = 65536


def records(play, slug):
    """All there is: both languages, the compatibility profile, hostile names, the largest."""
    yield from lines(play, "gallery", slug, "en")
    yield from lines(play, "gallery", slug, "ja")
    yield from lines(play, "compatible", slug)
    yield from lines(play, "names", slug)
    yield from lines(play, "large", slug, "0")


def names_like_dates(record):
    """The same, about names that guesses would take for dates and numbers."""
    record = json.loads(json.dumps(record))
    record.setdefault("dns", {})["question"] = {
        "name": "2026", "type": "A", "class": "IN", "registered_domain": "2026/01/01", "subdomain": "2026-01-01"}
    record["rule"]["name"] = record["host"]["name"] = record["labels"]["owner"] = "2026-01-01T00:00:00Z"
    return record


# Elasticsearch


def check_elasticsearch(play, packaging):
    template = json_read((packaging / "elasticsearch/dnsvigil-alert.template.json").read_text())
    documents = [json_read(line) for line in records(play, "ecs")]
    for order in (documents, documents[::-1], [names_like_dates(documents[0]), *documents]):
        index = Index(template)
        for number, document in enumerate(order):
            try:
                index.take(document)
            except MappingError as error:
                yield f"document {number}: {error}"
        yield from (f"{place}: no mapping names it" for place in sorted(index.dynamic)
                    if not place.startswith("labels."))
    yield from (f"{place}: {mapping['type']} instead of {ECS_TYPES.get(place, 'keyword')}"
                for place, mapping in index.fields.items()
                if mapping["type"] not in ("object", ECS_TYPES.get(place, "keyword")))
    used = set()
    for document in documents:
        used |= set(leaves(document))
    yield from (f"{place}: no record has it" for place, mapping in index.fields.items()
                if mapping["type"] != "object" and place not in used)
    if not re.fullmatch(template["index_patterns"][0].replace("*", ".*"), "logs-dnsvigil.alert-default"):
        yield "index_patterns: not those of the sink's data stream"
    if template["priority"] <= 200 or template["data_stream"] != {}:
        yield "the templates that come with the service would go before"


def leaves(value, path=""):
    for key, inner in value.items():
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                yield from leaves(one, f"{path}{key}.")
            else:
                yield path + key


# Sentinel


def columns_of(listed):
    return {column["name"]: column["type"] for column in listed}


def check_sentinel(play, packaging):
    folder = packaging / "sentinel"
    schema = json_read((folder / "table.json").read_text())["properties"]["schema"]
    table = columns_of(schema["columns"])
    if len(schema["columns"]) != len(table):
        yield "a column twice"
    taken = yield from rule_problems(folder / "data-collection-rule.json", f"Custom-{schema['name']}",
                                     records(play, "securityalert"))
    if taken != table:
        yield "the rule and the table have different columns"
    yield from kql_problems((folder / "DnsAlerts.kql").read_text(), table)
    yield from rule_problems(folder / "data-collection-rule.asim.json", "Microsoft-ASimAlertEventLogs",
                             records(play, "asim"))


def rule_problems(path, output, rows):
    """Returns the columns that the rule takes."""
    rule, = json_read(path.read_text())["resources"]
    stream, = rule["properties"]["streamDeclarations"].values()
    columns, used = columns_of(stream["columns"]), set()
    if rule["kind"] != "Direct":
        yield f"{path.name}: no rule that takes records directly"
    yield from flow_problems(rule["properties"], output)
    yield from (f"{name}: no name of a column" for name in columns
                if not AZURE_COLUMN.fullmatch(name) or name in AZURE_RESERVED)
    for row in map(json_read, rows):
        used |= row.keys()
        yield from row_problems(row, columns)
    yield from (f"{name}: no row has it" for name in columns.keys() - used)
    yield from arm_problems(path.read_text())
    return columns


def flow_problems(properties, output):
    targets = {target["name"] for kind in properties["destinations"].values() for target in kind}
    for flow in properties["dataFlows"]:
        if flow["outputStream"] != output or set(flow["destinations"]) - targets:
            yield f"a flow to {flow['outputStream']}"
        if set(flow["streams"]) - properties["streamDeclarations"].keys():
            yield f"a flow of {flow['streams']}"


def row_problems(row, table):
    for name, value in row.items():
        if name == "Type":
            continue  # the platform says itself which table a row is in
        if name not in table:
            yield f"{name}: no such column"
        elif not isinstance(value, AZURE_TYPES[table[name]]) or len(str(value).encode()) > AZURE_FIELD_BYTES_MAX:
            yield f"{name}: {value!r:.60} does not fit"
        elif table[name] == "datetime" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", value):
            yield f"{name}: {value} is no time"


def kql_problems(text, table):
    code = re.sub(r"//.*", "", text)
    for opening, closing in ("()", "[]"):
        if code.count(opening) != code.count(closing):
            yield "DnsAlerts.kql: parentheses"
    named = set(re.findall(r"\b[A-Z][A-Za-z]+\b", re.sub(r'"[^"]*"', "", code)))
    yield from (f"DnsAlerts.kql: {name}: no such column"
                for name in named - table.keys() - {"SecurityAlert", "DnsVigilAlert", "Revision"})


def arm_problems(text):
    declared = json.loads(text)["parameters"].keys()
    yield from (f"{name}: no such parameter" for name in
                set(re.findall(r"parameters\('(\w+)'\)", text)) ^ set(declared))


# Splunk


def conf(path):
    parser = configparser.RawConfigParser(delimiters="=", comment_prefixes="#", interpolation=None)
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser


def flat(value, path=""):
    """Fields as KV_MODE=json names them."""
    found = {}
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, dict):
            found |= flat(inner, f"{path}{key}.")
        elif isinstance(inner, list):
            found[f"{path}{key}{{}}"] = inner
        else:
            found[path + key] = inner
    return found


def pairs_taken(line, transforms, names):
    """Fields as the transforms take them out of a line."""
    found = {}
    for name in names.split(", "):
        regex, form = transforms[name]["REGEX"], transforms[name]["FORMAT"]
        for match in re.finditer(regex, line):
            for key, value in re.findall(r"(\S+)::(\S+)", form):
                key = match.expand(key.replace("$", "\\")) if key.startswith("$") else key
                found.setdefault(key, match.group(int(value[1:])))
    return found


def evaluate(expression, fields):
    """The few expressions that the file has."""
    if match := re.fullmatch(r'"([^"]*)"', expression):
        return match[1]
    if match := re.fullmatch(r"lower\((\w+)\)", expression):
        return fields[match[1]].lower()
    if match := re.fullmatch(r"coalesce\((\w+), (\w+)\)", expression):
        return fields.get(match[1], fields.get(match[2]))
    if match := re.fullmatch(r"case\((.*), true\(\), \"(\w+)\"\)", expression):
        for key, limit, word in re.findall(r'(\w+)<=(\d+), "(\w+)"', match[1]):
            if int(fields[key]) <= int(limit):
                return word
        return match[2]
    return fields.get(expression)


def cim(fields, stanza):
    """Aliases, then calculated fields, which all see what was there before them."""
    for key, value in stanza.items():
        if key.startswith("FIELDALIAS-"):
            source, target = re.fullmatch(r'"?([\w.{}]+)"? AS (\w+)', value).groups()
            if source in fields:
                fields[target] = fields[source]
    made = {key.removeprefix("EVAL-"): evaluate(value, fields) for key, value in stanza.items()
            if key.startswith("EVAL-")}
    return {key: value for key, value in (fields | made).items() if value is not None}


def cim_problems(kind, every, fields):
    optional = set() if every else {"user", "dvc"}  # of machines that the inventory does not know
    yield from (f"{kind}: {name} is missing" for name in CIM_FIELDS - optional - fields.keys())
    yield from (f"{kind}: {name} is {fields.get(name)}" for name, words in CIM_WORDS.items()
                if fields.get(name) not in words)


def check_splunk(play, packaging):
    folder = packaging / "splunk"
    props, transforms = conf(folder / "props.conf"), conf(folder / "transforms.conf")
    events, tags = conf(folder / "eventtypes.conf"), conf(folder / "tags.conf")
    named = set(re.findall(r"sourcetype=(\S+)", events["dnsvigil_alert"]["search"]))
    if named != set(props.sections()) or tags.sections() != ["eventtype=dnsvigil_alert"]:
        yield f"source types {named}, {props.sections()}; tags of {tags.sections()}"
    native, cef = props["dnsvigil:alert"], props["dnsvigil:cef"]
    for line in records(play, "native"):
        record = json_read(line)
        fields = cim(flat(record), native)
        yield from cim_problems("native", "owner" in record["entity"] and "sensor" in record, fields)
        if not re.search(re.escape(native["TIME_PREFIX"]) + r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z", line):
            yield "native: no time where it is looked for"
        if len(line.encode()) > int(native["TRUNCATE"]):
            yield "native: a record is cut"
    for line in records(play, "cef"):
        header, values = cef_read(line)
        fields = pairs_taken(line, transforms, cef["REPORT-cef"])
        taken = {key: re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), value)
                 for key, value in fields.items()}
        wanted = values | {"signature_id": header[3], "signature": header[4], "cef_severity": header[5]}
        if taken != wanted:
            yield f"cef: {set(taken.items()) ^ set(wanted.items())}"
        yield from cim_problems("cef", "suser" in values and "dvchost" in values, cim(fields, cef))
        if not re.search(cef["TIME_PREFIX"] + r"\d{13} ", line) or len(line.encode()) > int(cef["TRUNCATE"]):
            yield "cef: no time where it is looked for, or a record is cut"


# Prometheus and Grafana


def expressions(packaging):
    board = json_read((packaging / "grafana/dnsvigil.dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def check_grafana(_, packaging):
    board = json_read((packaging / "grafana/dnsvigil.dashboard.json").read_text())
    variables = {f"${{{variable['name']}}}" for variable in board["templating"]["list"]}
    panels, taken = board["panels"], set()
    if len({panel["id"] for panel in panels}) != len(panels):
        yield "two panels of one id"
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        if taken & cells or place["x"] + place["w"] > 24:
            yield f"{panel['title']}: over another panel, or over the edge"
        taken |= cells
        if panel["datasource"]["uid"] not in variables:
            yield f"{panel['title']}: {panel['datasource']} is no variable"
        if len({target["refId"] for target in panel["targets"]}) != len(panel["targets"]):
            yield f"{panel['title']}: two queries of one name"


def promtool():
    found = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if not found:
        print("promtool is not there: the expressions are not read")
    return found


def check_prometheus(_, packaging):
    """Rules, and the dashboard's queries as if they were rules, are what Prometheus reads."""
    rules = (packaging / "prometheus/dnsvigil.rules.yml").read_text()
    names = re.findall(r"- alert: (\w+)", rules)
    if len(names) != len(set(names)) or len(names) != rules.count("expr:"):
        yield "two rules of one name, or one without an expression"
    if not (tool := promtool()):
        return
    with tempfile.TemporaryDirectory() as folder:
        board = pathlib.Path(folder) / "board.yml"
        queries = [{"record": f"panel:{number}", "expr": expr}
                   for number, (_, expr) in enumerate(expressions(packaging))]
        board.write_text(json.dumps({"groups": [{"name": "board", "rules": queries}]}))
        for path in (packaging / "prometheus/dnsvigil.rules.yml", board):
            done = subprocess.run([tool, "check", "rules", path], capture_output=True, text=True, timeout=60)
            if done.returncode:
                yield f"{path.name}: {done.stdout}{done.stderr}"


# logrotate


def check_logrotate(_, packaging):
    """It is run on files of each kind that it names, and keeps all they held."""
    text = (packaging / "logrotate/dnsvigil").read_text()
    patterns = re.findall(r"/var/log/dnsvigil/\*\.(\w+)", text)
    if not patterns or not (tool := shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin")):
        print("logrotate is not there")
        return
    with tempfile.TemporaryDirectory() as name:
        folder, user = pathlib.Path(name), pwd.getpwuid(os.getuid()).pw_name
        for kind in patterns:
            (folder / f"alerts.{kind}").write_text(f"a record in {kind}\n")
        rules = folder / "rules"
        rules.write_text(text.replace("/var/log/dnsvigil", name).replace("su dnsvigil dnsvigil", f"su {user} {user}"))
        for _ in range(2):
            done = subprocess.run([tool, "-f", "-s", folder / "state", rules], capture_output=True, text=True, timeout=60)
            if done.returncode or done.stderr:
                yield f"logrotate: {done.returncode} {done.stderr}"
        for kind in patterns:
            kept = [gzip.open(path, "rt").read() if path.suffix == ".gz" else path.read_text()
                    for path in folder.glob(f"alerts.{kind}*")]
            if sorted(kept) != sorted(["", f"a record in {kind}\n"]):
                yield f"{kind}: {kept}"


def main(play, packaging, case):
    complaints = list(dict.fromkeys(globals()[f"check_{case}"](play, pathlib.Path(packaging))))
    print("\n".join(complaints[:100]) or "the template holds")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
