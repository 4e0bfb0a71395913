/* feed_json.h - walks a large JSON text without building it, and what the readers of JSON share
 * SPDX-License-Identifier: Apache-2.0
 *
 * The walker goes from value to value and hands out their extents; only the entries themselves,
 * limited in size, are built by jansson. So memory does not grow with the list. What is skipped is
 * checked for its brackets and strings only. The first error sticks: all later calls fail. */
#pragma once

#include "intel/feed.h"

#include <jansson.h>

struct json_walk {
    const char *at, *end;
    const char *failure; /* why it cannot go on, or NULL */
    bool fresh;          /* right behind an opening bracket: no comma yet */
};

/* Whether the next value begins with `first` (a bracket or a quotation mark). */
bool walk_is(struct json_walk *walk, char first);

/* Steps into the object or array that comes next: `open` is its bracket. */
bool walk_enter(struct json_walk *walk, char open);

/* Goes to the next member's value; *ret_key is the key as written, escapes and all. False behind
 * the end of the object. The caller then takes, enters or skips the value. */
bool walk_member(struct json_walk *walk, struct slice *ret_key);

/* Goes to the next element. False behind the end of the array. */
bool walk_element(struct json_walk *walk);

/* Takes the next value, whatever it is. Empty on failure. */
struct slice walk_value(struct json_walk *walk);

/* The value of member `key` of the object that comes next, which is not entered; empty without. */
struct slice walk_peek(const struct json_walk *walk, const char *key);

/* Counts the next value as an entry and builds it. *ret_entry is to be given to json_decref(), or
 * NULL when it was refused; *ret_text is as it stands in the list. Negative errno as
 * feed_count_line(). */
int feed_entry_next(struct feed_reading *reading, struct json_walk *walk, json_t **ret_entry,
                    struct slice *ret_text);

/* What a label or tag of an entry says about it. Unknown ones change nothing; REFUSAL_BENIGN. */
enum refusal feed_label_read(const char *label, struct feed_indicator *indicator);

/* Which JSON format the text is in, or FEED_AUTO. */
enum feed_format feed_json_detect(const char *data, size_t len);

/* Reads a JSON list in the format that the report says. */
int feed_json_read(struct feed_reading *reading, const char *data, size_t len);

/* In feed_<format>.c: reads the value that comes next. A failure of the walk is the caller's. */
typedef int (*feed_walk_fn)(struct feed_reading *reading, struct json_walk *walk);
int feed_stix_walk(struct feed_reading *reading, struct json_walk *walk);
int feed_misp_walk(struct feed_reading *reading, struct json_walk *walk);
int feed_warninglist_walk(struct feed_reading *reading, struct json_walk *walk);
