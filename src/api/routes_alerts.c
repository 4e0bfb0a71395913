/* routes_alerts.c - alerts: lists, counts, single ones with their past, and the stream of changes
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alerts.h"

#include "alert/record.h"
#include "api/events.h"
#include "api/trail.h"
#include "store/changes.h"
#include "store/count.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum language api_language(const struct api_request *request)
{
    const char *text = api_parameter(request, "lang");
    if (!text)
        return request->language;
    return strcmp(text, "ja") == 0 ? LANGUAGE_JA : LANGUAGE_EN;
}

bool api_filter(const struct api_request *request, struct filter *ret_filter,
                struct http_answer *answer)
{
    struct error error;
    struct store_filter *set = &ret_filter->set;
    const char *sort = api_parameter(request, "sort");
    *ret_filter = (struct filter){0};
    for (unsigned i = 0; i < request->parameter_count; i++) {
        int r = filter_set(ret_filter, request->parameters[i].name, request->parameters[i].value,
                           &error);
        if (r == 0 || r == -ENOENT) /* it is no filter */
            continue;
        api_fail(answer, 400, "bad_parameter", "%s", error.text);
        return false;
    }
    if (sort && !filter_sort_parse(sort, &set->sort, &set->reverse)) {
        api_fail(answer, 400, "bad_parameter", "there is no order \"%s\"", sort);
        return false;
    }
    set->limit = api_parameter_number(request, "limit", API_ITEMS_MAX);
    return true;
}

struct alert *api_alert(struct api *api, const char *id, struct http_answer *answer)
{
    struct error error;
    struct alert *alert = malloc(sizeof(*alert));
    int r = alert ? store_get(api->read, id, alert, &error)
                  : error_set(&error, -ENOMEM, "no memory for an alert");
    if (r == 0)
        return alert;
    api_fail_store(answer, r, &error);
    free(alert);
    return NULL;
}

void api_alert_answer(const struct alert *alert, enum language language, struct http_answer *answer)
{
    struct json json = json_writer(&answer->body);
    alert_to_json(alert, language, &json);
    snprintf(answer->etag, sizeof(answer->etag), "\"%u\"", alert->revision);
}

struct listing {
    struct json json;
    enum language language;
    const char *but;
};

/* A store_alert_fn. */
static int alert_item(void *context, const struct alert *alert, struct error *error)
{
    struct listing *listing = context;
    (void)error;
    if (!listing->but || strcmp(alert->id, listing->but) != 0)
        alert_to_json(alert, listing->language, &listing->json);
    return 0;
}

/* A page of long alerts may be more than an answer holds: then half as many go on it. */
void api_alert_list(struct api *api, const struct api_request *request,
                    const struct store_filter *filter, const char *but, struct http_answer *answer)
{
    struct store_filter page = *filter;
    struct store_cursor next;
    struct error error;
    const char *cursor = api_parameter(request, "cursor");
    int r;
    do {
        buf_reset(&answer->body);
        next = (struct store_cursor){""};
        struct listing listing = {api_list_begin(answer), api_language(request), but};
        r = store_list_page(api->read, &page, cursor ? cursor : "", alert_item, &listing, &next,
                            &error);
        api_list_end(&listing.json, next.text);
        page.limit /= 2;
    } while (r == 0 && answer->body.overflow && page.limit > 0);
    api_fail_store(answer, r, &error);
}

API_HANDLER(alerts_show)
{
    struct filter filter;
    if (api_filter(request, &filter, answer))
        api_alert_list(api, request, &filter.set, NULL, answer);
}

API_HANDLER(alerts_one)
{
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (alert)
        api_alert_answer(alert, api_language(request), answer);
    free(alert);
}

API_HANDLER(alerts_count)
{
    struct filter filter;
    struct store_totals totals;
    struct error error;
    if (!api_filter(request, &filter, answer))
        return;
    int r = store_count(api->read, &filter.set, &totals, &error);
    api_fail_store(answer, r, &error);
    if (r < 0)
        return;
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_pair_int(&json, "alerts", (int64_t)totals.alerts);
    json_pair_int(&json, "entities", (int64_t)totals.entities);
    json_object_end(&json);
}

/* A store_group_fn. */
static int group_item(void *context, const struct store_group *group, struct error *error)
{
    struct json *json = context;
    (void)error;
    json_object_begin(json);
    json_pair(json, "group", group->key);
    json_pair_int(json, "count", (int64_t)group->count);
    json_pair(json, "severity", severity_names[group->severity][LANGUAGE_EN]);
    api_pair_time(json, "newest", group->newest_ns);
    json_object_end(json);
    return 0;
}

API_HANDLER(alerts_groups)
{
    struct filter filter;
    struct error error;
    const char *by = api_parameter(request, "by");
    int axis = by ? store_axis_parse(by) : -1;
    if (!api_filter(request, &filter, answer))
        return;
    if (axis < 0) {
        api_fail(answer, 400, "bad_parameter",
                 "say what to group by: severity, status, type, entity, domain, owner, assignee, "
                 "day or hour");
        return;
    }
    struct json json = api_list_begin(answer);
    int r = store_groups(api->read, &filter.set, (enum store_axis)axis,
                         api_parameter_number(request, "top", API_ITEMS_MAX), group_item, &json,
                         &error);
    api_list_end(&json, NULL);
    api_fail_store(answer, r, &error);
}

/* What else there is of the same machine, or about the same domain. */
API_HANDLER(alerts_related)
{
    const char *by = api_parameter(request, "by");
    bool domain = by && strcmp(by, "domain") == 0;
    if (by && !domain && strcmp(by, "entity") != 0) {
        api_fail(answer, 400, "bad_parameter", "alerts are related by entity or by domain");
        return;
    }
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (!alert)
        return;
    const struct store_filter filter = {
        .statuses = ~0u,
        .entity_ip = domain ? NULL : alert->entity_ip,
        .domain = domain ? alert->domain : NULL,
        .limit = api_parameter_number(request, "limit", API_ITEMS_MAX),
    };
    if (*(domain ? alert->domain : alert->entity_ip))
        api_alert_list(api, request, &filter, alert->id, answer);
    else
        api_fail(answer, 409, "not_known", "this alert names no %s", domain ? "domain" : "machine");
    free(alert);
}

API_HANDLER(alerts_history)
{
    struct alert *alert = api_alert(api, request->captures[0], answer);
    char object[sizeof("alert/") + ALERT_ID_MAX];
    if (!alert)
        return;
    snprintf(object, sizeof(object), "alert/%s", alert->id);
    free(alert);
    api_trail(api, request, &(struct audit_filter){.object = object}, answer);
}

/* Where the client goes on: behind what it has seen, or what it names, or from now on. */
static int events_start(struct api *api, const struct api_request *request, uint64_t *ret_seq,
                        struct error *error)
{
    const char *last = request->last_event_id;
    if (last && *last && strspn(last, "0123456789") == strlen(last) && strlen(last) < 20)
        *ret_seq = strtoull(last, NULL, 10);
    else if (api_parameter(request, "after"))
        *ret_seq = api_parameter_number(request, "after", 0);
    else
        return changes_newest(api->read, ret_seq, error);
    return 0;
}

API_HANDLER(events_follow)
{
    struct error error;
    int r = events_start(api, request, &answer->cursor, &error);
    answer->type = "text/event-stream";
    answer->stream = events_more;
    api_fail_store(answer, r, &error);
}
