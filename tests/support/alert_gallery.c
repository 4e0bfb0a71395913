/* alert_gallery.c - alerts of all thirteen types and every state, for tests of what is exported
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert_gallery.h"

#include "base/clock.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <string.h>

#define PUT(member, ...) snprintf(member, sizeof(member), __VA_ARGS__)

static const int64_t begun_ns = 1767225600 * NS_PER_S + 123456700;

static int reason_of(unsigned detector)
{
    for (int i = 0; i < REASON_COUNT; i++)
        if (reason_rows[i].detector == detector)
            return i;
    return 0;
}

static void plain_build(struct alert *alert, unsigned number, enum detector detector)
{
    *alert = (struct alert){
        .revision = 1,
        .detector = detector,
        .reason = (uint8_t)reason_of(detector),
        .severity = detector_rows[detector].severity,
        .confidence = (uint8_t)(40 + 5 * (number % 13)),
        .start_ns = begun_ns + number * NS_PER_S,
        .end_ns = begun_ns + number * NS_PER_S + 90 * NS_PER_S,
        .generated_ns = begun_ns + number * NS_PER_S + 91 * NS_PER_S,
        .count = 3 + number,
        .sensor = "sensor-1",
        .entity_name = "laptop-7.corp.example",
        .entity_owner = "Ana Müller",
        .entity_email = "ana@example.test",
        .entity_tags = "laptop\nsales",
        .resolver_ip = "192.0.2.53",
        .correlation_key = "11111111-2222-5333-8444-555555555555",
        .prevalence_clients = 2,
        .prevalence_first_ns = begun_ns - 3600 * NS_PER_S,
        .prevalence_last_ns = begun_ns + 90 * NS_PER_S,
    };
    PUT(alert->id, "%019lld_%08x-0000-5000-8000-000000000000", 2516124014698765439ll - number,
        number);
    PUT(alert->entity_ip, "198.51.100.%u", number + 1);
    PUT(alert->domain, "domain%u.example", number);
    PUT(alert->qname, "www.domain%u.example", number);
    alert->feature_count = 2;
    alert->features[0] = (struct alert_feature){"label_length", 12.5, 8, "bytes"};
    alert->features[1] = (struct alert_feature){"queries", 90, 20, ""};
    alert->sample_count = 2;
    alert->samples[0] =
        (struct alert_sample){.time_ns = alert->start_ns, .qtype = DNS_TYPE_A, .rcode = 0};
    PUT(alert->samples[0].qname, "www.domain%u.example", number);
    PUT(alert->samples[0].answers,
        "www.domain%u.example 60 IN CNAME host.example\nhost.example 60 IN A 192.0.2.7\n"
        "host.example 60 IN AAAA 2001:db8::7",
        number);
    alert->samples[1] = (struct alert_sample){
        .time_ns = alert->end_ns, .qtype = 65280, .rcode = -1, .qname = "a\\046b.example"};
}

static void indicator_add(struct alert *alert, const char *category, uint8_t field)
{
    alert->has_indicator = true;
    alert->indicator = (struct alert_indicator){
        .feed = "example-feed", .confidence = 80, .field = field, .entry = "host.example # \"x\""};
    PUT(alert->indicator.category, "%s", category);
    PUT(alert->indicator.matched, "%s", field == MATCH_ADDRESS ? "192.0.2.7" : alert->domain);
}

static void tunnel_add(struct alert *alert)
{
    alert->has_tunnel = true;
    alert->tunnel = (struct alert_tunnel){
        .bytes_up = 3250112,
        .bytes_down = 40210.5,
        .bytes_per_s = 3.5,
        .interval_s = 0.25,
        .queries = 18231,
        .unique_names = 18190,
        .label_max = 57,
        .first_ns = alert->start_ns - NS_PER_S,
        .qtype = DNS_TYPE_TXT,
        .encoding = "base32",
        .tool = "iodine",
        .decoded = "user=...",
    };
}

static void anomaly_add(struct alert *alert)
{
    alert->has_anomaly = true;
    alert->anomaly = (struct alert_anomaly){
        .code = ANOMALY_OPCODE,
        .protocol = "SSH",
        .side = "query",
        .header = "id 0x1234 query IQUERY NOERROR rd, 1 questions, 0 answers",
        .bytes = 29,
        .damage_at = 12,
        .start = "123409000001",
    };
}

static void signature_add(struct alert *alert)
{
    alert->has_signature = true;
    alert->signature = (struct alert_signature){
        .gid = 1,
        .sid = 2027863,
        .rev = 4,
        .msg = "EXAMPLE Beacon DNS lookup",
        .classtype = "domain-c2",
        .place = "example.rules:12",
        .side = "query",
        .matched = "dns.query domain",
        .references = "url,example.test/beacon\ncve,2026-0001",
        .tactics = "TA0011",
        .techniques = "T1071",
    };
}

static void burst_add(struct alert *alert)
{
    alert->has_burst = true;
    alert->burst = (struct alert_burst){
        .names = 12,
        .tlds = 3,
        .nxdomain_share = 0.75,
        .window_s = 40,
        .mean_score = 4.5,
        .length_stddev = 1.25,
        .samples = "qxzvkwjh.example\nwqjxkvzp.example",
        .resolved = "zkwqvjxh.example",
    };
}

static void evidence_add(struct alert *alert)
{
    switch ((enum detector)alert->detector) {
    case DETECTOR_PROTOCOL_ANOMALY:
        anomaly_add(alert);
        alert->domain[0] = alert->qname[0] = 0;
        alert->sample_count = 0;
        return;
    case DETECTOR_DARK_WEB: indicator_add(alert, "anonymity", MATCH_QNAME); return;
    case DETECTOR_DARK_WEB_PROXY: indicator_add(alert, "gateway", MATCH_QNAME); return;
    case DETECTOR_SINKHOLED_DOMAIN: indicator_add(alert, "sinkhole", MATCH_ADDRESS); return;
    case DETECTOR_PHISHING_DOMAIN:
        alert->has_lookalike = true;
        alert->lookalike = (struct alert_lookalike){
            .brand = "example", .technique = "homoglyph", .skeleton = "exarnple", .distance = 1};
        return;
    case DETECTOR_GENERATED_DOMAINS: burst_add(alert); return;
    case DETECTOR_THREAT_INTEL: indicator_add(alert, "c2", MATCH_CNAME); return;
    case DETECTOR_RANDOM_DOMAIN:
        alert->has_random = true;
        alert->random = (struct alert_random){
            .score = 5.25, .benign_share = 0.00025, .piece_count = 1, .pieces = {{"^qx", 0.5}}};
        return;
    case DETECTOR_CURRENCY_MINING: indicator_add(alert, "mining", MATCH_QNAME); return;
    case DETECTOR_SIGNATURE: signature_add(alert); return;
    case DETECTOR_DATA_INFILTRATION:
    case DETECTOR_DATA_EXFILTRATION:
    case DETECTOR_DATA_OBFUSCATION: tunnel_add(alert); return;
    case DETECTOR_COUNT: return;
    }
}

/* States and dispositions in turn; what was closed has a later revision. */
static void state_turn(struct alert *alert, unsigned number)
{
    alert->status = (uint8_t)(number % ALERT_STATUS_COUNT);
    bool closed = alert->status == ALERT_STATUS_RESOLVED || alert->status == ALERT_STATUS_DISMISSED;
    alert->disposition = closed ? (uint8_t)(1 + number / 2 % (DISPOSITION_COUNT - 1)) : 0;
    alert->revision = 1 + alert->status;
}

