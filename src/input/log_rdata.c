/* log_rdata.c - record data from presentation to wire format (RFC 1035 5.1, RFC 3597 5)
 * SPDX-License-Identifier: Apache-2.0
 *
 * By the layouts of rrtype.h, as far as logs show such data whole: addresses, names, numbers and
 * texts. Signatures, keys and bitmaps are not read. */
#include "input/log.h"

#include "base/text_code.h"

#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>
#include <string.h>

enum { STRING_MAX = 255 }; /* bytes of a character-string */

struct rdata {
    uint8_t *to;
    size_t room;
    size_t len;
};

static bool rdata_put(struct rdata *rdata, const void *data, size_t len)
{
    if (len > rdata->room - rdata->len)
        return false;
    memcpy(rdata->to + rdata->len, data, len);
    rdata->len += len;
    return true;
}

static bool put_addr(struct rdata *rdata, struct log_text word, bool v6)
{
    struct addr addr;
    bool colon = word.len && memchr(word.at, ':', word.len);
    if (colon != v6 || !log_text_addr(word, &addr))
        return false;
    return v6 ? rdata_put(rdata, addr.bytes, 16) : rdata_put(rdata, addr.bytes + 12, 4);
}

static bool put_name(struct rdata *rdata, struct log_text word)
{
    struct dns_name name;
    return name_from_text(&name, word.at, word.len) && rdata_put(rdata, name.wire, name.len);
}

static bool put_number(struct rdata *rdata, struct log_text word, unsigned bytes)
{
    uint64_t value;
    uint8_t wire[4];
    if (!log_text_number(word, (UINT64_C(1) << 8 * bytes) - 1, &value))
        return false;
    for (unsigned i = 0; i < bytes; i++)
        wire[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return rdata_put(rdata, wire, bytes);
}

/* One byte of a quoted string; false at its end. */
static bool quoted_byte(struct log_text *text, uint8_t *ret_byte)
{
    uint64_t number;
    if (text->len == 0 || text->at[0] == '"')
        return false;
    bool escaped = log_text_skip(text, "\\") && text->len;
    if (escaped && text->len >= 3 && log_text_number(log_text_of(text->at, 3), 255, &number)) {
        *ret_byte = (uint8_t)number;
        *text = log_text_of(text->at + 3, text->len - 3);
        return true;
    }
    if (text->len == 0)
        return false;
    *ret_byte = (uint8_t)text->at[0];
    *text = log_text_of(text->at + 1, text->len - 1);
    return true;
}

static bool put_string(struct rdata *rdata, const uint8_t *data, size_t len)
{
    return rdata_put(rdata, (uint8_t[]){(uint8_t)len}, 1) && rdata_put(rdata, data, len);
}

/* "one" "two" */
static bool put_quoted(struct rdata *rdata, struct log_text *text)
{
    while (log_text_skip(text, "\"")) {
        uint8_t string[STRING_MAX];
        size_t len = 0;
        while (len < STRING_MAX && quoted_byte(text, &string[len]))
            len++;
        if (!log_text_skip(text, "\"") || !put_string(rdata, string, len))
            return false;
        while (log_text_skip(text, " "))
            continue;
    }
    return text->len == 0;
}

/* Text without quotes, in as many strings as it takes. */
static bool put_bare(struct rdata *rdata, struct log_text *text)
{
    do {
        size_t len = text->len < STRING_MAX ? text->len : STRING_MAX;
        if (!put_string(rdata, (const uint8_t *)text->at, len))
            return false;
        *text = log_text_of(text->at + len, text->len - len);
    } while (text->len);
    return true;
}

static bool put_strings(struct rdata *rdata, struct log_text *text)
{
    return log_text_begins(*text, "\"") ? put_quoted(rdata, text) : put_bare(rdata, text);
}

static bool put_field(struct rdata *rdata, char code, struct log_text *text)
{
    if (code == RDATA_STRINGS)
        return put_strings(rdata, text);
    struct log_text word = log_text_word(text);
    switch ((enum rdata_code)code) {
    case RDATA_IPV4: return put_addr(rdata, word, false);
    case RDATA_IPV6: return put_addr(rdata, word, true);
    case RDATA_NAME: return put_name(rdata, word);
    case RDATA_U8: return put_number(rdata, word, 1);
    case RDATA_U16: return put_number(rdata, word, 2);
    case RDATA_U32: return put_number(rdata, word, 4);
    default: return false;
    }
}

/* \# LENGTH HEX... */
static bool put_generic(struct rdata *rdata, struct log_text text)
{
    uint64_t len;
    uint8_t bytes[1024];
    if (!log_text_number(log_text_word(&text), UINT16_MAX, &len))
        return false;
    while (text.len) {
        struct log_text word = log_text_word(&text);
        size_t max = word.len / 2;
        if (word.len % 2 || max > sizeof(bytes) ||
            text_decode(TEXT_CODE_HEX, (const uint8_t *)word.at, word.len, bytes) != max ||
            !rdata_put(rdata, bytes, max))
            return false;
    }
    return rdata->len == len;
}

bool log_rdata_write(uint16_t type, struct log_text data, uint8_t *to, size_t room, size_t *ret_len)
{
    struct rdata rdata = {.to = to, .room = room};
    const char *layout = rrtype_layout(type);
    bool good;
    if (log_text_skip(&data, "\\# ")) {
        good = put_generic(&rdata, data);
    } else {
        good = *layout;
        for (; good && *layout; layout++)
            good = put_field(&rdata, *layout, &data);
        good = good && data.len == 0;
    }
    *ret_len = rdata.len;
    return good;
}
