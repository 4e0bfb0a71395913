/* pairing.h - joins queries with their responses into transactions
 * SPDX-License-Identifier: Apache-2.0
 *
 * Open queries live in one circular byte log in the order they arrived, each with its message; a
 * small index finds them by client, server, ports and id, and the question must be the same
 * (RFC 5452 9.1). Those that wait stand in line, so that expiry reads no more than the first, and a
 * full log gives up its oldest query as a query-only transaction instead of losing it. An answered
 * or expired query is known until it is twice the timeout old, so that duplicate and late responses
 * are known as such.
 *
 * Owned by one shard; memory is fixed at start. */
#pragma once

#include <dnsvigil/metrics.h>
#include <dnsvigil/transaction.h>

struct pairing_config {
    int64_t timeout_ns;
    size_t log_bytes; /* rounded up to a power of two, at least 256 KiB */
};

/* Takes a finished transaction; everything it points to is valid during the call. */
typedef void (*transaction_fn)(void *arg, const struct transaction *transaction);

struct pairing;

/* NULL without memory. */
struct pairing *pairing_new(const struct pairing_config *config, struct metrics *metrics,
                            transaction_fn deliver, void *arg);
void pairing_free(struct pairing *pairing);

/* Starts loading what pairing_message() will need for a packet; `to_server` says which way it
 * travelled. Returns the key under which the two ends know this id. */
uint64_t pairing_prefetch(const struct pairing *pairing, const struct packet *packet,
                          bool to_server, uint16_t id);

/* The second step, for a response, once the first has had time: starts loading its query. */
void pairing_prefetch_query(const struct pairing *pairing, uint64_t key);

/* Takes one message as message_read() leaves it (malformed ones too) with its key; a response's
 * question has its hashes besides. Delivers any number of transactions:
 * older queries that expired by now, then what this message completes. */
void pairing_message(struct pairing *pairing, const struct packet *packet,
                     const struct dns_message *message, bool to_server, uint64_t key);

/* A response that stands alone, and why. It borrows the message. */
struct transaction transaction_of_response(const struct packet *packet,
                                           const struct dns_message *message, enum unasked unasked);

/* Whether a response answers a query that was seen, however late. Changes nothing. */
bool pairing_was_asked(const struct pairing *pairing, const struct packet *packet,
                       const struct dns_message *message);

/* Delivers the queries that have waited too long by `now_ns`, though no message has come. */
void pairing_expire(struct pairing *pairing, int64_t now_ns);

/* End of input: delivers every query that is still open. */
void pairing_finish(struct pairing *pairing);
