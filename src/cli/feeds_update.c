/* feeds_update.c - `dnsvigil feeds update` fetches feeds, `dnsvigil feeds test` only looks at one
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/feeds.h"
#include "cli/page.h"
#include "cli/progress.h"
#include "pipeline/retro.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool option_list_format(const char *text, void *field)
{
    *(int *)field = feed_format_parse((struct slice){text, strlen(text)});
    return *(int *)field >= 0;
}

static const struct option_row update_rows[] = {
    OPTION_CONFIG(struct feeds_options, config),
    OPTION_FEEDS_FORMAT,
    {"force", 0, NULL,
     "accept a list that has less than half or more than ten times the entries "
     "of the last good one",
     option_flag, offsetof(struct feeds_options, force)},
    {"due", 0, NULL, "only those whose interval has passed, for a timer", option_flag,
     offsetof(struct feeds_options, due)},
    {"quiet", 'q', NULL, "say only what failed", option_flag,
     offsetof(struct feeds_options, quiet)},
};

const struct option_table feeds_update_table = {
    .command = "feeds update",
    .arguments = "[OPTION]... [NAME]...",
    .summary = "Asks the servers of the configured feeds (or of those named) for newer lists, "
               "reads them in a jail, and keeps what is good. What is not leaves the last good "
               "list in force; the exit code is then 1.",
    .rows = update_rows,
    .count = sizeof(update_rows) / sizeof(*update_rows),
};

static const struct option_row test_rows[] = {
    OPTION_CONFIG(struct feeds_options, config),
    OPTION_FEEDS_FORMAT,
    {"format", 0, "NAME", "the list's format; `dnsvigil describe formats` names them",
     option_list_format, offsetof(struct feeds_options, list_format)},
    {"column", 0, "COLUMN", "of a table: the heading or number of the column with the names",
     option_text, offsetof(struct feeds_options, column)},
};

const struct option_table feeds_test_table = {
    .command = "feeds test",
    .arguments = "[OPTION]... NAME|FILE",
    .summary = "Fetches a feed, or reads a file as one, tells what was found and refused, and "
               "keeps nothing.",
    .rows = test_rows,
    .count = sizeof(test_rows) / sizeof(*test_rows),
};

/* One run of `feeds update`. */
struct run {
    struct feeds_options options;
    struct config *config;
    struct feeds *feeds;
    struct page page;
    struct progress progress;
    const char *name; /* of the feed at hand */
    unsigned failed;
    unsigned changed;
};

/* A fetch_progress_fn. */
static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    struct run *run = arg;
    progress_draw_bytes(&run->progress, run->name, done, total);
}

static void update_json(const struct config_feed *feed, const struct feed_status *status,
                        const struct feed_report *report, const char *outcome)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, FEEDS_LINE_MAX);
    json_object_begin(&json);
    json_pair(&json, "name", feed->name);
    json_pair(&json, "outcome", outcome);
    status_write(status, &json);
    feeds_refused_json(&json, report);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void update_page(const struct page *page, const struct config_feed *feed,
                        const struct feed_status *status, const struct feed_report *report,
                        bool changed)
{
    char text[256];
    if (changed)
        snprintf(text, sizeof(text),
                 "%" PRIu32 " entries: %" PRIu32 " added, %" PRIu32 " removed, %" PRIu32 " refused",
                 status->entries, status->added, status->removed, status->refused);
    else
        snprintf(text, sizeof(text), "%" PRIu32 " entries, unchanged", status->entries);
    page_pair(page, feed->name, text);
    feeds_refused_print(page, report);
}

static void feed_update(struct run *run, const struct config_feed *feed)
{
    struct feed_status status;
    struct feed_report report = {0};
    struct error error;
    const struct feed_update update = {
        .feed = feed, .force = run->options.force, .progress = on_progress, .arg = run};
    run->name = feed->name;
    int r = feeds_update(run->feeds, &update, &status, &report, &error);
    progress_clear(&run->progress);
    bool changed = r == 0 && status.changed_ns == status.tried_ns;
    run->failed += r < 0;
    run->changed += changed;
    if (run->options.format == OUTPUT_JSON)
        update_json(feed, &status, &report, r < 0 ? "failed" : changed ? "updated" : "unchanged");
    if (r < 0)
        log_error("%s: %s", feed->name, error.text);
    else if (run->options.format != OUTPUT_JSON && !run->options.quiet)
        update_page(&run->page, feed, &status, &report, changed);
}

