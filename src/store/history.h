/* history.h - who asked for which name, when first and last, how often, and what was answered
 * SPDX-License-Identifier: Apache-2.0
 *
 * One row for each client and name, in the database of the alerts. Times are event times. It is
 * bounded: rows older than `days` before the newest batch go, and beyond `rows_max` those of
 * clients that have more than their share, oldest first, so that a client that floods displaces
 * itself. What went is counted. Errors and threads are as in store.h. */
#pragma once

#include "base/json.h"
#include "store/answers.h"
#include "store/store.h"

enum { HISTORY_NO_RCODE = 0xffff };

/* A name with its labels in reverse order, each with its length before it, without the root: so a
 * domain and all below it is one range of keys, and nothing has to be escaped. */
enum { HISTORY_KEY_MAX = NAME_WIRE_MAX - 1 };

/* Writes the key of the name from label `label` on; returns its length. */
size_t history_key(const struct dns_name *name, unsigned label, uint8_t key[HISTORY_KEY_MAX]);

struct history_row;

/* The name of a row, indexed. */
void history_name(const struct history_row *row, struct dns_name *ret_name);

struct history_row {
    int64_t first_ns;
    int64_t last_ns;
    uint64_t count;   /* times asked */
    uint64_t further; /* of these, for names below this one that have no row of their own */
    uint16_t qtype;   /* asked for first */
    uint16_t rcode;   /* of the first response, or HISTORY_NO_RCODE */
    uint16_t answers_len;
    uint8_t key_len;
    uint8_t domain_labels;  /* of the registrable domain; 0: the name has none */
    const uint8_t *answers; /* packed (answers.h) */
    const uint8_t *key;     /* the name: history_key() */
    struct addr entity;
    struct addr resolver;
};

struct history_limits {
    unsigned days;
    uint64_t rows_max;
};

/* Adds the rows, no two of which may be of one client and name, in one transaction, and keeps the
 * limits. A row for times that the stored one covers already is a replay and adds nothing to its
 * count. Rows in the order of names (history_row_order()) go in fastest. */
int history_put(struct store *store, const struct history_row *const rows[], size_t n,
                const struct history_limits *limits, struct error *error);

/* For qsort() over pointers to rows: the order in which they are stored. */
int history_row_order(const void *a, const void *b);

/* Called for each row, which is valid during the call; negative stops and is what history_each()
 * returns. It may use the store. */
typedef int (*history_row_fn)(void *context, const struct history_row *row, struct error *error);

/* All rows; names that share a domain come one after the other. Reads in short transactions. */
int history_each(struct store *store, history_row_fn each, void *context, struct error *error);

/* Who asked for the name or anything below it. */
struct history_use {
    uint64_t clients;
    int64_t first_ns;
    int64_t last_ns;
};

int history_use(struct store *store, const struct dns_name *name, struct history_use *ret_use,
                struct error *error);

/* Which rows; NULL and 0 mean any. */
struct history_filter {
    const struct addr *entity;
    const struct dns_name *name; /* this one and those below it */
    int64_t since_ns;            /* asked for then or later */
    int64_t until_ns;            /* asked for before */
    uint64_t limit;              /* at most so many */
};

/* The rows that the filter leaves, those asked for last first. Without a name all rows are looked
 * through. One read transaction. */
int history_find(struct store *store, const struct history_filter *filter, history_row_fn each,
                 void *context, struct error *error);

/* Appends the keys of a row, without braces. */
void history_row_to_json(const struct history_row *row, struct json *json);

struct history_status {
    uint64_t rows;
    uint64_t expired;         /* rows removed because of their age */
    uint64_t evicted;         /* rows removed for want of room */
    uint64_t answers_dropped; /* answers beyond those a row keeps */
    int64_t newest_ns;        /* event time of the newest batch */
};

int history_status(struct store *store, struct history_status *ret_status, struct error *error);

/* The indicators that the history has been asked for: a sorted set of 64-bit fingerprints, their
 * sum, and the seed they were made with. `fingerprints` is the caller's to free. */
struct history_known {
    uint64_t seed; /* 0: none were ever kept */
    uint64_t sum;
    uint64_t *fingerprints; /* NULL unless asked for */
    size_t count;
};

/* Sorts the set and takes out what is there twice. */
void history_known_sort(struct history_known *known);

/* Whether the set, sorted and read whole, has this fingerprint. */
bool history_known_has(const struct history_known *known, uint64_t fingerprint);

/* `whole`: with the set, not only seed and sum. */
int history_known(struct store *store, bool whole, struct history_known *ret_known,
                  struct error *error);
int history_know(struct store *store, const struct history_known *known, struct error *error);
