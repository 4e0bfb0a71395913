/* test_builder.c - tests of loading lists: what is taken, what is refused and what the report says
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/builder.h"

#include "base/clock.h"

#include <dnsvigil/name.h>

#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct suffix_list *suffixes;
static struct intel_builder *builder;
static struct feed_report report;
static struct error error;

static int suffixes_load(void **state)
{
    (void)state;
    suffixes = suffix_list_new(NULL, &error);
    return suffixes ? 0 : -1;
}

static int suffixes_free(void **state)
{
    (void)state;
    suffix_list_free(suffixes);
    return 0;
}

static int builder_setup(void **state)
{
    (void)state;
    builder = intel_builder_new(suffixes);
    return builder ? 0 : -1;
}

static int builder_teardown(void **state)
{
    (void)state;
    intel_builder_free(builder);
    return 0;
}

static int add_as(enum category category, enum feed_format format, const char *text)
{
    struct feed_config config = {.name = "feed",
                                 .path = "feed.txt",
                                 .category = category,
                                 .confidence = 80,
                                 .format = format};
    return intel_builder_add_text(builder, &config, text, strlen(text), &report, &error);
}

static int add(const char *text)
{
    return add_as(CATEGORY_MALWARE, FEED_AUTO, text);
}

/* The line behind the first hit for a name or address, or NULL. */
static const char *line_of(struct intel *intel, const char *text)
{
    static struct intel_entry entry;
    struct dns_name name;
    struct addr addr;
    struct indicator_hit hit;
    unsigned count;
    if (addr_parse(text, strlen(text), &addr)) {
        count = intel_match_addr(intel, &addr, 0, &hit, 1);
    } else {
        assert_true(name_from_text(&name, text, strlen(text)));
        count = intel_match_name(intel, &name, 0, &hit, 1);
    }
    if (count == 0)
        return NULL;
    intel_entry(intel, &hit, &entry);
    return entry.entry;
}

static void each_entry_reads_back_as_the_line_it_came_from(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *line;
    } cases[] = {
        {"plain.com", "plain.com"},
        {"dot.com", "dot.com."},
        {"upper.com", "UPPER.com"},
        {"note.com", "note.com # a note"},
        {"rule.com", "||rule.com^"},
        {"x.star.com", "*.star.com"},
        {"xn--bcher-kva.com", "b\xc3\xbc"
                              "cher.com"},
        {"url.com", "http://url.com/a?b"},
        {"9.9.9.9", "9.9.9.9"},
        {"9.9.8.7", "9.9.8.0/24"},
        {"9.9.7.6", "9.9.7.6:4444 # port"},
        {"2a00::5", "2a00::5"},
        {"2a01:0:0:1::9", "2a01:0:0:1::/64"},
        {"2a02::1", "2A02:0::1"},
    };
    char text[1024] = "";
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        strcat(text, "  ");
        strcat(text, cases[i].line);
        strcat(text, "\r\n");
    }
    assert_int_equal(add(text), 0);
    assert_int_equal(report.added, sizeof(cases) / sizeof(*cases));
    assert_int_equal(report.refused, 0);
    struct intel *intel = intel_build(builder, &error);
    assert_non_null(intel);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *line = line_of(intel, cases[i].name);
        assert_non_null(line);
        assert_string_equal(line, cases[i].line);
    }
    intel_free(intel);
}

static void hosts_lines_read_back_with_their_address(void **state)
{
    (void)state;
    assert_int_equal(add("127.0.0.1 localhost\n0.0.0.0 a.com\n0.0.0.0 b.com c.com # two\n"), 0);
    assert_int_equal(report.format, FEED_HOSTS);
    assert_int_equal(report.added, 3);
    struct intel *intel = intel_build(builder, &error);
    assert_string_equal(line_of(intel, "a.com"), "0.0.0.0 a.com");
    assert_string_equal(line_of(intel, "b.com"), "0.0.0.0 b.com c.com # two");
    assert_string_equal(line_of(intel, "c.com"), "0.0.0.0 b.com c.com # two");
    assert_null(line_of(intel, "www.a.com"));
    intel_free(intel);
}

