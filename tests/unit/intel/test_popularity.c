/* test_popularity.c - widely used domains are known by the sketch, others are not
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "intel/popularity.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <string.h>

static uint8_t look(const char *text, unsigned registrable)
{
    struct dns_name name;
    assert_true(name_from_text(&name, text, strlen(text)));
    return popularity_look(&name, registrable);
}

static void widely_used_domains_are_known_with_their_rank(void **state)
{
    (void)state;
    static const char *const names[] = {"google.com", "facebook.com", "microsoft.com",
                                        "github.com", "bbc.co.uk",    "baidu.com"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        uint8_t rank = look(names[i], 0);
        if (rank < 1 || rank > 20)
            fail_msg("%s has rank %u", names[i], rank);
    }
}

static void a_host_has_the_rank_of_its_domain(void **state)
{
    (void)state;
    assert_int_equal(look("mail.google.com", 1), look("google.com", 0));
    assert_int_equal(look("a.b.c.bbc.co.uk", 3), look("bbc.co.uk", 0));
    assert_int_equal(look("mail.google.com", 0), 0);
    assert_int_equal(look("google.com.example", 0), 0);
}

static void names_that_nobody_uses_are_unknown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        char text[64];
        snprintf(text, sizeof(text), "nobody-uses-this-%u.example", i);
        if (look(text, 0))
            fail_msg("%s is said to be popular", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widely_used_domains_are_known_with_their_rank),
        cmocka_unit_test(a_host_has_the_rank_of_its_domain),
        cmocka_unit_test(names_that_nobody_uses_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
