/* dialect.c - the table of dialects, and records that keep to a limit
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/dialect.h"
#include "alert/csv.h"
#include "export/cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct dialect dialects[DIALECT_COUNT] = {
#define DIALECT(id, name, slug, text, media_type, extension, localised, limit, line_end, head)     \
    [DIALECT_##id] = {slug,  text,     media_type,     extension, localised,                       \
                      limit, line_end, dialect_##name, head},
#include "export/dialects.def"
#undef DIALECT
};

const struct dialect *dialect_find(const char *slug)
{
    for (unsigned i = 0; i < DIALECT_COUNT; i++)
        if (strcmp(dialects[i].slug, slug) == 0)
            return &dialects[i];
    return NULL;
}

/* Takes back what was appended since `len`. */
static void rewind_to(struct buf *buf, size_t len)
{
    buf->len = len;
    buf->overflow = false;
    if (buf->data)
        buf->data[len] = 0;
}

/* Appends the record if it has at most `limit` bytes. */
static int fit(const struct dialect *dialect, const struct dialect_context *context,
               const struct alert *alert, size_t limit, struct buf *buf)
{
    size_t before = buf->len;
    dialect->write(context, alert, buf);
    if (!buf->overflow && buf->len - before <= limit)
        return 0;
    int r = buf->overflow ? -ENOMEM : -EMSGSIZE;
    rewind_to(buf, before);
    return r;
}

/* An alert is too large for the stack of a small thread. */
static int fit_cut(const struct dialect *dialect, const struct dialect_context *context,
                   const struct alert *alert, size_t limit, struct buf *buf)
{
    struct dialect_context marked = *context;
    struct alert *shorter = malloc(sizeof(*shorter));
    int r = shorter ? -EMSGSIZE : -ENOMEM;
    marked.truncated = true;
    for (unsigned step = 0; r == -EMSGSIZE && step < CUT_COUNT; step++) {
        alert_cut(alert, step, shorter);
        r = fit(dialect, &marked, shorter, limit, buf);
    }
    free(shorter);
    return r;
}

int dialect_write(const struct dialect *dialect, const struct dialect_context *context,
                  const struct alert *alert, struct buf *buf)
{
    size_t own = context->limit_bytes ? context->limit_bytes : dialect->limit_bytes;
    size_t limit = own ? own : EXPORT_RECORD_MAX_BYTES;
    int r = fit(dialect, context, alert, limit, buf);
    return r == -EMSGSIZE ? fit_cut(dialect, context, alert, limit, buf) : r;
}

void dialect_csv(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    alert_csv_row(alert, context->language, buf);
    if (!buf->overflow)
        rewind_to(buf, buf->len - strlen("\r\n"));
}
