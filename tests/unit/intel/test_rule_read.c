/* test_rule_read.c - rules are read to the last word, or refused with the reason
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_read.h"

#include "cmocka_all.h"

#include <dnsvigil/indicator.h>
#include <dnsvigil/terms.h>

#include <stdio.h>
#include <string.h>

static const struct rule_variable variables[] = {
    {"HOME_NET", "[192.0.2.0/24,!192.0.2.53]"},
    {"LOOP", "$LOOP"},
    {"BAD", "no address"},
};

static int setup(void **state)
{
    *state = rule_reader_new(variables, sizeof(variables) / sizeof(*variables));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    rule_reader_free(*state);
    return 0;
}

static enum rule_verdict read_text(struct rule_reader *reader, const char *text,
                                   enum rule_refusal *ret_refusal)
{
    return rule_read(reader, (struct slice){text, strlen(text)}, ret_refusal);
}

/* Reads a rule that must be fine. */
static const struct rule *read_rule(struct rule_reader *reader, const char *text)
{
    enum rule_refusal refusal;
    enum rule_verdict verdict = read_text(reader, text, &refusal);
    if (verdict != RULE_READ)
        fail_msg("%s: %s (%s)", text, rule_refusal_slugs[refusal], reader->draft.keyword);
    return &reader->draft.rule;
}

/* Reads a rule with these options, and a sid. */
static const struct rule *read_options(struct rule_reader *reader, const char *options)
{
    char text[RULE_BYTES_MAX];
    snprintf(text, sizeof(text), "alert dns any any -> any any (%s sid:7;)", options);
    return read_rule(reader, text);
}

static const struct rule_check *first_check(const struct rule *rule)
{
    assert_true(rule->buffer_count > 0 && rule->buffers[0].check_count > 0);
    return rule->buffers[0].checks;
}

static void a_rule_of_a_publisher_is_read_in_all_its_parts(void **state)
{
    const struct rule *rule = read_rule(
        *state,
        "alert dns $HOME_NET any -> any 53 (msg:\"EVIL a\\; b\"; flow:to_server; dns_query; "
        "content:\"Evil.example\"; depth:12; fast_pattern; endswith; nocase; "
        "reference:url,example.net/a; reference:cve,2020-1; classtype:coin-mining; "
        "sid:2024724; rev:7; priority:3; metadata:created_at 2020_01_01, signature_severity Major; "
        "metadata:mitre_tactic_id TA0011, mitre_technique_id T1071, mitre_technique_id T1568;)");
    assert_int_equal(rule->sid, 2024724);
    assert_int_equal(rule->rev, 7);
    assert_int_equal(rule->gid, 1);
    assert_int_equal(rule->action, RULE_ALERT);
    assert_int_equal(rule->flow, RULE_FLOW_TO_SERVER);
    assert_string_equal(rule->msg, "EVIL a; b");
    assert_string_equal(rule->classtype, "coin-mining");
    assert_int_equal(rule->category, CATEGORY_MINING);
    assert_int_equal(rule->severity, SEVERITY_MEDIUM);
    assert_string_equal(rule->tactic, "TA0011");
    assert_string_equal(rule->techniques, "T1071 T1568");
    assert_int_equal(rule->reference_count, 2);
    assert_string_equal(rule->references[1].key, "cve");
    assert_int_equal(rule->metadata_count, 5);
    assert_int_equal(rule->source.net_count, 2);
    assert_true(rule->source.nets[1].excluded);
    assert_int_equal(rule->destination.net_count, 0);
    assert_int_equal(rule->destination.ports[0].first, 53);
    assert_int_equal(rule->buffers[0].kind, RULE_BUFFER_QUERY);
    assert_int_equal(rule->shape, RULE_SHAPE_EXACT);
    const struct rule_content *content = &first_check(rule)->content;
    assert_memory_equal(content->bytes, "evil.example", 12);
    assert_true(content->starts && content->ends && content->nocase);
}

