/* test_format.c - tests of reading lists whole: what is no list, what is cut off, what is too much
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"
#include "intel/builder.h"

#include <errno.h>
#include <stdlib.h>

static struct suffix_list *suffixes;

static int suffixes_load(void **state)
{
    (void)state;
    struct error warning;
    suffixes = suffix_list_new(NULL, &warning);
    return suffixes ? 0 : -1;
}

static int suffixes_free(void **state)
{
    (void)state;
    suffix_list_free(suffixes);
    return 0;
}

/* Lists as they arrive when something went wrong. `message` is part of why nothing of it is used.
 */
static const struct {
    const char *text;
    size_t len; /* 0: strlen */
    enum feed_format format;
    int code;
    const char *message;
} bad_lists[] = {
    /* Nothing, or not text. */
    {"", 0, FEED_AUTO, -EINVAL, "is empty"},
    {" \r\n\t\n", 0, FEED_AUTO, -EINVAL, "is empty"},
    {"\xef\xbb\xbf", 0, FEED_AUTO, -EINVAL, "is empty"},
    {"# moved, see our site\n", 0, FEED_AUTO, -EINVAL, "no usable line among 1"},
    {"\x1f\x8b\x08\0\0\0\0\0", 8, FEED_AUTO, -EINVAL, "compressed with gzip"},
    {"BZh91AY&SY", 0, FEED_AUTO, -EINVAL, "compressed with bzip2"},
    {"\xfd"
     "7zXZ\0",
     6, FEED_AUTO, -EINVAL, "compressed with xz"},
    {"\x28\xb5\x2f\xfd\x24", 0, FEED_AUTO, -EINVAL, "compressed with zstd"},
    {"PK\x03\x04\x14\0", 6, FEED_AUTO, -EINVAL, "is a zip archive"},
    {"\xff\xfe"
     "b\0a\0d\0.\0c\0o\0m\0",
     16, FEED_AUTO, -EINVAL, "is in UTF-16"},
    {"\xfe\xff\0b\0a\0d", 8, FEED_PLAIN, -EINVAL, "is in UTF-16"},
    {"b\0a\0d\0.\0c\0o\0m\0\n\0", 16, FEED_PLAIN, -EINVAL, "binary file"},
    {"\x7f"
     "ELF\x02\x01\x01\0",
     8, FEED_HOSTS, -EINVAL, "binary file"},
    {"bad.com\nworse.com\n\0", 19, FEED_PLAIN, -EINVAL, "binary file"},
    /* Something else instead of it. */
    {"<!DOCTYPE html>\n<p>bad.com", 0, FEED_AUTO, -EINVAL, "HTML page"},
    {"\n  <HTML><body>", 0, FEED_PLAIN, -EINVAL, "HTML page"},
    {"<?xml version='1.0'?><Error><Code>AccessDenied", 0, FEED_STIX, -EINVAL, "HTML page"},
    {"{\"error\":\"quota exceeded\"}", 0, FEED_AUTO, -EINVAL, "none of the known formats"},
    {"{\"5c1e\":{\"info\":\"a manifest\"}}", 0, FEED_AUTO, -EINVAL, "none of the known formats"},
    {"Your licence has expired.\nPlease renew it now.\n", 0, FEED_AUTO, -EINVAL, "(plain, hosts, "},
    {"alert dns any any -> any any (content:\"a.com\"; sid:1;)\n", 0, FEED_AUTO, -EINVAL,
     "name it under rules.paths"},
    {"{\"objects\":[]}", 0, FEED_PLAIN, -EINVAL, "no usable line"},
    {"bad.com\n", 0, FEED_STIX, -EINVAL, "an object was expected"},
    {"0.0.0.0 bad.com\n", 0, FEED_DNSMASQ, -EINVAL, "the line is no rule about names"},
    {"bad.com\rworse.com\r", 0, FEED_PLAIN, -EINVAL, "with CR alone"},
    /* A part of it. */
    {"{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[domain-name:value="
     "'bad.com']\"},{\"type\":\"indic",
     0, FEED_AUTO, -EINVAL, "ends within a string"},
    {"{\"Event\":{\"Attribute\":[{\"type\":\"domain\",\"value\":\"bad.com\"}", 0, FEED_AUTO,
     -EINVAL, "ends too early"},
    {"{\"list\":[\"bad.com\",\"worse", 0, FEED_AUTO, -EINVAL, "ends within a string"},
    {"@ SOA a. b. (\nbad.com CNAME .\n", 0, FEED_RPZ, -EINVAL, "a parenthesis is not closed"},
    /* Harmful content. */
    {"google.com\ncom\nco.uk\n", 0, FEED_AUTO, -EINVAL, "no usable line among 3"},
    {"10.0.0.0/8\n0.0.0.0/0\n::/0\n", 0, FEED_AUTO, -EINVAL, "no usable line among 3"},
    {"@@||google.com^\n", 0, FEED_AUTO, -EINVAL, "a feed cannot make exceptions"},
    {"bad.com\tallow\t100\tme\there\n", 0, FEED_SEED, -EINVAL,
     "only taken from the operator's own"},
    {"\xff\xfa\xfb.com\n\xc3\x28.com\n", 0, FEED_PLAIN, -EINVAL, "not valid UTF-8"},
};

