/* answers.c - the addresses and aliases that a name was answered with, packed and bounded
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/answers.h"

#include "base/addr.h"

#include <dnsvigil/name.h>

enum { LABEL_MAX = 63 };

size_t wire_name_len(const uint8_t *data, size_t left)
{
    size_t at = 0;
    while (at < left && at < NAME_WIRE_MAX && data[at]) {
        if (data[at] > LABEL_MAX)
            return 0;
        at += data[at] + 1u;
    }
    return at < left && at < NAME_WIRE_MAX ? at + 1 : 0;
}

bool answers_next(struct cursor *cursor, struct answer *ret_answer)
{
    unsigned field = cursor_u8(cursor);
    size_t len = ANSWER_ADDRESS_BYTES;
    if (field == MATCH_CNAME)
        len = wire_name_len(cursor->pos, cursor_left(cursor));
    if (cursor->bad || len == 0 || (field != MATCH_CNAME && field != MATCH_ADDRESS))
        return false;
    const uint8_t *data = cursor_take(cursor, len);
    *ret_answer = (struct answer){.field = (uint8_t)field, .len = (uint8_t)len, .data = data};
    return data != NULL;
}

static bool answer_equal(const struct answer *a, const struct answer *b)
{
    return a->field == b->field && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

bool answers_add(struct answers *answers, const struct answer *answer)
{
    struct cursor cursor = cursor_of(answers->bytes, answers->len);
    struct answer known;
    unsigned same_kind = 0;
    while (answers_next(&cursor, &known)) {
        if (answer_equal(&known, answer))
            return true;
        same_kind += known.field == answer->field;
    }
    if (same_kind >= (answer->field == MATCH_ADDRESS ? HISTORY_ADDRESSES_MAX : HISTORY_ALIASES_MAX))
        return false;
    answers->bytes[answers->len] = answer->field;
    memcpy(answers->bytes + answers->len + 1, answer->data, answer->len);
    answers->len = (uint16_t)(answers->len + 1 + answer->len);
    return true;
}

void answer_name(const struct answer *answer, struct dns_name *ret_name)
{
    ret_name->len = answer->len;
    memcpy(ret_name->wire, answer->data, answer->len);
    name_index(ret_name);
}

void answer_text(const struct answer *answer, char text[static NAME_TEXT_MAX])
{
    struct addr addr;
    struct dns_name alias;
    if (answer->field == MATCH_ADDRESS) {
        memcpy(addr.bytes, answer->data, sizeof(addr.bytes));
        addr_format(&addr, text);
        return;
    }
    answer_name(answer, &alias);
    name_to_text(&alias, 0, text);
}