static void a_long_line_is_kept_up_to_255_bytes(void **state)
{
    (void)state;
    char text[600] = "bad.com # ";
    memset(text + 10, 'x', sizeof(text) - 11);
    assert_int_equal(add(text), 0);
    struct intel *intel = intel_build(builder, &error);
    const char *line = line_of(intel, "bad.com");
    assert_int_equal(strlen(line), 255);
    assert_memory_equal(line, text, 255);
    intel_free(intel);
}

static void more_line_shapes_than_the_table_holds_are_all_kept(void **state)
{
    (void)state;
    char text[8192];
    size_t len = 0;
    for (unsigned i = 0; i < 200; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "d%u.com # note %u\n", i, i);
    assert_int_equal(add(text), 0);
    struct intel *intel = intel_build(builder, &error);
    for (unsigned i = 0; i < 200; i++) {
        char name[32], line[64];
        snprintf(name, sizeof(name), "d%u.com", i);
        snprintf(line, sizeof(line), "d%u.com # note %u", i, i);
        assert_string_equal(line_of(intel, name), line);
    }
    intel_free(intel);
}

static void refused_lines_are_reported_with_number_and_reason(void **state)
{
    (void)state;
    assert_int_equal(add("# head\ncom\ngood.com\n10.0.0.1\nco.uk\n1.2.3.4/24\na b\n"), 0);
    static const struct {
        uint32_t line;
        enum refusal reason;
        const char *text;
    } expected[] = {
        {2, REFUSAL_SINGLE_LABEL, "com"},    {4, REFUSAL_PRIVATE_ADDRESS, "10.0.0.1"},
        {5, REFUSAL_PUBLIC_SUFFIX, "co.uk"}, {6, REFUSAL_BAD_PREFIX, "1.2.3.4/24"},
        {7, REFUSAL_EXTRA_WORDS, "a b"},
    };
    assert_int_equal(report.lines, 7);
    assert_int_equal(report.added, 1);
    assert_int_equal(report.refused, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(report.first_refused[i].line, expected[i].line);
        assert_int_equal(report.first_refused[i].reason, expected[i].reason);
        assert_string_equal(report.first_refused[i].text, expected[i].text);
        assert_int_equal(report.refused_by[expected[i].reason], 1);
    }
}

static void what_a_list_says_of_an_entry_stands_above_the_feed(void **state)
{
    (void)state;
    static const char text[] =
        "{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[domain-name:value='own.com']\","
        "\"confidence\":33,\"labels\":[\"phishing\"],\"valid_until\":\"2030-01-01T10:00:00Z\"},"
        "{\"type\":\"indicator\",\"name\":\"x\",\"pattern\":\"[domain-name:value='feeds.com']\"}]}";
    const int64_t day_ns = 86400 * NS_PER_S, begin_2030_ns = 1893456000 * NS_PER_S;
    assert_int_equal(add(text), 0);
    struct intel *intel = intel_build(builder, &error);
    struct intel_entry entry;
    struct indicator_hit hit;
    struct dns_name name;
    assert_true(name_from_text(&name, "own.com", 7));
    assert_int_equal(intel_match_name(intel, &name, begin_2030_ns + day_ns - 1, &hit, 1), 1);
    intel_entry(intel, &hit, &entry);
    assert_int_equal(entry.category, CATEGORY_PHISHING);
    assert_int_equal(entry.confidence, 33);
    assert_int_equal(entry.expires_ns, begin_2030_ns + day_ns); /* to the end of the day */
    assert_string_equal(entry.entry, "[domain-name:value='own.com']");
    assert_int_equal(intel_match_name(intel, &name, begin_2030_ns + day_ns, &hit, 1), 0);
    assert_true(name_from_text(&name, "feeds.com", 9));
    assert_int_equal(intel_match_name(intel, &name, 0, &hit, 1), 1);
    intel_entry(intel, &hit, &entry);
    assert_int_equal(entry.category, CATEGORY_MALWARE);
    assert_int_equal(entry.confidence, 80);
    assert_string_equal(entry.entry, "[domain-name:value='feeds.com'] # x");
    intel_free(intel);
}

