#!/usr/bin/env python3
# check_dialects.py - reads every dialect back with readers of its own and holds it to its format
# SPDX-License-Identifier: Apache-2.0
"""Usage: check_dialects.py PLAY GOLDEN [--only golden|formats|names|limits] [--write]

PLAY is the program export_play, GOLDEN the folder of kept records. --write keeps what it prints now."""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import uuid

import formats
from formats import problems

STIX_SPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
LIMITS = {"securityalert": 32768, "asim": 32768, "azure": 64000, "eventhub": 32768}


def lines(play, *arguments):
    done = subprocess.run([play, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8").split("\n")[:-1]  # strict: anything else than UTF-8 fails


def dialects(play):
    for line in lines(play, "list"):
        slug, extension, localised, _ = line.split()
        yield slug, extension, localised == "1"


# Golden files


def golden_text(play, slug, language):
    version = (pathlib.Path(__file__).parents[2] / "VERSION").read_text().strip()
    text = "\n".join(lines(play, "gallery", slug, language)) + "\n"
    for before, behind in ('""', "||", '/"', "/\\"):
        text = text.replace(f"{before}{version}{behind}", f"{before}@VERSION@{behind}")
    return text


def check_golden(play, golden, write):
    for slug, extension, localised in dialects(play):
        for language in ("en", "ja") if localised else ("en",):
            path = golden / f"{slug}.{language}.{extension}"
            text = golden_text(play, slug, language)
            if write:
                path.write_text(text, encoding="utf-8", newline="")
            elif path.read_bytes() != text.encode("utf-8"):
                yield f"{path.name}: not what is written now; --write keeps that, after a look at it"


# Readers


def json_read(line):
    def pairs(items):
        keys = [key for key, _ in items]
        assert len(keys) == len(set(keys)), f"a key twice in {keys}"
        return dict(items)
    return json.loads(line, object_pairs_hook=pairs, parse_constant=lambda word: 1 / 0)


def cef_read(line):
    head = re.match(r"CEF:0((?:\|(?:[^|\\\n]|\\[|\\])*){6})\|", line)
    fields = [re.sub(r"\\([|\\])", r"\1", field) for field in re.split(r"(?<!\\)\|", head.group(1))[1:]]
    rest = line[head.end():]
    starts = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)=", rest))
    values = {}
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(rest)
        assert start.group(1) not in values, f"{start.group(1)} twice"
        values[start.group(1)] = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]),
                                        rest[start.end():end])
    return fields, values


def leef_read(line):
    version, *fields, rest = line.split("|", 6)
    assert version == "LEEF:2.0" and fields[4] == "x09" and len(fields) == 5
    assert "|" not in rest and "^" not in rest
    values = {}
    for pair in rest.split("\t"):
        key, value = pair.split("=", 1)
        assert re.fullmatch(r"[A-Za-z0-9]+", key) and key not in values, key
        values[key] = value
    return fields, values


# Formats


def check_cef(line):
    fields, values = cef_read(line)
    yield from problems(fields[3], formats.ALERT_TYPE, "class")
    yield from [] if fields[5] in ("1", "3", "6", "8") else [f"severity {fields[5]}"]
    for key, value in values.items():
        base = key.removesuffix("Label")
        if base not in formats.CEF_KEYS:
            yield f"{key}: no such key"
        if 0 < formats.CEF_KEYS.get(base, 0) < len(value.encode()):
            yield f"{key}: too long"
        if re.fullmatch(r"(cs|cn|cfp|c6a|flexString)\d", key) and key + "Label" not in values:
            yield f"{key}: without its label"
    labels = [value for key, value in values.items() if key.endswith("Label")]
    yield from [] if len(labels) == len(set(labels)) else ["two keys of one label"]
    yield from (f"{key}: not the label that stands for it" for key, label in formats.CEF_IPV6_LABELS.items()
                if values.get(key + "Label", label) != label)
    yield from (f"{key}: no IPv4" for key in ("src", "dst") if not re.fullmatch(r"[\d.]*", values.get(key, "")))
    yield from (f"{key}: no milliseconds" for key in ("rt", "start", "end")
                if not re.fullmatch(r"\d{13}", values[key]))


def check_leef(line):
    fields, values = leef_read(line)
    yield from problems(fields[3], formats.ALERT_TYPE, "event id")
    yield from (f"{key}: no such key" for key in values.keys() - formats.LEEF_KEYS)
    yield from problems(values["devTime"], re.compile(r"\d{13}"), "devTime")
    yield from problems(values["sev"], {"2", "4", "6", "8"}, "sev")


def check_references(entities):
    """Every $ref names an object that stands before it."""
    known = set()

    def walk(value):
        if isinstance(value, dict):
            known.add(value.get("$id"))
            if "$ref" in value and value["$ref"] not in known:
                yield f"$ref {value['$ref']} leads nowhere"
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from walk(inner)
    yield from walk(entities)


def check_stix(bundle):
    ids = [item["id"] for item in bundle["objects"]]
    yield from [] if len(ids) == len(set(ids)) else ["an id twice"]
    for item in bundle["objects"]:
        yield from problems(item, formats.STIX_OBJECTS[item["type"]], item["type"])
        if "value" in item:
            name = json.dumps({"value": item["value"]}, ensure_ascii=False, separators=(",", ":"))
            if item["id"] != f"{item['type']}--{uuid.uuid5(STIX_SPACE, name)}":
                yield f"{item['id']}: not the id of its value"
        if item.get("created", "") > item.get("modified", ""):
            yield f"{item['id']}: modified before it was created"
        for key, value in item.items():
            references = value if key.endswith("_refs") else [value] if key.endswith("_ref") else []
            yield from (f"{key}: {target} is not in the bundle" for target in references if target not in ids)


