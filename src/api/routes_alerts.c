/* routes_alerts.c - alerts: lists, single ones, and the stream of their changes
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "alert/record.h"
#include "api/events.h"
#include "store/changes.h"
#include "store/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum language language_of(const struct api_request *request)
{
    const char *text = api_parameter(request, "lang");
    if (!text)
        return request->language;
    return strcmp(text, "ja") == 0 ? LANGUAGE_JA : LANGUAGE_EN;
}

/* The filter that the query tells, as far as it is one. */
static bool filter_read(const struct api_request *request, struct filter *filter,
                        struct http_answer *answer)
{
    struct error error;
    const char *sort = api_parameter(request, "sort");
    for (unsigned i = 0; i < request->parameter_count; i++) {
        int r =
            filter_set(filter, request->parameters[i].name, request->parameters[i].value, &error);
        if (r == 0 || r == -ENOENT) /* it is no filter */
            continue;
        api_fail(answer, 400, "bad_parameter", "%s", error.text);
        return false;
    }
    if (sort && !filter_sort_parse(sort, &filter->set.sort, &filter->set.reverse)) {
        api_fail(answer, 400, "bad_parameter", "there is no order \"%s\"", sort);
        return false;
    }
    filter->set.limit = api_parameter_number(request, "limit", API_ITEMS_MAX);
    return true;
}

struct listing {
    struct json json;
    enum language language;
};

/* A store_alert_fn. */
static int alert_item(void *context, const struct alert *alert, struct error *error)
{
    struct listing *listing = context;
    (void)error;
    alert_to_json(alert, listing->language, &listing->json);
    return 0;
}

API_HANDLER(alerts_show)
{
    struct filter filter = {0};
    struct store_cursor next = {""};
    struct error error;
    const char *cursor = api_parameter(request, "cursor");
    if (!filter_read(request, &filter, answer))
        return;
    struct listing listing = {api_list_begin(answer), language_of(request)};
    int r = store_list_page(api->read, &filter.set, cursor ? cursor : "", alert_item, &listing,
                            &next, &error);
    api_list_end(&listing.json, next.text);
    api_fail_store(answer, r, &error);
}

static void alert_answer(const struct alert *alert, enum language language,
                         struct http_answer *answer)
{
    struct json json = json_writer(&answer->body);
    alert_to_json(alert, language, &json);
    snprintf(answer->etag, sizeof(answer->etag), "\"%u\"", alert->revision);
}

API_HANDLER(alerts_one)
{
    struct error error;
    struct alert *alert = malloc(sizeof(*alert));
    int r = alert ? store_get(api->read, request->captures[0], alert, &error)
                  : error_set(&error, -ENOMEM, "no memory for an alert");
    if (r == 0)
        alert_answer(alert, language_of(request), answer);
    api_fail_store(answer, r, &error);
    free(alert);
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
