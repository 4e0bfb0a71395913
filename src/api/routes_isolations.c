/* routes_isolations.c - machines cut off and names blocked: proposed, shown, applied, undone
 * SPDX-License-Identifier: Apache-2.0
 *
 * Applying and undoing may take as long as the configured commands: they are asked for, and the
 * isolation tells how far it has come ("busy", then its state). */
#include "api/api.h"

#include "respond/artefact.h"
#include "respond/isolator.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIFF_BYTES_MAX = 1 << 20 };

static void isolation_write(struct api *api, struct json *json, const struct isolation *isolation)
{
    json_object_begin(json);
    json_pair_int(json, "id", (int64_t)isolation->id);
    json_pair(json, "what", isolation->what);
    json_pair(json, "target", isolation->target);
    json_pair(json, "state", isolation_states[isolation->state]);
    if (api->isolator && isolator_is_busy(api->isolator, isolation->id)) {
        json_key(json, "busy");
        json_bool(json, true);
    }
    json_pair(json, "alert", isolation->alert_id);
    json_pair_int(json, "hours", isolation->hours);
    json_pair(json, "by", isolation->actor);
    json_pair_opt(json, "reason", isolation->reason);
    json_pair_opt(json, "failure", isolation->failure);
    api_pair_time(json, "requested", isolation->requested_ns);
    api_pair_time(json, "applied", isolation->applied_ns);
    api_pair_time(json, "expires", isolation->expires_ns);
    api_pair_time(json, "ended", isolation->ended_ns);
    json_object_end(json);
}

struct listing {
    struct api *api;
    struct json json;
    uint64_t count, last;
};

/* An isolation_fn. */
static int isolation_item(void *context, const struct isolation *isolation, struct error *error)
{
    struct listing *listing = context;
    (void)error;
    listing->count++;
    listing->last = isolation->id;
    isolation_write(listing->api, &listing->json, isolation);
    return 0;
}

API_HANDLER(isolations_show)
{
    char next[24] = "";
    struct error error;
    const char *open = api_parameter(request, "open");
    struct isolation_filter filter = {.alert_id = api_parameter(request, "alert"),
                                      .limit =
                                          api_parameter_number(request, "limit", API_ITEMS_MAX)};
    if (open && strcmp(open, "true") == 0)
        filter.states = 1u << ISOLATION_PROPOSED | 1u << ISOLATION_APPLIED | 1u << ISOLATION_FAILED;
    if (!api_cursor(request, &filter.below, answer))
        return;
    struct listing listing = {.api = api, .json = api_list_begin(answer)};
    int r = isolations_list(api->read, &filter, isolation_item, &listing, &error);
    if (listing.count == filter.limit && listing.last > 1)
        snprintf(next, sizeof(next), "%" PRIu64, listing.last);
    api_list_end(&listing.json, next);
    api_fail_store(answer, r, &error);
}

API_HANDLER(isolation_targets)
{
    (void)request;
    const struct config_isolation_target_list *targets = &api->config->isolation.targets;
    struct json json = api_list_begin(answer);
    for (uint32_t i = 0; i < targets->count; i++) {
        json_object_begin(&json);
        json_pair(&json, "name", targets->items[i].name);
        json_pair(&json, "type", artefacts[targets->items[i].type].slug);
        json_key(&json, "names");
        json_bool(&json, artefacts[targets->items[i].type].names);
        json_object_end(&json);
    }
    api_list_end(&json, NULL);
}

/* Whatever a file or a command may have come to is told as it is. */
static void fail(struct http_answer *answer, int r, const struct error *error)
{
    switch (r) {
    case 0:
    case -ENOENT:
    case -EEXIST:
    case -EPERM:
    case -EINVAL: api_fail_store(answer, r, error); return;
    case -EALREADY: api_fail(answer, 409, "not_now", "%s", error->text); return;
    case -ENOSPC: api_fail(answer, 409, "too_many", "%s", error->text); return;
    case -EAGAIN: api_fail(answer, 503, "busy", "%s", error->text); return;
    default: api_fail(answer, 502, "not_carried_out", "%s", error->text);
    }
}

static bool desk_open(struct api *api, const struct api_request *request,
                      struct isolation_desk *ret_desk, struct http_answer *answer)
{
    if (!api->isolator) {
        api_fail(answer, 503, "not_running", "nothing can be isolated from here");
        return false;
    }
    *ret_desk =
        isolator_desk(api->isolator, api->config, api->read, api->writer, request->who.name);
    return true;
}

static void one_answer(struct api *api, uint64_t id, struct http_answer *answer)
{
    struct isolation isolation;
    struct error error;
    int r = isolations_get(api->read, id, &isolation, &error);
    api_fail_store(answer, r, &error);
    if (r < 0)
        return;
    struct json json = json_writer(&answer->body);
    isolation_write(api, &json, &isolation);
}

/* What no isolation has is 0. */
static uint64_t id_of(const struct api_request *request)
{
    const char *text = request->captures[0];
    bool number = strspn(text, "0123456789") == strlen(text) && strlen(text) < 19;
    return number ? strtoull(text, NULL, 10) : 0;
}

API_HANDLER(isolations_one)
{
    one_answer(api, id_of(request), answer);
}

API_HANDLER(isolations_new)
{
    struct isolation_desk desk;
    struct error error;
    uint64_t id = 0;
    const struct isolation_request wanted = {
        .alert_id = request->captures[0],
        .target = api_text(request, "target"),
        .what = api_text(request, "what"),
        .hours = (uint32_t)api_number(request, "hours", 0),
        .reason = api_text(request, "reason"),
    };
    if (!desk_open(api, request, &desk, answer))
        return;
    int r = isolation_request(&desk, &wanted, &id, &error);
    if (r == 0)
        one_answer(api, id, answer);
    fail(answer, r, &error);
}

API_HANDLER(isolations_preview)
{
    struct isolation_desk desk;
    struct error error;
    struct buf diff;
    if (!desk_open(api, request, &desk, answer))
        return;
    buf_init(&diff, DIFF_BYTES_MAX);
    int r = isolation_preview(&desk, id_of(request), &diff, &error);
    if (r == 0 && diff.overflow)
        r = error_set(&error, -ENOSPC, "more changes than can be shown");
    if (r == 0) {
        struct json json = json_writer(&answer->body);
        json_object_begin(&json);
        json_pair(&json, "diff", diff.data ? diff.data : "");
        json_object_end(&json);
    }
    buf_done(&diff);
    fail(answer, r, &error);
}

static void change(struct api *api, const struct api_request *request, bool undo,
                   struct http_answer *answer)
{
    struct isolation_desk desk;
    struct error error;
    uint64_t id = id_of(request);
    if (!desk_open(api, request, &desk, answer))
        return;
    int r = isolator_ask(api->isolator, &desk, id, undo, &error);
    if (r == 0)
        one_answer(api, id, answer);
    fail(answer, r, &error);
}

API_HANDLER(isolations_apply)
{
    change(api, request, false, answer);
}

API_HANDLER(isolations_undo)
{
    change(api, request, true, answer);
}
