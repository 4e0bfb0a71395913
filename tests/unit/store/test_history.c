/* test_history.c - the history keeps who asked for what, within its limits, whoever floods it
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/history.h"

#include "alert_build.h"
#include "base/clock.h"
#include "cmocka_all.h"

#include <dnsvigil/name.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEEN_MAX = 4096 };

static const int64_t day_ns = 86400 * NS_PER_S;
static const struct history_limits roomy = {.days = 30, .rows_max = 100000};

static char folder[64], path[96];
static struct store *store;
static struct error error;

static void must(int r)
{
    if (r < 0)
        fail_msg("%s", error.text);
}

static int store_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-history-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    const struct store_config small = {.checkpoint_pages = 8, .busy_timeout_ms = 1000};
    return store_open(path, STORE_WRITE, &small, &store, &error);
}

static int store_remove(void **state)
{
    (void)state;
    char command[128];
    store_close(store, &error);
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

/* One row of client 192.0.2.`client`. */
static void put(unsigned client, const char *text, int64_t first_ns, int64_t last_ns,
                uint64_t count, const struct history_limits *limits)
{
    struct dns_name name;
    uint8_t key[HISTORY_KEY_MAX], v4[4] = {192, 0, (uint8_t)(2 + client / 256), (uint8_t)client};
    assert_true(name_from_text(&name, text, strlen(text)));
    const struct history_row row = {
        .first_ns = first_ns,
        .last_ns = last_ns,
        .count = count,
        .key = key,
        .key_len = (uint8_t)history_key(&name, 0, key),
        .answers = (const uint8_t *)"",
        .domain_labels = 2,
        .qtype = DNS_TYPE_A,
        .rcode = HISTORY_NO_RCODE,
        .entity = addr_from_v4(v4),
    };
    const struct history_row *rows[] = {&row};
    must(history_put(store, rows, 1, limits, &error));
}

static struct seen {
    unsigned count;
    char names[SEEN_MAX][NAME_TEXT_MAX];
    struct history_row rows[SEEN_MAX]; /* keys and answers have gone */
} seen;

static int see(void *context, const struct history_row *row, struct error *ret_error)
{
    (void)context, (void)ret_error;
    struct dns_name name;
    assert_true(seen.count < SEEN_MAX);
    history_name(row, &name);
    name_to_text(&name, 0, seen.names[seen.count]);
    seen.rows[seen.count++] = *row;
    return 0;
}

static void look(void)
{
    seen.count = 0;
    must(history_each(store, see, NULL, &error));
}

static struct history_status status(void)
{
    struct history_status now;
    must(history_status(store, &now, &error));
    return now;
}

static void names_of_a_domain_come_one_after_the_other(void **state)
{
    (void)state;
    static const char *const names[] = {"www.b.example",   "a.example",  "b.example",
                                        "x.www.b.example", "bb.example", "www.a.example"};
    static const char *const order[] = {"a.example",     "www.a.example",   "b.example",
                                        "www.b.example", "x.www.b.example", "bb.example"};
    for (unsigned i = 0; i < 6; i++)
        put(1, names[i], 1, 2, 1, &roomy);
    look();
    assert_int_equal(seen.count, 6);
    for (unsigned i = 0; i < 6; i++)
        assert_string_equal(seen.names[i], order[i]);
}

static void more_than_one_transaction_reads_is_read(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2100; i++) {
        char name[64];
        snprintf(name, sizeof(name), "n%u.example", i / 3);
        put(i % 3, name, 1, 2, 1, &roomy);
    }
    look();
    assert_int_equal(seen.count, 2100);
    assert_int_equal(status().rows, 2100);
}

static void repeats_add_up_and_replays_do_not(void **state)
{
    (void)state;
    put(1, "a.example", 100, 200, 5, &roomy);
    put(1, "a.example", 300, 400, 7, &roomy);
    put(1, "a.example", 50, 60, 1, &roomy);
    for (unsigned i = 0; i < 2; i++) {
        put(1, "a.example", 100, 200, 5, &roomy);
        look();
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.rows[0].count, 13);
        assert_int_equal(seen.rows[0].first_ns, 50);
        assert_int_equal(seen.rows[0].last_ns, 400);
    }
}

