/* test_log_dnsmasq.c - tests of the reader of the logs of dnsmasq and Pi-hole
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

#include <stdio.h>

#define AT   "Nov 22 03:29:03 dnsmasq[17215]: "
#define TIME "2026-11-22T03:29:03.000000Z udp "

static void lines_with_number_and_client_are_one_answer(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("dnsmasq", AT "3 192.0.2.1/4994 query[A] web.example from 192.0.2.1\n" AT
                               "3 192.0.2.1/4994 forwarded web.example to 192.0.2.53#53\n" AT
                               "4 192.0.2.2/77 query[A] web.example from 192.0.2.2\n" AT
                               "3 192.0.2.1/4994 reply web.example is <CNAME>\n" AT
                               "3 192.0.2.1/4994 reply www.example is 192.0.2.80\n" AT
                               "3 192.0.2.1/4994 reply www.example is 192.0.2.81\n" AT
                               "4 192.0.2.2/77 cached web.example is NXDOMAIN\n"),
        TIME "192.0.2.1#4994 > ::#53 id 0 query web.example IN A rd\n"
             "! other\n" TIME "192.0.2.2#77 > ::#53 id 1 query web.example IN A rd\n" TIME
             "::#53 > 192.0.2.1#4994 id 0 response NOERROR web.example IN A rd ra"
             " | web.example 0 CNAME www.example | www.example 0 A 192.0.2.80"
             " | www.example 0 A 192.0.2.81\n" TIME
             "::#53 > 192.0.2.2#77 id 1 response NXDOMAIN web.example IN A rd ra\n");
}

static void without_them_an_answer_goes_to_who_asked_for_its_name_and_type(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("dnsmasq",
                 AT "query[A] a.example from 192.0.2.1\n" AT
                    "query[AAAA] a.example from 192.0.2.1\n" AT
                    "reply a.example is 2001:db8::80\n" AT "query[A] b.example from 192.0.2.2\n" AT
                    "reply a.example is 192.0.2.80\n" AT "gravity blocked b.example is 0.0.0.0\n"),
        TIME "192.0.2.1#0 > ::#53 id 0 query a.example IN A rd lacks response\n" TIME
             "192.0.2.1#0 > ::#53 id 1 query a.example IN AAAA rd lacks response\n" TIME
             "::#53 > 192.0.2.1#0 id 1 response NOERROR a.example IN AAAA rd ra"
             " | a.example 0 AAAA 2001:db8::80\n" TIME
             "192.0.2.2#0 > ::#53 id 2 query b.example IN A rd lacks response\n" TIME
             "::#53 > 192.0.2.1#0 id 0 response NOERROR a.example IN A rd ra"
             " | a.example 0 A 192.0.2.80\n" TIME
             "::#53 > 192.0.2.2#0 id 2 response NOERROR b.example IN A rd ra"
             " | b.example 0 A 0.0.0.0\n");
}

static void names_and_texts_stand_there_with_spaces(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("dnsmasq",
                 AT "query[TXT] a from b.example from 192.0.2.1\n" AT
                    "reply a from b.example is some text\n" AT "reply a from b.example is more\n"),
        TIME
        "192.0.2.1#0 > ::#53 id 0 query a\\032from\\032b.example IN TXT rd lacks response\n" TIME
        "::#53 > 192.0.2.1#0 id 0 response NOERROR a\\032from\\032b.example IN TXT rd ra"
        " | a\\032from\\032b.example 0 TXT \"some text\""
        " | a\\032from\\032b.example 0 TXT \"more\"\n");
}

static void records_that_are_named_but_not_shown_are_lacking(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("dnsmasq",
                 AT "query[MX] example from 192.0.2.1\n" AT "cached example is <MX>\n" AT
                    "query[type=65280] example from 192.0.2.1\n" AT "config example is NODATA\n"),
        TIME "192.0.2.1#0 > ::#53 id 0 query example IN MX rd lacks response\n" TIME
             "::#53 > 192.0.2.1#0 id 0 response NOERROR example IN MX rd ra lacks answers\n" TIME
             "192.0.2.1#0 > ::#53 id 1 query example IN TYPE65280 rd lacks response\n" TIME
             "::#53 > 192.0.2.1#0 id 1 response NOERROR example IN TYPE65280 rd ra\n");
}

static void an_answer_that_is_not_about_the_name_tells_its_result_alone(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("dnsmasq",
                 AT "9 192.0.2.1/1024 query[PTR] 80.2.0.192.in-addr.arpa from 192.0.2.1\n" AT
                    "9 192.0.2.1/1024 reply error is REFUSED\n"),
        TIME "192.0.2.1#1024 > ::#53 id 0 query 80.2.0.192.in-addr.arpa IN PTR rd\n" TIME
             "::#53 > 192.0.2.1#1024 id 0 response REFUSED rd ra lacks answers\n");
}

static void an_answer_to_nobody_is_left_out(void **state)
{
    (void)state;
    assert_string_equal(log_tell("dnsmasq", AT "reply a.example is 192.0.2.80\n" AT
                                               "/etc/hosts pi.hole is 192.0.2.1\n" AT
                                               "reply error is REFUSED\n"),
                        "");
}

static void an_answer_of_many_records_is_kept_in_part(void **state)
{
    static char lines[16 * 1024];
    size_t len = (size_t)sprintf(lines, AT "query[A] a.example from 192.0.2.1\n");
    (void)state;
    for (int i = 0; i < LOG_ANSWERS_MAX + 1; i++)
        len += (size_t)sprintf(lines + len, AT "reply a.example is 192.0.2.%d\n", i);
    const char *told = log_tell("dnsmasq", lines);
    assert_non_null(strstr(told, "192.0.2.63 lacks answers\n"));
}

static void damage_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *line;
        const char *told;
    } cases[] = {
        {"dnsmasq[1]: query[A] a from 192.0.2.1\n", "! time\n"},
        {"Nov 31 03:29:03 dnsmasq[1]: query[A] a from 192.0.2.1\n", "! time\n"},
        {AT "query[A] a from \n", "! address\n"},
        {AT "query[A] a", "! cut\n"},
        {AT "query[A", "! cut\n"},
        {AT "query[NONE] a from 192.0.2.1\n", "! type\n"},
        {AT "query[A] a from 192.0.2.\n", "! address\n"},
        {AT "query[A] a..b from 192.0.2.1\n", "! name\n"},
        {AT "reply a", "! cut\n"},
        {AT "reply a is ", "! cut\n"},
        {AT, "! other\n"},
        {AT "started, version 2.90 cachesize 100\n", "! other\n"},
        {"Nov 22 03:29:03 dnsmasq-dhcp[1]: DHCPACK(eth0) 192.0.2.1\n", "! other\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(log_tell("dnsmasq", cases[i].line), cases[i].told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_with_number_and_client_are_one_answer),
        cmocka_unit_test(without_them_an_answer_goes_to_who_asked_for_its_name_and_type),
        cmocka_unit_test(names_and_texts_stand_there_with_spaces),
        cmocka_unit_test(records_that_are_named_but_not_shown_are_lacking),
        cmocka_unit_test(an_answer_that_is_not_about_the_name_tells_its_result_alone),
        cmocka_unit_test(an_answer_to_nobody_is_left_out),
        cmocka_unit_test(an_answer_of_many_records_is_kept_in_part),
        cmocka_unit_test(damage_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
