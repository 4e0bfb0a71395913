/* trial.c - tries an export past the store and its place: what it says, and one alert to its target
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/trial.h"

#include "export/filter.h"

#include <errno.h>

static int record_send(struct sink *sink, const struct dialect_context *context,
                       const struct alert *alert, struct buf *record,
                       struct sink_answer *ret_answer, struct error *error)
{
    unsigned wait_s = 0;
    int r = dialect_write(sink->dialect, context, alert, record);
    if (r < 0)
        return error_set(error, r, "the sample does not fit into a record");
    const struct sink_record sent = {
        .id = alert->id,
        .revision = alert->revision,
        .severity = alert->severity,
        .time_ns = alert->generated_ns,
        .alert = alert,
        .bytes = record->data,
        .len = record->len,
    };
    *ret_answer = (struct sink_answer){SINK_AGAIN, ""};
    sink->ops->send(sink, &sent, 1, ret_answer, &wait_s);
    return 0;
}

int export_trial(const struct config_export *config, const char *console_url,
                 const struct alert *alert, struct sink_answer *ret_answer, struct error *error)
{
    struct dialect_context context = export_context(config, console_url);
    struct sink *sink = sink_open(config, error);
    struct buf record;
    if (!sink)
        return -EINVAL;
    if (!context.limit_bytes)
        context.limit_bytes = sink->limit_bytes;
    buf_init(&record, EXPORT_RECORD_MAX_BYTES);
    int r = record_send(sink, &context, alert, &record, ret_answer, error);
    buf_done(&record);
    sink_close(sink);
    return r;
}

int export_check(const struct config_export *config, struct error *error)
{
    struct export_filter *filter;
    int r = export_filter_new(config, &filter, error);
    if (r < 0)
        return r;
    struct sink *sink = sink_open(config, error);
    export_filter_free(filter);
    sink_close(sink);
    return sink ? 0 : -EINVAL;
}
