/* feed.h - the readers behind feed_read(), one file a format, and what they share
 * SPDX-License-Identifier: Apache-2.0
 *
 * Readers of lines look at one line at a time and keep pointers into it only; what a format carries
 * from line to line is in struct feed_lines. Readers of JSON (feed_json.h) walk the whole text. */
#pragma once

#include "intel/format.h"
#include "intel/slice.h"

#include <string.h>

enum { FEED_ITEMS_MAX = 64, ZONE_NAME_MAX = 1024 };

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

/* Where a table has what; known once a heading or the first usable row was seen. */
struct feed_columns {
    bool known;
    char separator;
    unsigned value; /* counts from 0 */
    int confidence; /* -1: the table has none */
};

/* Where in a zone file the reader is. Names have no final dot, "" is unknown or the root. */
struct feed_zone {
    char apex[ZONE_NAME_MAX];   /* the policy zone's own name */
    char origin[ZONE_NAME_MAX]; /* what relative names go on with: apex, or labels above it */
    char owner[ZONE_NAME_MAX];  /* of the record before, as written */
    unsigned parentheses;       /* open ones: the record goes on */
    bool has_owner;
};

/* What is carried from line to line. Zeroed but for `format` and `column` at the start. */
struct feed_lines {
    enum feed_format format; /* one that is read line by line */
    const char *column;      /* see struct feed_source */
    const char *failure;     /* set: the list cannot be read on, and why */
    struct feed_columns columns;
    struct feed_zone zone;
    char text[2 * ZONE_NAME_MAX]; /* of an item that does not stand in the line as it is */
};

/* Reads one line without its line end. REFUSAL_NONE fills *ret_line, whose slices point into the
 * line or into `lines`, until the next call. */
enum refusal feed_line_read(struct feed_lines *lines, struct slice line,
                            struct feed_line *ret_line);

/* Takes the next line off [*at, end): without its LF or CRLF. False at the end. */
bool feed_next_line(const char **at, const char *end, struct slice *ret_line);

/* Whether the text starts with one of the comment marks #, ; and //. */
bool feed_is_comment(struct slice text);

/* Whether it says nothing about names: empty, a comment, "! comment" or "[header]", but not an IPv6
 * address in brackets. `line` is trimmed. */
bool feed_is_silent(struct slice line);

/* Which format the content is in, or FEED_AUTO: none of the known ones. Lines are told by the most
 * of the first ones, JSON by its keys. */
enum feed_format feed_detect(const char *data, size_t len);

extern const char *const category_slugs[CATEGORY_COUNT];

/* The category with this slug, or -1. */
int category_parse(struct slice slug);

/* 0-100 in decimal digits, or -1. */
int confidence_parse(struct slice text);

/* Whether this is an address that blocking lists answer with: 0.0.0.0, 127.0.0.1, ::, ::1. */
bool feed_is_blocking(struct slice address);

/* Reads one entry of a plain list (no comment around it) into items[item_count++]. */
enum refusal feed_plain_entry(struct slice text, struct feed_line *out);

/* Whether the text can hardly be anything but a name with a dot, an address, a block or a URL. */
bool feed_is_entry(struct slice text);

/* Adds an item; REFUSAL_TOO_MANY_NAMES when the line is full. */
enum refusal feed_item_add(struct feed_line *out, struct slice host, enum scope scope);

/* Reads one line, in feed_<format>.c. The line is trimmed and says something, except for tables and
 * zones: theirs come as they are, as leading blanks and comments mean something there. */
typedef enum refusal (*feed_line_fn)(struct feed_lines *lines, struct slice line,
                                     struct feed_line *out);
enum refusal feed_plain_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_hosts_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_url_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_seed_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_table_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_rpz_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_dnsmasq_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_unbound_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_dnscrypt_line(struct feed_lines *, struct slice line, struct feed_line *out);
enum refusal feed_suricata_line(struct feed_lines *, struct slice line, struct feed_line *out);

/* Whether a trimmed line that is no comment looks like this format and hardly like another. */
bool feed_plain_like(struct slice line);
bool feed_hosts_like(struct slice line);
bool feed_url_like(struct slice line);
bool feed_seed_like(struct slice line);
bool feed_csv_like(struct slice line);
bool feed_tsv_like(struct slice line);
bool feed_rpz_like(struct slice line);
bool feed_dnsmasq_like(struct slice line);
bool feed_unbound_like(struct slice line);
bool feed_suricata_like(struct slice line);

/* One reading of a list: what its reader tells of goes through these two. */
struct feed_reading {
    const struct feed_source *source;
    struct feed_report *report;
    struct error *error;
};

/* Reads a list of lines in the format that the report says. */
int feed_lines_read(struct feed_reading *reading, const char *data, size_t len);

/* Says where and why a list cannot be read on; -EINVAL. */
int feed_fail(struct feed_reading *reading, const char *why);

/* Counts one more line (or entry). Negative errno with the reason when there are too many. */
int feed_count_line(struct feed_reading *reading);

/* Hands an indicator to the sink and counts what it refuses. Negative errno when it is full. */
int feed_hand_over(struct feed_reading *reading, const struct feed_indicator *indicator);
