/* test_feed_table.c - tests of lists in columns
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

static void the_column_is_found_by_its_heading_or_its_values(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"id,domain,seen\n1,bad.com,2025\n2,worse.com,2025\n", "bad.com worse.com"},
        {"# \"seen\",\"ioc_value\",\"confidence_level\"\n\"2024\", \"bad.com:443\", \"80\"\n",
         "bad.com%80"},
        {"2025;bad.com;x\n2025;worse.com;x\n", "bad.com worse.com"},
        {"bad.com|x|1.5\n", "bad.com"},
        {"# only notes\nURL,Tag\n\"http://bad.com/a,b\",x\n", "bad.com/"},
        {"1,9.9.9.9,x\n2,*.bad.com,x\n", "9.9.9.9 *.bad.com"},
    };
    LISTS_SHOW(FEED_CSV, cases);
}

static void empty_fields_keep_their_place(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"seen\tdomain\n\tbad.com\n2025\tworse.com\n2025\t\n", "bad.com worse.com -4:no-value"},
        {"domain,,x\n,,bad.com\nbad.com,,\n", "bad.com -2:no-value"},
    };
    assert_string_equal(list_show(FEED_TSV, NULL, cases[0].text), cases[0].shown);
    assert_string_equal(list_show(FEED_CSV, NULL, cases[1].text), cases[1].shown);
}

static void quotes_may_hold_separators_and_quotes(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"note,domain\n\"a, \"\"b\"\"\",bad.com\n", "bad.com"},
        {"note,domain\n\"a,bad.com\n", "-2:no-value"},
    };
    LISTS_SHOW(FEED_CSV, cases);
}

static void the_operator_chooses_by_heading_or_number(void **state)
{
    (void)state;
    static const char text[] = "domain,Host Name,c2\na.com,b.com,c.com\n";
    static const struct {
        const char *column, *shown;
    } cases[] = {
        {NULL, "a.com"},
        {"", "a.com"},
        {"host name", "b.com"},
        {"3", "c.com"},
        {"c2", "c.com"},
        {"9", "-2:no-value"},
        {"family", "list: line 1: has no column of that name"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(list_show(FEED_CSV, cases[i].column, text), cases[i].shown);
    assert_string_equal(list_show(FEED_TSV, "2", "x\tbad.com\ny\tz.com\n"), "bad.com z.com");
}

static void a_row_without_any_name_is_refused_and_the_next_one_looked_at(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"a,b\n1,2\n3,bad.com\n", "bad.com -1:no-value -2:no-value"}};
    LISTS_SHOW(FEED_CSV, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_column_is_found_by_its_heading_or_its_values),
        cmocka_unit_test(empty_fields_keep_their_place),
        cmocka_unit_test(quotes_may_hold_separators_and_quotes),
        cmocka_unit_test(the_operator_chooses_by_heading_or_number),
        cmocka_unit_test(a_row_without_any_name_is_refused_and_the_next_one_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
