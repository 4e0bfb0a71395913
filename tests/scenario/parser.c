/* parser.c - reads a story: one statement a line, indented lines belong to the one before
 * SPDX-License-Identifier: Apache-2.0
 *
 * A `repeat` is unrolled here, so that what plays is a flat list of steps. */
#include "story.h"

#include "base/clock.h"
#include "intel/feed.h"

#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 40, LINE_MAX_BYTES = 2048, BLOCK_MAX_BYTES = 1 << 20, REPEATS_MAX = 100000 };
enum { OPCODE_MAX = 15 };

static const char default_server[] = "198.51.100.53";
static const char default_day[] = "2026-01-01T";

struct parser {
    struct story *story;
    FILE *file;
    unsigned line; /* of the text in `text` */
    bool held;     /* `text` was read, but belongs to the next statement */
    char text[LINE_MAX_BYTES];
    struct error *error;
};

struct words {
    unsigned count;
    unsigned next;
    char *at[WORDS_MAX];
};

__attribute__((format(printf, 2, 3))) static int complain(struct parser *parser, const char *format,
                                                          ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return error_set(parser->error, -EINVAL, "%s:%u: %s", parser->story->path, parser->line, what);
}

/* Cuts off a comment: a '#' after a blank or at the start, outside quotes. */
static void comment_cut(char *text)
{
    bool quoted = false;
    for (char *c = text; *c; c++) {
        quoted ^= *c == '"';
        if (*c == '#' && !quoted && (c == text || isblank((unsigned char)c[-1])))
            *c = 0;
        if (!*c)
            return;
    }
}

static void blanks_cut(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = 0;
}

/* Reads the next line, whatever is on it; false at the end. */
static bool line_raw(struct parser *parser)
{
    if (parser->held) {
        parser->held = false;
        return true;
    }
    if (!fgets(parser->text, sizeof(parser->text), parser->file))
        return false;
    parser->line++;
    blanks_cut(parser->text);
    return true;
}

/* Reads the next line of the block that belongs to the statement before. */
static bool block_line(struct parser *parser)
{
    if (!line_raw(parser))
        return false;
    if (isblank((unsigned char)parser->text[0]) || !parser->text[0])
        return true;
    parser->held = true;
    return false;
}

/* Reads a block's text without the indentation of its first line. */
static void block_text(struct parser *parser, struct buf *buf)
{
    size_t indent = 0;
    buf_text(buf, "");
    while (block_line(parser)) {
        size_t blanks = strspn(parser->text, " \t");
        if (!indent)
            indent = blanks;
        buf_text(buf, parser->text + (blanks < indent ? blanks : indent));
        buf_char(buf, '\n');
    }
}

static void words_split(char *text, struct words *words)
{
    char *rest = NULL;
    *words = (struct words){0};
    for (char *word = strtok_r(text, " \t", &rest); word && words->count < WORDS_MAX;
         word = strtok_r(NULL, " \t", &rest))
        words->at[words->count++] = word;
}

/* The next word, or "" when there is none. */
static char *word_next(struct words *words)
{
    static char none[1];
    return words->next < words->count ? words->at[words->next++] : none;
}

/* Takes the next word when it is this one. */
static bool word_is(struct words *words, const char *text)
{
    if (words->next >= words->count || strcmp(words->at[words->next], text) != 0)
        return false;
    words->next++;
    return true;
}

static bool number_parse(const char *text, uint64_t max, uint64_t *ret)
{
    char *end;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    return isdigit((unsigned char)*text) && !*end && !errno && *ret <= max;
}

/* "90s", "1.5h", "20ms". */
static bool span_parse(const char *text, int64_t *ret_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {
        {"ms", NS_PER_MS},      {"s", NS_PER_S},         {"m", 60 * NS_PER_S},
        {"h", 3600 * NS_PER_S}, {"d", 86400 * NS_PER_S},
    };
    char *end;
    double value = strtod(text, &end);
    for (size_t i = 0; isdigit((unsigned char)*text) && i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(end, units[i].name) != 0)
            continue;
        *ret_ns = (int64_t)(value * (double)units[i].ns);
        return true;
    }
    return false;
}

/* "10:00:00" on the day all stories play on, "2026-02-01", or both with a T between. */
static bool moment_parse(const char *text, int64_t *ret_ns)
{
    char whole[64];
    snprintf(whole, sizeof(whole), "%s%s%s%s", strchr(text, '-') ? "" : default_day, text,
             strchr(text, ':') ? "" : "T00:00:00", strchr(text, 'Z') ? "" : "Z");
    return time_parse(whole, ret_ns) == 0;
}

