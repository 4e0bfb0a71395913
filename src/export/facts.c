/* facts.c - what several dialects say of an alert: names, times, links, answers, its particulars
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/facts.h"
#include "alert/render.h"
#include "alert/response.h"
#include "base/clock.h"

#include <dnsvigil/rrtype.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX_BYTES = 16 * 1024, TIME_SECONDS_CHARS = 19 };

const char *fact_guid(const struct alert *alert)
{
    const char *guid = strchr(alert->id, '_');
    return guid ? guid + 1 : alert->id;
}

const char *fact_entity(const struct alert *alert)
{
    return *alert->entity_name ? alert->entity_name : alert->entity_ip;
}

const char *fact_domain(const struct alert *alert)
{
    return *alert->domain ? alert->domain : alert->qname;
}

void fact_rule(const struct alert *alert, struct buf *buf)
{
    if (alert->has_signature)
        buf_printf(buf, "%" PRIu32 ":%" PRIu32 ":%" PRIu32, alert->signature.gid,
                   alert->signature.sid, alert->signature.rev);
    else if (alert->has_indicator)
        buf_text(buf, alert->indicator.feed);
    else
        buf_text(buf, reason_rows[alert->reason].slug);
}

void fact_key(const struct alert *alert, struct buf *buf)
{
    buf_printf(buf, "%s:%" PRIu32, alert->id, alert->revision);
}

static void url_append(const struct dialect_context *context, const char *what, struct buf *buf)
{
    const char *console = context->console_url ? context->console_url : "";
    if (*console)
        buf_printf(buf, "%s/alerts/%s", console, what);
}

void fact_alert_url(const struct dialect_context *context, const struct alert *alert,
                    struct buf *buf)
{
    url_append(context, alert->id, buf);
}

void fact_type_url(const struct dialect_context *context, const struct alert *alert,
                   struct buf *buf)
{
    url_append(context, detector_rows[alert->detector].alert_type, buf);
}

bool fact_is_ipv6(const char *address)
{
    return strchr(address, ':') != NULL;
}

int64_t fact_generated_ns(const struct alert *alert)
{
    return alert->generated_ns ? alert->generated_ns : alert->end_ns;
}

/* Cuts the next word of the line out. */
static const char *word_cut(const char **at, const char *end, size_t *ret_len)
{
    const char *word = *at;
    size_t len = 0;
    while (word + len < end && word[len] != ' ')
        len++;
    *at = word + len < end ? word + len + 1 : end;
    *ret_len = len;
    return word;
}

static bool answer_read(const char *at, const char *end, struct fact_answer *answer)
{
    size_t len;
    answer->owner = word_cut(&at, end, &answer->owner_len);
    const char *ttl = word_cut(&at, end, &len);
    answer->ttl = 0;
    for (size_t i = 0; i < len; i++) {
        if (ttl[i] < '0' || ttl[i] > '9')
            return false;
        answer->ttl = answer->ttl * 10 + (uint32_t)(ttl[i] - '0');
    }
    word_cut(&at, end, &len); /* the class */
    answer->type = word_cut(&at, end, &answer->type_len);
    answer->data = at;
    answer->data_len = (size_t)(end - at);
    return answer->type_len > 0;
}

bool fact_answer_next(const char **lines, struct fact_answer *ret_answer)
{
    while (**lines) {
        const char *line = *lines;
        const char *end = line + strcspn(line, "\n");
        *lines = end + (*end == '\n');
        if (answer_read(line, end, ret_answer))
            return true;
    }
    return false;
}

/* Whether the answer holds an address; its canonical text. */
static bool answer_address(const struct fact_answer *answer, char text[static ADDR_TEXT_MAX])
{
    struct addr addr;
    bool typed = (answer->type_len == 1 && *answer->type == 'A') ||
                 (answer->type_len == 4 && memcmp(answer->type, "AAAA", 4) == 0);
    if (!typed || !addr_parse(answer->data, answer->data_len, &addr))
        return false;
    addr_format(&addr, text);
    return true;
}

static bool address_listed(char texts[][ADDR_TEXT_MAX], unsigned count, const char *text)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(texts[i], text) == 0)
            return true;
    return false;
}

unsigned fact_addresses(const struct alert *alert, char texts[FACT_ADDRESSES_MAX][ADDR_TEXT_MAX])
{
    unsigned count = 0;
    for (unsigned i = 0; i < alert->sample_count; i++) {
        const char *lines = alert->samples[i].answers;
        struct fact_answer answer;
        while (count < FACT_ADDRESSES_MAX && fact_answer_next(&lines, &answer)) {
            if (answer_address(&answer, texts[count]))
                count += !address_listed(texts, count, texts[count]);
        }
    }
    return count;
}

void fact_take(struct json *json, struct buf *text)
{
    json_text_len(json, text->data ? text->data : "", text->len);
    buf_done(text);
}

void fact_pair_take_opt(struct json *json, const char *key, struct buf *text)
{
    if (text->len > 0) {
        json_key(json, key);
        fact_take(json, text);
    }
    buf_done(text);
}

void fact_words(struct json *json, fact_words_fn words, const struct alert *alert,
                enum language language)
{
    struct buf text;
    buf_init(&text, WORDS_MAX_BYTES);
    words(alert, language, &text);
    fact_take(json, &text);
}