static bool is_due(const struct run *run, const struct config_feed *feed)
{
    struct feed_status status;
    if (!run->options.due)
        return true;
    status_load(run->config->state_dir, feed->name, &status);
    return feeds_due_ns(feed, &status) <= clock_now_ns();
}

static void all_update(struct run *run)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < run->config->feeds.count; i++) {
        const struct config_feed *feed = &run->config->feeds.items[i];
        if (!feed->enabled || !feed->url[0])
            continue;
        count++;
        if (is_due(run, feed))
            feed_update(run, feed);
    }
    if (count == 0 && !run->options.quiet)
        log_info("no feed with a url is configured; `dnsvigil feeds list` shows known ones");
}

/* The feed to update under this name; NULL after saying why there is none. */
static const struct config_feed *named_feed(const struct run *run, const char *name)
{
    const struct config_feed *feed = feeds_find(run->config, name);
    if (!feed)
        log_error("%s: is not configured; `- {name: %s}` under feeds does that for a feed that "
                  "`dnsvigil feeds list` knows",
                  name, name);
    else if (!feed->enabled)
        log_error("%s: is switched off in the configuration", name);
    else if (!feed->url[0])
        log_error("%s: has no url; it is read from its path at each start", name);
    else
        return feed;
    return NULL;
}

static void named_update(struct run *run, char **names, int count)
{
    for (int i = 0; i < count; i++) {
        const struct config_feed *feed = named_feed(run, names[i]);
        if (feed)
            feed_update(run, feed);
        else
            run->failed++;
    }
}

/* A lists_report_fn: feeds have been told of. */
static void report_nothing(void *arg, const char *name, const struct feed_report *report,
                           const char *failure)
{
    (void)arg, (void)name, (void)report, (void)failure;
}

static int lists_judge_past(struct run *run, struct store *store, struct error *error)
{
    struct lists lists;
    struct retro_result result;
    int r = lists_load(run->config, NULL, 0, report_nothing, NULL, &lists, error);
    if (r < 0)
        return r;
    const struct retro_config retro = {.store = store,
                                       .writer = store_writer_direct(store),
                                       .config = run->config,
                                       .lists = &lists};
    r = retro_run(&retro, &result, error);
    if (r == 0 && result.alerts)
        log_info("%zu indicators or rules are new: %" PRIu64 " alerts about earlier traffic",
                 result.indicators, result.alerts);
    lists_done(&lists);
    return r;
}

/* Holds what has changed against the history. A program that is running does that itself. */
static void past_judge(struct run *run)
{
    struct store *store = NULL;
    struct error error, ignored;
    const char *path = run->config->store.path;
    if (!run->changed || access(path, R_OK) != 0)
        return;
    int r = store_open(path, STORE_WRITE, NULL, &store, &error);
    if (r == 0)
        r = lists_judge_past(run, store, &error);
    if (r == -EBUSY)
        log_info("dnsvigil is running and will take up what has changed, at once when told to "
                 "reload");
    else if (r < 0)
        log_warning("earlier traffic was not held against what has changed: %s", error.text);
    store_close(store, &ignored);
}