static int address_parse(struct parser *parser, const char *text, struct addr *ret)
{
    return addr_parse(text, strlen(text), ret) ? 0 : complain(parser, "'%s' is no address", text);
}

static struct story_step *step_new(struct parser *parser)
{
    struct story *story = parser->story;
    size_t count = story->step_count + 1;
    struct story_step *steps = realloc(story->steps, count * sizeof(*steps));
    if (!steps)
        abort();
    story->steps = steps;
    story->step_count = count;
    struct story_step *step = &steps[count - 1];
    *step = (struct story_step){.line = parser->line};
    addr_parse(default_server, strlen(default_server), &step->server);
    return step;
}

/* `RCODE records`, behind the arrow. */
static int answer_parse(struct parser *parser, char *text, struct story_step *step)
{
    text += strspn(text, " \t");
    size_t len = strcspn(text, " \t");
    char rcode[32];
    snprintf(rcode, sizeof(rcode), "%.*s", (int)len, text);
    int value = rcode_parse(rcode);
    if (value < 0)
        return complain(parser, "'%s' is no response code", rcode);
    step->answered = true;
    step->rcode = (uint16_t)value;
    step->records = strdup(text + len);
    return 0;
}

static int clauses_parse(struct parser *parser, struct words *words, struct story_step *step)
{
    while (words->next < words->count) {
        if (word_is(words, "from")) {
            int rc = address_parse(parser, word_next(words), &step->server);
            if (rc < 0)
                return rc;
        } else if (word_is(words, "over")) {
            step->tcp = word_is(words, "tcp");
            if (!step->tcp && !word_is(words, "udp"))
                return complain(parser, "over what? tcp or udp");
        } else if (word_is(words, "subnet")) {
            const char *text = word_next(words);
            struct prefix prefix;
            if (!prefix_parse(text, strlen(text), &prefix) || step->subnet)
                return complain(parser, "'%s' is no subnet", text);
            step->subnet = strdup(text);
        } else if (word_is(words, "padded")) {
            step->padded = true;
        } else if (word_is(words, "mixed")) {
            step->mixed = true;
        } else if (word_is(words, "opcode")) {
            uint64_t opcode;
            if (!number_parse(word_next(words), OPCODE_MAX, &opcode))
                return complain(parser, "opcode is a number from 0 to %d", OPCODE_MAX);
            step->opcode = (uint8_t)opcode;
        } else {
            return complain(parser, "'%s' is not understood here", word_next(words));
        }
    }
    return 0;
}

/* ADDRESS asks|asks again|gets|sends back TYPE NAME [from ...] [over ...] [subnet ...] [opcode
 * ...], the words before the arrow. */
static int question_parse(struct parser *parser, struct words *words, struct story_step *step)
{
    struct dns_name name;
    int rc = address_parse(parser, word_next(words), &step->client);
    if (rc < 0)
        return rc;
    if (word_is(words, "gets"))
        step->verb = VERB_GET;
    else if (word_is(words, "sends") && word_is(words, "back"))
        step->verb = VERB_BOUNCE;
    else if (word_is(words, "asks"))
        step->verb = word_is(words, "again") ? VERB_AGAIN : VERB_ASK;
    else
        return complain(parser, "a client 'asks', 'asks again', 'gets' or 'sends back', not '%s'",
                        word_next(words));
    const char *type = word_next(words), *text = word_next(words);
    int qtype = rrtype_parse(type);
    if (qtype < 0)
        return complain(parser, "'%s' is no record type", type);
    if (!name_from_text(&name, text, strlen(text)))
        return complain(parser, "'%s' is no name", text);
    step->qtype = (uint16_t)qtype;
    step->name = strdup(text);
    return clauses_parse(parser, words, step);
}

/* [+SPAN] client ... [-> ...], [+SPAN] alone, or at MOMENT. */
static int step_parse(struct parser *parser, char *text)
{
    char *arrow = strstr(text, "->");
    if (arrow)
        *arrow = 0;
    struct words words;
    words_split(text, &words);
    struct story_step *step = step_new(parser);
    if (word_is(&words, "at")) {
        const char *moment = word_next(&words);
        step->at = true;
        if (!moment_parse(moment, &step->time_ns) || words.next < words.count)
            return complain(parser, "'%s' is no time (10:00:00, 2026-01-31T10:00:00Z)", moment);
        return 0;
    }
    if (words.at[0][0] == '+' && !span_parse(word_next(&words) + 1, &step->time_ns))
        return complain(parser, "'%s' is no span of time (+5s, +20ms, +1h)", words.at[0]);
    if (words.next == words.count && !arrow)
        return 0;
    if (!word_is(&words, "client"))
        return complain(parser, "'%s' is no statement", word_next(&words));
    int rc = question_parse(parser, &words, step);
    if (rc == 0 && arrow)
        rc = answer_parse(parser, arrow + 2, step);
    if (rc == 0 && step->verb == VERB_GET && !arrow)
        rc = complain(parser, "who gets something must be told what: -> RCODE records");
    return rc;
}

