/* events.c - changes of alerts as server-sent events
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/events.h"

#include "base/log.h"
#include "store/changes.h"

#include <inttypes.h>

enum { EVENTS_AT_ONCE = 100 };

struct writing {
    struct buf *out;
    uint64_t seq;
};

/* A change_fn. */
static int event_write(void *context, uint64_t seq, const char *alert_id, uint32_t revision,
                       int64_t time_ns)
{
    struct writing *writing = context;
    struct json json = json_writer(writing->out);
    buf_printf(writing->out, "id: %" PRIu64 "\nevent: alert\ndata: ", seq);
    json_object_begin(&json);
    json_pair(&json, "id", alert_id);
    json_pair_int(&json, "revision", revision);
    api_pair_time(&json, "time", time_ns);
    json_object_end(&json);
    buf_text(writing->out, "\n\n");
    writing->seq = seq;
    return 0;
}

bool events_more(void *arg, uint64_t *cursor, struct buf *out)
{
    struct api *api = arg;
    struct error error;
    struct writing writing = {out, *cursor};
    if (changes_read(api->read, *cursor, EVENTS_AT_ONCE, event_write, &writing, &error) < 0) {
        log_error("%s", error.text);
        return false;
    }
    *cursor = writing.seq;
    return true;
}
