/* rrtype.c - looks up the assigned numbers of DNS in the rows of rrtype.def
 * SPDX-License-Identifier: Apache-2.0 */
#include <dnsvigil/rrtype.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct assigned {
    uint16_t number;
    const char *name;
};

static const struct assigned rrtypes[] = {
#define RRTYPE(number, name, layout) {number, name},
#define RRTYPE_HIGH(number, name)    {number, name},
#include "noun/rrtype.def"
#undef RRTYPE_HIGH
#undef RRTYPE
};

static const struct assigned rrclasses[] = {
#define RRCLASS(number, name) {number, name},
#include "noun/rrtype.def"
#undef RRCLASS
};

static const struct assigned rcodes[] = {
#define RCODE(number, name) {number, name},
#include "noun/rrtype.def"
#undef RCODE
};

static const struct assigned opcodes[] = {
#define OPCODE(number, name) {number, name},
#include "noun/rrtype.def"
#undef OPCODE
};

/* Letters in place, not pointers to them: the table is read for every record and this is one load.
 */
static const char layouts[RRTYPE_LAYOUT_MAX][10] = {
#define RRTYPE(number, name, layout) [number] = layout,
#include "noun/rrtype.def"
#undef RRTYPE
};

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

const char *rrtype_layout(uint16_t type)
{
    return type < RRTYPE_LAYOUT_MAX ? layouts[type] : "";
}

static int number_compare(const void *key, const void *row)
{
    return *(const uint16_t *)key - ((const struct assigned *)row)->number;
}

static const char *assigned_name(const struct assigned *rows, size_t count, uint16_t number,
                                 const char *generic, char *scratch)
{
    const struct assigned *row = bsearch(&number, rows, count, sizeof(*rows), number_compare);
    if (row)
        return row->name;
    snprintf(scratch, RRTYPE_TEXT_MAX, "%s%u", generic, number);
    return scratch;
}

/* The number in "TYPE65280" when `generic` is "TYPE": digits only, without leading zeros. */
static int generic_parse(const char *generic, const char *text)
{
    size_t prefix = strlen(generic);
    if (strncasecmp(text, generic, prefix) != 0)
        return -1;
    const char *digits = text + prefix;
    size_t count = strlen(digits);
    if (count < 1 || count > 5 || strspn(digits, "0123456789") != count)
        return -1;
    long number = strtol(digits, NULL, 10);
    bool padded = digits[0] == '0' && count > 1;
    return padded || number > UINT16_MAX ? -1 : (int)number;
}

static int assigned_parse(const struct assigned *rows, size_t count, const char *generic,
                          const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(rows[i].name, text) == 0)
            return rows[i].number;
    return generic_parse(generic, text);
}

const char *rrtype_name(uint16_t type, char scratch[static RRTYPE_TEXT_MAX])
{
    return assigned_name(rrtypes, COUNT(rrtypes), type, "TYPE", scratch);
}

const char *rrclass_name(uint16_t rrclass, char scratch[static RRTYPE_TEXT_MAX])
{
    return assigned_name(rrclasses, COUNT(rrclasses), rrclass, "CLASS", scratch);
}

const char *rcode_name(uint16_t rcode, char scratch[static RRTYPE_TEXT_MAX])
{
    return assigned_name(rcodes, COUNT(rcodes), rcode, "RCODE", scratch);
}

const char *opcode_name(uint8_t opcode, char scratch[static RRTYPE_TEXT_MAX])
{
    return assigned_name(opcodes, COUNT(opcodes), opcode, "OPCODE", scratch);
}

int rrtype_parse(const char *text)
{
    return assigned_parse(rrtypes, COUNT(rrtypes), "TYPE", text);
}

int rrclass_parse(const char *text)
{
    return assigned_parse(rrclasses, COUNT(rrclasses), "CLASS", text);
}

int rcode_parse(const char *text)
{
    return assigned_parse(rcodes, COUNT(rcodes), "RCODE", text);
}
