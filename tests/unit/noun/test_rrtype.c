/* test_rrtype.c - the assigned numbers of DNS, by number and by name
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/rrtype.h>

#include <string.h>

static void assigned_numbers_have_their_names(void **state)
{
    (void)state;
    char scratch[RRTYPE_TEXT_MAX];
    assert_string_equal(rrtype_name(DNS_TYPE_A, scratch), "A");
    assert_string_equal(rrtype_name(DNS_TYPE_HTTPS, scratch), "HTTPS");
    assert_string_equal(rrtype_name(32769, scratch), "DLV");
    assert_string_equal(rrclass_name(DNS_CLASS_CH, scratch), "CH");
    assert_string_equal(rcode_name(3, scratch), "NXDOMAIN");
    assert_string_equal(rcode_name(16, scratch), "BADVERS");
    assert_string_equal(opcode_name(5, scratch), "UPDATE");
}

static void other_numbers_have_the_generic_form(void **state)
{
    (void)state;
    char scratch[RRTYPE_TEXT_MAX];
    assert_string_equal(rrtype_name(65535, scratch), "TYPE65535");
    assert_string_equal(rrtype_name(0, scratch), "TYPE0");
    assert_string_equal(rrclass_name(32, scratch), "CLASS32");
    assert_string_equal(rcode_name(4095, scratch), "RCODE4095");
    assert_string_equal(opcode_name(15, scratch), "OPCODE15");
}

static void every_type_reads_back_from_its_name(void **state)
{
    (void)state;
    char scratch[RRTYPE_TEXT_MAX];
    for (unsigned type = 0; type <= UINT16_MAX; type++)
        assert_int_equal(rrtype_parse(rrtype_name((uint16_t)type, scratch)), type);
    for (unsigned rcode = 0; rcode < 4096; rcode++)
        assert_int_equal(rcode_parse(rcode_name((uint16_t)rcode, scratch)), rcode);
}

static void names_are_read_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(rrtype_parse("aaaa"), DNS_TYPE_AAAA);
    assert_int_equal(rrtype_parse("type28"), DNS_TYPE_AAAA);
    assert_int_equal(rcode_parse("nxdomain"), 3);
    assert_int_equal(rrclass_parse("ch"), DNS_CLASS_CH);
}

static void text_that_names_nothing_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",       "AAAAA",  "TYPE",   "TYPE65536",
                                        "TYPE01", "TYPE1x", "TYPE-1", "TYPE999999999999",
                                        " A",     "TYPE 1", "TYPE+1"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(rrtype_parse(cases[i]), -1);
}

/* Each field that takes the rest of the data must be the last. */
static void layouts_are_spelled_in_known_letters(void **state)
{
    (void)state;
    for (unsigned type = 0; type <= UINT16_MAX; type++) {
        const char *layout = rrtype_layout((uint16_t)type);
        size_t len = strlen(layout);
        assert_int_equal(strspn(layout, "46nbsltdcCarhHxkwp"), len);
        assert_true(len == 0 || strcspn(layout, "Crxkwp") >= len - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assigned_numbers_have_their_names),
        cmocka_unit_test(other_numbers_have_the_generic_form),
        cmocka_unit_test(every_type_reads_back_from_its_name),
        cmocka_unit_test(names_are_read_in_any_case),
        cmocka_unit_test(text_that_names_nothing_is_refused),
        cmocka_unit_test(layouts_are_spelled_in_known_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
