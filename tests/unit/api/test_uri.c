/* test_uri.c - paths, queries and cookies are taken apart, and what is odd about them is refused
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "api/uri.h"

#include <errno.h>
#include <string.h>

static void escapes_are_undone_once_and_control_characters_refused(void **context)
{
    (void)context;
    static const struct {
        const char *text;
        bool plus;
        const char *decoded; /* NULL: refused */
    } cases[] = {
        {"plain", false, "plain"},
        {"a%2Fb", false, "a/b"},
        {"a%2525", false, "a%25"},
        {"a+b", true, "a b"},
        {"a+b", false, "a+b"},
        {"%E2%82%ac", false, "\u20ac"},
        {"", false, ""},
        {"%", false, NULL},
        {"%2", false, NULL},
        {"%zz", false, NULL},
        {"%00", false, NULL},
        {"%0a", false, NULL},
        {"%ff", false, NULL},
        {"0123456789abcdef", 0, NULL},
        {"0123456789abcde", 0, "0123456789abcde"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char decoded[16];
        bool ok = uri_decode(cases[i].text, strlen(cases[i].text), cases[i].plus, decoded,
                             sizeof(decoded));
        assert_int_equal(ok, cases[i].decoded != NULL);
        if (ok)
            assert_string_equal(decoded, cases[i].decoded);
    }
}

static void a_pattern_takes_whole_segments(void **context)
{
    (void)context;
    static const struct {
        const char *pattern, *path, *capture; /* NULL: does not fit */
    } cases[] = {
        {"/a/{x}", "/a/b", "b"},
        {"/a/{x}", "/a/b%20c", "b c"},
        {"/a/{x}", "/a/", NULL},
        {"/a/{x}", "/a", NULL},
        {"/a/{x}", "/a/b/", NULL},
        {"/a/{x}", "/a/b/c", NULL},
        {"/a/{x}/c", "/a/b/c", "b"},
        {"/a/{x}", "/a/%00", NULL},
        {"/a/{x}", "a/b", NULL},
        {"/a/{x}/c", "/a/b/C", NULL},
        {"/subscriptions/{x}/Alerts", "/subscriptions/b/alerts", "b"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        static char captures[API_CAPTURES_MAX][API_CAPTURE_MAX];
        bool fits = uri_match(cases[i].pattern, cases[i].path, captures);
        assert_int_equal(fits, cases[i].capture != NULL);
        if (fits)
            assert_string_equal(captures[0], cases[i].capture);
    }
}

static void parameters_come_one_after_the_other(void **context)
{
    (void)context;
    char out[64];
    const char *query = "&a=1&&b=x+y&c";
    assert_int_equal(uri_parameter_next(&query, out, sizeof(out)), 4);
    assert_memory_equal(out, "a\0001", 4);
    assert_int_equal(uri_parameter_next(&query, out, sizeof(out)), 6);
    assert_memory_equal(out, "b\0x y", 6);
    assert_int_equal(uri_parameter_next(&query, out, sizeof(out)), 3);
    assert_memory_equal(out, "c\0", 3);
    assert_int_equal(uri_parameter_next(&query, out, sizeof(out)), 0);
    query = "=1";
    assert_int_equal(uri_parameter_next(&query, out, sizeof(out)), -EBADMSG);
    query = "a=%q";
    assert_int_equal(uri_parameter_next(&query, out, sizeof(out)), -EBADMSG);
    query = "abc=defgh";
    assert_int_equal(uri_parameter_next(&query, out, 8), -EBADMSG);
}

static void a_cookie_is_found_by_its_whole_name(void **context)
{
    (void)context;
    char value[8];
    assert_true(cookie_find("x=1; dnsvigil=abc; y=2", "dnsvigil", value, sizeof(value)));
    assert_string_equal(value, "abc");
    assert_false(cookie_find("xdnsvigil=abc; dnsvigilx=1", "dnsvigil", value, sizeof(value)));
    assert_false(cookie_find("dnsvigil=12345678", "dnsvigil", value, sizeof(value)));
    assert_false(cookie_find(NULL, "dnsvigil", value, sizeof(value)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_undone_once_and_control_characters_refused),
        cmocka_unit_test(a_pattern_takes_whole_segments),
        cmocka_unit_test(parameters_come_one_after_the_other),
        cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