void fact_time(struct json *json, int64_t time_ns, unsigned digits)
{
    char text[TIME_TEXT_MAX], fraction[12];
    size_t len = TIME_SECONDS_CHARS;
    int64_t ns = (time_ns % NS_PER_S + NS_PER_S) % NS_PER_S;
    time_format(time_ns, text);
    snprintf(fraction, sizeof(fraction), ".%09u", (unsigned)ns);
    if (digits > 0) {
        memcpy(text + len, fraction, 1 + digits);
        len += 1 + digits;
    }
    text[len++] = 'Z';
    json_text_len(json, text, len);
}

void fact_pair_time(struct json *json, const char *key, int64_t time_ns, unsigned digits)
{
    json_key(json, key);
    fact_time(json, time_ns, digits);
}

void fact_steps(struct json *json, enum language language)
{
    json_array_begin(json);
    for (unsigned i = 0; i < RESPONSE_STEP_COUNT; i++)
        json_text(json, response_steps[i].text[language]);
    for (unsigned i = 0; i < RESPONSE_ACTION_COUNT; i++)
        json_text(json, response_actions[i].text[language]);
    json_array_end(json);
}

void fact_steps_text(enum language language, const char *between, struct buf *buf)
{
    for (unsigned i = 0; i < RESPONSE_STEP_COUNT; i++)
        buf_printf(buf, "%s%s", i ? between : "", response_steps[i].text[language]);
    for (unsigned i = 0; i < RESPONSE_ACTION_COUNT; i++)
        buf_printf(buf, "%s%s", between, response_actions[i].text[language]);
}

/* The words of particulars.def. */

static void lines_join(const char *lines, struct buf *buf)
{
    for (const char *c = lines; *c; c++)
        buf_append(buf, *c == '\n' ? ", " : c, *c == '\n' ? 2 : 1);
}

static void put_key(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    fact_key(alert, buf);
}

static void put_detector_version(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    buf_printf(buf, "%s/" DNSVIGIL_VERSION, detector_rows[alert->detector].slug);
}

static void put_tags(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    lines_join(alert->entity_tags, buf);
}

static void put_incidents(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    lines_join(alert->incident_id, buf);
}

static void put_burst_samples(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    lines_join(alert->burst.samples, buf);
}

static void put_burst_resolved(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    lines_join(alert->burst.resolved, buf);
}

static void put_signature_references(const struct alert *alert, enum language language,
                                     struct buf *buf)
{
    (void)language;
    lines_join(alert->signature.references, buf);
}

static void put_record_types(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    char scratch[RRTYPE_TEXT_MAX];
    if (alert->has_tunnel)
        buf_text(buf, rrtype_name(alert->tunnel.qtype, scratch));
}

static void real_put(struct buf *buf, double value)
{
    struct json json = json_writer(buf);
    json_number(&json, value);
}

/* "label_length=63 bytes (threshold 40), …" */
static void put_features(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    for (unsigned i = 0; i < alert->feature_count; i++) {
        const struct alert_feature *feature = &alert->features[i];
        buf_printf(buf, "%s%s=", i ? ", " : "", feature->name);
        real_put(buf, feature->value);
        buf_printf(buf, "%s%s (threshold ", *feature->unit ? " " : "", feature->unit);
        real_put(buf, feature->threshold);
        buf_char(buf, ')');
    }
}

static void words_pair(struct json *json, const char *key, fact_words_fn words,
                       const struct alert *alert, enum language language)
{
    struct buf text;
    buf_init(&text, WORDS_MAX_BYTES);
    words(alert, language, &text);
    fact_pair_take_opt(json, key, &text);
}

static void count_pair(struct json *json, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    if (value)
        json_pair(json, key, text);
}

static void real_pair(struct json *json, const char *key, double value)
{
    struct buf text;
    buf_init(&text, WORDS_MAX_BYTES);
    if (value != 0)
        real_put(&text, value);
    fact_pair_take_opt(json, key, &text);
}

void fact_particulars(const struct dialect_context *context, const struct alert *alert,
                      enum fact_style style, struct json *json)
{
#define KEY(camel, snake)        (style == FACT_CAMEL ? #camel : #snake)
#define TEXT(camel, snake, text) json_pair_opt(json, KEY(camel, snake), text);
#define WORDS(camel, snake, words)                                                                 \
    words_pair(json, KEY(camel, snake), words, alert, context->language);
#define COUNT(camel, snake, value) count_pair(json, KEY(camel, snake), value);
#define REAL(camel, snake, value)  real_pair(json, KEY(camel, snake), value);
#define MARK(camel, snake, flag)   json_pair_opt(json, KEY(camel, snake), (flag) ? "true" : "");
#include "export/particulars.def"
#undef KEY
#undef TEXT
#undef WORDS
#undef COUNT
#undef REAL
#undef MARK
}

size_t fact_subdomain_len(const struct alert *alert)
{
    size_t whole = strlen(alert->qname), domain = strlen(alert->domain);
    if (domain == 0 || whole < domain + 2)
        return 0;
    const char *dot = alert->qname + (whole - domain - 1);
    bool below = *dot == '.' && dot[-1] != '\\' && strcmp(dot + 1, alert->domain) == 0;
    return below ? (size_t)(dot - alert->qname) : 0;
}

unsigned fact_confidence_level(unsigned confidence)
{
    enum { MEDIUM_FROM = 50, HIGH_FROM = 80 };
    return confidence >= HIGH_FROM ? 3 : confidence >= MEDIUM_FROM ? 2 : 1;
}
