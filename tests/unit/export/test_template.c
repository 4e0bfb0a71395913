/* test_template.c - a template's places are filled so that they break out of nothing
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "export/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char record[] =
    "{\"title\":\"a \\\"quoted\\\" \\\\ line\\nend\",\"count\":3,\"share\":0.5,\"preview\":true,"
    "\"domain\":\"b\\u00fccher.test/?x=1&y\",\"entity\":{\"tags\":[\"lab\",\"sales\"]},"
    "\"evidence\":{\"samples\":[{\"qname\":\"one.test\"},{\"qname\":\"two.test\"}]}}";

static void filled(const char *text, const char *expected)
{
    struct error error = {""};
    struct buf buf;
    struct template *template = template_parse(text, strlen(text), &error);
    json_t *root = json_loads(record, 0, NULL);
    buf_init(&buf, 1 << 16);
    if (!template)
        fail_msg("%s: %s", text, error.text);
    template_write(template, root, &buf);
    assert_string_equal(buf.data ? buf.data : "", expected);
    json_decref(root);
    buf_done(&buf);
    template_free(template);
}

static void places_are_filled_from_the_record(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"plain", "plain"},
        {"%{count} times", "3 times"},
        {"%{share}, %{preview}", "0.5, true"},
        {"%{evidence.samples.1.qname}", "two.test"},
        {"%{entity.tags.0}/%{entity.tags.9}/%{entity.tags.x}", "lab//"},
        {"[%{nothing}] [%{title.deeper}] [%{entity..tags}]", "[] [] []"},
        {"%{entity.tags}", "[\\\"lab\\\",\\\"sales\\\"]"},
        {"%%{count} %{count}%", "%{count} 3%"},
        {"%%{%%{", "%{%{"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        filled(cases[i].text, cases[i].expected);
}

static void each_form_escapes_in_its_own_way(void **state)
{
    (void)state;
    filled("{\"t\":\"%{title}\"}", "{\"t\":\"a \\\"quoted\\\" \\\\ line\\nend\"}");
    filled("%{json:title}", "\"a \\\"quoted\\\" \\\\ line\\nend\"");
    filled("%{json:entity} %{json:nothing} %{json:count}", "{\"tags\":[\"lab\",\"sales\"]} null 3");
    filled("%{url:domain}", "b%C3%BCcher.test%2F%3Fx%3D1%26y");
    filled("%{text:count}", "3");
}

static void text_for_people_holds_no_control_characters(void **state)
{
    (void)state;
    struct error error;
    struct buf buf;
    struct template *template = template_parse("%{text:title}", 13, &error);
    json_t *root = json_loads(record, 0, NULL);
    buf_init(&buf, 1 << 16);
    template_write(template, root, &buf);
    assert_null(strchr(buf.data, '\n'));
    json_decref(root);
    buf_done(&buf);
    template_free(template);
}

static void a_whole_record_is_itself_again(void **state)
{
    (void)state;
    struct error error;
    struct buf buf;
    struct template *template = template_parse("%{json:.}", 9, &error);
    json_t *root = json_loads(record, 0, NULL);
    buf_init(&buf, 1 << 16);
    template_write(template, root, &buf);
    json_t *again = json_loads(buf.data, 0, NULL);
    assert_true(json_equal(root, again));
    json_decref(again);
    json_decref(root);
    buf_done(&buf);
    template_free(template);
}

static void what_is_no_place_is_told_with_its_line(void **state)
{
    (void)state;
    static const char *const texts[] = {"x\n%{",       "x\n%{}",    "x\n%{a b}", "x\n%{html:title}",
                                        "x\n%{json:}", "x\n%{title"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct error error;
        assert_null(template_parse(texts[i], strlen(texts[i]), &error));
        assert_non_null(strstr(error.text, "line 2"));
    }
}

static void files_that_are_missing_empty_or_too_long_are_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/test_template_XXXXXX";
    static char zeros[TEMPLATE_BYTES_MAX + 1];
    struct error error;
    int fd = mkstemp(path);
    assert_null(template_read("/nonexistent/template", &error));
    assert_null(template_read(path, &error));
    memset(zeros, 'x', sizeof(zeros));
    assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
    assert_null(template_read(path, &error));
    assert_non_null(strstr(error.text, path));
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_filled_from_the_record),
        cmocka_unit_test(each_form_escapes_in_its_own_way),
        cmocka_unit_test(text_for_people_holds_no_control_characters),
        cmocka_unit_test(a_whole_record_is_itself_again),
        cmocka_unit_test(what_is_no_place_is_told_with_its_line),
        cmocka_unit_test(files_that_are_missing_empty_or_too_long_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
