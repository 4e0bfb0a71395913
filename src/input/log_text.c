/* log_text.c - takes a piece of a line apart
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_text.h"

#include <dnsvigil/rrtype.h>

enum { WORD_MAX = 32 }; /* the longest name of a type, class or response code */

static struct log_text text_from(struct log_text text, size_t skip)
{
    return skip ? log_text_of(text.at + skip, text.len - skip) : text; /* `at` may be NULL */
}

bool log_text_skip(struct log_text *text, const char *literal)
{
    if (!log_text_begins(*text, literal))
        return false;
    *text = text_from(*text, strlen(literal));
    return true;
}

struct log_text log_text_until(struct log_text *text, const char *literal)
{
    size_t len = strlen(literal);
    const char *found = text->len ? memmem(text->at, text->len, literal, len) : NULL;
    size_t before = found ? (size_t)(found - text->at) : text->len;
    struct log_text head = log_text_of(text->at, before);
    *text = text_from(*text, found ? before + len : before);
    return head;
}

struct log_text log_text_word(struct log_text *text)
{
    while (log_text_skip(text, " "))
        continue;
    struct log_text word = log_text_until(text, " ");
    while (log_text_skip(text, " "))
        continue;
    return word;
}

bool log_text_number(struct log_text text, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)text.at[i] - '0';
        if (digit > 9 || value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

bool log_text_addr(struct log_text text, struct addr *ret_addr)
{
    const char *scope = text.len ? memchr(text.at, '%', text.len) : NULL;
    size_t len = scope ? (size_t)(scope - text.at) : text.len;
    return addr_parse(text.at, len, ret_addr);
}

bool log_text_addr_port(struct log_text text, char separator, struct addr *ret_addr,
                        uint16_t *ret_port)
{
    const char *at = text.len ? memrchr(text.at, separator, text.len) : NULL;
    if (!at)
        return false;
    struct addr addr;
    uint64_t port;
    size_t len = (size_t)(at - text.at);
    if (!log_text_addr(log_text_of(text.at, len), &addr) ||
        !log_text_number(text_from(text, len + 1), UINT16_MAX, &port))
        return false;
    *ret_addr = addr;
    *ret_port = (uint16_t)port;
    return true;
}

static bool number_of(struct log_text text, int (*parse)(const char *), uint16_t *ret_number)
{
    char word[WORD_MAX];
    if (text.len >= sizeof(word))
        return false;
    memcpy(word, text.at, text.len);
    word[text.len] = '\0';
    int number = memchr(word, '\0', text.len) ? -1 : parse(word);
    if (number < 0)
        return false;
    *ret_number = (uint16_t)number;
    return true;
}

bool log_text_type(struct log_text text, uint16_t *ret_type)
{
    return number_of(text, rrtype_parse, ret_type);
}

bool log_text_class(struct log_text text, uint16_t *ret_class)
{
    return number_of(text, rrclass_parse, ret_class);
}

bool log_text_rcode(struct log_text text, uint16_t *ret_rcode)
{
    return number_of(text, rcode_parse, ret_rcode);
}
