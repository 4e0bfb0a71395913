/* log_join.h - remembers queries that a log has told of until a later line tells of the response
 * SPDX-License-Identifier: Apache-2.0
 *
 * A table of fixed size; a query that nobody came back for gives way to younger ones. Keys are
 * hashes, seeded, of whatever the two lines have in common. */
#pragma once

#include "input/log.h"

enum { LOG_JOIN_SETS = 1024, LOG_JOIN_WAYS = 8 };

struct log_asked {
    uint64_t key;      /* 0: free */
    uint64_t name_key; /* of the name alone, for who needs it beside the key */
    int64_t time_ns;
    struct addr client;
    uint16_t client_port;
    uint16_t id;
    uint16_t qtype;
    uint16_t qclass;
};

struct log_join {
    struct log_asked sets[LOG_JOIN_SETS][LOG_JOIN_WAYS];
};

/* Of the text in any letter case. Never 0. */
uint64_t log_join_key(struct log_text common);

void log_join_add(struct log_join *join, const struct log_asked *asked);

/* The youngest query with this key and type (0: any), from the minute before `now_ns`; it is
 * forgotten. False when there is none. */
bool log_join_take(struct log_join *join, uint64_t key, uint16_t qtype, int64_t now_ns,
                   struct log_asked *ret_asked);
