/* foreign.h - recognises other protocols by how their first bytes look
 * SPDX-License-Identifier: Apache-2.0
 *
 * For bytes that did not decode as DNS: a signature is not weighed against a valid message. */
#pragma once

#include <dnsvigil/dns.h>

#include <stddef.h>

/* What `data`, a datagram or the start of what a TCP stream shows, is; FOREIGN_NONE when unknown.
 * Reads at most the first 260 bytes. */
enum foreign foreign_recognise(const uint8_t *data, size_t len);
