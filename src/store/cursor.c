/* cursor.c - where a page of a list ended, as text that a client keeps and gives back
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/cursor.h"

#include "base/hash.h"
#include "base/text_code.h"

#include <stdio.h>
#include <string.h>

/* In hex: a checksum, then these bytes, then the text without its end. The checksum finds damage;
 * whoever makes one up only moves about in a list they may read anyway. */
struct head {
    uint8_t sort;
    uint8_t reverse;
    uint8_t reserved[6];
    int64_t number;
    int64_t start_ns;
    int64_t seq;
};

enum {
    SUM_BYTES = 4,
    HEAD_BYTES = SUM_BYTES + sizeof(struct head),
    CURSOR_BYTES_MAX = HEAD_BYTES + NAME_TEXT_MAX,
};
_Static_assert(2 * CURSOR_BYTES_MAX < STORE_CURSOR_MAX, "a cursor has room in its text");

static uint32_t sum_of(const uint8_t *bytes, size_t len)
{
    return (uint32_t)hash_bytes(bytes + SUM_BYTES, len - SUM_BYTES, HASH_FIXED_SEED);
}

void cursor_write(const struct place *place, enum store_sort sort, bool reverse,
                  struct store_cursor *ret_cursor)
{
    const struct head head = {.sort = (uint8_t)sort,
                              .reverse = reverse,
                              .number = place->number,
                              .start_ns = place->start_ns,
                              .seq = place->seq};
    uint8_t bytes[CURSOR_BYTES_MAX];
    size_t len = HEAD_BYTES + strlen(place->text);
    memcpy(bytes + SUM_BYTES, &head, sizeof(head));
    memcpy(bytes + HEAD_BYTES, place->text, strlen(place->text));
    uint32_t sum = sum_of(bytes, len);
    memcpy(bytes, &sum, sizeof(sum));
    for (size_t i = 0; i < len; i++)
        snprintf(ret_cursor->text + 2 * i, 3, "%02x", bytes[i]);
}

bool cursor_read(const char *text, enum store_sort sort, bool reverse, struct place *ret_place)
{
    uint8_t bytes[CURSOR_BYTES_MAX];
    struct head head;
    uint32_t sum;
    size_t len = strlen(text);
    if (len % 2 || len < 2 * HEAD_BYTES || len >= 2 * CURSOR_BYTES_MAX)
        return false;
    if (text_decode(TEXT_CODE_HEX, (const uint8_t *)text, len, bytes) != len / 2)
        return false;
    len /= 2;
    memcpy(&sum, bytes, sizeof(sum));
    memcpy(&head, bytes + SUM_BYTES, sizeof(head));
    if (sum != sum_of(bytes, len) || head.sort != sort || head.reverse != reverse)
        return false;
    *ret_place = (struct place){.number = head.number, .start_ns = head.start_ns, .seq = head.seq};
    memcpy(ret_place->text, bytes + HEAD_BYTES, len - HEAD_BYTES);
    return true;
}
