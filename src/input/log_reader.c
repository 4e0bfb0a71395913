/* log_reader.c - from the lines of one log to DNS messages
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_reader.h"

#include <stdlib.h>

enum {
    QUEUE_BYTES = 2 << 20,
    QUEUE_HALF_BYTES = 1 << 20,
};

bool log_queue_init(struct log_queue *queue)
{
    queue->begin = queue->end = 0;
    return arena_init(&queue->bytes, QUEUE_BYTES);
}

void log_queue_done(struct log_queue *queue)
{
    arena_done(&queue->bytes);
}

size_t log_queue_take(struct log_queue *queue, struct packet *packets, size_t max)
{
    size_t count = queue->end - queue->begin;
    if (count > max)
        count = max;
    memcpy(packets, queue->packets + queue->begin, count * sizeof(*packets));
    queue->begin += (unsigned)count;
    return count;
}

void log_queue_reset(struct log_queue *queue)
{
    queue->begin = queue->end = 0;
    arena_reset(&queue->bytes);
}

/* One more line may bring as many messages and bytes as are left now. */
static bool queue_half_full(const struct log_queue *queue)
{
    return queue->end >= LOG_QUEUE_PACKETS / 2 || arena_left(&queue->bytes) < QUEUE_HALF_BYTES;
}

/* A log_sink's function. */
static enum log_verdict record_take(void *arg, const struct log_record *record)
{
    struct log_reader *reader = arg;
    struct log_queue *queue = reader->queue;
    unsigned count;
    if (reader->skip_messages)
        return LOG_TAKEN;
    if (LOG_QUEUE_PACKETS - queue->end < 2)
        return LOG_REFUSED_MANY;
    struct packet *packets = queue->packets + queue->end;
    uint16_t id = record->has_id ? record->id : log_next_id(&reader->context);
    enum log_verdict verdict = log_rebuild(record, id, &queue->bytes, packets, &count);
    if (verdict != LOG_TAKEN)
        return verdict;
    for (unsigned i = 0; i < count; i++)
        packets[i].lacks |= reader->format->lacks;
    queue->end += count;
    return LOG_TAKEN;
}

bool log_reader_set_format(struct log_reader *reader, const struct log_format *format)
{
    if (reader->format)
        return true;
    reader->context.state = calloc(1, format->ops->state_bytes + 1);
    if (!reader->context.state)
        return false;
    reader->format = format;
    return true;
}

bool log_reader_init(struct log_reader *reader, const struct log_format *format,
                     const struct log_clock *clock, struct log_queue *queue,
                     struct metrics *metrics)
{
    *reader = (struct log_reader){
        .queue = queue,
        .metrics = metrics,
        .context = {.clock = *clock, .sink = {record_take, reader}},
    };
    return !format || log_reader_set_format(reader, format);
}

void log_reader_done(struct log_reader *reader)
{
    if (reader->format && reader->format->ops->done)
        reader->format->ops->done(&reader->context);
    free(reader->context.state);
    reader->context.state = NULL;
    reader->format = NULL;
}

static void verdict_count(struct log_reader *reader, enum log_verdict verdict)
{
    static const enum metric metrics[LOG_VERDICT_COUNT] = {
        [LOG_TAKEN] = METRIC_LOG_LINES_TAKEN,
        [LOG_OTHER] = METRIC_LOG_LINES_OTHER,
#define LOG_REFUSAL(id, slug, text) [LOG_REFUSED_##id] = METRIC_LOG_REFUSED_##id,
#include <dnsvigil/log_refusals.def>
#undef LOG_REFUSAL
    };
    reader->metrics->value[METRIC_LOG_LINES]++;
    reader->metrics->value[metrics[verdict]]++;
}

/* Of the next line, or of what has come of it. */
static size_t line_len(struct log_text text)
{
    const char *end = memchr(text.at, '\n', text.len);
    return end ? (size_t)(end - text.at) : text.len;
}

/* Passes over the front of a line that is too long; its rest is no line of its own. */
static void long_line_skip(struct log_reader *reader, struct log_text *rest)
{
    bool ends = line_len(*rest) < rest->len;
    log_line_take(rest);
    if (!reader->in_long_line && !reader->skip_messages)
        verdict_count(reader, LOG_REFUSED_LONG);
    reader->in_long_line = !ends;
}

static enum log_verdict line_read(struct log_reader *reader, struct log_text line)
{
    if (line.len == 0)
        return LOG_OTHER;
    if (!reader->format)
        return LOG_REFUSED_FORM;
    return reader->format->ops->read(&reader->context, line);
}

size_t log_reader_read(struct log_reader *reader, const char *text, size_t len, bool end)
{
    struct log_text rest = log_text_of(text, len);
    if (!reader->format) {
        const struct log_format *format = log_format_recognise(text, len);
        if (format && !log_reader_set_format(reader, format))
            return 0;
    }
    while (rest.len && !queue_half_full(reader->queue)) {
        bool whole = line_len(rest) < rest.len;
        if (!whole && !end && !reader->in_long_line && rest.len <= LOG_LINE_MAX)
            break;
        if (reader->in_long_line || line_len(rest) > LOG_LINE_MAX) {
            long_line_skip(reader, &rest);
            continue;
        }
        struct log_text line = log_line_take(&rest);
        enum log_verdict verdict = line_read(reader, line);
        if (!reader->skip_messages)
            verdict_count(reader, verdict);
    }
    return len - rest.len;
}

void log_reader_flush(struct log_reader *reader)
{
    if (reader->format && reader->format->ops->flush)
        reader->format->ops->flush(&reader->context);
}
