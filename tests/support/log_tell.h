/* log_tell.h - says in text what a log format makes of lines, for tests
 * SPDX-License-Identifier: Apache-2.0
 *
 *     assert_string_equal(log_tell("bind", lines), "2026-11-21T21:19:04.196000Z udp "
 *         "192.0.2.1#4242 > 198.51.100.53#53 id 0 query www.example.com IN A rd\n");
 *
 * A line for each message, as the decoder reads it:
 *     TIME udp|tcp SOURCE > TARGET id N query|response[ RCODE] NAME CLASS TYPE FLAGS…[ do]
 *         [ | OWNER TTL TYPE DATA]…[ lacks response,rcode,answers,client]
 * where what is lacking is what the format does not lack in every line. A line of the log that was
 * not taken gives "! SLUG" of its verdict. Times without a zone are UTC; those without a year were
 * last written at the end of 2026. */
#pragma once

#include "input/log.h"

/* The text is static and valid until the next call. */
const char *log_tell(const char *slug, const char *lines);
