/* test_feed_plain.c - tests of lists with one entry a line
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include "cmocka_all.h"
#include "feed_once.h"

#include <string.h>

static const struct {
    const char *line;
    enum refusal refusal;
    const char *host;
    enum scope scope;
    bool page;
} cases[] = {
    {"bad.com", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"  bad.com\t", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {".bad.com", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"*.bad.com", REFUSAL_NONE, "bad.com", SCOPE_CHILDREN, false},
    {"=bad.com", REFUSAL_NONE, "bad.com", SCOPE_EXACT, false},
    {"bad.com # note", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"bad.com ; note", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"bad.com // note", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"||bad.com^", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"||bad.com", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"||bad.com^|", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"||bad.com^$all", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"||bad.com^$important,document", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"||bad.com^$third-party", REFUSAL_RULE_OPTIONS, NULL, 0, false},
    {"||bad.com^path", REFUSAL_RULE_OPTIONS, NULL, 0, false},
    {"@@||good.com^", REFUSAL_EXCEPTION, NULL, 0, false},
    {"http://bad.com", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"http://bad.com/", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"https://bad.com/a/b.exe?c=d", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, true},
    {"https://bad.com#c", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"https://bad.com/a#c@good.com", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, true},
    {"https://bad.com?c=d", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, true},
    {"hxxp://user:secret@bad.com:8080/x", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, true},
    {"bad.com/login.php", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, true},
    {"bad.com:3333", REFUSAL_NONE, "bad.com", SCOPE_SUBTREE, false},
    {"1.2.3.4", REFUSAL_NONE, "1.2.3.4", SCOPE_SUBTREE, false},
    {"1.2.3.4:3333", REFUSAL_NONE, "1.2.3.4", SCOPE_SUBTREE, false},
    {"http://1.2.3.4/bin.sh", REFUSAL_NONE, "1.2.3.4", SCOPE_SUBTREE, true},
    {"1.2.3.0/24", REFUSAL_NONE, "1.2.3.0/24", SCOPE_SUBTREE, false},
    {"2001:db8::/32", REFUSAL_NONE, "2001:db8::/32", SCOPE_SUBTREE, false},
    {"2001:db8::1", REFUSAL_NONE, "2001:db8::1", SCOPE_SUBTREE, false},
    {"http://[2001:db8::1]:80/x", REFUSAL_NONE, "2001:db8::1", SCOPE_SUBTREE, true},
    {"[2001:db8::1]:80", REFUSAL_NONE, "2001:db8::1", SCOPE_SUBTREE, false},
    {"ads*.bad.com", REFUSAL_PATTERN, NULL, 0, false},
    {"*.*.bad.com", REFUSAL_PATTERN, NULL, 0, false},
    {"bad.com worse.com", REFUSAL_EXTRA_WORDS, NULL, 0, false},
    {"/login.php", REFUSAL_NOT_A_NAME, NULL, 0, false},
    {"http://", REFUSAL_NOT_A_NAME, NULL, 0, false},
    {"=", REFUSAL_NOT_A_NAME, NULL, 0, false},
    {"||^", REFUSAL_NOT_A_NAME, NULL, 0, false},
};

static void each_way_to_write_an_entry_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct feed_line out;
        struct slice line = {cases[i].line, strlen(cases[i].line)};
        enum refusal refusal = line_once(FEED_PLAIN, line, &out);
        if (refusal != cases[i].refusal)
            fail_msg("%s: %s", cases[i].line, refusal_slugs[refusal]);
        if (refusal)
            continue;
        assert_int_equal(out.item_count, 1);
        if (!slice_equal(out.items[0].host, cases[i].host))
            fail_msg("%s: %.*s", cases[i].line, (int)out.items[0].host.len, out.items[0].host.at);
        assert_int_equal(out.items[0].scope, cases[i].scope);
        assert_int_equal(out.items[0].page, cases[i].page);
        assert_int_equal(out.category, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_write_an_entry_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
