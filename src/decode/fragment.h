/* fragment.h - puts IPv4 and IPv6 fragments together again, in bounded memory
 * SPDX-License-Identifier: Apache-2.0
 *
 * Fragments of a datagram may come in any order and repeat. One that overlaps another with anything
 * but the very same bytes, that contradicts another about where the datagram ends, or that passes
 * 65,535 bytes spoils the whole datagram (RFC 5722, RFC 8200 4.5; we apply it to IPv4 too), because
 * hosts disagree about which bytes win. A datagram that is not whole after 30 s of event time is
 * given up (RFC 8200's limit is 60 s, hosts use 30); when there is no room the oldest one is. Both
 * are counted in METRIC_FRAGMENTS_EXPIRED, by fragment. */
#pragma once

#include "base/addr.h"
#include "decode/layer.h"

#include <dnsvigil/metrics.h>

struct fragments;

struct fragment {
    int64_t time_ns;
    const struct addr *src;
    const struct addr *dst;
    uint32_t id;
    bool v6;          /* RFC 8200: source, destination and id alone name the datagram */
    uint8_t protocol; /* of what is in the datagram */
    bool more;        /* not the last one */
    uint32_t offset;  /* bytes */
    struct view payload;
};

/* Uses about `bytes_max`, all of it reserved here. Counts in `metrics`, which must outlive it. NULL
 * without memory. */
struct fragments *fragments_new(size_t bytes_max, struct metrics *metrics);
void fragments_free(struct fragments *fragments);

/* Takes one fragment. VERDICT_NEXT when it completed a datagram, whose payload (in memory of
 * `fragments`, valid until the next call) and protocol (of its first fragment) are then set.
 * VERDICT_HELD, or why it was refused. */
int fragments_add(struct fragments *fragments, const struct fragment *fragment,
                  struct view *ret_payload, uint8_t *ret_protocol);

/* Gives up all that is held. */
void fragments_finish(struct fragments *fragments);
