/* shape.c - what the labels of a name look like: a small pattern language and its matcher
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/shape.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/name.h>

#include <string.h>

enum { LABEL_MAX = 63, UUID_BYTES = 36, DASHED_BYTES_MAX = 15 };

enum kind {
    KIND_END,
    KIND_CHARS, /* nothing but characters of a set */
    KIND_OCTET,
    KIND_UUID,
    KIND_DASHED,
    KIND_FQDN,
    KIND_LITERAL,
};

/* The sets of characters, as bits. */
enum {
    DIGIT = 1,
    BASE32_DIGIT = 2,
    HEX_LETTER = 4,
    LETTER = 8,
    MARK = 16,
    OTHER = 32,
    ANY_CHAR = 63,
};

static const struct {
    const char *word;
    uint8_t kind;
    uint8_t chars;
    uint8_t bytes_max; /* unless the shape says */
} classes[] = {
    {"octet", KIND_OCTET, DIGIT, 3},
    {"nibble", KIND_CHARS, DIGIT | HEX_LETTER, 1},
    {"num", KIND_CHARS, DIGIT, LABEL_MAX},
    {"hex", KIND_CHARS, DIGIT | HEX_LETTER, LABEL_MAX},
    {"b32", KIND_CHARS, LETTER | BASE32_DIGIT, LABEL_MAX},
    {"alpha", KIND_CHARS, LETTER, LABEL_MAX},
    {"host", KIND_CHARS, DIGIT | LETTER | MARK, LABEL_MAX},
    {"text", KIND_CHARS, ANY_CHAR, LABEL_MAX},
    {"uuid", KIND_UUID, DIGIT | HEX_LETTER | MARK, UUID_BYTES},
    {"dashed", KIND_DASHED, DIGIT | MARK, DASHED_BYTES_MAX},
    {"fqdn", KIND_FQDN, ANY_CHAR, LABEL_MAX},
};

/* What a byte counts as; a set contains it when they share a bit. Names are in lower case. */
static const uint8_t byte_kinds[256] = {
    [0 ... ','] = OTHER,
    ['-'] = MARK,
    ['.' ... '/'] = OTHER,
    ['0' ... '1'] = DIGIT,
    ['2' ... '7'] = DIGIT | BASE32_DIGIT,
    ['8' ... '9'] = DIGIT,
    [':' ... '^'] = OTHER,
    ['_'] = MARK,
    ['`'] = OTHER,
    ['a' ... 'f'] = LETTER | HEX_LETTER,
    ['g' ... 'z'] = LETTER,
    ['{' ... 255] = OTHER,
};

/* Takes a decimal number off the front; -1 when there is none up to 127. */
static int number_take(struct slice *text)
{
    int value = -1;
    while (text->len && text->at[0] >= '0' && text->at[0] <= '9') {
        value = (value < 0 ? 0 : value * 10) + (text->at[0] - '0');
        if (value > NAME_LABELS_MAX)
            return -1;
        text->at++;
        text->len--;
    }
    return value;
}

/* `MIN SEPARATOR MAX`, or `MIN` alone for both. */
static bool range_take(struct slice *text, char separator, uint8_t *ret_min, uint8_t *ret_max)
{
    int min = number_take(text), max = min;
    if (text->len && text->at[0] == separator) {
        *text = (struct slice){text->at + 1, text->len - 1};
        max = number_take(text);
    }
    *ret_min = (uint8_t)min;
    *ret_max = (uint8_t)max;
    return min >= 0 && max >= min;
}

static bool literal_read(struct slice text, struct shape_element *element)
{
    if (text.len == 0 || text.len > SHAPE_TEXT_MAX)
        return false;
    element->kind = KIND_LITERAL;
    element->bytes_min = element->bytes_max = (uint8_t)text.len;
    memcpy(element->text, text.at, text.len);
    return true;
}

static bool class_take(struct slice *text, struct shape_element *element)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (!slice_begins(*text, classes[i].word))
            continue;
        size_t len = strlen(classes[i].word);
        *text = (struct slice){text->at + len, text->len - len};
        element->kind = classes[i].kind;
        element->chars = classes[i].chars;
        element->bytes_max = classes[i].bytes_max;
        return true;
    }
    return false;
}

/* `class{min,max}xN-M` */
static bool element_read(struct slice text, struct shape_element *element)
{
    *element = (struct shape_element){.bytes_min = 1, .labels_min = 1, .labels_max = 1};
    if (slice_begins(text, "="))
        return literal_read((struct slice){text.at + 1, text.len - 1}, element);
    if (!class_take(&text, element))
        return false;
    if (slice_begins(text, "{")) {
        text = (struct slice){text.at + 1, text.len - 1};
        if (!range_take(&text, ',', &element->bytes_min, &element->bytes_max) ||
            element->bytes_min == 0 || element->bytes_max > LABEL_MAX || !slice_begins(text, "}"))
            return false;
        text = (struct slice){text.at + 1, text.len - 1};
    }
    if (!slice_begins(text, "x"))
        return text.len == 0;
    text = (struct slice){text.at + 1, text.len - 1};
    return range_take(&text, '-', &element->labels_min, &element->labels_max) && text.len == 0;
}

