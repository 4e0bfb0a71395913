/* test_fragment.c - fragments in any order become the datagram again, or are counted
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cmocka_all.h"
#include "decode/fragment.h"
#include "prng.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 256 << 10, UDP = 17, TCP = 6 };

struct rig {
    struct fragments *fragments;
    struct metrics metrics;
    int64_t time_ns;
    uint32_t id;
    bool v6;
    struct view whole;
    uint8_t protocol;
    uint8_t data[65535]; /* byte i is i modulo 251 */
};

static int rig_open(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    rig->fragments = fragments_new(BYTES_MAX, &rig->metrics);
    rig->time_ns = 1000 * NS_PER_S;
    for (uint32_t i = 0; i < sizeof(rig->data); i++)
        rig->data[i] = (uint8_t)(i % 251);
    *state = rig;
    return rig->fragments ? 0 : -1;
}

static int rig_close(void **state)
{
    struct rig *rig = *state;
    fragments_free(rig->fragments);
    free(rig);
    return 0;
}

static int give(struct rig *rig, struct fragment fragment)
{
    static const struct addr src = {{1}}, dst = {{2}};
    fragment.time_ns = rig->time_ns;
    fragment.src = &src;
    fragment.dst = &dst;
    fragment.id = rig->id;
    fragment.v6 = rig->v6;
    return fragments_add(rig->fragments, &fragment, &rig->whole, &rig->protocol);
}

/* The bytes [offset, end) of the pattern. */
static int add(struct rig *rig, uint32_t offset, uint32_t end, bool more)
{
    return give(rig, (struct fragment){
                         .protocol = UDP,
                         .more = more,
                         .offset = offset,
                         .payload = {rig->data + offset, end - offset, end - offset},
                     });
}

static uint64_t expired(const struct rig *rig)
{
    return rig->metrics.value[METRIC_FRAGMENTS_EXPIRED];
}

static void assert_whole(const struct rig *rig, uint32_t len)
{
    assert_int_equal(rig->whole.len, len);
    assert_int_equal(rig->whole.wire_len, len);
    assert_int_equal(rig->protocol, UDP);
    assert_memory_equal(rig->whole.data, rig->data, len);
}

static void fragments_in_any_order_are_put_together(void **state)
{
    static const uint32_t at[] = {0, 8, 1400, 2800, 3001};
    struct rig *rig = *state;
    for (unsigned order = 0; order < 256; order++) {
        unsigned pick[4] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6};
        if ((1u << pick[0] | 1u << pick[1] | 1u << pick[2] | 1u << pick[3]) != 15)
            continue;
        rig->id++;
        for (int i = 0; i < 4; i++)
            assert_int_equal(add(rig, at[pick[i]], at[pick[i] + 1], pick[i] != 3),
                             i < 3 ? VERDICT_HELD : VERDICT_NEXT);
        assert_whole(rig, 3001);
    }
    assert_int_equal(expired(rig), 0);
}

static void the_longest_datagram_is_put_together(void **state)
{
    struct rig *rig = *state;
    for (uint32_t at = 0; at < 65528; at += 1024)
        assert_int_equal(add(rig, at, at + 1024 < 65528 ? at + 1024 : 65528, true), VERDICT_HELD);
    assert_int_equal(add(rig, 65528, 65535, false), VERDICT_NEXT);
    assert_whole(rig, 65535);
}

static void the_first_fragment_names_the_protocol(void **state)
{
    struct rig *rig = *state;
    rig->v6 = true;
    assert_int_equal(
        give(rig,
             (struct fragment){.protocol = TCP, .offset = 8, .payload = {rig->data + 8, 8, 8}}),
        VERDICT_HELD);
    assert_int_equal(add(rig, 0, 8, true), VERDICT_NEXT);
    assert_whole(rig, 16);
}

