# formats.py - the formats of exported records as tables: which fields, of which type, which words
# SPDX-License-Identifier: Apache-2.0
"""A shape is a dict of field name to value; a name that ends in "?" may be missing, and a field that no
name allows is an error. A value is a Python type, a compiled pattern, a set of words, a list of one
value (a list of such), another shape, a one-field dict {str: value} (any names), or a function that
returns true for what is right. None stands for null."""
import ipaddress
import json
import re

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ALERT_ID = re.compile(r"[0-9]{19}_" + UUID.pattern)
TICKS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")
MILLIS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ALERT_TYPE = re.compile(r"AzureDNS_(ProtocolAnomaly|DarkWeb|DarkWebProxy|SinkholedDomain|PhishingDomain|"
                        r"DomainGenerationAlgorithm|ThreatIntelSuspectDomain|RandomizedDomain|CurrencyMining|"
                        r"SuspiciousDomain|DataInfiltration|DataExfiltration|DataObfuscation)")
TECHNIQUE = re.compile(r"T\d{4}")
SUB_TECHNIQUE = re.compile(r"T\d{4}\.\d{3}")
SEVERITIES = {"Informational", "Low", "Medium", "High"}
STATUSES = {"Active", "InProgress", "Resolved", "Dismissed"}
ROW_STATUSES = STATUSES - {"Active"} | {"New"}
INTENTS = {"Exfiltration", "InitialAccess"}


def is_ip(value):
    ipaddress.ip_address(value)
    return True


def is_share(value):
    return isinstance(value, (int, float)) and 0 <= value <= 1


def is_epoch_ms(value):
    return isinstance(value, int) and 10**12 < value < 10**13


def any_of(*values):
    return lambda value: any(not list(problems(value, option, "")) for option in values)


def json_text(value):
    """A column of text that holds JSON."""
    return lambda text: isinstance(text, str) and not list(problems(json.loads(text), value, ""))


def problems(value, shape, path):
    """What is wrong with the value, one text each."""
    if isinstance(shape, dict) and str in shape:
        if not isinstance(value, dict):
            yield f"{path}: not an object"
            return
        for key, inner in value.items():
            yield from problems(inner, shape[str], f"{path}.{key}")
    elif isinstance(shape, dict):
        yield from object_problems(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path}: not a list"
            return
        for number, inner in enumerate(value):
            yield from problems(inner, shape[0], f"{path}[{number}]")
    elif not scalar_fits(value, shape):
        yield f"{path}: {value!r} does not fit"


def object_problems(value, shape, path):
    if not isinstance(value, dict):
        yield f"{path}: not an object"
        return
    allowed = {name.rstrip("?"): inner for name, inner in shape.items()}
    for key in value.keys() - allowed.keys():
        yield f"{path}.{key}: no such field"
    for name in shape:
        if not name.endswith("?") and name not in value:
            yield f"{path}.{name}: missing"
    for key, inner in value.items():
        if key in allowed:
            yield from problems(inner, allowed[key], f"{path}.{key}")


def scalar_fits(value, shape):
    if shape is None:
        return value is None
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, (set, frozenset)):
        return value in shape
    if isinstance(shape, type):
        return isinstance(value, shape) and (shape is not int or not isinstance(value, bool))
    try:
        return bool(shape(value))
    except (ValueError, TypeError):
        return False


# Azure

_REST_IP = {"type": {"ip"}, "address": is_ip,
            "threatIntelligence?": [{"providerName": str, "threatType": str, "threatName": str,
                                     "confidence": is_share}]}
_REST_DNS = {"type": {"dns"}, "domainName": str, "ipAddresses": [_REST_IP], "hostIpAddress?": _REST_IP,
             "dnsServerIp?": _REST_IP}
