/* suppression.c - suppression rules: when one matches an alert, and how one is proposed
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/suppression.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const suppression_state_names[SUPPRESSION_STATE_COUNT] = {
    [SUPPRESSION_ENABLED] = "enabled",
    [SUPPRESSION_DISABLED] = "disabled",
    [SUPPRESSION_EXPIRED] = "expired",
};

void suppression_free(struct suppression *rule)
{
    for (unsigned i = 0; rule && i < rule->condition_count; i++) {
        for (unsigned k = 0; k < rule->conditions[i].count; k++)
            free(rule->conditions[i].values[k]);
        free(rule->conditions[i].values);
    }
    free(rule);
}

enum suppression_state suppression_state_at(const struct suppression *rule, int64_t now_ns)
{
    if (rule->disabled)
        return SUPPRESSION_DISABLED;
    bool over = rule->expires_ns && now_ns >= rule->expires_ns;
    return over ? SUPPRESSION_EXPIRED : SUPPRESSION_ENABLED;
}

static bool plain_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool suppression_name_valid(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if (!plain_letter(name[i]) && (i == 0 || (name[i] != '-' && name[i] != '_')))
            return false;
    return len >= 2 && len <= SUPPRESSION_NAME_MAX;
}

/* One of the texts an alert has for a field; not terminated. */
struct slice {
    const char *text;
    size_t len;
};

static bool slice_equals(struct slice slice, const char *value)
{
    return strlen(value) == slice.len && strncasecmp(slice.text, value, slice.len) == 0;
}

static bool slice_contains(struct slice slice, const char *value)
{
    size_t len = strlen(value);
    for (size_t at = 0; at + len <= slice.len; at++)
        if (strncasecmp(slice.text + at, value, len) == 0)
            return true;
    return false;
}

/* A dot with an odd number of backslashes before it belongs to its label (RFC 4343 2.1). */
static bool label_ends_at(struct slice slice, size_t dot)
{
    size_t backslashes = 0;
    while (backslashes < dot && slice.text[dot - 1 - backslashes] == '\\')
        backslashes++;
    return slice.text[dot] == '.' && backslashes % 2 == 0;
}

static bool slice_ends_with(struct slice slice, const char *value)
{
    size_t len = strlen(value);
    if (len >= slice.len)
        return slice_equals(slice, value);
    size_t at = slice.len - len;
    return strncasecmp(slice.text + at, value, len) == 0 && label_ends_at(slice, at - 1);
}

static bool condition_takes(const struct suppression_condition *condition, struct slice slice)
{
    struct addr addr;
    if (slice.len == 0)
        return false;
    switch (condition->how) {
    case SUPPRESSION_CONTAINS: return slice_contains(slice, condition->values[0]);
    case SUPPRESSION_SUFFIX: return slice_ends_with(slice, condition->values[0]);
    case SUPPRESSION_CIDR:
        return addr_parse(slice.text, slice.len, &addr) &&
               prefix_contains(&condition->prefix, &addr);
    default: break;
    }
    for (unsigned i = 0; i < condition->count; i++)
        if (slice_equals(slice, condition->values[i]))
            return true;
    return false;
}

static bool takes(const struct suppression_condition *condition, const char *text)
{
    return condition_takes(condition, (struct slice){text, strlen(text)});
}

/* Whether some text that the alert has for the condition's field is taken. */

static bool entity_holds(const struct suppression_condition *condition, const struct alert *alert)
{
    return takes(condition, alert->entity_ip) || takes(condition, alert->entity_name);
}

/* Answers do not count: whoever writes them could choose one that is suppressed. A list's entry
 * nobody but the list chooses. */
static bool ip_holds(const struct suppression_condition *condition, const struct alert *alert)
{
    bool listed = alert->has_indicator && alert->indicator.field == MATCH_ADDRESS;
    return takes(condition, alert->entity_ip) ||
           (listed && takes(condition, alert->indicator.matched));
}

static bool domain_holds(const struct suppression_condition *condition, const struct alert *alert)
{
    return takes(condition, alert->domain) || takes(condition, alert->qname);
}

static bool tag_holds(const struct suppression_condition *condition, const struct alert *alert)
{
    for (const char *line = alert->entity_tags; *line;) {
        size_t len = strcspn(line, "\n");
        if (condition_takes(condition, (struct slice){line, len}))
            return true;
        line += len + (line[len] == '\n');
    }
    return false;
}

static bool rule_holds(const struct suppression_condition *condition, const struct alert *alert)
{
    const struct alert_signature *signature = &alert->signature;
    char whole[32];
    if (alert->has_anomaly && takes(condition, anomaly_rows[alert->anomaly.code].slug))
        return true;
    if (!alert->has_signature)
        return false;
    snprintf(whole, sizeof(whole), "%" PRIu32 ":%" PRIu32, signature->gid, signature->sid);
    return takes(condition, whole) || takes(condition, strchr(whole, ':') + 1) ||
           takes(condition, signature->msg);
}

