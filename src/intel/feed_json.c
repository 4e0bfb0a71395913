/* feed_json.c - walks a large JSON text without building it, and what the readers of JSON share
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed_json.h"

#include <errno.h>
#include <strings.h>

static bool walk_fail(struct json_walk *walk, const char *why)
{
    if (!walk->failure)
        walk->failure = why;
    return false;
}

/* The next byte that is no blank, or 0 (which no list contains) at the end. */
static char next_byte(struct json_walk *walk)
{
    while (walk->at < walk->end && strchr(" \t\r\n", *walk->at))
        walk->at++;
    return walk->failure || walk->at == walk->end ? 0 : *walk->at;
}

bool walk_is(struct json_walk *walk, char first)
{
    return next_byte(walk) == first;
}

bool walk_enter(struct json_walk *walk, char open)
{
    if (!walk_is(walk, open))
        return walk_fail(walk, open == '{' ? "an object was expected" : "an array was expected");
    walk->at++;
    walk->fresh = true;
    return true;
}

/* Steps over a comma to the next part, or over the closing bracket. */
static bool walk_next(struct json_walk *walk, char close)
{
    bool fresh = walk->fresh;
    walk->fresh = false;
    char next = next_byte(walk);
    if (next == close) {
        walk->at++;
        return false;
    }
    if (fresh && next)
        return true;
    if (next != ',')
        return walk_fail(walk, next ? "a comma was expected" : "the JSON ends too early");
    walk->at++;
    return true;
}

/* Steps over a string, which begins here. */
static bool string_skip(struct json_walk *walk)
{
    for (walk->at++; walk->at < walk->end; walk->at++) {
        if (*walk->at == '\\')
            walk->at++;
        else if (*walk->at == '"')
            break;
    }
    if (walk->at >= walk->end) {
        walk->at = walk->end;
        return walk_fail(walk, "the JSON ends within a string");
    }
    walk->at++;
    return true;
}

bool walk_member(struct json_walk *walk, struct slice *ret_key)
{
    if (!walk_next(walk, '}'))
        return false;
    if (!walk_is(walk, '"'))
        return walk_fail(walk, "a key was expected");
    const char *from = walk->at + 1;
    if (!string_skip(walk))
        return false;
    *ret_key = (struct slice){from, (size_t)(walk->at - from) - 1};
    if (!walk_is(walk, ':'))
        return walk_fail(walk, "a colon was expected");
    walk->at++;
    return true;
}

bool walk_element(struct json_walk *walk)
{
    return walk_next(walk, ']');
}

/* Steps over an object or array, which begins here. `braces` has a bit for each open bracket. */
static bool nested_skip(struct json_walk *walk)
{
    uint64_t braces = 0;
    unsigned depth = 0;
    do {
        char c = next_byte(walk);
        if (c == 0)
            return walk_fail(walk, "the JSON ends too early");
        if (c == '"') {
            if (!string_skip(walk))
                return false;
            continue;
        }
        if (c == '{' || c == '[') {
            if (depth++ == FEED_DEPTH_MAX)
                return walk_fail(walk, "more than 64 brackets are open");
            braces = braces << 1 | (c == '{');
        } else if (c == '}' || c == ']') {
            if ((braces & 1) != (c == '}'))
                return walk_fail(walk, "the wrong bracket closes");
            braces >>= 1;
            depth--;
        }
        walk->at++;
    } while (depth);
    return true;
}

/* Steps over a number or word. */
static bool scalar_skip(struct json_walk *walk)
{
    const char *from = walk->at;
    while (walk->at < walk->end && !strchr(" \t\r\n,:]}[{\"", *walk->at))
        walk->at++;
    return walk->at > from || walk_fail(walk, "a value was expected");
}

struct slice walk_value(struct json_walk *walk)
{
    char first = next_byte(walk);
    const char *from = walk->at;
    bool taken;
    walk->fresh = false;
    if (first == '"')
        taken = string_skip(walk);
    else
        taken = first == '{' || first == '[' ? nested_skip(walk) : scalar_skip(walk);
    return (struct slice){from, taken ? (size_t)(walk->at - from) : 0};
}

struct slice walk_peek(const struct json_walk *walk, const char *key)
{
    struct json_walk ahead = *walk;
    struct slice found;
    if (walk_enter(&ahead, '{'))
        while (walk_member(&ahead, &found)) {
            struct slice value = walk_value(&ahead);
            if (slice_equal(found, key))
                return value;
        }
    return (struct slice){walk->at, 0};
}

int feed_entry_next(struct feed_reading *reading, struct json_walk *walk, json_t **ret_entry,
                    struct slice *ret_text)
{
    *ret_entry = NULL;
    *ret_text = walk_value(walk);
    int code = feed_count_line(reading);
    if (code || walk->failure)
        return code;
    bool fits = ret_text->len <= FEED_ENTRY_MAX;
    if (fits)
        *ret_entry = json_loadb(ret_text->at, ret_text->len, JSON_DECODE_ANY, NULL);
    if (!*ret_entry)
        feed_refuse(reading->report, fits ? REFUSAL_BAD_ENTRY : REFUSAL_LONG_ENTRY, *ret_text);
    return 0;
}

enum refusal feed_label_read(const char *label, struct feed_indicator *indicator)
{
    static const struct {
        const char *label;
        int category, confidence; /* -1: says nothing of it */
    } labels[] = {
#define FEED_LABEL(label, category, confidence) {label, category, confidence},
#include "intel/feed_labels.def"
#undef FEED_LABEL
    };
    if (strcasecmp(label, "benign") == 0)
        return REFUSAL_BENIGN;
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
        if (strcasecmp(label, labels[i].label) != 0)
            continue;
        if (labels[i].category >= 0)
            indicator->category = labels[i].category;
        if (labels[i].confidence >= 0)
            indicator->confidence = labels[i].confidence;
    }
    return REFUSAL_NONE;
}

static enum feed_format object_detect(struct json_walk *walk)
{
    static const struct {
        const char *key;
        enum feed_format format;
    } keys[] = {
        {"objects", FEED_STIX},   {"response", FEED_MISP},         {"Event", FEED_MISP},
        {"Attribute", FEED_MISP}, {"list", FEED_MISP_WARNINGLIST},
    };
    struct slice key;
    for (walk_enter(walk, '{'); walk_member(walk, &key); walk_value(walk))
        for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
            if (slice_equal(key, keys[i].key))
                return keys[i].format;
    return FEED_AUTO;
}

enum feed_format feed_json_detect(const char *data, size_t len)
{
    struct json_walk walk = {.at = data, .end = data + len};
    if (walk_is(&walk, '[') && (!walk_enter(&walk, '[') || !walk_element(&walk)))
        return FEED_AUTO;
    return object_detect(&walk);
}

int feed_json_read(struct feed_reading *reading, const char *data, size_t len)
{
    static const feed_walk_fn walks[FEED_FORMAT_COUNT] = {
        [FEED_STIX] = feed_stix_walk,
        [FEED_MISP] = feed_misp_walk,
        [FEED_MISP_WARNINGLIST] = feed_warninglist_walk,
    };
    struct json_walk walk = {.at = data, .end = data + len};
    int code = walks[reading->report->format](reading, &walk);
    if (code == 0 && !walk.failure && next_byte(&walk))
        walk_fail(&walk, "something follows the JSON");
    if (code || !walk.failure)
        return code;
    return error_set(reading->error, -EINVAL, "%s: byte %zu: %s", reading->source->path,
                     (size_t)(walk.at - data), walk.failure);
}
