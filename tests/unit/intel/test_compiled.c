/* test_compiled.c - a list comes back from its form on disk as it went in, or is refused
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "base/hash.h"
#include "intel/builder.h"
#include "intel/compiled.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct suffix_list *suffixes;

static const char plain_list[] = "# a list\n"
                                 "evil.example.net\n"
                                 "*.below.example.net # with a remark\n"
                                 "=alone.example.net\n"
                                 "evil.example.net\n"
                                 "192.0.2.0/24\n"
                                 "2001:db8::/48\n"
                                 "198.51.100.7\n";

static const struct feed_config plain = {.name = "mine",
                                         .path = "mine.list",
                                         .category = CATEGORY_C2,
                                         .confidence = 70,
                                         .format = FEED_PLAIN,
                                         .expiry_days = 2,
                                         .fetched_ns = 1000 * NS_PER_S};

static struct intel_builder *builder_with(const struct feed_config *config, const char *text)
{
    struct intel_builder *builder = intel_builder_new(suffixes);
    struct feed_report report;
    struct error error = {""};
    assert_non_null(builder);
    if (intel_builder_add_text(builder, config, text, strlen(text), &report, &error) != 0)
        fail_msg("%s", error.text);
    return builder;
}

static struct buf compile(const struct feed_config *config, const char *text)
{
    struct buf buf;
    struct intel_builder *builder = builder_with(config, text);
    buf_init(&buf, COMPILED_BYTES_MAX);
    assert_true(intel_builder_compile(builder, &buf));
    intel_builder_free(builder);
    return buf;
}

static int load(const struct feed_config *config, const struct buf *buf, struct intel **ret_intel,
                struct feed_report *report, struct error *error)
{
    struct intel_builder *builder = intel_builder_new(suffixes);
    assert_non_null(builder);
    int r = intel_builder_add_compiled(builder, config, buf->data, buf->len, report, error);
    if (r == 0)
        *ret_intel = intel_build(builder, error);
    intel_builder_free(builder);
    return r;
}

static struct intel_entry entry_of(struct intel *intel, const char *text, unsigned want)
{
    struct indicator_hit hits[4];
    struct intel_entry entry = {0};
    struct dns_name name;
    struct addr addr;
    unsigned got;
    if (addr_parse(text, strlen(text), &addr)) {
        got = intel_match_addr(intel, &addr, 0, hits, 4);
    } else {
        assert_true(name_from_text(&name, text, strlen(text)));
        got = intel_match_name(intel, &name, 0, hits, 4);
    }
    assert_int_equal(got, want);
    if (got)
        intel_entry(intel, hits, &entry);
    return entry;
}

static void what_went_in_comes_out(void **state)
{
    (void)state;
    static const struct {
        const char *what, *line;
    } cases[] = {
        {"www.evil.example.net", "evil.example.net"},
        {"x.below.example.net", "*.below.example.net # with a remark"},
        {"alone.example.net", "=alone.example.net"},
        {"192.0.2.77", "192.0.2.0/24"},
        {"2001:db8:0:1::1", "2001:db8::/48"},
        {"198.51.100.7", "198.51.100.7"},
    };
    struct buf buf = compile(&plain, plain_list);
    struct intel *intel = NULL;
    struct feed_report report;
    struct error error = {""};
    assert_int_equal(load(&plain, &buf, &intel, &report, &error), 0);
    assert_int_equal(report.added, 6);
    assert_int_equal(report.refused, 0);
    assert_int_equal(intel_count(intel), 6);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct intel_entry entry = entry_of(intel, cases[i].what, 1);
        assert_string_equal(entry.entry, cases[i].line);
        assert_string_equal(entry.feed, "mine");
        assert_int_equal(entry.category, CATEGORY_C2);
        assert_int_equal(entry.confidence, 70);
        assert_int_equal(entry.expires_ns, (1000 + 2 * 86400) * NS_PER_S);
    }
    entry_of(intel, "below.example.net", 0);
    entry_of(intel, "x.alone.example.net", 0);
    intel_free(intel);
    buf_done(&buf);
}

static void what_entries_leave_open_the_configuration_says(void **state)
{
    (void)state;
    static const char csv[] = "domain,category,confidence\n"
                              "said.example.net,mining,33\n"
                              "open.example.net,,\n";
    struct feed_config config = plain;
    config.format = FEED_CSV;
    struct buf buf = compile(&config, csv);
    struct intel *intel = NULL;
    struct feed_report report;
    struct error error = {""};
    config.category = CATEGORY_PHISHING;
    config.confidence = 91;
    config.expiry_days = 0;
    assert_int_equal(load(&config, &buf, &intel, &report, &error), 0);
    struct intel_entry open = entry_of(intel, "open.example.net", 1);
    assert_int_equal(open.category, CATEGORY_PHISHING);
    assert_int_equal(open.confidence, 91);
    assert_int_equal(open.expires_ns, (1000 + 14 * 86400) * NS_PER_S);
    intel_free(intel);
    buf_done(&buf);
}

static void equal_lists_have_equal_bytes_under_any_seed(void **state)
{
    (void)state;
    uint64_t seed = hash_seed;
    struct feed_config other = plain;
    struct buf first = compile(&plain, plain_list);
    hash_seed = seed * 3 + 1;
    other.name = "called otherwise";
    other.category = CATEGORY_MALWARE;
    other.fetched_ns = 5;
    struct suffix_list *before = suffixes;
    struct error warning;
    suffixes = suffix_list_new(NULL, &warning);
    struct buf second = compile(&other, plain_list);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    suffix_list_free(suffixes);
    suffixes = before;
    hash_seed = seed;
    buf_done(&first);
    buf_done(&second);
}

/* Sets the checksum right, so that what is behind it has to be caught. */
static void seal(struct buf *buf)
{
    uint64_t checksum = hash_bytes(buf->data + 16, buf->len - 16, HASH_FIXED_SEED);
    memcpy(buf->data + 8, &checksum, sizeof(checksum));
}

