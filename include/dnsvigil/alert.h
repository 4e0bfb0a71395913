/* alert.h - an alert: what happened, who did it, why we say so
 * SPDX-License-Identifier: Apache-2.0
 *
 * A plain value without pointers into other rooms: it can be copied, stored, rendered in any
 * language and written in any dialect. Text is UTF-8 or presentation-format ASCII (RFC 4343),
 * always NUL-terminated. An empty text, a zero time or a zero count means unknown. */
#pragma once

#include <dnsvigil/detector.h>

enum {
    ALERT_ID_MAX = 20 + 1 + 36 + 1, /* <ticks>_<guid> and NUL */
    ALERT_SAMPLES_MAX = 10,
    ALERT_TEXT_MAX = 256,
    ALERT_ANSWERS_MAX = 512,
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
    int64_t generated_ns; /* event time of the transaction that last changed the alert */
    uint64_t count;
    char sensor[64];
    char entity_ip[ADDR_TEXT_MAX];
    char entity_name[ALERT_TEXT_MAX]; /* from the inventory */
    char resolver_ip[ADDR_TEXT_MAX];
    char domain[NAME_TEXT_MAX];
    char qname[NAME_TEXT_MAX];
    char correlation_key[40];
    uint8_t feature_count;
    struct alert_feature features[FEATURES_MAX];
    bool has_indicator;
    struct alert_indicator indicator;
    uint8_t sample_count;
    struct alert_sample samples[ALERT_SAMPLES_MAX];
    uint64_t prevalence_clients; /* distinct clients that asked for the registrable domain */
    int64_t prevalence_first_ns;
    int64_t prevalence_last_ns;
};
