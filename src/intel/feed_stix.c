/* feed_stix.c - STIX 2 bundles: indicators whose patterns compare names, addresses and URLs
 * SPDX-License-Identifier: Apache-2.0
 *
 * STIX 2.1 (OASIS) 4.7 and 9. Of a pattern the comparisons that hold by themselves are taken, that
 * is, what only OR stands between. */
#include "base/clock.h"
#include "intel/feed_json.h"

#include <stdio.h>

enum { NOTE_MAX = 320, CONFIDENCE_MAX = 100 };

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_MARK, TOKEN_BAD };

struct token {
    enum token_kind kind;
    struct slice text; /* of a string what is between its quotation marks, escapes and all */
};

/* Takes the string off that begins at text->at. */
static struct token string_take(struct slice *text)
{
    for (size_t i = 1; i < text->len; i++) {
        if (text->at[i] == '\\')
            i++;
        else if (text->at[i] == '\'') {
            struct token token = {TOKEN_STRING, {text->at + 1, i - 1}};
            *text = slice_skip(*text, i + 1);
            return token;
        }
    }
    return (struct token){TOKEN_BAD, *text};
}

static struct token token_take(struct slice *text)
{
    static const char marks[] = "[]()=!<>,";
    while (text->len && strchr(" \t\r\n", text->at[0]))
        *text = slice_skip(*text, 1);
    if (text->len == 0)
        return (struct token){TOKEN_END, *text};
    if (text->at[0] == '\'')
        return string_take(text);
    size_t len = 0;
    while (len < text->len && !strchr(" \t\r\n'", text->at[len]) && !strchr(marks, text->at[len]))
        len++;
    struct token token = {len ? TOKEN_WORD : TOKEN_MARK, {text->at, len ? len : 1}};
    *text = slice_skip(*text, token.text.len);
    return token;
}

/* Whether something in the pattern narrows what a comparison in it means. */
static enum refusal pattern_check(struct slice pattern)
{
    static const char *const narrowing[] = {"AND", "FOLLOWEDBY", "NOT", "REPEATS", "WITHIN"};
    struct token token;
    while ((token = token_take(&pattern)).kind != TOKEN_END) {
        if (token.kind == TOKEN_BAD)
            return REFUSAL_BAD_ENTRY;
        for (size_t i = 0; token.kind == TOKEN_WORD && i < sizeof(narrowing) / sizeof(*narrowing);
             i++)
            if (slice_equal_nocase(token.text, narrowing[i]))
                return REFUSAL_COMBINED;
    }
    return REFUSAL_NONE;
}

/* The value with its escapes resolved; the text itself when it has none. */
static struct slice unescape(struct slice text, char *room, size_t room_len)
{
    size_t len = 0;
    if (!memchr(text.at, '\\', text.len) || text.len > room_len)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len)
            i++;
        room[len++] = text.at[i];
    }
    return (struct slice){room, len};
}

/* One comparison of a pattern as it is being read. */
struct comparison {
    struct slice path;
    bool equals; /* or is in a set; otherwise it is looser than that */
};

static int value_hand_over(struct feed_reading *reading, const struct comparison *comparison,
                           struct slice value, struct feed_indicator indicator)
{
    static const struct {
        const char *path;
        enum scope scope;
        bool url;
    } paths[] = {
        {"domain-name:value", SCOPE_SUBTREE, false},
        {"hostname:value", SCOPE_EXACT, false},
        {"ipv4-addr:value", SCOPE_PREFIX, false},
        {"ipv6-addr:value", SCOPE_PREFIX, false},
        {"network-traffic:dst_ref.value", SCOPE_SUBTREE, false}, /* a name or an address */
        {"url:value", SCOPE_EXACT, true},
    };
    char room[FEED_LINE_MAX];
    struct feed_line parsed = {.item_count = 0};
    enum refusal refusal = comparison->equals ? REFUSAL_OTHER_TYPE : REFUSAL_LOOSE;
    for (size_t i = 0; comparison->equals && i < sizeof(paths) / sizeof(*paths); i++) {
        if (!slice_equal(comparison->path, paths[i].path))
            continue;
        value = unescape(value, room, sizeof(room));
        refusal = paths[i].url ? feed_plain_entry(value, &parsed)
                               : feed_item_add(&parsed, value, paths[i].scope);
        indicator.host = parsed.items[0].host;
        indicator.page = parsed.items[0].page;
        indicator.scope = (uint8_t)paths[i].scope;
    }
    if (refusal == REFUSAL_NONE)
        return feed_hand_over(reading, &indicator);
    feed_refuse(reading->report, refusal, indicator.line);
    return 0;
}

