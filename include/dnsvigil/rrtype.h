/* rrtype.h - names of DNS record types, classes, response codes and opcodes, and how record data is
 * laid out
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * The *_name() functions return a literal for an assigned number and otherwise write the generic
 * form (TYPE65280, CLASS32, RCODE24, OPCODE9; RFC 3597 5) into the caller's scratch and return
 * that. */
#pragma once

#include <stdint.h>

enum {
    RRTYPE_TEXT_MAX = 16,    /* scratch for the names here */
    RRTYPE_LAYOUT_MAX = 265, /* types below have a row in the layout table */
};

enum dns_class {
    DNS_CLASS_IN = 1,
    DNS_CLASS_CH = 3,
    DNS_CLASS_NONE = 254,
    DNS_CLASS_ANY = 255,
};

/* The fields record data is made of. A layout is a string of these in wire order. */
enum rdata_code {
    RDATA_IPV4 = '4',
    RDATA_IPV6 = '6',
    RDATA_NAME = 'n',
    RDATA_U8 = 'b',
    RDATA_U16 = 's',
    RDATA_U32 = 'l',
    RDATA_TYPE = 't',    /* a record type in 16 bits */
    RDATA_TIME = 'd',    /* seconds since 1970 in 32 bits, shown as YYYYMMDDHHmmSS (RFC 4034 3.2) */
    RDATA_STRING = 'c',  /* one character-string: a length byte and so many bytes */
    RDATA_STRINGS = 'C', /* character-strings to the end, at least one */
    RDATA_TAG = 'a',     /* a character-string shown without quotes (CAA, RFC 8659) */
    RDATA_TEXT = 'r',    /* the rest as one quoted text; may be empty */
    RDATA_SALT = 'h',    /* a length byte and bytes shown in hex, "-" for none (RFC 5155) */
    RDATA_HASH = 'H',    /* a length byte and bytes shown in base32hex (RFC 5155) */
    RDATA_HEX = 'x',     /* the rest, at least one byte, in hex */
    RDATA_BASE64 = 'k',  /* the rest, at least one byte, in base64 */
    RDATA_BITMAP = 'w',  /* type bitmap windows to the end (RFC 4034 4.1.2) */
    RDATA_PARAMS = 'p',  /* SvcParams to the end, keys rising (RFC 9460 2.2) */
};

/* The layout of a type's data; "" when it has none that we know. */
const char *rrtype_layout(uint16_t type);

const char *rrtype_name(uint16_t type, char scratch[static RRTYPE_TEXT_MAX]);
const char *rrclass_name(uint16_t rrclass, char scratch[static RRTYPE_TEXT_MAX]);
const char *rcode_name(uint16_t rcode, char scratch[static RRTYPE_TEXT_MAX]);
const char *opcode_name(uint8_t opcode, char scratch[static RRTYPE_TEXT_MAX]);

/* The number of a name in either form and any letter case, or -1. */
int rrtype_parse(const char *text);
int rrclass_parse(const char *text);
int rcode_parse(const char *text);
