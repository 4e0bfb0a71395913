/* alert.h - an alert: what happened, who did it, why we say so
 * SPDX-License-Identifier: Apache-2.0
 *
 * A plain value without pointers into other rooms: it can be copied, stored, rendered in any
 * language and written in any dialect. Text is UTF-8 or presentation-format ASCII (RFC 4343),
 * always NUL-terminated. An empty text, a zero time or a zero count means unknown. */
#pragma once

#include <dnsvigil/anomaly.h>
#include <dnsvigil/burst.h>
#include <dnsvigil/detector.h>
#include <dnsvigil/lookalike.h>
#include <dnsvigil/signature.h>

enum {
    ALERT_ID_MAX = 20 + 1 + 36 + 1, /* <ticks>_<guid> and NUL */
    ALERT_SAMPLES_MAX = 10,
    ALERT_TEXT_MAX = 256,
    ALERT_ANSWERS_MAX = 512,
    ALERT_DECODED_MAX = 128,
    ALERT_BURST_SAMPLES_MAX = BURST_SAMPLES_MAX * BURST_TEXT_MAX,
    ALERT_BURST_RESOLVED_MAX = BURST_REACHED_MAX * BURST_TEXT_MAX,
    ALERT_ANOMALY_BYTES_MAX = 64,
    ALERT_SIGNS_MAX = 128,
    ALERT_MATCHED_MAX = 2 * NAME_TEXT_MAX,
    ALERT_REFERENCES_MAX = 1024,
    ALERT_RULE_MAX = 2048,
    ALERT_POINTS_MAX = 24,
    ALERT_INCIDENTS_MAX = 256,
};

struct alert_feature {
    char name[32];
    double value;
    double threshold;
    char unit[16];
};

struct alert_sample {
    int64_t time_ns;
    uint16_t qtype;
    int32_t rcode; /* -1 without a response */
    char qname[NAME_TEXT_MAX];
    char answers[ALERT_ANSWERS_MAX]; /* one presentation line after another, '\n' between */
};

struct alert_indicator {
    char feed[64];
    char entry[ALERT_TEXT_MAX]; /* the original line */
    char category[24];          /* slug */
    uint8_t confidence;
    char matched[NAME_TEXT_MAX]; /* the name or address of the transaction that matched */
    uint8_t field;               /* enum match_field */
};

/* The message that shows an anomaly. */
struct alert_anomaly {
    uint8_t code;       /* enum anomaly */
    char protocol[24];  /* what is spoken instead of DNS, where that is known */
    char side[12];      /* "query" or "response" */
    char header[160];   /* the DNS header in words */
    uint32_t bytes;     /* length of the message */
    uint32_t damage_at; /* offset of what could not be read, 0 for none */
    char start[2 * ALERT_ANOMALY_BYTES_MAX + 1]; /* its first bytes in hex */
};

/* How much a tunnel had carried by then, since its first_ns. */
struct alert_point {
    int64_t time_ns;
    double bytes_up;
    double bytes_down;
};

/* What a tunnel carried. */
struct alert_tunnel {
    double bytes_up; /* of information, since first_ns */
    double bytes_down;
    double bytes_per_s; /* both ways over the last ten minutes */
    double interval_s;  /* mean time between new names, lately */
    uint64_t queries;
    uint64_t unique_names;
    uint64_t label_max; /* bytes of the longest label */
    int64_t first_ns;
    uint16_t qtype;                  /* asked for most often */
    char encoding[16];               /* "hex", "base32" …; "" for unknown */
    char tool[24];                   /* program known by its names; "" for unknown */
    char decoded[ALERT_DECODED_MAX]; /* what the labels of one name spell, other bytes as '.' */
    uint8_t point_count;
    struct alert_point
        points[ALERT_POINTS_MAX]; /* since it was known; the last one is the latest */
};

/* Why a domain's name looks drawn at random. */
struct alert_piece {
    char text[16]; /* of the label, ^ and $ for its ends; or the top-level domain with its dot */
    double weight; /* what it adds to the score */
};

enum { ALERT_PIECES_MAX = 5 };

struct alert_random {
    double score; /* as in struct lexical */
    double benign_share;
    uint64_t more_domains; /* beyond those told one by one that day, this one among them */
    uint8_t piece_count;
    struct alert_piece pieces[ALERT_PIECES_MAX];
};

