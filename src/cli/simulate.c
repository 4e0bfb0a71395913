/* simulate.c - `dnsvigil alerts simulate`: stores sample alerts, to see where alerts go
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/respond.h"
#include "cli/selection.h"
#include "respond/samples.h"

#include <errno.h>
#include <stdlib.h>

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

struct simulation {
    struct alert *samples;
    const struct alert *pointers[DETECTOR_COUNT];
    size_t count;
    struct store_put_result result;
};

static int simulation_write(void *arg, struct store *store, struct error *error)
{
    struct simulation *simulation = arg;
    return store_put(store, simulation->pointers, simulation->count, &simulation->result, error);
}

static int simulate(const struct respond *respond, uint32_t detectors, struct error *error)
{
    struct simulation simulation = {.samples = calloc(DETECTOR_COUNT, sizeof(struct alert))};
    if (!simulation.samples)
        return error_set(error, -ENOMEM, "no memory for sample alerts");
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct alert *sample = &simulation.samples[simulation.count];
        if (detectors && !(detectors & 1u << i))
            continue;
        sample_build((enum detector)i, respond->config->sensor, clock_now_ns(), sample);
        simulation.pointers[simulation.count++] = sample;
    }
    int r = respond->writer.write(respond->writer.arg, simulation_write, &simulation, error);
    free(simulation.samples);
    if (r == 0)
        log_info("%zu sample alerts stored; `dnsvigil alerts list --entity 192.0.2.10` shows them",
                 simulation.result.inserted);
    return r;
}

int alerts_simulate(int argc, char **argv)
{
    struct simulate_options options = {0};
    struct respond respond;
    struct error error;
    int first, code;
    if (!options_parse(&simulate_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&simulate_table, "\"%s\" is too much", argv[first]);
    code = respond_open(options.config, options.store, STORE_WRITE, &respond);
    if (code != CLI_EXIT_OK)
        return code;
    return respond_close(&respond, simulate(&respond, options.detectors, &error), &error);
}
