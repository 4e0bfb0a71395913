/* test_slots.c - a fixed number of entries by key, in order of use
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/slots.h"
#include "prng.h"

#include <string.h>

enum { SLOTS_MAX = 8 };

struct entry {
    struct slot slot;
    uint32_t key;
    uint32_t value;
};

static int slots_open(void **state)
{
    static struct slots slots;
    *state = &slots;
    return slots_init(&slots, SLOTS_MAX, sizeof(struct entry), sizeof(uint32_t)) ? 0 : -1;
}

static int slots_close(void **state)
{
    slots_done(*state);
    return 0;
}

static struct entry *put(struct slots *slots, uint32_t key)
{
    return slots_add(slots, &key);
}

static struct entry *get(struct slots *slots, uint32_t key)
{
    return slots_find(slots, &key);
}

static uint32_t oldest_key(struct slots *slots)
{
    return ((struct entry *)slots_oldest(slots))->key;
}

static void entries_are_found_by_their_key(void **state)
{
    struct slots *slots = *state;
    for (uint32_t key = 0; key < SLOTS_MAX; key++)
        put(slots, key)->value = key * 10;
    for (uint32_t key = 0; key < SLOTS_MAX; key++)
        assert_int_equal(get(slots, key)->value, key * 10);
    assert_null(get(slots, 99));
}

static void a_full_table_takes_no_more_until_one_goes(void **state)
{
    struct slots *slots = *state;
    for (uint32_t key = 0; key < SLOTS_MAX; key++)
        put(slots, key)->value = 1;
    assert_null(put(slots, 100));
    slots_remove(slots, get(slots, 3));
    assert_null(get(slots, 3));
    struct entry *entry = put(slots, 100);
    assert_non_null(entry);
    assert_int_equal(entry->value, 0);
    assert_null(put(slots, 101));
}

static void the_oldest_is_the_one_unused_longest(void **state)
{
    struct slots *slots = *state;
    assert_null(slots_oldest(slots));
    for (uint32_t key = 0; key < 4; key++)
        put(slots, key);
    assert_int_equal(oldest_key(slots), 0);
    slots_make_newest(slots, get(slots, 0));
    assert_int_equal(oldest_key(slots), 1);
    slots_make_oldest(slots, get(slots, 2));
    assert_int_equal(oldest_key(slots), 2);
    slots_remove(slots, get(slots, 2));
    slots_make_newest(slots, get(slots, 1));
    const uint32_t order[] = {3, 0, 1};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(oldest_key(slots), order[i]);
        slots_remove(slots, slots_oldest(slots));
    }
    assert_null(slots_oldest(slots));
}

/* Against an array in which position is age. */
static void random_use_matches_a_plain_list(void **state)
{
    struct slots *slots = *state;
    struct prng prng = {.state = 3};
    uint32_t model[SLOTS_MAX];
    unsigned count = 0;
    for (int step = 0; step < 20000; step++) {
        uint32_t key = prng_below(&prng, 12);
        unsigned at = 0;
        while (at < count && model[at] != key)
            at++;
        struct entry *entry = get(slots, key);
        assert_int_equal(entry != NULL, at < count);
        if (!entry) {
            if (count == SLOTS_MAX) {
                slots_remove(slots, slots_oldest(slots));
                memmove(model, model + 1, --count * sizeof(model[0]));
            }
            assert_non_null(put(slots, key));
            model[count++] = key;
        } else {
            memmove(model + at, model + at + 1, (count - at - 1) * sizeof(model[0]));
            switch (step % 3) {
            case 0:
                slots_remove(slots, entry);
                count--;
                break;
            case 1:
                slots_make_newest(slots, entry);
                model[count - 1] = key;
                break;
            default:
                slots_make_oldest(slots, entry);
                memmove(model + 1, model, (count - 1) * sizeof(model[0]));
                model[0] = key;
            }
        }
        if (count > 0)
            assert_int_equal(oldest_key(slots), model[0]);
    }
}

#define slots_test(name) cmocka_unit_test_setup_teardown(name, slots_open, slots_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        slots_test(entries_are_found_by_their_key),
        slots_test(a_full_table_takes_no_more_until_one_goes),
        slots_test(the_oldest_is_the_one_unused_longest),
        slots_test(random_use_matches_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
