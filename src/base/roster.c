/* roster.c - a fixed number of records by key, of which the least useful goes first
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/roster.h"

#include <stdlib.h>
#include <string.h>

/* Stands before each record. Neighbours are numbers of records from 1; 0: none. */
struct head {
    uint64_t hash;
    uint32_t chain; /* the next record of the index cell */
    uint32_t before, after;
    bool established;
};

bool roster_init(struct roster *roster, uint32_t max, size_t record_bytes)
{
    uint32_t cells = 1;
    while (cells < max)
        cells *= 2;
    const size_t stride = (sizeof(struct head) + record_bytes + 7) & ~(size_t)7;
    *roster = (struct roster){
        .index = calloc(cells, sizeof(*roster->index)),
        .heads = calloc(max, stride), /* large: pages that are not used are not there */
        .stride = stride,
        .record_bytes = record_bytes,
        .mask = cells - 1,
        .max = max,
    };
    if (roster->index && roster->heads)
        return true;
    roster_done(roster);
    return false;
}

void roster_done(struct roster *roster)
{
    free(roster->index);
    free(roster->heads);
    *roster = (struct roster){0};
}

static inline struct head *head_at(const struct roster *roster, uint32_t number)
{
    return (struct head *)(roster->heads + (number - 1) * roster->stride);
}

static void *record_at(const struct roster *roster, uint32_t number)
{
    return number ? head_at(roster, number) + 1 : NULL;
}

static uint32_t number_find(const struct roster *roster, uint64_t hash)
{
    uint32_t number = roster->index[hash & roster->mask];
    while (number && head_at(roster, number)->hash != hash)
        number = head_at(roster, number)->chain;
    return number;
}

static void chain_leave(struct roster *roster, uint32_t number)
{
    struct head *head = head_at(roster, number);
    uint32_t *cell = &roster->index[head->hash & roster->mask];
    while (*cell != number)
        cell = &head_at(roster, *cell)->chain;
    *cell = head->chain;
}

static struct roster_queue *queue_of(struct roster *roster, const struct head *head)
{
    return head->established ? &roster->established : &roster->newcomers;
}

static void queue_leave(struct roster *roster, uint32_t number)
{
    struct head *head = head_at(roster, number);
    struct roster_queue *queue = queue_of(roster, head);
    *(head->before ? &head_at(roster, head->before)->after : &queue->first) = head->after;
    *(head->after ? &head_at(roster, head->after)->before : &queue->last) = head->before;
    queue->count--;
}

static void queue_join(struct roster *roster, uint32_t number, bool established)
{
    struct head *head = head_at(roster, number);
    head->established = established;
    struct roster_queue *queue = queue_of(roster, head);
    head->before = queue->last;
    head->after = 0;
    *(queue->last ? &head_at(roster, queue->last)->after : &queue->first) = number;
    queue->last = number;
    queue->count++;
}

/* Moves a record that was seen again to the end of the established; the first of these makes room.
 */
static void number_renew(struct roster *roster, uint32_t number)
{
    const uint32_t most = roster->max - roster->max / 4;
    if (roster->established.last == number)
        return;
    queue_leave(roster, number);
    queue_join(roster, number, true);
    uint32_t quiet = roster->established.first;
    if (roster->established.count <= most || quiet == number)
        return;
    queue_leave(roster, quiet);
    queue_join(roster, quiet, false);
}

static uint32_t number_first(const struct roster *roster)
{
    return roster->newcomers.first ? roster->newcomers.first : roster->established.first;
}

static uint32_t number_next(const struct roster *roster, uint32_t number)
{
    const struct head *head = head_at(roster, number);
    return head->after || head->established ? head->after : roster->established.first;
}

static void number_displace(struct roster *roster, uint32_t number)
{
    if (roster->drop)
        roster->drop(roster->drop_arg, record_at(roster, number));
    chain_leave(roster, number);
    queue_leave(roster, number);
    head_at(roster, number)->chain = roster->spare;
    roster->spare = number;
    roster->displaced++;
}

bool roster_displace(struct roster *roster, const void *keep)
{
    uint32_t number = number_first(roster);
    if (number && record_at(roster, number) == keep)
        number = number_next(roster, number);
    if (number)
        number_displace(roster, number);
    return number != 0;
}

/* A head without a key. */
static uint32_t number_take(struct roster *roster)
{
    if (!roster->spare && roster->used < roster->max)
        return ++roster->used;
    if (!roster->spare)
        number_displace(roster, number_first(roster));
    uint32_t number = roster->spare;
    roster->spare = head_at(roster, number)->chain;
    return number;
}

static void *number_place(struct roster *roster, uint32_t number, uint64_t hash, bool established)
{
    struct head *head = head_at(roster, number);
    uint32_t *cell = &roster->index[hash & roster->mask];
    head->hash = hash;
    head->chain = *cell;
    *cell = number;
    queue_join(roster, number, established);
    return head + 1;
}

void *roster_touch(struct roster *roster, uint64_t hash, bool *ret_new)
{
    uint32_t number = number_find(roster, hash);
    *ret_new = !number;
    if (number) {
        number_renew(roster, number);
        return record_at(roster, number);
    }
    void *record = number_place(roster, number_take(roster), hash, false);
    return memset(record, 0, roster->record_bytes);
}

void *roster_find(const struct roster *roster, uint64_t hash)
{
    return record_at(roster, number_find(roster, hash));
}

void roster_prefetch_record(const struct roster *roster, uint64_t hash, size_t bytes)
{
    uint32_t number = roster->index[hash & roster->mask];
    if (number)
        lines_prefetch(head_at(roster, number), sizeof(struct head) + bytes);
}

/* What must be the same for records to fit. */
struct roster_shape {
    uint64_t max;
    uint64_t record_bytes;
    uint64_t newcomers;
    uint64_t established;
    uint64_t displaced;
};

/* Stands before each record. */
struct record_mark {
    uint64_t hash;
    uint64_t established;
};

void roster_save(const struct roster *roster, const char *tag, struct buf *buf)
{
    const struct roster_shape shape = {
        .max = roster->max,
        .record_bytes = roster->record_bytes,
        .newcomers = roster->newcomers.count,
        .established = roster->established.count,
        .displaced = roster->displaced,
    };
    image_put(buf, tag, &shape, sizeof(shape));
    for (uint32_t number = number_first(roster); number; number = number_next(roster, number)) {
        const struct head *head = head_at(roster, number);
        const struct record_mark mark = {head->hash, head->established};
        image_put(buf, "mark", &mark, sizeof(mark));
        image_put(buf, "record", head + 1, roster->record_bytes);
    }
}

static bool record_load(struct roster *roster, struct image *image)
{
    struct record_mark mark;
    if (!image_get(image, "mark", &mark, sizeof(mark)) || number_find(roster, mark.hash))
        return false;
    uint32_t number = ++roster->used;
    void *record = number_place(roster, number, mark.hash, mark.established);
    return image_get(image, "record", record, roster->record_bytes);
}

bool roster_load(struct roster *roster, const char *tag, struct image *image)
{
    struct roster_shape shape;
    if (!image_get(image, tag, &shape, sizeof(shape)) || shape.max != roster->max ||
        shape.record_bytes != roster->record_bytes || shape.newcomers > shape.max ||
        shape.established > shape.max - shape.newcomers)
        return false;
    roster->displaced = shape.displaced;
    for (uint64_t i = shape.newcomers + shape.established; i > 0; i--)
        if (!record_load(roster, image))
            return false;
    return true;
}
