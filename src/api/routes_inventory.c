/* routes_inventory.c - machines and domains: what alerts there are, who asked for what
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alerts.h"
#include "base/clock.h"

#include "store/count.h"
#include "store/history.h"

#include <dnsvigil/name.h>

#include <stdlib.h>
#include <string.h>

enum { AROUND_MINUTES = 60 }; /* before and after an alert, unless asked otherwise */

/* The keys of a machine, as the newest of its alerts has them; without braces. */
static void machine_pairs(const struct alert *alert, struct json *json)
{
    json_pair_opt(json, "name", alert->entity_name);
    json_pair_opt(json, "owner", alert->entity_owner);
    json_pair_opt(json, "email", alert->entity_email);
    json_key(json, "tags");
    json_array_begin(json);
    for (const char *tag = alert->entity_tags; *tag;) {
        size_t len = strcspn(tag, "\n");
        json_text_len(json, tag, len);
        tag += len + (tag[len] == '\n');
    }
    json_array_end(json);
    json_key(json, "compromised");
    json_bool(json, alert->compromised);
}

/* A store_alert_fn. */
static int machine_take(void *context, const struct alert *alert, struct error *error)
{
    (void)error;
    machine_pairs(alert, context);
    return 0;
}

static int machine_find(struct api *api, const char *ip, struct json *json, struct error *error)
{
    const struct store_filter newest = {.statuses = ~0u, .entity_ip = ip, .limit = 1};
    return store_list(api->read, &newest, machine_take, json, error);
}

struct inventory {
    struct api *api;
    struct json json;
};

/* A store_group_fn. */
static int machine_item(void *context, const struct store_group *group, struct error *error)
{
    struct inventory *inventory = context;
    struct json *json = &inventory->json;
    if (!*group->key)
        return 0;
    json_object_begin(json);
    json_pair(json, "ip", group->key);
    int r = machine_find(inventory->api, group->key, json, error);
    json_pair_int(json, "alerts", (int64_t)group->count);
    json_pair(json, "severity", severity_names[group->severity][LANGUAGE_EN]);
    api_pair_time(json, "newest", group->newest_ns);
    json_object_end(json);
    return r;
}

API_HANDLER(inventory_show)
{
    struct filter filter;
    struct error error;
    if (!api_filter(request, &filter, answer))
        return;
    struct inventory inventory = {api, api_list_begin(answer)};
    int r = store_groups(api->read, &filter.set, STORE_AXIS_ENTITY, filter.set.limit, machine_item,
                         &inventory, &error);
    api_list_end(&inventory.json, NULL);
    api_fail_store(answer, r, &error);
}

/* A store_group_fn: `"key": count`. */
static int count_pair(void *context, const struct store_group *group, struct error *error)
{
    (void)error;
    json_pair_int(context, group->key, (int64_t)group->count);
    return 0;
}

static int counts_write(struct api *api, const struct store_filter *filter, const char *key,
                        enum store_axis axis, struct json *json, struct error *error)
{
    json_key(json, key);
    json_object_begin(json);
    int r = store_groups(api->read, filter, axis, 0, count_pair, json, error);
    json_object_end(json);
    return r;
}

static int summary_write(struct api *api, const struct store_filter *filter, struct json *json,
                         struct error *error)
{
    struct store_totals totals;
    int r = store_count(api->read, filter, &totals, error);
    if (r < 0)
        return r;
    json_pair_int(json, "alerts", (int64_t)totals.alerts);
    json_pair_int(json, "entities", (int64_t)totals.entities);
    r = counts_write(api, filter, "by_type", STORE_AXIS_TYPE, json, error);
    if (r == 0)
        r = counts_write(api, filter, "by_severity", STORE_AXIS_SEVERITY, json, error);
    return r < 0 ? r : counts_write(api, filter, "by_status", STORE_AXIS_STATUS, json, error);
}

/* The address that the path names, and its canonical text. */
static bool addr_take(const struct api_request *request, struct addr *ret_addr,
                      char text[static ADDR_TEXT_MAX], struct http_answer *answer)
{
    const char *given = request->captures[0];
    if (addr_parse(given, strlen(given), ret_addr)) {
        addr_format(ret_addr, text);
        return true;
    }
    api_fail(answer, 404, "not_found", "\"%s\" is no address", given);
    return false;
}

