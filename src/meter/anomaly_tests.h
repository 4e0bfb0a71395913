/* anomaly_tests.h - which anomalies of the protocol a transaction shows
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/anomaly.h>
#include <dnsvigil/detector.h>

_Static_assert(ANOMALY_COUNT <= 64, "the anomalies of a message are a set of 64 bits");

/* What is judged: one half of a transaction. */
struct sight {
    const struct transaction *transaction;
    const struct enrichment *enrichment;
    const struct dns_message *message;
    bool to_server;
    bool bypasses_resolvers; /* the client has others to ask than this server */
};

/* Whether the server is on the Internet: neither private nor this machine. */
bool anomaly_server_is_outside(const struct addr *server);

/* The anomalies that one half shows, bit 1 << ANOMALY_… for each. Pure. Ordinary messages are told
 * by a few comparisons and cost some nanoseconds. */
uint64_t anomalies_of(const struct sight *sight);
