/* test_guard.c - tests of what no list may flag
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/guard.h"

#include <dnsvigil/name.h>

#include "cmocka_all.h"

static struct suffix_list *list;
static struct guard guard;

static int guard_setup(void **state)
{
    (void)state;
    struct error warning;
    list = suffix_list_new(NULL, &warning);
    if (!list || !guard_init(&guard, list))
        return -1;
    static const char *const popular[] = {"dnsvigil.com", "search.co.uk"};
    for (size_t i = 0; i < 2; i++) {
        struct dns_name name;
        if (!name_from_text(&name, popular[i], strlen(popular[i])) ||
            !guard_add_popular(&guard, &name))
            return -1;
    }
    return 0;
}

static int guard_teardown(void **state)
{
    (void)state;
    guard_done(&guard);
    suffix_list_free(list);
    return 0;
}

static const struct {
    const char *name;
    enum refusal refusal;
} names[] = {
    {"bad.com", REFUSAL_NONE},
    {"a.b.bad.co.uk", REFUSAL_NONE},
    {"tenant.github.io", REFUSAL_NONE},
    {"malware.bit", REFUSAL_NONE},
    {"com", REFUSAL_SINGLE_LABEL},
    {"intranetserver", REFUSAL_SINGLE_LABEL},
    {"co.uk", REFUSAL_PUBLIC_SUFFIX},
    {"foo.ck", REFUSAL_PUBLIC_SUFFIX},
    {"github.io", REFUSAL_SHARED_HOSTING},
    {"printer.local", REFUSAL_SPECIAL_USE},
    {"abc.onion", REFUSAL_SPECIAL_USE},
    {"localhost", REFUSAL_SPECIAL_USE},
    {"www.example", REFUSAL_SPECIAL_USE},
    {"4.3.2.1.in-addr.arpa", REFUSAL_SPECIAL_USE},
};

static void names_that_are_nobodys_own_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct dns_name name;
        assert_true(name_from_text(&name, names[i].name, strlen(names[i].name)));
        if (guard_name(&guard, &name) != names[i].refusal)
            fail_msg("%s", names[i].name);
    }
}

static const struct {
    const char *name;
    enum scope scope;
    bool page;
    enum refusal refusal;
} popular[] = {
    {"dnsvigil.com", SCOPE_SUBTREE, false, REFUSAL_POPULAR},
    {"dnsvigil.com", SCOPE_EXACT, false, REFUSAL_POPULAR},
    {"dnsvigil.com", SCOPE_CHILDREN, false, REFUSAL_POPULAR},
    {"www.dnsvigil.com", SCOPE_EXACT, false, REFUSAL_POPULAR},
    {"docs.dnsvigil.com", SCOPE_SUBTREE, false, REFUSAL_NONE},
    {"docs.dnsvigil.com", SCOPE_SUBTREE, true, REFUSAL_POPULAR_PAGE},
    {"www.bad.com", SCOPE_SUBTREE, true, REFUSAL_NONE},
    {"co.uk", SCOPE_SUBTREE, false, REFUSAL_POPULAR},
    {"co.uk", SCOPE_CHILDREN, false, REFUSAL_POPULAR},
    {"co.uk", SCOPE_EXACT, false, REFUSAL_NONE},
    {"notdnsvigil.com", SCOPE_SUBTREE, false, REFUSAL_NONE},
};

static void popular_domains_and_their_pages_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(popular) / sizeof(*popular); i++) {
        struct dns_name name;
        assert_true(name_from_text(&name, popular[i].name, strlen(popular[i].name)));
        if (guard_popular(&guard, &name, popular[i].scope, popular[i].page) != popular[i].refusal)
            fail_msg("%s, case %zu", popular[i].name, i);
    }
}

static const struct {
    const char *block;
    enum refusal refusal;
} blocks[] = {
    {"8.8.4.4", REFUSAL_NONE},
    {"198.51.100.0/24", REFUSAL_NONE},
    {"2a00:1450::/32", REFUSAL_NONE},
    {"10.1.2.3", REFUSAL_PRIVATE_ADDRESS},
    {"10.0.0.0/8", REFUSAL_PRIVATE_ADDRESS},
    {"127.0.0.1", REFUSAL_PRIVATE_ADDRESS},
    {"0.0.0.0", REFUSAL_PRIVATE_ADDRESS},
    {"172.31.255.255", REFUSAL_PRIVATE_ADDRESS},
    {"172.32.0.1", REFUSAL_NONE},
    {"169.254.169.254", REFUSAL_PRIVATE_ADDRESS},
    {"255.255.255.255", REFUSAL_PRIVATE_ADDRESS},
    {"192.0.0.0/8", REFUSAL_PRIVATE_ADDRESS},
    {"::1", REFUSAL_PRIVATE_ADDRESS},
    {"::", REFUSAL_PRIVATE_ADDRESS},
    {"fe80::1", REFUSAL_PRIVATE_ADDRESS},
    {"fd00::/16", REFUSAL_PRIVATE_ADDRESS},
    {"ff02::1", REFUSAL_PRIVATE_ADDRESS},
    {"8.0.0.0/7", REFUSAL_WIDE_PREFIX},
    {"0.0.0.0/0", REFUSAL_WIDE_PREFIX},
    {"2000::/3", REFUSAL_WIDE_PREFIX},
    {"::/0", REFUSAL_WIDE_PREFIX},
};

static void private_and_wide_blocks_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
        struct prefix block;
        assert_true(prefix_parse(blocks[i].block, strlen(blocks[i].block), &block));
        if (guard_block(&guard, &block) != blocks[i].refusal)
            fail_msg("%s", blocks[i].block);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_nobodys_own_are_refused),
        cmocka_unit_test(popular_domains_and_their_pages_are_refused),
        cmocka_unit_test(private_and_wide_blocks_are_refused),
    };
    return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
