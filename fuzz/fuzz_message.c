/* fuzz_message.c - any bytes as a DNS message: decoded, and everything in it read and shown
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/message.h"
#include "decode/rdata.h"

#include <dnsvigil/name.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20, RECORD_TEXT_MAX = 8 * RDATA_SHOWN_MAX };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What holds for every name that was read: it is whole, and its text reads back as the same name.
 */
static void check_name(const struct dns_name *name)
{
    char text[NAME_TEXT_MAX];
    struct dns_name back;
    assert(name->wire[name->len - 1] == 0 && name->offset[name->labels] == name->len - 1);
    bool read = name_from_text(&back, text, name_to_text(name, 0, text));
    assert(read && name_equal(name, &back));
    assert(memcmp(name->hash, back.hash, (name->labels + 1u) * sizeof(*back.hash)) == 0);
}

static void check_record(const struct dns_message *message, const struct dns_record *record,
                         struct buf *text)
{
    struct dns_name name;
    struct addr addr;
    assert((size_t)record->rdata + record->rdata_len <= message->len);
    if (record_owner(message, record, &name))
        check_name(&name);
    for (unsigned which = 0; which < 3; which++)
        if (record_target(message, record, which, &name))
            check_name(&name);
    record_addr(message, record, &addr);
    buf_reset(text);
    record_to_text(message, record, text);
    assert(!text->overflow && text->len < RECORD_TEXT_MAX);
    for (size_t i = 0; i < text->len; i++)
        assert(text->data[i] >= 0x20 && text->data[i] <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct dns_message message;
    struct arena arena;
    struct buf text;
    if (!arena_init(&arena, MESSAGE_ARENA_BYTES))
        abort();
    buf_init(&text, TEXT_MAX);
    enum malformed reason = message_decode(&message, data, len, &arena);
    assert(reason == message.malformed && reason < MALFORMED_COUNT);
    assert(message.steps <= MESSAGE_STEPS_MAX && message.record_count <= MESSAGE_RECORDS_MAX);
    assert(message.malformed_at <= len && message.trailing <= len);
    assert(arena.used == message.record_count * sizeof(struct dns_record));
    if (message.has_question)
        check_name(&message.question);
    for (unsigned i = 0; i < message.record_count; i++)
        check_record(&message, &message.records[i], &text);
    buf_done(&text);
    arena_done(&arena);
    return 0;
}
