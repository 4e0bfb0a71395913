/* test_onion.c - onion addresses are known by their checksum, or only by their shape
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "detect/onion.h"

#include <dnsvigil/name.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Real services. */
static const char *const addresses[] = {
    "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad",
    "facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd",
    "protonmailrmez3lotccipshtkleegetolb73fuirgj7r4o4vfu7ozyd",
    "nytimesn7cgmftshazwhfgzm37qxb44r64ytbb2dj3x62d2lljsciiyd",
    "bbcnewsd73hkzno2ini43t4gblxvycyac5aw4gnv7t2rccijh7745uqd",
};

static struct dns_name name_of(const char *text)
{
    struct dns_name name;
    assert_true(name_from_text(&name, text, strlen(text)));
    return name;
}

static enum onion_kind kind_of(const char *label)
{
    struct dns_name name = name_of(label);
    return onion_label(&name, 0);
}

static void real_addresses_have_a_valid_checksum(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        char upper[64];
        assert_int_equal(kind_of(addresses[i]), ONION_V3);
        for (size_t c = 0; c <= strlen(addresses[i]); c++)
            upper[c] = (char)toupper((unsigned char)addresses[i][c]);
        assert_int_equal(kind_of(upper), ONION_V3);
    }
}

static void one_changed_character_anywhere_breaks_the_checksum(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        for (size_t at = 0; at < strlen(addresses[i]); at++) {
            char changed[64];
            strcpy(changed, addresses[i]);
            changed[at] = changed[at] == 'a' ? 'b' : 'a';
            if (kind_of(changed) != ONION_NONE)
                fail_msg("%s", changed);
        }
    }
}

static void other_versions_lengths_and_alphabets_are_no_address(void **state)
{
    (void)state;
    static const char *const labels[] = {
        "a",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzcza",
        "xduckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswz-zad",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswz1zad",
        /* A right checksum over version bytes 35 (which ends in d, too) and 2. */
        "a4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqngzd",
        "a4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4duffqc",
        "3g2upl4pq6kufc4",   /* 15 characters */
        "3g2upl4pq6kufc4mm", /* 17 */
        "3g2upl4pq6kufc41",  /* 1 is not in the alphabet */
        "3g2upl4pq6kufc-m",
        "3g2upl4pq6kufc9m",
    };
    for (size_t i = 0; i < COUNT(labels); i++)
        if (kind_of(labels[i]) != ONION_NONE)
            fail_msg("%s", labels[i]);
    assert_int_equal(kind_of("a4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dwc6ad"), ONION_V3);
}

static void sixteen_characters_are_only_plausible(void **state)
{
    (void)state;
    assert_int_equal(kind_of("3g2upl4pq6kufc4m"), ONION_V2);
    assert_int_equal(kind_of("internationalize"), ONION_V2);
}

static void the_surest_address_of_a_name_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int label;
        enum onion_kind kind;
    } cases[] = {
        {"www.example.com", -1, ONION_NONE},
        {"3g2upl4pq6kufc4m.onion.ws", 0, ONION_V2},
        {"www.3g2upl4pq6kufc4m.onion.ws", 1, ONION_V2},
        {"3g2upl4pq6kufc4m.internationalize.ws", 0, ONION_V2},
        {"duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.example.com", 0, ONION_V3},
        /* A host name of 16 letters in front must not hide the service. */
        {"internationalize.duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.example.com", 1,
         ONION_V3},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum onion_kind kind = ONION_NONE;
        struct dns_name name = name_of(cases[i].name);
        assert_int_equal(onion_find(&name, &kind), cases[i].label);
        assert_int_equal(kind, cases[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_addresses_have_a_valid_checksum),
        cmocka_unit_test(one_changed_character_anywhere_breaks_the_checksum),
        cmocka_unit_test(other_versions_lengths_and_alphabets_are_no_address),
        cmocka_unit_test(sixteen_characters_are_only_plausible),
        cmocka_unit_test(the_surest_address_of_a_name_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
