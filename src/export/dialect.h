/* dialect.h - alerts in the words of other systems: one row and one pure function each
 * SPDX-License-Identifier: Apache-2.0
 *
 * A dialect turns one alert into one record: bytes without a line end, the same for the same alert
 * and context, always valid (UTF-8, escapes, enumerations) whatever bytes the alert holds. It reads
 * no clock and keeps no state, so any thread may write any number of records.
 *
 *     struct buf record;
 *     buf_init(&record, EXPORT_RECORD_MAX_BYTES);
 *     int r = dialect_write(dialect, &context, &alert, &record);
 */
#pragma once

#include "base/buf.h"

#include <dnsvigil/alert.h>

enum { EXPORT_RECORD_MAX_BYTES = 1024 * 1024 };

/* What a record says besides the alert. All zero is a valid context. Texts are borrowed; NULL is
 * the default that stands beside it. */
struct dialect_context {
    enum language language;
    bool compatible;         /* vendor, product and type prefixes as the imitated cloud has them */
    bool truncated;          /* set by dialect_write() for records that were cut */
    size_t limit_bytes;      /* of a record; 0: the dialect's own limit */
    const char *console_url; /* where people see alerts; without it records have no links */
    const char *subscription_id;
    const char *workspace_id;
    const char *tenant_id;         /* these three: UUIDs; zeros */
    const char *resource_group;    /* "default" */
    const char *location;          /* "local" */
    const char *snapshot_interval; /* the record belongs to a snapshot taken at this interval, such
                                      as 7.00:00:00; NULL: it was streamed */
};

typedef void (*dialect_fn)(const struct dialect_context *context, const struct alert *alert,
                           struct buf *buf);

struct dialect {
    const char *slug;
    const char *text; /* what it is, for lists of them */
    const char *media_type;
    const char *extension; /* of files, without the dot */
    bool localised;        /* the context's language makes a difference */
    size_t limit_bytes;    /* of a record; 0: none */
    const char *line_end;  /* behind each record in a file */
    dialect_fn write;      /* appends one record of any size: dialect_write() minds the limit */
    void (*head)(struct buf *); /* what a file begins with, its line end too; NULL: nothing */
};

enum {
#define DIALECT(id, ...) DIALECT_##id,
#include "export/dialects.def"
#undef DIALECT
    DIALECT_COUNT,
};

extern const struct dialect dialects[DIALECT_COUNT];

/* The dialect with this slug, or NULL. */
const struct dialect *dialect_find(const char *slug);

/* Appends the alert's record. Where it would be longer than the limit, the alert is cut first, step
 * by step and always alike (see cut.h), and the record says so. -EMSGSIZE: it does not fit even
 * then, and nothing was appended; -ENOMEM: no memory, or `buf` is full. */
int dialect_write(const struct dialect *dialect, const struct dialect_context *context,
                  const struct alert *alert, struct buf *buf);

#define DIALECT(id, name, ...)                                                                     \
    void dialect_##name(const struct dialect_context *, const struct alert *, struct buf *);
#include "export/dialects.def"
#undef DIALECT
