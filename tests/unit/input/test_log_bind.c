/* test_log_bind.c - tests of the reader of BIND's query log
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

static const struct {
    const char *line;
    const char *told;
} forms[] = {
    {"2026-11-21T21:19:04.196Z queries: info: client @0x7fe180c1a098 127.0.0.1#45253 "
     "(h5302.example.test): query: h5302.example.test IN A + (127.0.0.1)\n",
     "2026-11-21T21:19:04.196000Z udp 127.0.0.1#45253 > 127.0.0.1#53 id 0 query "
     "h5302.example.test IN A rd\n"},
    {"21-Nov-2026 21:19:04.196 client @0x7fe180c1a098 2001:db8::1#1 (a.example): view internal: "
     "query: a.example IN AAAA -SE(0)TDCK (2001:db8::53) [ECS 192.0.2.0/24/0]\n",
     "2026-11-21T21:19:04.196000Z tcp 2001:db8::1#1 > 2001:db8::53#53 id 0 query a.example IN AAAA "
     "cd edns do\n"},
    {"Nov 21 21:19:04 ns1 named[77]: client 192.0.2.7#4242/key k.example (\\\"x\\032y.example): "
     "query: \\\"x\\032y.example CH TXT +E(0)V (192.0.2.53)\n",
     "2026-11-21T21:19:04.000000Z udp 192.0.2.7#4242 > 192.0.2.53#53 id 0 query "
     "\\\"x\\032y.example CH TXT rd edns\n"},
};

static void a_query_is_told_in_every_form_a_channel_prints(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        assert_string_equal(log_tell("bind", forms[i].line), forms[i].told);
}

static void the_format_is_recognised_by_any_of_its_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        assert_ptr_equal(log_format_recognise(forms[i].line, strlen(forms[i].line)),
                         log_format_find("bind"));
    static const char notices[] = "21-Nov-2026 21:19:04.196 all zones loaded\n";
    assert_null(log_format_recognise(notices, strlen(notices)));
}

static void what_is_no_query_is_passed_over(void **state)
{
    (void)state;
    assert_string_equal(log_tell("bind", "21-Nov-2026 21:19:04.196 general: notice: running\n"
                                         "21-Nov-2026 21:19:04.196 client @0x7fe1 192.0.2.1#4 "
                                         "(a.example): query failed (SERVFAIL) for a.example\n"),
                        "! other\n! other\n");
}

static void damage_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *line;
        const char *told;
    } cases[] = {
        {"client @0x7f 192.0.2.1#4 (a): query: a IN A + (192.0.2.53)\n", "! time\n"},
        {"31-Feb-2026 21:19:04.196 client @0x7f 192.0.2.1#4 (a): query: a IN A + (192.0.2.53)\n",
         "! time\n"},
        {"21-Nov-2026 21:19:04 client @0x7f 192.0.2.1#65536 (a): query: a IN A + (192.0.2.53)\n",
         "! address\n"},
        {"21-Nov-2026 21:19:04 client @0x7f 192.0.2.1#4 (a): query: a IN A + (192.0.2.)\n",
         "! address\n"},
        {"21-Nov-2026 21:19:04 client @0x7f 192.0.2.1#4 (a): query: a IN A +", "! cut\n"},
        {"21-Nov-2026 21:19:04 client @0x7f 192.0.2.1#4 (a): query: a IN TYPE65536 + (::1)\n",
         "! type\n"},
        {"21-Nov-2026 21:19:04 client @0x7f 192.0.2.1#4 (a..b): query: a..b IN A + (::1)\n",
         "! name\n"},
        {"21-Nov-2026 21:19:04 client ", "! address\n"},
        {"21-Nov-2026 21:19:04 client @0x7f ", "! address\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(log_tell("bind", cases[i].line), cases[i].told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_told_in_every_form_a_channel_prints),
        cmocka_unit_test(the_format_is_recognised_by_any_of_its_lines),
        cmocka_unit_test(what_is_no_query_is_passed_over),
        cmocka_unit_test(damage_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
