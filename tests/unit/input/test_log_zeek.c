/* test_log_zeek.c - tests of the reader of Zeek's dns.log
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

static void a_heading_says_how_the_table_is_written(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "#separator \\x09\n"
                         "#set_separator\t|\n"
                         "#empty_field\t(none)\n"
                         "#unset_field\t~\n"
                         "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
                         "id\trtt\tquery\tqtype\trcode\tRD\tRA\tAA\tanswers\tTTLs\n"
                         "1521911720.865716\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t36329\t0."
                         "000870\ta.example\t1\t0\tT\tT\tF\tb.example|192.0.2.1\t30.000000|60.5\n");
    static const char *const expected[] = {
        "2018-03-24T17:15:20.865716Z udp 10.0.0.7#4000 > 10.0.0.53#53 id 36329 query a.example IN "
        "A rd\n",
        "2018-03-24T17:15:20.866586Z udp 10.0.0.53#53 > 10.0.0.7#4000 id 36329 response NOERROR "
        "a.example IN A rd ra | a.example 30 CNAME b.example | b.example 60 A 192.0.2.1\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void without_a_heading_the_usual_columns_are_taken(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "1521911720.5\tC1\t10.0.0.7\t4000\t10.0.0.53\t53\ttcp\t7\t-\ta."
                         "example\t1\tC_INTERNET\t28\tAAAA\t3\tNXDOMAIN\tT\tF\tT\tF\t0\t-\t-\tF\n");
    static const char *const expected[] = {
        "tcp 10.0.0.7#4000 > 10.0.0.53#53 id 7 query a.example IN AAAA rd\n",
        "response NXDOMAIN a.example IN AAAA aa rd\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void a_query_without_a_response_stands_alone(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "#separator \\x09\n"
                         "#set_separator\t|\n"
                         "#empty_field\t(none)\n"
                         "#unset_field\t~\n"
                         "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
                         "id\trtt\tquery\tqtype\trcode\tRD\tRA\tAA\tanswers\tTTLs\n"
                         "1521911721.000000\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t7\t~\tq."
                         "example\t16\t~\tT\tF\tF\t~\t~\n");
    static const char *const expected[] = {
        "! other\n2018-03-24T17:15:21.000000Z udp 10.0.0.7#4000 > 10.0.0.53#53 id 7 query "
        "q.example IN TXT rd\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void escaped_bytes_are_bytes_of_the_name(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "#separator \\x09\n"
                         "#set_separator\t|\n"
                         "#empty_field\t(none)\n"
                         "#unset_field\t~\n"
                         "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
                         "id\trtt\tquery\tqtype\trcode\tRD\tRA\tAA\tanswers\tTTLs\n"
                         "1521911720.5\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t7\t~\t\\xff\\x2e\\x5c."
                         "example\t16\t~\tT\tF\tF\t~\t~\n");
    static const char *const expected[] = {
        "query \\255\\.\\\\.example IN TXT",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void texts_end_where_their_length_says(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "#separator \\x09\n"
                         "#set_separator\t|\n"
                         "#empty_field\t(none)\n"
                         "#unset_field\t~\n"
                         "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
                         "id\trtt\tquery\tqtype\trcode\tRD\tRA\tAA\tanswers\tTTLs\n"
                         "1521911720.5\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t8\t0.5\tt."
                         "example\t16\t0\tT\tT\tF\tTXT 7 a\\x7cb\\x22c\\x00d TXT 2 xy\t1.0\n");
    static const char *const expected[] = {
        "| t.example 1 TXT \"a|b\\\"c\\000d\" \"xy\"\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void names_in_answers_are_of_the_type_that_was_asked(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "#separator \\x09\n"
                         "#set_separator\t|\n"
                         "#empty_field\t(none)\n"
                         "#unset_field\t~\n"
                         "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
                         "id\trtt\tquery\tqtype\trcode\tRD\tRA\tAA\tanswers\tTTLs\n"
                         "1521911720.5\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t8\t0.5\tm."
                         "example\t15\t0\tT\tT\tF\tmx1.example|mx2.example\t1.0|2.0\n"
                         "1521911720.5\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t8\t0.5\tn."
                         "example\t2\t0\tT\tT\tF\tns.example\t1.0\n");
    static const char *const expected[] = {
        "| m.example 1 MX 0 mx1.example",
        "| m.example 2 MX 0 mx2.example\n",
        "| n.example 1 NS ns.example",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void what_an_answer_does_not_tell_is_lacking(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "#separator \\x09\n"
                         "#set_separator\t|\n"
                         "#empty_field\t(none)\n"
                         "#unset_field\t~\n"
                         "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
                         "id\trtt\tquery\tqtype\trcode\tRD\tRA\tAA\tanswers\tTTLs\n"
                         "1521911720.5\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t8\t0.5\tn."
                         "example\t10\t0\tT\tT\tF\t<unknown type=10>\t1.0\n");
    static const char *const expected[] = {
        "response NOERROR n.example IN NULL rd ra lacks answers\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void objects_tell_the_same(void **state)
{
    (void)state;
    const char *told = log_tell(
        "zeek", "{\"ts\":1521911720.865716,\"uid\":\"C\",\"id.orig_h\":\"10.0.0.7\",\"id.orig_p\":"
                "4000,\"id.resp_h\":\"10.0.0.53\",\"id.resp_p\":53,\"proto\":\"udp\",\"trans_id\":"
                "36329,\"rtt\":0.00087,\"query\":\"a\\\\xc3.example\",\"qclass\":1,\"qtype\":28,"
                "\"rcode\":0,\"AA\":false,\"RD\":true,\"RA\":true,\"answers\":[\"b.example\","
                "\"2001:db8::1\"],\"TTLs\":[30.0,40],\"rejected\":false}\n"
                "{\"ts\":\"2026-11-21T10:00:00.5Z\",\"uid\":\"C\",\"id.orig_h\":\"10.0.0.7\",\"id."
                "orig_p\":1,\"id.resp_h\":\"10.0.0.53\",\"id.resp_p\":53,\"proto\":\"udp\",\"trans_"
                "id\":1,\"query\":\"b.example\",\"qtype\":1,\"RD\":true}\n");
    static const char *const expected[] = {
        "2018-03-24T17:15:20.865716Z udp 10.0.0.7#4000",
        "id 36329 query a\\195.example IN AAAA rd\n",
        "| b.example 40 AAAA 2001:db8::1\n",
        "2026-11-21T10:00:00.500000Z udp 10.0.0.7#1 > 10.0.0.53#53 id 1 query b.example IN A rd\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void a_response_without_its_query_stands_alone(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("zeek", "1521911720.5\tC1\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t7\t-\ta.example\t-"
                         "\t-\t-\t-\t0\tNOERROR\tF\tF\tF\tT\t0\tb.example,192.0.2.1\t1.0,2.0\tF\n"),
        "2018-03-24T17:15:20.500000Z udp 10.0.0.53#53 > 10.0.0.7#4000 id 7 response NOERROR "
        "a.example IN A ra | a.example 1 CNAME b.example | b.example 2 A 192.0.2.1\n");
}

static void damage_is_refused_with_its_reason(void **state)
{
    (void)state;
    const char *told =
        log_tell("zeek", "#separator \\x09\n"
                         "#set_separator\t|\n"
                         "#empty_field\t(none)\n"
                         "#unset_field\t~\n"
                         "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
                         "id\trtt\tquery\tqtype\trcode\tRD\tRA\tAA\tanswers\tTTLs\n"
                         "x\n"
                         "1521911720.5\t10.0.0.700\t4000\t10.0.0.53\t53\tudp\t8\t0.5\tn."
                         "example\t1\t3\tT\tT\tF\t~\t~\n"
                         "1521911720.5\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t8\t0.5\tn.."
                         "example\t1\t3\tT\tT\tF\t~\t~\n"
                         "1521911720.5\t10.0.0.7\t4000\t10.0.0.53\t53\tudp\t8\t0.5\tn."
                         "example\t65536\t3\tT\tT\tF\t~\t~\n"
                         "{\"a\":\n"
                         "[1]\n");
    static const char *const expected[] = {
        "! time\n! address\n! name\n! type\n! form\n! time\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heading_says_how_the_table_is_written),
        cmocka_unit_test(without_a_heading_the_usual_columns_are_taken),
        cmocka_unit_test(a_query_without_a_response_stands_alone),
        cmocka_unit_test(escaped_bytes_are_bytes_of_the_name),
        cmocka_unit_test(texts_end_where_their_length_says),
        cmocka_unit_test(names_in_answers_are_of_the_type_that_was_asked),
        cmocka_unit_test(what_an_answer_does_not_tell_is_lacking),
        cmocka_unit_test(objects_tell_the_same),
        cmocka_unit_test(a_response_without_its_query_stands_alone),
        cmocka_unit_test(damage_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
