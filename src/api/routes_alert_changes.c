/* routes_alert_changes.c - changes of alerts: one, many at once, notes, samples
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alert_change.h"
#include "api/alerts.h"
#include "base/clock.h"
#include "respond/samples.h"
#include "store/count.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    IDS_MAX = 10000,
    AT_ONCE_MAX = 100000, /* more in one transaction would keep new alerts waiting */
};

/* Changes the alert that the path names, and answers how it is then. */
static void one_change(struct api *api, const struct api_request *request,
                       const struct store_change *change, struct http_answer *answer)
{
    struct alert *alert = api_alert(api, request->captures[0], answer);
    struct alert *changed = NULL;
    if (alert && alert_change_one(api, alert->id, change, answer))
        changed = api_alert(api, alert->id, answer);
    if (changed)
        api_alert_answer(changed, api_language(request), answer);
    free(changed);
    free(alert);
}

API_HANDLER(alerts_change)
{
    struct store_change change;
    if (alert_change_read(request, &change, answer))
        one_change(api, request, &change, answer);
}

API_HANDLER(alerts_note)
{
    struct store_change change = STORE_CHANGE_NONE;
    change.actor = request->who.name;
    change.comment = api_text(request, "text");
    if (*change.comment)
        one_change(api, request, &change, answer);
    else
        api_fail(answer, 422, "bad_body", "the note is empty");
}

/* Many at once. */

/* Which alerts: by their ids, or by a filter. */
struct choice {
    struct filter filter;
    char (*texts)[ALERT_ID_MAX];
    const char **ids;
};

static void choice_done(struct choice *choice)
{
    free(choice->texts);
    free(choice->ids);
}

/* Beginnings of ids become whole ones. */
static int ids_resolve(struct api *api, const json_t *list, struct choice *choice,
                       struct error *error)
{
    size_t i, count = json_array_size(list);
    json_t *item;
    struct alert *alert = malloc(sizeof(*alert));
    choice->texts = calloc(count + 1, sizeof(*choice->texts));
    choice->ids = calloc(count + 1, sizeof(*choice->ids));
    int r = alert && choice->texts && choice->ids
                ? 0
                : error_set(error, -ENOMEM, "no memory for %zu ids", count);
    json_array_foreach(list, i, item)
    {
        if (r == 0)
            r = store_get(api->read, json_string_value(item), alert, error);
        if (r < 0)
            break;
        memcpy(choice->texts[i], alert->id, sizeof(choice->texts[i]));
        choice->ids[i] = choice->texts[i];
    }
    free(alert);
    choice->filter.set.ids = choice->ids;
    choice->filter.set.id_count = count;
    return r;
}

static int filter_take(const json_t *object, struct filter *filter, struct error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        const char *text = json_string_value(value);
        int r = text ? filter_set(filter, key, text, error)
                     : error_set(error, -EINVAL, "filter.%s: filters are texts", key);
        if (r == -ENOENT)
            r = error_set(error, -EINVAL, "there is no filter \"%s\"", key);
        if (r < 0)
            return r;
    }
    return 0;
}

static int choice_read(struct api *api, const struct api_request *request, struct choice *choice,
                       struct error *error)
{
    const json_t *ids = json_object_get(request->body, "ids");
    const json_t *filter = json_object_get(request->body, "filter");
    size_t id_count = json_array_size(ids);
    *choice = (struct choice){0};
    if (!ids == !filter || (filter && json_object_size(filter) == 0) || (ids && id_count == 0))
        return error_set(error, -EINVAL, "say which alerts: either by ids or by a filter");
    if (id_count > IDS_MAX)
        return error_set(error, -EINVAL, "more than %d ids at once", IDS_MAX);
    return ids ? ids_resolve(api, ids, choice, error) : filter_take(filter, &choice->filter, error);
}

static int choice_count(struct api *api, const struct choice *choice,
                        struct store_totals *ret_totals, struct error *error)
{
    int r = store_count(api->read, &choice->filter.set, ret_totals, error);
    if (r == 0 && ret_totals->alerts > AT_ONCE_MAX)
        r = error_set(error, -EINVAL, "%llu alerts match; at most %d are changed at once",
                      (unsigned long long)ret_totals->alerts, AT_ONCE_MAX);
    return r;
}

static void bulk_answer(const struct store_totals *totals, const struct alert_changing *changing,
                        bool dry_run, struct http_answer *answer)
{
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_pair_int(&json, "matched", (int64_t)totals->alerts);
    json_pair_int(&json, "entities", (int64_t)totals->entities);
    if (!dry_run)
        json_pair_int(&json, "changed", (int64_t)changing->changed);
    json_object_end(&json);
}

static void bulk_run(struct api *api, const struct api_request *request,
                     const struct choice *choice, const struct store_change *change,
                     struct http_answer *answer)
{
    struct store_totals totals;
    struct error error;
    struct alert_changing changing = {&choice->filter.set, change, 0};
    bool dry_run = api_switch(request, "dry_run", false);
    int r = choice_count(api, choice, &totals, &error);
    api_fail_store(answer, r, &error);
    if (r == 0 && (dry_run || alert_change_write(api, &changing, answer)))
        bulk_answer(&totals, &changing, dry_run, answer);
}

API_HANDLER(alerts_bulk)
{
    struct store_change change;
    struct choice choice;
    struct error error;
    if (!alert_change_read(request, &change, answer))
        return;
    int r = choice_read(api, request, &choice, &error);
    api_fail_store(answer, r, &error);
    if (r == 0)
        bulk_run(api, request, &choice, &change, answer);
    choice_done(&choice);
}

/* Samples. */

struct sampling {
    struct alert *samples;
    const struct alert *pointers[DETECTOR_COUNT];
    size_t count;
};

/* A store_write_fn. */
static int sampling_write(void *arg, struct store *store, struct error *error)
{
    const struct sampling *sampling = arg;
    struct store_put_result result;
    return store_put(store, sampling->pointers, sampling->count, &result, error);
}

static void sampling_answer(const struct sampling *sampling, struct http_answer *answer)
{
    struct json json = api_list_begin(answer);
    for (size_t i = 0; i < sampling->count; i++)
        json_text(&json, sampling->samples[i].id);
    api_list_end(&json, NULL);
}

bool api_samples(struct api *api, uint32_t detectors, struct http_answer *answer)
{
    struct sampling sampling = {.samples = calloc(DETECTOR_COUNT, sizeof(struct alert))};
    if (!sampling.samples) {
        api_fail(answer, 503, "no_memory", "no memory for sample alerts");
        return false;
    }
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct alert *sample = &sampling.samples[sampling.count];
        if (!(detectors & 1u << i))
            continue;
        sample_build((enum detector)i, api->config->sensor, clock_now_ns(), sample);
        sampling.pointers[sampling.count++] = sample;
    }
    bool written = api_write(api, sampling_write, &sampling, answer);
    if (written)
        sampling_answer(&sampling, answer);
    free(sampling.samples);
    return written;
}

API_HANDLER(alerts_simulate)
{
    uint32_t detectors = 0;
    size_t i;
    json_t *type;
    json_array_foreach(json_object_get(request->body, "types"), i, type)
    {
        int detector = detector_parse(json_string_value(type));
        if (detector < 0) {
            api_fail(answer, 422, "bad_body", "there is no type \"%s\" of alerts",
                     json_string_value(type));
            return;
        }
        detectors |= 1u << detector;
    }
    api_samples(api, detectors ? detectors : (1u << DETECTOR_COUNT) - 1, answer);
}
