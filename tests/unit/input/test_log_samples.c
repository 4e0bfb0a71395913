/* test_log_samples.c - lines that BIND 9.18, Unbound 1.17 and dnsmasq 2.90 have written are all
 * read
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "input/open.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { PACKETS = 64 };

static const struct {
    const char *name;
    unsigned lines;
    unsigned other;
    unsigned queries;
    unsigned responses;
} samples[] = {
    {"bind-local", 48, 0, 48, 0},      {"bind-iso", 48, 0, 48, 0},
    {"bindview-local", 22, 0, 22, 0},  {"unbound", 60, 6, 27, 27},
    {"unbound-tag", 48, 6, 21, 21},    {"dnsmasq-plain", 48, 14, 14, 13},
    {"dnsmasq-extra", 48, 14, 14, 13},
};

static void every_line_is_read(void **state)
{
    const char *root = getenv("TEST_SOURCE_ROOT");
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
        char path[PATH_MAX];
        struct packet packets[PACKETS];
        struct error error;
        unsigned halves[2] = {0};
        int count;
        snprintf(path, sizeof(path), "%s/tests/unit/input/samples/%s.log", root ? root : ".",
                 samples[i].name);
        struct source *source = input_open(path, &error);
        if (!source)
            fail_msg("%s", error.text);
        while ((count = source->ops->read_messages(source, packets, PACKETS, &error)) > 0)
            for (int j = 0; j < count; j++)
                halves[packets[j].data[2] >> 7]++;
        assert_int_equal(count, 0);
        const uint64_t *counted = source->ops->metrics(source)->value;
        assert_int_equal(counted[METRIC_LOG_LINES], samples[i].lines);
        assert_int_equal(counted[METRIC_LOG_LINES_TAKEN] + counted[METRIC_LOG_LINES_OTHER],
                         samples[i].lines);
        assert_int_equal(counted[METRIC_LOG_LINES_OTHER], samples[i].other);
        assert_int_equal(halves[0], samples[i].queries);
        assert_int_equal(halves[1], samples[i].responses);
        source->ops->close(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
