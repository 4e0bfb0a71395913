/* test_csv.c - a CSV record is one line of quoted cells that no spreadsheet takes for a formula
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/csv.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <string.h>

static void assert_row_has(const struct alert *alert, const char *cells)
{
    struct buf row;
    buf_init(&row, 65536);
    alert_csv_row(alert, LANGUAGE_EN, &row);
    if (!strstr(row.data, cells))
        fail_msg("no %s in %s", cells, row.data);
    assert_ptr_equal(strchr(row.data, '\n'), row.data + row.len - 1);
    assert_ptr_equal(strchr(row.data, '\r'), row.data + row.len - 2);
    buf_done(&row);
}

static unsigned commas(const char *line)
{
    unsigned count = 0;
    for (bool quoted = false; *line; line++) {
        quoted ^= *line == '"';
        count += *line == ',' && !quoted;
    }
    return count;
}

static void header_and_record_have_the_same_columns(void **state)
{
    (void)state;
    struct alert alert;
    struct buf header, row;
    alert_build(&alert, 7);
    buf_init(&header, 4096);
    buf_init(&row, 65536);
    alert_csv_header(&header);
    alert_csv_row(&alert, LANGUAGE_JA, &row);
    assert_int_equal(commas(header.data), commas(row.data));
    assert_int_equal(strncmp(header.data, "id,revision,start,", 18), 0);
    assert_string_equal(header.data + header.len - 2, "\r\n");
    buf_done(&header);
    buf_done(&row);
}

static void cells_are_quoted_and_defused(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *cell;
    } cases[] = {
        {"plain", ",plain,"},
        {"a,b", ",\"a,b\","},
        {"say \"x\"", ",\"say \"\"x\"\"\","},
        {"=1+1", ",'=1+1,"},
        {"+1", ",'+1,"},
        {"-1", ",'-1,"},
        {"@SUM(A1)", ",'@SUM(A1),"},
        {"=cmd|' /C calc'!A0", ",'=cmd|' /C calc'!A0,"},
        {"\t=1", ",' =1,"},
        {"\r=1", ",'\\x0d=1,"},
        {"a\nb", ",a\\x0ab,"},
        {"\033[31m", ",\\x1b[31m,"},
        {"\xe2\x80\xaeknil", ",\\u202eknil,"},
        {"\xff", ",\xef\xbf\xbd,"},
        {"例え", ",例え,"},
    };
    struct alert alert;
    alert_build(&alert, 7);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        strcpy(alert.indicator.entry, cases[i].entry);
        assert_row_has(&alert, cases[i].cell);
    }
}

static void a_cell_without_a_value_is_empty(void **state)
{
    (void)state;
    struct alert alert = {0};
    assert_row_has(&alert, ",,,,,0,0,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_and_record_have_the_same_columns),
        cmocka_unit_test(cells_are_quoted_and_defused),
        cmocka_unit_test(a_cell_without_a_value_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