static void different_datagrams_do_not_mix(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(add(rig, 0, 8, true), VERDICT_HELD);
    rig->id = 1;
    assert_int_equal(add(rig, 8, 16, false), VERDICT_HELD);
    rig->v6 = true;
    assert_int_equal(add(rig, 0, 8, true), VERDICT_HELD);
    rig->v6 = false;
    assert_int_equal(
        give(rig, (struct fragment){.protocol = TCP, .more = true, .payload = {rig->data, 8, 8}}),
        VERDICT_HELD);
    assert_int_equal(add(rig, 0, 8, true), VERDICT_NEXT);
}

static void a_repeated_fragment_is_ignored(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(add(rig, 0, 1400, true), VERDICT_HELD);
    assert_int_equal(add(rig, 0, 1400, true), REJECT_FRAGMENT_REPEATED);
    assert_int_equal(add(rig, 1400, 2000, false), VERDICT_NEXT);
    assert_whole(rig, 2000);
}

static void an_overlap_spoils_the_datagram(void **state)
{
    static const struct {
        uint32_t from, to;
        uint8_t change; /* added to each byte */
    } cases[] = {{0, 16, 1}, {8, 24, 0}, {0, 8, 1}, {0, 64, 0}, {16, 48, 0}, {16, 24, 1}};
    struct rig *rig = *state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t data[64];
        rig->id++;
        assert_int_equal(add(rig, 0, 16, true), VERDICT_HELD);
        assert_int_equal(add(rig, 24, 32, true), VERDICT_HELD);
        uint32_t len = cases[i].to - cases[i].from;
        for (uint32_t k = 0; k < len; k++)
            data[k] = (uint8_t)(rig->data[cases[i].from + k] + cases[i].change);
        int verdict = give(rig, (struct fragment){.protocol = UDP,
                                                  .more = true,
                                                  .offset = cases[i].from,
                                                  .payload = {data, len, len}});
        if (cases[i].from == 16 && cases[i].to == 24) {
            assert_int_equal(verdict, VERDICT_HELD);
            continue;
        }
        assert_int_equal(verdict, REJECT_FRAGMENT_BAD);
        assert_int_equal(add(rig, 16, 24, true), REJECT_FRAGMENT_BAD);
        assert_int_equal(add(rig, 32, 40, false), REJECT_FRAGMENT_BAD);
    }
    assert_int_equal(expired(rig), 10);
}

static void fragments_that_contradict_spoil_the_datagram(void **state)
{
    static const struct {
        uint32_t from[2], to[2];
        bool more[2];
    } cases[] = {
        {{16, 24}, {24, 32}, {false, false}}, /* two ends */
        {{16, 24}, {24, 32}, {false, true}},  /* bytes behind the end */
        {{24, 16}, {32, 24}, {true, false}},
        {{8, 0}, {16, 8}, {false, false}},
    };
    struct rig *rig = *state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig->id++;
        assert_int_equal(add(rig, cases[i].from[0], cases[i].to[0], cases[i].more[0]),
                         VERDICT_HELD);
        assert_int_equal(add(rig, cases[i].from[1], cases[i].to[1], cases[i].more[1]),
                         REJECT_FRAGMENT_BAD);
    }
}