def check_ocsf(record):
    if record["type_uid"] != record["class_uid"] * 100 + record["activity_id"]:
        yield "type_uid: not class and activity"
    if record["class_uid"] // 1000 != record["category_uid"]:
        yield "class_uid: not of its category"
    if (record["status_id"] in (3, 4)) != (record["activity_id"] == 3):
        yield "activity_id: closed is not what the status says"


JSON_CHECKS = {
    "azure": (formats.AZURE, lambda record: ()),
    "eventhub": (formats.EVENTHUB, lambda record: check_references(record["Entities"])),
    "securityalert": (formats.SECURITYALERT, lambda row: check_references(json.loads(row["Entities"]))),
    "asim": (formats.ASIM, lambda record: ()),
    "ocsf": (formats.OCSF, check_ocsf),
    "ecs": (formats.ECS, lambda record: ()),
    "guardduty": (formats.GUARDDUTY, lambda record: ()),
    "stix": (formats.STIX, check_stix),
}
LINE_CHECKS = {"cef": check_cef, "leef": check_leef}


def check_record(slug, line):
    if slug in JSON_CHECKS:
        shape, more = JSON_CHECKS[slug]
        record = json_read(line)
        yield from problems(record, shape, slug)
        yield from more(record)
    elif slug in LINE_CHECKS:
        yield from LINE_CHECKS[slug](line)
    elif slug == "native":
        json_read(line)


def check_formats(play, *_):
    for slug, _, _ in dialects(play):
        printed = [*lines(play, "gallery", slug, "en"), *lines(play, "gallery", slug, "ja"),
                   *lines(play, "compatible", slug), *lines(play, "names", slug)]
        for number, line in enumerate(printed):
            yield from (f"{slug} {number}: {problem}" for problem in check_record(slug, line))


# Names


def wire(text):
    """The bytes that presentation format (RFC 1035 5.1) stands for, dots as None."""
    found, at = [], 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1:at + 4].isdigit():
            found.append(int(text[at + 1:at + 4]))
            at += 4
        elif text[at] == "\\":
            found.append(ord(text[at + 1]))
            at += 2
        else:
            found.append(None if text[at] == "." else ord(text[at]))
            at += 1
    return found


def names_in(slug, line):
    """Every place of the record that must hold the name."""
    if slug == "cef":
        _, values = cef_read(line)
        return [values["dhost"], values["destinationDnsDomain"]]
    if slug == "leef":
        _, values = leef_read(line)
        return [values["domain"], values["qname"]]
    if slug == "csv":
        row = next(csv.reader(io.StringIO(line, newline="")))
        return [cell[1:] if cell[:2] in ("'=", "'+", "'-", "'@") else cell for cell in row[17:19]]
    record = json_read(line)
    if slug == "stix":
        by_type = {item["type"]: item for item in record["objects"]}
        pattern = by_type["indicator"]["pattern"][len("[domain-name:value = '"):-len("']")]
        return [by_type["domain-name"]["value"], re.sub(r"\\(.)", r"\1", pattern)]
    return {
        "native": lambda: [record["domain"], record["qname"], record["evidence"]["samples"][0]["qname"]],
        "azure": lambda: [record["properties"]["entities"][0]["domainName"],
                          record["properties"]["supportingEvidence"]["rows"][0][1]],
        "eventhub": lambda: [record["Entities"][-1]["DomainName"], record["ExtendedProperties"]["domain"]],
        "securityalert": lambda: [json.loads(record["Entities"])[-1]["DomainName"],
                                  json.loads(record["ExtendedProperties"])["queryName"]],
        "asim": lambda: [record["AdditionalFields"]["domain"]],
        "ocsf": lambda: [record["evidences"][0]["query"]["hostname"], record["observables"][0]["value"]],
        "ecs": lambda: [record["dns"]["question"]["name"], record["threat"]["indicator"]["name"]],
        "guardduty": lambda: [record["service"]["action"]["dnsRequestAction"]["domain"]],
    }[slug]()


def check_names(play, *_):
    truth = [json_read(line)["domain"] for line in lines(play, "names", "native")]
    if len(truth) != 64 or len({tuple(map(str, wire(name))) for name in truth}) != 64:
        yield "not 64 different names"
    for slug, _, _ in dialects(play):
        printed = lines(play, "names", slug)
        if len(printed) != len(truth):
            yield f"{slug}: {len(printed)} lines for {len(truth)} names"
            continue
        for name, line in zip(truth, printed):
            yield from (f"{slug}: {found!r} instead of {name!r}" for found in names_in(slug, line)
                        if wire(found) != wire(name))


# Limits


def check_limits(play, *_):
    """The largest alert there can be, at the limit of its dialect."""
    for slug, limit in LIMITS.items():
        line, = lines(play, "large", slug, str(limit))
        if len(line.encode()) > limit:
            yield f"{slug}: {len(line.encode())} bytes instead of {limit}"
        if not re.search(r'truncated\\?"\s*:\s*\\?"?true', line):
            yield f"{slug}: cut without a mark"
        yield from (f"{slug}: {problem}" for problem in check_record(slug, line))


CHECKS = {"golden": check_golden, "formats": check_formats, "names": check_names, "limits": check_limits}


def main(play, golden, *options):
    only = options[options.index("--only") + 1] if "--only" in options else None
    complaints = []
    for name, check in CHECKS.items():
        if only in (None, name):
            complaints += check(play, pathlib.Path(golden), "--write" in options)
    print("\n".join(complaints[:100]) or "every record is what its format wants")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
