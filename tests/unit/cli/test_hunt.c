/* test_hunt.c - `dnsvigil hunt` and the look back of `analyze`, from the command line to what is
 * printed
 * SPDX-License-Identifier: Apache-2.0
 *
 * The traffic is the sample capture that comes with the program. */
#include "cli/cli.h"

#include "capture_text.h"
#include "cmocka_all.h"
#include "text_file.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64], config_path[96], list_path[96], capture[256];
static char *printed;

static int folder_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR"), *root = getenv("TEST_SOURCE_ROOT");
    char config[512];
    snprintf(folder, sizeof(folder), "%s/dnsvigil-hunt-XXXXXX", base ? base : "/tmp");
    if (!root || !mkdtemp(folder) || !setlocale(LC_CTYPE, "C.UTF-8"))
        return -1;
    snprintf(config_path, sizeof(config_path), "%s/config.yaml", folder);
    snprintf(list_path, sizeof(list_path), "%s/list.txt", folder);
    snprintf(capture, sizeof(capture), "%s/data/captures/sample.pcap", root);
    snprintf(config, sizeof(config),
             "store: {path: alerts.db, ballast_mib: 0}\nintel: {seed_dir: %s/data/intel}\n", root);
    file_write(config_path, config);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    char command[128];
    free(printed);
    printed = NULL;
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

/* Runs a command with the words of `line` and the configuration; %L stands for the list, %C for the
 * capture. */
static int run(int (*command)(int, char **), const char *line)
{
    char words[512], *argv[24] = {NULL}, option[] = "-c", *save = NULL;
    int argc = 0;
    snprintf(words, sizeof(words), "%s", line);
    for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        if (strcmp(word, "%L") == 0)
            word = list_path;
        if (strcmp(word, "%C") == 0)
            word = capture;
        argv[argc++] = word;
        if (argc == 1) {
            argv[argc++] = option;
            argv[argc++] = config_path;
        }
    }
    free(printed);
    capture_start();
    int code = command(argc, argv);
    printed = capture_end();
    return code;
}

static unsigned lines(void)
{
    unsigned count = 0;
    for (const char *c = printed; *c; c++)
        count += *c == '\n';
    return count;
}

static void traffic_is_found_by_name_address_and_list(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int code;
        const char *there;
    } cases[] = {
        {"hunt -o json 2miners.com", 0, "\"name\":\"xmr.2miners.com\""},
        {"hunt -o json =2miners.com", CLI_EXIT_NOTHING, ""},
        {"hunt -o json =xmr.2miners.com", 0, "\"matched\":\"=xmr.2miners.com\""},
        {"hunt -o json *.xmr.2miners.com", CLI_EXIT_NOTHING, ""},
        {"hunt -o json 203.0.113.67", 0, "\"field\":\"address\""},
        {"hunt -o json 203.0.113.64/28", 0, "\"matched\":\"203.0.113.64/28\""},
        {"hunt -o json -e 2001:db8:1::/48 2miners.com", 0, "2001:db8:1::23"},
        {"hunt -o json -e 192.0.2.99 2miners.com", CLI_EXIT_NOTHING, ""},
        {"hunt -o json --until 2026-03-10T08:11:00Z 2miners.com", CLI_EXIT_NOTHING, ""},
        {"hunt -o json --since 2026-03-10T10:36:00Z 2miners.com", 0, "xmr.2miners.com"},
        {"hunt -o json --since 2026-03-11 2miners.com", CLI_EXIT_NOTHING, ""},
        {"hunt -o json %L", 0, "\"matched_in\":\"/"},
        {"hunt -o csv 2miners.com", 0, "first,last,count,entity,resolver,name,answers,matched\r\n"},
        {"hunt -o table 2miners.com", 0, "FIRST (UTC)"},
        {"hunt", CLI_EXIT_USAGE, ""},
        {"hunt no..name", CLI_EXIT_USAGE, ""},
        {"hunt -o json 192.0.2.1/99", CLI_EXIT_USAGE, ""},
    };
    file_write(list_path, "# a list\n0.0.0.0 never.example\n0.0.0.0 xmr.2miners.com\n");
    assert_int_equal(run(command_analyze, "analyze -q -o json %C"), CLI_EXIT_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int code = run(command_hunt, cases[i].line);
        if (code != cases[i].code || !strstr(printed, cases[i].there))
            fail_msg("%s: exit %d, printed: %s", cases[i].line, code, printed);
    }
}

static void an_empty_history_is_nothing_found(void **state)
{
    (void)state;
    assert_int_equal(run(command_hunt, "hunt 2miners.com"), CLI_EXIT_FAILED); /* no store */
    FILE *off = fopen(config_path, "a");
    fputs("history: {days: 0}\n", off);
    fclose(off);
    assert_int_equal(run(command_analyze, "analyze -q -o json %C"), CLI_EXIT_OK);
    assert_int_equal(run(command_hunt, "hunt 2miners.com"), CLI_EXIT_NOTHING);
    assert_string_equal(printed, "");
}

static void a_list_that_comes_later_raises_its_alerts_once(void **state)
{
    (void)state;
    file_write(list_path, "fdhwulupyywwrsru.org\n");
    assert_int_equal(run(command_analyze, "analyze -q -o json %C"), CLI_EXIT_OK);
    assert_null(strstr(printed, "\"retroactive\":true"));
    /* The capture again, with the list: the past comes first. */
    char with_list[256];
    snprintf(with_list, sizeof(with_list), "analyze -q -o json --feed c2:%s %%C", list_path);
    assert_int_equal(run(command_analyze, with_list), CLI_EXIT_OK);
    const char *told = strstr(printed, "\"retroactive\":true");
    assert_non_null(told);
    assert_null(strstr(told + 1, "\"retroactive\":true"));
    assert_int_equal(run(command_analyze, with_list), CLI_EXIT_OK);
    assert_null(strstr(printed, "\"retroactive\":true"));
}

static void what_is_analysed_twice_is_counted_once(void **state)
{
    (void)state;
    assert_int_equal(run(command_analyze, "analyze -q -o json %C"), CLI_EXIT_OK);
    assert_int_equal(run(command_hunt, "hunt -o json 0.0.0.0/0 ::/0"), CLI_EXIT_OK);
    char *once = printed;
    printed = NULL;
    assert_true(strlen(once) > 1000);
    assert_int_equal(run(command_analyze, "analyze -q -o json %C"), CLI_EXIT_OK);
    assert_int_equal(run(command_hunt, "hunt -o json 0.0.0.0/0 ::/0"), CLI_EXIT_OK);
    assert_string_equal(printed, once);
    assert_true(lines() > 10);
    free(once);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(traffic_is_found_by_name_address_and_list),
        TEST(an_empty_history_is_nothing_found),
        TEST(a_list_that_comes_later_raises_its_alerts_once),
        TEST(what_is_analysed_twice_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
