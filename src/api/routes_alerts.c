/* routes_alerts.c - alerts: lists, single ones, and the stream of their changes
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "alert/record.h"
#include "api/events.h"
#include "store/changes.h"

#include <dnsvigil/name.h>

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

/* Words with commas between become bits. */
static bool words_read(const struct api_request *request, const char *name,
                       int (*parse)(const char *word), uint32_t *mask)
{
    char word[64];
    for (const char *text = api_parameter(request, name); text && *text;) {
        size_t len = strcspn(text, ",");
        int value = -1;
        if (len < sizeof(word)) {
            memcpy(word, text, len);
            word[len] = 0;
            value = parse(word);
        }
        if (value < 0)
            return false;
        *mask |= 1u << value;
        text += len + (text[len] == ',');
    }
    return true;
}

/* What a filter points to. */
struct selection {
    struct store_filter filter;
    char entity[ADDR_TEXT_MAX];
    char domain[NAME_TEXT_MAX];
};

static bool entity_read(const char *text, struct selection *selection)
{
    struct addr addr;
    if (!text)
        return true;
    if (!addr_parse(text, strlen(text), &addr))
        return false;
    addr_format(&addr, selection->entity);
    selection->filter.entity_ip = selection->entity;
    return true;
}

static bool domain_read(const char *text, struct selection *selection)
{
    struct dns_name name;
    if (!text)
        return true;
    if (!name_from_text(&name, text, strlen(text)))
        return false;
    name_to_text(&name, 0, selection->domain);
    selection->filter.domain = selection->domain;
    return true;
}

static bool severity_read(const char *text, struct store_filter *filter)
{
    int severity = text ? severity_parse(text) : 0;
    filter->severity_min = (uint8_t)(severity < 0 ? 0 : severity);
    return severity >= 0;
}

static bool sort_read(const char *text, struct store_filter *filter)
{
    bool severity = text && strcmp(text, "severity") == 0;
    filter->sort = severity ? STORE_SORT_SEVERITY : STORE_SORT_NEWEST;
    return !text || severity || strcmp(text, "newest") == 0;
}

static const char *selection_read(const struct api_request *request, struct selection *selection)
{
    struct store_filter *filter = &selection->filter;
    *filter = (struct store_filter){
        .search = api_parameter(request, "search"),
        .since_ns = api_parameter_time(request, "since"),
        .until_ns = api_parameter_time(request, "until"),
        .limit = api_parameter_number(request, "limit", API_ITEMS_MAX),
    };
    if (!words_read(request, "status", alert_status_parse, &filter->statuses))
        return "status";
    if (!words_read(request, "type", detector_parse, &filter->detectors))
        return "type";
    if (!severity_read(api_parameter(request, "severity"), filter))
        return "severity";
    if (!entity_read(api_parameter(request, "entity"), selection))
        return "entity";
    if (!domain_read(api_parameter(request, "domain"), selection))
        return "domain";
    return sort_read(api_parameter(request, "sort"), filter) ? NULL : "sort";
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
    struct selection selection;
    struct error error;
    const char *wrong = selection_read(request, &selection);
    if (wrong) {
        api_fail(answer, 400, "bad_parameter", "\"%s\" is not a value for the query parameter %s",
                 api_parameter(request, wrong), wrong);
        return;
    }
    struct listing listing = {api_list_begin(answer), language_of(request)};
    int r = store_list(api->read, &selection.filter, alert_item, &listing, &error);
    api_list_end(&listing.json, NULL);
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