static void what_stands_in_code_is_found_and_shown_as_it_stands(void **state)
{
    (void)state;
    assert_int_equal(add("YmFkLmNvbQ==\n"), 0);
    assert_int_equal(report.format, FEED_SURICATA);
    struct intel *intel = intel_build(builder, &error);
    assert_string_equal(line_of(intel, "bad.com"), "YmFkLmNvbQ==");
    intel_free(intel);
}

static void only_the_first_sixteen_refused_lines_are_kept(void **state)
{
    (void)state;
    char text[1024] = "good.com\n";
    for (unsigned i = 0; i < 50; i++)
        strcat(text, "/not/a/name\n");
    assert_int_equal(add_as(CATEGORY_MALWARE, FEED_PLAIN, text), 0);
    assert_int_equal(report.refused, 50);
    assert_int_equal(report.first_refused[FIRST_REFUSED_MAX - 1].line, 17);
}

static void a_byte_order_mark_is_skipped(void **state)
{
    (void)state;
    assert_int_equal(add("\xef\xbb\xbf"
                         "bad.com\n"),
                     0);
    assert_int_equal(report.added, 1);
}

static const struct {
    const char *text;
    size_t len; /* 0: strlen */
    const char *message;
} hopeless[] = {
    {"", 0, "is empty"},
    {"# nothing\n", 0, "no usable line"},
    {"com\norg\n", 0, "no usable line"},
    {"{\"Attribute\":[{\"type\":\"domain\",\"value\":\"bad.com\",\"to_ids\":false}]}", 0,
     "no usable entry among 1 (format misp); mostly, they are given for information"},
    {"<!DOCTYPE html>\n<p>bad.com", 0, "HTML page"},
    {"\n  <HTML><body>", 0, "HTML page"},
    {"<?xml version='1.0'?>", 0, "HTML page"},
    {"bad.com\n\0\0\n", 11, "binary file"},
    {"\x1f\x8b\x08 bad", 0, "gzip"},
};

static void what_is_no_list_is_refused_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hopeless) / sizeof(*hopeless); i++) {
        struct feed_config config = {
            .name = "f", .path = "f.txt", .category = CATEGORY_C2, .confidence = 50};
        size_t len = hopeless[i].len ? hopeless[i].len : strlen(hopeless[i].text);
        assert_int_equal(
            intel_builder_add_text(builder, &config, hopeless[i].text, len, &report, &error),
            strstr(hopeless[i].message, "for information") ? -ENODATA : -EINVAL);
        assert_non_null(strstr(error.text, hopeless[i].message));
        assert_non_null(strstr(error.text, "f.txt"));
    }
    struct intel *intel = intel_build(builder, &error);
    assert_int_equal(intel_count(intel), 0);
    intel_free(intel);
}

static void more_than_five_million_lines_are_refused(void **state)
{
    (void)state;
    size_t len = FEED_LINES_MAX + 9;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, '\n', len);
    memcpy(text, "bad.com\n", 8);
    struct feed_config config = {.name = "f", .path = "f.txt", .category = CATEGORY_C2};
    assert_int_equal(intel_builder_add_text(builder, &config, text, len, &report, &error), -EFBIG);
    assert_int_equal(intel_builder_add_text(builder, &config, text, len - 2, &report, &error), 0);
    free(text);
    struct intel *intel = intel_build(builder, &error);
    assert_int_equal(intel_count(intel), 1);
    intel_free(intel);
}

