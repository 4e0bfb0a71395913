/* test_alerts.c - `dnsvigil alerts` from its command line to what it prints and keeps
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "store/store.h"

#include "alert_build.h"
#include "capture_text.h"
#include "cmocka_all.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], store_path[96], config_path[96];
static struct error error;

/* Five alerts in a store; number 4 is dismissed. */
static int store_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    struct store *store;
    struct store_put_result result;
    snprintf(folder, sizeof(folder), "%s/dnsvigil-alerts-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder) || !setlocale(LC_CTYPE, "C.UTF-8"))
        return -1;
    snprintf(store_path, sizeof(store_path), "%s/alerts.db", folder);
    snprintf(config_path, sizeof(config_path), "%s/config.yaml", folder);
    FILE *config = fopen(config_path, "w");
    fprintf(config, "store:\n  path: %s\n  ballast_mib: 0\n", store_path);
    fclose(config);
    assert_int_equal(store_open(store_path, STORE_WRITE, NULL, &store, &error), 0);
    for (unsigned i = 0; i < 5; i++) {
        struct alert alert;
        const struct alert *pointer = &alert;
        alert_build(&alert, i);
        alert.status = i == 4 ? ALERT_STATUS_DISMISSED : ALERT_STATUS_ACTIVE;
        assert_int_equal(store_put(store, &pointer, 1, &result, &error), 0);
    }
    return store_close(store, &error);
}

static int store_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

/* Runs `alerts` with words separated by spaces and the configuration; what it printed is in
 * `printed`. */
static char *printed;

static int run(const char *line)
{
    char words[256], *argv[24] = {NULL};
    int argc = 0;
    snprintf(words, sizeof(words), "alerts %s -c %s", line, config_path);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    free(printed);
    capture_start();
    int code = command_alerts(argc, argv);
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

static void a_list_leaves_out_the_dismissed_unless_asked(void **state)
{
    (void)state;
    assert_int_equal(run("list"), CLI_EXIT_OK);
    assert_int_equal(lines(), 4);
    assert_int_equal(printed[0], '{');
    assert_int_equal(run("list --all"), CLI_EXIT_OK);
    assert_int_equal(lines(), 5);
    assert_int_equal(run("list --status dismissed"), CLI_EXIT_OK);
    assert_int_equal(lines(), 1);
}

static void filters_reach_the_store(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        unsigned lines;
    } cases[] = {
        {"--severity high", 0},
        {"--severity medium", 4},
        {"--type AzureDNS_ThreatIntelSuspectDomain", 4},
        {"--type dark_web,phishing_domain", 0},
        {"--entity 198.51.0.2", 1},
        {"--entity ::ffff:198.51.0.2", 1},
        {"--domain DOMAIN3.example.test.", 1},
        {"--search domain1", 1},
        {"--since 2026-01-02", 0},
        {"--until 2026-01-01T00:00:02Z", 2},
        {"--limit 3 --sort severity", 3},
        {"--sort oldest --sort -count", 4},
        {"--severities medium,high --tactic initial-access", 4},
        {"--tactic exfiltration", 0},
        {"--name LAPTOP --tag sales", 4},
        {"--tag sale", 0},
        {"--ip 192.0.2.7 --ip 192.0.2.53", 4},
        {"--ip 192.0.2.8", 0},
        {"--assignee ann --sample yes --feedback not-useful", 4},
        {"--assignee none", 0},
        {"--contact asked --compromised yes", 4},
        {"--incident incident", 0},
        {"--suppressed-by lab-machines --disposition none", 4},
        {"--status all", 5},
        {"-o table", 5},
        {"-o csv --lang ja", 5},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[128];
        snprintf(line, sizeof(line), "list %s", cases[i].options);
        assert_int_equal(run(line), CLI_EXIT_OK);
        if (lines() != cases[i].lines)
            fail_msg("%s: %u lines", line, lines());
    }
}

static void a_page_tells_all_that_is_known(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "Communication with suspicious domain identified by threat intelligence",
        "threat_intel (AzureDNS_ThreatIntelSuspectDomain)",
        "laptop-7 (198.51.0.3)",
        "www.example.test is an alias of beacon.example.test, listed by example-feed as c2",
        "12.5 (threshold 8)",
        "example-feed (80 %)",
        "a\\046b.example.test TYPE65280",
        "    beacon.example.test 60 IN CNAME www.example.test\n",
        "Take the machine off the network.",
    };
    assert_int_equal(run("show 00000003 -o table"), CLI_EXIT_OK);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (!strstr(printed, parts[i]))
            fail_msg("no \"%s\" in:\n%s", parts[i], printed);
    assert_null(strstr(printed, "History"));
    assert_int_equal(run("show 00000003 -o table --lang ja"), CLI_EXIT_OK);
    assert_non_null(strstr(printed, "端末をネットワークから切り離します。"));
}

static void a_change_is_kept_with_its_author(void **state)
{
    (void)state;
    assert_int_equal(run("set 00000000 00000001 --status dismissed --disposition false-positive "
                         "-m known"),
                     CLI_EXIT_OK);
    assert_int_equal(run("list"), CLI_EXIT_OK);
    assert_int_equal(lines(), 2);
    assert_int_equal(run("show 00000001 -o table"), CLI_EXIT_OK);
    assert_non_null(strstr(printed, "Dismissed (false_positive)"));
    assert_non_null(strstr(printed, ", status Active → Dismissed (false_positive): known"));
}

