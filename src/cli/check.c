/* check.c - `dnsvigil check`: looks at the configuration, what it names, and the store
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/page.h"
#include "export/trial.h"
#include "pipeline/lists.h"
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 8192, DUMP_MAX_BYTES = 4 * CONFIG_FILE_BYTES_MAX };

struct check_options {
    const char *config;
    bool dump_config;
};

static const struct option_row rows[] = {
    OPTION_CONFIG(struct check_options, config),
    {"dump-config", 0, NULL,
     "print the effective configuration, defaults included, as YAML and look no further",
     option_flag, offsetof(struct check_options, dump_config)},
};

static const struct option_table table = {
    .command = "check",
    .arguments = "[OPTION]...",
    .summary = "Reads the configuration, the lists it names and its exports as `analyze` and `run` "
               "would, opens the store if there is one, and prints what it found. Changes nothing "
               "and asks nobody.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
};

/* A line `label: formatted text`. */
__attribute__((format(printf, 3, 4))) static void say(const struct page *page, const char *label,
                                                      const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    page_pair(page, label, line);
}

static int dump(const struct config *config)
{
    struct buf yaml;
    buf_init(&yaml, DUMP_MAX_BYTES);
    config_dump(config, &yaml);
    bool written =
        !yaml.overflow && fwrite(yaml.data, 1, yaml.len, stdout) == yaml.len && fflush(stdout) == 0;
    if (!written)
        log_error("the configuration could not be written: %s", strerror(errno));
    buf_done(&yaml);
    return written ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

/* A lists_report_fn. */
static void report_list(void *arg, const char *name, const struct feed_report *report,
                        const char *failure)
{
    const struct page *page = arg;
    if (failure) /* check_lists() says why */
        return;
    say(page, "list", "%s: %u entries of %u lines, format %s, %u repeated, %u skipped, %u refused",
        name, report->added, report->lines, feed_formats[report->format].slug, report->duplicates,
        report->skipped, report->refused);
    for (uint32_t i = 0; i < report->refused && i < FIRST_REFUSED_MAX; i++)
        say(page, "  refused", "%s %u: %s: %s", feed_formats[report->format].unit,
            report->first_refused[i].line, refusal_texts[report->first_refused[i].reason],
            report->first_refused[i].text);
    if (report->refused > FIRST_REFUSED_MAX)
        say(page, "  refused", "%u more lines", report->refused - FIRST_REFUSED_MAX);
}

static int check_lists(const struct page *page, const struct config *config)
{
    struct lists lists;
    struct error error;
    if (lists_load(config, NULL, 0, report_list, (void *)page, &lists, &error) < 0) {
        say(page, "lists", "refused: %s", error.text);
        return CLI_EXIT_CONFIG;
    }
    size_t hot_bytes;
    size_t bytes = intel_bytes(lists.intel, &hot_bytes);
    say(page, "lists", "%zu entries in %.1f MiB", intel_count(lists.intel),
        (double)bytes / (1 << 20));
    say(page, "rules", "%u in use, %u refused", lists.rules ? lists.rules->count : 0,
        lists.rules_refused);
    struct inventory_count known = inventory_count(lists.inventory);
    say(page, "inventory", "%u entries, %u leases, %u lines refused", known.hosts, known.leases,
        known.refused);
    lists_done(&lists);
    return CLI_EXIT_OK;
}

/* Never confidently blind: a configuration under which nothing can fire is refused. */
static int check_detectors(const struct page *page, const struct config *config)
{
    unsigned running = 0;
    unsigned planned = 0;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        running += detector_rows[i].detect && config->detectors.of[i].enabled;
        planned += !detector_rows[i].detect;
    }
    say(page, "detectors", "%u of %d run; %u are not available yet", running, DETECTOR_COUNT,
        planned);
    if (running > 0)
        return CLI_EXIT_OK;
    say(page, "detectors", "refused: all available ones are switched off, so nothing could fire");
    return CLI_EXIT_CONFIG;
}

/* Those that are in force, as far as they can be told without asking their targets. */
static int check_exports(const struct page *page, const struct config *config)
{
    static const char *const types[] = {
#define SINK_TYPE(id, slug, open, key, text) slug,
#include <dnsvigil/sink_types.def>
#undef SINK_TYPE
    };
    int code = CLI_EXIT_OK;
    for (uint32_t i = 0; i < config->exports.count; i++) {
        const struct config_export *export = &config->exports.items[i];
        struct error error;
        if (!export->enabled)
            continue;
        if (export_check(export, &error) == 0) {
            say(page, "export", "%s: type %s", export->name, types[export->type]);
            continue;
        }
        say(page, "export", "refused: %s", error.text);
        code = CLI_EXIT_CONFIG;
    }
    return code;
}

static int count_alert(void *context, const struct alert *alert, struct error *error)
{
    (void)alert;
    (void)error;
    ++*(size_t *)context;
    return 0;
}

static int check_store(const struct page *page, const char *path)
{
    struct store *store;
    struct error error;
    size_t alerts = 0;
    int rc = store_open(path, STORE_READ, NULL, &store, &error);
    if (rc == -ENOENT) {
        say(page, "store", "%s: not there yet; the first alert makes it", path);
        return CLI_EXIT_OK;
    }
    if (rc == 0) {
        const struct store_filter all = {.statuses = (1u << ALERT_STATUS_COUNT) - 1};
        struct error ignored;
        rc = store_list(store, &all, count_alert, &alerts, &error);
        store_close(store, &ignored);
    }
    if (rc < 0) {
        say(page, "store", "cannot be used: %s", error.text);
        return CLI_EXIT_FAILED;
    }
    say(page, "store", "%s: %zu alerts", path, alerts);
    return CLI_EXIT_OK;
}

static int check(const struct config *config, const char *path)
{
    struct page page = page_on(stdout);
    page_pair(&page, "configuration", path);
    page_pair(&page, "sensor", config->sensor);
    int lists = check_lists(&page, config);
    int detectors = check_detectors(&page, config);
    int exports = check_exports(&page, config);
    int store = check_store(&page, config->store.path);
    int sound = lists != CLI_EXIT_OK ? lists : detectors;
    sound = sound != CLI_EXIT_OK ? sound : exports;
    return sound != CLI_EXIT_OK ? sound : store;
}

int command_check(int argc, char **argv)
{
    struct check_options options = {0};
    struct config *config;
    struct error error;
    int first, code;
    if (!options_parse(&table, argc, argv, &options, &first, &code))
        return code;
    if (first != argc)
        return options_usage_error(&table, "\"%s\" is not expected", argv[first]);
    if (config_load(options.config, &config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    code = options.dump_config ? dump(config) : check(config, config_source(options.config));
    config_free(config);
    return code;
}
