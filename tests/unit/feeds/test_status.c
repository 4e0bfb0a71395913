/* test_status.c - what is remembered of a feed is read back, or forgotten
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "feeds/shelf.h"
#include "feeds/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/dnsvigil-test-XXXXXX";

static void what_is_saved_is_loaded(void **state)
{
    (void)state;
    struct feed_status status = {
        .url = "https://example.net/\"list\"",
        .etag = "W/\"a\\b\"",
        .modified = "Sat, 07 Mar 2026 10:00:00 GMT",
        .tried_ns = 1700000000 * NS_PER_S,
        .fetched_ns = 1600000000 * NS_PER_S,
        .entries = 4000000000u,
        .added = 1,
        .removed = 2,
        .lines = 3,
        .duplicates = 4,
        .skipped = 7,
        .refused = 5,
        .format = "hosts",
        .sandbox = "seccomp",
        .refusals = "line 3: a name of one label: com",
        .error = "no",
    };
    struct feed_status loaded;
    struct error error;
    assert_int_equal(status_save(folder, "a b", &status, &error), 0);
    status_load(folder, "a b", &loaded);
    assert_memory_equal(&loaded, &status, sizeof(status));
}

static void who_asks_is_remembered_beside_it(void **state)
{
    (void)state;
    struct feed_status status;
    struct error error;
    int64_t before_ns = clock_now_ns();
    status_load(folder, "asked for", &status);
    assert_int_equal(status.asked_ns, 0);
    assert_int_equal(status_ask(folder, "asked for", &error), 0);
    status_load(folder, "asked for", &status);
    assert_true(status.asked_ns >= before_ns);
    assert_int_equal(status.tried_ns, 0);
}

static void nonsense_is_forgotten(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"url\": 3, \"entries\": -1, \"tried\": \"yesterday\"}",
        "{\"etag\": \"a\\r\\nHost: b\"}",
        "{\"entries\": 99999999999, \"format\": [1]}",
        "{\"sandbox\": \"012345678901234567890123456789012345\"}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        static const struct feed_status empty;
        struct feed_status loaded;
        struct error error;
        char path[PATH_MAX];
        shelf_path(folder, "bad", "json", path);
        assert_int_equal(shelf_put(path, texts[i], strlen(texts[i]), 0, &error), 0);
        status_load(folder, "bad", &loaded);
        assert_memory_equal(&loaded, &empty, sizeof(empty));
    }
}

static int start(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    char command[PATH_MAX];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_loaded),
        cmocka_unit_test(who_asks_is_remembered_beside_it),
        cmocka_unit_test(nonsense_is_forgotten),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