static void opening_an_alert_again_takes_its_disposition_back(void **state)
{
    (void)state;
    assert_int_equal(run("set 00000002 --status resolved --disposition test"), CLI_EXIT_OK);
    assert_int_equal(run("set 00000002 --status active"), CLI_EXIT_OK);
    assert_int_equal(run("show 00000002"), CLI_EXIT_OK);
    assert_null(strstr(printed, "\"disposition\""));
}

static void a_filter_chooses_what_to_change(void **state)
{
    (void)state;
    assert_int_equal(run("set --entity 198.51.0.2 --status resolved"), CLI_EXIT_OK);
    assert_int_equal(run("list --status resolved"), CLI_EXIT_OK);
    assert_int_equal(lines(), 1);
    assert_int_equal(run("set --from-status dismissed --status active"), CLI_EXIT_OK);
    assert_int_equal(run("list"), CLI_EXIT_OK);
    assert_int_equal(lines(), 5);
}

static void one_unknown_id_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(run("set 00000000 ffff --status resolved"), CLI_EXIT_FAILED);
    assert_int_equal(run("list --status resolved"), CLI_EXIT_OK);
    assert_int_equal(lines(), 0);
}

static void counts_come_in_groups(void **state)
{
    (void)state;
    static const struct {
        const char *options, *printed;
    } cases[] = {
        {"count", "{\"alerts\":4,\"entities\":4}\n"},
        {"count --all --entity 198.51.0.4", "{\"alerts\":1,\"entities\":1}\n"},
        {"count -o table", "4 alerts about 4 machines\n"},
        {"count --by severity -o table", "         4  Medium         Medium\n"},
        {"count --by day", "{\"group\":\"2026-01-01T00:00:00.000000Z\",\"count\":4,"
                           "\"severity\":\"Medium\"}\n"},
        {"count --by entity --limit 1 --since 2026-01-01T00:01:03Z",
         "{\"group\":\"198.51.0.3\",\"count\":1,\"severity\":\"Medium\","
         "\"newest\":\"2026-01-01T00:00:03.123456Z\"}\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(run(cases[i].options), CLI_EXIT_OK);
        assert_string_equal(printed, cases[i].printed);
    }
    assert_int_equal(run("count --precision"), CLI_EXIT_OK);
    assert_int_equal(lines(), DETECTOR_COUNT);
    assert_int_equal(run("count --by moon"), CLI_EXIT_USAGE);
}

static void everything_people_decide_can_be_set(void **state)
{
    (void)state;
    assert_int_equal(run("set --entity 198.51.0.1 --assign bob --feedback useful --contact expected"
                         " --compromised no --note seen"),
                     CLI_EXIT_OK);
    assert_int_equal(run("list --assignee bob --feedback useful --contact expected"
                         " --compromised no"),
                     CLI_EXIT_OK);
    assert_int_equal(lines(), 1);
    assert_int_equal(run("set 00000001 --assign none --if-revision 1"), CLI_EXIT_FAILED);
    assert_int_equal(run("set 00000001 --assign none --if-revision 2"), CLI_EXIT_OK);
    assert_int_equal(run("list --assignee none"), CLI_EXIT_OK);
    assert_int_equal(lines(), 1);
    assert_int_equal(run("set --all --assign none --if-revision 2"), CLI_EXIT_USAGE);
}

static void what_makes_no_sense_is_a_usage_error(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "lst",
        "list 00000000",
        "list --status open",
        "list --type dark",
        "list --entity 198.51.0",
        "list --domain a..b",
        "list --sort loudest",
        "show",
        "show 00000000 00000001",
        "set --status resolved",
        "set 00000000",
        "set 00000000 --entity 198.51.0.2 --status resolved",
        "set 00000000 --status",
        "set 00000000 --disposition nonsense",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (run(cases[i]) != CLI_EXIT_USAGE)
            fail_msg("alerts %s", cases[i]);
}

static void what_is_not_there_is_a_failure(void **state)
{
    (void)state;
    assert_int_equal(run("show ffff"), CLI_EXIT_FAILED);
    assert_int_equal(run("list --store /nonexistent/alerts.db"), CLI_EXIT_FAILED);
    unlink(config_path);
    assert_int_equal(run("list"), CLI_EXIT_CONFIG);
}

#define ALERTS_TEST(test) cmocka_unit_test_setup_teardown(test, store_make, store_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALERTS_TEST(a_list_leaves_out_the_dismissed_unless_asked),
        ALERTS_TEST(filters_reach_the_store),
        ALERTS_TEST(a_page_tells_all_that_is_known),
        ALERTS_TEST(a_change_is_kept_with_its_author),
        ALERTS_TEST(opening_an_alert_again_takes_its_disposition_back),
        ALERTS_TEST(a_filter_chooses_what_to_change),
        ALERTS_TEST(one_unknown_id_changes_nothing),
        ALERTS_TEST(counts_come_in_groups),
        ALERTS_TEST(everything_people_decide_can_be_set),
        ALERTS_TEST(what_makes_no_sense_is_a_usage_error),
        ALERTS_TEST(what_is_not_there_is_a_failure),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(printed);
    return failed;
}