static void contents_are_decoded(void **state)
{
    static const struct {
        const char *options;
        const char *bytes;
        unsigned len;
    } cases[] = {
        {"content:\"abc\";", "abc", 3},     {"content:\"a|00 01|b\";", "a\0\1b", 4},
        {"content:\"|0a0B|\";", "\n\v", 2}, {"content:\"a\\;b\\\"c\\\\d\\:\";", "a;b\"c\\d:", 8},
        {"content:!\"x\";", "x", 1},        {"content:\"AbC\"; nocase;", "abc", 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct rule_check *check = first_check(read_options(*state, cases[i].options));
        assert_int_equal(check->kind, RULE_CONTENT);
        assert_int_equal(check->content.len, cases[i].len);
        assert_memory_equal(check->content.bytes, cases[i].bytes, cases[i].len);
        assert_int_equal(check->negated, strchr(cases[i].options, '!') != NULL);
    }
}

static void the_shape_is_the_strongest_thing_that_must_hold(void **state)
{
    static const struct {
        const char *options;
        enum rule_shape shape;
    } cases[] = {
        {"dns.query; content:\"a.example\"; startswith; endswith;", RULE_SHAPE_EXACT},
        {"dns.query; content:\"a.example\"; depth:9; isdataat:!1,relative;", RULE_SHAPE_EXACT},
        {"dns.query; content:\"a.example\"; bsize:9;", RULE_SHAPE_EXACT},
        {"dns.query; bsize:9; content:\"a.example\";", RULE_SHAPE_EXACT},
        {"dns.query; content:\"a.example\"; depth:10; endswith;", RULE_SHAPE_SUFFIX},
        {"dns.query; content:\"a.example\"; endswith; bsize:>20;", RULE_SHAPE_SUFFIX},
        {"dns.query; dotprefix; content:\".a.example\"; endswith;", RULE_SHAPE_DOMAIN},
        {"dns.query; to_lowercase; content:\"a.example\"; endswith;", RULE_SHAPE_SUFFIX},
        {"dns.query; dotprefix; to_lowercase; content:\".a.ex\"; endswith;", RULE_SHAPE_DOMAIN},
        {"dns.query; to_lowercase; dotprefix; content:\".a.ex\"; endswith;", RULE_SHAPE_CONTENT},
        {"dns.query; domain; content:\"a.example\"; endswith;", RULE_SHAPE_CONTENT},
        {"dns.query; content:\"a.example\";", RULE_SHAPE_CONTENT},
        {"content:\"abc\"; startswith; endswith;", RULE_SHAPE_CONTENT},
        {"dns.query; content:!\"a.example\"; endswith;", RULE_SHAPE_UNBOUND},
        {"dns.query; pcre:\"/a/\";", RULE_SHAPE_UNBOUND},
        {"dns.opcode:4;", RULE_SHAPE_UNBOUND},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct rule *rule = read_options(*state, cases[i].options);
        if (rule->shape != cases[i].shape)
            fail_msg("%s: %s", cases[i].options, rule_shape_names[rule->shape]);
        assert_int_equal(rule->fast_check < 0, cases[i].shape == RULE_SHAPE_UNBOUND);
    }
}

static void a_check_is_tried_again_when_a_later_one_counts_from_it(void **state)
{
    const struct rule *rule =
        read_options(*state, "content:\"a\"; content:\"b\"; isdataat:5; content:!\"c\"; within:4; "
                             "pcre:\"/d/R\"; content:\"e\";");
    const struct rule_check *checks = rule->buffers[0].checks;
    static const bool tried_again[] = {false, true, false, false, false, false};
    assert_int_equal(rule->buffers[0].check_count, 6);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(checks[i].tried_again, tried_again[i]);
}

static void each_naming_of_a_buffer_is_a_look_of_its_own(void **state)
{
    const struct rule *rule =
        read_options(*state, "content:\"raw\"; dns.query; content:\"a\"; dns.query; content:\"b\"; "
                             "pkt_data; content:\"raw too\";");
    assert_int_equal(rule->buffer_count, 3);
    assert_int_equal(rule->buffers[0].kind, RULE_BUFFER_PAYLOAD);
    assert_int_equal(rule->buffers[0].check_count, 2);
    assert_int_equal(rule->buffers[0].checks[1].content.len, 7);
    assert_int_equal(rule->buffers[2].checks[0].content.bytes[0], 'b');
}

static void a_transform_after_a_content_begins_another_look(void **state)
{
    const struct rule *rule = read_options(
        *state,
        "dns.query; content:\"rs-\"; startswith; dotprefix; content:\".r.example\"; endswith;");
    assert_int_equal(rule->buffer_count, 2);
    assert_int_equal(rule->buffers[0].transform_count, 0);
    assert_int_equal(rule->buffers[1].transform_count, 1);
    assert_int_equal(rule->shape, RULE_SHAPE_DOMAIN);
    assert_int_equal(rule->fast_buffer, 1);
}

static void numbers_are_compared_as_written(void **state)
{
    static const struct {
        const char *text;
        uint8_t op;
        uint64_t holds;
        uint64_t fails;
    } cases[] = {
        {"9", RULE_OP_EQUAL, 9, 8},       {"0x0a", RULE_OP_EQUAL, 10, 0},
        {"=9", RULE_OP_EQUAL, 9, 8},      {"!9", RULE_OP_DIFFERENT, 8, 9},
        {"!=9", RULE_OP_DIFFERENT, 8, 9}, {"<9", RULE_OP_LESS, 8, 9},
        {"<=9", RULE_OP_AT_MOST, 9, 10},  {">9", RULE_OP_GREATER, 10, 9},
        {">=9", RULE_OP_AT_LEAST, 9, 8},  {"7<>9", RULE_OP_BETWEEN, 8, 9},
        {"7-9", RULE_OP_BETWEEN, 8, 7},   {"!7-9", RULE_OP_OUTSIDE, 7, 8},
    };
    char options[64];
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        snprintf(options, sizeof(options), "dsize:%s;", cases[i].text);
        const struct rule *rule = read_options(*state, options);
        assert_int_equal(rule->dsize.op, cases[i].op);
        assert_true(rule_number_holds(&rule->dsize, cases[i].holds));
        assert_false(rule_number_holds(&rule->dsize, cases[i].fails));
    }
    assert_int_equal(read_options(*state, "dns.rcode:nxdomain;")->rcode.a, 3);
    assert_int_equal(read_options(*state, "dns.rrtype:!TXT;")->rrtype.a, 16);
}