_REST_HOST = {"type": {"host"}, "hostName": str}
_LINK = {"Href": str, "Category": str, "Label": str, "Type": {"webLink"}}
_SNAPSHOT = {"action": {"Insert"}, "apiVersion": str, "isSnapshot": {True}, "interval": str}
AZURE = {
    "id": re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Security/locations/"
                     r"[^/]+/alerts/" + ALERT_ID.pattern),
    "name": ALERT_ID,
    "type": {"Microsoft.Security/Locations/alerts"},
    "securityEventDataEnrichment?": _SNAPSHOT,
    "properties": {
        "version": {"2022-01-01"}, "alertType": ALERT_TYPE, "systemAlertId": ALERT_ID,
        "productComponentName": {"DNS"}, "alertDisplayName": str, "description": str,
        "severity": SEVERITIES, "intent": INTENTS, "status": STATUSES, "techniques": [TECHNIQUE],
        "subTechniques": [SUB_TECHNIQUE], "startTimeUtc": TICKS, "endTimeUtc": TICKS,
        "timeGeneratedUtc": TICKS, "processingEndTimeUtc": TICKS,
        "resourceIdentifiers": [{"type": {"LogAnalytics"}, "workspaceId": UUID,
                                 "workspaceSubscriptionId": UUID, "workspaceResourceGroup": str,
                                 "agentId": str}],
        "vendorName": str, "productName": str, "alertUri?": str, "extendedLinks": [_LINK],
        "remediationSteps": [str], "compromisedEntity": str, "correlationKey?": str, "isIncident": bool,
        "entities": [any_of(_REST_IP, _REST_DNS, _REST_HOST)], "extendedProperties": {str: str},
        "supportingEvidence?": {"type": {"tabularEvidences"}, "title": str, "columns": [str],
                                "rows": [[str]]},
    },
}
_NUMBER = re.compile(r"\d+")
_REF = {"$ref": _NUMBER}
_HUB_IP = {"$id": _NUMBER, "Address": is_ip, "Asset": {False}, "Type": {"ip"},
           "ThreatIntelligence?": [{"ProviderName": str, "ThreatType": str, "ThreatName": str,
                                    "Confidence": is_share}]}
_HUB_DNS = {"$id": _NUMBER, "DomainName": str, "IpAdresses": [_HUB_IP], "HostIpAddress?": _REF,
            "DnsServerIp?": _REF, "Asset": {False}, "Type": {"dns"}}
_HUB_HOST = {"$id": _NUMBER, "DnsDomain": str, "NTDomain": str, "HostName": str, "NetBiosName": str,
             "Asset": {True}, "Type": {"host"}}
