/* dialect_ocsf.c - OCSF 1.8 Detection Finding, class 2004
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "base/clock.h"
#include "export/codes.h"
#include "export/facts.h"

#include <dnsvigil/rrtype.h>

#include <string.h>

enum {
    CATEGORY_FINDINGS = 2,
    CLASS_DETECTION_FINDING = 2004,
    ACTIVITY_CREATE = 1,
    ACTIVITY_UPDATE = 2,
    ACTIVITY_CLOSE = 3,
    ACTION_OBSERVED = 3,
    DISPOSITION_ALERT = 19,
    OBSERVABLE_HOSTNAME = 1,
    OBSERVABLE_IP = 2,
    PORT_DNS = 53,
};

static void pair_ms(struct json *json, const char *key, int64_t time_ns)
{
    json_pair_int(json, key, time_ns / NS_PER_MS);
}

static unsigned activity_of(const struct alert *alert)
{
    if (status_codes[alert->status].closed)
        return ACTIVITY_CLOSE;
    return alert->revision > 1 ? ACTIVITY_UPDATE : ACTIVITY_CREATE;
}

static void class_write(const struct alert *alert, struct json *json)
{
    static const char *const names[] = {"", "Create", "Update", "Close"};
    unsigned activity = activity_of(alert);
    json_pair_int(json, "activity_id", activity);
    json_pair(json, "activity_name", names[activity]);
    json_pair_int(json, "category_uid", CATEGORY_FINDINGS);
    json_pair(json, "category_name", "Findings");
    json_pair_int(json, "class_uid", CLASS_DETECTION_FINDING);
    json_pair(json, "class_name", "Detection Finding");
    json_pair_int(json, "type_uid", CLASS_DETECTION_FINDING * 100 + activity);
    pair_ms(json, "time", fact_generated_ns(alert));
    pair_ms(json, "start_time", alert->start_ns);
    pair_ms(json, "end_time", alert->end_ns);
}

static void state_write(const struct alert *alert, struct json *json)
{
    static const char *const levels[] = {"", "Low", "Medium", "High"};
    const struct status_code *status = &status_codes[alert->status];
    const struct verdict_code *verdict = &verdict_codes[alert->disposition];
    unsigned level = fact_confidence_level(alert->confidence);
    json_pair_int(json, "severity_id", severity_codes[alert->severity].ocsf);
    json_pair(json, "severity", severity_names[alert->severity][LANGUAGE_EN]);
    json_pair_int(json, "status_id", status->ocsf);
    json_pair(json, "status", status->ocsf_text);
    json_pair_int(json, "verdict_id", verdict->ocsf);
    json_pair(json, "verdict", verdict->ocsf_text);
    fact_pair_bool(json, "is_alert", true);
    json_pair_int(json, "confidence_score", alert->confidence);
    json_pair_int(json, "confidence_id", level);
    json_pair(json, "confidence", levels[level]);
    json_pair_int(json, "count", (int64_t)alert->count);
    json_pair_int(json, "action_id", ACTION_OBSERVED);
    json_pair_int(json, "disposition_id", DISPOSITION_ALERT);
    json_pair_opt(json, "comment", disposition_names[alert->disposition][LANGUAGE_EN]);
    if (*alert->assignee) {
        json_key(json, "assignee");
        json_object_begin(json);
        json_pair(json, "name", alert->assignee);
        json_object_end(json);
    }
}

static void metadata_write(const struct alert *alert, struct json *json)
{
    struct buf key;
    buf_init(&key, EXPORT_RECORD_MAX_BYTES);
    fact_key(alert, &key);
    json_key(json, "metadata");
    json_object_begin(json);
    json_pair(json, "version", "1.8.0");
    fact_pair_take_opt(json, "uid", &key);
    json_pair(json, "event_code", detector_rows[alert->detector].alert_type);
    json_pair_opt(json, "correlation_uid", alert->correlation_key);
    json_pair_int(json, "sequence", alert->revision);
    json_key(json, "product");
    json_object_begin(json);
    json_pair(json, "name", "dnsvigil");
    json_pair(json, "vendor_name", "dnsvigil");
    json_pair(json, "version", DNSVIGIL_VERSION);
    json_object_end(json);
    json_key(json, "profiles");
    json_array_begin(json);
    json_text(json, "incident");
    json_text(json, "security_control");
    json_array_end(json);
    json_object_end(json);
}

static void technique_object(struct json *json, const char *key, const char *id, const char *name)
{
    json_key(json, key);
    json_object_begin(json);
    json_pair(json, "uid", id);
    json_pair_opt(json, "name", name);
    json_object_end(json);
}

static void attacks_write(const struct detector_row *row, struct json *json)
{
    const char *ids = row->techniques;
    struct technique technique;
    json_key(json, "attacks");
    json_array_begin(json);
    while (technique_next(&ids, &technique)) {
        json_object_begin(json);
        technique_object(json, "tactic", tactic_codes[row->tactic].id,
                         tactic_names[row->tactic][LANGUAGE_EN]);
        technique_object(json, "technique", technique.parent, technique.parent_name);
        if (technique.sub)
            technique_object(json, "sub_technique", technique.id, technique.name);
        json_object_end(json);
    }
    json_array_end(json);
}

static void analytic_write(const struct alert *alert, struct json *json)
{
    const struct nature *nature = &natures[alert->detector];
    struct buf rule;
    buf_init(&rule, EXPORT_RECORD_MAX_BYTES);
    fact_rule(alert, &rule);
    json_key(json, "analytic");
    json_object_begin(json);
    json_pair(json, "name", detector_rows[alert->detector].slug);
    fact_pair_take_opt(json, "uid", &rule);
    json_pair_int(json, "type_id", nature->analytic);
    json_pair(json, "type", nature->analytic_text);
    json_pair(json, "version", DNSVIGIL_VERSION);
    json_object_end(json);
}

static void finding_write(const struct dialect_context *context, const struct alert *alert,
                          struct json *json)
{
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    json_key(json, "finding_info");
    json_object_begin(json);
    json_pair(json, "uid", alert->id);
    json_key(json, "title");
    fact_words(json, alert_title, alert, context->language);
    json_key(json, "desc");
    fact_words(json, alert_description, alert, context->language);
    json_key(json, "types");
    json_array_begin(json);
    json_text(json, detector_rows[alert->detector].alert_type);
    json_array_end(json);
    analytic_write(alert, json);
    attacks_write(&detector_rows[alert->detector], json);
    pair_ms(json, "created_time", alert->start_ns);
    pair_ms(json, "modified_time", fact_generated_ns(alert));
    pair_ms(json, "first_seen_time", alert->start_ns);
    pair_ms(json, "last_seen_time", alert->end_ns);
    json_key(json, "data_sources");
    json_array_begin(json);
    json_text(json, "dns");
    json_array_end(json);
    fact_pair_take_opt(json, "src_url", &url);
    json_object_end(json);
}

static void endpoints_write(const struct alert *alert, struct json *json)
{
    json_key(json, "src_endpoint");
    json_object_begin(json);
    json_pair(json, "ip", alert->entity_ip);
    json_pair_opt(json, "hostname", alert->entity_name);
    json_object_end(json);
    if (!*alert->resolver_ip)
        return;
    json_key(json, "dst_endpoint");
    json_object_begin(json);
    json_pair(json, "ip", alert->resolver_ip);
    json_pair_int(json, "port", PORT_DNS);
    json_object_end(json);
}

static void sample_write(const struct alert_sample *sample, struct json *json)
{
    char scratch[RRTYPE_TEXT_MAX];
    json_key(json, "query");
    json_object_begin(json);
    json_pair(json, "hostname", sample->qname);
    json_pair(json, "type", rrtype_name(sample->qtype, scratch));
    json_pair(json, "class", "IN");
    json_object_end(json);
    json_key(json, "data");
    json_object_begin(json);
    fact_pair_time(json, "time", sample->time_ns, 6);
    if (sample->rcode >= 0)
        json_pair(json, "rcode", rcode_name((uint16_t)sample->rcode, scratch));
    json_pair_opt(json, "answers", sample->answers);
    json_object_end(json);
}

/* Who asked whom for what; without samples, who. */
static void evidences_write(const struct alert *alert, struct json *json)
{
    json_key(json, "evidences");
    json_array_begin(json);
    for (unsigned i = 0; i < alert->sample_count || i == 0; i++) {
        json_object_begin(json);
        endpoints_write(alert, json);
        if (i < alert->sample_count)
            sample_write(&alert->samples[i], json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void tags_write(const struct alert *alert, struct json *json)
{
    if (!*alert->entity_tags)
        return;
    json_key(json, "labels");
    json_array_begin(json);
    for (const char *tag = alert->entity_tags; *tag;) {
        size_t len = strcspn(tag, "\n");
        json_text_len(json, tag, len);
        tag += len + (tag[len] == '\n');
    }
    json_array_end(json);
}

static void resource_write(const struct alert *alert, struct json *json)
{
    json_key(json, "resources");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "uid", fact_entity(alert));
    json_pair(json, "name", fact_entity(alert));
    json_pair(json, "type", "Host");
    json_pair_opt(json, "hostname", alert->entity_name);
    json_pair(json, "ip", alert->entity_ip);
    if (*alert->entity_owner || *alert->entity_email) {
        json_key(json, "owner");
        json_object_begin(json);
        json_pair_opt(json, "name", alert->entity_owner);
        json_pair_opt(json, "email_addr", alert->entity_email);
        json_object_end(json);
    }
    tags_write(alert, json);
    json_object_end(json);
    json_array_end(json);
}

static void observable(struct json *json, const char *name, unsigned type, const char *value)
{
    if (!*value)
        return;
    json_object_begin(json);
    json_pair(json, "name", name);
    json_pair_int(json, "type_id", type);
    json_pair(json, "value", value);
    json_object_end(json);
}

static void observables_write(const struct alert *alert, struct json *json)
{
    json_key(json, "observables");
    json_array_begin(json);
    if (alert->sample_count > 0)
        observable(json, "evidences[].query.hostname", OBSERVABLE_HOSTNAME,
                   alert->samples[0].qname);
    observable(json, "resources[].ip", OBSERVABLE_IP, alert->entity_ip);
    observable(json, "resources[].hostname", OBSERVABLE_HOSTNAME, alert->entity_name);
    observable(json, "evidences[].dst_endpoint.ip", OBSERVABLE_IP, alert->resolver_ip);
    json_array_end(json);
}

static void enrichment_write(const struct alert *alert, struct json *json)
{
    const struct alert_indicator *indicator = &alert->indicator;
    if (!alert->has_indicator)
        return;
    json_key(json, "enrichments");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "name", "indicator");
    json_pair(json, "value", indicator->matched);
    json_pair(json, "provider", indicator->feed);
    json_pair(json, "type", indicator->category);
    json_key(json, "data");
    json_object_begin(json);
    json_pair(json, "entry", indicator->entry);
    json_pair_int(json, "confidence", indicator->confidence);
    json_object_end(json);
    json_object_end(json);
    json_array_end(json);
}

static void remediation_write(enum language language, struct json *json)
{
    struct buf steps;
    buf_init(&steps, EXPORT_RECORD_MAX_BYTES);
    fact_steps_text(language, "\n", &steps);
    json_key(json, "remediation");
    json_object_begin(json);
    fact_pair_take_opt(json, "desc", &steps);
    json_object_end(json);
}

void dialect_ocsf(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    struct json json = json_writer(buf);
    json_object_begin(&json);
    class_write(alert, &json);
    state_write(alert, &json);
    json_key(&json, "message");
    fact_words(&json, alert_title, alert, context->language);
    metadata_write(alert, &json);
    finding_write(context, alert, &json);
    evidences_write(alert, &json);
    resource_write(alert, &json);
    remediation_write(context->language, &json);
    observables_write(alert, &json);
    enrichment_write(alert, &json);
    json_key(&json, "unmapped");
    json_object_begin(&json);
    fact_particulars(context, alert, FACT_SNAKE, &json);
    json_object_end(&json);
    json_object_end(&json);
}