static void byte_tests_are_read(void **state)
{
    const struct rule_check *check =
        first_check(read_options(*state, "byte_test:2,!&,0x0f,-4,relative,little,bitmask 0xf0;"));
    assert_int_equal(check->kind, RULE_BYTE_TEST);
    assert_true(check->negated && check->relative && check->byte_test.little);
    assert_int_equal(check->byte_test.bytes, 2);
    assert_int_equal(check->byte_test.number.op, RULE_OP_AND);
    assert_int_equal(check->byte_test.number.a, 15);
    assert_int_equal(check->byte_test.offset, -4);
    assert_int_equal(check->byte_test.mask, 0xf0);
    check = first_check(read_options(*state, "byte_test:5,>,12,0,string,dec;"));
    assert_int_equal(check->byte_test.base, 10);
}

static void bits_and_thresholds_are_read(void **state)
{
    const struct rule *rule = read_options(
        *state, "flowbits:set,a; flowbits:isset,a|b; xbits:set,a,track ip_src,expire 9; "
                "threshold: type both, track by_dst, seconds 60, count 5;");
    assert_int_equal(rule->bit_count, 3);
    assert_int_equal(rule->bits[0].ids[0], rule->bits[1].ids[0]);
    assert_int_not_equal(rule->bits[0].ids[0], rule->bits[2].ids[0]);
    assert_int_equal(rule->bits[1].id_count, 2);
    assert_int_equal(rule->bits[2].scope, RULE_BIT_SRC);
    assert_int_equal(rule->bits[2].expire_s, 9);
    assert_int_equal(rule->threshold.type, RULE_THRESHOLD_BOTH);
    assert_int_equal(rule->threshold.track, RULE_TRACK_DST);
    assert_int_equal(rule->threshold.count, 5);
    assert_int_equal(rule->threshold.seconds, 60);
}

static void an_unset_variable_restricts_nothing(void **state)
{
    const struct rule *rule = read_rule(
        *state, "alert udp ![$SMTP,$DNS] any -> [$DNS,198.51.100.1] 53 (content:\"a\"; sid:1;)");
    assert_int_equal(rule->source.net_count, 0);
    assert_int_equal(rule->destination.net_count, 2);
    assert_int_equal(rule->destination.nets[0].block.bits, 0);
}

static void what_excludes_everything_is_not_any(void **state)
{
    const struct rule *rule =
        read_rule(*state, "alert dns !::/0 !0:65535 -> !0.0.0.0/0 any (content:\"a\"; sid:1;)");
    assert_true(rule->source.net_count == 1 && rule->source.nets[0].excluded);
    assert_true(rule->source.port_count == 1 && rule->source.ports[0].excluded);
    assert_true(rule->destination.net_count == 1 && rule->destination.nets[0].excluded);
}

