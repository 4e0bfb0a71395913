/* selftest.c - `dnsvigil selftest`: tells which detectors would fire, and why the others would not
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/selftest.h"

#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/lists_report.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/page.h"

#include <stdio.h>

enum { LINE_BYTES_MAX = 32 * 1024 };

struct selftest_options {
    const char *config;
    enum output_format format;
};

static const struct option_row rows[] = {
    OPTION_CONFIG(struct selftest_options, config),
    {"output", 'o', "FORMAT", "table or json (one object a line); default: table", option_format,
     offsetof(struct selftest_options, format)},
};

static const struct option_table table = {
    .command = "selftest",
    .arguments = "[OPTION]...",
    .summary = "Sends a clear case for each detector and the canary of `run` through decoding, "
               "judgement and a store that is thrown away, with your configuration and lists, and "
               "says which detectors fire. Each is tried with what the configured sources tell, "
               "too. Opens no source, asks nobody and changes nothing. Exits with 1 when no "
               "detector can fire or the canary is lost.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Example:\n"
             "  dnsvigil selftest -c /etc/dnsvigil/dnsvigil.yaml",
};

static void detector_line(const struct page *page, const struct config *config,
                          const struct selftest_result *result, unsigned detector, struct buf *line)
{
    const enum selftest_state state = result->states[detector];
    buf_reset(line);
    buf_printf(line, "%-9s %s", selftest_slugs[state], selftest_texts[state]);
    for (uint32_t i = 0, told = 0; i < config->sources.count; i++)
        if (result->blind[detector] >> i & 1)
            buf_printf(line, "%s%s", told++ ? ", " : "but not by what these tell: ",
                       config->sources.items[i].name);
    page_pair(page, detector_rows[detector].slug, line->data);
}

static void detector_json(const struct config *config, const struct selftest_result *result,
                          unsigned detector, struct buf *line)
{
    const enum selftest_state state = result->states[detector];
    struct json json = json_writer(line);
    buf_reset(line);
    json_object_begin(&json);
    json_pair(&json, "detector", detector_rows[detector].slug);
    json_pair(&json, "state", selftest_slugs[state]);
    json_pair_opt(&json, "meaning", selftest_texts[state]);
    json_key(&json, "blind_sources");
    json_array_begin(&json);
    for (uint32_t i = 0; i < config->sources.count; i++)
        if (result->blind[detector] >> i & 1)
            json_text(&json, config->sources.items[i].name);
    json_array_end(&json);
    json_object_end(&json);
    puts(line->data);
}

static const char *canary_state(const struct selftest_result *result)
{
    return !result->canary_sent ? "off" : result->canary_came ? "came back" : "lost";
}

static void result_print(const struct config *config, const struct selftest_result *result,
                         enum output_format format)
{
    const struct page page = page_on(stdout);
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (format == OUTPUT_JSON)
            detector_json(config, result, i, &line);
        else
            detector_line(&page, config, result, i, &line);
    if (format == OUTPUT_JSON)
        printf("{\"canary\":\"%s\"}\n", canary_state(result));
    else
        page_pair(&page, "canary", canary_state(result));
    buf_done(&line);
}

int command_selftest(int argc, char **argv)
{
    static const struct feed_arguments none;
    struct selftest_options options = {0};
    struct selftest_result result;
    struct config *config;
    struct lists lists;
    struct error error;
    int first, code;
    if (!options_parse(&table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&table, "it takes no operands");
    code = lists_open(options.config, &none, &config, &lists);
    if (code != CLI_EXIT_OK)
        return code;
    if (selftest_run(config, &lists, &result, &error) == 0) {
        result_print(config, &result, options.format);
        code = selftest_passed(&result) ? CLI_EXIT_OK : CLI_EXIT_FAILED;
    } else {
        log_error("%s", error.text);
        code = CLI_EXIT_FAILED;
    }
    lists_done(&lists);
    config_free(config);
    return code;
}
