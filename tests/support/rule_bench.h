/* rule_bench.h - signature rules from text, ready to be tried on messages that a test builds
 * SPDX-License-Identifier: Apache-2.0
 *
 *     rule_bench_open(&b, "alert dns any any -> any any (dns.query; content:\"evil\"; sid:1;)\n");
 *     rule_bench_query(&b, "www.evil.com", DNS_TYPE_A);
 *     assert_true(rule_bench_matches(&b, 1, false));
 *     rule_bench_close(&b);
 *
 * The client is 192.0.2.10 port 40000, the server 198.51.100.53 port 53, over UDP. */
#pragma once

#include "enrich/rule_match.h"
#include "intel/rule_set.h"
#include "message_build.h"

#include "base/arena.h"

struct rule_bench {
    struct suffix_list *list;
    struct suffix_cache *suffixes;
    struct rule_set *set;
    struct rule_index *index;
    struct rule_matcher matcher;
    struct metrics metrics;
    struct arena records;
    struct message_build query_bytes;
    struct message_build response_bytes;
    struct dns_message query;
    struct dns_message response;
    struct transaction transaction;
    unsigned count;
    struct rule_match matches[RULE_MATCHES_MAX];
};

/* Asserts that every rule loads. */
void rule_bench_open(struct rule_bench *bench, const char *rules);
/* The same without those that are refused, as one that can never hold is. */
void rule_bench_open_some(struct rule_bench *bench, const char *rules);
void rule_bench_close(struct rule_bench *bench);

/* The next transaction is this query alone. */
void rule_bench_query(struct rule_bench *bench, const char *name, uint16_t type);

/* It has the response whose bytes the test has built in response_bytes, too. */
void rule_bench_response(struct rule_bench *bench);

/* Decodes query_bytes once more, after a test has changed them. */
void rule_bench_redecode(struct rule_bench *bench);

/* Matches the transaction and says whether the rule with this sid matched this side. */
bool rule_bench_matches(struct rule_bench *bench, uint32_t sid, bool response);
