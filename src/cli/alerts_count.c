/* alerts_count.c - `dnsvigil alerts count`: how many alerts there are, in what groups, how many
 * right
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/alerts.h"
#include "cli/cli.h"
#include "cli/selection.h"
#include "store/count.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 8192 };

struct count_options {
    const char *config;
    const char *store;
    enum output_format format;
    struct selection selection;
    int axis; /* enum store_axis, -1: all together */
    bool precision;
    uint64_t limit;
};

static bool read_axis(const char *text, void *field)
{
    *(int *)field = store_axis_parse(text);
    return *(int *)field >= 0;
}

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct count_options, member)                 \
    }

static const struct option_row rows[] = {
    ROW("by", 'b', "GROUP",
        "for each severity, status, type, entity, domain, owner, assignee, day or hour", read_axis,
        axis),
    ROW("precision", 0, NULL,
        "for each type how many were right, by feedback and disposition, of all alerts",
        option_flag, precision),
#define FILTER(...) SELECTION_ROW(struct count_options, selection, __VA_ARGS__),
#include "store/filters.def"
#undef FILTER
    ROW("all", 'a', NULL, "dismissed ones too", option_flag, selection.all),
    ROW("limit", 'n', "NUMBER", "at most so many groups, the largest", option_count, limit),
    OPTION_FORMAT(struct count_options, format),
    OPTION_STORE(struct count_options, store),
    OPTION_CONFIG(struct count_options, config),
};

const struct option_table alerts_count_table = {
    .command = "alerts count",
    .arguments = "[OPTION]...",
    .summary = "Counts stored alerts and the machines they are about; dismissed ones are left out.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .notes = "Examples:\n"
             "  dnsvigil alerts count --by entity --since 7d --limit 10\n"
             "  dnsvigil alerts count --precision",
};

/* What is printed, as a table or one object a line. */
struct report {
    bool json;
    struct buf line;
};

static int line_print(struct report *report, struct error *error)
{
    bool written = !report->line.overflow && puts(report->line.data) >= 0;
    buf_reset(&report->line);
    return written ? 0 : error_set(error, -EIO, "writing: %s", strerror(errno));
}

static int group_print(void *context, const struct store_group *group, struct error *error)
{
    struct report *report = context;
    const char *severity = severity_names[group->severity][LANGUAGE_EN];
    char newest[TIME_TEXT_MAX] = "";
    if (group->newest_ns)
        time_format(group->newest_ns, newest);
    if (!report->json) {
        buf_printf(&report->line, "%10llu  %-13s  ", (unsigned long long)group->count, severity);
        utf8_append_visible(&report->line, *group->key ? group->key : "-");
        return line_print(report, error);
    }
    struct json json = json_writer(&report->line);
    json_object_begin(&json);
    json_pair(&json, "group", group->key);
    json_pair_int(&json, "count", (int64_t)group->count);
    json_pair(&json, "severity", severity);
    json_pair_opt(&json, "newest", newest);
    json_object_end(&json);
    return line_print(report, error);
}

static int totals_print(struct report *report, const struct store_totals *totals,
                        struct error *error)
{
    if (!report->json) {
        buf_printf(&report->line, "%llu alerts about %llu machines",
                   (unsigned long long)totals->alerts, (unsigned long long)totals->entities);
        return line_print(report, error);
    }
    struct json json = json_writer(&report->line);
    json_object_begin(&json);
    json_pair_int(&json, "alerts", (int64_t)totals->alerts);
    json_pair_int(&json, "entities", (int64_t)totals->entities);
    json_object_end(&json);
    return line_print(report, error);
}

static int precision_print(struct report *report, unsigned detector,
                           const struct store_precision *precision, struct error *error)
{
    uint64_t judged = precision->right + precision->wrong;
    double share = judged ? (double)precision->right / (double)judged : 0;
    if (!report->json) {
        buf_printf(&report->line, "%-18s %8llu right %8llu wrong", detector_rows[detector].slug,
                   (unsigned long long)precision->right, (unsigned long long)precision->wrong);
        if (judged)
            buf_printf(&report->line, "  %5.1f %%", 100 * share);
        return line_print(report, error);
    }
    struct json json = json_writer(&report->line);
    json_object_begin(&json);
    json_pair(&json, "detector", detector_rows[detector].slug);
    json_pair_int(&json, "right", (int64_t)precision->right);
    json_pair_int(&json, "wrong", (int64_t)precision->wrong);
    if (judged) {
        json_key(&json, "precision");
        json_number(&json, share);
    }
    json_object_end(&json);
    return line_print(report, error);
}

static int precisions_print(struct store *store, struct report *report, struct error *error)
{
    struct store_precision precisions[DETECTOR_COUNT];
    int r = store_precisions(store, precisions, error);
    for (unsigned i = 0; r == 0 && i < DETECTOR_COUNT; i++)
        r = precision_print(report, i, &precisions[i], error);
    return r;
}

static int count_run(struct store *store, const struct count_options *options, struct error *error)
{
    struct store_filter filter = selection_filter(&options->selection);
    struct store_totals totals;
    struct report report = {.json = output_format_for(options->format, stdout) != OUTPUT_TABLE};
    buf_init(&report.line, LINE_MAX_BYTES);
    int r;
    if (options->precision) {
        r = precisions_print(store, &report, error);
    } else if (options->axis >= 0) {
        r = store_groups(store, &filter, (enum store_axis)options->axis, options->limit,
                         group_print, &report, error);
    } else {
        r = store_count(store, &filter, &totals, error);
        if (r == 0)
            r = totals_print(&report, &totals, error);
    }
    buf_done(&report.line);
    return r;
}

int alerts_count(int argc, char **argv)
{
    struct count_options options = {.axis = -1};
    struct store *store;
    struct error error;
    int first, code;
    if (!options_parse(&alerts_count_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&alerts_count_table, "\"%s\" is too much", argv[first]);
    if (options.format == OUTPUT_CSV)
        return options_usage_error(&alerts_count_table, "counts are a table or json, not csv");
    code = selection_store(options.config, options.store, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = count_run(store, &options, &error);
    return selection_store_leave(store, r, &error);
}