static void bad_lists_are_refused_whole_and_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_lists) / sizeof(*bad_lists); i++) {
        struct intel_builder *builder = intel_builder_new(suffixes);
        struct feed_config popular = {
            .name = "p", .path = "p", .category = CATEGORY_POPULAR, .format = FEED_PLAIN};
        struct feed_config config = {
            .name = "f", .path = "f.txt", .category = CATEGORY_C2, .format = bad_lists[i].format};
        struct feed_report report;
        struct error error;
        size_t len = bad_lists[i].len ? bad_lists[i].len : strlen(bad_lists[i].text);
        assert_int_equal(
            intel_builder_add_text(builder, &popular, "google.com\n", 11, &report, &error), 0);
        int code =
            intel_builder_add_text(builder, &config, bad_lists[i].text, len, &report, &error);
        if (!strstr(error.text, bad_lists[i].message))
            print_error("%zu: %s\n", i, error.text);
        assert_int_equal(code, bad_lists[i].code);
        assert_non_null(strstr(error.text, bad_lists[i].message));
        assert_non_null(strstr(error.text, "f.txt: "));
        struct intel *intel = intel_build(builder, &error);
        assert_int_equal(intel_count(intel), 1);
        intel_free(intel);
        intel_builder_free(builder);
    }
}

static enum refusal nothing_take(void *arg, const struct feed_indicator *indicator)
{
    (void)indicator;
    ++*(unsigned *)arg;
    return REFUSAL_NONE;
}

/* Reads `unit` repeated to `len` bytes; NULL fills with it what is no line end. */
static int flood_read(enum feed_format format, const char *unit, size_t len, unsigned *ret_taken,
                      struct feed_report *report, struct error *error)
{
    char *text = malloc(len);
    size_t unit_len = strlen(unit);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = unit[i % unit_len];
    *ret_taken = 0;
    struct feed_source source = {
        .path = "f.txt", .format = format, .sink = nothing_take, .arg = ret_taken};
    int code = feed_read(&source, text, len, report, error);
    free(text);
    return code;
}

static void floods_end_at_their_limits(void **state)
{
    (void)state;
    struct feed_report report;
    struct error error;
    unsigned taken;
    size_t many = FEED_LINES_MAX + 1;
    assert_int_equal(flood_read(FEED_PLAIN, "\n", many, &taken, &report, &error), -EINVAL);
    assert_int_equal(flood_read(FEED_PLAIN, "#\n", 2 * many, &taken, &report, &error), -EFBIG);
    assert_int_equal(report.lines, FEED_LINES_MAX);
    assert_int_equal(flood_read(FEED_HOSTS, "x", 8 << 20, &taken, &report, &error), 0);
    assert_int_equal(report.refused_by[REFUSAL_LONG_LINE], 1);
    assert_int_equal(flood_read(FEED_STIX, "{\"objects\":[", 1200, &taken, &report, &error),
                     -EINVAL);
    assert_int_equal(taken, 0);
    struct feed_source source = {.path = "f.txt", .sink = nothing_take, .arg = &taken};
    assert_int_equal(feed_read(&source, "", FEED_BYTES_MAX + 1ul, &report, &error), -EFBIG);
    assert_non_null(strstr(error.text, "256 MiB"));
}

static enum refusal full_say(void *arg, const struct feed_indicator *indicator)
{
    (void)arg;
    (void)indicator;
    return REFUSAL_FULL;
}

static void a_full_sink_ends_the_reading(void **state)
{
    (void)state;
    static const char text[] = "bad.com\nworse.com\n";
    struct feed_source source = {.path = "f.txt", .sink = full_say};
    struct feed_report report;
    struct error error;
    assert_int_equal(feed_read(&source, text, strlen(text), &report, &error), -ENOMEM);
    assert_int_equal(report.lines, 1);
    assert_int_equal(report.refused_by[REFUSAL_FULL], 1);
}

static void every_format_is_found_by_its_slug(void **state)
{
    (void)state;
    for (int i = 0; i < FEED_FORMAT_COUNT; i++) {
        const char *slug = feed_formats[i].slug;
        assert_int_equal(feed_format_parse((struct slice){slug, strlen(slug)}), i);
        assert_true(feed_formats[i].title[0] && feed_formats[i].text[0]);
    }
    assert_int_equal(feed_format_parse((struct slice){"txt", 3}), -1);
    assert_string_equal(feed_formats[FEED_STIX].unit, "entry");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_lists_are_refused_whole_and_say_why),
        cmocka_unit_test(floods_end_at_their_limits),
        cmocka_unit_test(a_full_sink_ends_the_reading),
        cmocka_unit_test(every_format_is_found_by_its_slug),
    };
    return cmocka_run_group_tests(tests, suffixes_load, suffixes_free);
}
