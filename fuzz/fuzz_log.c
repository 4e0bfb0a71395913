/* fuzz_log.c - hands bytes to each log format as lines, and rebuilds messages of what they tell
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log.h"

#include <assert.h>
#include <stdlib.h>

enum { ARENA_BYTES = 1 << 18 };

static struct arena arena;

static enum log_verdict record_take(void *arg, const struct log_record *record)
{
    struct packet packets[2];
    unsigned count;
    (void)arg;
    arena_reset(&arena);
    enum log_verdict verdict = log_rebuild(record, record->id, &arena, packets, &count);
    for (unsigned i = 0; verdict == LOG_TAKEN && i < count; i++)
        assert(packets[i].len <= LOG_MESSAGE_MAX && packets[i].lacks & LACKS_WIRE);
    return verdict;
}

static void format_read(const struct log_format *format, struct log_text rest)
{
    static struct log_context context;
    context = (struct log_context){.sink = {record_take, NULL}};
    context.clock.zone.kind = LOG_ZONE_FIXED;
    context.state = calloc(1, format->ops->state_bytes + 1);
    while (context.state && rest.len) {
        struct log_text line = log_line_take(&rest);
        if (line.len <= LOG_LINE_MAX)
            format->ops->read(&context, line);
    }
    if (context.state && format->ops->flush)
        format->ops->flush(&context);
    if (context.state && format->ops->done)
        format->ops->done(&context);
    free(context.state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_text text = log_text_of((const char *)data, size);
    if (!arena.base && !arena_init(&arena, ARENA_BYTES))
        return 0;
    log_format_recognise(text.at, text.len);
    for (int i = 0; i < LOG_FORMAT_COUNT; i++)
        format_read(&log_formats[i], text);
    return 0;
}
