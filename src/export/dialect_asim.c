/* dialect_asim.c - a row of Sentinel's normalised AlertEvent schema 0.1
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "export/codes.h"
#include "export/facts.h"

#include <string.h>

enum { TICK_DIGITS = 7 };

static void event_write(const struct dialect_context *context, const struct alert *alert,
                        struct json *json)
{
    struct buf key;
    buf_init(&key, EXPORT_RECORD_MAX_BYTES);
    fact_key(alert, &key);
    fact_pair_time(json, "TimeGenerated", fact_generated_ns(alert), TICK_DIGITS);
    json_pair_int(json, "EventCount", (int64_t)alert->count);
    fact_pair_time(json, "EventStartTime", alert->start_ns, TICK_DIGITS);
    fact_pair_time(json, "EventEndTime", alert->end_ns, TICK_DIGITS);
    json_pair(json, "EventType", "Alert");
    json_pair(json, "EventSubType", natures[alert->detector].asim_sub_type);
    fact_pair_take_opt(json, "EventUid", &key);
    json_pair(json, "EventOriginalUid", alert->id);
    json_pair(json, "EventOriginalType", detector_rows[alert->detector].alert_type);
    json_pair(json, "EventProduct", "dnsvigil");
    json_pair(json, "EventVendor", "dnsvigil");
    json_pair(json, "EventProductVersion", DNSVIGIL_VERSION);
    json_pair(json, "EventSchema", "AlertEvent");
    json_pair(json, "EventSchemaVersion", "0.1");
    json_pair(json, "EventSeverity", severity_names[alert->severity][LANGUAGE_EN]);
    json_key(json, "EventMessage");
    fact_words(json, alert_description, alert, context->language);
}

static void alert_write(const struct dialect_context *context, const struct alert *alert,
                        struct json *json)
{
    bool closed = status_codes[alert->status].closed;
    json_pair(json, "AlertId", alert->id);
    json_key(json, "AlertName");
    fact_words(json, alert_title, alert, context->language);
    json_key(json, "AlertDescription");
    fact_words(json, alert_summary, alert, context->language);
    json_pair(json, "AlertStatus", closed ? "Closed" : "Active");
    json_pair(json, "AlertOriginalStatus", alert_status_names[alert->status][LANGUAGE_EN]);
    json_pair(json, "AlertVerdict", verdict_codes[alert->disposition].asim);
    json_pair(json, "DetectionMethod", natures[alert->detector].asim_method);
}

/* "DNS (T1071.004), …" */
static void techniques_write(const char *ids, struct json *json)
{
    struct technique technique;
    struct buf text;
    buf_init(&text, EXPORT_RECORD_MAX_BYTES);
    while (technique_next(&ids, &technique))
        buf_printf(&text, "%s%s (%s)", text.len ? ", " : "", technique.name, technique.id);
    fact_pair_take_opt(json, "AttackTechniques", &text);
}

static void threat_write(const struct dialect_context *context, const struct alert *alert,
                         struct json *json)
{
    const struct detector_row *row = &detector_rows[alert->detector];
    bool by_address = alert->has_indicator && alert->indicator.field == MATCH_ADDRESS;
    struct buf steps, rule;
    buf_init(&steps, EXPORT_RECORD_MAX_BYTES);
    buf_init(&rule, EXPORT_RECORD_MAX_BYTES);
    fact_steps_text(context->language, "\n", &steps);
    fact_rule(alert, &rule);
    json_pair(json, "ThreatCategory",
              alert->has_indicator ? alert->indicator.category
                                   : natures[alert->detector].ecs_action);
    json_pair_int(json, "ThreatConfidence", alert->confidence);
    json_pair(json, "IndicatorType", by_address ? "Ip" : "Host");
    json_pair(json, "AttackTactics", tactic_names[row->tactic][LANGUAGE_EN]);
    techniques_write(row->techniques, json);
    fact_pair_take_opt(json, "AttackRemediationSteps", &steps);
    fact_pair_take_opt(json, "RuleName", &rule);
    if (alert->has_signature)
        json_pair_int(json, "RuleNumber", alert->signature.sid);
}

static void places_write(const struct dialect_context *context, const struct alert *alert,
                         struct json *json)
{
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    json_pair_opt(json, "DvcIpAddr", alert->entity_ip);
    json_pair_opt(json, "DvcHostname", alert->entity_name);
    fact_pair_take_opt(json, "EventReportUrl", &url);
}

void dialect_asim(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    struct json json = json_writer(buf);
    json_object_begin(&json);
    event_write(context, alert, &json);
    alert_write(context, alert, &json);
    threat_write(context, alert, &json);
    places_write(context, alert, &json);
    json_key(&json, "AdditionalFields");
    json_object_begin(&json);
    fact_particulars(context, alert, FACT_CAMEL, &json);
    json_object_end(&json);
    json_object_end(&json);
}
