/* test_feed_seed.c - tests of lists in our own format
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include "cmocka_all.h"
#include "feed_once.h"

#include <string.h>

static const struct {
    const char *line;
    enum refusal refusal;
    enum category category;
    int confidence;
    enum scope scope;
} cases[] = {
    {"pool.com\tmining\t80\tpool\tits web page", REFUSAL_NONE, CATEGORY_MINING, 80, SCOPE_SUBTREE},
    {"=pool.com\tmining\t0\tpool\tits web page", REFUSAL_NONE, CATEGORY_MINING, 0, SCOPE_EXACT},
    {"*.a.com\tgateway\t100\twho\twhere", REFUSAL_NONE, CATEGORY_GATEWAY, 100, SCOPE_CHILDREN},
    {"1.2.3.0/24\tsinkhole\t95\twho\twhere", REFUSAL_NONE, CATEGORY_SINKHOLE, 95, SCOPE_SUBTREE},
    {"pool.com\tmining\t101\twho\twhere", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"pool.com\tmining\t-1\twho\twhere", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"pool.com\tmining\t9999\twho\twhere", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"pool.com\tmining\t\twho\twhere", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"pool.com\tpools\t80\twho\twhere", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"pool.com\tmining\t80\twho", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"pool.com\tmining\t80\twho\twhere\tmore", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"pool.com mining 80 who where", REFUSAL_BAD_COLUMNS, 0, 0, 0},
    {"\tmining\t80\twho\twhere", REFUSAL_BAD_COLUMNS, 0, 0, 0},
};

static void all_five_columns_are_needed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct feed_line out;
        struct slice line = {cases[i].line, strlen(cases[i].line)};
        enum refusal refusal = line_once(FEED_SEED, line, &out);
        if (refusal != cases[i].refusal)
            fail_msg("%s: %s", cases[i].line, refusal_slugs[refusal]);
        if (refusal)
            continue;
        assert_int_equal(out.category, cases[i].category);
        assert_int_equal(out.confidence, cases[i].confidence);
        assert_int_equal(out.items[0].scope, cases[i].scope);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_five_columns_are_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
