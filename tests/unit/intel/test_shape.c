/* test_shape.c - the pattern language of profiles: what it reads, what fits and what does not
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "intel/shape.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct suffix_list *suffixes;
static struct suffix_cache *cache;

static int list_open(void **state)
{
    (void)state;
    struct error warning;
    suffixes = suffix_list_new(NULL, &warning);
    cache = suffix_cache_new(suffixes);
    return cache ? 0 : -1;
}

static int list_close(void **state)
{
    (void)state;
    suffix_cache_free(cache);
    suffix_list_free(suffixes);
    return 0;
}

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static bool fits(const char *shape, const char *left)
{
    struct shapes *shapes = calloc(1, sizeof(*shapes));
    struct dns_name name;
    uint16_t number;
    char text[NAME_TEXT_MAX];
    assert_non_null(shapes);
    snprintf(text, sizeof(text), "%s%sexample.com", left, left[0] ? "." : "");
    assert_true(name_from_text(&name, text, strlen(text)));
    assert_true(shape_read(shapes, slice_of(shape), &number));
    bool fit = shape_fits(shapes, number, &name, name.labels - 2u, cache);
    free(shapes);
    return fit;
}

static void what_does_not_follow_the_grammar_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "hexx",
        "hex{",
        "hex{32",
        "hex{32,",
        "hex{32,64}",
        "hex{0,3}",
        "hex{9,3}",
        "hex{3}x",
        "hex{1,2}x3-",
        "hex{1,2}x3-2",
        "octet..hex",
        "|hex",
        "=",
        "=sixteen-letters-",
        "hex{999999999999,3}",
        "hex x2",
        "hex{1,2}y",
        "unknown",
    };
    struct shapes *shapes = calloc(1, sizeof(*shapes));
    uint16_t number;
    assert_non_null(shapes);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (shape_read(shapes, slice_of(bad[i]), &number))
            fail_msg("%s was read", bad[i]);
    free(shapes);
}

static void each_class_takes_its_labels_and_no_others(void **state)
{
    (void)state;
    static const struct {
        const char *shape, *good, *bad;
    } cases[] = {
        {"octetx4", "4.3.2.255", "4.3.2.256"},
        {"octetx4", "0.0.0.1", "0.0.0.01"},
        {"octetx1-4", "4.3", "5.4.3.2.1"},
        {"nibblex3", "a.0.f", "a.0.g"},
        {"num{1,5}", "12345", "123456"},
        {"hex{4,6}", "beef", "bee"},
        {"b32", "abc234", "abc189"},
        {"alpha", "letters", "letter5"},
        {"host{1,8}", "a-b_c9", "a-b_c9-too-long"},
        {"host", "abc", "a\\001c"},
        {"text", "a\\001c", "a.b"},
        {"uuid", "2540eba3-a632-461e-95a5-5978ad7883f4", "2540eba3a632-461e-95a5-5978ad7883f4-"},
        {"dashed", "192-0-2-1", "192-0-2"},
        {"dashed", "1-2-3-4", "1-2-3-4-5"},
        {"dashed", "1-2-3-4", "1-2-3-999"},
        {"=fixed", "fixed", "fixes"},
        {"hex{2,2}.=x", "ab.x", "ab.y"},
        {"hex{4,4}|num{2,2}", "12", "123"},
        {"octetx4.host{1,9}x0-2", "1.2.3.4.list", "1.2.3.4.one.two.three"},
        {"fqdn", "www.google.com", "printer"},
        {"fqdn", "www.google.com.corp", "one.two.no-such-tld"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (!fits(cases[i].shape, cases[i].good))
            fail_msg("%s does not fit %s", cases[i].good, cases[i].shape);
        if (fits(cases[i].shape, cases[i].bad))
            fail_msg("%s fits %s", cases[i].bad, cases[i].shape);
    }
}

static void no_labels_have_every_shape_and_a_dash_is_any(void **state)
{
    (void)state;
    assert_true(fits("hex{32,63}", ""));
    assert_true(fits("-", "what.ever\\000.it.is"));
}

static void the_pool_ends(void **state)
{
    (void)state;
    struct shapes *shapes = calloc(1, sizeof(*shapes));
    uint16_t number;
    unsigned read = 0;
    assert_non_null(shapes);
    while (shape_read(shapes, slice_of("hex.hex.hex"), &number))
        read++;
    assert_true(read > 1000);
    assert_true(shapes->count <= SHAPE_ELEMENTS_MAX);
    free(shapes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_follow_the_grammar_is_refused),
        cmocka_unit_test(each_class_takes_its_labels_and_no_others),
        cmocka_unit_test(no_labels_have_every_shape_and_a_dash_is_any),
        cmocka_unit_test(the_pool_ends),
    };
    return cmocka_run_group_tests(tests, list_open, list_close);
}
