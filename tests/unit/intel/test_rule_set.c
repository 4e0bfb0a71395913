/* test_rule_set.c - files of rules become a set, and each rule's fate is told
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_set.h"

#include "intel/rule_explain.h"

#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct told {
    unsigned fates[RULE_FATE_COUNT];
    struct rule_note last;
};

static void note_take(void *arg, const struct rule_note *note)
{
    struct told *told = arg;
    told->fates[note->fate]++;
    told->last = *note;
}

static struct rule_set *set_of(const struct rule_options *options, const char *text,
                               struct told *told)
{
    struct error error;
    struct rule_set *set;
    struct rule_builder *builder = rule_builder_new(options, note_take, told);
    assert_non_null(builder);
    assert_int_equal(rule_builder_add_text(builder, "a.rules", text, strlen(text), &error), 0);
    assert_int_equal(rule_builder_finish(builder, &set, &error), 0);
    rule_builder_free(builder);
    return set;
}

#define RULE(options) "alert dns any any -> any any (dns.query; content:\"a\"; " options ")\n"

static void rules_are_sorted_and_found_by_sid(void **state)
{
    (void)state;
    struct told told = {0};
    struct rule_set *set = set_of(&(struct rule_options){0},
                                  RULE("sid:3;") RULE("sid:1;") RULE("sid:2; gid:9;"), &told);
    assert_int_equal(set->count, 3);
    assert_int_equal(set->rules[0]->sid, 1);
    assert_int_equal(set->rules[2]->sid, 2);
    assert_int_equal(rule_find(set, 2)->line, 3);
    assert_null(rule_find(set, 4));
    rule_set_free(set);
}

static void a_file_without_rules_is_an_empty_set(void **state)
{
    (void)state;
    struct told told = {0};
    struct rule_set *set = set_of(&(struct rule_options){0}, "# nothing here\n\n", &told);
    assert_int_equal(set->count, 0);
    assert_null(rule_find(set, 1));
    rule_set_free(set);
}

static void of_two_rules_with_a_sid_the_higher_revision_stays(void **state)
{
    (void)state;
    struct told told = {0};
    struct rule_set *set = set_of(
        &(struct rule_options){0},
        RULE("sid:1; rev:2;") RULE("sid:1; rev:3; pcre:\"/b/\";") RULE("sid:1; rev:3;"), &told);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->rules[0]->line, 2);
    assert_int_equal(told.fates[RULE_FATE_LOADED], 3);
    assert_int_equal(told.fates[RULE_FATE_REPLACED], 2);
    rule_set_free(set);
}

static void what_is_switched_off_is_not_in_the_set(void **state)
{
    (void)state;
    static const uint32_t disabled[] = {5};
    struct told told = {0};
    const char *text = RULE("sid:5;") RULE("sid:6; metadata:signature_severity Informational;")
        RULE("sid:7; noalert; metadata:signature_severity Informational;") "# " RULE(
            "sid:8;") "#" RULE("sid:9; urilen:1;") "# alert http any any -> any any (sid:1;)\n"
                                                   "# pass on what you know\n"
                                                   "alert http any any -> any any (sid:1;)\n";
    struct rule_set *set =
        set_of(&(struct rule_options){.disabled = disabled, .disabled_count = 1}, text, &told);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->rules[0]->sid, 7);
    assert_int_equal(told.fates[RULE_FATE_SWITCHED_OFF], 1);
    assert_int_equal(told.fates[RULE_FATE_INFORMATIONAL], 1);
    assert_int_equal(told.fates[RULE_FATE_COMMENTED], 2);
    assert_int_equal(told.fates[RULE_FATE_FOREIGN], 1);
    assert_int_equal(told.fates[RULE_FATE_REFUSED], 0);
    rule_set_free(set);
    set = set_of(&(struct rule_options){.informational = true}, text, &told);
    assert_int_equal(set->count, 3);
    rule_set_free(set);
}

static void a_rule_may_go_on_over_lines(void **state)
{
    (void)state;
    struct told told = {0};
    struct rule_set *set =
        set_of(&(struct rule_options){0},
               "\n# a comment ends with its line \\\n"
               "alert dns any any -> any any ( \\\r\n  dns.query; content:\"a\\\n"
               "b\"; sid:1;)\nalert dns any any \\",
               &told);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->rules[0]->line, 3);
    assert_int_equal(set->rules[0]->buffers[0].checks[0].content.len, 2);
    assert_int_equal(told.fates[RULE_FATE_REFUSED], 1);
    assert_int_equal(told.last.line, 6);
    rule_set_free(set);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    struct told told = {0};
    struct rule_set *set = set_of(&(struct rule_options){0},
                                  "\xef\xbb\xbf# saved by an editor\n"
                                  "alert dns any any -> any any (content:\"a\"; sid:1;)\n",
                                  &told);
    assert_int_equal(set->count, 1);
    assert_int_equal(told.fates[RULE_FATE_REFUSED], 0);
    rule_set_free(set);
}

static void a_refusal_names_the_line_the_sid_and_the_keyword(void **state)
{
    (void)state;
    struct told told = {0};
    struct rule_set *set =
        set_of(&(struct rule_options){0}, RULE("sid:1;") "\n" RULE("urilen:5; sid:77;"), &told);
    assert_int_equal(set->count, 1);
    assert_int_equal(told.last.fate, RULE_FATE_REFUSED);
    assert_int_equal(told.last.refusal, RULE_REFUSAL_UNKNOWN);
    assert_int_equal(told.last.line, 3);
    assert_int_equal(told.last.sid, 77);
    rule_set_free(set);
}

static void file_write(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void the_rule_files_of_a_folder_are_read_by_name(void **state)
{
    (void)state;
    char folder[] = "/tmp/rules-XXXXXX";
    char path[256];
    struct error error;
    struct rule_set *set;
    assert_non_null(mkdtemp(folder));
    file_write(folder, "b.rules", RULE("sid:1; msg:\"b\";"));
    file_write(folder, "a.rules", RULE("sid:1; msg:\"a\";"));
    file_write(folder, "a.txt", RULE("sid:2;"));
    struct rule_builder *builder = rule_builder_new(&(struct rule_options){0}, NULL, NULL);
    assert_int_equal(rule_builder_add_path(builder, folder, &error), 0);
    assert_int_equal(rule_builder_finish(builder, &set, &error), 0);
    assert_int_equal(set->count, 1);
    assert_string_equal(set->rules[0]->msg, "a");
    assert_int_equal(set->file_count, 2);
    rule_set_free(set);
    assert_int_equal(rule_builder_add_path(builder, "/nonexistent/x", &error), -ENOENT);
    rule_builder_free(builder);
    static const char *const names[] = {"a.rules", "b.rules", "a.txt"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void a_rule_is_explained_in_words(void **state)
{
    (void)state;
    struct told told = {0};
    struct buf text;
    struct rule_set *set = set_of(
        &(struct rule_options){0},
        "alert udp 192.0.2.0/24 any -> any 53 (content:\"|00|a\"; offset:4; depth:9; dns.query; "
        "dotprefix; content:\".a.example\"; nocase; endswith; flowbits:set,x; flowbits:noalert; "
        "threshold:type limit, track by_src, count 1, seconds 60; sid:1;)",
        &told);
    buf_init(&text, 4096);
    rule_explain(set, set->rules[0], &text);
    assert_string_equal(
        text.data,
        "messages over UDP from 192.0.2.0/24 to anyone port 53\n"
        "looks into the bytes of the message: has \"|00|a\", in bytes 4 to 13\n"
        "looks into each name a query asks for, with a dot put in front: ends with \".a.example\" "
        "in either case\n"
        "sets bit x of client and server\n"
        "is told 1 times at most in 60 s, counted by sender\n"
        "is never told\n");
    buf_reset(&text);
    rule_explain_shape(set->rules[0], &text);
    assert_string_equal(text.data, "by the name or a parent of it: \".a.example\" in either case");
    buf_done(&text);
    rule_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_sorted_and_found_by_sid),
        cmocka_unit_test(a_file_without_rules_is_an_empty_set),
        cmocka_unit_test(of_two_rules_with_a_sid_the_higher_revision_stays),
        cmocka_unit_test(what_is_switched_off_is_not_in_the_set),
        cmocka_unit_test(a_rule_may_go_on_over_lines),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(a_refusal_names_the_line_the_sid_and_the_keyword),
        cmocka_unit_test(the_rule_files_of_a_folder_are_read_by_name),
        cmocka_unit_test(a_rule_is_explained_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
