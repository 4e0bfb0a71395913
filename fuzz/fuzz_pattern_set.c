/* fuzz_pattern_set.c - any byte strings sought in any text: none is missed, nor a stranger told
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input is patterns, each behind a byte that says how long it is, up to a zero; then the text.
 */
#include "intel/pattern_set.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { PATTERNS_MAX = 600 };

static bool seen[PATTERNS_MAX];

static bool note(void *arg, uint32_t value)
{
    (void)arg;
    seen[value] = true;
    return true;
}

/* Whether two bytes are the same letter or else equal; loosely: but for the bit of letter case. */
static bool is_same(uint8_t a, uint8_t b, bool loosely)
{
    bool letter = (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
    return ((a ^ b) & (letter || loosely ? 0xdf : 0xff)) == 0;
}

static bool stands(const struct pattern *pattern, const uint8_t *text, size_t len, bool loosely)
{
    for (size_t at = 0; at + pattern->len <= len; at++) {
        size_t i = 0;
        while (i < pattern->len && is_same(pattern->bytes[i], text[at + i], loosely))
            i++;
        if (i == pattern->len)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct pattern_set set;
    size_t at = 0;
    unsigned budget = UINT_MAX;
    pattern_set_init(&set);
    while (at < len && data[at] > 0 && data[at] < len - at && set.count < PATTERNS_MAX) {
        if (!pattern_set_add(&set, data + at + 1, data[at], (uint32_t)set.count))
            return 0;
        at += data[at] + 1u;
    }
    at += at < len;
    memset(seen, 0, sizeof(seen));
    if (pattern_set_build(&set)) {
        assert(pattern_set_search(&set, data + at, len - at, &budget, note, NULL));
        for (size_t i = 0; i < set.count; i++)
            assert(seen[i] ? stands(&set.patterns[i], data + at, len - at, true)
                           : !stands(&set.patterns[i], data + at, len - at, false));
    }
    pattern_set_done(&set);
    return 0;
}
