/* test_log_unbound.c - tests of the reader of Unbound's logs
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

static void a_reply_answers_the_query_told_before_it(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("unbound", "[1795318138] unbound[16936:0] info: 192.0.2.1 a.example. A IN\n"
                            "[1795318138] unbound[16936:0] info: 192.0.2.2 a.example. A IN\n"
                            "[1795318139] unbound[16936:0] info: 192.0.2.1 a.example. A IN "
                            "NXDOMAIN 0.000708 0 72\n"),
        "2026-11-22T03:28:58.000000Z udp 192.0.2.1#0 > ::#53 id 0 query a.example IN A rd "
        "lacks response\n"
        "2026-11-22T03:28:58.000000Z udp 192.0.2.2#0 > ::#53 id 1 query a.example IN A rd "
        "lacks response\n"
        "2026-11-22T03:28:59.000000Z udp ::#53 > 192.0.2.1#0 id 0 response NXDOMAIN a.example IN A "
        "rd ra\n");
}

static void a_reply_alone_tells_the_query_too(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("unbound", "Nov 22 03:29:01 ns1 unbound: [17080:0] reply: 2001:db8::1 a?b.example."
                            " TYPE65280 CH SERVFAIL 0.000000 1 40\n"),
        "2026-11-22T03:29:01.000000Z udp 2001:db8::1#0 > ::#53 id 0 query a?b.example CH TYPE65280 "
        "rd\n"
        "2026-11-22T03:29:01.000000Z udp ::#53 > 2001:db8::1#0 id 0 response SERVFAIL a?b.example "
        "CH TYPE65280 rd ra\n");
}

static void a_reply_is_not_joined_with_a_query_of_long_ago(void **state)
{
    (void)state;
    const char *told =
        log_tell("unbound", "[1795318138] unbound[1:0] query: 192.0.2.1 a.example. A IN\n"
                            "[1795318199] unbound[1:0] reply: 192.0.2.1 a.example. A IN NOERROR "
                            "0.000000 1 40\n");
    assert_non_null(strstr(told, "id 1 query a.example"));
}

static void other_lines_and_local_actions_add_nothing(void **state)
{
    (void)state;
    assert_string_equal(
        log_tell("unbound", "[1795318138] unbound[1:0] info: start of service (unbound 1.17.1).\n"
                            "[1795318138] unbound[1:0] info: blocked.example. always_nxdomain "
                            "192.0.2.1@45944 x.blocked.example. A IN\n"
                            "[1795318138] unbound[1:0] notice: init module 0: iterator\n"
                            "[1795318138] named[1]: info: 192.0.2.1 a.example. A IN\n"
                            "[1795318138]\n"),
        "! other\n! other\n! other\n! other\n! other\n");
}

static void damage_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *line;
        const char *told;
    } cases[] = {
        {"unbound[1:0] info: 192.0.2.1 a.example. A IN\n", "! time\n"},
        {"[1795318138] unbound[1:0] reply: 192.0.2.1 a.example. A IN WRONG 0 0 1\n", "! type\n"},
        {"[1795318138] unbound[1:0] query: 192.0.2.1 a..example. A IN\n", "! name\n"},
        {"[1795318138] unbound[1:0] query: 192.0.2.1 a.example. A", "! other\n"},
        {"[1795318138] unbound[1:0] query: 192.0.2.1 ", "! other\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(log_tell("unbound", cases[i].line), cases[i].told);
}

static void it_is_recognised_though_it_begins_with_notices(void **state)
{
    static const char text[] = "[1795318137] unbound[16936:0] notice: init module 0: iterator\n"
                               "[1795318137] unbound[16936:0] info: start of service\n"
                               "[1795318138] unbound[16936:0] info: 127.0.0.1 www.exam";
    (void)state;
    assert_ptr_equal(log_format_recognise(text, strlen(text)), log_format_find("unbound"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_answers_the_query_told_before_it),
        cmocka_unit_test(a_reply_alone_tells_the_query_too),
        cmocka_unit_test(a_reply_is_not_joined_with_a_query_of_long_ago),
        cmocka_unit_test(other_lines_and_local_actions_add_nothing),
        cmocka_unit_test(damage_is_refused_with_its_reason),
        cmocka_unit_test(it_is_recognised_though_it_begins_with_notices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