/* Follows one token; true when a value of the comparison comes with it. */
static bool token_follow(struct comparison *comparison, const struct token *token)
{
    struct slice text = token->text;
    if (token->kind == TOKEN_STRING)
        return comparison->path.len > 0;
    if (token->kind == TOKEN_MARK) {
        if (slice_equal(text, "]"))
            *comparison = (struct comparison){{text.at, 0}, false};
        else if (slice_equal(text, "="))
            comparison->equals = true;
        else if (!slice_equal(text, "(") && !slice_equal(text, ",") && !slice_equal(text, ")"))
            comparison->path.len = 0; /* != and the like */
    } else if (memchr(text.at, ':', text.len)) {
        *comparison = (struct comparison){text, false};
    } else if (slice_equal_nocase(text, "IN") || slice_equal_nocase(text, "ISSUBSET")) {
        comparison->equals = true;
    }
    return false;
}

static int pattern_read(struct feed_reading *reading, struct slice pattern,
                        const struct feed_indicator *indicator)
{
    struct comparison comparison = {{pattern.at, 0}, false};
    struct token token;
    unsigned values = 0;
    int code = 0;
    while (code == 0 && (token = token_take(&pattern)).kind != TOKEN_END) {
        if (!token_follow(&comparison, &token))
            continue;
        code = value_hand_over(reading, &comparison, token.text, *indicator);
        values++;
    }
    if (values == 0)
        feed_refuse(reading->report, REFUSAL_BAD_ENTRY, indicator->line);
    return code;
}

static enum refusal labels_read(const json_t *labels, struct feed_indicator *indicator)
{
    enum refusal refusal = REFUSAL_NONE;
    for (size_t i = 0; i < json_array_size(labels) && !refusal; i++) {
        const json_t *label = json_array_get(labels, i);
        if (json_is_object(label)) /* of a kill chain */
            label = json_object_get(label, "phase_name");
        if (json_is_string(label))
            refusal = feed_label_read(json_string_value(label), indicator);
    }
    return refusal;
}

/* What the indicator says beside its pattern. */
static enum refusal indicator_read(const json_t *object, struct feed_indicator *indicator)
{
    static const char *const label_keys[] = {"kill_chain_phases", "indicator_types", "labels"};
    const char *type = json_string_value(json_object_get(object, "pattern_type"));
    const char *until = json_string_value(json_object_get(object, "valid_until"));
    const json_t *confidence = json_object_get(object, "confidence");
    enum refusal refusal = REFUSAL_NONE;
    if (json_is_true(json_object_get(object, "revoked")))
        return REFUSAL_REVOKED;
    if (type && strcmp(type, "stix") != 0)
        return REFUSAL_OTHER_TYPE;
    if (until && time_parse(until, &indicator->expires_ns) != 0)
        return REFUSAL_BAD_ENTRY;
    if (confidence && (!json_is_integer(confidence) || json_integer_value(confidence) < 0 ||
                       json_integer_value(confidence) > CONFIDENCE_MAX))
        return REFUSAL_BAD_ENTRY;
    if (confidence)
        indicator->confidence = (int)json_integer_value(confidence);
    for (size_t i = 0; i < sizeof(label_keys) / sizeof(*label_keys) && !refusal; i++)
        refusal = labels_read(json_object_get(object, label_keys[i]), indicator);
    return refusal;
}

static int object_read(struct feed_reading *reading, const json_t *object, struct slice text)
{
    const char *type = json_string_value(json_object_get(object, "type"));
    const char *pattern = json_string_value(json_object_get(object, "pattern"));
    const char *name = json_string_value(json_object_get(object, "name"));
    if (!type || strcmp(type, "indicator") != 0)
        return 0; /* bundles tell stories around their indicators */
    struct feed_indicator indicator = {.line = text, .category = -1, .confidence = -1};
    enum refusal refusal = pattern ? indicator_read(object, &indicator) : REFUSAL_BAD_ENTRY;
    if (refusal == REFUSAL_NONE)
        refusal = pattern_check((struct slice){pattern, strlen(pattern)});
    if (refusal) {
        feed_refuse(reading->report, refusal,
                    pattern ? (struct slice){pattern, strlen(pattern)} : text);
        return 0;
    }
    char note[NOTE_MAX];
    struct slice line = {pattern, strlen(pattern)};
    int len = name ? snprintf(note, sizeof(note), "%s # %s", pattern, name) : -1;
    struct slice whole = line;
    if (len >= 0 && line.len < sizeof(note)) {
        whole = (struct slice){note, (size_t)len < sizeof(note) ? (size_t)len : sizeof(note) - 1};
        line.at = note;
    }
    indicator.line = whole;
    return pattern_read(reading, line, &indicator);
}

int feed_stix_walk(struct feed_reading *reading, struct json_walk *walk)
{
    struct slice key, text;
    int code = 0;
    for (walk_enter(walk, '{'); code == 0 && walk_member(walk, &key);) {
        if (!slice_equal(key, "objects")) {
            walk_value(walk);
            continue;
        }
        for (walk_enter(walk, '['); code == 0 && walk_element(walk);) {
            json_t *object;
            code = feed_entry_next(reading, walk, &object, &text);
            if (object)
                code = object_read(reading, object, text);
            json_decref(object);
        }
    }
    return code;
}
