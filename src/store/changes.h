/* changes.h - every change of an alert in order, for those who follow: exports, notices, browsers
 * SPDX-License-Identifier: Apache-2.0
 *
 * The row of a change is written by the transaction that makes it. A follower keeps the number of
 * the last change it dealt with under a name of its own; after a crash it goes on from there, so
 * that it sees every change at least once. */
#pragma once

#include "store/store.h"

/* Called for each change; negative stops and is what changes_read() returns. */
typedef int (*change_fn)(void *context, uint64_t seq, const char *alert_id, uint32_t revision,
                         int64_t time_ns);

/* Up to `limit` changes behind `after_seq`, oldest first. A change whose revision is no longer the
 * alert's may be skipped: a later one tells more. */
int changes_read(struct store *store, uint64_t after_seq, uint64_t limit, change_fn each,
                 void *context, struct error *error);

/* The number of the newest change, 0 before the first: where a follower without a past starts. */
int changes_newest(struct store *store, uint64_t *ret_seq, struct error *error);

/* Where the follower of this name is. -ENOENT, without a message, when it never was anywhere. */
int changes_cursor_get(struct store *store, const char *follower, uint64_t *ret_seq,
                       struct error *error);
/* Joins the transaction that is open, or makes one. */
int changes_cursor_put(struct store *store, const char *follower, uint64_t seq,
                       struct error *error);
/* Forgets the follower. No failure where there is none. */
int changes_cursor_remove(struct store *store, const char *follower, struct error *error);

/* Deletes some changes that nobody needs: those that all followers have dealt with and that are
 * older than `before_ns`, and behind a follower that is far back those that a later one replaces.
 * Called every minute the table stays as small as there are alerts and recent changes. */
int changes_trim(struct store *store, int64_t before_ns, struct error *error);
