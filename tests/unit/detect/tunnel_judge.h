/* tunnel_judge.h - what a meter may say of a tunnel, put before the detectors of tunnels
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "judge.h"

#include <dnsvigil/tunnel.h>

/* A tunnel that is sure by its volume. */
static inline struct tunnel_measure tunnel_of(enum tunnel_direction direction)
{
    return (struct tunnel_measure){
        .key = 77,
        .up = 4000,
        .down = 100,
        .up_limit = 300,
        .down_limit = 500,
        .names = 90,
        .names_min = 8,
        .level = KNOB_MEDIUM,
        .direction = (uint8_t)direction,
        .fresh = true,
    };
}

/* The detector fires for its own direction, with this reason, and for no other. */
static inline void tunnel_expect_direction(enum detector detector, enum tunnel_direction own,
                                           enum reason reason)
{
    static struct judge judge;
    for (int direction = 0; direction < TUNNEL_DIRECTION_COUNT; direction++) {
        struct tunnel_measure tunnel = tunnel_of((enum tunnel_direction)direction);
        judge_ask(&judge, "abc.host.example");
        judge.enrichment.tunnel = &tunnel;
        if ((enum tunnel_direction)direction == own)
            judge_expect(&judge, detector, reason);
        else
            assert_false(judge_fires(&judge, detector));
    }
}
