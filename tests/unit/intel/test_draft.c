/* test_draft.c - tests of indicators before they are indexed
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/draft.h"

#include "cmocka_all.h"

#include <string.h>

static enum draft_verdict add(struct draft *draft, uint64_t hash, const char *key, unsigned kind)
{
    struct draft_entry entry = {.hash = hash, .kind = (uint16_t)kind};
    struct record record = {.key = (const uint8_t *)key, .key_len = (uint8_t)strlen(key)};
    return draft_add(draft, &entry, &record);
}

static void a_record_reads_back_with_its_line(void **state)
{
    (void)state;
    struct draft draft = {0};
    draft_feed(&draft);
    struct draft_entry entry = {.hash = 5};
    struct record in = {.attribute = 0x7fff,
                        .key = (const uint8_t *)"key",
                        .key_len = 3,
                        .line = "the line",
                        .line_len = 8};
    assert_int_equal(draft_add(&draft, &entry, &in), DRAFT_ADDED);
    struct record out;
    const uint8_t *end = record_read(draft.records, &out);
    assert_int_equal(out.attribute, 0x7fff);
    assert_int_equal(out.key_len, 3);
    assert_memory_equal(out.key, "key", 3);
    assert_int_equal(out.line_len, 8);
    assert_memory_equal(out.line, "the line", 8);
    assert_ptr_equal(end, draft.records + draft.bytes);
    draft_done(&draft);
}

static void only_equal_key_and_kind_are_duplicates(void **state)
{
    (void)state;
    struct draft draft = {0};
    draft_feed(&draft);
    assert_int_equal(add(&draft, 1, "a", 0), DRAFT_ADDED);
    assert_int_equal(add(&draft, 1, "a", 0), DRAFT_DUPLICATE);
    assert_int_equal(add(&draft, 1, "a", 1), DRAFT_ADDED);
    assert_int_equal(add(&draft, 1, "b", 0), DRAFT_ADDED);
    assert_int_equal(add(&draft, 1, "ab", 0), DRAFT_ADDED);
    assert_int_equal(draft.count, 4);
    draft_done(&draft);
}

static void two_feeds_may_say_the_same(void **state)
{
    (void)state;
    struct draft draft = {0};
    draft_feed(&draft);
    assert_int_equal(add(&draft, 1, "a", 0), DRAFT_ADDED);
    draft_feed_end(&draft);
    draft_feed(&draft);
    assert_int_equal(add(&draft, 1, "a", 0), DRAFT_ADDED);
    draft_done(&draft);
}

static void a_rewound_feed_leaves_no_trace(void **state)
{
    (void)state;
    struct draft draft = {0};
    draft_feed(&draft);
    add(&draft, 1, "first", 0);
    draft_feed_end(&draft);
    size_t bytes = draft.bytes;
    draft_feed(&draft);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(add(&draft, i, "second", i % 7), DRAFT_ADDED);
    draft_rewind(&draft);
    assert_int_equal(draft.count, 1);
    assert_int_equal(draft.bytes, bytes);
    draft_feed(&draft);
    assert_int_equal(add(&draft, 3, "second", 3), DRAFT_ADDED);
    draft_done(&draft);
}

static void duplicates_are_found_after_the_table_has_grown(void **state)
{
    (void)state;
    struct draft draft = {0};
    draft_feed(&draft);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(add(&draft, i * 2654435761u, "k", 0), DRAFT_ADDED);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(add(&draft, i * 2654435761u, "k", 0), DRAFT_DUPLICATE);
    draft_done(&draft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_reads_back_with_its_line),
        cmocka_unit_test(only_equal_key_and_kind_are_duplicates),
        cmocka_unit_test(two_feeds_may_say_the_same),
        cmocka_unit_test(a_rewound_feed_leaves_no_trace),
        cmocka_unit_test(duplicates_are_found_after_the_table_has_grown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
