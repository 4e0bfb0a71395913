/* test_blake2s.c - digests agree with those of another implementation
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/blake2s.h"

#include <string.h>

static const uint8_t salt[BLAKE2S_SALT_BYTES] = {'d', 'n', 's', 'v', 'i', 'g', 'i', 'l'};

/* Byte i of the input is 7 * i; the digests are those of Python's hashlib. */
static void digests_of_every_kind_of_length_are_right(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        uint64_t digest;
    } cases[] = {
        {0, 0x72051dc979c45eb3ull},   {1, 0xdb87c989ffc7dcaeull},  {63, 0x1a834eecf69d726dull},
        {64, 0x98f5358bc8328221ull},  {65, 0x6d612ebc1f658575ull}, {128, 0x1065b08371803d48ull},
        {200, 0x7860cb0c030f1ce3ull},
    };
    uint8_t data[256];
    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(7 * i);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(blake2s_64(data, cases[i].len, salt), cases[i].digest);
}

static void another_salt_gives_another_digest(void **state)
{
    (void)state;
    for (int i = 0; i < BLAKE2S_SALT_BYTES; i++) {
        uint8_t other[BLAKE2S_SALT_BYTES];
        memcpy(other, salt, sizeof(other));
        other[i] ^= 0x80;
        assert_int_not_equal(blake2s_64("dns", 3, salt), blake2s_64("dns", 3, other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_of_every_kind_of_length_are_right),
        cmocka_unit_test(another_salt_gives_another_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
