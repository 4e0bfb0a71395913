/* tunnel_ask.h - questions with answers for the meters of tunnels, one at a time
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "decode/message.h"
#include "enrich/enrich.h"
#include "enrich/information.h"
#include "meter/carried.h"

#include <dnsvigil/name.h>
#include <string.h>

#include "message_build.h"

/* One transaction; `build` may get answers before ask_finish(). */
struct ask {
    struct message_build build;
    struct dns_message message;
    struct transaction transaction;
    struct enrichment enrichment;
    struct arena arena;
};

static inline bool ask_undelegated(void *arg, const struct dns_name *name)
{
    size_t len;
    const uint8_t *label = name_label(name, name->labels - 1u, &len);
    (void)arg;
    return len == 7 && memcmp(label, "nowhere", 7) == 0;
}

static const struct carried_hooks ask_hooks = {NULL, information_of_label, ask_undelegated};

/* Starts a response to a question whose registrable domain is its last two labels. */
static inline void ask_begin(struct ask *ask, const char *name, uint16_t type, unsigned rcode)
{
    if (!ask->arena.base)
        assert_true(arena_init(&ask->arena, MESSAGE_ARENA_BYTES));
    build_response(&ask->build, 7, name, type, rcode);
}

static inline void ask_answer(struct ask *ask, uint16_t type, const char *rdata)
{
    char name[NAME_TEXT_MAX];
    struct dns_name question;
    size_t next;
    unsigned steps = NAME_LABELS_MAX;
    assert_int_equal(
        name_read(&question, ask->build.data, ask->build.len, MESSAGE_HEADER_BYTES, &next, &steps),
        MALFORMED_NONE);
    name_to_text(&question, 0, name);
    build_record(&ask->build, DNS_SECTION_ANSWER, name, type, 60, rdata);
}

static inline void ask_finish(struct ask *ask, int64_t time_ns)
{
    arena_reset(&ask->arena);
    message_decode(&ask->message, ask->build.data, ask->build.len, &ask->arena);
    memset(&ask->transaction, 0, sizeof(ask->transaction));
    memset(&ask->enrichment, 0, sizeof(ask->enrichment));
    ask->transaction.time_ns = time_ns;
    ask->transaction.question = &ask->message.question;
    ask->transaction.response = &ask->message;
    ask->transaction.qtype = ask->message.qtype;
    ask->transaction.qclass = ask->message.qclass;
    ask->transaction.rcode = ask->message.rcode;
    ask->transaction.client = addr_from_v4((uint8_t[]){192, 0, 2, 10});
    ask->transaction.server = addr_from_v4((uint8_t[]){192, 0, 2, 53});
    enrich_entity(&ask->enrichment, &ask->transaction.client);
    ask->enrichment.suffix_class = SUFFIX_ICANN;
    ask->enrichment.registrable = (int16_t)(ask->message.question.labels - 2);
    if (ask->enrichment.registrable >= 0)
        ask->enrichment.domain_fixed =
            name_hash_fixed(&ask->message.question, (unsigned)ask->enrichment.registrable);
}

static inline void ask_done(struct ask *ask)
{
    arena_done(&ask->arena);
}
