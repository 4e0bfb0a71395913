/* test_log_eve.c - tests of the reader of Suricata's EVE log
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

static void version_3_lists_its_questions(void **state)
{
    (void)state;
    const char *told = log_tell(
        "eve",
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"192.0.2.7\", \"src_port\": 4000, \"dest_ip\": \"198.51.100.53\", "
        "\"dest_port\": 53, \"proto\": \"UDP\", \"dns\": {\"version\": 3, \"type\": \"request\", "
        "\"id\": 9, \"flags\": \"110\", \"queries\": [{\"rrname\": \"a.example\", \"rrtype\": "
        "\"TXT\"}]}}\n"
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"192.0.2.7\", \"src_port\": 4000, \"dest_ip\": \"198.51.100.53\", "
        "\"dest_port\": 53, \"proto\": \"UDP\", \"dns\": {\"version\": 3, \"type\": \"response\", "
        "\"id\": 9, \"flags\": \"8580\", \"rcode\": \"NOERROR\", \"queries\": [{\"rrname\": "
        "\"a.example\", \"rrtype\": \"TXT\"}], \"answers\": [{\"rrname\": \"a.example\", "
        "\"rrtype\": \"CNAME\", \"ttl\": 5, \"rdata\": \"b.example\"}, {\"rrname\": \"b.example\", "
        "\"rrtype\": \"TXT\", \"ttl\": 6, \"rdata\": \"say \\\"hi\\\"\"}], \"grouped\": {\"TXT\": "
        "[\"x\"]}}}\n");
    static const char *const expected[] = {
        "2026-11-21T09:00:00.250000Z udp 192.0.2.7#4000 > 198.51.100.53#53 id 9 query a.example IN "
        "TXT rd cd\n",
        "udp 198.51.100.53#53 > 192.0.2.7#4000 id 9 response NOERROR a.example IN TXT aa rd ra | "
        "a.example 5 CNAME b.example | b.example 6 TXT \"say \\\"hi\\\"\"\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void version_2_tells_one_question_and_groups_of_answers(void **state)
{
    (void)state;
    const char *told = log_tell(
        "eve",
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"192.0.2.7\", \"src_port\": 4000, \"dest_ip\": \"198.51.100.53\", "
        "\"dest_port\": 53, \"proto\": \"UDP\", \"dns\": {\"version\": 2, \"type\": \"query\", "
        "\"id\": 10, \"rrname\": \"n.example\", \"rrtype\": \"A\"}}\n"
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"198.51.100.53\", \"src_port\": 53, \"dest_ip\": \"192.0.2.7\", "
        "\"dest_port\": 4000, \"proto\": \"UDP\", \"dns\": {\"version\": 2, \"type\": \"answer\", "
        "\"id\": 10, \"qr\": true, \"rd\": true, \"ra\": true, \"rcode\": \"NOERROR\", \"rrname\": "
        "\"n.example\", \"rrtype\": \"A\", \"grouped\": {\"A\": [\"192.0.2.1\"], \"CNAME\": "
        "[\"z.example\"]}}}\n");
    static const char *const expected[] = {
        "udp 192.0.2.7#4000 > 198.51.100.53#53 id 10 query n.example IN A rd\n",
        "udp 198.51.100.53#53 > 192.0.2.7#4000 id 10 response NOERROR n.example IN A rd ra | "
        "n.example 0 CNAME z.example | z.example 0 A 192.0.2.1\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void lines_of_version_1_are_one_response(void **state)
{
    (void)state;
    const char *told = log_tell(
        "eve",
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"198.51.100.53\", \"src_port\": 53, \"dest_ip\": \"192.0.2.7\", "
        "\"dest_port\": 4000, \"proto\": \"UDP\", \"dns\": {\"type\": \"answer\", \"id\": 11, "
        "\"rcode\": \"NOERROR\", \"rrname\": \"o.example\", \"rrtype\": \"A\", \"ttl\": 3, "
        "\"rdata\": \"192.0.2.1\"}}\n"
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"198.51.100.53\", \"src_port\": 53, \"dest_ip\": \"192.0.2.7\", "
        "\"dest_port\": 4000, \"proto\": \"UDP\", \"dns\": {\"type\": \"answer\", \"id\": 11, "
        "\"rcode\": \"NOERROR\", \"rrname\": \"o.example\", \"rrtype\": \"A\", \"ttl\": 3, "
        "\"rdata\": \"192.0.2.2\"}}\n"
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"198.51.100.53\", \"src_port\": 53, \"dest_ip\": \"192.0.2.7\", "
        "\"dest_port\": 4000, \"proto\": \"UDP\", \"dns\": {\"type\": \"answer\", \"id\": 12, "
        "\"rcode\": \"NXDOMAIN\", \"rrname\": \"p.example\"}}\n");
    static const char *const expected[] = {
        "id 11 response NOERROR o.example IN A rd ra | o.example 3 A 192.0.2.1 | o.example 3 A "
        "192.0.2.2\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void records_of_many_parts_are_put_together(void **state)
{
    (void)state;
    const char *told = log_tell(
        "eve",
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"192.0.2.7\", \"src_port\": 4000, \"dest_ip\": \"198.51.100.53\", "
        "\"dest_port\": 53, \"proto\": \"UDP\", \"dns\": {\"version\": 2, \"type\": \"answer\", "
        "\"id\": 9, \"rcode\": \"NOERROR\", \"rrname\": \"b.example\", \"rrtype\": \"ANY\", "
        "\"answers\": [{\"rrname\": \"b.example\", \"rrtype\": \"SRV\", \"ttl\": 6, \"srv\": "
        "{\"priority\": 1, \"weight\": 2, \"port\": 3, \"name\": \"c.example\"}}, {\"rrname\": "
        "\"b.example\", \"rrtype\": \"NULL\", \"ttl\": 6, \"rdata\": \"ab\\\\xff\"}, {\"rrname\": "
        "\"b.example\", \"rrtype\": \"MX\", \"ttl\": 6, \"rdata\": \"mx.example\"}, {\"rrname\": "
        "\"b.example\", \"rrtype\": \"SOA\", \"ttl\": 6, \"soa\": {\"mname\": "
        "\"ns.example\"}}]}}\n");
    static const char *const expected[] = {
        "| b.example 6 SRV 1 2 3 c.example",
        "| b.example 6 NULL \\# 3 6162ff",
        "| b.example 6 MX 0 mx.example",
        "| b.example 6 SOA ns.example . 0 0 0 0 0\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void records_of_unknown_types_are_lacking(void **state)
{
    (void)state;
    const char *told = log_tell(
        "eve",
        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, \"event_type\": "
        "\"dns\", \"src_ip\": \"192.0.2.7\", \"src_port\": 4000, \"dest_ip\": \"198.51.100.53\", "
        "\"dest_port\": 53, \"proto\": \"UDP\", \"dns\": {\"version\": 2, \"type\": \"answer\", "
        "\"id\": 9, \"rcode\": \"NOERROR\", \"rrname\": \"b.example\", \"rrtype\": \"A\", "
        "\"answers\": [{\"rrname\": \"b.example\", \"rrtype\": \"WHAT\", \"rdata\": \"x\"}]}}\n");
    static const char *const expected[] = {
        "response NOERROR b.example IN A rd ra lacks answers\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void other_events_add_nothing_and_damage_is_refused(void **state)
{
    (void)state;
    const char *told =
        log_tell("eve", "{\"timestamp\":\"2026-11-21T10:00:00.25+0000\",\"event_type\":\"alert\","
                        "\"dns\":{\"type\":\"query\"}}\n"
                        "{\"timestamp\": \"soon\", \"flow_id\": 1, \"event_type\": \"dns\", "
                        "\"src_ip\": \"192.0.2.7\", \"src_port\": 4000, \"dest_ip\": "
                        "\"198.51.100.53\", \"dest_port\": 53, \"proto\": \"UDP\", \"dns\": "
                        "{\"type\": \"query\", \"rrname\": \"a\", \"rrtype\": \"A\"}}\n"
                        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, "
                        "\"event_type\": \"dns\", \"src_ip\": \"here\", \"src_port\": 4000, "
                        "\"dest_ip\": \"198.51.100.53\", \"dest_port\": 53, \"proto\": \"UDP\", "
                        "\"dns\": {\"type\": \"query\", \"rrname\": \"a\", \"rrtype\": \"A\"}}\n"
                        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, "
                        "\"event_type\": \"dns\", \"src_ip\": \"192.0.2.7\", \"src_port\": 4000, "
                        "\"dest_ip\": \"198.51.100.53\", \"dest_port\": 53, \"proto\": \"UDP\", "
                        "\"dns\": {\"type\": \"query\", \"rrname\": \"a\"}}\n"
                        "{\"timestamp\": \"2026-11-21T10:00:00.250000+0100\", \"flow_id\": 1, "
                        "\"event_type\": \"dns\", \"src_ip\": \"192.0.2.7\", \"src_port\": 4000, "
                        "\"dest_ip\": \"198.51.100.53\", \"dest_port\": 53, \"proto\": \"UDP\", "
                        "\"dns\": {\"type\": \"query\", \"rrname\": \"a..b\", \"rrtype\": \"A\"}}\n"
                        "{\n");
    static const char *const expected[] = {
        "! other\n! time\n! address\n! type\n! name\n! form\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_3_lists_its_questions),
        cmocka_unit_test(version_2_tells_one_question_and_groups_of_answers),
        cmocka_unit_test(lines_of_version_1_are_one_response),
        cmocka_unit_test(records_of_many_parts_are_put_together),
        cmocka_unit_test(records_of_unknown_types_are_lacking),
        cmocka_unit_test(other_events_add_nothing_and_damage_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
