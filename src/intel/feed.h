/* feed.h - reads one line of a list into the names and addresses it means
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pure functions over the line's bytes, which are hostile: they allocate nothing and keep pointers
 * into the line only.
 *
 * plain: one entry a line. `name`, `.name` and `||name^` cover the name and everything below it,
 *   `*.name` everything below it, `=name` the name alone; addresses and CIDR blocks stand for
 *   themselves. A URL is cut down to its host. Comments start with #, ; or //, or with ! as the
 *   first character; a [header] line is skipped.
 * hosts: `0.0.0.0 name ...`, each name alone. Names for the machine itself are skipped.
 * seed: `entry<TAB>category<TAB>confidence<TAB>who<TAB>where from`; the entry as in plain. */
#pragma once

#include <dnsvigil/indicator.h>

#include <stddef.h>

enum refusal {
    REFUSAL_NONE,
#define REFUSAL(id, slug, text) REFUSAL_##id,
#include "intel/refusals.def"
#undef REFUSAL
    REFUSAL_COUNT,
};

extern const char *const refusal_slugs[REFUSAL_COUNT];
extern const char *const refusal_texts[REFUSAL_COUNT];

enum feed_format { FEED_AUTO, FEED_PLAIN, FEED_HOSTS, FEED_SEED, FEED_FORMAT_COUNT };

extern const char *const feed_format_names[FEED_FORMAT_COUNT];

enum { FEED_LINE_MAX = 4096, FEED_ITEMS_MAX = 64 };

struct slice {
    const char *at;
    size_t len;
};

/* What a line means; what is not in the line is the feed's. */
struct feed_item {
    struct slice host; /* a host name or an address block, not yet checked */
    uint8_t scope;     /* enum scope, if it is a name */
    bool page;         /* it was a URL with a path */
};

struct feed_line {
    unsigned item_count; /* 0: nothing to say, e.g. a comment */
    struct feed_item items[FEED_ITEMS_MAX];
    int category;   /* enum category, or -1: the feed's */
    int confidence; /* 0-100, or -1: the feed's */
};

/* Reads one line without its line end. REFUSAL_NONE fills *ret_line. */
enum refusal feed_line_read(enum feed_format format, struct slice line, struct feed_line *ret_line);

/* Which format most of the first lines are in, never FEED_AUTO. */
enum feed_format feed_detect(const char *data, size_t len);

/* Takes the next line off [*at, end): without its LF or CRLF. False at the end. */
bool feed_next_line(const char **at, const char *end, struct slice *ret_line);

extern const char *const category_slugs[CATEGORY_COUNT];

/* The category with this slug, or -1. */
int category_parse(struct slice slug);

/* Cuts blanks (space, tab, CR) off both ends. */
struct slice slice_trim(struct slice text);

/* The part before the first `c`, or all of it; *text becomes what follows the `c`. */
struct slice slice_cut(struct slice *text, char c);

/* Takes the first word off, with the blanks around it; `text` must not begin with a blank. */
struct slice slice_word(struct slice *text);

bool slice_equal(struct slice text, const char *other);
bool slice_begins(struct slice text, const char *prefix);

/* One file each: feed_plain.c, feed_hosts.c, feed_seed.c. `line` is trimmed and not empty. */
enum refusal feed_plain_line(struct slice line, struct feed_line *out);
enum refusal feed_hosts_line(struct slice line, struct feed_line *out);
enum refusal feed_seed_line(struct slice line, struct feed_line *out);

/* Reads one plain entry (no comment around it) into items[item_count++]. */
enum refusal feed_plain_entry(struct slice text, struct feed_line *out);

/* Whether the text starts with one of the comment marks #, ; and //. */
bool feed_is_comment(struct slice text);
