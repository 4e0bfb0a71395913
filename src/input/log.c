/* log.c - the table of log formats, recognition of one by its lines, records
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/rrtype.h>
#include <stddef.h>
#include <string.h>

enum { RECOGNISE_LINES = 64 }; /* so many lines are looked at: a log may begin with notices */

const char *const log_verdict_slugs[LOG_VERDICT_COUNT] = {
    [LOG_TAKEN] = "taken",
    [LOG_OTHER] = "other",
#define LOG_REFUSAL(id, slug, text) [LOG_REFUSED_##id] = slug,
#include <dnsvigil/log_refusals.def>
#undef LOG_REFUSAL
};

const char *const log_verdict_texts[LOG_VERDICT_COUNT] = {
    [LOG_TAKEN] = "a line that tells of DNS messages",
    [LOG_OTHER] = "a line that tells of something else",
#define LOG_REFUSAL(id, slug, text) [LOG_REFUSED_##id] = text,
#include <dnsvigil/log_refusals.def>
#undef LOG_REFUSAL
};

const struct log_format log_formats[LOG_FORMAT_COUNT] = {
#define LOG_FORMAT(id, slug, lacks, title)                                                         \
    [LOG_FORMAT_##id] = {#slug, title, (lacks) | LACKS_WIRE, &log_##slug##_ops},
#include "input/log_formats.def"
#undef LOG_FORMAT
};

const struct log_format *log_format_find(const char *slug)
{
    for (int i = 0; i < LOG_FORMAT_COUNT; i++)
        if (strcmp(log_formats[i].slug, slug) == 0)
            return &log_formats[i];
    return NULL;
}

struct log_text log_line_take(struct log_text *text)
{
    struct log_text line = log_text_until(text, "\n");
    if (log_text_ends(line, "\r"))
        line.len--;
    return line;
}

const struct log_format *log_format_recognise(const char *text, size_t len)
{
    unsigned score[LOG_FORMAT_COUNT] = {0};
    struct log_text rest = log_text_of(text, len);
    int best = 0;
    for (unsigned i = 0; i < RECOGNISE_LINES && rest.len; i++) {
        struct log_text line = log_line_take(&rest);
        for (int format = 0; line.len && format < LOG_FORMAT_COUNT; format++)
            score[format] += log_formats[format].ops->recognise(line);
    }
    for (int format = 1; format < LOG_FORMAT_COUNT; format++)
        if (score[format] > score[best])
            best = format;
    return score[best] ? &log_formats[best] : NULL;
}

void log_record_begin(struct log_record *record, uint8_t halves, int64_t time_ns)
{
    memset(record, 0, offsetof(struct log_record, answers));
    record->halves = halves;
    record->time_ns = time_ns;
    record->server_port = LOG_SERVER_PORT;
    record->qclass = DNS_CLASS_IN;
    record->query_flags = DNS_FLAG_RD;
    record->response_flags = DNS_FLAG_RD | DNS_FLAG_RA;
}

struct log_answer *log_record_answer(struct log_record *record)
{
    if (record->answer_count == LOG_ANSWERS_MAX) {
        record->lacks |= LACKS_ANSWERS;
        return NULL;
    }
    struct log_answer *answer = &record->answers[record->answer_count++];
    *answer = (struct log_answer){0};
    return answer;
}
