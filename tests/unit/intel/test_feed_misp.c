/* test_feed_misp.c - tests of events and warninglists of MISP
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

#define ATTRIBUTE(type, value, more) "{\"type\":\"" type "\",\"value\":\"" value "\"" more "}"
#define EVENT(attributes)            "{\"Event\":{\"info\":\"x\",\"Attribute\":[" attributes "]}}"

static void attributes_about_names_and_addresses_are_taken(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {EVENT(ATTRIBUTE("domain", "bad.com", ",\"to_ids\":true")), "bad.com"},
        {EVENT(ATTRIBUTE("hostname", "x.bad.com", "")), "=x.bad.com"},
        {EVENT(ATTRIBUTE("domain|ip", "bad.com|9.9.9.9", "")), "bad.com #9.9.9.9"},
        {EVENT(ATTRIBUTE("hostname|port", "bad.com|443", "")), "=bad.com"},
        {EVENT(
             ATTRIBUTE("ip-dst|port", "9.9.9.9|443", "") "," ATTRIBUTE("ip-src", "2a00::/32", "")),
         "#9.9.9.9 #2a00::/32"},
        {EVENT(ATTRIBUTE("url", "http://bad.com/x", "")), "=bad.com/"},
    };
    LISTS_SHOW(FEED_MISP, cases);
}

static void attributes_that_do_not_mean_an_alert_are_refused(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {EVENT(ATTRIBUTE("domain", "a.com", ",\"deleted\":true")), "-1:revoked"},
        {EVENT(ATTRIBUTE("sha256", "00", "") "," ATTRIBUTE("email-src", "a@b.com", "")),
         "-1:other-type -2:other-type"},
        {EVENT("7,{},{\"type\":\"domain\",\"value\":\"\"},{\"type\":1,\"value\":2}"),
         "-1:bad-entry -2:bad-entry -3:bad-entry -4:bad-entry"},
        {EVENT(ATTRIBUTE("domain", "a\\u0000.com", "")), "-1:bad-entry"},
        {EVENT(ATTRIBUTE("url", "http://", "")), "-1:not-a-name"},
    };
    LISTS_SHOW(FEED_MISP, cases);
}

static void attributes_for_information_are_skipped_and_counted(void **state)
{
    (void)state;
    static const char list[] =
        EVENT(ATTRIBUTE("domain", "a.com", ",\"to_ids\":false") "," ATTRIBUTE(
            "sha256", "00",
            ",\"to_ids\":false") "," ATTRIBUTE("domain", "b.com",
                                               ",\"to_ids\":true") "," ATTRIBUTE("sha256", "00",
                                                                                 ""));
    char shown[SHOWN_MAX] = "";
    const struct feed_source source = {
        .path = "list", .format = FEED_MISP, .sink = indicator_show, .arg = shown};
    struct feed_report report;
    struct error error;
    assert_int_equal(feed_read(&source, list, strlen(list), &report, &error), 0);
    assert_string_equal(shown, "b.com");
    assert_int_equal(report.lines, 4);
    assert_int_equal(report.skipped, 2);
    assert_int_equal(report.refused, 1);
    assert_int_equal(report.refused_by[REFUSAL_OTHER_TYPE], 1);
    struct feed_source all = source;
    all.informational = true;
    shown[0] = 0;
    assert_int_equal(feed_read(&all, list, strlen(list), &report, &error), 0);
    assert_string_equal(shown, "a.com b.com");
    assert_int_equal(report.skipped, 0);
    assert_int_equal(report.refused, 2);
}

static void events_come_wrapped_in_many_ways(void **state)
{
    (void)state;
#define ONE ATTRIBUTE("domain", "a.com", "")
    static const struct list_case cases[] = {
        {"{\"response\":[" EVENT(ONE) "," EVENT(ONE) "]}", "a.com a.com"},
        {"[" EVENT(ONE) "]", "a.com"},
        {"{\"response\":{\"Attribute\":[" ONE "]}}", "a.com"},
        {"{\"Attribute\":[" ONE "]}", "a.com"},
        {"{\"Event\":{\"Object\":[{\"name\":\"o\",\"Attribute\":[" ONE "]}]}}", "a.com"},
        {"{\"Event\":{\"Related\":{\"Event\":{\"Attribute\":[" ONE "]}}}}", ""},
        {"[[[[[[[[[[[" EVENT(ONE) "]]]]]]]]]]]", ""},
    };
    LISTS_SHOW(FEED_MISP, cases);
}

static void tags_of_the_event_hold_for_its_attributes(void **state)
{
    (void)state;
#define TAGGED(tags)                                                                               \
    "{\"Event\":{\"Attribute\":[" ATTRIBUTE(                                                       \
        "domain", "a.com", ",\"Tag\":[{\"name\":\"phishing\"}]") "," ONE "],\"Tag\":[" tags "]}}"
    static const struct list_case cases[] = {
        {TAGGED("{\"name\":\"misp:confidence-level=\\\"usually-confident\\\"\"}"),
         "a.com:phishing%75 a.com%75"},
        {TAGGED("{\"name\":\"kill-chain:Command and Control\"}"), "a.com:phishing a.com:c2"},
        {TAGGED("{\"name\":\"benign\"}"), "-1:benign -2:benign"},
        {TAGGED("7,{\"name\":7}"), "a.com:phishing a.com"},
    };
    LISTS_SHOW(FEED_MISP, cases);
}

#define WARNINGS(type, list) "{\"name\":\"n\",\"list\":[" list "],\"type\":\"" type "\"}"

static void warninglists_reach_as_far_as_their_type_says(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {WARNINGS("string", "\"a.com\",\".b.com\""), "=a.com b.com"},
        {WARNINGS("hostname", "\"a.com\",\".b.com\""), "a.com b.com"},
        {WARNINGS("cidr", "\"9.9.9.0/24\""), "9.9.9.0/24"},
        {WARNINGS("substring", "\"a.com\""), "-1:loose"},
        {WARNINGS("regex", "\"/a/\""), "-1:loose"},
        {WARNINGS("string", "7,\"\",\"a.com\""), "=a.com -1:bad-entry -2:bad-entry"},
    };
    LISTS_SHOW(FEED_MISP_WARNINGLIST, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_about_names_and_addresses_are_taken),
        cmocka_unit_test(attributes_that_do_not_mean_an_alert_are_refused),
        cmocka_unit_test(attributes_for_information_are_skipped_and_counted),
        cmocka_unit_test(events_come_wrapped_in_many_ways),
        cmocka_unit_test(tags_of_the_event_hold_for_its_attributes),
        cmocka_unit_test(warninglists_reach_as_far_as_their_type_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
