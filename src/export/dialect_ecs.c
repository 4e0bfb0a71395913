/* dialect_ecs.c - a document of the Elastic Common Schema
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "export/codes.h"
#include "export/facts.h"

#include <dnsvigil/rrtype.h>

#include <string.h>

enum { MS_DIGITS = 3, PORT_DNS = 53 };

static void texts(struct json *json, const char *key, const char *const values[], size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++)
        if (*values[i])
            json_text(json, values[i]);
    json_array_end(json);
}

static void object_key(struct json *json, const char *key)
{
    json_key(json, key);
    json_object_begin(json);
}

static void event_write(const struct dialect_context *context, const struct alert *alert,
                        struct json *json)
{
    static const char *const categories[] = {"network", "intrusion_detection", "threat"};
    static const char *const types[] = {"info"};
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    object_key(json, "event");
    json_pair(json, "kind", "alert");
    texts(json, "category", categories, 3);
    texts(json, "type", types, 1);
    json_pair(json, "id", alert->id);
    json_pair(json, "code", detector_rows[alert->detector].alert_type);
    json_pair(json, "action", natures[alert->detector].ecs_action);
    json_pair_int(json, "severity", severity_codes[alert->severity].ecs);
    json_key(json, "reason");
    fact_words(json, alert_summary, alert, context->language);
    fact_pair_time(json, "start", alert->start_ns, MS_DIGITS);
    fact_pair_time(json, "end", alert->end_ns, MS_DIGITS);
    fact_pair_time(json, "created", fact_generated_ns(alert), MS_DIGITS);
    json_pair(json, "provider", "dnsvigil");
    json_pair(json, "module", "dnsvigil");
    json_pair(json, "dataset", "dnsvigil.alert");
    fact_pair_take_opt(json, "reference", &url);
    json_pair_int(json, "sequence", alert->revision);
    json_object_end(json);
}

static void rule_write(const struct dialect_context *context, const struct alert *alert,
                       struct json *json)
{
    const struct detector_row *row = &detector_rows[alert->detector];
    object_key(json, "rule");
    json_pair(json, "id", row->alert_type);
    json_key(json, "name");
    fact_words(json, alert_title, alert, context->language);
    json_pair(json, "category", natures[alert->detector].ecs_action);
    json_pair(json, "ruleset", "dnsvigil");
    json_pair(json, "version", DNSVIGIL_VERSION);
    json_object_end(json);
}

/* The ids or names of the techniques, or of the sub-techniques among them. */
static void techniques(const char *ids, bool sub, bool names, struct json *json)
{
    struct technique technique;
    json_key(json, names ? "name" : "id");
    json_array_begin(json);
    while (technique_next(&ids, &technique)) {
        if (sub && technique.sub)
            json_text(json, names ? technique.name : technique.id);
        if (!sub)
            json_text(json, names ? technique.parent_name : technique.parent);
    }
    json_array_end(json);
}

static void technique_write(const char *ids, struct json *json)
{
    object_key(json, "technique");
    techniques(ids, false, false, json);
    techniques(ids, false, true, json);
    if (strchr(ids, '.')) {
        object_key(json, "subtechnique");
        techniques(ids, true, false, json);
        techniques(ids, true, true, json);
        json_object_end(json);
    }
    json_object_end(json);
}

static void indicator_write(const struct alert_indicator *indicator, struct json *json)
{
    static const char *const levels[] = {"", "Low", "Medium", "High"};
    bool address = indicator->field == MATCH_ADDRESS;
    const char *address_type = fact_is_ipv6(indicator->matched) ? "ipv6-addr" : "ipv4-addr";
    object_key(json, "indicator");
    json_pair(json, "type", address ? address_type : "domain-name");
    if (address)
        json_pair_opt(json, "ip", indicator->matched);
    json_pair_opt(json, "name", indicator->matched);
    json_pair(json, "provider", indicator->feed);
    json_pair(json, "confidence", levels[fact_confidence_level(indicator->confidence)]);
    json_pair_opt(json, "description", indicator->entry);
    json_object_end(json);
    object_key(json, "feed");
    json_pair(json, "name", indicator->feed);
    json_object_end(json);
}

static void threat_write(const struct alert *alert, struct json *json)
{
    const struct detector_row *row = &detector_rows[alert->detector];
    object_key(json, "threat");
    json_pair(json, "framework", "MITRE ATT&CK");
    object_key(json, "tactic");
    texts(json, "id", &tactic_codes[row->tactic].id, 1);
    texts(json, "name", &tactic_names[row->tactic][LANGUAGE_EN], 1);
    json_object_end(json);
    technique_write(row->techniques, json);
    if (alert->has_indicator)
        indicator_write(&alert->indicator, json);
    json_object_end(json);
}