/* Replaces {i} by the number, {hex} by 12 hexadecimal digits and {letters} by 10 letters that look
 * random and are the same in every run. */
static void repeat_fill(const char *template, unsigned i, char text[static LINE_MAX_BYTES])
{
    struct buf buf;
    uint64_t random = (i + 1) * 0x9e3779b97f4a7c15ull;
    buf_init(&buf, LINE_MAX_BYTES - 1);
    buf_text(&buf, "");
    while (*template) {
        random = (random ^ random >> 31) * 0xbf58476d1ce4e5b9ull;
        if (strncmp(template, "{i}", 3) == 0) {
            buf_printf(&buf, "%u", i);
            template += 3;
        } else if (strncmp(template, "{hex}", 5) == 0) {
            buf_printf(&buf, "%012llx", (unsigned long long)(random >> 16));
            template += 5;
        } else if (strncmp(template, "{letters}", 9) == 0) {
            for (uint64_t c = 0, rest = random >> 8; c < 10; c++, rest /= 26)
                buf_char(&buf, (char)('a' + rest % 26));
            template += 9;
        } else {
            buf_char(&buf, *template ++);
        }
    }
    memcpy(text, buf.data, buf.len + 1);
    buf_done(&buf);
}

static int repeat_unroll(struct parser *parser, const struct buf *block, uint64_t times,
                         int64_t every_ns)
{
    for (unsigned i = 1; i <= times; i++) {
        const char *line = block->data;
        for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
            char template[LINE_MAX_BYTES], text[LINE_MAX_BYTES];
            snprintf(template, sizeof(template), "%.*s", (int)(end - line), line);
            comment_cut(template);
            blanks_cut(template);
            if (!*template)
                continue;
            repeat_fill(template, i, text);
            int rc = step_parse(parser, text);
            if (rc < 0)
                return rc;
        }
        if (i < times)
            step_new(parser)->time_ns = every_ns;
    }
    return 0;
}

/* repeat N every SPAN, with the lines to repeat below. */
static int repeat_parse(struct parser *parser, struct words *words)
{
    uint64_t times;
    int64_t every_ns;
    struct buf block;
    bool good = number_parse(word_next(words), REPEATS_MAX, &times) && word_is(words, "every") &&
                span_parse(word_next(words), &every_ns) && words->next == words->count;
    if (!good)
        return complain(parser, "repeat N every SPAN, with what to repeat indented below");
    buf_init(&block, BLOCK_MAX_BYTES);
    block_text(parser, &block);
    int rc = repeat_unroll(parser, &block, times, every_ns);
    buf_done(&block);
    return rc;
}

/* feed NAME CATEGORY CONFIDENCE [fetched MOMENT], with its lines below. */
static int feed_parse(struct parser *parser, struct words *words)
{
    struct story *story = parser->story;
    if (story->feed_count == STORY_FEEDS_MAX)
        return complain(parser, "more than %d feeds", STORY_FEEDS_MAX);
    struct story_feed *feed = &story->feeds[story->feed_count++];
    uint64_t confidence;
    *feed = (struct story_feed){.line = parser->line};
    buf_init(&feed->text, BLOCK_MAX_BYTES);
    snprintf(feed->name, sizeof(feed->name), "%s", word_next(words));
    const char *slug = word_next(words);
    int category = category_parse((struct slice){slug, strlen(slug)});
    if (category < 0)
        return complain(parser, "'%s' is no category", slug);
    if (!number_parse(word_next(words), 100, &confidence))
        return complain(parser, "feed NAME CATEGORY CONFIDENCE [fetched TIME]");
    if (word_is(words, "fetched") && !moment_parse(word_next(words), &feed->fetched_ns))
        return complain(parser, "fetched when?");
    if (words->next < words->count)
        return complain(parser, "'%s' is not understood here", word_next(words));
    feed->category = (enum category)category;
    feed->confidence = (uint8_t)confidence;
    block_text(parser, &feed->text);
    return 0;
}