API_HANDLER(inventory_one)
{
    struct addr addr;
    char ip[ADDR_TEXT_MAX];
    struct error error;
    if (!addr_take(request, &addr, ip, answer))
        return;
    const struct store_filter all = {.statuses = ~0u, .entity_ip = ip};
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_pair(&json, "ip", ip);
    int r = machine_find(api, ip, &json, &error);
    if (r == 0)
        r = summary_write(api, &all, &json, &error);
    json_object_end(&json);
    api_fail_store(answer, r, &error);
}

API_HANDLER(inventory_hosts)
{
    const struct config_inventory_host_list *hosts = &api->config->inventory.hosts;
    struct json json = api_list_begin(answer);
    (void)request;
    for (uint32_t i = 0; i < hosts->count; i++) {
        const struct config_inventory_host *host = &hosts->items[i];
        json_object_begin(&json);
        json_pair(&json, "match", host->match);
        json_pair_opt(&json, "name", host->name);
        json_pair_opt(&json, "owner", host->owner);
        json_pair_opt(&json, "email", host->email);
        json_key(&json, "tags");
        json_array_begin(&json);
        for (uint32_t k = 0; k < host->tags.count; k++)
            json_text(&json, host->tags.items[k].text);
        json_array_end(&json);
        json_object_end(&json);
    }
    api_list_end(&json, NULL);
}

/* Who asked for what. */

/* A history_row_fn. */
static int row_item(void *context, const struct history_row *row, struct error *error)
{
    struct json *json = context;
    (void)error;
    json_object_begin(json);
    history_row_to_json(row, json);
    json_object_end(json);
    return 0;
}

static void rows_answer(struct api *api, const struct history_filter *filter,
                        struct http_answer *answer)
{
    struct error error;
    struct json json = api_list_begin(answer);
    int r = history_find(api->read, filter, row_item, &json, &error);
    api_list_end(&json, NULL);
    api_fail_store(answer, r, &error);
}

static struct history_filter period_of(const struct api_request *request)
{
    return (struct history_filter){
        .since_ns = api_parameter_time(request, "since"),
        .until_ns = api_parameter_time(request, "until"),
        .limit = api_parameter_number(request, "limit", API_ITEMS_MAX),
    };
}

API_HANDLER(inventory_names)
{
    struct addr addr;
    char ip[ADDR_TEXT_MAX];
    struct history_filter filter = period_of(request);
    filter.entity = &addr;
    if (addr_take(request, &addr, ip, answer))
        rows_answer(api, &filter, answer);
}

API_HANDLER(alerts_transactions)
{
    struct addr addr;
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (!alert)
        return;
    int64_t around_ns =
        (int64_t)api_parameter_number(request, "minutes", AROUND_MINUTES) * 60 * NS_PER_S;
    const struct history_filter filter = {
        .entity = &addr,
        .since_ns = alert->start_ns - around_ns,
        .until_ns = alert->end_ns + around_ns,
        .limit = api_parameter_number(request, "limit", API_ITEMS_MAX),
    };
    if (addr_parse(alert->entity_ip, strlen(alert->entity_ip), &addr))
        rows_answer(api, &filter, answer);
    else
        api_fail(answer, 409, "not_known", "this alert names no machine");
    free(alert);
}

/* The name that the path names, as alerts and history have it. */
static bool name_take(const struct api_request *request, struct filter *ret_filter,
                      struct dns_name *ret_name, struct http_answer *answer)
{
    struct error error;
    const char *given = request->captures[0];
    *ret_filter = (struct filter){.set.statuses = ~0u};
    if (filter_set(ret_filter, "domain", given, &error) == 0 &&
        name_from_text(ret_name, ret_filter->domain, strlen(ret_filter->domain)))
        return true;
    api_fail(answer, 404, "not_found", "\"%s\" is no name", given);
    return false;
}

API_HANDLER(domains_one)
{
    struct filter all;
    struct dns_name name;
    struct history_use use;
    struct error error;
    if (!name_take(request, &all, &name, answer))
        return;
    struct json json = json_writer(&answer->body);
    int r = history_use(api->read, &name, &use, &error);
    json_object_begin(&json);
    json_pair(&json, "name", all.domain);
    if (r == 0) {
        json_pair_int(&json, "clients", (int64_t)use.clients);
        api_pair_time(&json, "first", use.first_ns);
        api_pair_time(&json, "last", use.last_ns);
        r = summary_write(api, &all.set, &json, &error);
    }
    json_object_end(&json);
    api_fail_store(answer, r, &error);
}

API_HANDLER(domains_clients)
{
    struct filter all;
    struct dns_name name;
    struct history_filter filter = period_of(request);
    filter.name = &name;
    if (name_take(request, &all, &name, answer))
        rows_answer(api, &filter, answer);
}