static void hostile_names_come_back_as_they_were(void **state)
{
    (void)state;
    char longest[300] = "";
    for (unsigned i = 0; i < 127; i++)
        strcat(longest, i ? ".a" : "a");
    const char *const names[] = {"a\\.b.example",
                                 "\\000\\255\\001.example",
                                 "'; DROP TABLE history; --.example",
                                 "*.example",
                                 "\\\\.example",
                                 "\\010\\013.example",
                                 longest,
                                 "\\037\\177.\\\"x\\\".example"};
    for (unsigned i = 0; i < 8; i++) {
        struct dns_name name;
        char text[NAME_TEXT_MAX], escaped[NAME_TEXT_MAX];
        size_t len = 0;
        for (const char *c = names[i]; *c; c++) /* blanks and semicolons need escapes */
            len += (size_t)snprintf(escaped + len, sizeof(escaped) - len,
                                    *c == ' ' || *c == ';' ? "\\%03u" : "%c", (unsigned char)*c);
        put(1, escaped, 1, 2, 1, &roomy);
        assert_true(name_from_text(&name, escaped, len));
        name_to_text(&name, 0, text);
        look();
        bool there = false;
        for (unsigned j = 0; j < seen.count; j++)
            there |= strcmp(seen.names[j], text) == 0;
        assert_true(there);
        assert_int_equal(seen.count, i + 1);
    }
}

static void a_domain_knows_its_clients_and_not_its_neighbours(void **state)
{
    (void)state;
    struct dns_name name;
    struct history_use use;
    put(1, "b.example", 100, 200, 1, &roomy);
    put(1, "www.b.example", 50, 60, 1, &roomy);
    put(2, "x.www.b.example", 70, 300, 1, &roomy);
    put(3, "bb.example", 1, 900, 1, &roomy);
    assert_true(name_from_text(&name, "b.example", 9));
    must(history_use(store, &name, &use, &error));
    assert_int_equal(use.clients, 2);
    assert_int_equal(use.first_ns, 50);
    assert_int_equal(use.last_ns, 300);
}

static void old_rows_go_by_the_time_of_the_traffic(void **state)
{
    (void)state;
    const struct history_limits week = {.days = 7, .rows_max = 1000};
    for (int day = 100; day < 120; day++) {
        char name[32];
        snprintf(name, sizeof(name), "day%d.example", day);
        put(1, name, day * day_ns, day * day_ns + 1, 1, &week);
    }
    look();
    assert_int_equal(seen.count, 8);
    assert_string_equal(seen.names[0], "day112.example");
    assert_int_equal(status().rows, 8);
    assert_int_equal(status().expired, 12);
}

static void a_clock_gone_wrong_does_not_empty_the_history(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        char name[32];
        snprintf(name, sizeof(name), "n%d.example", i);
        put(1, name, 20000 * day_ns, 20000 * day_ns + i, 1, &roomy);
    }
    put(2, "future.example", 30000 * day_ns, 30000 * day_ns, 1, &roomy);
    put(2, "past.example", 1, 2, 1, &roomy);
    look();
    assert_int_equal(seen.count, 12);
    assert_int_equal(status().newest_ns, 20001 * day_ns + 9);
}

static void a_client_that_floods_displaces_itself(void **state)
{
    (void)state;
    const struct history_limits tight = {.days = 30, .rows_max = 160};
    for (unsigned i = 0; i < 20; i++)
        put(i, "quiet.example", 1, 1, 1, &tight);
    for (unsigned i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "flood%04u.example", i);
        put(99, name, 10 + i, 10 + i, 1, &tight);
    }
    look();
    struct history_status now = status();
    unsigned quiet = 0, newest = 0;
    for (unsigned i = 0; i < seen.count; i++) {
        quiet += strcmp(seen.names[i], "quiet.example") == 0;
        newest += strcmp(seen.names[i], "flood0999.example") == 0;
    }
    assert_int_equal(quiet, 20);
    assert_int_equal(newest, 1);
    assert_true(seen.count <= 160);
    assert_int_equal(now.rows, seen.count);
    assert_int_equal(now.rows + now.evicted, 1020);
}

static void where_there_are_more_clients_than_rows_the_oldest_go(void **state)
{
    (void)state;
    const struct history_limits tight = {.days = 30, .rows_max = 100};
    for (unsigned i = 0; i < 500; i++)
        put(i, "same.example", 10 + i, 10 + i, 1, &tight);
    look();
    assert_in_range(seen.count, 90, 100);
    for (unsigned i = 0; i < seen.count; i++)
        assert_true(seen.rows[i].last_ns > 400);
}

