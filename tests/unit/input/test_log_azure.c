/* test_log_azure.c - tests of the reader of Azure's DNS logs
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"

static void records_of_a_diagnostic_setting_come_in_a_list(void **state)
{
    (void)state;
    const char *told = log_tell(
        "azure",
        "{\"records\": [{\"time\": \"2026-11-21T10:00:00.1234567Z\", \"category\": "
        "\"DnsResponse\", \"properties\": {\"query_name\": \"a.example.\", \"query_type\": \"A\", "
        "\"query_class\": \"IN\", \"response_code\": 0, \"srcipaddr\": \"10.0.0.7\", \"srcport\": "
        "4000, \"dstipaddr\": \"168.63.129.16\", \"dstport\": 53, \"transport\": \"UDP\", "
        "\"answer\": [{\"Type\": \"A\", \"Class\": \"IN\", \"TTL\": 60, \"RData\": "
        "\"192.0.2.1\"}]}}, {\"time\": \"2026-11-21T10:00:00.1234567Z\", \"category\": "
        "\"DnsResponse\", \"properties\": {\"query_name\": \"a.example.\", \"query_type\": \"A\", "
        "\"query_class\": \"IN\", \"response_code\": 0, \"srcipaddr\": \"10.0.0.7\", \"srcport\": "
        "4000, \"dstipaddr\": \"168.63.129.16\", \"dstport\": 53, \"transport\": \"UDP\", "
        "\"answer\": [{\"Type\": \"A\", \"Class\": \"IN\", \"TTL\": 60, \"RData\": "
        "\"192.0.2.1\"}]}}]}\n"
        "{\"time\": \"2026-11-21T10:00:00.1234567Z\", \"category\": \"DnsResponse\", "
        "\"properties\": {\"query_name\": \"a.example.\", \"query_type\": \"A\", \"query_class\": "
        "\"IN\", \"response_code\": 0, \"srcipaddr\": \"10.0.0.7\", \"srcport\": 4000, "
        "\"dstipaddr\": \"168.63.129.16\", \"dstport\": 53, \"transport\": \"UDP\", \"answer\": "
        "[{\"Type\": \"A\", \"Class\": \"IN\", \"TTL\": 60, \"RData\": \"192.0.2.1\"}]}}\n");
    static const char *const expected[] = {
        "2026-11-21T10:00:00.123456Z udp 10.0.0.7#4000 > 168.63.129.16#53 id 0 query a.example IN "
        "A rd\n",
        "id 2 response NOERROR a.example IN A rd ra | a.example 60 A 192.0.2.1\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void rows_of_the_table_hold_their_answers_as_text(void **state)
{
    (void)state;
    const char *told = log_tell(
        "azure", "{\"TimeGenerated\": \"2026-11-21T10:00:00Z\", \"SourceIpAddress\": \"10.0.0.7\", "
                 "\"SourcePort\": 4001, \"DestinationIpAddress\": \"168.63.129.16\", "
                 "\"DestinationPort\": 53, \"Transport\": \"TCP\", \"QueryName\": \"b.example.\", "
                 "\"QueryType\": \"TXT\", \"QueryClass\": \"IN\", \"ResponseCode\": 0, \"Answer\": "
                 "\"[{\\\"Type\\\":\\\"TXT\\\",\\\"TTL\\\":5,\\\"RData\\\":\\\"hi\\\"}]\"}\n");
    static const char *const expected[] = {
        "tcp 10.0.0.7#4001 > 168.63.129.16#53",
        "response NOERROR b.example IN TXT rd ra | b.example 5 TXT \"hi\"\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void dns_events_of_windows_servers_are_read(void **state)
{
    (void)state;
    const char *told = log_tell(
        "azure", "{\"TimeGenerated\": \"2026-11-21T10:00:00Z\", \"ClientIP\": \"10.0.0.8\", "
                 "\"Name\": \"c.example\", \"QueryType\": \"A\", \"ResultCode\": 0, "
                 "\"IPAddresses\": \"192.0.2.1,192.0.2.2\", \"SubType\": \"LookupQuery\"}\n");
    static const char *const expected[] = {
        "udp 10.0.0.8#0 > ::#53 id 0 query c.example IN A rd\n",
        "| c.example 0 A 192.0.2.1 | c.example 0 A 192.0.2.2\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void normalised_rows_are_read(void **state)
{
    (void)state;
    const char *told =
        log_tell("azure", "{\"EventStartTime\": \"2026-11-21T10:00:00Z\", \"SrcIpAddr\": "
                          "\"10.0.0.8\", \"SrcPortNumber\": 7, \"DstIpAddr\": \"10.0.0.1\", "
                          "\"DnsQuery\": \"d.example\", \"DnsQueryTypeName\": \"AAAA\", "
                          "\"EventResultDetails\": \"NXDOMAIN\", \"TransactionIdHex\": \"00ff\", "
                          "\"NetworkProtocol\": \"UDP\", \"EventSubType\": \"response\"}\n"
                          "{\"EventStartTime\": \"2026-11-21T10:00:00Z\", \"SrcIpAddr\": "
                          "\"10.0.0.8\", \"SrcPortNumber\": 7, \"DstIpAddr\": \"10.0.0.1\", "
                          "\"DnsQuery\": \"d.example\", \"DnsQueryTypeName\": \"AAAA\", "
                          "\"EventResultDetails\": \"NXDOMAIN\", \"TransactionIdHex\": \"00ff\", "
                          "\"NetworkProtocol\": \"UDP\", \"EventSubType\": \"request\"}\n");
    static const char *const expected[] = {
        "udp 10.0.0.8#7 > 10.0.0.1#53 id 255 query d.example IN AAAA rd\n",
        "id 255 response NXDOMAIN d.example IN AAAA rd ra\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

static void damage_is_refused_with_its_reason(void **state)
{
    (void)state;
    const char *told = log_tell(
        "azure", "{\"TimeGenerated\": \"x\", \"SourceIpAddress\": \"10.0.0.7\", \"SourcePort\": "
                 "4001, \"DestinationIpAddress\": \"168.63.129.16\", \"DestinationPort\": 53, "
                 "\"Transport\": \"TCP\", \"QueryName\": \"b.example.\", \"QueryType\": \"TXT\", "
                 "\"QueryClass\": \"IN\", \"ResponseCode\": 0, \"Answer\": "
                 "\"[{\\\"Type\\\":\\\"TXT\\\",\\\"TTL\\\":5,\\\"RData\\\":\\\"hi\\\"}]\"}\n"
                 "{\"TimeGenerated\": \"2026-11-21T10:00:00Z\", \"SourceIpAddress\": \"x\", "
                 "\"SourcePort\": 4001, \"DestinationIpAddress\": \"168.63.129.16\", "
                 "\"DestinationPort\": 53, \"Transport\": \"TCP\", \"QueryName\": \"b.example.\", "
                 "\"QueryType\": \"TXT\", \"QueryClass\": \"IN\", \"ResponseCode\": 0, \"Answer\": "
                 "\"[{\\\"Type\\\":\\\"TXT\\\",\\\"TTL\\\":5,\\\"RData\\\":\\\"hi\\\"}]\"}\n"
                 "{\"TimeGenerated\": \"2026-11-21T10:00:00Z\", \"SourceIpAddress\": \"10.0.0.7\", "
                 "\"SourcePort\": 4001, \"DestinationIpAddress\": \"168.63.129.16\", "
                 "\"DestinationPort\": 53, \"Transport\": \"TCP\", \"QueryName\": \"b.example.\", "
                 "\"QueryType\": \"x\", \"QueryClass\": \"IN\", \"ResponseCode\": 0, \"Answer\": "
                 "\"[{\\\"Type\\\":\\\"TXT\\\",\\\"TTL\\\":5,\\\"RData\\\":\\\"hi\\\"}]\"}\n"
                 "{\"TimeGenerated\": \"2026-11-21T10:00:00Z\", \"SourceIpAddress\": \"10.0.0.7\", "
                 "\"SourcePort\": 4001, \"DestinationIpAddress\": \"168.63.129.16\", "
                 "\"DestinationPort\": 53, \"Transport\": \"TCP\", \"QueryName\": \"..\", "
                 "\"QueryType\": \"TXT\", \"QueryClass\": \"IN\", \"ResponseCode\": 0, \"Answer\": "
                 "\"[{\\\"Type\\\":\\\"TXT\\\",\\\"TTL\\\":5,\\\"RData\\\":\\\"hi\\\"}]\"}\n"
                 "{\"records\": [{\"category\": \"Audit\"}]}\n"
                 "{}\n"
                 "x\n");
    static const char *const expected[] = {
        "! time\n! address\n! type\n! name\n! other\n! other\n! form\n",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(told, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_a_diagnostic_setting_come_in_a_list),
        cmocka_unit_test(rows_of_the_table_hold_their_answers_as_text),
        cmocka_unit_test(dns_events_of_windows_servers_are_read),
        cmocka_unit_test(normalised_rows_are_read),
        cmocka_unit_test(damage_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
