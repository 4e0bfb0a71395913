/* test_rules_test.c - `dnsvigil rules test` tells how often rules hold, and what it gave up
 * SPDX-License-Identifier: Apache-2.0
 *
 * The traffic is the sample capture that comes with the program. */
#include "cli/cli.h"

#include "capture_text.h"
#include "cmocka_all.h"
#include "text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE(options) "alert dns any any -> any any (msg:\"m\"; dns.query; " options ")\n"

static char folder[64], config_path[96], rules_path[96], capture[256];

static int folder_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR"), *root = getenv("TEST_SOURCE_ROOT");
    char config[512];
    snprintf(folder, sizeof(folder), "%s/dnsvigil-rules-XXXXXX", base ? base : "/tmp");
    if (!root || !mkdtemp(folder))
        return -1;
    snprintf(config_path, sizeof(config_path), "%s/config.yaml", folder);
    snprintf(rules_path, sizeof(rules_path), "%s/some.rules", folder);
    snprintf(capture, sizeof(capture), "%s/data/captures/sample.pcap", root);
    snprintf(config, sizeof(config), "intel: {seed_dir: %s/data/intel}\n", root);
    file_write(config_path, config);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

/* Tries the rules on the capture, if any; what is printed is the caller's. */
static char *tried(const char *rules, bool on_capture, int code)
{
    const char *argv[] = {"rules", "test",     "-c",     config_path, "-o",
                          "json",  rules_path, "--pcap", capture,     NULL};
    file_write(rules_path, rules);
    capture_start();
    int left = command_rules(on_capture ? 9 : 7, (char **)argv);
    char *printed = capture_end();
    assert_int_equal(left, code);
    return printed;
}

static void assert_says(char *printed, const char *part)
{
    if (!strstr(printed, part))
        fail_msg("'%s' is not in\n%s", part, printed);
    free(printed);
}

static void sums_are_in_the_last_line(void **state)
{
    (void)state;
    assert_says(tried(RULE("content:\"2miners\"; sid:1;") RULE("nonsense:1; sid:2;"), false,
                      CLI_EXIT_CONFIG),
                "{\"loaded\":1,\"refused\":1,");
    assert_says(tried(RULE("content:\"2miners\"; sid:1;"), true, CLI_EXIT_OK),
                "{\"sid\":1,\"msg\":\"m\",\"held\":");
    assert_says(tried(RULE("content:\"2miners\"; sid:1;"), true, CLI_EXIT_OK),
                "\"rules_cut\":0,\"rule_pcre_limits\":0}");
}

static void expressions_that_were_given_up_are_told(void **state)
{
    (void)state;
    char *printed = tried(RULE("pcre:\"/^(?:[^!]|[^!]{2})+[!?]$/\"; sid:1;"), true, CLI_EXIT_OK);
    const char *count = strstr(printed, "\"rule_pcre_limits\":");
    assert_non_null(count);
    assert_true(strtoul(strchr(count, ':') + 1, NULL, 10) > 0);
    free(printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_in_the_last_line),
        cmocka_unit_test(expressions_that_were_given_up_are_told),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
