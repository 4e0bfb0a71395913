/* test_rule_guards.c - rules that share rare bytes are put behind these, others are not
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_guards.h"

#include "intel/rule_set.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct rule_set *set_of(const char *shared, unsigned count)
{
    static const struct rule_options options;
    char text[8192];
    size_t len = 0;
    struct error error;
    struct rule_set *set;
    struct rule_builder *builder = rule_builder_new(&options, NULL, NULL);
    assert_non_null(builder);
    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "alert dns any any -> any any (%s content:\"number%u@@@\"; "
                                "sid:%u;)\n",
                                shared, i + 1, i + 1);
    assert_int_equal(rule_builder_add_text(builder, "a.rules", text, len, &error), 0);
    assert_int_equal(rule_builder_finish(builder, &set, &error), 0);
    assert_int_equal(set->count, count);
    rule_builder_free(builder);
    return set;
}

static unsigned guards_of(const char *shared, unsigned count)
{
    static struct rule_guards guards;
    struct rule_set *set = set_of(shared, count);
    assert_true(rule_guards_init(&guards, set));
    unsigned made = guards.count;
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(rule_guard_of(&guards, set->rules[i]), made ? 0 : -1);
    rule_guards_done(&guards);
    rule_set_free(set);
    return made;
}

#define TXT "content:\"|00 00 10 00 01 c0 0c 00 10 00 01|\"; "

static void bytes_that_enough_rules_share_are_a_guard(void **state)
{
    (void)state;
    assert_int_equal(guards_of(TXT, RULE_GUARDED_MIN), 1);
    assert_int_equal(guards_of(TXT, RULE_GUARDED_MIN - 1), 0);
}

static void bytes_that_all_messages_have_or_must_not_have_are_none(void **state)
{
    (void)state;
    assert_int_equal(guards_of("content:\"|00 01 00 01|\"; ", RULE_GUARDED_MIN), 0);
    assert_int_equal(guards_of("content:!\"v=DKIM1\"; ", RULE_GUARDED_MIN), 0);
    assert_int_equal(guards_of("dns.query; content:\"shared\"; ", RULE_GUARDED_MIN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_enough_rules_share_are_a_guard),
        cmocka_unit_test(bytes_that_all_messages_have_or_must_not_have_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
