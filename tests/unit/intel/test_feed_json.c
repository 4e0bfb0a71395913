/* test_feed_json.c - tests of walking JSON without building it
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

#include "intel/feed_json.h"

#include <stdlib.h>

static void broken_json_says_where_and_why(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"{\"objects\":[", "list: byte 12: the JSON ends too early"},
        {"{\"objects\":[{\"a\":[1,2}", "list: byte 21: the wrong bracket closes"},
        {"{\"objects\":[{\"a", "list: byte 15: the JSON ends within a string"},
        {"{\"objects\":[{} {}]}", "list: byte 15: a comma was expected"},
        {"{\"objects\" []}", "list: byte 11: a colon was expected"},
        {"{objects:[]}", "list: byte 1: a key was expected"},
        {"{\"objects\":,}", "list: byte 11: an array was expected"},
        {"{\"objects\":[]} x", "list: byte 15: something follows the JSON"},
        {"{\"a\":]}", "list: byte 5: a value was expected"},
        {"[]", "list: byte 0: an object was expected"},
        {"{\"objects\":{}}", "list: byte 11: an array was expected"},
    };
    LISTS_SHOW(FEED_STIX, cases);
}

static void brackets_may_be_nested_64_deep(void **state)
{
    (void)state;
    char text[256];
    for (int depth = FEED_DEPTH_MAX; depth <= FEED_DEPTH_MAX + 1; depth++) {
        char *end = stpcpy(text, "{\"x\":");
        end = (char *)memset(end, '[', (size_t)depth) + depth;
        end = (char *)memset(end, ']', (size_t)depth) + depth;
        strcpy(end, ",\"objects\":[]}");
        assert_string_equal(
            list_show(FEED_STIX, NULL, text),
            depth == FEED_DEPTH_MAX ? "" : "list: byte 69: more than 64 brackets are open");
    }
}

static void an_entry_over_1_mib_is_refused_by_itself(void **state)
{
    (void)state;
    static const char head[] = "{\"list\":[\"", tail[] = "\",\"a.com\"],\"type\":\"string\"}";
    char *text = malloc(FEED_ENTRY_MAX + sizeof(head) + sizeof(tail));
    assert_non_null(text);
    char *end = stpcpy(text, head);
    memset(end, 'a', FEED_ENTRY_MAX);
    strcpy(end + FEED_ENTRY_MAX, tail);
    assert_string_equal(list_show(FEED_AUTO, NULL, text), "=a.com -1:long-entry");
    free(text);
}

static void an_entry_that_jansson_does_not_take_is_refused_by_itself(void **state)
{
    (void)state;
    assert_string_equal(
        list_show(FEED_AUTO, NULL,
                  "{\"list\":[\"\\ud800\",\"\xff\",nonsense,\"a.com\"],\"type\":\"string\"}"),
        "=a.com -1:bad-entry -2:bad-entry -3:bad-entry");
}

static void formats_are_told_by_their_keys(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum feed_format format;
    } cases[] = {
        {"{\"type\":\"bundle\",\"id\":1,\"objects\":[]}", FEED_STIX},
        {"{\"Event\":{}}", FEED_MISP},
        {"[{\"Event\":{}}]", FEED_MISP},
        {"{\"response\":[]}", FEED_MISP},
        {"{\"description\":\"d\",\"list\":[]}", FEED_MISP_WARNINGLIST},
        {"{\"error\":\"quota\"}", FEED_AUTO},
        {"{}", FEED_AUTO},
        {"[]", FEED_AUTO},
        {"[[[{\"Event\":1}]]]", FEED_AUTO},
        {"{\"a\":", FEED_AUTO},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(feed_json_detect(cases[i].text, strlen(cases[i].text)), cases[i].format);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_json_says_where_and_why),
        cmocka_unit_test(brackets_may_be_nested_64_deep),
        cmocka_unit_test(an_entry_over_1_mib_is_refused_by_itself),
        cmocka_unit_test(an_entry_that_jansson_does_not_take_is_refused_by_itself),
        cmocka_unit_test(formats_are_told_by_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
