/* test_hostname.c - tests of reading host names as people write them
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/hostname.h"

#include <dnsvigil/name.h>

#include "cmocka_all.h"

#include <string.h>

static const struct {
    const char *text;
    enum hostname_verdict verdict;
    const char *name;
} cases[] = {
    {"example-site.com", HOSTNAME_OK, "example-site.com"},
    {"Example-Site.COM.", HOSTNAME_OK, "example-site.com"},
    {"_dmarc.a.org", HOSTNAME_OK, "_dmarc.a.org"},
    {"com", HOSTNAME_OK, "com"},
    {"b\xc3\xbc"
     "cher.de",
     HOSTNAME_OK, "xn--bcher-kva.de"},
    {"B\xc3\x9c"
     "CHER.de",
     HOSTNAME_OK, "xn--bcher-kva.de"},
    {"stra\xc3\x9f"
     "e.de",
     HOSTNAME_OK, "xn--strae-oqa.de"},
    {"xn--bcher-kva.de", HOSTNAME_OK, "xn--bcher-kva.de"},
    {"\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", HOSTNAME_OK,
     "xn--r8jz45g.xn--zckzah"},
    {"", HOSTNAME_BAD, NULL},
    {".", HOSTNAME_BAD, NULL},
    {"a..b", HOSTNAME_BAD, NULL},
    {"a b.com", HOSTNAME_BAD, NULL},
    {"a\\.b.com", HOSTNAME_BAD, NULL},
    {"*.com", HOSTNAME_BAD, NULL},
    {"a$b.com", HOSTNAME_BAD, NULL},
    {"192.0.2.300", HOSTNAME_BAD, NULL},
    {"192.0.2.1-192.0.2.9", HOSTNAME_BAD, NULL},
    {"192.0.2.", HOSTNAME_BAD, NULL},
    {"a.9.b9", HOSTNAME_OK, "a.9.b9"},
    {"\xff\xfe.com", HOSTNAME_BAD_IDN, NULL},
    {"b\xc3.de", HOSTNAME_BAD_IDN, NULL},
};

static void names_are_read_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct dns_name name;
        char text[NAME_TEXT_MAX];
        assert_int_equal(hostname_read(cases[i].text, strlen(cases[i].text), &name),
                         cases[i].verdict);
        if (cases[i].verdict != HOSTNAME_OK)
            continue;
        name_to_text(&name, 0, text);
        assert_string_equal(text, cases[i].name);
    }
}

static void names_of_more_than_63_labels_are_refused(void **state)
{
    (void)state;
    char text[2 * (HOSTNAME_LABELS_MAX + 1) + 1];
    for (unsigned i = 0; i <= HOSTNAME_LABELS_MAX; i++)
        memcpy(text + 2 * i, "a.", 2);
    struct dns_name name;
    assert_int_equal(hostname_read(text, 2 * HOSTNAME_LABELS_MAX, &name), HOSTNAME_OK);
    assert_int_equal(hostname_read(text, 2 * HOSTNAME_LABELS_MAX + 2, &name), HOSTNAME_BAD);
}

static void an_overlong_international_name_is_refused(void **state)
{
    (void)state;
    char text[HOSTNAME_UTF8_MAX + 3];
    memset(text, 'a', sizeof(text));
    memcpy(text, "\xc3\xbc", 2);
    struct dns_name name;
    assert_int_equal(hostname_read(text, sizeof(text), &name), HOSTNAME_BAD);
    assert_int_not_equal(hostname_read(text, 300, &name), HOSTNAME_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_as_people_write_them),
        cmocka_unit_test(names_of_more_than_63_labels_are_refused),
        cmocka_unit_test(an_overlong_international_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
