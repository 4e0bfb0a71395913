/* test_known.c - tests of what is kept about names
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "enrich/known.h"

#include <dnsvigil/name.h>

#include <stdlib.h>
#include <string.h>

static struct suffix_list *list;
static struct suffix_cache *suffixes;
static struct known_names *known;

static int all_open(void **state)
{
    (void)state;
    struct error warning;
    list = suffix_list_new(NULL, &warning);
    suffixes = suffix_cache_new(list);
    known = calloc(1, sizeof(*known));
    return list && suffixes && known ? 0 : -1;
}

static int all_close(void **state)
{
    (void)state;
    free(known);
    suffix_cache_free(suffixes);
    suffix_list_free(list);
    return 0;
}

static struct dns_name name_of(const char *text)
{
    struct dns_name name;
    assert_true(name_from_text(&name, text, strlen(text)));
    return name;
}

static unsigned lacks_of(const struct dns_name *name)
{
    const struct known_name *place = known_place(known, name);
    return known_has(place, name) ? place->lacks : 0;
}

static void what_is_kept_is_what_the_list_says(void **state)
{
    (void)state;
    static const char *const names[] = {
        "www.some-domain.net",   "some-domain.co.uk",      "net",   ".", "localhost",
        "a.b.c.some-domain.org", "1.2.0.192.in-addr.arpa", "co.uk",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct dns_name name = name_of(names[i]);
        struct suffix_info asked = suffix_lookup(suffixes, &name);
        for (int time = 0; time < 2; time++) {
            struct known_facts kept = known_look(known, suffixes, &name);
            assert_int_equal(kept.registrable, asked.registrable);
            assert_int_equal(kept.suffix_class, asked.suffix_class);
        }
    }
}

static void a_name_of_127_labels_has_its_domain_where_it_is(void **state)
{
    (void)state;
    char text[2 * NAME_LABELS_MAX + 8] = "";
    for (int i = 0; i < NAME_LABELS_MAX - 2; i++)
        strcat(text, "a.");
    struct dns_name name = name_of(strcat(text, "b.c"));
    assert_int_equal(name.labels, NAME_LABELS_MAX);
    int registrable = suffix_lookup(suffixes, &name).registrable;
    for (int time = 0; time < 2; time++)
        assert_int_equal(known_look(known, suffixes, &name).registrable, registrable);
}

static void what_a_name_lacks_adds_up(void **state)
{
    (void)state;
    struct dns_name name = name_of("www.plain-domain.net");
    known_add(known, &name, NAME_LACKS_MINING);
    assert_int_equal(lacks_of(&name), 0); /* it has no place yet */
    known_look(known, suffixes, &name);
    assert_int_equal(lacks_of(&name), 0);
    known_add(known, &name, NAME_LACKS_MINING);
    known_add(known, &name, NAME_LACKS_PROFILE);
    assert_int_equal(lacks_of(&name), NAME_LACKS_MINING | NAME_LACKS_PROFILE);
}

static void who_takes_a_place_takes_nothing_else_with_it(void **state)
{
    (void)state;
    struct dns_name first = name_of("first-domain.net"), second = name_of("a.second-domain.net");
    second.hash[0] = first.hash[0] ^ 1ull << 63; /* the same place, another key */
    known_look(known, suffixes, &first);
    known_add(known, &first, NAME_LACKS_LIKENESS);
    assert_int_equal(lacks_of(&second), 0);
    assert_int_equal(known_look(known, suffixes, &second).registrable, 1);
    assert_int_equal(lacks_of(&second), 0);
    known_add(known, &first, NAME_LACKS_LIKENESS); /* comes too late */
    assert_int_equal(lacks_of(&second), 0);
    assert_int_equal(lacks_of(&first), 0);
    assert_int_equal(known_look(known, suffixes, &first).registrable, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_what_the_list_says),
        cmocka_unit_test(a_name_of_127_labels_has_its_domain_where_it_is),
        cmocka_unit_test(what_a_name_lacks_adds_up),
        cmocka_unit_test(who_takes_a_place_takes_nothing_else_with_it),
    };
    return cmocka_run_group_tests(tests, all_open, all_close);
}
