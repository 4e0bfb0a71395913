/* routes_exports.c - exports: how they stand, what they are to send, a try of their targets
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "base/clock.h"
#include "export/ruleset.h"
#include "export/trial.h"
#include "respond/samples.h"
#include "store/exports.h"

#include <dnsvigil/terms.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_slugs[] = {
#define SINK_TYPE(id, slug, open, key, text) slug,
#include <dnsvigil/sink_types.def>
#undef SINK_TYPE
};

static const struct config_export *export_find(const struct api *api, const char *name)
{
    for (uint32_t i = 0; i < api->config->exports.count; i++)
        if (strcmp(api->config->exports.items[i].name, name) == 0)
            return &api->config->exports.items[i];
    return NULL;
}

static void config_write(struct json *json, const struct config_export *config)
{
    json_pair(json, "type", type_slugs[config->type]);
    json_pair_opt(json, "dialect", config->dialect);
    json_key(json, "enabled");
    json_bool(json, config->enabled);
    json_key(json, "streaming");
    json_bool(json, config->streaming);
    if (config->snapshot_hours)
        json_pair_int(json, "snapshot_hours", config->snapshot_hours);
}

static void state_write(struct json *json, const struct export_state *state)
{
    json_pair_int(json, "changes", (int64_t)state->changes);
    json_pair_int(json, "taken", (int64_t)state->taken);
    json_pair_int(json, "skipped", (int64_t)state->skipped);
    json_pair_int(json, "expired", (int64_t)state->expired);
    json_pair_int(json, "dead", (int64_t)state->dead);
    json_pair_int(json, "pending", (int64_t)state->pending);
    json_pair_int(json, "dead_records", (int64_t)state->dead_now);
    json_pair_int(json, "jobs_taken", (int64_t)state->job_taken);
    if (state->waiting_ns)
        json_pair_int(json, "lag_seconds", (clock_now_ns() - state->waiting_ns) / NS_PER_S);
    api_pair_time(json, "last_taken", state->taken_ns);
    api_pair_time(json, "failing_since", state->failed_ns);
    if (state->failed_ns)
        json_pair_opt(json, "failure", state->failure);
}

/* What the configuration and the store know of it; -ENOENT when both know nothing. */
static int export_write(struct api *api, const char *name, struct json *json, struct error *error)
{
    struct export_state state;
    const struct config_export *config = export_find(api, name);
    int r = exports_state(api->read, name, &state, error);
    if (r < 0 && (r != -ENOENT || !config))
        return r;
    json_object_begin(json);
    json_pair(json, "name", name);
    json_key(json, "configured");
    json_bool(json, config != NULL);
    if (config)
        config_write(json, config);
    if (r == 0)
        state_write(json, &state);
    json_object_end(json);
    return 0;
}

struct listing {
    struct api *api;
    struct json *json;
    struct error *error;
};

/* An export_name_fn: those that only the store knows. */
static int former_write(void *context, const char *name)
{
    const struct listing *listing = context;
    if (export_find(listing->api, name))
        return 0;
    return export_write(listing->api, name, listing->json, listing->error);
}

API_HANDLER(exports_show)
{
    (void)request;
    struct error error;
    int r = 0;
    struct json json = api_list_begin(answer);
    struct listing listing = {api, &json, &error};
    for (uint32_t i = 0; r == 0 && i < api->config->exports.count; i++)
        r = export_write(api, api->config->exports.items[i].name, &json, &error);
    if (r == 0)
        r = exports_each(api->read, former_write, &listing, &error);
    api_list_end(&json, NULL);
    api_fail_store(answer, r, &error);
}

API_HANDLER(exports_one)
{
    struct error error;
    const char *name = request->captures[0];
    struct json json = json_writer(&answer->body);
    int r = export_write(api, name, &json, &error);
    if (r == -ENOENT)
        error_set(&error, r, "there is no export \"%s\"", name);
    api_fail_store(answer, r, &error);
}

/* A store_write_fn. */
static int forgetting_write(void *arg, struct store *store, struct error *error)
{
    const struct api_request *request = arg;
    return exports_remove(store, request->captures[0], request->who.name, error);
}

API_HANDLER(exports_delete)
{
    struct export_state state;
    struct error error;
    const char *name = request->captures[0];
    int r = exports_state(api->read, name, &state, &error);
    if (r == -ENOENT)
        error_set(&error, r, "there is no export \"%s\"", name);
    api_fail_store(answer, r, &error);
    if (r == 0 && export_find(api, name))
        api_fail(answer, 409, "configured", "export \"%s\" is configured; take it out there first",
                 name);
    else if (r == 0)
        api_write(api, forgetting_write, (void *)request, answer);
}

