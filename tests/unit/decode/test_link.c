/* test_link.c - from the first byte of a frame to its IP header, for every link type
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/link.h"

#include <stdlib.h>
#include <string.h>

#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"

struct link_case {
    uint16_t linktype;
    const char *header;
    unsigned len;
    int verdict;
};

#define CASE(linktype, header, verdict)                                                            \
    {                                                                                              \
        linktype, header, sizeof(header) - 1, verdict                                              \
    }

/* Behind each header stands an IPv4 header's first byte, so VERDICT_NEXT must find 0x45. */
static const struct link_case cases[] = {
    CASE(1, MACS "\x08\x00", VERDICT_NEXT),
    CASE(1, MACS "\x86\xdd", VERDICT_NEXT),
    CASE(1, MACS "\x08\x06", REJECT_NOT_IP),
    CASE(1, MACS "\x81\x00\x00\x2a\x08\x00", VERDICT_NEXT),
    CASE(1, MACS "\x88\xa8\x00\x01\x81\x00\x00\x2a\x08\x00", VERDICT_NEXT),
    CASE(1, MACS "\x91\x00\x00\x01\x91\x00\x00\x02\x81\x00\x00\x2a\x86\xdd", VERDICT_NEXT),
    CASE(1, MACS "\x81\x00\x00\x2a\x88\xcc", REJECT_NOT_IP),
    CASE(1, MACS "\x88\x64\x11\x00\x00\x01\x00\x20\x00\x21", VERDICT_NEXT),
    CASE(1, MACS "\x88\x64\x11\x00\x00\x01\x00\x20\x00\x57", VERDICT_NEXT),
    CASE(1, MACS "\x88\x64\x11\x00\x00\x01\x00\x20\xc0\x21", REJECT_NOT_IP), /* LCP */
    CASE(1, MACS "\x88\x64\x11\xa7\x00\x01\x00\x20\x00\x21", REJECT_NOT_IP), /* not data */
    CASE(1, MACS "\x88\x47\x00\x01\x00\x40\x00\x01\x01\x40", VERDICT_NEXT),
    CASE(1, MACS "\x88\x48\x00\x01\x01\x40", VERDICT_NEXT),
    CASE(1, MACS "\x81\x00\x00\x2a\x88\x47\x00\x01\x01\x40", VERDICT_NEXT),
    CASE(1, MACS "\x88\x47\x00\x01\x01\x40\x00\x00\x00\x00", REJECT_NOT_IP), /* pseudowire */
    CASE(1, MACS "\x00\x30\xaa\xaa\x03\x00\x00\x00\x08\x00", VERDICT_NEXT),
    CASE(1, MACS "\x00\x30\xaa\xaa\x03\x00\x00\x00\x00\x20", REJECT_NOT_IP),
    CASE(1, MACS "\x00\x30\x42\x42\x03\x00\x00\x00\x00\x00", REJECT_NOT_IP), /* spanning tree */
    CASE(10, "\x50" MACS "\xaa\xaa\x03\x00\x00\x00\x08\x00", VERDICT_NEXT),
    CASE(10, "\x50" MACS "\x42\x42\x03\x00\x00\x00\x08\x00", REJECT_NOT_IP),
    CASE(10, "\x50" MACS "\xaa\xaa\x03\x00\x00\x00\x08\x06", REJECT_NOT_IP),
    CASE(0, "\x02\x00\x00\x00", VERDICT_NEXT),
    CASE(0, "\x00\x00\x00\x02", VERDICT_NEXT),
    CASE(0, "\x1e\x00\x00\x00", VERDICT_NEXT),
    CASE(0, "\x00\x00\x00\x18", VERDICT_NEXT),
    CASE(108, "\x00\x00\x00\x1c", VERDICT_NEXT),
    CASE(108, "\x00\x00\x00\x07", REJECT_NOT_IP),
    CASE(108, "\x02\x00\x00\x01", REJECT_NOT_IP),
    CASE(9, "\x00\x21", VERDICT_NEXT),
    CASE(9, "\xff\x03\x00\x57", VERDICT_NEXT),
    CASE(50, "\xff\x03\x00\x21", VERDICT_NEXT),
    CASE(50, "\xff\x03\xc0\x21", REJECT_NOT_IP),
    CASE(51, "\x11\x00\x00\x01\x00\x20\x00\x21", VERDICT_NEXT),
    CASE(12, "", VERDICT_NEXT),
    CASE(14, "", VERDICT_NEXT),
    CASE(101, "", VERDICT_NEXT),
    CASE(228, "", VERDICT_NEXT),
    CASE(229, "", VERDICT_NEXT),
    CASE(113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\x00", VERDICT_NEXT),
    CASE(113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x81\x00\x00\x2a\x86\xdd", VERDICT_NEXT),
    CASE(113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x00\x04", REJECT_NOT_IP),
    CASE(276, "\x86\xdd\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\1\0\0", VERDICT_NEXT),
    CASE(276, "\x08\x06\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\1\0\0", REJECT_NOT_IP),
    CASE(105, "\x08\x00", REJECT_LINKTYPE), /* 802.11 */
    CASE(127, "\x00\x00", REJECT_LINKTYPE),
    CASE(65535, "", REJECT_LINKTYPE),
};

static void every_link_type_leads_to_ip(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t data[64] = {0};
        memcpy(data, cases[i].header, cases[i].len);
        if (cases[i].verdict == VERDICT_NEXT)
            data[cases[i].len] = 0x45;
        struct view view = {data, cases[i].len + 20, cases[i].len + 20};
        assert_int_equal(link_strip(cases[i].linktype, &view), cases[i].verdict);
        if (cases[i].verdict == VERDICT_NEXT) {
            assert_ptr_equal(view.data, data + cases[i].len);
            assert_in_range(view.len, 1, 20);
        }
    }
}

static void a_cut_anywhere_in_the_header_is_seen(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (uint32_t len = 0; len < cases[i].len; len++) {
            uint8_t *data = malloc(len ? len : 1);
            memcpy(data, cases[i].header, len);
            struct view view = {data, len, cases[i].len + 20};
            int verdict = link_strip(cases[i].linktype, &view);
            if (cases[i].verdict == VERDICT_NEXT)
                assert_true(verdict == REJECT_LINK_CUT || verdict == REJECT_NOT_IP);
            else
                assert_true(verdict == REJECT_LINK_CUT || verdict == cases[i].verdict);
            free(data);
        }
    }
}

static void the_length_of_a_pppoe_session_cuts_padding(void **state)
{
    (void)state;
    const uint8_t data[40] = {0x11, 0, 0, 1, 0, 22, 0, 0x21, 0x45};
    struct view view = {data, sizeof(data), sizeof(data)};
    assert_int_equal(link_strip(51, &view), VERDICT_NEXT);
    assert_int_equal(view.len, 20);
    assert_int_equal(view.wire_len, 20);
}

static void endless_tags_are_too_deep(void **state)
{
    (void)state;
    static uint8_t vlan[4000], mpls[4000];
    for (unsigned i = 0; i + 4 <= sizeof(vlan); i += 4)
        memcpy(vlan + i, "\x00\x2a\x81\x00", 4);
    struct view view = {vlan, sizeof(vlan), sizeof(vlan)};
    assert_int_equal(link_ethertype(0x8100, &view), REJECT_TOO_DEEP);
    view = (struct view){mpls, sizeof(mpls), sizeof(mpls)};
    assert_int_equal(link_ethertype(0x8847, &view), REJECT_TOO_DEEP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_link_type_leads_to_ip),
        cmocka_unit_test(a_cut_anywhere_in_the_header_is_seen),
        cmocka_unit_test(the_length_of_a_pppoe_session_cuts_padding),
        cmocka_unit_test(endless_tags_are_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
