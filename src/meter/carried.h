/* carried.h - how many bytes of information the name and the answers of one transaction bring
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only what is new to the pair counts: a repeated name, label or record tells the other side
 * nothing, and a number that counts next to nothing. What ordinary DNS needs random-looking text
 * for is left out: short labels with an underscore and before such (RFC 8552), addresses written
 * into names (reverse zones, block lists, access networks), with the answers that only repeat them,
 * the names of machines with private addresses, the machine's own names of undelegated domains,
 * names completed with a search suffix, short words that do not exist, DNSSEC and SVCB data that
 * nobody asked for. */
#pragma once

#include "meter/seen.h"

#include <dnsvigil/detector.h>

/* What the meter asks of its owner: the rooms it may not use speak through these. */
struct carried_hooks {
    void *arg;
    float (*label_bytes)(const uint8_t *label, size_t len); /* information in one label */
    bool (*undelegated)(void *arg, const struct dns_name *name);
};

/* Which labels of a question belong to the client, and how. */
struct place {
    unsigned left;  /* its labels: those before the domain */
    bool delegated; /* there is a registrable domain, at label `left` */
    bool spelled;   /* the name writes the address that it leads to: place_weigh() sets this … */
    float free;     /* … and how many bytes of each label count for nothing */
};

/* Kinds of characters of a label that carries something, or-ed. */
enum alphabet {
    ALPHABET_01 = 1 << 0,
    ALPHABET_2_5 = 1 << 1,
    ALPHABET_67 = 1 << 2,
    ALPHABET_89 = 1 << 3,
    ALPHABET_A_F = 1 << 4,
    ALPHABET_G_V = 1 << 5,
    ALPHABET_W_Z = 1 << 6,
    ALPHABET_DASH = 1 << 7,   /* '-' and '_' */
    ALPHABET_BASE64 = 1 << 8, /* '+', '/', '=' */
    ALPHABET_OTHER = 1 << 9,
    ALPHABET_MIXED = 1 << 10, /* both cases stood on the wire */
};

/* What one name brought. */
struct carried_name {
    float bytes;
    bool counts; /* it is a name of the kind that tunnels use, however little it brought */
    uint8_t label_max;
    uint16_t alphabet; /* enum alphabet of labels of 8 bytes and more */
};

/* Finds the client's labels of the question. False when the transaction is none that could be part
 * of a tunnel: an address asked for in a reverse zone, the root, a domain or a public suffix
 * itself. `registrable` is its first label or -1. */
bool place_find(const struct transaction *transaction, int registrable, enum suffix_class suffix,
                struct place *ret_place);

/* Says how much of the labels is free, which few names are looked at so closely for. */
void place_weigh(const struct transaction *transaction, enum suffix_class suffix,
                 struct place *place);

/* Hash, with the fixed seed, of the client's part of the name. */
uint64_t place_hash(const struct dns_name *name, const struct place *place);

/* What the labels of a weighed place bring; `seen` remembers them. NULL for `seen`: all count as
 * new. */
void carried_by_name(const struct carried_hooks *hooks, const struct dns_name *name,
                     const struct place *place, struct seen *seen, struct carried_name *ret);

/* What the answers bring. Addresses count where `addresses` says that names are used like data. */
float carried_by_answers(const struct carried_hooks *hooks, const struct transaction *transaction,
                         const struct place *place, struct seen *seen, bool addresses);
