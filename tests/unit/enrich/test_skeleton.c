/* test_skeleton.c - labels that look alike have the same folded form
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "enrich/skeleton.h"

#include <string.h>

static struct skeleton read_label(const char *label)
{
    struct skeleton skeleton;
    skeleton_read((const uint8_t *)label, strlen(label), &skeleton);
    return skeleton;
}

static void what_looks_alike_folds_alike(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
    } cases[] = {
        {"paypal", "paypa1"},        {"paypal", "paypai"},    {"microsoft", "rnicrosoft"},
        {"google", "g00gle"},        {"twitter", "tvvitter"}, {"paypal", "xn--pypal-4ve"},
        {"apple", "xn--80ak6aa92e"}, {"steam", "5te4m"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(read_label(cases[i].one).folded, read_label(cases[i].other).folded);
    assert_string_not_equal(read_label("paypal").folded, read_label("paypol").folded);
}

static void only_scripts_that_nobody_mixes_are_mixed(void **state)
{
    (void)state;
    assert_true(read_label("xn--pypal-4ve").mixed);   /* Latin with one Cyrillic letter */
    assert_false(read_label("xn--80ak6aa92e").mixed); /* all Cyrillic */
    assert_true(read_label("xn--80ak6aa92e").foreign);
    assert_false(read_label("xn--bcher-kva").mixed); /* German */
    assert_false(read_label("plain").foreign);
}

static void what_does_not_decode_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const labels[] = {"xn--", "xn--a", "xn--99999999999", "a\x01\xff", "-"};
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
        struct skeleton skeleton = read_label(labels[i]);
        assert_true(skeleton.plain_len <= SKELETON_MAX);
        assert_int_equal(strlen(skeleton.plain), skeleton.plain_len);
    }
}

static void places_in_the_folded_form_lead_back(void **state)
{
    (void)state;
    struct skeleton skeleton = read_label("arnvvb");
    assert_string_equal(skeleton.folded, "amwb");
    assert_int_equal(skeleton.from[1], 1);
    assert_int_equal(skeleton.from[2], 3);
    assert_int_equal(skeleton.from[3], 5);
    assert_int_equal(skeleton.from[4], 6);
}

static void every_label_fits(void **state)
{
    (void)state;
    char label[64];
    memset(label, 'm', 63);
    label[63] = 0;
    assert_int_equal(read_label(label).folded_len, 63);
    memset(label, 'v', 63);
    assert_int_equal(read_label(label).folded_len, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_looks_alike_folds_alike),
        cmocka_unit_test(only_scripts_that_nobody_mixes_are_mixed),
        cmocka_unit_test(what_does_not_decode_stays_as_it_is),
        cmocka_unit_test(places_in_the_folded_form_lead_back),
        cmocka_unit_test(every_label_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
