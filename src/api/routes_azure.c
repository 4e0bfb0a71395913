/* routes_azure.c - alerts and suppression rules as resources below /subscriptions, for programs
 * that know Azure's REST interface
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Whatever subscription, resource group and location a path names, it is this store that answers,
 * and resources carry the names that were asked for. */
#include "api/alert_change.h"
#include "api/alerts.h"
#include "api/routes.h"
#include "api/suppressions.h"

#include "base/clock.h"
#include "export/azure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ALERTS = 100 };

#define RULES_TYPE "Microsoft.Security/alertsSuppressionRules"

/* What stands for {name} in the path; NULL where it has none. */
static const char *capture_named(const struct api_request *request, const char *name)
{
    unsigned count = 0;
    for (const char *at = strchr(request->route->path, '{'); at; at = strchr(at + 1, '{')) {
        size_t len = strcspn(at + 1, "}");
        if (len == strlen(name) && memcmp(at + 1, name, len) == 0)
            return request->captures[count];
        count++;
    }
    return NULL;
}

static void store_fail(struct http_answer *answer, int r, const struct error *error)
{
    if (r == -ENOENT)
        api_fail(answer, 404, "ResourceNotFound", "%s", api_message(error));
    else if (r == -EINVAL)
        api_fail(answer, 400, "BadRequest", "%s", api_message(error));
    else
        api_fail_store(answer, r, error);
}

/* A date, maybe a preview of one; which one makes no difference here. */
static bool version_check(const struct api_request *request, struct http_answer *answer)
{
    const char *version = api_parameter(request, "api-version");
    int used = 0;
    if (!version) {
        api_fail(answer, 400, "MissingApiVersionParameter",
                 "the query parameter api-version is missing, such as %s", AZURE_INTERFACE);
        return false;
    }
    sscanf(version, "%*4[0-9]-%*2[0-9]-%*2[0-9]%n", &used);
    if (used == 10 && (version[used] == 0 || strcmp(version + used, "-preview") == 0))
        return true;
    api_fail(answer, 400, "InvalidApiVersionParameter", "api-version is a date, such as %s",
             AZURE_INTERFACE);
    return false;
}

/* Alerts. */

struct page {
    struct dialect_context context;
    struct json json;
    struct buf record;
};

static struct page page_open(const struct api *api, const struct api_request *request,
                             struct http_answer *answer)
{
    struct page page = {
        .context = {.language = request->language,
                    .console_url = api->config->response.public_url,
                    .subscription_id = capture_named(request, "subscription"),
                    .resource_group = capture_named(request, "group"),
                    .location = capture_named(request, "location")},
        .json = json_writer(&answer->body),
    };
    buf_init(&page.record, EXPORT_RECORD_MAX_BYTES);
    return page;
}

/* A store_alert_fn. One that is too long even when cut is left out. */
static int alert_resource(void *context, const struct alert *alert, struct error *error)
{
    struct page *page = context;
    buf_reset(&page->record);
    int r = dialect_write(&dialects[DIALECT_AZURE], &page->context, alert, &page->record);
    if (r == 0)
        json_raw(&page->json, page->record.data, page->record.len);
    return r == 0 || r == -EMSGSIZE ? 0 : error_set(error, r, "no memory for an alert");
}

/* The place that was asked; a proxy before us may speak TLS for us. */
static void origin_write(const struct api *api, const struct api_request *request, struct buf *buf)
{
    const char *host = strstr(api->config->response.public_url, "://");
    if (!request->host)
        return;
    if (host && strcasecmp(host + 3, request->host) == 0)
        buf_text(buf, api->config->response.public_url);
    else
        buf_printf(buf, "http%s://%s", request->tls ? "s" : "", request->host);
}

/* Clients ask for it as it stands. */
static void next_link(const struct api *api, const struct api_request *request,
                      const struct store_cursor *next, struct json *json)
{
    struct buf link;
    if (!next->text[0])
        return;
    buf_init(&link, 2 * API_QUERY_MAX + STORE_CURSOR_MAX);
    origin_write(api, request, &link);
    buf_printf(&link, "%s?api-version=%s&$skipToken=%s", request->path,
               api_parameter(request, "api-version"), next->text);
    json_pair(json, "nextLink", link.data);
    buf_done(&link);
}