static bool feed_holds(const struct suppression_condition *condition, const struct alert *alert)
{
    return alert->has_indicator && takes(condition, alert->indicator.feed);
}

static bool condition_holds(const struct suppression_condition *condition,
                            const struct alert *alert)
{
    switch ((enum suppression_field)condition->field) {
    case SUPPRESSION_FIELD_ENTITY: return entity_holds(condition, alert);
    case SUPPRESSION_FIELD_IP: return ip_holds(condition, alert);
    case SUPPRESSION_FIELD_DOMAIN: return domain_holds(condition, alert);
    case SUPPRESSION_FIELD_TAG: return tag_holds(condition, alert);
    case SUPPRESSION_FIELD_RULE: return rule_holds(condition, alert);
    case SUPPRESSION_FIELD_FEED: return feed_holds(condition, alert);
    case SUPPRESSION_FIELD_COUNT: break;
    }
    return false;
}

bool suppression_covers(const struct suppression *rule, enum detector detector)
{
    const struct detector_row *row = &detector_rows[detector];
    for (unsigned i = 0; i < rule->type_count; i++)
        if (strcasecmp(rule->types[i], row->slug) == 0 ||
            strcasecmp(rule->types[i], row->alert_type) == 0)
            return true;
    return rule->every_type;
}

bool suppression_matches(const struct suppression *rule, const struct alert *alert)
{
    if (!suppression_covers(rule, alert->detector))
        return false;
    for (unsigned i = 0; i < rule->condition_count; i++)
        if (!condition_holds(&rule->conditions[i], alert))
            return false;
    return true;
}

/* A proposed rule is put together as JSON, so that what is proposed is what can be read. */

static void condition_propose(struct json *json, const char *field, const char *value)
{
    json_object_begin(json);
    json_pair(json, "field", field);
    json_key(json, "in");
    json_array_begin(json);
    json_text(json, value);
    json_array_end(json);
    json_object_end(json);
}

static void signature_propose(struct json *json, const struct alert *alert)
{
    char whole[32];
    snprintf(whole, sizeof(whole), "%" PRIu32 ":%" PRIu32, alert->signature.gid,
             alert->signature.sid);
    condition_propose(json, "rule", whole);
}

/* "threat_intel-192-0-2-7-c2-example": type and what it is about, cut to what a name may be. */
static void name_propose(const struct alert *alert, enum suppression_scope scope,
                         char name[static SUPPRESSION_NAME_MAX + 1])
{
    const char *entity = scope & SUPPRESSION_SCOPE_ENTITY ? alert->entity_ip : "";
    const char *domain = scope & SUPPRESSION_SCOPE_DOMAIN ? alert->domain : "";
    char whole[2 * SUPPRESSION_NAME_MAX + sizeof(alert->entity_ip)];
    snprintf(whole, sizeof(whole), "%s-%s%s%.*s", detector_rows[alert->detector].slug, entity,
             *entity && *domain ? "-" : "", SUPPRESSION_NAME_MAX / 2, domain);
    snprintf(name, SUPPRESSION_NAME_MAX + 1, "%.*s", SUPPRESSION_NAME_MAX, whole);
    for (char *c = name; *c; c++)
        if (!plain_letter(*c) && *c != '_')
            *c = '-';
}

static void rule_propose(const struct alert *alert, enum suppression_scope scope,
                         enum disposition reason, struct json *json)
{
    char name[SUPPRESSION_NAME_MAX + 1];
    name_propose(alert, scope, name);
    json_object_begin(json);
    json_pair(json, "name", name);
    json_key(json, "alert_types");
    json_array_begin(json);
    json_text(json, detector_rows[alert->detector].slug);
    json_array_end(json);
    json_key(json, "conditions");
    json_array_begin(json);
    if (scope & SUPPRESSION_SCOPE_ENTITY)
        condition_propose(json, "ip", alert->entity_ip);
    if (scope & SUPPRESSION_SCOPE_DOMAIN)
        condition_propose(json, "domain", alert->domain);
    if (alert->has_signature)
        signature_propose(json, alert);
    json_array_end(json);
    json_pair(json, "reason", disposition_names[reason][LANGUAGE_EN]);
    json_object_end(json);
}

int suppression_from_alert(const struct alert *alert, enum suppression_scope scope,
                           enum disposition reason, struct suppression **ret_rule,
                           struct error *error)
{
    struct buf buf;
    struct json json = json_writer(&buf);
    if ((scope & SUPPRESSION_SCOPE_ENTITY && !*alert->entity_ip) ||
        (scope & SUPPRESSION_SCOPE_DOMAIN && !*alert->domain))
        return error_set(error, -EINVAL, "alert %s names no %s to make a rule of; choose the other",
                         alert->id, *alert->domain ? "machine" : "domain");
    buf_init(&buf, SUPPRESSION_JSON_MAX_BYTES);
    rule_propose(alert, scope, reason, &json);
    int r = buf.overflow ? error_set(error, -ENOMEM, "no memory for a rule")
                         : suppression_parse(buf.data, buf.len, ret_rule, error);
    buf_done(&buf);
    return r;
}
