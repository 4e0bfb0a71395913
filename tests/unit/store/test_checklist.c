/* test_checklist.c - what was done about an alert is kept, told and revised
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "alert_build.h"
#include "store/audit.h"
#include "store/checklist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bench {
    char folder[64];
    struct store *store;
    struct alert alert;
    struct error error;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    char path[96];
    struct store_config small = store_config_default;
    small.ballast_bytes = 0;
    strcpy(bench->folder, "/tmp/checklist-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    snprintf(path, sizeof(path), "%s/alerts.db", bench->folder);
    assert_int_equal(store_open(path, STORE_WRITE, &small, &bench->store, &bench->error), 0);
    alert_build(&bench->alert, 1);
    const struct alert *alerts[] = {&bench->alert};
    struct store_put_result result;
    assert_int_equal(store_put(bench->store, alerts, 1, &result, &bench->error), 0);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    static const char *const names[] = {"alerts.db", "alerts.db.lock"};
    store_close(bench->store, &bench->error);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", bench->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(bench->folder), 0);
    free(bench);
    return 0;
}

static void actions_nobody_touched_are_to_be_done(void **state)
{
    struct bench *bench = *state;
    struct checklist_row rows[RESPONSE_ACTION_COUNT];
    assert_int_equal(checklist_get(bench->store, bench->alert.id, rows, &bench->error), 0);
    for (int i = 0; i < RESPONSE_ACTION_COUNT; i++) {
        assert_int_equal(rows[i].state, ACTION_TO_DO);
        assert_string_equal(rows[i].by, "");
    }
}

static int remember(void *context, uint64_t seq, const struct audit_entry *entry,
                    const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)hash;
    char *text = context;
    sprintf(text + strlen(text), "%s %s %s>%s %s\n", entry->actor, entry->action, entry->from,
            entry->to, entry->comment);
    return 0;
}

static void what_is_done_is_kept_with_its_author(void **state)
{
    struct bench *bench = *state;
    struct checklist_row rows[RESPONSE_ACTION_COUNT];
    struct alert after;
    char got[512] = "", object[ALERT_ID_MAX + 8];
    const char *id = bench->alert.id;
    assert_int_equal(checklist_set(bench->store, id, RESPONSE_ACTION_SCAN, ACTION_DONE, "user:ann",
                                   "found nothing", &bench->error),
                     0);
    assert_int_equal(checklist_set(bench->store, id, RESPONSE_ACTION_SCAN, ACTION_NOT_APPLICABLE,
                                   "user:bob", "", &bench->error),
                     0);
    assert_int_equal(checklist_get(bench->store, id, rows, &bench->error), 0);
    assert_int_equal(rows[RESPONSE_ACTION_SCAN].state, ACTION_NOT_APPLICABLE);
    assert_string_equal(rows[RESPONSE_ACTION_SCAN].by, "user:bob");
    assert_true(rows[RESPONSE_ACTION_SCAN].at_ns > 0);
    assert_int_equal(rows[RESPONSE_ACTION_ISOLATE].state, ACTION_TO_DO);
    assert_int_equal(store_get(bench->store, id, &after, &bench->error), 0);
    assert_int_equal(after.revision, 3); /* who follows alerts is told of both */
    assert_int_equal(after.action_count, RESPONSE_ACTION_COUNT);
    assert_string_equal(after.actions[RESPONSE_ACTION_ISOLATE].id, "isolate");
    assert_string_equal(after.actions[RESPONSE_ACTION_ISOLATE].state, "to_do");
    assert_string_equal(after.actions[RESPONSE_ACTION_SCAN].state, "not_applicable");
    assert_string_equal(after.actions[RESPONSE_ACTION_SCAN].by, "user:bob");
    assert_int_equal(after.actions[RESPONSE_ACTION_SCAN].at_ns, rows[RESPONSE_ACTION_SCAN].at_ns);
    snprintf(object, sizeof(object), "alert/%s", id);
    const struct audit_filter filter = {.object = object};
    assert_int_equal(audit_list(bench->store, &filter, remember, got, &bench->error), 0);
    assert_string_equal(got, "user:ann scan to_do>done found nothing\n"
                             "user:bob scan done>not_applicable \n");
}

static void an_alert_that_is_not_there_has_no_checklist_to_set(void **state)
{
    struct bench *bench = *state;
    struct checklist_row rows[RESPONSE_ACTION_COUNT];
    assert_int_equal(checklist_set(bench->store, "none", RESPONSE_ACTION_SCAN, ACTION_DONE,
                                   "user:ann", "", &bench->error),
                     -ENOENT);
    assert_int_equal(checklist_get(bench->store, "none", rows, &bench->error), 0);
    assert_int_equal(rows[RESPONSE_ACTION_SCAN].state, ACTION_TO_DO);
}

static void states_are_read_as_they_are_written(void **state)
{
    (void)state;
    for (int i = 0; i < ACTION_STATE_COUNT; i++)
        assert_int_equal(action_state_parse(action_states[i]), i);
    assert_int_equal(action_state_parse("not-applicable"), ACTION_NOT_APPLICABLE);
    assert_int_equal(action_state_parse("later"), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(actions_nobody_touched_are_to_be_done),
        TEST(what_is_done_is_kept_with_its_author),
        TEST(an_alert_that_is_not_there_has_no_checklist_to_set),
        cmocka_unit_test(states_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