static void a_fragment_that_makes_no_sense_is_refused(void **state)
{
    struct rig *rig = *state;
    const struct {
        struct fragment fragment;
        int verdict;
    } cases[] = {
        {{.more = true, .payload = {rig->data, 0, 0}}, REJECT_FRAGMENT_BAD},
        {{.more = true, .payload = {rig->data, 15, 15}}, REJECT_FRAGMENT_BAD},
        {{.offset = 65528, .payload = {rig->data, 8, 8}}, REJECT_FRAGMENT_BAD},
        {{.offset = 8, .payload = {rig->data, 15, 16}}, REJECT_FRAGMENT_CUT},
        {{.offset = 8, .payload = {rig->data, 0, 16}}, REJECT_FRAGMENT_CUT},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(give(rig, cases[i].fragment), cases[i].verdict);
}

static void a_datagram_is_given_up_after_thirty_seconds(void **state)
{
    struct rig *rig = *state;
    add(rig, 0, 8, true);
    add(rig, 8, 16, true);
    rig->time_ns += 30 * NS_PER_S;
    rig->id = 1;
    add(rig, 0, 8, true);
    assert_int_equal(expired(rig), 0);
    rig->time_ns += 1;
    rig->id = 0;
    assert_int_equal(add(rig, 16, 24, false), VERDICT_HELD);
    assert_int_equal(expired(rig), 2);
}

static void when_room_is_short_the_oldest_goes(void **state)
{
    struct rig *rig = *state;
    for (rig->id = 0; rig->id < 10; rig->id++)
        assert_int_equal(add(rig, 0, 48000, true), VERDICT_HELD);
    assert_in_range(expired(rig), 5, 6);
    rig->id = 9;
    assert_int_equal(add(rig, 48000, 48008, false), VERDICT_NEXT);
    assert_whole(rig, 48008);
    rig->id = 0;
    assert_int_equal(add(rig, 48000, 48008, false), VERDICT_HELD);
}

static void the_oldest_goes_even_when_it_is_the_one_that_grows(void **state)
{
    struct rig *rig = *state;
    add(rig, 0, 8, true);
    for (rig->id = 1; rig->id < 5; rig->id++)
        add(rig, 0, 48000, true);
    rig->id = 0;
    assert_int_equal(add(rig, 8, 48008, true), REJECT_FRAGMENT_FULL);
    assert_int_equal(add(rig, 48008, 48016, false), REJECT_FRAGMENT_BAD);
    assert_int_equal(expired(rig), 1);
    rig->id = 4;
    assert_int_equal(add(rig, 48000, 48008, false), VERDICT_NEXT);
}

static void many_small_datagrams_do_not_grow_memory(void **state)
{
    struct rig *rig = *state;
    for (rig->id = 0; rig->id < 5000; rig->id++)
        assert_int_equal(add(rig, 0, 8, true), VERDICT_HELD);
    assert_in_range(expired(rig), 4500, 4700);
}

static void a_datagram_in_crumbs_is_refused(void **state)
{
    struct rig *rig = *state;
    int verdict = VERDICT_HELD;
    uint32_t n = 0;
    for (; n < 4000 && verdict == VERDICT_HELD; n++)
        verdict = add(rig, 16 * n, 16 * n + 8, true);
    assert_int_equal(verdict, REJECT_FRAGMENT_FULL);
    assert_int_equal(n, 257);
    assert_int_equal(add(rig, 8, 16, true), REJECT_FRAGMENT_BAD);
    assert_int_equal(expired(rig), 256);
}

static void what_is_held_at_the_end_is_counted(void **state)
{
    struct rig *rig = *state;
    add(rig, 0, 8, true);
    add(rig, 16, 24, true);
    rig->id = 1;
    add(rig, 0, 8, true);
    fragments_finish(rig->fragments);
    assert_int_equal(expired(rig), 3);
    assert_int_equal(add(rig, 8, 16, false), VERDICT_HELD);
}

static void time_that_jumps_does_no_harm(void **state)
{
    static const int64_t times[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MAX, INT64_MIN};
    struct rig *rig = *state;
    for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        rig->time_ns = times[i];
        rig->id = i;
        assert_int_equal(add(rig, 0, 8, true), VERDICT_HELD);
    }
}

#define fragment_test(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        fragment_test(fragments_in_any_order_are_put_together),
        fragment_test(the_longest_datagram_is_put_together),
        fragment_test(the_first_fragment_names_the_protocol),
        fragment_test(different_datagrams_do_not_mix),
        fragment_test(a_repeated_fragment_is_ignored),
        fragment_test(an_overlap_spoils_the_datagram),
        fragment_test(fragments_that_contradict_spoil_the_datagram),
        fragment_test(a_fragment_that_makes_no_sense_is_refused),
        fragment_test(a_datagram_is_given_up_after_thirty_seconds),
        fragment_test(when_room_is_short_the_oldest_goes),
        fragment_test(the_oldest_goes_even_when_it_is_the_one_that_grows),
        fragment_test(many_small_datagrams_do_not_grow_memory),
        fragment_test(a_datagram_in_crumbs_is_refused),
        fragment_test(what_is_held_at_the_end_is_counted),
        fragment_test(time_that_jumps_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
