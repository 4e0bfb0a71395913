/* json.h - writes JSON front to back into a struct buf, for output paths that are hot or streamed
 * SPDX-License-Identifier: Apache-2.0
 *
 * The writer keeps the commas; the caller keeps the nesting. Strings are escaped so that any bytes
 * give valid JSON in valid UTF-8: bytes that are not UTF-8 become U+FFFD, and control characters,
 * DEL, U+2028 and U+2029 are written as \u escapes (safe in logs, terminals and scripts).
 *
 * No name here is one of jansson's: the program links that too, and the linker would take ours. */
#pragma once

#include "base/buf.h"

#include <stdint.h>

enum { JSON_DECIMALS_MAX = 9 };

struct json {
    struct buf *buf;
    bool comma; /* a value was written on this level: the next one needs a comma */
};

static inline struct json json_writer(struct buf *buf)
{
    return (struct json){.buf = buf};
}

void json_object_begin(struct json *json);
void json_object_end(struct json *json);
void json_array_begin(struct json *json);
void json_array_end(struct json *json);
void json_key(struct json *json, const char *key);
void json_text_len(struct json *json, const char *text, size_t len);
void json_text(struct json *json, const char *text);
void json_int(struct json *json, int64_t value);
/* value / 10^decimals with all its decimals: json_decimal(json, -1234, 3) writes -1.234. For
 * numbers of which many are written: json_number() goes through printf(). */
void json_decimal(struct json *json, int64_t value, unsigned decimals);
/* Six significant digits, or nine decimals below 0.0001; never in exponent form below 1e15; what is
 * not finite becomes 0. */
void json_number(struct json *json, double value);
void json_bool(struct json *json, bool value);
/* A value that is JSON already. */
void json_raw(struct json *json, const char *text, size_t len);

/* `"key": value` in one call. The _opt form writes nothing for NULL or "". */
void json_pair(struct json *json, const char *key, const char *text);
void json_pair_opt(struct json *json, const char *key, const char *text);
void json_pair_int(struct json *json, const char *key, int64_t value);