static void answers_beyond_those_kept_are_counted(void **state)
{
    (void)state;
    static const uint8_t key[] = "\7example\1a";
    for (unsigned i = 0; i < 12; i++) {
        struct answers answers = {0};
        uint8_t bytes[ANSWER_ADDRESS_BYTES] = {[15] = (uint8_t)i};
        answers_add(&answers, &(struct answer){MATCH_ADDRESS, sizeof(bytes), bytes});
        const struct history_row row = {.first_ns = i,
                                        .last_ns = i,
                                        .count = 1,
                                        .key = key,
                                        .key_len = sizeof(key) - 1,
                                        .answers = answers.bytes,
                                        .answers_len = answers.len};
        const struct history_row *rows[] = {&row};
        must(history_put(store, rows, 1, &roomy, &error));
    }
    look();
    assert_int_equal(seen.rows[0].answers_len, 8 * 17);
    assert_int_equal(status().answers_dropped, 4);
}

static void known_indicators_are_kept(void **state)
{
    (void)state;
    uint64_t set[] = {1, 5, UINT64_MAX};
    struct history_known known = {.seed = UINT64_MAX, .sum = 7, .fingerprints = set, .count = 3};
    struct history_known read;
    must(history_known(store, true, &read, &error));
    assert_int_equal(read.seed, 0);
    assert_int_equal(read.count, 0);
    free(read.fingerprints);
    must(history_know(store, &known, &error));
    must(history_known(store, true, &read, &error));
    assert_int_equal(read.seed, UINT64_MAX);
    assert_int_equal(read.sum, 7);
    assert_int_equal(read.count, 3);
    assert_memory_equal(read.fingerprints, set, sizeof(set));
    free(read.fingerprints);
}

static void sql(const char *text)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
}

static void a_damaged_row_is_told(void **state)
{
    (void)state;
    static const char *const damage[] = {
        "UPDATE history SET name = x'ff01'",           "UPDATE history SET name = x'03'",
        "UPDATE history SET name = zeroblob(300)",     "UPDATE history SET name = x'00'",
        "UPDATE history SET entity = x'01'",           "UPDATE history SET resolver = x'01'",
        "UPDATE history SET answers = zeroblob(70000)"};
    for (unsigned i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
        sql("DELETE FROM history");
        put(1, "a.example", 1, 2, 1, &roomy);
        sql(damage[i]);
        assert_int_equal(history_each(store, see, NULL, &error), -EBADMSG);
        assert_non_null(strstr(error.text, "damaged"));
    }
}

/* What version 1 looked like: the tables of alerts alone. */
static void an_overlapping_alert_is_found_by_type_machine_and_domain(void **state)
{
    (void)state;
    struct alert alert;
    const struct alert *pointer = &alert;
    struct store_put_result result;
    bool overlaps;
    alert_build(&alert, 1);
    must(store_put(store, &pointer, 1, &result, &error));
    const struct {
        const char *entity, *domain;
        int64_t first_ns, last_ns;
        bool overlaps;
    } cases[] = {
        {alert.entity_ip, alert.domain, alert.start_ns, alert.end_ns, true},
        {alert.entity_ip, alert.domain, alert.end_ns, alert.end_ns + 5, true},
        {alert.entity_ip, alert.domain, alert.end_ns + 1, alert.end_ns + 5, false},
        {alert.entity_ip, alert.domain, 0, alert.start_ns - 1, false},
        {alert.entity_ip, "other.example", alert.start_ns, alert.end_ns, false},
        {"192.0.2.250", alert.domain, alert.start_ns, alert.end_ns, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct alert other = {
            .detector = alert.detector, .start_ns = cases[i].first_ns, .end_ns = cases[i].last_ns};
        snprintf(other.entity_ip, sizeof(other.entity_ip), "%s", cases[i].entity);
        snprintf(other.domain, sizeof(other.domain), "%s", cases[i].domain);
        must(store_overlaps(store, &other, &overlaps, &error));
        assert_int_equal(overlaps, cases[i].overlaps);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_make, store_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_of_a_domain_come_one_after_the_other),
        TEST(more_than_one_transaction_reads_is_read),
        TEST(repeats_add_up_and_replays_do_not),
        TEST(hostile_names_come_back_as_they_were),
        TEST(a_domain_knows_its_clients_and_not_its_neighbours),
        TEST(old_rows_go_by_the_time_of_the_traffic),
        TEST(a_clock_gone_wrong_does_not_empty_the_history),
        TEST(a_client_that_floods_displaces_itself),
        TEST(where_there_are_more_clients_than_rows_the_oldest_go),
        TEST(answers_beyond_those_kept_are_counted),
        TEST(known_indicators_are_kept),
        TEST(a_damaged_row_is_told),
        TEST(an_overlapping_alert_is_found_by_type_machine_and_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
