/* alert_build.c - complete alerts for tests, with every field filled in
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert_build.h"

#include "base/clock.h"

#include <stdio.h>

#define PUT(member, ...) snprintf(member, sizeof(member), __VA_ARGS__)

static void evidence_build(struct alert *alert)
{
    alert->feature_count = 2;
    alert->features[0] = (struct alert_feature){"indicator_confidence", 80, 50, "%"};
    alert->features[1] = (struct alert_feature){"label_length", 12.5, 8, ""};
    alert->has_indicator = true;
    alert->indicator = (struct alert_indicator){
        .feed = "example-feed",
        .entry = "example.test,c2 # \"quoted\"",
        .category = "c2",
        .confidence = 80,
        .matched = "beacon.example.test",
        .field = MATCH_CNAME,
    };
    alert->has_anomaly = true;
    alert->anomaly = (struct alert_anomaly){
        .code = ANOMALY_OPCODE,
        .protocol = "SSH",
        .side = "query",
        .header =
            "id 0x1234 query IQUERY NOERROR rd, 1 questions, 0 answers, 0 authority, 0 additional",
        .bytes = 29,
        .damage_at = 12,
        .start = "123409000001",
    };
    alert->has_tunnel = true;
    alert->tunnel = (struct alert_tunnel){
        .bytes_up = 1234.5,
        .bytes_down = 67.25,
        .bytes_per_s = 3.5,
        .interval_s = 0.25,
        .queries = 90,
        .unique_names = 80,
        .label_max = 57,
        .first_ns = alert->start_ns - NS_PER_S,
        .qtype = DNS_TYPE_TXT,
        .encoding = "base32",
        .tool = "iodine",
        .decoded = "user=...",
        .point_count = 2,
        .points = {{alert->start_ns, 1000.5, 50}, {alert->end_ns, 1234.5, 67.25}},
    };
    alert->has_burst = true;
    alert->burst = (struct alert_burst){
        .names = 12,
        .tlds = 3,
        .nxdomain_share = 0.75,
        .window_s = 40,
        .mean_score = 4.5,
        .length_stddev = 1.25,
        .samples = "qxzvkwjh.example\nwqjxkvzp.example",
        .score_count = 2,
        .scores = {5.25, 3.75},
        .resolved = "zkwqvjxh.example",
    };
    alert->has_random = true;
    alert->random = (struct alert_random){
        .score = 5.25,
        .benign_share = 0.00025,
        .more_domains = 7,
        .piece_count = 2,
        .pieces = {{"^qx", 0.5}, {".biz", 0.25}},
    };
    alert->sample_count = 2;
    alert->samples[0] = (struct alert_sample){
        .time_ns = alert->start_ns,
        .qtype = DNS_TYPE_A,
        .rcode = 0,
        .qname = "www.example.test",
        .answers = "beacon.example.test 60 IN CNAME www.example.test\nx 60 IN A 192.0.2.7",
    };
    alert->samples[1] = (struct alert_sample){
        .time_ns = alert->end_ns,
        .qtype = 65280,
        .rcode = -1,
        .qname = "a\\046b.example.test",
    };
}

void alert_build(struct alert *ret_alert, unsigned number)
{
    struct alert alert = {
        .revision = 1,
        .detector = DETECTOR_THREAT_INTEL,
        .reason = REASON_THREAT_CNAME,
        .severity = SEVERITY_MEDIUM,
        .status = ALERT_STATUS_ACTIVE,
        .confidence = 80,
        .preview = true,
        .start_ns = 1767225600 * NS_PER_S + number * NS_PER_S + 123456 * NS_PER_US,
        .end_ns = 1767225660 * NS_PER_S + number * NS_PER_S,
        .generated_ns = 1767225660 * NS_PER_S + number * NS_PER_S,
        .count = 3,
        .sensor = "sensor-1",
        .entity_name = "laptop-7",
        .entity_owner = "Ana Müller",
        .entity_email = "ana@example.test",
        .entity_tags = "laptop\nsales",
        .resolver_ip = "192.0.2.53",
        .qname = "www.example.test",
        .correlation_key = "11111111-2222-5333-8444-555555555555",
        .prevalence_clients = 2,
        .prevalence_first_ns = 1767200000 * NS_PER_S,
        .prevalence_last_ns = 1767225660 * NS_PER_S,
        .prevalence_new_in = "input",
        .assignee = "ann",
        .suppressed_by = "lab-machines",
        .sample = true,
        .feedback = FEEDBACK_NOT_USEFUL,
        .feedback_reason = "seen before",
        .incident_id = "incident-1\nincident-2",
        .contact = CONTACT_ASKED,
        .compromised = true,
    };
    PUT(alert.id, "%019lld_%08x-0000-5000-8000-000000000000", 3155378975999999999ll - number,
        number);
    PUT(alert.entity_ip, "198.51.%u.%u", number / 256 % 256, number % 256);
    PUT(alert.domain, "domain%u.example.test", number);
    evidence_build(&alert);
    *ret_alert = alert;
}
