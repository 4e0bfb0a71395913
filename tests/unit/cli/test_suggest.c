/* test_suggest.c - a slip of the fingers is recognised, another word is not
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/suggest.h"

#include "cmocka_all.h"

static void likely_slips_find_the_word_and_others_do_not(void **state)
{
    (void)state;
    static const char *const known[] = {"analyze", "alerts", "explain", "describe", "check"};
    static const struct {
        const char *typed, *best;
    } cases[] = {
        {"alrts", "alerts"},
        {"analyse", "analyze"},
        {"aler", "alerts"},
        {"chekc", "check"},
        {"descibe", "describe"},
        {"explan", "explain"},
        {"zzz", NULL},
        {"x", NULL},
        {"", NULL},
        {"import", NULL},
        {"a-word-that-is-much-longer-than-any-word-that-we-have-here", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct suggestion suggestion = suggest_start(cases[i].typed);
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
            suggest_offer(&suggestion, known[k]);
        if (!cases[i].best)
            assert_null(suggestion.best);
        else
            assert_string_equal(suggestion.best, cases[i].best);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likely_slips_find_the_word_and_others_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
