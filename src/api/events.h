/* events.h - changes of alerts as server-sent events
 * SPDX-License-Identifier: Apache-2.0
 *
 * One event for each change:
 *
 *     id: 7
 *     event: alert
 *     data: {"id": "<alert>", "revision": 3, "time": "…"} */
#pragma once

#include "api/api.h"

/* An http_stream_fn over a struct api; at most 100 events a call. Where the store fails, the client
 * is let go: it comes again by itself. */
bool events_more(void *arg, uint64_t *cursor, struct buf *out);
