/* samples.c - alerts made up to try every way that real ones take, clearly marked as such
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/samples.h"

#include "alert/id.h"
#include "base/clock.h"

#include <dnsvigil/anomaly.h>

#include <stdio.h>

static const struct sample {
    uint8_t reason;
    uint8_t confidence;
    uint64_t count;
    const char *domain;
    const char *qname;
    uint16_t qtype;
    int32_t rcode;
    const char *answers;
    struct alert_feature feature;
} samples[DETECTOR_COUNT] = {
#define SAMPLE(detector, reason, confidence, count, domain, qname, qtype, rcode, answers, feature, \
               value, threshold, unit)                                                             \
    [DETECTOR_##detector] = {REASON_##reason, confidence, count,                                   \
                             domain,          qname,      qtype,                                   \
                             rcode,           answers,    {feature, value, threshold, unit}},
#include "respond/samples.def"
#undef SAMPLE
};

#define PUT(member, ...) snprintf(member, sizeof(member), __VA_ARGS__)

static void indicator_put(struct alert *alert, const char *category)
{
    alert->has_indicator = true;
    PUT(alert->indicator.feed, "sample-feed");
    PUT(alert->indicator.entry, "%.255s", alert->domain);
    PUT(alert->indicator.category, "%s", category);
    PUT(alert->indicator.matched, "%s", alert->qname);
    alert->indicator.confidence = alert->confidence;
    alert->indicator.field = MATCH_QNAME;
}

static void anomaly_put(struct alert *alert)
{
    alert->has_anomaly = true;
    alert->anomaly.code = ANOMALY_FOREIGN_PROTOCOL;
    alert->anomaly.bytes = 21;
    PUT(alert->anomaly.protocol, "SSH");
    PUT(alert->anomaly.side, "query");
    PUT(alert->anomaly.start, "5353482d322e302d73616d706c65");
}

static void burst_put(struct alert *alert)
{
    alert->has_burst = true;
    alert->burst.names = alert->count;
    alert->burst.tlds = 1;
    alert->burst.nxdomain_share = 0.96;
    alert->burst.window_s = 90;
    alert->burst.mean_score = 6.5;
    PUT(alert->burst.samples, "qxzvkwjh.example\nwqjxkvzp.example\nzvhkqxwj.example");
    PUT(alert->burst.resolved, "kxwzqvjh.example");
}

static void random_put(struct alert *alert)
{
    alert->has_random = true;
    alert->random.score = 7.5;
    alert->random.benign_share = 0.0002;
}

static void signature_put(struct alert *alert)
{
    alert->has_signature = true;
    alert->signature.gid = 1;
    alert->signature.sid = 1;
    alert->signature.rev = 1;
    PUT(alert->signature.msg, "SAMPLE call back of a remote access program");
    PUT(alert->signature.classtype, "trojan-activity");
    PUT(alert->signature.place, "sample.rules:1");
    PUT(alert->signature.side, "query");
    PUT(alert->signature.matched, "dns.query %s", alert->qname);
}

static void tunnel_put(struct alert *alert, double up, double down)
{
    alert->has_tunnel = true;
    alert->tunnel.bytes_up = up;
    alert->tunnel.bytes_down = down;
    alert->tunnel.bytes_per_s = (up + down) / 600;
    alert->tunnel.interval_s = 2;
    alert->tunnel.queries = alert->count;
    alert->tunnel.unique_names = alert->count;
    alert->tunnel.label_max = 57;
    alert->tunnel.first_ns = alert->start_ns;
    alert->tunnel.qtype = alert->samples[0].qtype;
    PUT(alert->tunnel.encoding, "base32");
}

static void evidence_put(enum detector detector, struct alert *alert)
{
    switch (detector) {
    case DETECTOR_PROTOCOL_ANOMALY: anomaly_put(alert); break;
    case DETECTOR_DARK_WEB: indicator_put(alert, "anonymity"); break;
    case DETECTOR_DARK_WEB_PROXY: indicator_put(alert, "gateway"); break;
    case DETECTOR_SINKHOLED_DOMAIN:
        indicator_put(alert, "sinkhole");
        alert->indicator.field = MATCH_ADDRESS;
        PUT(alert->indicator.matched, "198.51.100.22");
        break;
    case DETECTOR_PHISHING_DOMAIN: indicator_put(alert, "phishing"); break;
    case DETECTOR_GENERATED_DOMAINS: burst_put(alert); break;
    case DETECTOR_THREAT_INTEL: indicator_put(alert, "c2"); break;
    case DETECTOR_RANDOM_DOMAIN: random_put(alert); break;
    case DETECTOR_CURRENCY_MINING: indicator_put(alert, "mining"); break;
    case DETECTOR_SIGNATURE: signature_put(alert); break;
    case DETECTOR_DATA_INFILTRATION: tunnel_put(alert, 900, 48000); break;
    case DETECTOR_DATA_EXFILTRATION: tunnel_put(alert, 26000, 400); break;
    case DETECTOR_DATA_OBFUSCATION: tunnel_put(alert, 45000, 46000); break;
    case DETECTOR_COUNT: break;
    }
}

void sample_build(enum detector detector, const char *sensor, int64_t now_ns,
                  struct alert *ret_alert)
{
    const struct sample *sample = &samples[detector];
    int64_t end_ns = now_ns / NS_PER_S * NS_PER_S;
    struct alert alert = {
        .revision = 1,
        .detector = (uint8_t)detector,
        .reason = sample->reason,
        .severity = detector_rows[detector].severity,
        .status = ALERT_STATUS_ACTIVE,
        .confidence = sample->confidence,
        .sample = true,
        .start_ns = end_ns - 600 * NS_PER_S,
        .end_ns = end_ns,
        .generated_ns = end_ns,
        .count = sample->count,
        .entity_ip = "192.0.2.10",
        .entity_name = "sample-laptop",
        .resolver_ip = "192.0.2.53",
        .feature_count = 1,
        .features = {sample->feature},
        .prevalence_clients = 1,
        .prevalence_first_ns = end_ns - 600 * NS_PER_S,
        .prevalence_last_ns = end_ns,
    };
    PUT(alert.sensor, "%s", sensor);
    PUT(alert.domain, "%s", sample->domain);
    PUT(alert.qname, "%s", sample->qname);
    if (*sample->qname) {
        alert.sample_count = 1;
        alert.samples[0] = (struct alert_sample){
            .time_ns = alert.start_ns, .qtype = sample->qtype, .rcode = sample->rcode};
        PUT(alert.samples[0].qname, "%s", sample->qname);
        PUT(alert.samples[0].answers, "%s", sample->answers);
    }
    evidence_put(detector, &alert);
    alert_identify(&alert);
    *ret_alert = alert;
}
