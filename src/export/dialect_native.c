/* dialect_native.c - the native record, marked where it was cut
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/record.h"
#include "export/facts.h"

/* Opens the object that was just written again, for one more key. */
static void mark_add(struct buf *buf)
{
    struct json json = {.buf = buf, .comma = true};
    if (buf->overflow)
        return;
    buf->data[--buf->len] = 0;
    fact_pair_bool(&json, "truncated", true);
    json_object_end(&json);
}

void dialect_native(const struct dialect_context *context, const struct alert *alert,
                    struct buf *buf)
{
    struct json json = json_writer(buf);
    alert_to_json(alert, context->language, &json);
    if (context->truncated)
        mark_add(buf);
}
