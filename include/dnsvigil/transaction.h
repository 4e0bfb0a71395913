/* transaction.h - a DNS query with its response, or either half alone
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/dns.h>
#include <dnsvigil/packet.h>

/* Why a response stands alone. */
enum unasked {
    UNASKED_NOT,            /* it answers its query, or its query had timed out */
    UNASKED_NO_QUERY,       /* no query with these ends and this id was seen */
    UNASKED_OTHER_QUESTION, /* ends and id are those of an open query that asked something else */
    UNASKED_SECOND_ANSWER,  /* its query was sent once and has had another answer */
    UNASKED_BOUNCED,        /* its client sent it back: nobody waits for it on that port */
};

/* Halves are decoded messages; an absent half is NULL. `question` points into one of them (the
 * response where both are there) and is NULL when there was no readable question; a half that has a
 * question has this one, and only here can it be read: a query is kept without its name. All
 * pointers are batch memory: valid during the call that delivers the transaction. */
struct transaction {
    int64_t time_ns;          /* of the query where it was seen, else of the response */
    int64_t response_time_ns; /* 0 without a response */
    struct addr client;
    struct addr server;
    uint16_t client_port;
    uint16_t server_port;
    uint8_t transport; /* enum transport */
    uint8_t lacks; /* enum packet_lacks, of either half; a response that is there is not lacking */
    bool late;     /* the response came after its query had timed out */
    uint8_t unasked;  /* enum unasked */
    uint16_t repeats; /* further copies of the query seen before the response */
    uint16_t qtype;
    uint16_t qclass;
    uint16_t rcode; /* valid with a response */
    const struct dns_name *question;
    const struct dns_message *query;
    const struct dns_message *response;
};
