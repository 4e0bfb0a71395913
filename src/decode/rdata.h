/* rdata.h - the fields of a record's data: walked, checked against the type's layout, shown as text
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"

#include <dnsvigil/dns.h>
#include <dnsvigil/rrtype.h>

#include <stddef.h>

enum { RDATA_SHOWN_MAX = 512 }; /* bytes of strings, keys and lists shown of one record */

/* One field, as the layouts of rrtype.def spell it. */
struct rdata_field {
    enum rdata_code code;
    size_t at; /* from the start of the message, length bytes included */
    size_t len;
};

/* A walk over the fields of one record's data. It never leaves the data; names may lead out of it
 * by pointer. After the last field `malformed` says whether the data fitted: NONE, RDATA or BUDGET.
 */
struct rdata_walk {
    const uint8_t *message;
    const char *layout; /* fields still to come */
    size_t at;
    size_t end;
    unsigned *steps;
    enum malformed malformed;
};

/* Starts at the first field. Labels and pointers count against *steps. */
struct rdata_walk rdata_walk(const struct dns_message *message, const struct dns_record *record,
                             unsigned *steps);

/* The next field; false at the end or where the data stops fitting. */
bool rdata_next(struct rdata_walk *walk, struct rdata_field *ret_field);

/* Whether a record's data fits its type: NONE, RDATA or BUDGET. Data of types without a layout, and
 * A records of class CH (which hold something else), always fit. */
enum malformed rdata_check(const struct dns_message *message, const struct dns_record *record,
                           unsigned *steps);

/* Reads the name of a RDATA_NAME field; false when its pointers lead astray. */
bool rdata_name(const struct dns_message *message, const struct rdata_field *field,
                struct dns_name *ret);

/* Appends the data in presentation format (RFC 1035 5.1 and each type's own RFC), one line of
 * printable ASCII, names without the final dot. Types without a layout and data that does not fit
 * are written as `\# length hex` (RFC 3597 5). Past RDATA_SHOWN_MAX bytes it breaks off with "...";
 * an OPT record is summed up as its EDNS fields and options. */
void record_to_text(const struct dns_message *message, const struct dns_record *record,
                    struct buf *buf);
