/* test_feeds_list.c - `dnsvigil feeds list` and `status` tell which feeds there are and how they
 * are
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "command_output.h"

#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/dnsvigil-test-XXXXXX";
static char out[COMMAND_OUT_MAX];

static int feeds(const char *action, const char *more)
{
    char line[512];
    snprintf(line, sizeof(line), "feeds %s --config %s/c.yaml%s", action, folder, more);
    return command_output(command_feeds, line, out);
}

static void known_feeds_are_listed_once(void **state)
{
    (void)state;
    assert_int_equal(feeds("list", " -o json"), CLI_EXIT_OK);
    assert_non_null(strstr(out, "{\"name\":\"mine\",\"state\":\"on\",\"category\":\"c2\""));
    assert_non_null(strstr(out, "{\"name\":\"nocoin\",\"state\":\"off\""));
    assert_non_null(strstr(out, "{\"name\":\"urlhaus\",\"state\":\"known\""));
    const char *first = strstr(out, "\"nocoin\"");
    assert_null(strstr(first + 1, "\"nocoin\""));
    assert_int_equal(feeds("list", ""), CLI_EXIT_OK);
    assert_non_null(strstr(out, "GPL-3.0"));
}

static void a_feed_that_was_never_fetched_is_due(void **state)
{
    (void)state;
    assert_int_equal(feeds("status", " -o json"), CLI_EXIT_OK);
    assert_non_null(strstr(out, "\"name\":\"distant\""));
    assert_non_null(strstr(out, "\"due\":\"now\""));
    assert_null(strstr(out, "mine"));
    assert_int_equal(feeds("status", ""), CLI_EXIT_OK);
    assert_non_null(strstr(out, "never"));
}

static void surplus_words_are_not_understood(void **state)
{
    (void)state;
    assert_int_equal(feeds("list", " surplus"), CLI_EXIT_USAGE);
    assert_int_equal(feeds("status", " --force"), CLI_EXIT_USAGE);
    assert_int_equal(feeds("sttus", ""), CLI_EXIT_USAGE);
}

static int start(void **state)
{
    (void)state;
    char path[256];
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/c.yaml", folder);
    FILE *file = fopen(path, "we");
    if (!file)
        return -1;
    fprintf(file,
            "state_dir: %s\nintel: {seeds: no}\nfeeds:\n"
            "- {name: mine, path: list, category: c2}\n"
            "- {name: nocoin, enabled: no}\n"
            "- {name: distant, url: 'https://example.net/list', category: c2}\n",
            folder);
    return fclose(file);
}

static int stop(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_feeds_are_listed_once),
        cmocka_unit_test(a_feed_that_was_never_fetched_is_due),
        cmocka_unit_test(surplus_words_are_not_understood),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
