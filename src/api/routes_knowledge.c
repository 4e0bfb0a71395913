/* routes_knowledge.c - what the program goes by: detectors with their settings, the configuration
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alerts.h"
#include "config/schema.h"
#include "store/count.h"

#include <stdio.h>
#include <string.h>

enum { CONFIG_TEXT_MAX_BYTES = 4 << 20 };

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

/* Settings. */

struct knob {
    const char *path;
    uint32_t detectors; /* bit n: of detector n */
    const char *japanese;
};

static const struct knob knobs[] = {
#define OF(id)                          (1u << DETECTOR_##id)
#define KNOB(path, detectors, japanese) {path, detectors, japanese},
#include "api/knobs.def"
#undef KNOB
#undef OF
};

static const void *member_of(const struct config_key *key, const void *base)
{
    return (const char *)base + key->offset;
}

static bool is_number(const struct config_key *key)
{
    return key->type == CONFIG_NUMBER;
}

static void choices_write(const struct config_key *key, struct json *json)
{
    const struct config_word *words = config_words(key->type);
    if (!words)
        return;
    json_key(json, "choices");
    json_array_begin(json);
    for (; words->name; words++)
        json_text(json, words->name);
    json_array_end(json);
}

/* As it stands in the file, but "" for a list without items. */
static void value_write(const struct config_key *key, const void *base, struct json *json)
{
    struct buf text;
    buf_init(&text, CONFIG_TEXT_MAX_BYTES);
    bool is_list = key->type == CONFIG_NAMES;
    uint32_t count = is_list ? ((const struct config_list *)member_of(key, base))->count : 1;
    buf_text(&text, is_list && count ? "[" : "");
    for (uint32_t i = 0; i < count; i++) {
        buf_text(&text, i ? ", " : "");
        config_value_write(key, base, i, &text);
    }
    buf_text(&text, is_list && count ? "]" : "");
    json_pair(json, "value", text.data ? text.data : "");
    buf_done(&text);
}

static void setting_write(const struct config_key *key, const char *path, const void *base,
                          const char *meaning, struct json *json)
{
    json_object_begin(json);
    json_pair(json, "key", path);
    value_write(key, base, json);
    json_pair(json, "default", key->initial);
    if (is_number(key)) {
        json_pair_int(json, "min", key->min);
        json_pair_int(json, "max", key->max);
    }
    choices_write(key, json);
    json_pair_opt(json, "unit", key->unit);
    json_pair(json, "meaning", meaning);
    json_object_end(json);
}

static void settings_write(const struct config *config, unsigned detector, enum language language,
                           struct json *json)
{
    json_key(json, "settings");
    json_array_begin(json);
    for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++) {
        char path[128];
        const void *base = config;
        if (!(knobs[i].detectors & 1u << detector))
            continue;
        snprintf(path, sizeof(path), knobs[i].path, detector_rows[detector].slug);
        const struct config_key *key = config_key_find(path, &base);
        setting_write(key, path, base, language == LANGUAGE_JA ? knobs[i].japanese : key->text,
                      json);
    }
    json_array_end(json);
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
    static const char *const confidences[KNOB_COUNT] = {"low", "medium", "high"};
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
    json_pair(json, "confidence", confidences[settings->confidence]);
    precision_write(precision, json);
    settings_write(config, detector, language, json);
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