API_HANDLER(azure_alerts)
{
    struct store_cursor next = {""};
    struct error error;
    const char *token = api_parameter(request, "$skipToken");
    const struct store_filter all = {.statuses = ~0u, .limit = PAGE_ALERTS};
    if (!version_check(request, answer))
        return;
    struct page page = page_open(api, request, answer);
    json_object_begin(&page.json);
    json_key(&page.json, "value");
    json_array_begin(&page.json);
    int r =
        store_list_page(api->read, &all, token ? token : "", alert_resource, &page, &next, &error);
    json_array_end(&page.json);
    next_link(api, request, &next, &page.json);
    json_object_end(&page.json);
    buf_done(&page.record);
    store_fail(answer, r, &error);
}

/* The alert that the path names, to be freed; NULL with an error in the answer. */
static struct alert *alert_find(struct api *api, const struct api_request *request,
                                struct http_answer *answer)
{
    struct error error;
    struct alert *alert = malloc(sizeof(*alert));
    int r = alert ? store_get(api->read, capture_named(request, "name"), alert, &error)
                  : error_set(&error, -ENOMEM, "no memory for an alert");
    if (r == 0)
        return alert;
    store_fail(answer, r, &error);
    free(alert);
    return NULL;
}

API_HANDLER(azure_alert)
{
    struct error error;
    struct alert *alert = version_check(request, answer) ? alert_find(api, request, answer) : NULL;
    if (!alert)
        return;
    struct page page = page_open(api, request, answer);
    store_fail(answer, alert_resource(&page, alert, &error), &error);
    buf_done(&page.record);
    free(alert);
}

static int status_of(const char *action)
{
    static const struct {
        const char *action;
        enum alert_status status;
    } actions[] = {{"activate", ALERT_STATUS_ACTIVE},
                   {"inProgress", ALERT_STATUS_IN_PROGRESS},
                   {"resolve", ALERT_STATUS_RESOLVED},
                   {"dismiss", ALERT_STATUS_DISMISSED}};
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
        if (strcasecmp(action, actions[i].action) == 0)
            return (int)actions[i].status;
    return -1;
}

API_HANDLER(azure_alert_action)
{
    struct store_change change = STORE_CHANGE_NONE;
    change.status = status_of(capture_named(request, "action"));
    change.actor = request->who.name;
    alert_change_settle(&change);
    if (!version_check(request, answer))
        return;
    if (change.status < 0) {
        api_fail(answer, 404, "ResourceNotFound",
                 "alerts can be dismissed, resolved, activated and taken inProgress");
        return;
    }
    struct alert *alert = alert_find(api, request, answer);
    if (alert)
        alert_change_one(api, alert->id, &change, answer);
    free(alert);
}

API_HANDLER(azure_simulate)
{
    const json_t *properties = json_object_get(request->body, "properties");
    const char *kind = json_string_value(json_object_get(properties, "kind"));
    size_t i;
    json_t *bundle;
    bool dns = false;
    json_array_foreach(json_object_get(properties, "bundles"), i, bundle)
    {
        const char *text = json_string_value(bundle);
        dns |= text && strcmp(text, "DNS") == 0;
    }
    if (!version_check(request, answer))
        return;
    if (!kind || strcmp(kind, "Bundles") != 0 || !dns) {
        api_fail(answer, 400, "BadRequest", "the kind is Bundles; of these there is DNS here");
    } else if (api_samples(api, (1u << DETECTOR_COUNT) - 1, answer)) {
        buf_reset(&answer->body);
        buf_text(&answer->body, "{}");
    }
}

/* Suppression rules. */

/* How the field of a condition is called there, where it has a name. */
static const char *const field_names[SUPPRESSION_FIELD_COUNT] = {
    [SUPPRESSION_FIELD_ENTITY] = "compromisedEntity",
    [SUPPRESSION_FIELD_IP] = "entities.ip.address",
    [SUPPRESSION_FIELD_DOMAIN] = "entities.dns.domainName",
    [SUPPRESSION_FIELD_TAG] = "tag",
    [SUPPRESSION_FIELD_RULE] = "rule",
    [SUPPRESSION_FIELD_FEED] = "feed",
};

static void condition_resource(const struct suppression_condition *condition, struct json *json)
{
    char block[ADDR_TEXT_MAX];
    json_object_begin(json);
    json_pair(json, "field", field_names[condition->field]);
    switch (condition->how) {
    case SUPPRESSION_CONTAINS: json_pair(json, "contains", condition->values[0]); break;
    case SUPPRESSION_SUFFIX: json_pair(json, "suffix", condition->values[0]); break;
    case SUPPRESSION_CIDR:
        prefix_format(&condition->prefix, block);
        json_pair(json, "cidr", block);
        break;
    default:
        json_key(json, "in");
        json_array_begin(json);
        for (unsigned i = 0; i < condition->count; i++)
            json_text(json, condition->values[i]);
        json_array_end(json);
        break;
    }
    json_object_end(json);
}

