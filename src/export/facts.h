/* facts.h - what several dialects say of an alert: names, times, links, answers, its particulars
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "export/dialect.h"

/* Texts "" where nothing is known. */

/* The guid within the id. */
const char *fact_guid(const struct alert *alert);

/* The machine's name, or its address where it has none. */
const char *fact_entity(const struct alert *alert);

/* What the alert is about: the domain, else the name that was asked for. */
const char *fact_domain(const struct alert *alert);

/* What recognised it: the signature rule, the feed, or the detector's reason. */
void fact_rule(const struct alert *alert, struct buf *buf);

/* `<id>:<revision>`: the same for every copy of one record, new with every change. */
void fact_key(const struct alert *alert, struct buf *buf);

/* The address of this alert, or of what there is to say about its type, in the console; nothing
 * appended where the context has none. */
void fact_alert_url(const struct dialect_context *context, const struct alert *alert,
                    struct buf *buf);
void fact_type_url(const struct dialect_context *context, const struct alert *alert,
                   struct buf *buf);

bool fact_is_ipv6(const char *address);

/* Where a time that should be known is not, the next best one: the last change, the end. */
int64_t fact_generated_ns(const struct alert *alert);

/* One record of an answer. Slices of the alert, not NUL-terminated. */
struct fact_answer {
    const char *owner, *type, *data;
    size_t owner_len, type_len, data_len;
    uint32_t ttl;
};

/* Reads the next line of a sample's answers and moves on; false at the end. Lines that are not
 * `owner ttl class type data` are passed over. */
bool fact_answer_next(const char **lines, struct fact_answer *ret_answer);

enum { FACT_ADDRESSES_MAX = 16 };

/* The addresses that the samples' answers hold, each once, in order; those beyond the first
 * FACT_ADDRESSES_MAX are left out. Returns how many. */
unsigned fact_addresses(const struct alert *alert, char texts[FACT_ADDRESSES_MAX][ADDR_TEXT_MAX]);

/* JSON that says the same in several dialects. */

enum fact_style { FACT_CAMEL, FACT_SNAKE };

/* `"key": "text"` for everything in particulars.def that the alert knows. */
void fact_particulars(const struct dialect_context *context, const struct alert *alert,
                      enum fact_style style, struct json *json);

typedef void (*fact_words_fn)(const struct alert *alert, enum language language, struct buf *buf);

/* A text that a function appends, as a JSON value. */
void fact_words(struct json *json, fact_words_fn words, const struct alert *alert,
                enum language language);

/* A time with so many digits of a second (0 to 9) and a final Z; as a pair. */
void fact_time(struct json *json, int64_t time_ns, unsigned digits);
void fact_pair_time(struct json *json, const char *key, int64_t time_ns, unsigned digits);

/* The response steps as a list of texts, or as one text with `between` between them. */
void fact_steps(struct json *json, enum language language);
void fact_steps_text(enum language language, const char *between, struct buf *buf);

static inline void fact_pair_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

/* A buffer's text as a JSON value or pair; the buffer is freed. The _opt form writes nothing for an
 * empty one. */
void fact_take(struct json *json, struct buf *text);
void fact_pair_take_opt(struct json *json, const char *key, struct buf *text);

/* How many bytes of the question's name stand before the domain and its dot; 0: it is not below. */
size_t fact_subdomain_len(const struct alert *alert);

/* "low", "medium" or "high", by the alert's confidence: 1, 2, 3. */
unsigned fact_confidence_level(unsigned confidence);
