/* test_keeper.c - alerts are in the store when nothing waits; others write through the same thread
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert_build.h"
#include "cmocka_all.h"
#include "knowledge.h"

#include "base/clock.h"
#include "base/hash.h"
#include "pipeline/keeper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALERTS = KEEPER_ALERTS + 10 };

static char folder[64], path[128];
static struct knowledge knowledge;
static struct store *store;
static struct keeper *keeper;
static struct error error;

static void must(int rc)
{
    if (rc < 0)
        fail_msg("%s", error.text);
}

static int open_all(void **state)
{
    (void)state;
    const struct store_config config = {.checkpoint_pages = 1000, .busy_timeout_ms = 1000};
    strcpy(folder, "/tmp/test_keeper_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    must(knowledge_open(&knowledge, &error));
    must(knowledge_build(&knowledge, &error));
    must(store_open(path, STORE_WRITE, &config, &store, &error));
    keeper = calloc(1, sizeof(*keeper));
    keeper_init(keeper, store, knowledge.config, &knowledge.lists);
    const struct outbox_hooks hooks = keeper_hooks(keeper);
    keeper->outbox = outbox_new(&hooks);
    return keeper->outbox ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    char command[128];
    outbox_free(keeper->outbox);
    keeper_done(keeper);
    free(keeper);
    must(store_close(store, &error));
    knowledge_close(&knowledge);
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static int count_one(void *arg, const struct alert *alert, struct error *ignored)
{
    (void)alert, (void)ignored;
    ++*(unsigned *)arg;
    return 0;
}

/* As somebody else reads it. */
static unsigned stored(void)
{
    const struct store_filter all = {.statuses = (1u << ALERT_STATUS_COUNT) - 1};
    struct store *reader;
    unsigned count = 0;
    must(store_open(path, STORE_READ, NULL, &reader, &error));
    must(store_list(reader, &all, count_one, &count, &error));
    must(store_close(reader, &error));
    return count;
}

static void give(unsigned number, enum outbox_news news)
{
    struct alert alert;
    alert_build(&alert, number);
    outbox_alert(keeper->outbox, &alert, news);
}

static void alerts_are_stored_when_nothing_waits_and_the_same_one_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ALERTS; i++)
        give(i, OUTBOX_OPENED);
    give(0, OUTBOX_CLOSED);
    outbox_settle(keeper->outbox);
    assert_int_equal(stored(), ALERTS);
    assert_int_equal(keeper->stored.inserted, ALERTS);
    assert_true(keeper->stored_ns > 0);
    assert_false(keeper_is_failing(keeper));
}

static int purge_all(void *arg, struct store *handle, struct error *why)
{
    (void)arg;
    size_t deleted;
    assert_ptr_equal(handle, store);
    return store_purge(handle, INT64_MAX, &deleted, why);
}

static void others_write_through_the_same_thread(void **state)
{
    (void)state;
    const struct store_writer writer = keeper_writer(keeper);
    give(1, OUTBOX_CLOSED);
    outbox_settle(keeper->outbox);
    assert_int_equal(stored(), 1);
    must(writer.write(writer.arg, purge_all, NULL, &error));
    assert_int_equal(stored(), 0);
    must(keeper_tidy(keeper, &error));
}

static void a_canary_is_stored_nowhere_but_something_is_written_for_it(void **state)
{
    (void)state;
    struct canary canary;
    struct canary_flight flight;
    struct alert alert;
    int64_t sent_ns, came_ns, travelled_ns;
    canary_init(&canary, 1);
    keeper->canary = &canary;
    canary_start(&canary, clock_now_ns());
    canary_fly(&canary, 0, 53, 1, &flight);
    alert_build(&alert, 0);
    addr_format(&flight.packets[0].src, alert.entity_ip);
    outbox_alert(keeper->outbox, &alert, OUTBOX_CLOSED);
    outbox_settle(keeper->outbox);
    canary_look(&canary, &sent_ns, &came_ns, &travelled_ns);
    assert_int_equal(sent_ns, 0);
    assert_true(came_ns > 0 && keeper->stored_ns > 0);
    assert_int_equal(stored(), 0);
    canary_done(&canary);
}

static void noted(void *arg)
{
    ++*(unsigned *)arg;
}

static int fail_now(void *arg, struct store *handle, struct error *why)
{
    (void)arg, (void)handle;
    return error_set(why, -EIO, "the disk is gone");
}

/* A writer's own failure is the writer's; the keeper goes on. */
static void what_a_writer_fails_at_stops_nobody_else(void **state)
{
    (void)state;
    const struct store_writer writer = keeper_writer(keeper);
    unsigned failures = 0;
    keeper->failed = noted;
    keeper->failed_arg = &failures;
    assert_int_equal(writer.write(writer.arg, fail_now, NULL, &error), -EIO);
    assert_string_equal(error.text, "the disk is gone");
    give(2, OUTBOX_CLOSED);
    outbox_settle(keeper->outbox);
    assert_int_equal(stored(), 1);
    assert_int_equal(failures, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(alerts_are_stored_when_nothing_waits_and_the_same_one_once),
        TEST(others_write_through_the_same_thread),
        TEST(a_canary_is_stored_nowhere_but_something_is_written_for_it),
        TEST(what_a_writer_fails_at_stops_nobody_else),
    };
    hash_seed_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