HUB_ENTITIES = [any_of(_HUB_IP, _HUB_DNS, _HUB_HOST)]
_PLACE = {"WorkspaceId": UUID, "WorkspaceSubscriptionId": UUID, "WorkspaceResourceGroup": str, "AgentId": str}
EVENTHUB = {
    "VendorName": str, "AlertType": ALERT_TYPE, "ProductName": str, "StartTimeUtc": TICKS, "EndTimeUtc": TICKS,
    "TimeGenerated": TICKS, "ProcessingEndTime": TICKS, "Severity": SEVERITIES, "Status": ROW_STATUSES,
    "ProviderAlertStatus": None, "ConfidenceLevel": None, "ConfidenceScore": is_share,
    "ConfidenceReasons": None, "IsIncident": bool, "SystemAlertId": ALERT_ID,
    "CorrelationKey": any_of(str, None), "Intent": INTENTS, "AzureResourceId": None, **_PLACE,
    "CompromisedEntity": str, "AlertDisplayName": str, "Description": str, "Entities": HUB_ENTITIES,
    "ExtendedLinks": [_LINK], "ResourceIdentifiers": [{"$id": {"2"}, **_PLACE, "Type": {"LogAnalytics"}}],
    "RemediationSteps": [str], "ExtendedProperties": {str: str}, "AlertUri": str,
    "securityEventDataEnrichment?": _SNAPSHOT,
}
SECURITYALERT = {
    "TimeGenerated": TICKS, "DisplayName": str, "AlertName": str, "AlertSeverity": SEVERITIES,
    "Description": str, "ProviderName": str, "VendorName": str, "VendorOriginalId": UUID,
    "SystemAlertId": ALERT_ID, "ResourceId": str, "SourceComputerId": str, "AlertType": ALERT_TYPE,
    "ConfidenceLevel": str, "ConfidenceScore": is_share, "IsIncident": bool, "StartTime": TICKS,
    "EndTime": TICKS, "ProcessingEndTime": TICKS, "RemediationSteps": json_text([str]),
    "ExtendedProperties": json_text({str: str}), "Entities": json_text(HUB_ENTITIES),
    "ExtendedLinks": json_text([_LINK]), "Techniques": json_text([TECHNIQUE]),
    "SubTechniques": json_text([SUB_TECHNIQUE]), "SourceSystem": {"Detection"},
    "WorkspaceSubscriptionId": UUID, "WorkspaceResourceGroup": str, "ProductName": str,
    "ProductComponentName": {"DNS"}, "AlertLink": str, "Status": ROW_STATUSES, "CompromisedEntity": str,
    "Tactics": INTENTS, "Type": {"SecurityAlert"},
}
ASIM = {
    "TimeGenerated": TICKS, "EventCount": int, "EventStartTime": TICKS, "EventEndTime": TICKS,
    "EventType": {"Alert"},
    "EventSubType": {"Threat", "Suspicious Activity", "Anomaly", "Compliance Violation"},
    "EventUid": re.compile(ALERT_ID.pattern + r":\d+"), "EventOriginalUid": ALERT_ID,
    "EventOriginalType": ALERT_TYPE, "EventProduct": {"dnsvigil"}, "EventVendor": {"dnsvigil"},
    "EventProductVersion": str, "EventSchema": {"AlertEvent"}, "EventSchemaVersion": {"0.1"},
    "EventSeverity": SEVERITIES, "EventMessage": str, "AlertId": ALERT_ID, "AlertName": str,
    "AlertDescription": str, "AlertStatus": {"Active", "Closed"}, "AlertOriginalStatus": STATUSES,
    "AlertVerdict": {"True Positive", "False Positive", "Benign Positive", "Unknown"},
    "DetectionMethod": {"Behavioral Analytics", "Reputation", "Threat Intelligence", "Intrusion Detection"},
    "ThreatCategory": str, "ThreatConfidence": lambda n: 0 <= n <= 100, "IndicatorType": {"Ip", "Host"},
    "AttackTactics": {"Exfiltration", "Initial Access"},
    "AttackTechniques": re.compile(r"[^,]+ \(T\d{4}(\.\d{3})?\)(, [^,]+ \(T\d{4}(\.\d{3})?\))*"),
    "AttackRemediationSteps": str, "RuleName": str, "RuleNumber?": int, "DvcIpAddr?": is_ip,
    "DvcHostname?": str, "EventReportUrl?": str, "AdditionalFields": {str: str},
}

# OCSF 1.8, class 2004

_NAMED = {"uid": str, "name?": str}
OCSF = {
    "activity_id": {1, 2, 3}, "activity_name": {"Create", "Update", "Close"}, "category_uid": {2},
    "category_name": {"Findings"}, "class_uid": {2004}, "class_name": {"Detection Finding"}, "type_uid": int,
    "time": is_epoch_ms, "start_time": is_epoch_ms, "end_time": is_epoch_ms, "severity_id": {1, 2, 3, 4},
    "severity": SEVERITIES, "status_id": {1, 2, 3, 4}, "status": {"New", "In Progress", "Suppressed", "Resolved"},
    "verdict_id": {0, 1, 2, 5, 6, 10, 99}, "verdict": str, "is_alert": {True},
    "confidence_score": lambda n: 0 <= n <= 100, "confidence_id": {1, 2, 3},
    "confidence": {"Low", "Medium", "High"}, "count": int, "action_id": {3}, "disposition_id": {19},
    "comment?": str, "assignee?": {"name": str}, "message": str,
    "metadata": {"version": {"1.8.0"}, "uid": re.compile(ALERT_ID.pattern + r":\d+"), "event_code": ALERT_TYPE,
                 "correlation_uid?": str, "sequence": int,
                 "product": {"name": {"dnsvigil"}, "vendor_name": {"dnsvigil"}, "version": str},
                 "profiles": [str]},
    "finding_info": {"uid": ALERT_ID, "title": str, "desc": str, "types": [ALERT_TYPE],
                     "analytic": {"name": str, "uid": str, "type_id": {1, 2, 3, 9}, "type": str, "version": str},
                     "attacks": [{"tactic": _NAMED, "technique": _NAMED, "sub_technique?": _NAMED}],
                     "created_time": is_epoch_ms, "modified_time": is_epoch_ms,
                     "first_seen_time": is_epoch_ms, "last_seen_time": is_epoch_ms, "data_sources": [str],
                     "src_url?": str},
    "evidences": [{"src_endpoint": {"ip": is_ip, "hostname?": str},
                   "dst_endpoint?": {"ip": is_ip, "port": {53}},
                   "query?": {"hostname": str, "type": str, "class": {"IN"}},
                   "data?": {"time": str, "rcode?": str, "answers?": str}}],
    "resources": [{"uid": str, "name": str, "type": {"Host"}, "hostname?": str, "ip": is_ip,
                   "owner?": {"name?": str, "email_addr?": str}, "labels?": [str]}],
    "remediation": {"desc": str},
    "observables": [{"name": str, "type_id": {1, 2}, "value": str}],
    "enrichments?": [{"name": str, "value": str, "provider": str, "type": str,
                      "data": {"entry": str, "confidence": int}}],
    "unmapped": {str: str},
}

