/* routes_sources.c - where traffic comes from: what each source has seen, and what none of its
 * messages tells
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/vitals.h"

#include "input/sources.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/packet.h>

#include <stdlib.h>
#include <string.h>

static const char *const source_types[SOURCE_TYPE_COUNT] = {
#define SOURCE_TYPE(id, slug, ...) [SOURCE_TYPE_##id] = slug,
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
};

static const char *const counters[METRIC_COUNT] = {
#define METRIC(id, slug, text) [METRIC_##id] = slug,
#include <dnsvigil/metrics.def>
#undef METRIC
};

/* The key that says where a source of its type is. */
static const char *place_of(const struct config_source *source)
{
    switch (source->type) {
#define SOURCE_TYPE(id, slug, open, key, text)                                                     \
    case SOURCE_TYPE_##id:                                                                         \
        return source->key;
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
    default: return "";
    }
}

/* In the order of enum packet_lacks. */
static void lacks_write(uint8_t lacks, struct json *json)
{
    static const char *const slugs[] = {"wire", "responses", "rcodes", "answers", "clients"};
    json_key(json, "lacks");
    json_array_begin(json);
    for (unsigned i = 0; i < sizeof(slugs) / sizeof(*slugs); i++)
        if (lacks & 1u << i)
            json_text(json, slugs[i]);
    json_array_end(json);
}

/* Detectors that want what the source does not tell; they judge the rest. */
static void starved_write(uint8_t lacks, struct json *json)
{
    unsigned missed = (lacks & LACKS_WIRE ? WANTS_RAW : 0) |
                      (lacks & (LACKS_RESPONSE | LACKS_ANSWERS) ? WANTS_ANSWERS : 0);
    json_key(json, "starved");
    json_array_begin(json);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (detector_rows[i].wants & missed)
            json_text(json, detector_rows[i].slug);
    json_array_end(json);
}

/* Those that are not 0. */
static void counters_write(const struct metrics *metrics, struct json *json)
{
    json_key(json, "counters");
    json_object_begin(json);
    for (unsigned i = 0; i < METRIC_COUNT; i++)
        if (metrics->value[i])
            json_pair_int(json, counters[i], (int64_t)metrics->value[i]);
    json_object_end(json);
}

static void live_write(const struct vitals *vitals, const char *name, struct json *json)
{
    for (unsigned i = 0; vitals && i < vitals->source_count; i++) {
        const struct vitals_source *source = &vitals->sources[i];
        if (strcmp(source->name, name) != 0)
            continue;
        json_key(json, "broken");
        json_bool(json, source->broken);
        json_pair_int(json, "messages", (int64_t)source->metrics.value[METRIC_MESSAGES_IN]);
        counters_write(&source->metrics, json);
    }
}

static void source_item(const struct config_source *source, const struct vitals *vitals,
                        struct json *json)
{
    uint8_t lacks = source_lacks(source);
    json_object_begin(json);
    json_pair(json, "name", source->name);
    json_pair(json, "type", source_types[source->type]);
    json_pair_opt(json, "place", place_of(source));
    json_key(json, "enabled");
    json_bool(json, source->enabled);
    lacks_write(lacks, json);
    starved_write(lacks, json);
    live_write(vitals, source->name, json);
    json_object_end(json);
}

API_HANDLER(sources_show)
{
    (void)request;
    struct vitals *vitals = api_vitals(api);
    struct json json = api_list_begin(answer);
    for (uint32_t i = 0; i < api->start->sources.count; i++)
        source_item(&api->start->sources.items[i], vitals, &json);
    api_list_end(&json, NULL);
    free(vitals);
}
