/* feed_suricata.c - datasets of Suricata: base64 of a string a line, or an address
 * SPDX-License-Identifier: Apache-2.0
 *
 * A dataset matches whole strings, so a name stands for itself alone; one that begins with a dot
 * comes from a rule with `dotprefix` and stands for everything below, too. */
#include "intel/feed.h"

#include "base/addr.h"
#include "base/text_code.h"

#include <string.h>

/* Strict, unlike text_decode(): whole groups of four, `=` only at the end. */
static bool base64_decode(struct slice text, uint8_t *data, size_t *ret_len)
{
    if (text.len == 0 || text.len % 4)
        return false;
    size_t padding = 0;
    while (padding < 2 && text.at[text.len - 1 - padding] == '=')
        padding++;
    size_t len = text_decode(TEXT_CODE_BASE64, (const uint8_t *)text.at, text.len - padding, data);
    *ret_len = len;
    return len == text.len / 4 * 3 - padding;
}

enum refusal feed_suricata_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    struct prefix ignored;
    line = slice_trim(slice_cut(&line, '#'));
    struct slice value = slice_trim(slice_cut(&line, ',')); /* a reputation may follow */
    if (value.len == 0)
        return REFUSAL_NONE;
    if (prefix_parse(value.at, value.len, &ignored))
        return feed_item_add(out, value, SCOPE_EXACT);
    size_t len;
    if (value.len > sizeof(lines->text) || !base64_decode(value, (uint8_t *)lines->text, &len))
        return REFUSAL_BAD_BASE64;
    struct slice text = {lines->text, len};
    enum refusal refusal = feed_plain_entry(text, out);
    if (refusal == REFUSAL_NONE && !slice_begins(text, "."))
        out->items[0].scope = SCOPE_EXACT;
    return refusal;
}

bool feed_suricata_like(struct slice line)
{
    uint8_t data[ZONE_NAME_MAX];
    size_t len;
    struct slice value = slice_cut(&line, ',');
    if (value.len > sizeof(data) || !base64_decode(value, data, &len))
        return false;
    return feed_is_entry((struct slice){(const char *)data, len});
}