static void popular_domains_are_safe_from_later_lists(void **state)
{
    (void)state;
    assert_int_equal(add_as(CATEGORY_POPULAR, FEED_PLAIN, "dnsvigil.com\ncom\n"), 0);
    assert_int_equal(report.added, 1);
    assert_int_equal(add("dnsvigil.com\nwww.dnsvigil.com\nhttp://docs.dnsvigil.com/x\nbad.com\n"),
                     0);
    assert_int_equal(report.added, 1);
    assert_int_equal(report.refused_by[REFUSAL_POPULAR], 2);
    assert_int_equal(report.refused_by[REFUSAL_POPULAR_PAGE], 1);
    assert_int_equal(add_as(CATEGORY_ALLOW, FEED_PLAIN, "dnsvigil.com\ncorp\n10.0.0.0/8\n"), 0);
    assert_int_equal(report.added, 3);
}

static void a_feed_cannot_allow_or_make_popular(void **state)
{
    (void)state;
    assert_int_equal(add("a.com\tallow\t100\twho\twhere\nb.com\tpopular\t100\twho\twhere\n"
                         "c.com\tmining\t70\twho\twhere\n"),
                     0);
    assert_int_equal(report.format, FEED_SEED);
    assert_int_equal(report.added, 1);
    assert_int_equal(report.refused_by[REFUSAL_NOT_LOCAL], 2);
}

static void repeated_lines_are_counted_as_duplicates(void **state)
{
    (void)state;
    assert_int_equal(add("bad.com\nBAD.com\nbad.com.\n=bad.com\n1.2.3.4\n1.2.3.4/32\n"), 0);
    assert_int_equal(report.added, 3);
    assert_int_equal(report.duplicates, 3);
    assert_int_equal(add("bad.com\n"), 0);
    assert_int_equal(report.added, 1);
}

static void expiry_counts_from_the_fetch(void **state)
{
    (void)state;
    static const struct {
        enum category category;
        unsigned days;
        int64_t expected_days;
    } cases[] = {{CATEGORY_PHISHING, 0, 14}, {CATEGORY_PHISHING, 3, 3}, {CATEGORY_MINING, 0, 0}};
    const int64_t day = 86400 * NS_PER_S;
    const int64_t fetched = 20000 * day;
    for (size_t i = 0; i < 3; i++) {
        struct intel_builder *own = intel_builder_new(suffixes);
        struct feed_config config = {.name = "f",
                                     .path = "f",
                                     .category = cases[i].category,
                                     .expiry_days = cases[i].days,
                                     .fetched_ns = fetched};
        assert_int_equal(intel_builder_add_text(own, &config, "bad.com", 7, &report, &error), 0);
        struct intel *intel = intel_build(own, &error);
        struct dns_name name;
        struct indicator_hit hit;
        struct intel_entry entry;
        name_from_text(&name, "bad.com", 7);
        assert_int_equal(intel_match_name(intel, &name, fetched, &hit, 1), 1);
        intel_entry(intel, &hit, &entry);
        int64_t expires = cases[i].expected_days ? fetched + cases[i].expected_days * day : 0;
        assert_true(entry.expires_ns == expires);
        if (expires) {
            assert_int_equal(intel_match_name(intel, &name, expires - 1, &hit, 1), 1);
            assert_int_equal(intel_match_name(intel, &name, expires, &hit, 1), 0);
        }
        intel_free(intel);
        intel_builder_free(own);
    }
}

static void a_feed_is_read_from_its_file(void **state)
{
    (void)state;
    char path[] = "/tmp/dnsvigil-feed-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "bad.com\n", 8), 8);
    close(fd);
    struct feed_config config = {.name = "f", .path = path, .category = CATEGORY_C2};
    assert_int_equal(intel_builder_add_feed(builder, &config, &report, &error), 0);
    assert_int_equal(report.added, 1);
    unlink(path);
    assert_int_equal(intel_builder_add_feed(builder, &config, &report, &error), -ENOENT);
    assert_non_null(strstr(error.text, path));
}