static void texts_attack(struct alert *alert)
{
    PUT(alert->entity_name, "a|b=c\\d^e\tf\ng\rh'i\"j<k>%%{l}$(m)");
    PUT(alert->entity_owner, "\xff\xc0\x80 \xed\xa0\x80 \x1b[31m 日本語 \xe2\x80\xae");
    PUT(alert->entity_tags, "x=1\ny|2");
    PUT(alert->indicator.entry, "=cmd|' /C calc'!A0\tevil\\");
    PUT(alert->sensor, "sensor \"1\" ]");
    PUT(alert->assignee, "o'neil|");
    PUT(alert->samples[0].answers,
        "x 60 IN TXT \"v=1; a=b|c\\\\d\" \"\xff\"\nno answer\nx 60 IN A not-an-address");
}

static void fill(char *text, size_t size)
{
    memset(text, '\x01', size - 1); /* what escapes to the most bytes */
    text[size - 1] = 0;
}

static void fill_names(struct alert *alert)
{
    for (size_t i = 0; i < NAME_TEXT_MAX - 8; i += 4) {
        memcpy(alert->qname + i, "\\001", 5);
        memcpy(alert->domain + i, "\\001", 5);
    }
    for (unsigned i = 0; i < ALERT_SAMPLES_MAX; i++) {
        alert->samples[i] = alert->samples[0];
        PUT(alert->samples[i].qname, "%s", alert->qname);
        fill(alert->samples[i].answers, sizeof(alert->samples[i].answers));
    }
    alert->sample_count = ALERT_SAMPLES_MAX;
}

