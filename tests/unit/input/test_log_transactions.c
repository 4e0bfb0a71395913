/* test_log_transactions.c - tests of the reader of our own form of a log
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

static void a_line_tells_query_and_response(void **state)
{
    (void)state;
    const char *told = log_tell(
        "transactions",
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": "
        "\"NOERROR\", \"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", "
        "\"ttl\": 5, \"data\": \"\\\"x y\\\"\"}]}\n");
    static const char *const expected[] = {
        "2026-11-21T10:00:00.500000Z tcp 10.0.0.7#4000 > 10.0.0.1#53 id 5 query a\\.b.example IN "
        "TXT rd\n",
        "2026-11-21T10:00:00.600000Z tcp 10.0.0.1#53 > 10.0.0.7#4000 id 5 response NOERROR "
        "a\\.b.example IN TXT aa rd ra | a\\.b.example 5 TXT \"x y\"\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void little_is_enough(void **state)
{
    (void)state;
    const char *told =
        log_tell("transactions", "{\"time\": 1795255200.5, \"client\": \"2001:db8::7\", \"qname\": "
                                 "\"q.example\", \"qtype\": \"TYPE65\"}\n");
    static const char *const expected[] = {
        "2026-11-21T10:00:00.500000Z udp 2001:db8::7#0 > ::#53 id 0 query q.example IN HTTPS rd\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void a_response_may_stand_alone(void **state)
{
    (void)state;
    const char *told =
        log_tell("transactions",
                 "{\"time\": \"2026-11-21T10:00:00.5Z\", \"client\": \"10.0.0.7\", "
                 "\"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": \"tcp\", \"id\": "
                 "5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": \"NOERROR\", "
                 "\"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", \"ttl\": "
                 "5, \"data\": \"\\\"x y\\\"\"}], \"kind\": \"response\"}\n");
    static const char *const expected[] = {
        "2026-11-21T10:00:00.500000Z tcp 10.0.0.1#53 > 10.0.0.7#4000 id 5 response",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void what_is_not_told_is_lacking(void **state)
{
    (void)state;
    const char *told = log_tell(
        "transactions",
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": "
        "\"NOERROR\", \"flags\": [\"RD\", \"RA\", \"AA\"]}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"flags\": "
        "[\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", \"ttl\": 5, \"data\": \"\\\"x "
        "y\\\"\"}]}\n");
    static const char *const expected[] = {
        "TXT aa rd ra lacks answers\n",
        "\"x y\" lacks rcode\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void damage_is_refused_with_its_reason(void **state)
{
    (void)state;
    const char *told = log_tell(
        "transactions",
        "{\"time\": \"x\", \"response_time\": \"2026-11-21T10:00:00.6Z\", \"client\": "
        "\"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": \"tcp\", "
        "\"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": \"NOERROR\", "
        "\"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", \"ttl\": 5, "
        "\"data\": \"\\\"x y\\\"\"}]}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"x\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": "
        "\"NOERROR\", \"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", "
        "\"ttl\": 5, \"data\": \"\\\"x y\\\"\"}]}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"x\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": "
        "\"NOERROR\", \"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", "
        "\"ttl\": 5, \"data\": \"\\\"x y\\\"\"}]}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"x\", \"rcode\": "
        "\"NOERROR\", \"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", "
        "\"ttl\": 5, \"data\": \"\\\"x y\\\"\"}]}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": "
        "\"NOERROR\", \"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", "
        "\"ttl\": 5, \"data\": \"\\\"x y\\\"\"}], \"qclass\": \"x\"}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": \"x\", "
        "\"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", \"ttl\": 5, "
        "\"data\": \"\\\"x y\\\"\"}]}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a\\\\.b.example\", \"qtype\": \"TXT\", \"rcode\": "
        "\"NOERROR\", \"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"x\"}]}\n"
        "{\"time\": \"2026-11-21T10:00:00.5Z\", \"response_time\": \"2026-11-21T10:00:00.6Z\", "
        "\"client\": \"10.0.0.7\", \"client_port\": 4000, \"server\": \"10.0.0.1\", \"transport\": "
        "\"tcp\", \"id\": 5, \"qname\": \"a..b\", \"qtype\": \"TXT\", \"rcode\": \"NOERROR\", "
        "\"flags\": [\"RD\", \"RA\", \"AA\"], \"answers\": [{\"type\": \"TXT\", \"ttl\": 5, "
        "\"data\": \"\\\"x y\\\"\"}]}\n"
        "x\n");
    static const char *const expected[] = {
        "! time\n! address\n! address\n! type\n! type\n! type\n! type\n! name\n! form\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_tells_query_and_response),
        cmocka_unit_test(little_is_enough),
        cmocka_unit_test(a_response_may_stand_alone),
        cmocka_unit_test(what_is_not_told_is_lacking),
        cmocka_unit_test(damage_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
