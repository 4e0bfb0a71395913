/* test_changes.c - followers see every change of an alert, in order, and go on where they were
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/changes.h"

#include "life_fixture.h"

#include <errno.h>

static int change_add(void *context, uint64_t seq, const char *alert_id, uint32_t revision,
                      int64_t time_ns)
{
    char *text = context;
    unsigned number = (unsigned)strtoul(strchr(alert_id, '_') + 1, NULL, 16);
    assert_true(time_ns > 0);
    sprintf(text + strlen(text), "%llu:%u.%u ", (unsigned long long)seq, number, revision);
    return 0;
}

static void expect(uint64_t after_seq, uint64_t limit, const char *changes)
{
    char text[128] = "";
    must(changes_read(store, after_seq, limit, change_add, text, &error));
    assert_string_equal(text, changes);
}

static void every_new_revision_is_a_change(void **state)
{
    (void)state;
    struct alert alert;
    size_t changed;
    struct store_change change = STORE_CHANGE_NONE;
    put_number(1);
    put_number(2);
    put_number(1);
    alert_build(&alert, 1);
    alert.count++;
    put(&alert);
    const char *id = alert.id;
    const struct store_filter one = {.ids = &id, .id_count = 1};
    change.assignee = "bob";
    change.actor = "user:ann";
    must(store_set(store, &one, &change, &changed, &error));
    must(store_set(store, &one, &change, &changed, &error));
    assert_int_equal(changed, 0);
    expect(0, 10, "1:1.1 2:2.1 3:1.2 4:1.3 ");
    expect(1, 2, "2:2.1 3:1.2 ");
}

static void a_follower_keeps_its_place(void **state)
{
    (void)state;
    uint64_t seq = 9;
    assert_int_equal(changes_cursor_get(store, "mail", &seq, &error), -ENOENT);
    must(changes_newest(store, &seq, &error));
    assert_int_equal(seq, 0);
    put_number(1);
    put_number(2);
    must(changes_newest(store, &seq, &error));
    assert_int_equal(seq, 2);
    must(changes_cursor_put(store, "mail", 1, &error));
    must(changes_cursor_put(store, "mail", 2, &error));
    must(changes_cursor_put(store, "web", 1, &error));
    must(changes_cursor_get(store, "mail", &seq, &error));
    assert_int_equal(seq, 2);
    must(changes_cursor_remove(store, "mail", &error));
    assert_int_equal(changes_cursor_get(store, "mail", &seq, &error), -ENOENT);
}

static void trimming_sets_nobody_back(void **state)
{
    (void)state;
    uint64_t seq;
    put_number(1);
    put_number(2);
    must(changes_trim(store, INT64_MAX, &error));
    expect(0, 10, "");
    must(changes_newest(store, &seq, &error));
    assert_int_equal(seq, 2);
    put_number(3);
    expect(seq, 10, "3:3.1 ");
}

static void what_a_follower_has_not_seen_stays(void **state)
{
    (void)state;
    put_number(1);
    put_number(2);
    put_number(3);
    must(changes_cursor_put(store, "mail", 2, &error));
    must(changes_cursor_put(store, "web", 1, &error));
    must(changes_trim(store, INT64_MAX, &error));
    expect(0, 10, "2:2.1 3:3.1 ");
}

static void what_is_new_stays_for_those_who_keep_no_place(void **state)
{
    (void)state;
    put_number(1);
    must(changes_trim(store, 1, &error));
    expect(0, 10, "1:1.1 ");
}

static void for_a_follower_far_back_only_the_newest_revisions_stay(void **state)
{
    (void)state;
    struct alert alert;
    must(changes_cursor_put(store, "mail", 0, &error));
    alert_build(&alert, 1);
    for (unsigned i = 0; i < 3; i++) {
        alert.count++;
        put(&alert);
        put_number(2);
    }
    expect(0, 10, "1:1.1 2:2.1 3:1.2 4:1.3 ");
    for (unsigned i = 0; i < 2; i++) {
        must(changes_trim(store, INT64_MAX, &error));
        expect(0, 10, "2:2.1 4:1.3 ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(every_new_revision_is_a_change),
        LIFE_TEST(a_follower_keeps_its_place),
        LIFE_TEST(trimming_sets_nobody_back),
        LIFE_TEST(what_a_follower_has_not_seen_stays),
        LIFE_TEST(what_is_new_stays_for_those_who_keep_no_place),
        LIFE_TEST(for_a_follower_far_back_only_the_newest_revisions_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
