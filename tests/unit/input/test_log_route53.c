/* test_log_route53.c - tests of the reader of Amazon's Route 53 Resolver
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

static void a_line_tells_query_and_response(void **state)
{
    (void)state;
    const char *told = log_tell(
        "route53", "{\"version\": \"1.100000\", \"query_timestamp\": \"2026-11-21T10:00:00Z\", "
                   "\"query_name\": \"a.example.\", \"query_type\": \"A\", \"query_class\": "
                   "\"IN\", \"rcode\": \"NOERROR\", \"answers\": [{\"Rdata\": \"b.example.\", "
                   "\"Type\": \"CNAME\", \"Class\": \"IN\"}, {\"Rdata\": \"192.0.2.1\", \"Type\": "
                   "\"A\", \"Class\": \"IN\"}], \"srcaddr\": \"10.0.0.7\", \"srcport\": \"4000\", "
                   "\"transport\": \"UDP\", \"srcids\": {\"instance\": \"i-1\"}}\n");
    static const char *const expected[] = {
        "2026-11-21T10:00:00.000000Z udp 10.0.0.7#4000 > 169.254.169.253#53 id 0 query a.example "
        "IN A rd\n",
        "id 0 response NOERROR a.example IN A rd ra | a.example 0 CNAME b.example | b.example 0 A "
        "192.0.2.1\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void cloudwatch_wraps_many_lines_in_one(void **state)
{
    (void)state;
    const char *told = log_tell(
        "route53",
        "{\"messageType\": \"DATA_MESSAGE\", \"logEvents\": [{\"message\": \"{\\\"version\\\": "
        "\\\"1.100000\\\", \\\"query_timestamp\\\": \\\"2026-11-21T10:00:00Z\\\", "
        "\\\"query_name\\\": \\\"n.example.\\\", \\\"query_type\\\": \\\"A\\\", "
        "\\\"query_class\\\": \\\"IN\\\", \\\"rcode\\\": \\\"NXDOMAIN\\\", \\\"answers\\\": [], "
        "\\\"srcaddr\\\": \\\"10.0.0.7\\\", \\\"srcport\\\": \\\"4000\\\", \\\"transport\\\": "
        "\\\"UDP\\\", \\\"srcids\\\": {\\\"instance\\\": \\\"i-1\\\"}}\"}, {\"message\": "
        "\"{\\\"version\\\": \\\"1.100000\\\", \\\"query_timestamp\\\": "
        "\\\"2026-11-21T10:00:00Z\\\", \\\"query_name\\\": \\\"a.example.\\\", \\\"query_type\\\": "
        "\\\"A\\\", \\\"query_class\\\": \\\"IN\\\", \\\"rcode\\\": \\\"NOERROR\\\", "
        "\\\"answers\\\": [{\\\"Rdata\\\": \\\"b.example.\\\", \\\"Type\\\": \\\"CNAME\\\", "
        "\\\"Class\\\": \\\"IN\\\"}, {\\\"Rdata\\\": \\\"192.0.2.1\\\", \\\"Type\\\": \\\"A\\\", "
        "\\\"Class\\\": \\\"IN\\\"}], \\\"srcaddr\\\": \\\"10.0.0.7\\\", \\\"srcport\\\": 7, "
        "\\\"transport\\\": \\\"TCP\\\", \\\"srcids\\\": {\\\"instance\\\": \\\"i-1\\\"}}\"}]}\n");
    static const char *const expected[] = {
        "response NXDOMAIN n.example IN A rd ra\n",
        "tcp 10.0.0.7#7 > 169.254.169.253#53 id 1 query a.example IN A rd\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void texts_stand_in_quotes(void **state)
{
    (void)state;
    const char *told = log_tell(
        "route53", "{\"version\": \"1.100000\", \"query_timestamp\": \"2026-11-21T10:00:00Z\", "
                   "\"query_name\": \"a.example.\", \"query_type\": \"TXT\", \"query_class\": "
                   "\"IN\", \"rcode\": \"NOERROR\", \"answers\": [{\"Rdata\": \"\\\"one\\\" "
                   "\\\"two\\\"\", \"Type\": \"TXT\"}], \"srcaddr\": \"10.0.0.7\", \"srcport\": "
                   "\"4000\", \"transport\": \"UDP\", \"srcids\": {\"instance\": \"i-1\"}}\n");
    static const char *const expected[] = {
        "| a.example 0 TXT \"one\" \"two\"\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void damage_is_refused_with_its_reason(void **state)
{
    (void)state;
    const char *told = log_tell(
        "route53",
        "{\"version\": \"1.100000\", \"query_timestamp\": \"x\", \"query_name\": \"a.example.\", "
        "\"query_type\": \"A\", \"query_class\": \"IN\", \"rcode\": \"NOERROR\", \"answers\": "
        "[{\"Rdata\": \"b.example.\", \"Type\": \"CNAME\", \"Class\": \"IN\"}, {\"Rdata\": "
        "\"192.0.2.1\", \"Type\": \"A\", \"Class\": \"IN\"}], \"srcaddr\": \"10.0.0.7\", "
        "\"srcport\": \"4000\", \"transport\": \"UDP\", \"srcids\": {\"instance\": \"i-1\"}}\n"
        "{\"version\": \"1.100000\", \"query_timestamp\": \"2026-11-21T10:00:00Z\", "
        "\"query_name\": \"a.example.\", \"query_type\": \"A\", \"query_class\": \"IN\", "
        "\"rcode\": \"NOERROR\", \"answers\": [{\"Rdata\": \"b.example.\", \"Type\": \"CNAME\", "
        "\"Class\": \"IN\"}, {\"Rdata\": \"192.0.2.1\", \"Type\": \"A\", \"Class\": \"IN\"}], "
        "\"srcaddr\": \"x\", \"srcport\": \"4000\", \"transport\": \"UDP\", \"srcids\": "
        "{\"instance\": \"i-1\"}}\n"
        "{\"version\": \"1.100000\", \"query_timestamp\": \"2026-11-21T10:00:00Z\", "
        "\"query_name\": \"a.example.\", \"query_type\": \"x\", \"query_class\": \"IN\", "
        "\"rcode\": \"NOERROR\", \"answers\": [{\"Rdata\": \"b.example.\", \"Type\": \"CNAME\", "
        "\"Class\": \"IN\"}, {\"Rdata\": \"192.0.2.1\", \"Type\": \"A\", \"Class\": \"IN\"}], "
        "\"srcaddr\": \"10.0.0.7\", \"srcport\": \"4000\", \"transport\": \"UDP\", \"srcids\": "
        "{\"instance\": \"i-1\"}}\n"
        "{\"version\": \"1.100000\", \"query_timestamp\": \"2026-11-21T10:00:00Z\", "
        "\"query_name\": \"a.example.\", \"query_type\": \"A\", \"query_class\": \"IN\", "
        "\"rcode\": \"x\", \"answers\": [{\"Rdata\": \"b.example.\", \"Type\": \"CNAME\", "
        "\"Class\": \"IN\"}, {\"Rdata\": \"192.0.2.1\", \"Type\": \"A\", \"Class\": \"IN\"}], "
        "\"srcaddr\": \"10.0.0.7\", \"srcport\": \"4000\", \"transport\": \"UDP\", \"srcids\": "
        "{\"instance\": \"i-1\"}}\n"
        "{\"version\": \"1.100000\", \"query_timestamp\": \"2026-11-21T10:00:00Z\", "
        "\"query_name\": \"a..b\", \"query_type\": \"A\", \"query_class\": \"IN\", \"rcode\": "
        "\"NOERROR\", \"answers\": [{\"Rdata\": \"b.example.\", \"Type\": \"CNAME\", \"Class\": "
        "\"IN\"}, {\"Rdata\": \"192.0.2.1\", \"Type\": \"A\", \"Class\": \"IN\"}], \"srcaddr\": "
        "\"10.0.0.7\", \"srcport\": \"4000\", \"transport\": \"UDP\", \"srcids\": {\"instance\": "
        "\"i-1\"}}\n"
        "{\"version\": \"1.100000\", \"query_timestamp\": \"2026-11-21T10:00:00Z\", "
        "\"query_type\": \"A\", \"query_class\": \"IN\", \"rcode\": \"NOERROR\", \"answers\": "
        "[{\"Rdata\": \"b.example.\", \"Type\": \"CNAME\", \"Class\": \"IN\"}, {\"Rdata\": "
        "\"192.0.2.1\", \"Type\": \"A\", \"Class\": \"IN\"}], \"srcaddr\": \"10.0.0.7\", "
        "\"srcport\": \"4000\", \"transport\": \"UDP\", \"srcids\": {\"instance\": \"i-1\"}}\n"
        "x\n");
    static const char *const expected[] = {
        "! time\n! address\n! type\n! type\n! name\n! other\n! form\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_tells_query_and_response),
        cmocka_unit_test(cloudwatch_wraps_many_lines_in_one),
        cmocka_unit_test(texts_stand_in_quotes),
        cmocka_unit_test(damage_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
