/* log_json.h - takes a line that is a JSON object apart
 * SPDX-License-Identifier: Apache-2.0
 *
 * Texts are borrowed from the object. A key that is absent, null or of another type gives an empty
 * text; logs differ in whether they write numbers as numbers or as texts, so both are read. */
#pragma once

#include "input/log.h"

#include <jansson.h>

/* The object that is all of the text, for json_decref(); NULL when there is none. */
json_t *log_json_read(struct log_text text);

struct log_text log_json_text(const json_t *object, const char *key);
struct log_text log_json_string(const json_t *value);

/* The number at `key`, at most `max`; false where there is none. */
bool log_json_number(const json_t *object, const char *key, uint64_t max, uint64_t *ret_value);

/* Address and port; a port that is not told is 0. False for an address that cannot be read. */
bool log_json_end(const json_t *object, const char *addr_key, const char *port_key,
                  struct addr *ret_addr, uint16_t *ret_port);

/* A time as text or as a number of seconds. */
bool log_json_time(struct log_clock *clock, const json_t *object, const char *key,
                   int64_t *ret_time_ns);

/* Whether the line begins an object and has the text in it: for recognition. */
bool log_json_has(struct log_text line, const char *literal);

static inline bool log_json_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

/* The transport a log calls by this name. */
uint8_t log_json_transport(struct log_text name);