static void the_seed_lists_load_without_a_refusal(void **state)
{
    (void)state;
    const char *root = getenv("TEST_SOURCE_ROOT");
    char dir[4096];
    snprintf(dir, sizeof(dir), "%s/data/intel", root ? root : ".");
    assert_int_equal(intel_seed_add(builder, dir, &report, &error), 0);
    assert_int_equal(report.refused, 0);
    assert_int_equal(report.duplicates, 0);
    static const struct {
        const char *name;
        enum category category;
    } cases[] = {
        {"abcdefghij.onion", CATEGORY_ANONYMITY},
        {"snowflake-broker.torproject.net", CATEGORY_ANONYMITY},
        {"blog.torproject.org", CATEGORY_ANONYMITY_WEB},
        {"x.onion.ws", CATEGORY_GATEWAY},
        {"xmr-eu1.nanopool.org", CATEGORY_MINING},
        {"sc-a.sinkhole.shadowserver.org", CATEGORY_SINKHOLE},
        {"www.google.com", CATEGORY_POPULAR},
        {"199.2.137.20", CATEGORY_SINKHOLE},
        {"146.112.61.108", CATEGORY_BLOCK_PAGE},
    };
    assert_int_equal(add("google.com\nbad.com\n"), 0);
    assert_int_equal(report.refused_by[REFUSAL_POPULAR], 1);
    struct intel *intel = intel_build(builder, &error);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct dns_name name;
        struct addr addr;
        struct indicator_hit hits[8];
        unsigned count;
        if (addr_parse(cases[i].name, strlen(cases[i].name), &addr)) {
            count = intel_match_addr(intel, &addr, 0, hits, 8);
        } else {
            name_from_text(&name, cases[i].name, strlen(cases[i].name));
            count = intel_match_name(intel, &name, 0, hits, 8);
        }
        if (count == 0 || hits[0].category != cases[i].category)
            fail_msg("%s", cases[i].name);
    }
    intel_free(intel);
}

static void a_missing_seed_list_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(intel_seed_add(builder, "/nonexistent", &report, &error), -ENOENT);
}

#define WITH_BUILDER(test) cmocka_unit_test_setup_teardown(test, builder_setup, builder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BUILDER(each_entry_reads_back_as_the_line_it_came_from),
        WITH_BUILDER(hosts_lines_read_back_with_their_address),
        WITH_BUILDER(a_long_line_is_kept_up_to_255_bytes),
        WITH_BUILDER(more_line_shapes_than_the_table_holds_are_all_kept),
        WITH_BUILDER(refused_lines_are_reported_with_number_and_reason),
        WITH_BUILDER(what_a_list_says_of_an_entry_stands_above_the_feed),
        WITH_BUILDER(what_stands_in_code_is_found_and_shown_as_it_stands),
        WITH_BUILDER(only_the_first_sixteen_refused_lines_are_kept),
        WITH_BUILDER(a_byte_order_mark_is_skipped),
        WITH_BUILDER(what_is_no_list_is_refused_whole),
        WITH_BUILDER(more_than_five_million_lines_are_refused),
        WITH_BUILDER(popular_domains_are_safe_from_later_lists),
        WITH_BUILDER(a_feed_cannot_allow_or_make_popular),
        WITH_BUILDER(repeated_lines_are_counted_as_duplicates),
        WITH_BUILDER(expiry_counts_from_the_fetch),
        WITH_BUILDER(a_feed_is_read_from_its_file),
        WITH_BUILDER(the_seed_lists_load_without_a_refusal),
        WITH_BUILDER(a_missing_seed_list_is_an_error),
    };
    return cmocka_run_group_tests(tests, suffixes_load, suffixes_free);
}