/* Of several types one text, as commas between intents elsewhere. */
static void types_text(const struct suppression *rule, struct buf *buf)
{
    buf_text(buf, rule->every_type ? "*" : "");
    for (unsigned i = 0; i < rule->type_count; i++) {
        int detector = detector_parse(rule->types[i]);
        buf_printf(buf, "%s%s", i ? "," : "",
                   detector < 0 ? rule->types[i] : detector_rows[detector].alert_type);
    }
}

static const char *const reasons[DISPOSITION_COUNT] = {
    [DISPOSITION_FALSE_POSITIVE] = "FalsePositive",
    [DISPOSITION_BENIGN] = "Benign",
    [DISPOSITION_EXPECTED] = "Expected",
    [DISPOSITION_TEST] = "Test",
    [DISPOSITION_DUPLICATE] = "Duplicate",
    [DISPOSITION_OTHER] = "Other",
};

static void rule_properties(const struct suppression_entry *entry, struct json *json)
{
    static const char *const states[SUPPRESSION_STATE_COUNT] = {"Enabled", "Disabled", "Expired"};
    const struct suppression *rule = entry->rule;
    struct buf types;
    buf_init(&types, SUPPRESSION_TYPES_MAX * (SUPPRESSION_TYPE_MAX + 1));
    types_text(rule, &types);
    json_pair(json, "alertType", types.data);
    buf_done(&types);
    api_pair_time(json, "lastModifiedUtc", entry->modified_ns);
    api_pair_time(json, "expirationDateUtc", rule->expires_ns);
    json_pair(json, "reason", reasons[rule->reason]);
    json_pair(json, "state", states[suppression_state_at(rule, clock_now_ns())]);
    json_pair_opt(json, "comment", rule->comment);
    json_key(json, "suppressionAlertsScope");
    json_object_begin(json);
    json_key(json, "allOf");
    json_array_begin(json);
    for (unsigned i = 0; i < rule->condition_count; i++)
        condition_resource(&rule->conditions[i], json);
    json_array_end(json);
    json_object_end(json);
}

struct rules_page {
    const char *subscription;
    const char *type; /* NULL: any */
    struct json json;
};

/* Rules may name types that this version does not know. */
static bool is_of_type(const struct suppression *rule, const char *type)
{
    int detector = detector_parse(type);
    if (detector >= 0)
        return suppression_covers(rule, (enum detector)detector);
    for (unsigned i = 0; i < rule->type_count; i++)
        if (strcmp(rule->types[i], type) == 0)
            return true;
    return rule->every_type;
}

/* A suppression_entry_fn. */
static int rule_resource(void *context, const struct suppression_entry *entry, struct error *error)
{
    struct rules_page *page = context;
    struct json *json = &page->json;
    char id[2 * API_CAPTURE_MAX];
    (void)error;
    if (page->type && !is_of_type(entry->rule, page->type))
        return 0;
    snprintf(id, sizeof(id), "/subscriptions/%s/providers/" RULES_TYPE "/%s", page->subscription,
             entry->rule->name);
    json_object_begin(json);
    json_pair(json, "id", id);
    json_pair(json, "name", entry->rule->name);
    json_pair(json, "type", RULES_TYPE);
    json_key(json, "properties");
    json_object_begin(json);
    rule_properties(entry, json);
    json_object_end(json);
    json_object_end(json);
    return 0;
}

static struct rules_page rules_open(const struct api_request *request, struct http_answer *answer)
{
    return (struct rules_page){capture_named(request, "subscription"), NULL,
                               json_writer(&answer->body)};
}

API_HANDLER(azure_rules)
{
    struct error error;
    if (!version_check(request, answer))
        return;
    struct rules_page page = rules_open(request, answer);
    page.type = api_parameter(request, "AlertType");
    json_object_begin(&page.json);
    json_key(&page.json, "value");
    json_array_begin(&page.json);
    int r = suppressions_list(api->read, rule_resource, &page, &error);
    json_array_end(&page.json);
    json_object_end(&page.json);
    store_fail(answer, r, &error);
}

static void rule_answer(struct api *api, const struct api_request *request,
                        struct http_answer *answer)
{
    struct error error;
    struct rules_page page = rules_open(request, answer);
    int r =
        suppressions_get(api->read, capture_named(request, "name"), rule_resource, &page, &error);
    store_fail(answer, r, &error);
}

API_HANDLER(azure_rule)
{
    if (version_check(request, answer))
        rule_answer(api, request, answer);
}

