/* slots.c - a fixed number of entries found by key, in order of use, so that the oldest can give
 * way
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/slots.h"

#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool slots_init(struct slots *slots, uint32_t max, uint32_t entry_bytes, uint32_t key_bytes)
{
    assert(max > 0 && max <= UINT32_MAX / 4);
    uint32_t buckets = 1;
    while (buckets < max)
        buckets *= 2;
    *slots = (struct slots){
        .entries = malloc((size_t)max * entry_bytes),
        .buckets = calloc(buckets, sizeof(*slots->buckets)),
        .bucket_mask = buckets - 1,
        .entry_bytes = entry_bytes,
        .key_bytes = key_bytes,
        .max = max,
    };
    if (slots->entries && slots->buckets)
        return true;
    slots_done(slots);
    return false;
}

void slots_done(struct slots *slots)
{
    free(slots->entries);
    free(slots->buckets);
    *slots = (struct slots){0};
}

static struct slot *slot_at(const struct slots *slots, uint32_t number)
{
    return (struct slot *)(slots->entries + (size_t)(number - 1) * slots->entry_bytes);
}

static uint32_t slot_number(const struct slots *slots, const struct slot *slot)
{
    return (uint32_t)(((const uint8_t *)slot - slots->entries) / slots->entry_bytes) + 1;
}

static uint32_t bucket_of(const struct slots *slots, const void *key)
{
    return (uint32_t)hash_bytes(key, slots->key_bytes, hash_seed) & slots->bucket_mask;
}

void *slots_find(const struct slots *slots, const void *key)
{
    uint32_t number = slots->buckets[bucket_of(slots, key)];
    while (number) {
        struct slot *slot = slot_at(slots, number);
        if (memcmp(slot + 1, key, slots->key_bytes) == 0)
            return slot;
        number = slot->bucket_next;
    }
    return NULL;
}

static void order_unlink(struct slots *slots, struct slot *slot)
{
    *(slot->older ? &slot_at(slots, slot->older)->newer : &slots->oldest) = slot->newer;
    *(slot->newer ? &slot_at(slots, slot->newer)->older : &slots->newest) = slot->older;
}

static void order_append(struct slots *slots, struct slot *slot)
{
    uint32_t number = slot_number(slots, slot);
    slot->older = slots->newest;
    slot->newer = 0;
    *(slots->newest ? &slot_at(slots, slots->newest)->newer : &slots->oldest) = number;
    slots->newest = number;
}

static void order_prepend(struct slots *slots, struct slot *slot)
{
    uint32_t number = slot_number(slots, slot);
    slot->older = 0;
    slot->newer = slots->oldest;
    *(slots->oldest ? &slot_at(slots, slots->oldest)->older : &slots->newest) = number;
    slots->oldest = number;
}

static struct slot *slot_take(struct slots *slots)
{
    if (slots->free) {
        struct slot *slot = slot_at(slots, slots->free);
        slots->free = slot->bucket_next;
        return slot;
    }
    return slots->used < slots->max ? slot_at(slots, ++slots->used) : NULL;
}

void *slots_add(struct slots *slots, const void *key)
{
    struct slot *slot = slot_take(slots);
    if (!slot)
        return NULL;
    memset(slot, 0, slots->entry_bytes);
    memcpy(slot + 1, key, slots->key_bytes);
    slot->bucket = bucket_of(slots, key);
    slot->bucket_next = slots->buckets[slot->bucket];
    slots->buckets[slot->bucket] = slot_number(slots, slot);
    order_append(slots, slot);
    return slot;
}

void slots_remove(struct slots *slots, void *entry)
{
    struct slot *slot = entry;
    uint32_t number = slot_number(slots, slot);
    uint32_t *link = &slots->buckets[slot->bucket];
    while (*link != number)
        link = &slot_at(slots, *link)->bucket_next;
    *link = slot->bucket_next;
    order_unlink(slots, slot);
    slot->bucket_next = slots->free;
    slots->free = number;
}

void slots_make_newest(struct slots *slots, void *entry)
{
    order_unlink(slots, entry);
    order_append(slots, entry);
}

void slots_make_oldest(struct slots *slots, void *entry)
{
    order_unlink(slots, entry);
    order_prepend(slots, entry);
}

void *slots_oldest(const struct slots *slots)
{
    return slots->oldest ? slot_at(slots, slots->oldest) : NULL;
}
