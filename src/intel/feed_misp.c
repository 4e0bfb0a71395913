/* feed_misp.c - events of MISP with their attributes, and its warninglists
 * SPDX-License-Identifier: Apache-2.0
 *
 * Events come bare, in {"response": ...}, in arrays, or as attributes alone. Per the MISP core
 * format only attributes with `to_ids` are meant for detection; the others are skipped, unless the
 * feed's configuration takes them. */
#include "intel/feed_json.h"

#include <stdio.h>

enum { LEVELS_MAX = 8, INFO_MAX = 120, LINE_MAX_BYTES = 320 };

struct misp {
    struct feed_reading *reading;
    struct json_walk *walk;
    struct feed_indicator event; /* what the event's tags say */
    enum refusal event_refusal;
    char info[INFO_MAX]; /* what the event is about, for evidence */
};

static enum refusal tags_read(const json_t *tags, struct feed_indicator *indicator)
{
    enum refusal refusal = REFUSAL_NONE;
    for (size_t i = 0; i < json_array_size(tags) && !refusal; i++) {
        const json_t *name = json_object_get(json_array_get(tags, i), "name");
        if (json_is_string(name))
            refusal = feed_label_read(json_string_value(name), indicator);
    }
    return refusal;
}

/* Where values of a type of attribute reach; types that are not here are not about names. */
struct value_kind {
    const char *type;
    enum scope scope;
    bool url;
    char cut; /* what follows it is not looked at; 0: nothing does */
};

static const struct value_kind value_kinds[] = {
    {"domain", SCOPE_SUBTREE, false, 0},
    {"hostname", SCOPE_EXACT, false, 0},
    {"domain|ip", SCOPE_SUBTREE, false, 0},
    {"hostname|port", SCOPE_EXACT, false, '|'},
    {"ip-dst", SCOPE_PREFIX, false, 0},
    {"ip-src", SCOPE_PREFIX, false, 0},
    {"ip-dst|port", SCOPE_PREFIX, false, '|'},
    {"ip-src|port", SCOPE_PREFIX, false, '|'},
    {"url", SCOPE_EXACT, true, 0},
};

static const struct value_kind *kind_find(const char *type)
{
    for (size_t i = 0; i < sizeof(value_kinds) / sizeof(*value_kinds); i++)
        if (strcmp(value_kinds[i].type, type) == 0)
            return value_kinds + i;
    return NULL;
}

static int value_hand_over(struct misp *misp, const struct value_kind *kind, struct slice value,
                           struct feed_indicator indicator)
{
    struct feed_line parsed = {.item_count = 0};
    if (kind->cut)
        value = slice_cut(&value, kind->cut);
    indicator.host = slice_trim(value);
    indicator.scope = (uint8_t)kind->scope;
    if (kind->url) {
        enum refusal refusal = feed_plain_entry(indicator.host, &parsed);
        if (refusal) {
            feed_refuse(misp->reading->report, refusal, indicator.line);
            return 0;
        }
        indicator.host = parsed.items[0].host;
        indicator.page = parsed.items[0].page;
    }
    return feed_hand_over(misp->reading, &indicator);
}

/* The value as evidence shows it: with what the event is about. */
static struct slice value_note(const struct misp *misp, const char *value, char *note,
                               struct feed_indicator *indicator)
{
    struct slice text = {value, strlen(value)};
    indicator->line = text;
    if (!misp->info[0] || text.len + INFO_MAX + 4 > LINE_MAX_BYTES)
        return text;
    int len = snprintf(note, LINE_MAX_BYTES, "%s # %s", value, misp->info);
    indicator->line = (struct slice){note, (size_t)len};
    return (struct slice){note, text.len};
}

static int value_read(struct misp *misp, const char *type, const char *value,
                      struct feed_indicator *indicator)
{
    char note[LINE_MAX_BYTES];
    struct slice text = value_note(misp, value, note, indicator);
    if (strcmp(type, "domain|ip") != 0)
        return value_hand_over(misp, kind_find(type), text, *indicator);
    struct slice domain = slice_cut(&text, '|');
    int code = value_hand_over(misp, kind_find("domain"), domain, *indicator);
    return code ? code : value_hand_over(misp, kind_find("ip-dst"), text, *indicator);
}

/* Whether its source gives it for information only, and that is not enough. */
static bool attribute_skipped(const struct misp *misp, const json_t *attribute)
{
    return !misp->reading->source->informational &&
           json_is_false(json_object_get(attribute, "to_ids"));
}

static enum refusal attribute_check(const struct misp *misp, const json_t *attribute,
                                    struct feed_indicator *indicator)
{
    const char *type = json_string_value(json_object_get(attribute, "type"));
    const char *value = json_string_value(json_object_get(attribute, "value"));
    if (!type || !value || !value[0])
        return REFUSAL_BAD_ENTRY;
    if (!kind_find(type))
        return REFUSAL_OTHER_TYPE;
    if (json_is_true(json_object_get(attribute, "deleted")))
        return REFUSAL_REVOKED;
    if (misp->event_refusal)
        return misp->event_refusal;
    return tags_read(json_object_get(attribute, "Tag"), indicator);
}