static void each_damaged_byte_is_noticed(void **state)
{
    (void)state;
    struct buf buf = compile(&plain, plain_list);
    for (size_t i = 0; i < buf.len; i++) {
        struct intel *intel = NULL;
        struct feed_report report;
        struct error error = {""};
        buf.data[i] ^= 0x20;
        assert_int_equal(load(&plain, &buf, &intel, &report, &error), -EINVAL);
        assert_memory_equal(error.text, "mine.list: is", 13);
        buf.data[i] ^= 0x20;
    }
    buf_done(&buf);
}

static void each_cut_is_noticed(void **state)
{
    (void)state;
    struct buf whole = compile(&plain, plain_list);
    for (size_t len = 0; len < whole.len; len++) {
        struct intel *intel = NULL;
        struct feed_report report;
        struct error error;
        /* A copy of just that size, so that a read past its end is seen. */
        struct buf cut = {.data = malloc(len + 1), .len = len};
        memcpy(cut.data, whole.data, len);
        assert_int_equal(load(&plain, &cut, &intel, &report, &error), -EINVAL);
        free(cut.data);
    }
    buf_done(&whole);
}

/* Forged with a right checksum: it may load, but never reads or writes where it should not. */
static void forged_bytes_do_no_harm(void **state)
{
    (void)state;
    struct buf whole = compile(&plain, plain_list);
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    for (size_t i = 16; i < whole.len; i++) {
        for (size_t v = 0; v < sizeof(values); v++) {
            struct intel *intel = NULL;
            struct feed_report report;
            struct error error;
            struct buf forged = {.data = malloc(whole.len), .len = whole.len};
            memcpy(forged.data, whole.data, whole.len);
            forged.data[i] = (char)values[v];
            seal(&forged);
            if (load(&plain, &forged, &intel, &report, &error) == 0) {
                struct indicator_hit hits[4];
                struct intel_entry entry;
                struct dns_name name;
                assert_true(name_from_text(&name, "www.evil.example.net", 20));
                if (intel_match_name(intel, &name, 0, hits, 4))
                    intel_entry(intel, hits, &entry);
            }
            intel_free(intel);
            free(forged.data);
        }
    }
    buf_done(&whole);
}

static void a_list_that_forges_allow_entries_is_refused(void **state)
{
    (void)state;
    struct buf buf = compile(&plain, plain_list);
    size_t row = 48; /* behind the header: expiry, before, after, then category … given */
    buf.data[row + 16] = CATEGORY_ALLOW;
    buf.data[row + 19] = ATTRIBUTE_CATEGORY;
    seal(&buf);
    struct intel *intel = NULL;
    struct feed_report report;
    struct error error;
    assert_int_equal(load(&plain, &buf, &intel, &report, &error), -EINVAL);
    buf_done(&buf);
}

static void popular_names_are_refused_again_at_loading(void **state)
{
    (void)state;
    struct feed_config popular = plain;
    popular.category = CATEGORY_POPULAR;
    struct buf buf = compile(&plain, plain_list);
    struct intel_builder *builder = builder_with(&popular, "evil.example.net\n");
    struct feed_report report;
    struct error error;
    assert_int_equal(
        intel_builder_add_compiled(builder, &plain, buf.data, buf.len, &report, &error), 0);
    assert_int_equal(report.added, 5);
    assert_int_equal(report.refused_by[REFUSAL_POPULAR], 1);
    assert_string_equal(report.first_refused[0].text, "evil.example.net");
    intel_builder_free(builder);
    buf_done(&buf);
}

static int start(void **state)
{
    (void)state;
    struct error warning;
    suffixes = suffix_list_new(NULL, &warning);
    return suffixes ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    suffix_list_free(suffixes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_in_comes_out),
        cmocka_unit_test(what_entries_leave_open_the_configuration_says),
        cmocka_unit_test(equal_lists_have_equal_bytes_under_any_seed),
        cmocka_unit_test(each_damaged_byte_is_noticed),
        cmocka_unit_test(each_cut_is_noticed),
        cmocka_unit_test(forged_bytes_do_no_harm),
        cmocka_unit_test(a_list_that_forges_allow_entries_is_refused),
        cmocka_unit_test(popular_names_are_refused_again_at_loading),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
