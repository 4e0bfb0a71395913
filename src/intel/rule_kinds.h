/* rule_kinds.h - kinds of messages, and which rules may hold for each
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nearly all messages are plain queries over UDP and their responses. Of their headers most bits
 * are known in advance, and their ports, so that most rules about bytes are out for them: those
 * about the other direction, other opcodes, zone transfers or other counts of records. */
#pragma once

#include "intel/rule.h"

#include <dnsvigil/transaction.h>

enum { RULE_DNS_PORT = 53 };

enum rule_kind {
    RULE_KIND_BARE_QUERY,     /* UDP to the DNS port from another: a question and no more */
    RULE_KIND_EDNS_QUERY,     /* the same with one additional record */
    RULE_KIND_PLAIN_RESPONSE, /* UDP from the DNS port to another: of one question */
    RULE_KIND_OTHER_QUERY,    /* UDP, or known by its question alone */
    RULE_KIND_OTHER_RESPONSE, /* UDP */
    RULE_KIND_TCP_QUERY,
    RULE_KIND_TCP_RESPONSE,
    RULE_KIND_COUNT,
};

enum rule_kind rule_kind_of(const struct transaction *transaction, bool response);

/* Whether the kind has its name, in wire form, right behind the header, unless it is compressed. */
static inline bool rule_kind_is_plain_query(enum rule_kind kind)
{
    return kind <= RULE_KIND_EDNS_QUERY;
}

/* Whether the rule may hold for messages of this kind. True if in doubt. */
bool rule_kind_admits(enum rule_kind kind, const struct rule *rule);