static void rules_about_other_traffic_are_told_apart(void **state)
{
    static const char *const foreign[] = {
        "alert http any any -> any any (content:\"a\"; sid:1;)",
        "alert tcp any any -> any 80 (content:\"a\"; sid:1;)",
        "alert udp any any -> any any (content:\"a\"; sid:1;)",
        "alert udp any any -> any !53 (content:\"a\"; sid:1;)",
        "alert tcp-pkt any any -> any 53 (content:\"a\"; sid:1;)",
    };
    static const char *const ours[] = {
        "alert udp any any -> any [1:100] (content:\"a\"; sid:1;)",
        "alert udp any any <> any any (dns.query; content:\"a\"; sid:1;)",
        "pass dns any any -> any any (dns.query; content:\"a\"; sid:1;)",
        "rejectsrc tcp any 53 -> any any (content:\"a\"; sid:1;)",
    };
    enum rule_refusal refusal;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
        assert_int_equal(read_text(*state, foreign[i], &refusal), RULE_FOREIGN);
    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
        assert_int_equal(read_text(*state, ours[i], &refusal), RULE_READ);
}

#define OPTIONS(text) "alert dns any any -> any any (" text " sid:1;)"

static void what_cannot_be_honoured_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *text;
        enum rule_refusal refusal;
        const char *keyword;
    } cases[] = {
        {"nonsense", RULE_REFUSAL_FORM, ""},
        {"alert dnss any any -> any any (sid:1;)", RULE_REFUSAL_FORM, ""},
        {"alert dns any any - any any (sid:1;)", RULE_REFUSAL_FORM, ""},
        {"alert dns any any -> any any (sid:1; content:\"a\")", RULE_REFUSAL_FORM, ""},
        {"alert dns any any -> any any (content:\"a\";)", RULE_REFUSAL_NO_SID, ""},
        {"alert dns $LOOP any -> any any (sid:1;)", RULE_REFUSAL_ADDRESS, ""},
        {"alert dns $BAD any -> any any (sid:1;)", RULE_REFUSAL_ADDRESS, ""},
        {"alert dns !any any -> any any (sid:1;)", RULE_REFUSAL_ADDRESS, ""},
        {"alert dns ![1.2.3.4,!1.2.3.5] any -> any any (sid:1;)", RULE_REFUSAL_ADDRESS, ""},
        {"alert dns any 53-54 -> any any (sid:1;)", RULE_REFUSAL_PORT, ""},
        {"alert dns any 65536 -> any any (sid:1;)", RULE_REFUSAL_PORT, ""},
        {OPTIONS("byte_extract:1,0,x;"), RULE_REFUSAL_UNKNOWN, "byte_extract"},
        {OPTIONS("dns.query; content:\"a\"; http.uri; content:\"b\";"), RULE_REFUSAL_UNKNOWN,
         "http.uri"},
        {OPTIONS("content;"), RULE_REFUSAL_NO_VALUE, "content"},
        {OPTIONS("content:\"a\"; nocase:1;"), RULE_REFUSAL_NO_PLACE, "nocase"},
        {OPTIONS("rev:1; rev:2;"), RULE_REFUSAL_REPEATED, "rev"},
        {OPTIONS("content:a;"), RULE_REFUSAL_QUOTES, "content"},
        {OPTIONS("content:\"a;b\";"), RULE_REFUSAL_QUOTES, "content"},
        {OPTIONS("content:\"|0|\";"), RULE_REFUSAL_BYTES, "content"},
        {OPTIONS("content:\"|00\";"), RULE_REFUSAL_BYTES, "content"},
        {OPTIONS("content:\"a\\n\";"), RULE_REFUSAL_BYTES, "content"},
        {OPTIONS("content:\"\";"), RULE_REFUSAL_LENGTH, "content"},
        {OPTIONS("nocase; content:\"a\";"), RULE_REFUSAL_NO_CONTENT, "nocase"},
        {OPTIONS("content:\"a\"; dns.query; nocase;"), RULE_REFUSAL_NO_CONTENT, "nocase"},
        {OPTIONS("content:\"a\"; offset:1; distance:1;"), RULE_REFUSAL_CONFLICT, "distance"},
        {OPTIONS("content:\"a\"; startswith; depth:5;"), RULE_REFUSAL_CONFLICT, "depth"},
        {OPTIONS("content:\"abc\"; depth:2;"), RULE_REFUSAL_NEVER, "depth"},
        {OPTIONS("content:\"abc\"; within:2;"), RULE_REFUSAL_NEVER, "within"},
        {OPTIONS("dns.query; content:\"abc\"; bsize:2;"), RULE_REFUSAL_NEVER, ""},
        {OPTIONS("dsize:7<>8;"), RULE_REFUSAL_NEVER, "dsize"},
        {OPTIONS("flow:to_server,to_client;"), RULE_REFUSAL_NEVER, "flow"},
        {OPTIONS("flow:not_established;"), RULE_REFUSAL_VALUE, "flow"},
        {OPTIONS("dns.query;"), RULE_REFUSAL_EMPTY_BUFFER, ""},
        {OPTIONS("dotprefix; content:\"a\";"), RULE_REFUSAL_TRANSFORM, "dotprefix"},
        {OPTIONS("dns.query; dotprefix; content:\"a\"; tld; content:\"b\";"),
         RULE_REFUSAL_TRANSFORM, "tld"},
        {OPTIONS("pcre:\"/(/\";"), RULE_REFUSAL_PCRE, "pcre"},
        {OPTIONS("pcre:\"/a\";"), RULE_REFUSAL_PCRE, "pcre"},
        {OPTIONS("pcre:\"/a/U\";"), RULE_REFUSAL_PCRE_FLAG, "pcre"},
        {OPTIONS("pcre:\"/a/, flow:b\";"), RULE_REFUSAL_PCRE_FLAG, "pcre"},
        {OPTIONS("isdataat:len,relative;"), RULE_REFUSAL_NUMBER, "isdataat"},
        {OPTIONS("byte_test:9,>,1,0;"), RULE_REFUSAL_NUMBER, "byte_test"},
        {OPTIONS("byte_test:1,>,1,0,dce;"), RULE_REFUSAL_VALUE, "byte_test"},
        {OPTIONS("threshold:type limit, track by_src, count 1;"), RULE_REFUSAL_VALUE, "threshold"},
        {OPTIONS("threshold:type limit, track by_src, count 1, seconds 1; detection_filter:track "
                 "by_src, count 1, seconds 1;"),
         RULE_REFUSAL_CONFLICT, "detection_filter"},
        {OPTIONS("flowbits:isset;"), RULE_REFUSAL_VALUE, "flowbits"},
        {OPTIONS("xbits:set,a;"), RULE_REFUSAL_VALUE, "xbits"},
        {OPTIONS("dns.opcode:16;"), RULE_REFUSAL_NUMBER, "dns.opcode"},
        {OPTIONS("priority:0;"), RULE_REFUSAL_NUMBER, "priority"},
        {OPTIONS("target:both;"), RULE_REFUSAL_VALUE, "target"},
    };
    struct rule_reader *reader = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        enum rule_refusal refusal;
        assert_int_equal(read_text(reader, cases[i].text, &refusal), RULE_REFUSED);
        if (refusal != cases[i].refusal || strcmp(reader->draft.keyword, cases[i].keyword) != 0)
            fail_msg("%s: %s (%s)", cases[i].text, rule_refusal_slugs[refusal],
                     reader->draft.keyword);
    }
}