/* expect nothing, or expect DETECTOR [KEY VALUE]... */
static int expect_parse(struct parser *parser, struct words *words)
{
    struct story *story = parser->story;
    if (word_is(words, "nothing")) {
        story->expects_nothing = true;
        return 0;
    }
    if (story->expect_count == STORY_EXPECTS_MAX)
        return complain(parser, "more than %d alerts expected", STORY_EXPECTS_MAX);
    struct story_expect *expect = &story->expects[story->expect_count++];
    const char *slug = word_next(words);
    int detector = detector_parse(slug);
    if (detector < 0)
        return complain(parser, "'%s' is no detector", slug);
    *expect = (struct story_expect){.line = parser->line, .detector = (enum detector)detector};
    while (words->next < words->count && expect->pair_count < STORY_PAIRS_MAX) {
        unsigned pair = expect->pair_count++;
        const char *key = word_next(words), *value = word_next(words);
        if (!expect_key_exists(key) || !*value)
            return complain(parser, "'%s %s' is nothing to expect of an alert", key, value);
        snprintf(expect->pairs[pair].key, sizeof(expect->pairs[pair].key), "%s", key);
        snprintf(expect->pairs[pair].value, sizeof(expect->pairs[pair].value), "%s", value);
    }
    return 0;
}

/* counter NAME VALUE */
static int counter_parse(struct parser *parser, struct words *words)
{
    static const char *const names[METRIC_COUNT] = {
#define METRIC(id, slug, text) [METRIC_##id] = slug,
#include <dnsvigil/metrics.def>
#undef METRIC
    };
    struct story *story = parser->story;
    const char *name = word_next(words);
    int metric = 0;
    while (metric < METRIC_COUNT && strcmp(names[metric], name) != 0)
        metric++;
    if (metric == METRIC_COUNT || story->counter_count == STORY_COUNTERS_MAX)
        return complain(parser, "'%s' is no counter", name);
    struct story_counter *counter = &story->counters[story->counter_count++];
    *counter = (struct story_counter){.line = parser->line, .metric = (enum metric)metric};
    return number_parse(word_next(words), UINT64_MAX, &counter->value)
               ? 0
               : complain(parser, "counter NAME VALUE");
}

static int statement_parse(struct parser *parser)
{
    char text[LINE_MAX_BYTES], copy[LINE_MAX_BYTES];
    struct words words;
    memcpy(text, parser->text, sizeof(text));
    comment_cut(text);
    blanks_cut(text);
    if (!*text)
        return 0;
    if (isblank((unsigned char)*text))
        return complain(parser, "an indented line belongs to no statement");
    memcpy(copy, text, sizeof(copy));
    words_split(copy, &words);
    if (word_is(&words, "seeds")) {
        parser->story->seeds = true;
        return 0;
    }
    if (word_is(&words, "config")) {
        block_text(parser, &parser->story->config);
        return 0;
    }
    if (word_is(&words, "own_rules")) {
        parser->story->own_rules = true;
        return 0;
    }
    if (word_is(&words, "rules")) {
        block_text(parser, &parser->story->rules);
        return 0;
    }
    return word_is(&words, "feed")      ? feed_parse(parser, &words)
           : word_is(&words, "repeat")  ? repeat_parse(parser, &words)
           : word_is(&words, "expect")  ? expect_parse(parser, &words)
           : word_is(&words, "counter") ? counter_parse(parser, &words)
                                        : step_parse(parser, text);
}

int story_read(const char *path, struct story *ret_story, struct error *error)
{
    struct parser parser = {.story = ret_story, .error = error, .file = fopen(path, "r")};
    int rc = 0;
    *ret_story = (struct story){.path = path};
    buf_init(&ret_story->config, BLOCK_MAX_BYTES);
    buf_init(&ret_story->rules, BLOCK_MAX_BYTES);
    if (!parser.file)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    while (rc == 0 && line_raw(&parser))
        rc = statement_parse(&parser);
    fclose(parser.file);
    if (rc == 0 && ret_story->expects_nothing == (ret_story->expect_count > 0))
        rc = complain(&parser, "a story ends with what it expects: alerts or nothing");
    return rc;
}

void story_free(struct story *story)
{
    for (size_t i = 0; i < story->step_count; i++) {
        free(story->steps[i].name);
        free(story->steps[i].subnet);
        free(story->steps[i].records);
    }
    for (unsigned i = 0; i < story->feed_count; i++)
        buf_done(&story->feeds[i].text);
    free(story->steps);
    buf_done(&story->config);
    buf_done(&story->rules);
}
