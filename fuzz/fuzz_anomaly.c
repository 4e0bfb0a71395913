/* fuzz_anomaly.c - whatever two messages say, judging them reads nothing beyond their bytes
 * SPDX-License-Identifier: Apache-2.0
 *
 * Input: a byte of switches, two bytes of length and the query; the rest is the response. */
#include "decode/message.h"
#include "meter/anomaly_tests.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RESPONSE_ONLY = 1, QUERY_ONLY = 2, TCP = 4, CUT = 8, UNFRAMED = 16, PUBLIC = 32 };

static struct arena arena;

/* In a block of its own, so that the sanitizer sees a read past its end. */
static uint8_t *half_decode(struct dns_message *message, const uint8_t *data, size_t len,
                            unsigned switches)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, data, len);
    message_decode(message, copy, len, &arena);
    message->cut = switches & CUT;
    message->unframed = switches & UNFRAMED;
    return copy;
}

static void half_judge(const struct transaction *transaction, const struct dns_message *message,
                       unsigned switches)
{
    const struct enrichment enrichment = {.suffix_class = switches & PUBLIC ? SUFFIX_ICANN
                                                                            : SUFFIX_SPECIAL_USE};
    const struct sight sight = {transaction, &enrichment, message, message == transaction->query};
    static const uint64_t by_length = 1ull << ANOMALY_COUNTS | 1ull << ANOMALY_TRAILING_BYTES |
                                      1ull << ANOMALY_NOT_DNS | 1ull << ANOMALY_NOT_DNS_SHORT;
    uint64_t found = message ? anomalies_of(&sight) : 0;
    assert(found >> (ANOMALY_COUNT - 1) <= 1);
    assert(!(switches & CUT) || !(found & by_length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dns_message query, response;
    if (size < 3 || (!arena.base && !arena_init(&arena, 2 * MESSAGE_ARENA_BYTES)))
        return 0;
    unsigned switches = data[0];
    size_t len = (size_t)data[1] << 8 | data[2];
    data += 3;
    size -= 3;
    len = len < size ? len : size;
    arena_reset(&arena);
    uint8_t *first = half_decode(&query, data, len, switches);
    uint8_t *second = half_decode(&response, data + len, size - len, switches);
    struct transaction transaction = {
        .transport = switches & TCP ? TRANSPORT_TCP : TRANSPORT_UDP,
        .unasked = (uint8_t)(switches >> 6),
        .query = switches & RESPONSE_ONLY ? NULL : &query,
        .response = switches & QUERY_ONLY ? NULL : &response,
    };
    if (transaction.response && response.has_question)
        transaction.question = &response.question;
    else if (transaction.query && query.has_question)
        transaction.question = &query.question;
    half_judge(&transaction, transaction.query, switches);
    half_judge(&transaction, transaction.response, switches);
    free(first);
    free(second);
    return 0;
}
