/* routes_incidents.c - incidents: lists, single ones, their alerts and history, what is said of
 * them
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alerts.h"
#include "api/trail.h"

#include "store/incidents.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The place of an incident in the list: its start and id. */
struct spot {
    int64_t start_ns;
    char id[UUID_TEXT_MAX];
};

static void spot_write(const struct spot *spot, char *text, size_t size)
{
    snprintf(text, size, "%" PRId64 "_%s", spot->start_ns, spot->id);
}

static bool spot_read(const char *text, struct spot *ret_spot)
{
    int used = 0;
    return sscanf(text, "%" SCNd64 "_%36[0-9a-f-]%n", &ret_spot->start_ns, ret_spot->id, &used) ==
               2 &&
           text[used] == 0;
}

static bool addr_read(const char *text, char ret_text[static ADDR_TEXT_MAX])
{
    struct addr addr;
    if (!addr_parse(text, strlen(text), &addr))
        return false;
    addr_format(&addr, ret_text);
    return true;
}

struct incidents_wanted {
    struct incident_filter filter;
    char entity[ADDR_TEXT_MAX];
    struct spot after;
};

/* Words and addresses are read as those of alerts are. */
static bool wanted_read(const struct api_request *request, struct incidents_wanted *wanted,
                        struct http_answer *answer)
{
    struct filter words = {0};
    struct error error;
    const char *status = api_parameter(request, "status");
    const char *severity = api_parameter(request, "severity");
    const char *entity = api_parameter(request, "entity");
    const char *cursor = api_parameter(request, "cursor");
    int r = status ? filter_set(&words, "status", status, &error) : 0;
    if (r == 0 && severity)
        r = filter_set(&words, "severity", severity, &error);
    if (r == 0 && entity && !addr_read(entity, wanted->entity))
        r = error_set(&error, -1, "\"%s\" is no address", entity);
    if (r == 0 && cursor && !spot_read(cursor, &wanted->after))
        r = error_set(&error, -1, "the cursor is not one that was given out");
    wanted->filter = (struct incident_filter){
        .statuses = words.set.statuses,
        .severity_min = words.set.severity_min,
        .entity_ip = entity ? wanted->entity : NULL,
        .since_ns = api_parameter_time(request, "since"),
        .until_ns = api_parameter_time(request, "until"),
        .limit = api_parameter_number(request, "limit", API_ITEMS_MAX),
        .after_start_ns = wanted->after.start_ns,
        .after_id = cursor ? wanted->after.id : NULL,
    };
    if (r < 0)
        api_fail(answer, 400, "bad_parameter", "%s", error.text);
    return r == 0;
}

struct listing {
    struct json json;
    enum language language;
    struct spot last;
    uint64_t count;
};

/* An incident_fn. */
static int incident_item(void *context, const struct incident *incident, struct error *error)
{
    struct listing *listing = context;
    (void)error;
    incident_to_json(incident, listing->language, &listing->json);
    listing->last.start_ns = incident->start_ns;
    memcpy(listing->last.id, incident->id, sizeof(listing->last.id));
    listing->count++;
    return 0;
}

API_HANDLER(incidents_show)
{
    struct incidents_wanted wanted = {.entity = ""};
    struct error error;
    char next[64] = "";
    if (!wanted_read(request, &wanted, answer))
        return;
    struct listing listing = {.json = api_list_begin(answer), .language = api_language(request)};
    int r = incidents_list(api->read, &wanted.filter, incident_item, &listing, &error);
    if (listing.count > 0 && listing.count == wanted.filter.limit)
        spot_write(&listing.last, next, sizeof(next));
    api_list_end(&listing.json, next);
    api_fail_store(answer, r, &error);
}

/* The incident that the path names; false with an error in the answer. */
static bool incident_find(struct api *api, const struct api_request *request,
                          struct incident *ret_incident, struct http_answer *answer)
{
    struct error error;
    int r = incidents_get(api->read, request->captures[0], ret_incident, &error);
    api_fail_store(answer, r, &error);
    return r == 0;
}

API_HANDLER(incidents_one)
{
    struct incident incident;
    struct json json = json_writer(&answer->body);
    if (!incident_find(api, request, &incident, answer))
        return;
    incident_to_json(&incident, api_language(request), &json);
    snprintf(answer->etag, sizeof(answer->etag), "\"%u\"", incident.revision);
}

struct setting {
    const char *id;
    struct incident_change change;
};

/* A store_write_fn. */
static int setting_write(void *arg, struct store *store, struct error *error)
{
    const struct setting *setting = arg;
    bool changed;
    return incidents_set(store, setting->id, &setting->change, &changed, error);
}

API_HANDLER(incidents_change)
{
    const char *status = api_text(request, "status"), *comment = api_text(request, "comment");
    struct setting setting = {
        request->captures[0],
        {status ? alert_status_parse(status) : STORE_LEAVE, request->who.name, comment}};
    if ((status && setting.change.status < 0) || (!status && !comment))
        api_fail(answer, 422, "bad_body",
                 "give a status (active, in-progress, resolved or dismissed) or a comment");
    else if (api_write(api, setting_write, &setting, answer))
        api_incidents_one(api, request, answer);
}

/* In the order in which they began. */
API_HANDLER(incidents_alerts)
{
    struct incident incident;
    if (!incident_find(api, request, &incident, answer))
        return;
    const struct store_filter filter = {
        .statuses = ~0u,
        .incident = incident.id,
        .reverse = true,
        .limit = api_parameter_number(request, "limit", API_ITEMS_MAX),
    };
    api_alert_list(api, request, &filter, NULL, answer);
}

API_HANDLER(incidents_history)
{
    struct incident incident;
    struct error error;
    if (!incident_find(api, request, &incident, answer))
        return;
    struct trail trail = {.json = api_list_begin(answer)};
    int r = incidents_history(api->read, incident.id, trail_add, &trail, &error);
    api_list_end(&trail.json, NULL);
    api_fail_store(answer, r, &error);
}
