/* artefact.h - isolation as other programs read it: pure functions from what is isolated to bytes
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names come from attackers. They are written with nothing but letters, digits, - and _ as they
 * are, and every other byte as \DDD (RFC 1035 5.1), so that no name can end a string, a line or a
 * comment of any of these languages. Equal input gives equal bytes. */
#pragma once

#include "base/addr.h"
#include "base/buf.h"
#include "base/error.h"

#include <dnsvigil/artefact.h>
#include <dnsvigil/name.h>

enum { ARTEFACT_BYTES_MAX = 8 << 20 };

/* A machine or network that is cut off, or a name that is blocked with all below it. */
struct isolated {
    bool is_name;
    struct prefix network;
    struct dns_name name;
    int64_t until_ns; /* by the clock */
};

struct artefact_input {
    const struct isolated *items; /* as isolated_prepare() leaves them */
    size_t count;
    uint32_t serial; /* of an RPZ zone; rises with each change */
    int64_t now_ns;  /* from which nftables counts down */
    const char *zone;
};

struct artefact_row {
    const char *slug;
    const char *text;
    bool names; /* whether it can block names */
    /* Appends the file. -EINVAL with a message: it cannot be said in this language. */
    int (*write)(const struct artefact_input *input, struct buf *buf, struct error *error);
};

#define ARTEFACT(id, slug, names, text)                                                            \
    int artefact_##slug(const struct artefact_input *input, struct buf *buf, struct error *error);
#include <dnsvigil/artefacts.def>
#undef ARTEFACT

extern const struct artefact_row artefacts[ARTEFACT_COUNT];

/* Sorts, and leaves out what is within another that lasts at least as long: so there are neither
 * duplicates nor, where a longer one is wider, overlaps. Returns how many stay. */
size_t isolated_prepare(struct isolated *items, size_t count);

/* Whether all of `inner` is within `outer`. */
bool isolated_holds(const struct isolated *outer, const struct isolated *inner);

/* Reads an address, a CIDR block or a name. False when it is neither. */
bool isolated_parse(const char *text, struct isolated *ret_item);

/* Whether a name may be blocked at all: it has two labels or more, no * for a label, which would
 * mean other names, and does not end in what RPZ takes for an address or an action. */
bool isolated_name_is_plain(const struct dns_name *name);

/* What the writers share. */

/* The first lines, each behind `mark`, which begins a comment. */
void artefact_head(struct buf *buf, const char *mark, const struct artefact_input *input);

/* The name with its final dot; `slash` is what stands for a backslash. */
void artefact_name(struct buf *buf, const struct dns_name *name, const char *slash);

/* The block with its length, also of a single address: 192.0.2.7/32. */
void artefact_network(struct buf *buf, const struct prefix *network);
