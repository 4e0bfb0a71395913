/* signature.h - which signature rules a transaction has matched and may be told
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SIGNATURES_TOLD_MAX = 8 };

struct signature_told {
    uint32_t rule; /* its place in the rule set */
    bool response; /* found in the response, not the query */
};

/* What is to be told of one transaction, the gravest first; beyond SIGNATURES_TOLD_MAX the lighter
 * ones are left out. The rest is about the first. */
struct signature_measure {
    uint8_t count; /* at least 1 */
    struct signature_told told[SIGNATURES_TOLD_MAX];
    uint32_t gid;
    uint32_t sid;
    int8_t severity;    /* enum severity as the rule says; -1: it does not */
    uint8_t confidence; /* 0-100 */
};