static void enlarge(struct alert *alert)
{
    tunnel_add(alert);
    anomaly_add(alert);
    burst_add(alert);
    indicator_add(alert, "c2", MATCH_QNAME);
    fill_names(alert);
    fill(alert->entity_name, sizeof(alert->entity_name));
    fill(alert->entity_owner, sizeof(alert->entity_owner));
    fill(alert->entity_email, sizeof(alert->entity_email));
    fill(alert->entity_tags, sizeof(alert->entity_tags));
    fill(alert->indicator.entry, sizeof(alert->indicator.entry));
    fill(alert->indicator.feed, sizeof(alert->indicator.feed));
    fill(alert->indicator.matched, sizeof(alert->indicator.matched));
    fill(alert->signature.msg, sizeof(alert->signature.msg));
    fill(alert->signature.references, sizeof(alert->signature.references));
    fill(alert->burst.samples, sizeof(alert->burst.samples));
    fill(alert->burst.resolved, sizeof(alert->burst.resolved));
    fill(alert->feedback_reason, sizeof(alert->feedback_reason));
    fill(alert->incident_id, sizeof(alert->incident_id));
}

static void special(struct alert *alert, unsigned which)
{
    switch (which) {
    case 0:
        alert->is_incident = true;
        PUT(alert->incident_id, "inc-1\ninc-2");
        PUT(alert->assignee, "ana");
        return;
    case 1: alert->sample = true; return;
    case 2:
        alert->status = ALERT_STATUS_DISMISSED;
        alert->disposition = DISPOSITION_EXPECTED;
        PUT(alert->suppressed_by, "office-scanner");
        return;
    case 3:
        alert->retroactive = alert->preview = true;
        alert->feedback = FEEDBACK_NOT_USEFUL;
        alert->contact = CONTACT_NOT_EXPECTED;
        alert->compromised = true;
        return;
    case 4:
        PUT(alert->entity_ip, "2001:db8::1234");
        PUT(alert->resolver_ip, "2001:db8::53");
        alert->entity_name[0] = alert->entity_owner[0] = alert->entity_email[0] = 0;
        alert->entity_tags[0] = alert->sensor[0] = 0;
        return;
    case 5: texts_attack(alert); return;
    default: enlarge(alert); return;
    }
}

void alert_gallery(struct alert *ret_alert, unsigned number)
{
    bool of_type = number < DETECTOR_COUNT;
    plain_build(ret_alert, number, of_type ? (enum detector)number : DETECTOR_THREAT_INTEL);
    evidence_add(ret_alert);
    if (of_type)
        state_turn(ret_alert, number);
    else
        special(ret_alert, number - DETECTOR_COUNT);
}

/* What an attacker may put into one label. */
static const char *const hostile_labels[] = {
    "a|b",
    "a=b",
    "a\\b",
    "a^b",
    "a\tb",
    "a\nb",
    "a\rb",
    "a\r\nb",
    "a\"b",
    "a'b",
    "a`b",
    "a b",
    " a",
    "a ",
    "a,b",
    "a;b",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "a.b",
    "a..b",
    "\x01",
    "\x1b[31m",
    "\x7f",
    "\x80",
    "\xff",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xe2\x80\xa8",
    "\xe2\x80\xae",
    "\xef\xbb\xbf",
    "日本",
    "ü",
    "<script>",
    "</script>",
    "<!--",
    "&amp;",
    "%s%n",
    "%00",
    "${x}",
    "$(id)",
    "{{x}}",
    "%{Domain}",
    "]]>",
    "\\n",
    "\\u0000",
    "\\\\",
    "\"}",
    "'] OR '1'='1",
    "a/b",
    "../..",
    "CEF:0|",
    "cs1=x",
    " cs1=x",
    "x09",
    "null",
    "0",
    "*",
    "_",
    "(a)",
    "a#b",
    "a\\",
};

_Static_assert(sizeof(hostile_labels) / sizeof(hostile_labels[0]) == GALLERY_NAMES, "64 names");

void alert_about_name(struct alert *ret_alert, unsigned number)
{
    const char *label = hostile_labels[number];
    struct dns_name name = {0};
    size_t len = strlen(label);
    name.wire[0] = (uint8_t)len;
    for (size_t i = 0; i < len; i++) /* names are kept in lower case */
        name.wire[1 + i] =
            (uint8_t)(label[i] >= 'A' && label[i] <= 'Z' ? label[i] | 0x20 : label[i]);
    memcpy(name.wire + 1 + len, "\7example", 9);
    name.len = (uint8_t)(len + 1 + 9);
    name_index(&name);
    plain_build(ret_alert, number, DETECTOR_THREAT_INTEL);
    indicator_add(ret_alert, "c2", MATCH_QNAME);
    name_to_text(&name, 0, ret_alert->domain);
    memcpy(ret_alert->qname, ret_alert->domain, sizeof(ret_alert->qname));
    memcpy(ret_alert->samples[0].qname, ret_alert->domain, sizeof(ret_alert->qname));
    memcpy(ret_alert->indicator.matched, ret_alert->domain, sizeof(ret_alert->qname));
}
