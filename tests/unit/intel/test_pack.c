/* test_pack.c - tests of names in two thirds of their bytes
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pack.h"

#include <dnsvigil/name.h>

#include "cmocka_all.h"

#include <string.h>

static struct dns_name name_of(const char *text)
{
    struct dns_name name;
    assert_true(name_from_text(&name, text, strlen(text)));
    return name;
}

static void a_packed_name_reads_back_as_it_was(void **state)
{
    (void)state;
    static const char *const names[] = {"a",
                                        "ab",
                                        "abc",
                                        "abcd",
                                        "z-9_.x0",
                                        "www.dnsvigil.com",
                                        "xn--bcher-kva.de",
                                        "0.1.2.3.4.5.6.7.8.9"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct dns_name name = name_of(names[i]);
        uint8_t packed[PACK_MAX];
        char text[PACK_TEXT_MAX];
        size_t len = pack_name(&name, 0, packed);
        assert_int_equal(len, (strlen(names[i]) + 2) / 3 * 2);
        assert_int_equal(pack_text(packed, len, text), strlen(names[i]));
        assert_string_equal(text, names[i]);
    }
}

static void the_longest_name_packs_into_its_buffer(void **state)
{
    (void)state;
    char text[254];
    for (size_t i = 0; i < 253; i++)
        text[i] = i % 64 == 63 ? '.' : 'z';
    text[253] = 0;
    struct dns_name name = name_of(text);
    uint8_t packed[PACK_MAX];
    char back[PACK_TEXT_MAX];
    size_t len = pack_name(&name, 0, packed);
    assert_int_equal(len, PACK_MAX);
    pack_text(packed, len, back);
    assert_string_equal(back, text);
}

static void a_suffix_packs_like_the_name_it_is(void **state)
{
    (void)state;
    struct dns_name longer = name_of("www.mail.dnsvigil.com");
    struct dns_name shorter = name_of("dnsvigil.com");
    uint8_t a[PACK_MAX], b[PACK_MAX];
    size_t len = pack_name(&shorter, 0, b);
    assert_int_equal(pack_name(&longer, 2, a), len);
    assert_memory_equal(a, b, len);
}

static void bytes_outside_the_alphabet_do_not_pack(void **state)
{
    (void)state;
    static const char *const names[] = {"a\\.b.com", "a\\032b.com", "\\000.com", "a\\255",
                                        "a\\@b.c"};
    uint8_t packed[PACK_MAX];
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct dns_name name = name_of(names[i]);
        assert_int_equal(pack_name(&name, 0, packed), 0);
    }
}

static void different_names_pack_differently(void **state)
{
    (void)state;
    struct dns_name a = name_of("a.bc"), b = name_of("ab.c"), c = name_of("ab");
    uint8_t x[PACK_MAX], y[PACK_MAX], z[PACK_MAX];
    size_t len = pack_name(&a, 0, x);
    assert_int_equal(pack_name(&b, 0, y), len);
    assert_memory_not_equal(x, y, len);
    assert_int_not_equal(pack_name(&c, 0, z), len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_name_reads_back_as_it_was),
        cmocka_unit_test(the_longest_name_packs_into_its_buffer),
        cmocka_unit_test(a_suffix_packs_like_the_name_it_is),
        cmocka_unit_test(bytes_outside_the_alphabet_do_not_pack),
        cmocka_unit_test(different_names_pack_differently),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