/* Whom the name looks like. */
struct alert_lookalike {
    char brand[LOOKALIKE_TEXT_MAX]; /* "" where only scripts are mixed */
    char technique[24];
    char skeleton[LOOKALIKE_TEXT_MAX]; /* the part that is like it, in plain letters */
    uint64_t distance;                 /* edits between brand and skeleton */
    char signs[ALERT_SIGNS_MAX];       /* one a line */
};

/* The signature rule that matched. */
struct alert_signature {
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    char msg[ALERT_TEXT_MAX];
    char classtype[48];
    char place[ALERT_TEXT_MAX];            /* file:line */
    char text[ALERT_RULE_MAX];             /* as it is written there, lines joined */
    char side[12];                         /* "query" or "response" */
    char matched[ALERT_MATCHED_MAX];       /* where it was found: keyword and text, one a line */
    char references[ALERT_REFERENCES_MAX]; /* one a line: kind,what */
    char tactics[48];                      /* ATT&CK ids, one a line, as are techniques */
    char techniques[128];
    char others[ALERT_REFERENCES_MAX]; /* rules told with it: sid and msg, one a line */
};

/* The domains of one make that a client asked for. */
struct alert_burst {
    uint64_t names;        /* distinct domains that failed */
    uint64_t tlds;         /* top-level domains among them */
    double nxdomain_share; /* of all domains of this make */
    double window_s;
    double mean_score; /* as in struct lexical */
    double length_stddev;
    char samples[ALERT_BURST_SAMPLES_MAX]; /* domains that failed, one a line */
    uint8_t score_count;
    double scores[BURST_SAMPLES_MAX];        /* of the samples, as in struct lexical */
    char resolved[ALERT_BURST_RESOLVED_MAX]; /* those that exist after all, one a line */
};

/* How far one of the actions on a compromised machine has come. */
struct alert_action {
    char id[24];
    char state[16];
    char by[64]; /* "" when nobody has said anything */
    int64_t at_ns;
};

enum { ALERT_ACTIONS_MAX = 5 };

struct alert {
    char id[ALERT_ID_MAX];
    uint32_t revision;
    uint8_t detector;    /* enum detector */
    uint8_t reason;      /* enum reason */
    uint8_t severity;    /* enum severity */
    uint8_t status;      /* enum alert_status */
    uint8_t disposition; /* enum disposition */
    uint8_t confidence;  /* 0-100 */
    bool is_incident;
    bool preview;
    bool retroactive;
    int64_t start_ns;
    int64_t end_ns;
    int64_t generated_ns; /* event time at which the alert last changed */
    uint64_t count;
    char sensor[64];
    char entity_ip[ADDR_TEXT_MAX];
    char entity_name[ALERT_TEXT_MAX]; /* this and the next three from inventory and leases */
    char entity_owner[ALERT_TEXT_MAX];
    char entity_email[ALERT_TEXT_MAX];
    char entity_tags[ALERT_TEXT_MAX]; /* one a line */
    char resolver_ip[ADDR_TEXT_MAX];
    char domain[NAME_TEXT_MAX];
    char qname[NAME_TEXT_MAX];
    char correlation_key[40];
    uint8_t feature_count;
    struct alert_feature features[FEATURES_MAX];
    bool has_indicator;
    struct alert_indicator indicator;
    bool has_anomaly;
    struct alert_anomaly anomaly;
    bool has_tunnel;
    struct alert_tunnel tunnel;
    bool has_burst;
    struct alert_burst burst;
    bool has_lookalike;
    struct alert_lookalike lookalike;
    bool has_random;
    struct alert_random random;
    bool has_signature;
    struct alert_signature signature;
    uint8_t sample_count;
    struct alert_sample samples[ALERT_SAMPLES_MAX];
    uint64_t prevalence_clients; /* distinct clients that asked for the registrable domain */
    int64_t prevalence_first_ns;
    int64_t prevalence_last_ns;
    char prevalence_new_in[16]; /* in what it was first seen lately: history_slugs[]; "" where that
                                   did not count */
    bool sample;                /* made up to show what an alert looks like */
    /* What became of it; people and rules decide, the engine never does. */
    char assignee[64];
    char suppressed_by[64]; /* name of the rule that dismissed it */
    uint8_t feedback;       /* enum feedback */
    char feedback_reason[ALERT_TEXT_MAX];
    char incident_id[ALERT_INCIDENTS_MAX]; /* of its incidents, one a line */
    uint8_t contact;                       /* enum contact */
    bool compromised;                      /* potentially: the owner did not expect it */
    uint8_t action_count;                  /* 0 until one of them is touched, then all */
    struct alert_action actions[ALERT_ACTIONS_MAX];
};
