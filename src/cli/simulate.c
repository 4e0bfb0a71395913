/* simulate.c - `dnsvigil alerts simulate`: stores sample alerts, to see where alerts go
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/selection.h"
#include "cli/talk.h"

struct simulate_options {
    const char *config;
    const char *store;
    uint32_t detectors;
};

static const struct option_row rows[] = {
    {"type", 't', "TYPE[,...]", "of these types only", selection_detectors,
     offsetof(struct simulate_options, detectors)},
    OPTION_STORE(struct simulate_options, store),
    OPTION_CONFIG(struct simulate_options, config),
};

const struct option_table simulate_table = {
    .command = "alerts simulate",
    .arguments = "[OPTION]...",
    .summary = "Stores a sample alert of every type, marked as such, that goes every way real ones "
               "go: rules, notifications, automation, exports.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
};

static json_t *types_body(uint32_t detectors)
{
    json_t *types = json_array();
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (!detectors || detectors & 1u << i)
            json_array_append_new(types, json_string(detector_rows[i].slug));
    return json_pack("{so}", "types", types);
}

int alerts_simulate(int argc, char **argv)
{
    struct simulate_options options = {0};
    struct talk talk;
    struct error error;
    json_t *samples;
    int first, code;
    if (!options_parse(&simulate_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&simulate_table, "\"%s\" is too much", argv[first]);
    code = talk_open(options.config, options.store, &talk);
    if (code != CLI_EXIT_OK)
        return code;
    int r = talk_ask(&talk, HTTP_POST, TALK_PATH("alerts", "simulate"),
                     types_body(options.detectors), &samples, &error);
    if (r == 0) {
        log_info("%zu sample alerts stored; `dnsvigil alerts list --entity 192.0.2.10` shows them",
                 json_array_size(json_object_get(samples, "items")));
        json_decref(samples);
    }
    return talk_close(&talk, r, &error);
}
