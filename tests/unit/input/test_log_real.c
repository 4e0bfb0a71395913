/* test_log_real.c - a test with a log that Zeek wrote of a real network
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 1 << 18 };

static struct arena arena;
static unsigned queries, responses;

static enum log_verdict record_take(void *arg, const struct log_record *record)
{
    struct packet packets[2];
    unsigned count;
    (void)arg;
    arena_reset(&arena);
    queries += record->halves & LOG_QUERY ? 1 : 0;
    responses += record->halves & LOG_RESPONSE ? 1 : 0;
    return log_rebuild(record, record->id, &arena, packets, &count);
}

static void every_line_of_a_real_log_is_taken(void **state)
{
    (void)state;
    static struct log_context context;
    static char line[LOG_LINE_MAX];
    char command[4200];
    const char *folder = getenv("DNSVIGIL_DATA");
    if (!folder) {
        print_message("DNSVIGIL_DATA is not set: no real log to read\n");
        skip();
    }
    snprintf(command, sizeof(command), "zcat '%s/logs/zed_wrccdc2018_zeek_dns.log.gz'", folder);
    FILE *log = popen(command, "r");
    assert_non_null(log);
    const struct log_format *format = log_format_find("zeek");
    unsigned verdicts[LOG_VERDICT_COUNT] = {0};
    assert_true(arena_init(&arena, ARENA_BYTES));
    context.sink.take = record_take;
    context.state = calloc(1, format->ops->state_bytes);
    assert_non_null(context.state);
    while (fgets(line, sizeof(line), log)) {
        struct log_text rest = log_text_from(line);
        verdicts[format->ops->read(&context, log_line_take(&rest))]++;
    }
    pclose(log);
    free(context.state);
    arena_done(&arena);
    for (int i = LOG_OTHER + 1; i < LOG_VERDICT_COUNT; i++)
        assert_int_equal(verdicts[i], 0);
    assert_int_equal(verdicts[LOG_TAKEN] + verdicts[LOG_OTHER], 53624);
    assert_true(queries > 53500 && queries < verdicts[LOG_TAKEN] && responses > 44000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_a_real_log_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
