/* story.h - a scenario as it was read: lists, configuration, traffic, and what must come of it
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <dnsvigil/alert.h>
#include <dnsvigil/metrics.h>

enum {
    STORY_FEEDS_MAX = 16,
    STORY_EXPECTS_MAX = 64,
    STORY_PAIRS_MAX = 12,
    STORY_COUNTERS_MAX = 16
};

struct story_feed {
    unsigned line;
    char name[64];
    enum category category;
    uint8_t confidence;
    int64_t fetched_ns;
    struct buf text;
};

enum story_verb {
    VERB_WAIT,   /* only time passes */
    VERB_ASK,    /* a query under a new id, and its answer if there is one */
    VERB_AGAIN,  /* the same query once more, under the id it had */
    VERB_GET,    /* an answer alone, under the id of the latest query for it */
    VERB_BOUNCE, /* the client sends such an answer back by ICMP: its port is closed */
};

/* One line of traffic. */
struct story_step {
    unsigned line;
    enum story_verb verb;
    bool at;         /* `time_ns` is a moment, not a span */
    int64_t time_ns; /* to pass before the step */
    struct addr client;
    struct addr server;
    bool tcp;
    uint8_t opcode;
    bool padded; /* EDNS cookies and padding, both ways */
    bool mixed;  /* letters of the name are large and small at random */
    uint16_t qtype;
    char *name;
    char *subnet;  /* of the query's EDNS, or NULL */
    bool answered; /* `rcode` and `records` say how */
    uint16_t rcode;
    char *records; /* "A 192.0.2.1; authority NS ns.example." */
};

/* One alert that must come: its detector and what must stand in it. */
struct story_expect {
    unsigned line;
    enum detector detector;
    unsigned pair_count;
    struct {
        char key[24];
        char value[ALERT_TEXT_MAX];
    } pairs[STORY_PAIRS_MAX];
};

struct story_counter {
    unsigned line;
    enum metric metric;
    uint64_t value;
};

struct story {
    const char *path;
    bool seeds;
    struct buf config;
    struct buf rules;
    bool own_rules;
    unsigned feed_count;
    struct story_feed feeds[STORY_FEEDS_MAX];
    size_t step_count;
    struct story_step *steps;
    bool expects_nothing;
    unsigned expect_count;
    struct story_expect expects[STORY_EXPECTS_MAX];
    unsigned counter_count;
    struct story_counter counters[STORY_COUNTERS_MAX];
};

/* Reads the file. Negative errno and `FILE:LINE: what is wrong`. */
int story_read(const char *path, struct story *ret_story, struct error *error);
void story_free(struct story *story);

/* What came of it. */
struct outcome {
    struct metrics metrics;
    size_t alert_count;
    struct alert *alerts;
};

/* Plays the traffic through one shard. `seed_dir` holds the lists that come with the program. */
int story_play(const struct story *story, const char *seed_dir, unsigned shards,
               struct outcome *ret_outcome, struct error *error);
void outcome_free(struct outcome *outcome);

/* Whether `key` is something an `expect` may ask of an alert. */
bool expect_key_exists(const char *key);

/* Compares; prints every difference with its place on stderr. */
bool story_judge(const struct story *story, const struct outcome *outcome);
