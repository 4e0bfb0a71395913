/* odd_port.h - tells DNS on ports that are not DNS from everything else that UDP carries
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Whether a UDP payload between these ports is a DNS query or response beyond doubt: one question
 * of class IN for a host name of two labels and more, and nothing that programs do not send.
 * Strict, so that other protocols are not taken for it; a few comparisons for nearly all of them.
 * Ports that have protocols of the same format (NetBIOS, mDNS, LLMNR) or are resolvers' second ones
 * (443, 853, 8853) are never odd. */
bool odd_port_is_dns(const uint8_t *data, uint32_t len, uint16_t src_port, uint16_t dst_port);
