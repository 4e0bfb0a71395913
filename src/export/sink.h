/* sink.h - a place that alerts are sent to: a file, a server, a message queue
 * SPDX-License-Identifier: Apache-2.0
 *
 * A sink takes records, tells of each whether it has it for good, and keeps nothing else: what was
 * not taken stays in the store and comes again. One thread uses a sink; only `stop` may be set by
 * another. */
#pragma once

#include "base/error.h"
#include "config/config.h"
#include "export/dialect.h"

#include <stdatomic.h>

/* One alert as the sink's dialect writes it. Everything is valid until send() returns. */
struct sink_record {
    const char *id;    /* of the alert: where order matters, records with one id stay in order */
    uint32_t revision; /* id and revision together: the same record, should it come twice */
    uint8_t severity;  /* enum severity */
    int64_t time_ns;   /* when the alert last changed */
    const struct alert *alert;
    const char *bytes;
    size_t len;
};

enum sink_verdict {
    SINK_AGAIN,   /* not now: the place is down, busy, or does not know us yet */
    SINK_TAKEN,   /* for good: it said so, or there is nobody who could */
    SINK_REFUSED, /* it will not have this record */
};

struct sink_answer {
    enum sink_verdict verdict;
    char reason[200]; /* of AGAIN and REFUSED, for people; no secrets */
};

struct sink;

struct sink_ops {
    /* Sends up to config->batch_records records, blocking no longer than the configured time limit,
     * and answers for each. All answers are SINK_AGAIN, without a reason, before the call. Sets
     * *ret_wait_s where the place says when to come again. */
    void (*send)(struct sink *sink, const struct sink_record *records, size_t count,
                 struct sink_answer *answers, unsigned *ret_wait_s);
    /* Moves on what only needs time (a file that is due to be closed). About once a second; NULL:
     * nothing ever does. */
    void (*tick)(struct sink *sink, int64_t now_ns);
    void (*close)(struct sink *sink);
};

/* At the beginning of each sink's own structure. */
struct sink {
    const struct sink_ops *ops;
    const struct config_export *config; /* outlives the sink */
    const struct dialect *dialect;
    size_t limit_bytes; /* of a record where the configuration has none; 0: the dialect's */
    atomic_bool stop;   /* what still blocks gives up soon */
};

/* Makes the sink that the configuration describes; it need not reach its place yet. NULL with a
 * message that names the key when the description cannot work. */
struct sink *sink_open(const struct config_export *config, struct error *error);

/* NULL is allowed. */
void sink_close(struct sink *sink);
