/* audit.h - the trail of who did what when: written once, read, checked, never edited
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each entry carries the SHA-256 of the one before it and of its own fields, so that an entry that
 * was altered, left out or moved with another program breaks the chain from there on. Whoever keeps
 * the newest hash elsewhere also sees a trail that was made anew from the start. */
#pragma once

#include "store/store.h"

enum { AUDIT_HASH_BYTES = 32 };

/* NULL texts mean "". The actor is "user:<name>", "token:<name>", "cli:<unix user>",
 * "rule:<suppression name>", "automation:<name>", "owner:<address>" or "dnsvigil" itself. */
struct audit_entry {
    int64_t time_ns; /* 0: now */
    const char *actor;
    const char *action;
    const char *object; /* "alert/<id>", "suppression/<name>", "user/<name>" … */
    const char *from;
    const char *to;
    const char *reason;
    const char *comment;
};

/* Adds an entry to the transaction that is open, that of the change it tells of. */
int audit_add(struct store *store, const struct audit_entry *entry, struct error *error);

/* The same as a transaction of its own, for what changes nothing in the store. */
int audit_note(struct store *store, const struct audit_entry *entry, struct error *error);

/* Which entries; NULL, "" and 0 mean any. */
struct audit_filter {
    const char *object; /* this one, or all of a kind: "alert/" */
    const char *actor;
    const char *action;
    int64_t since_ns;
    int64_t until_ns;
    bool newest_first;
    uint64_t after_seq; /* for the next page; newest first, those before it */
    uint64_t limit;     /* at most so many */
};

/* Called for each entry, oldest first unless the filter says otherwise; texts are valid during the
 * call. Negative stops and is what audit_list() returns. */
typedef int (*audit_fn)(void *context, uint64_t seq, const struct audit_entry *entry,
                        const uint8_t hash[static AUDIT_HASH_BYTES]);

int audit_list(struct store *store, const struct audit_filter *filter, audit_fn each, void *context,
               struct error *error);

/* Reads the whole trail and checks the chain. *ret_broken_seq is the first entry that does not
 * belong, 0 when all do. */
int audit_verify(struct store *store, uint64_t *ret_broken_seq, struct error *error);
