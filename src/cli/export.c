/* export.c - `dnsvigil alerts export`: stored alerts in the words of other systems, into a file
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/export.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/selection.h"
#include "export/dialect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct export_options {
    const char *config;
    const char *store;
    const char *file;
    const struct dialect *dialect;
    struct dialect_context context;
    uint64_t limit_bytes;
    struct selection selection;
};

struct writing {
    const struct export_options *options;
    FILE *stream;
    struct buf record;
    struct progress progress;
    uint64_t bytes;
    uint64_t count;
    uint64_t too_large;
};

static bool read_dialect(const char *text, void *field)
{
    *(const struct dialect **)field = dialect_find(text);
    return dialect_find(text) != NULL;
}

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct export_options, member)                \
    }

static const struct option_row rows[] = {
    ROW("dialect", 'D', "NAME",
        "csv, native (JSON Lines), azure, eventhub, securityalert, asim, ocsf, ecs, guardduty, "
        "cef, leef or stix; default: native",
        read_dialect, dialect),
    ROW("output", 'o', "FILE", "write there instead of standard output; it must not exist yet",
        option_text, file),
#define FILTER(...) SELECTION_ROW(struct export_options, selection, __VA_ARGS__),
#include "store/filters.def"
#undef FILTER
    ROW("all", 'a', NULL, "dismissed ones too", option_flag, selection.all),
    ROW("max-bytes", 0, "NUMBER", "cut records so that none is longer, and mark them", option_count,
        limit_bytes),
    ROW("console-url", 0, "URL", "where people see alerts, for the links in records", option_text,
        context.console_url),
    ROW("compatible", 0, NULL,
        "vendor, product and prefixes as the imitated cloud has them, for readers that filter on "
        "them",
        option_flag, context.compatible),
    OPTION_LANGUAGE(struct export_options, context.language),
    OPTION_STORE(struct export_options, store),
    OPTION_CONFIG(struct export_options, config),
};

const struct option_table export_table = {
    .command = "alerts export",
    .arguments = "[OPTION]...",
    .summary = "Writes stored alerts, all that match and newest first, as the dialect of another "
               "system.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .notes = "Examples:\n"
             "  dnsvigil alerts export --dialect csv --since 30d -o alerts.csv\n"
             "  dnsvigil alerts export --dialect ocsf --severity medium | gzip > alerts.jsonl.gz",
};

static int write_failure(const struct writing *writing, int r, struct error *error)
{
    const char *file = writing->options->file;
    return error_set(error, r, "%s: after %" PRIu64 " alerts: %s", file ? file : "standard output",
                     writing->count, strerror(-r));
}

static int put(struct writing *writing, struct error *error)
{
    errno = EIO;
    size_t len = writing->record.len;
    if (fwrite(writing->record.data, 1, len, writing->stream) != len)
        return write_failure(writing, -errno, error);
    writing->bytes += len;
    return 0;
}

static int head_put(struct writing *writing, struct error *error)
{
    const struct dialect *dialect = writing->options->dialect;
    if (!dialect->head)
        return 0;
    dialect->head(&writing->record);
    return writing->record.overflow ? write_failure(writing, -ENOMEM, error) : put(writing, error);
}

static int alert_put(void *context, const struct alert *alert, struct error *error)
{
    struct writing *writing = context;
    const struct dialect *dialect = writing->options->dialect;
    buf_reset(&writing->record);
    int r = dialect_write(dialect, &writing->options->context, alert, &writing->record);
    if (r == -EMSGSIZE) {
        writing->too_large++;
        log_warning("alert %s is left out: even cut it is longer than a record may be", alert->id);
        return 0;
    }
    if (r < 0)
        return write_failure(writing, r, error);
    buf_text(&writing->record, dialect->line_end);
    if (writing->record.overflow)
        return write_failure(writing, -ENOMEM, error);
    r = put(writing, error);
    writing->count += r == 0;
    progress_draw(&writing->progress, "exporting", writing->bytes, 0, writing->count);
    return r;
}

static int export_to(struct writing *writing, struct store *store, struct error *error)
{
    struct store_filter filter = selection_filter(&writing->options->selection);
    buf_init(&writing->record, EXPORT_RECORD_MAX_BYTES + 2);
    progress_begin(&writing->progress, writing->stream != stdout || !isatty(STDOUT_FILENO));
    int r = head_put(writing, error);
    if (r == 0)
        r = store_list(store, &filter, alert_put, writing, error);
    progress_clear(&writing->progress);
    errno = EIO;
    if (r == 0 && (fflush(writing->stream) != 0 || ferror(writing->stream)))
        r = write_failure(writing, -errno, error);
    buf_done(&writing->record);
    return r;
}

static int export_run(struct store *store, const struct export_options *options,
                      struct error *error)
{
    struct writing writing = {.options = options, .stream = stdout};
    if (options->file)
        writing.stream = fopen(options->file, "wxe");
    if (!writing.stream)
        return error_set(error, -errno, "%s: %s", options->file, strerror(errno));
    int r = export_to(&writing, store, error);
    if (options->file && fclose(writing.stream) != 0 && r == 0)
        r = write_failure(&writing, -errno, error);
    if (r == 0)
        log_info("%" PRIu64 " alerts exported as %s", writing.count, options->dialect->slug);
    return r == 0 && writing.too_large
               ? error_set(error, -EMSGSIZE, "%" PRIu64 " alerts were left out", writing.too_large)
               : r;
}

int alerts_export(int argc, char **argv)
{
    struct export_options options = {.dialect = &dialects[DIALECT_NATIVE]};
    struct store *store;
    struct error error;
    int first, code;
    if (!options_parse(&export_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&export_table, "\"%s\" is too much; -o FILE names the file",
                                   argv[first]);
    options.context.limit_bytes = options.limit_bytes;
    code = selection_store(options.config, options.store, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = export_run(store, &options, &error);
    return selection_store_leave(store, r, &error);
}
