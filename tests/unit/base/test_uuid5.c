/* test_uuid5.c - names give the UUIDs that RFC 4122 and other programs give them
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid5.h"

#include "cmocka_all.h"

#include <string.h>

static const uint8_t dns_space[UUID_BYTES] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                              0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
static const uint8_t stix_space[UUID_BYTES] = {0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
                                               0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7};

static void known_names_have_their_known_uuids(void **state)
{
    (void)state;
    static const struct {
        const uint8_t *space;
        const char *name, *uuid;
    } cases[] = {
        {dns_space, "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"},
        {stix_space, "{\"value\":\"example.onion.to\"}", "0848eec1-b2b7-5869-a742-74d4c0c22bc2"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[UUID_TEXT_MAX];
        uuid5(cases[i].space, cases[i].name, strlen(cases[i].name), text);
        assert_string_equal(text, cases[i].uuid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_names_have_their_known_uuids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
