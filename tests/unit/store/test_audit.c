/* test_audit.c - the trail tells who did what, and shows when it was altered
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"
#include "store/handle.h"

#include "life_fixture.h"

#include <errno.h>

static void add(const char *actor, const char *action, const char *object)
{
    const struct audit_entry entry = {
        .time_ns = 5, .actor = actor, .action = action, .object = object, .to = "x"};
    must(store_begin(store, &error));
    must(store_end(store, audit_add(store, &entry, &error), &error));
}

static uint64_t broken(void)
{
    uint64_t seq;
    must(audit_verify(store, &seq, &error));
    return seq;
}

static int seq_add(void *context, uint64_t seq, const struct audit_entry *entry,
                   const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)entry, (void)hash;
    char *text = context;
    sprintf(text + strlen(text), "%llu ", (unsigned long long)seq);
    return 0;
}

static void entries_are_chosen_by_object_kind_actor_and_place(void **state)
{
    (void)state;
    static const struct {
        struct audit_filter filter;
        const char *seqs;
    } cases[] = {
        {{0}, "1 2 3 4 "},
        {{.object = "alert/1"}, "1 3 "},
        {{.object = "alert/"}, "1 3 4 "},
        {{.actor = "user:bob"}, "2 3 "},
        {{.action = "note", .actor = "user:bob"}, "3 "},
        {{.after_seq = 2, .limit = 1}, "3 "},
        {{.newest_first = true}, "4 3 2 1 "},
        {{.newest_first = true, .object = "alert/1"}, "3 1 "},
        {{.newest_first = true, .after_seq = 3, .limit = 1}, "2 "},
        {{.since_ns = 6}, ""},
        {{.until_ns = 6}, "1 2 3 4 "},
    };
    add("user:ann", "status", "alert/1");
    add("user:bob", "add", "user/carl");
    add("user:bob", "note", "alert/1");
    add("dnsvigil", "status", "alert/10");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[64] = "";
        must(audit_list(store, &cases[i].filter, seq_add, text, &error));
        assert_string_equal(text, cases[i].seqs);
    }
}

static void what_was_altered_cut_out_or_cut_off_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        uint64_t seq;
    } cases[] = {
        {"UPDATE audit SET actor = 'user:eve' WHERE seq = 2", 2},
        {"UPDATE audit SET time_ns = 6 WHERE seq = 3", 3},
        {"UPDATE audit SET to_value = '', reason = 'x' WHERE seq = 1", 1},
        {"DELETE FROM audit WHERE seq = 2", 3},
        {"DELETE FROM audit WHERE seq = 4", 4},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (i > 0)
            assert_int_equal(fixture_make(NULL), 0);
        for (unsigned n = 0; n < 4; n++)
            add("user:ann", "status", "alert/1");
        assert_int_equal(broken(), 0);
        assert_int_equal(meddle(cases[i].sql), SQLITE_CONSTRAINT);
        assert_int_equal(meddle("DROP TRIGGER audit_stays; DROP TRIGGER audit_kept"), SQLITE_OK);
        assert_int_equal(meddle(cases[i].sql), SQLITE_OK);
        assert_int_equal(broken(), cases[i].seq);
        if (i + 1 < sizeof(cases) / sizeof(cases[0]))
            assert_int_equal(fixture_remove(NULL), 0);
    }
}

static void a_change_that_fails_leaves_no_entry(void **state)
{
    (void)state;
    const struct audit_entry entry = {.actor = "user:ann", .action = "add", .object = "user/bob"};
    must(store_begin(store, &error));
    must(audit_add(store, &entry, &error));
    assert_int_equal(store_end(store, -EINVAL, &error), -EINVAL);
    char text[64] = "";
    must(audit_list(store, &(struct audit_filter){0}, seq_add, text, &error));
    assert_string_equal(text, "");
    assert_int_equal(broken(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(entries_are_chosen_by_object_kind_actor_and_place),
        LIFE_TEST(what_was_altered_cut_out_or_cut_off_is_found),
        LIFE_TEST(a_change_that_fails_leaves_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