int feeds_update_action(int argc, char **argv)
{
    struct run run = {.page = page_on(stdout)};
    struct error error;
    int first, code;
    if (!options_parse(&feeds_update_table, argc, argv, &run.options, &first, &code))
        return code;
    if (config_load(run.options.config, &run.config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    progress_begin(&run.progress, !run.options.quiet);
    if (feeds_open(run.config, &run.feeds, &error) < 0) {
        log_error("%s", error.text);
        run.failed++;
    } else if (first < argc) {
        named_update(&run, argv + first, argc - first);
    } else {
        all_update(&run);
    }
    feeds_close(run.feeds);
    past_judge(&run);
    config_free(run.config);
    return run.failed ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static void test_print(const struct feeds_options *options, const char *name,
                       const struct reading *reading)
{
    const struct feed_report *report = &reading->report;
    struct page page = page_on(stdout);
    char text[256];
    snprintf(text, sizeof(text),
             "%" PRIu32 " entries of %" PRIu32 " lines, format %s, %" PRIu32 " repeated, %" PRIu32
             " skipped, %" PRIu32 " refused; read in %s",
             report->added, report->lines, feed_formats[report->format].slug, report->duplicates,
             report->skipped, report->refused, sandbox_names[reading->level]);
    if (options->format != OUTPUT_JSON) {
        page_pair(&page, name, text);
        feeds_refused_print(&page, report);
        return;
    }
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, FEEDS_LINE_MAX);
    json_object_begin(&json);
    json_pair(&json, "name", name);
    json_pair(&json, "format", feed_formats[report->format].slug);
    json_pair_int(&json, "lines", report->lines);
    json_pair_int(&json, "entries", report->added);
    json_pair_int(&json, "duplicates", report->duplicates);
    json_pair_int(&json, "skipped", report->skipped);
    json_pair_int(&json, "refused", report->refused);
    json_pair(&json, "sandbox", sandbox_names[reading->level]);
    feeds_refused_json(&json, report);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static int file_test(struct feeds *feeds, const struct feeds_options *options, const char *path,
                     struct reading *ret_reading, struct error *error)
{
    char none[] = "";
    const struct config_feed as = {
        .name = (char *)path,
        .category = CATEGORY_SUSPICIOUS,
        .format = (int8_t)options->list_format,
        .column = options->column ? (char *)options->column : none,
    };
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set(error, -errno, "%s", strerror(errno));
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        close(fd);
        return error_set(error, -EISDIR,
                         "is a folder: give one of its files, or let `dnsvigil "
                         "check` read all as configured");
    }
    int r = feeds_try_file(feeds, &as, fd, ret_reading, error);
    close(fd);
    return r;
}

static int feed_test(struct feeds *feeds, const struct feeds_options *options,
                     const struct config_feed *known, struct reading *ret_reading,
                     struct error *error)
{
    struct config_feed feed = *known;
    if (feed.path[0])
        return file_test(feeds, options, feed.path, ret_reading, error);
    if (options->list_format != FEED_AUTO)
        feed.format = (int8_t)options->list_format;
    if (options->column)
        feed.column = (char *)options->column;
    const struct feed_update update = {.feed = &feed};
    return feeds_try(feeds, &update, ret_reading, error);
}

/* Looks at the feed or file that is meant: a name that is configured, known, or else a file. */
static int operand_test(const struct config *config, const struct config *catalogue,
                        const struct feeds_options *options, const char *operand)
{
    struct feeds *feeds = NULL;
    struct reading reading = {0};
    struct error error;
    const struct config_feed *known = feeds_find(config, operand);
    if (!known)
        known = feeds_find(catalogue, operand);
    int r = feeds_open_to_look(config, &feeds, &error);
    if (r == 0)
        r = known ? feed_test(feeds, options, known, &reading, &error)
                  : file_test(feeds, options, operand, &reading, &error);
    if (r == 0 || reading.report.refused)
        test_print(options, operand, &reading);
    if (r < 0)
        log_error("%s: %s", operand, error.text);
    reading_done(&reading);
    feeds_close(feeds);
    return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

int feeds_test_action(int argc, char **argv)
{
    struct feeds_options options = {0};
    struct config *config = NULL, *catalogue = NULL;
    struct error error;
    int first, code;
    if (!options_parse(&feeds_test_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&feeds_test_table, "give one name of a feed, or one file");
    if (config_load(options.config, &config, &error) < 0 ||
        config_catalogue(&catalogue, &error) < 0) {
        log_error("%s", error.text);
        code = CLI_EXIT_CONFIG;
    } else {
        code = operand_test(config, catalogue, &options, argv[first]);
    }
    config_free(config);
    config_free(catalogue);
    return code;
}
