/* test_feed_stix.c - tests of STIX 2 bundles
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

#define BUNDLE(members) "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\"," members "}]}"
#define PATTERN(text)   BUNDLE("\"pattern\":\"" text "\"")

static void comparisons_that_hold_by_themselves_are_taken(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {PATTERN("[domain-name:value='bad.com']"), "bad.com"},
        {PATTERN("[domain-name:value = 'a.com' OR domain-name:value = 'b.com']"), "a.com b.com"},
        {PATTERN("[domain-name:value IN ('a.com', 'b.com')] OR [ipv4-addr:value = '9.9.9.9']"),
         "a.com b.com #9.9.9.9"},
        {PATTERN("[ipv4-addr:value ISSUBSET '9.9.9.0/24']"), "#9.9.9.0/24"},
        {PATTERN("[ipv6-addr:value = '2a00::1']"), "#2a00::1"},
        {PATTERN("[url:value = 'http://bad.com:80/it\\\\'s']"), "=bad.com/"},
        {PATTERN("[domain-name:value = 'a.com'] START t'2024-01-01T00:00:00Z' STOP "
                 "t'2025-01-01T00:00:00Z'"),
         "a.com"},
        {PATTERN("[network-traffic:dst_ref.value = 'a.com' OR network-traffic:dst_ref.value = "
                 "'9.9.9.9']"),
         "a.com 9.9.9.9"},
        {PATTERN("[file:name = 'x' OR domain-name:value = 'a.com']"), "a.com -1:other-type"},
    };
    LISTS_SHOW(FEED_STIX, cases);
}

static void patterns_that_dns_cannot_decide_are_refused(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {PATTERN("[domain-name:value = 'a.com' AND network-traffic:dst_port = 443]"),
         "-1:combined"},
        {PATTERN("[domain-name:value = 'a.com'] FOLLOWEDBY [url:value = 'http://b.com/']"),
         "-1:combined"},
        {PATTERN("[domain-name:value = 'a.com'] REPEATS 5 TIMES WITHIN 60 SECONDS"), "-1:combined"},
        {PATTERN("[NOT domain-name:value = 'a.com']"), "-1:combined"},
        {PATTERN("[domain-name:value != 'a.com']"), "-1:bad-entry"},
        {PATTERN("[domain-name:value LIKE '%.a.com']"), "-1:loose"},
        {PATTERN("[domain-name:value MATCHES '^a']"), "-1:loose"},
        {PATTERN("[email-addr:value = 'x@a.com']"), "-1:other-type"},
        {PATTERN("[domain-name:value = 'a.com"), "-1:bad-entry"},
        {PATTERN("[]"), "-1:bad-entry"},
        {PATTERN(""), "-1:bad-entry"},
        {BUNDLE("\"name\":\"x\""), "-1:bad-entry"},
    };
    LISTS_SHOW(FEED_STIX, cases);
}

#define WITH(members) BUNDLE("\"pattern\":\"[domain-name:value='a.com']\"," members)

static void an_indicator_says_how_long_how_sure_and_what(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {WITH("\"valid_until\":\"2030-01-01T00:00:00Z\",\"confidence\":70"), "a.com%70@1893456000"},
        {WITH("\"labels\":[\"Phishing\",\"other\"]"), "a.com:phishing"},
        {WITH("\"indicator_types\":[\"malicious-activity\"]"), "a.com"},
        {WITH("\"kill_chain_phases\":[{\"kill_chain_name\":\"x\",\"phase_name\":\"command-and-"
              "control\"}]"),
         "a.com:c2"},
        {WITH("\"indicator_types\":[\"benign\"]"), "-1:benign"},
        {WITH("\"revoked\":true"), "-1:revoked"},
        {WITH("\"pattern_type\":\"snort\""), "-1:other-type"},
        {WITH("\"confidence\":101"), "-1:bad-entry"},
        {WITH("\"confidence\":\"high\""), "-1:bad-entry"},
        {WITH("\"valid_until\":\"soon\""), "-1:bad-entry"},
    };
    LISTS_SHOW(FEED_STIX, cases);
}

static void other_objects_say_nothing(void **state)
{
    (void)state;
    assert_string_equal(
        list_show(FEED_AUTO, NULL,
                  "{\"id\":\"x\",\"objects\":[{\"type\":\"malware\"},{},7,{\"type\":"
                  "\"domain-name\",\"value\":\"a.com\"}]}"),
        "");
}

static enum refusal line_keep(void *arg, const struct feed_indicator *indicator)
{
    snprintf(arg, 64, "%.*s", (int)indicator->line.len, indicator->line.at);
    return REFUSAL_NONE;
}

static void evidence_is_the_pattern_and_the_name(void **state)
{
    (void)state;
    static const char text[] = WITH("\"name\":\"Stealer\"");
    char line[64];
    struct feed_source source = {.path = "f", .format = FEED_STIX, .sink = line_keep, .arg = line};
    struct feed_report report;
    struct error error;
    assert_int_equal(feed_read(&source, text, strlen(text), &report, &error), 0);
    assert_string_equal(line, "[domain-name:value='a.com'] # Stealer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_that_hold_by_themselves_are_taken),
        cmocka_unit_test(patterns_that_dns_cannot_decide_are_refused),
        cmocka_unit_test(an_indicator_says_how_long_how_sure_and_what),
        cmocka_unit_test(other_objects_say_nothing),
        cmocka_unit_test(evidence_is_the_pattern_and_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