/* Shows the type and the value, where there are any, instead of JSON with its line ends. */
static void attribute_refuse(const struct misp *misp, const json_t *attribute, enum refusal reason,
                             struct slice text)
{
    char note[LINE_MAX_BYTES];
    const char *type = json_string_value(json_object_get(attribute, "type"));
    const char *value = json_string_value(json_object_get(attribute, "value"));
    if (type && value) {
        snprintf(note, sizeof(note), "%s %s", type, value);
        text = (struct slice){note, strlen(note)};
    }
    feed_refuse(misp->reading->report, reason, text);
}

static int attribute_read(struct misp *misp)
{
    struct slice text;
    json_t *attribute;
    int code = feed_entry_next(misp->reading, misp->walk, &attribute, &text);
    if (!attribute)
        return code;
    struct feed_indicator indicator = misp->event;
    enum refusal refusal = attribute_check(misp, attribute, &indicator);
    if (attribute_skipped(misp, attribute))
        misp->reading->report->skipped++;
    else if (refusal)
        attribute_refuse(misp, attribute, refusal, text);
    else
        code = value_read(misp, json_string_value(json_object_get(attribute, "type")),
                          json_string_value(json_object_get(attribute, "value")), &indicator);
    json_decref(attribute);
    return code;
}

/* Builds one small member of the event that comes next; NULL without. */
static json_t *event_member(const struct misp *misp, const char *key)
{
    struct slice text = walk_peek(misp->walk, key);
    return text.len && text.len <= FEED_ENTRY_MAX
               ? json_loadb(text.at, text.len, JSON_DECODE_ANY, NULL)
               : NULL;
}

/* Looks ahead: what holds for all attributes of an event may stand behind them. */
static void event_read(struct misp *misp)
{
    json_t *info = event_member(misp, "info");
    json_t *tags = event_member(misp, "Tag");
    const char *text = json_string_value(info);
    snprintf(misp->info, sizeof(misp->info), "%s", text ? text : "");
    misp->event = (struct feed_indicator){.category = -1, .confidence = -1};
    misp->event_refusal = tags_read(tags, &misp->event);
    json_decref(info);
    json_decref(tags);
}

static int any_read(struct misp *misp, unsigned level);

static int attributes_read(struct misp *misp)
{
    int code = 0;
    for (walk_enter(misp->walk, '['); code == 0 && walk_element(misp->walk);)
        code = attribute_read(misp);
    return code;
}

static int member_read(struct misp *misp, struct slice key, unsigned level)
{
    if (slice_equal(key, "Attribute"))
        return attributes_read(misp);
    if (slice_equal(key, "Event"))
        event_read(misp);
    else if (!slice_equal(key, "response") && !slice_equal(key, "Object")) {
        walk_value(misp->walk);
        return 0;
    }
    return any_read(misp, level + 1);
}

/* Goes down through arrays and objects to where attributes are. */
static int any_read(struct misp *misp, unsigned level)
{
    struct json_walk *walk = misp->walk;
    struct slice key;
    int code = 0;
    if (level > LEVELS_MAX || !(walk_is(walk, '[') || walk_is(walk, '{'))) {
        walk_value(walk);
    } else if (walk_is(walk, '[')) {
        for (walk_enter(walk, '['); code == 0 && walk_element(walk);)
            code = any_read(misp, level + 1);
    } else {
        for (walk_enter(walk, '{'); code == 0 && walk_member(walk, &key);)
            code = member_read(misp, key, level);
    }
    return code;
}

int feed_misp_walk(struct feed_reading *reading, struct json_walk *walk)
{
    struct misp misp = {
        .reading = reading, .walk = walk, .event = {.category = -1, .confidence = -1}};
    return any_read(&misp, 0);
}

/* One element of the list. `type` is the warninglist's, with its quotation marks. */
static int listed_read(struct feed_reading *reading, const char *value, struct slice type)
{
    struct slice text = {value, strlen(value)};
    struct feed_indicator indicator = {.line = text, .category = -1, .confidence = -1};
    struct feed_line parsed = {.item_count = 0};
    bool whole = slice_equal(type, "\"string\"");
    bool names = whole || slice_equal(type, "\"hostname\"") || slice_equal(type, "\"cidr\"");
    enum refusal refusal = names ? feed_plain_entry(text, &parsed) : REFUSAL_LOOSE;
    if (refusal) {
        feed_refuse(reading->report, refusal, text);
        return 0;
    }
    indicator.host = parsed.items[0].host;
    indicator.page = parsed.items[0].page;
    indicator.scope = parsed.items[0].scope;
    if (whole && !slice_begins(text, "."))
        indicator.scope = SCOPE_EXACT;
    return feed_hand_over(reading, &indicator);
}

static int list_read(struct feed_reading *reading, struct json_walk *walk, struct slice type)
{
    struct slice text;
    int code = 0;
    for (walk_enter(walk, '['); code == 0 && walk_element(walk);) {
        json_t *value;
        code = feed_entry_next(reading, walk, &value, &text);
        if (json_string_length(value))
            code = listed_read(reading, json_string_value(value), type);
        else if (value)
            feed_refuse(reading->report, REFUSAL_BAD_ENTRY, text);
        json_decref(value);
    }
    return code;
}

int feed_warninglist_walk(struct feed_reading *reading, struct json_walk *walk)
{
    struct slice type = walk_peek(walk, "type");
    struct slice key;
    int code = 0;
    for (walk_enter(walk, '{'); code == 0 && walk_member(walk, &key);) {
        if (slice_equal(key, "list"))
            code = list_read(reading, walk, type);
        else
            walk_value(walk);
    }
    return code;
}