static void a_refused_rule_is_known_by_its_sid(void **state)
{
    struct rule_reader *reader = *state;
    enum rule_refusal refusal;
    read_text(reader, OPTIONS("urilen:5;"), &refusal);
    assert_int_equal(reader->draft.rule.sid, 1);
}

static void more_than_a_rule_may_have_is_refused(void **state)
{
    char text[RULE_BYTES_MAX + 64];
    enum rule_refusal refusal;
    int len = snprintf(text, sizeof(text), "alert dns any any -> any any (sid:1; ");
    for (int i = 0; i <= RULE_CHECKS_MAX; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len, "content:\"a\"; ");
    snprintf(text + len, sizeof(text) - (size_t)len, ")");
    assert_int_equal(read_text(*state, text, &refusal), RULE_REFUSED);
    assert_int_equal(refusal, RULE_REFUSAL_MUCH);
    memset(text, ' ', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(read_text(*state, text, &refusal), RULE_REFUSED);
    assert_int_equal(refusal, RULE_REFUSAL_LONG_RULE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_of_a_publisher_is_read_in_all_its_parts),
        cmocka_unit_test(contents_are_decoded),
        cmocka_unit_test(the_shape_is_the_strongest_thing_that_must_hold),
        cmocka_unit_test(a_check_is_tried_again_when_a_later_one_counts_from_it),
        cmocka_unit_test(each_naming_of_a_buffer_is_a_look_of_its_own),
        cmocka_unit_test(a_transform_after_a_content_begins_another_look),
        cmocka_unit_test(numbers_are_compared_as_written),
        cmocka_unit_test(byte_tests_are_read),
        cmocka_unit_test(bits_and_thresholds_are_read),
        cmocka_unit_test(an_unset_variable_restricts_nothing),
        cmocka_unit_test(what_excludes_everything_is_not_any),
        cmocka_unit_test(rules_about_other_traffic_are_told_apart),
        cmocka_unit_test(what_cannot_be_honoured_is_refused_with_its_reason),
        cmocka_unit_test(a_refused_rule_is_known_by_its_sid),
        cmocka_unit_test(more_than_a_rule_may_have_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
