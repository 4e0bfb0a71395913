/* test_information.c - words carry little, random text carries what its letters can, nothing more
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "enrich/information.h"

#include <string.h>

static float bytes_of(const char *label)
{
    return information_of_label((const uint8_t *)label, strlen(label));
}

static void ordinary_labels_carry_at_most_four_bits_a_character(void **state)
{
    (void)state;
    static const char *const labels[] = {"autodiscover", "download",  "static", "images",
                                         "mailserver",   "webmail",   "login",  "shop",
                                         "support",      "newsletter"};
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
        if (bytes_of(labels[i]) * 8 > 4 * (float)strlen(labels[i]))
            fail_msg("%s is said to carry %f bytes", labels[i], bytes_of(labels[i]));
}

static void encoded_data_carries_nearly_all_its_letters_can(void **state)
{
    (void)state;
    static const char *const labels[] = {
        "mzuxezltn5wwkidpnzss4", "d41d8cd98f00b204e9800998ecf8427e", "ch4vpdnyjs2xkqe0zrwgt1b7ulfm",
        "laawwldpixc0ixlqd0qkghp5chybeu3i"};
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
        if (bytes_of(labels[i]) * 8 < 4.7f * (float)strlen(labels[i]))
            fail_msg("%s is said to carry only %f bytes", labels[i], bytes_of(labels[i]));
}

static void no_label_carries_more_than_base36_can(void **state)
{
    (void)state;
    uint8_t label[63];
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t len = 0; len <= sizeof(label); len += 9) {
            memset(label, (int)byte, sizeof(label));
            float bytes = information_of_label(label, len);
            assert_true(bytes >= 0 && bytes <= (float)len * INFORMATION_BYTES_PER_CHAR_MAX);
        }
}

static void an_empty_label_carries_nothing(void **state)
{
    (void)state;
    assert_true(bytes_of("") == 0);
}

static void more_of_the_same_text_carries_more(void **state)
{
    (void)state;
    static const char text[] = "q7zk2vx9wj4hq8bn3mtd6f";
    float before = 0;
    for (size_t len = 4; len < sizeof(text); len += 3) {
        float bytes = information_of_label((const uint8_t *)text, len);
        assert_true(bytes > before);
        before = bytes;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_labels_carry_at_most_four_bits_a_character),
        cmocka_unit_test(encoded_data_carries_nearly_all_its_letters_can),
        cmocka_unit_test(no_label_carries_more_than_base36_can),
        cmocka_unit_test(an_empty_label_carries_nothing),
        cmocka_unit_test(more_of_the_same_text_carries_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