# ECS 9.4

ECS = {
    "@timestamp": MILLIS, "ecs": {"version": {"9.4.0"}}, "message": str,
    "event": {"kind": {"alert"}, "category": [{"network", "intrusion_detection", "threat"}],
              "type": [{"info"}], "id": ALERT_ID, "code": ALERT_TYPE, "action": str, "severity": {1, 2, 3, 4},
              "reason": str, "start": MILLIS, "end": MILLIS, "created": MILLIS, "provider": str, "module": str,
              "dataset": {"dnsvigil.alert"}, "reference?": str, "sequence": int},
    "rule": {"id": ALERT_TYPE, "name": str, "category": str, "ruleset": str, "version": str},
    "threat": {"framework": {"MITRE ATT&CK"},
               "tactic": {"id": [{"TA0010", "TA0001"}], "name": [{"Exfiltration", "Initial Access"}]},
               "technique": {"id": [TECHNIQUE], "name": [str],
                             "subtechnique?": {"id": [SUB_TECHNIQUE], "name": [str]}},
               "indicator?": {"type": {"domain-name", "ipv4-addr", "ipv6-addr"}, "ip?": is_ip, "name?": str,
                              "provider": str, "confidence": {"Low", "Medium", "High"}, "description?": str},
               "feed?": {"name": str}},
    "dns": {"question?": {"name": str, "type?": str, "class": {"IN"}, "registered_domain?": str,
                          "subdomain?": str},
            "type": {"query", "answer"}, "response_code?": str,
            "answers?": [{"name": str, "type": str, "ttl": int, "data": str}], "resolved_ip?": [is_ip]},
    "source": {"ip": is_ip, "domain?": str}, "destination?": {"ip": is_ip, "port": {53}},
    "host": {"name": str, "ip": [is_ip]}, "network": {"protocol": {"dns"}},
    "observer": {"vendor": str, "product": str, "type": {"ids"}, "version": str, "hostname?": str},
    "related": {"ip": [is_ip], "hosts": [str]},
    "labels": {str: re.compile(r"(?s).*")},
}

# GuardDuty

GUARDDUTY = {
    "schemaVersion": {"2.0"}, "accountId": str, "region": str, "partition": str,
    "id": re.compile(r"[0-9a-f]{32}"), "arn": str, "type": re.compile(r"[A-Za-z]+:[A-Za-z0-9]+/[A-Za-z0-9&.!]+"),
    "resource": {"resourceType": {"Instance"},
                 "instanceDetails": {"instanceId": str, "tags": [{"key": str, "value": str}],
                                     "networkInterfaces": [{"ipv6Addresses": [is_ip],
                                                            "privateIpAddress?": is_ip,
                                                            "privateIpAddresses?": [{"privateIpAddress": is_ip}]}]}},
    "service": {"serviceName": str, "detectorId": str,
                "action": {"actionType": {"DNS_REQUEST"}, "dnsRequestAction": {"domain": str, "blocked": bool}},
                "resourceRole": {"ACTOR"}, "additionalInfo": {str: any_of(str, bool)},
                "evidence": {"threatIntelligenceDetails": [{"threatListName": str, "threatNames": [str]}]},
                "eventFirstSeen": SECONDS, "eventLastSeen": SECONDS, "archived": bool, "count": int,
                "userFeedback?": {"USEFUL", "NOT_USEFUL"}},
    "severity": {1.0, 2.0, 5.0, 8.0}, "confidence": int, "title": str, "description": str,
    "createdAt": MILLIS, "updatedAt": MILLIS,
}

