/* deliveries.h - what is to be sent or run because of alerts: a bounded queue that survives
 * restarts
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Planned in the transaction that moves the follower's cursor, so that nothing is planned twice or
 * forgotten; carried out afterwards, at least once. What is over stays as a record of it until it
 * is trimmed. Errors and threads are as in store.h; functions that write are a transaction each. */
#pragma once

#include "store/store.h"

enum delivery_kind {
#define DELIVERY_KIND(id, slug, text) DELIVERY_KIND_##id,
#include "store/deliveries.def"
#undef DELIVERY_KIND
    DELIVERY_KIND_COUNT,
};

enum delivery_channel {
#define DELIVERY_CHANNEL(id, slug) DELIVERY_CHANNEL_##id,
#include "store/deliveries.def"
#undef DELIVERY_CHANNEL
    DELIVERY_CHANNEL_COUNT,
};

enum delivery_state {
#define DELIVERY_STATE(id, slug) DELIVERY_STATE_##id,
#include "store/deliveries.def"
#undef DELIVERY_STATE
    DELIVERY_STATE_COUNT,
};

extern const char *const delivery_kind_slugs[DELIVERY_KIND_COUNT];
extern const char *const delivery_channel_slugs[DELIVERY_CHANNEL_COUNT];
extern const char *const delivery_state_slugs[DELIVERY_STATE_COUNT];

enum {
    DELIVERY_TARGET_MAX = 256,
    DELIVERY_RESULT_MAX = 512,
    DELIVERY_QUEUE_MAX = 10000, /* pending or waiting; what comes beyond is dropped and counted */
};

struct delivery {
    uint64_t seq;
    uint8_t kind;
    uint8_t channel;
    uint8_t state;
    uint8_t severity;                 /* of the alert */
    char origin[64];                  /* name of the notification or rule; "" of an inquiry */
    char target[DELIVERY_TARGET_MAX]; /* of a mail its address, else as origin */
    char object[ALERT_ID_MAX];        /* the alert; else as deliveries.def says */
    uint32_t revision;                /* of the alert; 0 where it is done once for each alert */
    uint32_t attempts;
    int64_t made_ns;
    int64_t due_ns;
    char result[DELIVERY_RESULT_MAX]; /* of the last attempt, in words */
};

/* A delivery to be queued, and how many of its kind, channel and target may be since when. */
struct delivery_plan {
    struct delivery delivery; /* seq, attempts and result are ignored */
    int64_t since_ns;
    uint32_t max;
    bool each_severity; /* the limit counts those of the same severity only */
    uint8_t over;       /* enum delivery_state of what is over the limit */
};

/* Queues what is not queued yet (kind, channel, target, object and revision make it the same), and
 * sets the follower's cursor; `follower` may be NULL. */
int deliveries_plan(struct store *store, const struct delivery_plan plans[], size_t n,
                    const char *follower, uint64_t seq, struct error *error);

/* Puts those that wait since before `before_ns` into digests, one for each address, under the name
 * `day`. */
int deliveries_gather(struct store *store, const char *day, int64_t before_ns, int64_t now_ns,
                      struct error *error);

/* Whether deliveries_gather() has something to do. */
int deliveries_waiting(struct store *store, int64_t before_ns, bool *ret_waiting,
                       struct error *error);

/* Records an attempt: the state that follows, when it is due again, what came of it. */
int deliveries_attempted(struct store *store, uint64_t seq, enum delivery_state state,
                         int64_t due_ns, const char *result, struct error *error);

/* Removes those made before then that are over. */
int deliveries_trim(struct store *store, int64_t before_ns, struct error *error);

typedef int (*delivery_fn)(void *context, const struct delivery *delivery, struct error *error);

/* Those that are due, longest due first; negative from `each` stops. */
int deliveries_due(struct store *store, int64_t now_ns, uint64_t limit, delivery_fn each,
                   void *context, struct error *error);

/* What a digest tells: the gathered deliveries, most severe first. */
int deliveries_digest(struct store *store, const struct delivery *digest, uint64_t limit,
                      delivery_fn each, void *context, struct error *error);

/* All zero: any; but `limit` has to be set. */
struct delivery_filter {
    uint32_t kinds; /* bit (1 << enum delivery_kind) */
    const char *origin;
    const char *object; /* what they are about: an alert's id, a day, an inquiry */
    uint64_t below;     /* with a seq below this */
    uint64_t limit;
};

/* Newest first. */
int deliveries_list(struct store *store, const struct delivery_filter *filter, delivery_fn each,
                    void *context, struct error *error);

/* What an address has had of alerts of one severity. */
struct delivery_usage {
    char target[DELIVERY_TARGET_MAX];
    enum severity severity;
    uint64_t own;     /* mails of their own, sent or about to be */
    uint64_t waiting; /* for the digest */
};

typedef int (*delivery_usage_fn)(void *context, const struct delivery_usage *usage);

/* Mails about alerts planned since then, by address and severity. */
int deliveries_usage(struct store *store, int64_t since_ns, delivery_usage_fn each, void *context,
                     struct error *error);

struct delivery_counts {
    uint64_t of[DELIVERY_STATE_COUNT];
    uint64_t dropped; /* for want of room in the queue */
};

int deliveries_counts(struct store *store, struct delivery_counts *ret_counts, struct error *error);
