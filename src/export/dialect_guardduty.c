/* dialect_guardduty.c - a finding shaped like GuardDuty's
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "export/codes.h"
#include "export/facts.h"

#include <string.h>

enum { MS_DIGITS = 3 };

/* Whether the rule that matched says that the machine obeys somebody. */
static bool rule_says_c2(const struct alert_signature *signature)
{
    return strstr(signature->classtype, "command-and-control") ||
           strstr(signature->classtype, "domain-c2") || strstr(signature->tactics, "TA0011");
}

/* Purpose:Resource/Family. The resource of names that the imitated service has is EC2 in its own
 * words and Host in ours. */
static void type_write(const struct dialect_context *context, const struct alert *alert,
                       struct json *json)
{
    const struct nature *nature = &natures[alert->detector];
    bool c2 = alert->has_signature && rule_says_c2(&alert->signature);
    const char *equivalent = c2 ? "C&CActivity.B!DNS" : nature->guardduty_equivalent;
    bool theirs = context->compatible && *equivalent;
    struct buf type;
    buf_init(&type, EXPORT_RECORD_MAX_BYTES);
    buf_printf(&type, "%s:%s/%s", c2 ? "Backdoor" : nature->guardduty_purpose,
               theirs ? "EC2" : "Host", *equivalent ? equivalent : nature->guardduty_family);
    json_key(json, "type");
    fact_take(json, &type);
}

static void id_write(const struct alert *alert, struct json *json)
{
    char id[ALERT_ID_MAX];
    size_t len = 0;
    for (const char *c = fact_guid(alert); *c; c++)
        if (*c != '-')
            id[len++] = *c;
    json_key(json, "id");
    json_text_len(json, id, len);
}

static void tag(struct json *json, const char *key, const char *value)
{
    if (!*value)
        return;
    json_object_begin(json);
    json_pair(json, "key", key);
    json_pair(json, "value", value);
    json_object_end(json);
}

static void tags_write(const struct alert *alert, struct json *json)
{
    struct buf tags;
    buf_init(&tags, sizeof(alert->entity_tags));
    alert_tags(alert, ",", &tags);
    json_key(json, "tags");
    json_array_begin(json);
    tag(json, "Owner", alert->entity_owner);
    tag(json, "OwnerEmail", alert->entity_email);
    tag(json, "Tags", tags.len ? tags.data : "");
    tag(json, "Assignee", alert->assignee);
    json_array_end(json);
    buf_done(&tags);
}

static void interface_write(const struct alert *alert, struct json *json)
{
    bool v6 = fact_is_ipv6(alert->entity_ip);
    json_key(json, "networkInterfaces");
    json_array_begin(json);
    json_object_begin(json);
    json_key(json, "ipv6Addresses");
    json_array_begin(json);
    if (v6)
        json_text(json, alert->entity_ip);
    json_array_end(json);
    if (!v6) {
        json_pair(json, "privateIpAddress", alert->entity_ip);
        json_key(json, "privateIpAddresses");
        json_array_begin(json);
        json_object_begin(json);
        json_pair(json, "privateIpAddress", alert->entity_ip);
        json_object_end(json);
        json_array_end(json);
    }
    json_object_end(json);
    json_array_end(json);
}

static void resource_write(const struct alert *alert, struct json *json)
{
    json_key(json, "resource");
    json_object_begin(json);
    json_pair(json, "resourceType", "Instance");
    json_key(json, "instanceDetails");
    json_object_begin(json);
    json_pair(json, "instanceId", fact_entity(alert));
    tags_write(alert, json);
    interface_write(alert, json);
    json_object_end(json);
    json_object_end(json);
}

static void action_write(const struct alert *alert, struct json *json)
{
    json_key(json, "action");
    json_object_begin(json);
    json_pair(json, "actionType", "DNS_REQUEST");
    json_key(json, "dnsRequestAction");
    json_object_begin(json);
    json_pair(json, "domain", fact_domain(alert));
    fact_pair_bool(json, "blocked", false);
    json_object_end(json);
    json_object_end(json);
}

static void evidence_write(const struct alert *alert, struct json *json)
{
    json_key(json, "evidence");
    json_object_begin(json);
    json_key(json, "threatIntelligenceDetails");
    json_array_begin(json);
    if (alert->has_indicator) {
        json_object_begin(json);
        json_pair(json, "threatListName", alert->indicator.feed);
        json_key(json, "threatNames");
        json_array_begin(json);
        json_text(json, alert->indicator.entry);
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void additional_write(const struct dialect_context *context, const struct alert *alert,
                             struct json *json)
{
    json_key(json, "additionalInfo");
    json_object_begin(json);
    json_pair_opt(json, "threatListName", alert->indicator.feed);
    fact_pair_bool(json, "sample", alert->sample);
    fact_particulars(context, alert, FACT_CAMEL, json);
    json_object_end(json);
}

static void service_write(const struct dialect_context *context, const struct alert *alert,
                          struct json *json)
{
    static const char *const feedback[FEEDBACK_COUNT] = {
        [FEEDBACK_USEFUL] = "USEFUL",
        [FEEDBACK_NOT_USEFUL] = "NOT_USEFUL",
    };
    json_key(json, "service");
    json_object_begin(json);
    json_pair(json, "serviceName", context->compatible ? "guardduty" : "dnsvigil");
    json_pair(json, "detectorId", *alert->sensor ? alert->sensor : "dnsvigil");
    action_write(alert, json);
    json_pair(json, "resourceRole", "ACTOR");
    additional_write(context, alert, json);
    evidence_write(alert, json);
    fact_pair_time(json, "eventFirstSeen", alert->start_ns, 0);
    fact_pair_time(json, "eventLastSeen", alert->end_ns, 0);
    fact_pair_bool(json, "archived", status_codes[alert->status].closed);
    json_pair_int(json, "count", (int64_t)alert->count);
    json_pair_opt(json, "userFeedback", feedback[alert->feedback]);
    json_object_end(json);
}

void dialect_guardduty(const struct dialect_context *context, const struct alert *alert,
                       struct buf *buf)
{
    struct json json = json_writer(buf);
    json_object_begin(&json);
    json_pair(&json, "schemaVersion", "2.0");
    json_pair(&json, "accountId", "000000000000");
    json_pair(&json, "region", "local");
    json_pair(&json, "partition", context->compatible ? "aws" : "dnsvigil");
    id_write(alert, &json);
    json_pair(&json, "arn", "");
    type_write(context, alert, &json);
    resource_write(alert, &json);
    service_write(context, alert, &json);
    json_key(&json, "severity");
    json_decimal(&json, severity_codes[alert->severity].guardduty * 10, 1);
    json_key(&json, "confidence");
    json_int(&json, alert->confidence);
    json_key(&json, "title");
    fact_words(&json, alert_title, alert, context->language);
    json_key(&json, "description");
    fact_words(&json, alert_description, alert, context->language);
    fact_pair_time(&json, "createdAt", alert->start_ns, MS_DIGITS);
    fact_pair_time(&json, "updatedAt", fact_generated_ns(alert), MS_DIGITS);
    json_object_end(&json);
}