# STIX 2.1


def stix_id(kind):
    return re.compile(kind + "--" + UUID.pattern)


def _stix_common(kind):
    return {"type": {kind}, "spec_version": {"2.1"}, "id": stix_id(kind), "created": MILLIS, "modified": MILLIS}


_OWNED = {"created_by_ref": stix_id("identity")}
_SCO = {"spec_version": {"2.1"}, "value": str}
STIX_OBJECTS = {
    "identity": {**_stix_common("identity"), "name": str, "identity_class": {"system"}},
    "domain-name": {"type": {"domain-name"}, "id": stix_id("domain-name"), **_SCO},
    "ipv4-addr": {"type": {"ipv4-addr"}, "id": stix_id("ipv4-addr"), **_SCO},
    "ipv6-addr": {"type": {"ipv6-addr"}, "id": stix_id("ipv6-addr"), **_SCO},
    "indicator": {**_stix_common("indicator"), **_OWNED, "name": str, "description": str, "lang": {"en", "ja"},
                  "indicator_types": [{"malicious-activity", "anomalous-activity"}],
                  "pattern": re.compile(r"(?s)\[domain-name:value = '(?:[^'\\]|\\['\\])*'\]"),
                  "pattern_type": {"stix"}, "valid_from": MILLIS, "confidence": lambda n: 0 <= n <= 100,
                  "kill_chain_phases": [{"kill_chain_name": {"mitre-attack"},
                                         "phase_name": {"exfiltration", "initial-access"}}],
                  "labels": [str], "external_references": [{"source_name": str, "external_id": str, "url?": str}]},
    "attack-pattern": {**_stix_common("attack-pattern"), "name": str,
                       "external_references": [{"source_name": {"mitre-attack"}, "external_id": str}]},
    "relationship": {**_stix_common("relationship"), **_OWNED, "relationship_type": {"indicates"},
                     "source_ref": stix_id("indicator"), "target_ref": stix_id("attack-pattern")},
    "observed-data": {**_stix_common("observed-data"), **_OWNED, "first_observed": MILLIS,
                      "last_observed": MILLIS, "number_observed": lambda n: 1 <= n <= 999999999,
                      "object_refs": [str]},
    "sighting": {**_stix_common("sighting"), **_OWNED, "description": str, "first_seen": MILLIS,
                 "last_seen": MILLIS, "count": lambda n: 0 <= n <= 999999999,
                 "sighting_of_ref": re.compile(r"(indicator|attack-pattern)--.*"),
                 "observed_data_refs?": [stix_id("observed-data")], "where_sighted_refs": [stix_id("identity")],
                 "labels": [str]},
}
STIX = {"type": {"bundle"}, "id": stix_id("bundle"), "objects": [lambda o: o["type"] in STIX_OBJECTS]}

# CEF and LEEF: key to (type, longest value in characters of UTF-8 bytes; 0: no limit)

_CUSTOM = {f"cs{n}": 4000 for n in range(1, 7)} | {f"c6a{n}": 0 for n in range(1, 5)}
CEF_KEYS = {"act": 63, "externalId": 40, "cat": 1023, "cnt": 0, "type": 0, "rt": 0, "start": 0, "end": 0,
            "src": 0, "shost": 1023, "suser": 1023, "dst": 0, "app": 31, "dhost": 1023,
            "destinationDnsDomain": 255, "dvchost": 100, "deviceDirection": 0, "cn1": 0, "cfp1": 0,
            "reason": 1023, "msg": 1023, "request": 1023, "flexString1": 1023, "flexString2": 1023, **_CUSTOM}
CEF_IPV6_LABELS = {"c6a1": "Device IPv6 Address", "c6a2": "Source IPv6 Address", "c6a3": "Destination IPv6 Address"}
LEEF_KEYS = {"devTime", "cat", "sev", "count", "src", "dst", "identHostName", "resource", "owner", "sensor",
             "domain", "qname", "qtype", "rcode", "policy", "reason", "technique", "score", "alertId", "alertKey",
             "revision", "status", "disposition", "url", "sample", "truncated"}
