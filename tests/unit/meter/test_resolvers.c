/* test_resolvers.c - who resolves names for several clients is a resolver of the network
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "meter/resolvers.h"
#include "meter/tally.h"

static struct resolvers resolvers;
static struct resolver_counts counts;
static struct gathered order[2 * RESOLVER_COUNTS_MAX];

static int open_all(void **state)
{
    (void)state;
    return resolvers_init(&resolvers) && resolver_counts_init(&counts) ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    resolvers_done(&resolvers);
    resolver_counts_done(&counts);
    return 0;
}

static struct addr text_addr(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, strlen(text), &addr));
    return addr;
}

static void answer(uint8_t client, const char *server, uint16_t flags)
{
    struct dns_message query = {0}, response = {.flags = DNS_FLAG_QR | flags};
    const struct transaction transaction = {
        .client = addr_from_v4((uint8_t[]){10, 0, 0, client}),
        .server = text_addr(server),
        .query = &query,
        .response = &response,
    };
    resolvers_count(&counts, &transaction, tally_client(&transaction.client));
}

static uint64_t clients(const char *server)
{
    struct resolver_counts *const all = &counts;
    struct addr addr = text_addr(server);
    resolvers_merge(&resolvers, &all, 1, order);
    return resolvers_clients(&resolvers, &addr);
}

static void clients_that_are_answered_recursively_are_counted(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= RESOLVER_CLIENTS; i++) {
        answer(i, "192.0.2.53", DNS_FLAG_RA);
        answer(i, "192.0.2.54", DNS_FLAG_AA); /* the server of a zone */
        assert_int_equal(clients("192.0.2.53"), i);
        assert_int_equal(resolvers.some, i == RESOLVER_CLIENTS);
    }
    assert_int_equal(clients("192.0.2.54"), 0);
}

static void what_everybody_is_offered_is_known_by_address(void **state)
{
    (void)state;
    static const struct {
        const char *server;
        bool offered;
    } cases[] = {
        {"1.1.1.1", true},   {"8.8.8.8", true},
        {"9.9.9.9", true},   {"2001:4860:4860::8888", true},
        {"8.8.9.8", false},  {"192.0.2.53", false},
        {"10.8.8.8", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct addr addr = text_addr(cases[i].server);
        assert_int_equal(resolvers_are_public(&resolvers, &addr), cases[i].offered);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clients_that_are_answered_recursively_are_counted, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(what_everybody_is_offered_is_known_by_address, open_all,
                                        close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