/* Keys are found in any case: examples differ in how they are written. */
static json_t *key_find(const json_t *object, const char *wanted)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key,
                        value) if (strcasecmp(key, wanted) == 0) return value;
    return NULL;
}

static json_t *types_list(const char *text)
{
    json_t *list = json_array();
    while (text && *text) {
        size_t len = strcspn(text, ",");
        json_array_append_new(list, json_stringn(text, len));
        text += len + (text[len] == ',');
    }
    return list;
}

/* Reasons are free text there. */
static const char *reason_word(const char *text)
{
    int reason = disposition_parse(text);
    if (reason <= DISPOSITION_NONE || reason == DISPOSITION_TRUE_POSITIVE)
        reason = DISPOSITION_OTHER;
    return disposition_names[reason][LANGUAGE_EN];
}

static const char *text_find(const json_t *object, const char *wanted)
{
    return json_string_value(key_find(object, wanted));
}

static bool is_given(const json_t *value)
{
    return value && !json_is_null(value);
}

static bool is_over(const char *time)
{
    int64_t time_ns;
    return time && time_parse(time, &time_ns) == 0 && time_ns <= clock_now_ns();
}

/* What of the properties would be lost in translation, and the rule be wider than it was meant;
 * NULL when nothing would. */
static const char *properties_fault(const json_t *properties)
{
    const char *state = text_find(properties, "state");
    const json_t *expires = key_find(properties, "expirationDateUtc");
    const json_t *scope = key_find(properties, "suppressionAlertsScope");
    if (!text_find(properties, "alertType") || !text_find(properties, "reason") || !state)
        return "alertType, reason and state are required";
    if (strcasecmp(state, "Enabled") != 0 && strcasecmp(state, "Disabled") != 0 &&
        strcasecmp(state, "Expired") != 0)
        return "state is Enabled, Disabled or Expired";
    if (is_given(expires) && !json_is_string(expires))
        return "expirationDateUtc is a time, as text";
    if (strcasecmp(state, "Expired") == 0 && !is_over(json_string_value(expires)))
        return "a rule is Expired when its expirationDateUtc is over";
    if (is_given(scope) && !json_is_array(key_find(scope, "allOf")))
        return "suppressionAlertsScope has allOf, a list of conditions";
    return NULL;
}

/* The rule as we write it, for the one reader that checks it. */
static json_t *rule_translate(const char *name, const json_t *properties)
{
    const char *state = text_find(properties, "state");
    json_t *expires = key_find(properties, "expirationDateUtc");
    json_t *comment = key_find(properties, "comment");
    json_t *scope = key_find(key_find(properties, "suppressionAlertsScope"), "allOf");
    json_t *rule = json_object();
    bool disabled = strcasecmp(state, "Disabled") == 0;
    json_object_set_new(rule, "name", json_string(name));
    json_object_set_new(rule, "alert_types", types_list(text_find(properties, "alertType")));
    json_object_set_new(rule, "reason", json_string(reason_word(text_find(properties, "reason"))));
    json_object_set_new(rule, "state", json_string(disabled ? "disabled" : "enabled"));
    if (json_is_string(comment))
        json_object_set(rule, "comment", comment);
    if (json_is_string(expires))
        json_object_set(rule, "expires", expires);
    if (json_is_array(scope))
        json_object_set(rule, "conditions", scope);
    return rule;
}

API_HANDLER(azure_rule_put)
{
    struct suppression *rule = NULL;
    struct error error;
    const json_t *properties = json_object_get(request->body, "properties");
    const char *fault = properties_fault(properties);
    if (!version_check(request, answer))
        return;
    if (fault) {
        api_fail(answer, 400, "BadRequest", "%s", fault);
        return;
    }
    json_t *translated = rule_translate(capture_named(request, "name"), properties);
    int r = suppression_from_json(translated, &rule, &error);
    json_decref(translated);
    store_fail(answer, r, &error);
    struct suppression_keeping keeping = {rule, SUPPRESSIONS_REPLACE, request->who.name};
    if (r == 0 && suppression_keep(api, &keeping, answer))
        rule_answer(api, request, answer);
    suppression_free(rule);
}

struct removing {
    const char *name;
    const char *actor;
};

/* A store_write_fn. */
static int removing_write(void *arg, struct store *store, struct error *error)
{
    const struct removing *removing = arg;
    return suppressions_remove(store, removing->name, removing->actor, error);
}

API_HANDLER(azure_rule_delete)
{
    struct removing removing = {capture_named(request, "name"), request->who.name};
    struct error error = {""};
    if (version_check(request, answer))
        store_fail(answer, api->writer.write(api->writer.arg, removing_write, &removing, &error),
                   &error);
}
