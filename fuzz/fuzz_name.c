/* fuzz_name.c - any bytes as a name: as presentation text, and as wire format at each of its
 * offsets
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/message.h"

#include <dnsvigil/name.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(const char *text, size_t len)
{
    struct dns_name name, back;
    char first[NAME_TEXT_MAX], second[NAME_TEXT_MAX];
    if (!name_from_text(&name, text, len))
        return;
    for (unsigned label = 0; label <= name.labels; label++) {
        bool read = name_from_text(&back, first, name_to_text(&name, label, first));
        assert(read && back.hash[0] == name.hash[label]);
        assert(name_is_under(&name, &back));
        name_to_text(&back, 0, second);
        assert(strcmp(first, second) == 0);
    }
}

/* A name that is read ends where a name that is skipped does. */
static void check_wire(const uint8_t *data, size_t len, size_t offset)
{
    struct dns_name name;
    char text[NAME_TEXT_MAX];
    size_t read_next, skip_next;
    unsigned read_steps = NAME_STEPS_MAX, skip_steps = NAME_STEPS_MAX;
    if (name_read(&name, data, len, offset, &read_next, &read_steps) != MALFORMED_NONE)
        return;
    assert(name_skip(data, len, offset, &skip_next, &skip_steps) == MALFORMED_NONE);
    assert(read_next == skip_next && read_next <= len && read_steps <= skip_steps);
    check_text(text, name_to_text(&name, 0, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    enum { OFFSETS_MAX = 512 };
    check_text((const char *)data, len);
    for (size_t offset = 0; offset <= len && offset < OFFSETS_MAX; offset++)
        check_wire(data, len, offset);
    return 0;
}