/* The one that the path names; NULL and an error in the answer where there is none. */
static const struct config_export *export_named(struct api *api, const struct api_request *request,
                                                struct http_answer *answer)
{
    const struct config_export *config = export_find(api, request->captures[0]);
    if (!config)
        api_fail(answer, 404, "not_found", "no export \"%s\" is configured", request->captures[0]);
    return config;
}

static const char *verdict_text(const struct sink_answer *verdict)
{
    if (verdict->reason[0])
        return verdict->reason;
    return verdict->verdict == SINK_TAKEN ? "the target has taken it" : "the target took nothing";
}

API_HANDLER(exports_test)
{
    struct sink_answer verdict;
    struct error error;
    const struct config_export *config = export_named(api, request, answer);
    struct alert *sample = config ? malloc(sizeof(*sample)) : NULL;
    if (!sample)
        return;
    sample_build(DETECTOR_THREAT_INTEL, api->config->sensor, clock_now_ns(), sample);
    int r = export_trial(config, api->config->response.public_url, sample, &verdict, &error);
    api_fail_store(answer, r, &error);
    if (r == 0) {
        struct json json = json_writer(&answer->body);
        json_object_begin(&json);
        json_key(&json, "taken");
        json_bool(&json, verdict.verdict == SINK_TAKEN);
        json_pair(&json, "answer", verdict_text(&verdict));
        json_pair(&json, "alert", sample->id);
        json_object_end(&json);
    }
    free(sample);
}

struct asking {
    const struct api_request *request;
    enum export_job_kind kind;
    int64_t since_ns;
};

/* A store_write_fn. */
static int asking_write(void *arg, struct store *store, struct error *error)
{
    const struct asking *asking = arg;
    const char *name = asking->request->captures[0];
    int r = exports_begin(store, name, error); /* it may not have run yet */
    return r < 0 ? r
                 : exports_ask(store, name, asking->kind, asking->since_ns,
                               asking->request->who.name, error);
}

static void job_ask(struct api *api, const struct api_request *request, enum export_job_kind kind,
                    int64_t since_ns, struct http_answer *answer)
{
    struct asking asking = {request, kind, since_ns};
    struct export_state state;
    struct error error;
    int r = exports_state(api->read, request->captures[0], &state, &error);
    if (r == 0 || export_named(api, request, answer))
        api_write(api, asking_write, &asking, answer);
}

API_HANDLER(exports_backfill)
{
    int64_t since_ns = 0;
    const char *since = api_text(request, "since");
    if (since)
        time_parse(since, &since_ns); /* it has been checked */
    job_ask(api, request, EXPORT_JOB_BACKFILL, since_ns, answer);
}

API_HANDLER(exports_snapshot)
{
    job_ask(api, request, EXPORT_JOB_SNAPSHOT, 0, answer);
}

API_HANDLER(exports_redrive)
{
    job_ask(api, request, EXPORT_JOB_REDRIVE, 0, answer);
}

struct dead_list {
    struct json json;
    uint64_t last, count;
};

/* An export_dead_fn. */
static int dead_item(void *context, const struct export_dead *dead)
{
    struct dead_list *list = context;
    json_object_begin(&list->json);
    json_pair(&list->json, "alert", dead->alert_id);
    json_pair_int(&list->json, "revision", dead->revision);
    api_pair_time(&list->json, "time", dead->time_ns);
    json_pair(&list->json, "reason", dead->reason);
    json_object_end(&list->json);
    list->last = dead->number;
    list->count++;
    return 0;
}

API_HANDLER(exports_dead_show)
{
    struct error error;
    char next[24] = "";
    uint64_t after, limit = api_parameter_number(request, "limit", API_ITEMS_MAX);
    if (!api_cursor(request, &after, answer))
        return;
    struct dead_list list = {.json = api_list_begin(answer)};
    int r = exports_dead(api->read, request->captures[0], after, limit, dead_item, &list, &error);
    if (list.count && list.count == limit)
        snprintf(next, sizeof(next), "%" PRIu64, list.last);
    api_list_end(&list.json, next);
    api_fail_store(answer, r, &error);
}

API_HANDLER(exports_validate)
{
    (void)api;
    char *text = json_dumps(json_object_get(request->body, "ruleSets"), JSON_COMPACT);
    if (text)
        ruleset_validate(text, strlen(text), &answer->body);
    else
        api_fail(answer, 503, "no_memory", "no memory for the rules");
    free(text);
}
