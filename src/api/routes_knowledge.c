/* routes_knowledge.c - what the program goes by: detectors, sources, feeds, rules, configuration
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alerts.h"
#include "api/vitals.h"

#include "store/count.h"

#include <stdlib.h>
#include <string.h>

enum { CONFIG_TEXT_MAX_BYTES = 4 << 20 };

/* How things are, or NULL where nothing runs; to be freed. */
static struct vitals *vitals_get(const struct api *api)
{
    return api->hooks.vitals ? api->hooks.vitals(api->hooks.arg) : NULL;
}

static void bool_pair(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

/* Detectors. */

static void techniques_write(const char *techniques, struct json *json)
{
    json_key(json, "techniques");
    json_array_begin(json);
    while (*techniques) {
        size_t len = strcspn(techniques, " ");
        json_text_len(json, techniques, len);
        techniques += len + (techniques[len] == ' ');
    }
    json_array_end(json);
}

static enum severity severity_of(const struct config *config, unsigned detector)
{
    const struct detector_row *row = &detector_rows[detector];
    int8_t own = config->detectors.of[detector].severity;
    if (own != CONFIG_SEVERITY_PROFILE)
        return (enum severity)own;
    bool strict = config->severity_profile == CONFIG_PROFILE_STRICT;
    return (enum severity)(strict ? row->severity_strict : row->severity);
}

static void precision_write(const struct store_precision *precision, struct json *json)
{
    uint64_t judged = precision->right + precision->wrong;
    json_pair_int(json, "right", (int64_t)precision->right);
    json_pair_int(json, "wrong", (int64_t)precision->wrong);
    if (judged == 0)
        return;
    json_key(json, "precision");
    json_number(json, (double)precision->right / (double)judged);
}

static void detector_item(const struct config *config, unsigned detector, enum language language,
                          const struct store_precision *precision, struct json *json)
{
    static const char *const knobs[KNOB_COUNT] = {"low", "medium", "high"};
    const struct detector_row *row = &detector_rows[detector];
    const struct config_detector *settings = &config->detectors.of[detector];
    json_object_begin(json);
    json_pair(json, "detector", row->slug);
    json_pair(json, "alert_type", row->alert_type);
    json_pair(json, "title", row->title[language]);
    json_pair(json, "description", row->description[language]);
    json_pair(json, "looks_for", row->looks_for[language]);
    json_pair(json, "severity", severity_names[severity_of(config, detector)][LANGUAGE_EN]);
    json_pair(json, "tactic", tactic_names[row->tactic][LANGUAGE_EN]);
    techniques_write(row->techniques, json);
    bool_pair(json, "enabled", settings->enabled && row->detect);
    json_pair(json, "confidence", knobs[settings->confidence]);
    precision_write(precision, json);
    json_object_end(json);
}

API_HANDLER(detectors_show)
{
    struct store_precision precisions[DETECTOR_COUNT];
    struct error error;
    int r = store_precisions(api->read, precisions, &error);
    api_fail_store(answer, r, &error);
    if (r < 0)
        return;
    struct json json = api_list_begin(answer);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        detector_item(api->config, i, api_language(request), &precisions[i], &json);
    api_list_end(&json, NULL);
}

/* Sources. */

static const char *const source_types[SOURCE_TYPE_COUNT] = {
#define SOURCE_TYPE(id, slug, ...) [SOURCE_TYPE_##id] = slug,
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
};

static void source_live(const struct vitals *vitals, const char *name, struct json *json)
{
    for (unsigned i = 0; vitals && i < vitals->source_count; i++) {
        const struct vitals_source *source = &vitals->sources[i];
        if (strcmp(source->name, name) != 0)
            continue;
        bool_pair(json, "broken", source->broken);
        json_pair_int(json, "messages", (int64_t)source->metrics.value[METRIC_MESSAGES_IN]);
    }
}

API_HANDLER(sources_show)
{
    (void)request;
    struct vitals *vitals = vitals_get(api);
    struct json json = api_list_begin(answer);
    for (uint32_t i = 0; i < api->start->sources.count; i++) {
        const struct config_source *source = &api->start->sources.items[i];
        json_object_begin(&json);
        json_pair(&json, "name", source->name);
        json_pair(&json, "type", source_types[source->type]);
        bool_pair(&json, "enabled", source->enabled);
        source_live(vitals, source->name, &json);
        json_object_end(&json);
    }
    api_list_end(&json, NULL);
    free(vitals);
}

/* Feeds and rules. */

static const char *const categories[CATEGORY_COUNT] = {
#define CATEGORY(id, slug, days, text) [CATEGORY_##id] = slug,
#include <dnsvigil/categories.def>
#undef CATEGORY
};

static void feed_live(const struct vitals *vitals, const char *name, struct json *json)
{
    for (unsigned i = 0; vitals && i < vitals->feed_count; i++) {
        if (strcmp(vitals->feeds[i].name, name) != 0)
            continue;
        json_pair_int(json, "entries", (int64_t)vitals->feeds[i].entries);
        api_pair_time(json, "fetched", vitals->feeds[i].fetched_ns);
    }
}

/* Not from where they come: that may have a key in it. */
API_HANDLER(feeds_show)
{
    (void)request;
    struct vitals *vitals = vitals_get(api);
    struct json json = api_list_begin(answer);
    for (uint32_t i = 0; i < api->config->feeds.count; i++) {
        const struct config_feed *feed = &api->config->feeds.items[i];
        json_object_begin(&json);
        json_pair(&json, "name", feed->name);
        json_pair(&json, "category", categories[feed->category]);
        json_pair_int(&json, "confidence", feed->confidence);
        bool_pair(&json, "enabled", feed->enabled);
        json_pair_opt(&json, "licence", feed->licence);
        feed_live(vitals, feed->name, &json);
        json_object_end(&json);
    }
    api_list_end(&json, NULL);
    free(vitals);
}

API_HANDLER(rules_show)
{
    (void)request;
    const struct config_rules *rules = &api->config->rules;
    struct vitals *vitals = vitals_get(api);
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    if (vitals)
        json_pair_int(&json, "loaded", (int64_t)vitals->rules);
    bool_pair(&json, "own", rules->own);
    json_key(&json, "paths");
    json_array_begin(&json);
    for (uint32_t i = 0; i < rules->paths.count; i++)
        json_text(&json, rules->paths.items[i].text);
    json_array_end(&json);
    json_key(&json, "disabled");
    json_array_begin(&json);
    for (uint32_t i = 0; i < rules->disabled.count; i++)
        json_int(&json, rules->disabled.items[i]);
    json_array_end(&json);
    json_object_end(&json);
    free(vitals);
}

/* Configuration. */

/* Secrets stand in files of their own; but a URL may have one behind its host. */
static void line_copy(const char *line, size_t len, struct buf *out)
{
    const char *scheme = memmem(line, len, "://", 3);
    const char *host = scheme ? scheme + 3 : line + len;
    size_t host_len = strcspn(host, "/?#\"\n");
    const char *at = memchr(host, '@', host_len);
    buf_append(out, line, (size_t)(host - line));
    if (!scheme)
        return;
    if (at)
        buf_append(out, at + 1, host_len - (size_t)(at + 1 - host));
    else
        buf_append(out, host, host_len);
    const char *rest = host + host_len;
    if (*rest == '/' || *rest == '?' || *rest == '#')
        buf_text(out, "/…");
    buf_text(out, memchr(line, '"', len) ? "\"" : "");
}

API_HANDLER(config_show)
{
    (void)request;
    struct buf yaml, shown;
    buf_init(&yaml, CONFIG_TEXT_MAX_BYTES);
    buf_init(&shown, CONFIG_TEXT_MAX_BYTES);
    config_dump(api->config, &yaml);
    for (const char *line = yaml.data; line && *line;) {
        size_t len = strcspn(line, "\n");
        line_copy(line, len, &shown);
        buf_char(&shown, '\n');
        line += len + (line[len] == '\n');
    }
    if (yaml.overflow || shown.overflow) {
        api_fail(answer, 503, "no_memory", "no memory for the configuration");
    } else {
        struct json json = json_writer(&answer->body);
        json_object_begin(&json);
        json_pair(&json, "yaml", shown.data);
        json_object_end(&json);
    }
    buf_done(&yaml);
    buf_done(&shown);
}