bool shape_read(struct shapes *shapes, struct slice text, uint16_t *ret_shape)
{
    unsigned at = shapes->count ? shapes->count : 1;
    *ret_shape = SHAPE_ANY;
    if (slice_equal(text, "-"))
        return true;
    unsigned first = at;
    while (text.len) {
        struct slice one = slice_cut(&text, '|');
        unsigned begin = at;
        do {
            struct slice element = slice_cut(&one, '.');
            if (at + 1 >= SHAPE_ELEMENTS_MAX || !element_read(element, &shapes->elements[at]))
                return false;
            shapes->elements[at].alternative = at == begin && begin > first;
            at++;
        } while (one.len);
    }
    if (at == first)
        return false;
    shapes->elements[at++] = (struct shape_element){.kind = KIND_END};
    shapes->count = at;
    *ret_shape = (uint16_t)first;
    return true;
}

static bool is_octet(const uint8_t *text, size_t len)
{
    unsigned value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    return value <= 255 && (len == 1 || text[0] != '0');
}

static bool is_uuid(const uint8_t *text)
{
    for (size_t i = 0; i < UUID_BYTES; i++)
        if ((text[i] == '-') != (i == 8 || i == 13 || i == 18 || i == 23))
            return false;
    return true;
}

/* Four octets with dashes between. */
static bool is_dashed(const uint8_t *text, size_t len)
{
    unsigned octets = 0;
    for (size_t at = 0; at <= len;) {
        size_t end = at;
        while (end < len && text[end] != '-')
            end++;
        if (end == at || end - at > 3 || !is_octet(text + at, end - at))
            return false;
        octets++;
        at = end + 1;
    }
    return octets == 4;
}

static bool label_fits(const struct shape_element *element, const struct dns_name *name,
                       unsigned label)
{
    size_t len;
    const uint8_t *text = name_label(name, label, &len);
    if (len < element->bytes_min || len > element->bytes_max)
        return false;
    if (element->kind == KIND_LITERAL)
        return memcmp(text, element->text, len) == 0;
    for (size_t i = 0; i < len; i++)
        if (!(byte_kinds[text[i]] & element->chars))
            return false;
    switch (element->kind) {
    case KIND_OCTET: return is_octet(text, len);
    case KIND_UUID: return len == UUID_BYTES && is_uuid(text);
    case KIND_DASHED: return is_dashed(text, len);
    default: return true;
    }
}

/* Whether the labels from..to, or all but the last one or two of them, are a name under a delegated
 * suffix: a search domain may have labels of its own below the registrable one. */
static bool is_fqdn(const struct dns_name *name, unsigned from, unsigned to,
                    struct suffix_cache *suffixes)
{
    enum { SEARCH_LABELS_MAX = 2 };
    struct dns_name part;
    for (unsigned end = to; end >= from + 2 && end + SEARCH_LABELS_MAX >= to; end--) {
        unsigned bytes = (unsigned)(name->offset[end] - name->offset[from]);
        memcpy(part.wire, name->wire + name->offset[from], bytes);
        part.wire[bytes] = 0;
        part.len = (uint8_t)(bytes + 1);
        name_index(&part);
        struct suffix_info info = suffix_lookup(suffixes, &part);
        if (info.registrable >= 0 && info.suffix_class == SUFFIX_ICANN)
            return true;
    }
    return false;
}

static bool one_fits(const struct shape_element *element, const struct dns_name *name,
                     unsigned left, struct suffix_cache *suffixes)
{
    unsigned label = 0;
    do {
        if (element->kind == KIND_FQDN)
            return is_fqdn(name, label, left, suffixes);
        unsigned taken = 0;
        while (taken < element->labels_max && label < left && label_fits(element, name, label)) {
            taken++;
            label++;
        }
        if (taken < element->labels_min)
            return false;
        element++;
    } while (element->kind != KIND_END && !element->alternative);
    return label == left;
}

bool shape_fits(const struct shapes *shapes, unsigned shape, const struct dns_name *name,
                unsigned left, struct suffix_cache *suffixes)
{
    if (shape == SHAPE_ANY || left == 0)
        return true;
    const struct shape_element *element = &shapes->elements[shape];
    for (bool first = true; element->kind != KIND_END; element++) {
        if ((first || element->alternative) && one_fits(element, name, left, suffixes))
            return true;
        first = false;
    }
    return false;
}