static void question_write(const struct alert *alert, struct json *json)
{
    char scratch[RRTYPE_TEXT_MAX];
    size_t subdomain = fact_subdomain_len(alert);
    object_key(json, "question");
    json_pair(json, "name", alert->qname);
    if (alert->sample_count > 0)
        json_pair(json, "type", rrtype_name(alert->samples[0].qtype, scratch));
    json_pair(json, "class", "IN");
    json_pair_opt(json, "registered_domain", alert->domain);
    if (subdomain > 0) {
        json_key(json, "subdomain");
        json_text_len(json, alert->qname, subdomain);
    }
    json_object_end(json);
}

static void answers_write(const struct alert_sample *sample, struct json *json)
{
    const char *lines = sample->answers;
    struct fact_answer answer;
    json_key(json, "answers");
    json_array_begin(json);
    while (fact_answer_next(&lines, &answer)) {
        json_object_begin(json);
        json_key(json, "name");
        json_text_len(json, answer.owner, answer.owner_len);
        json_key(json, "type");
        json_text_len(json, answer.type, answer.type_len);
        json_pair_int(json, "ttl", answer.ttl);
        json_key(json, "data");
        json_text_len(json, answer.data, answer.data_len);
        json_object_end(json);
    }
    json_array_end(json);
}

static void response_write(const struct alert *alert, struct json *json)
{
    char addresses[FACT_ADDRESSES_MAX][ADDR_TEXT_MAX], scratch[RRTYPE_TEXT_MAX];
    const struct alert_sample *sample = &alert->samples[0];
    unsigned count = fact_addresses(alert, addresses);
    bool answered = alert->sample_count > 0 && sample->rcode >= 0;
    json_pair(json, "type", answered ? "answer" : "query");
    if (!answered)
        return;
    json_pair(json, "response_code", rcode_name((uint16_t)sample->rcode, scratch));
    answers_write(sample, json);
    json_key(json, "resolved_ip");
    json_array_begin(json);
    for (unsigned i = 0; i < count; i++)
        json_text(json, addresses[i]);
    json_array_end(json);
}

static void dns_write(const struct alert *alert, struct json *json)
{
    object_key(json, "dns");
    if (*alert->qname)
        question_write(alert, json);
    response_write(alert, json);
    json_object_end(json);
}

static void peers_write(const struct alert *alert, struct json *json)
{
    object_key(json, "source");
    json_pair_opt(json, "ip", alert->entity_ip);
    json_pair_opt(json, "domain", alert->entity_name);
    json_object_end(json);
    if (*alert->resolver_ip) {
        object_key(json, "destination");
        json_pair(json, "ip", alert->resolver_ip);
        json_pair_int(json, "port", PORT_DNS);
        json_object_end(json);
    }
    object_key(json, "host");
    json_pair(json, "name", fact_entity(alert));
    texts(json, "ip", (const char *const[]){alert->entity_ip}, 1);
    json_object_end(json);
    object_key(json, "network");
    json_pair(json, "protocol", "dns");
    json_object_end(json);
}

static void observer_write(const struct alert *alert, struct json *json)
{
    object_key(json, "observer");
    json_pair(json, "vendor", "dnsvigil");
    json_pair(json, "product", "dnsvigil");
    json_pair(json, "type", "ids");
    json_pair(json, "version", DNSVIGIL_VERSION);
    json_pair_opt(json, "hostname", alert->sensor);
    json_object_end(json);
}

static void related_write(const struct alert *alert, struct json *json)
{
    object_key(json, "related");
    texts(json, "ip", (const char *const[]){alert->entity_ip, alert->resolver_ip}, 2);
    texts(json, "hosts",
          (const char *const[]){alert->entity_name, alert->domain,
                                strcmp(alert->qname, alert->domain) ? alert->qname : ""},
          3);
    json_object_end(json);
}

static void labels_write(const struct dialect_context *context, const struct alert *alert,
                         struct json *json)
{
    object_key(json, "labels");
    json_pair(json, "alert_status", alert_status_names[alert->status][LANGUAGE_EN]);
    fact_particulars(context, alert, FACT_SNAKE, json);
    json_object_end(json);
}

void dialect_ecs(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    struct json json = json_writer(buf);
    json_object_begin(&json);
    fact_pair_time(&json, "@timestamp", fact_generated_ns(alert), MS_DIGITS);
    object_key(&json, "ecs");
    json_pair(&json, "version", "9.4.0");
    json_object_end(&json);
    json_key(&json, "message");
    fact_words(&json, alert_description, alert, context->language);
    event_write(context, alert, &json);
    rule_write(context, alert, &json);
    threat_write(alert, &json);
    dns_write(alert, &json);
    peers_write(alert, &json);
    observer_write(alert, &json);
    related_write(alert, &json);
    labels_write(context, alert, &json);
    json_object_end(&json);
}
