/* exporter.h - sends what changes to one sink until it has been taken, and
 * forgets nothing
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * An exporter reads the changes of alerts behind its own place, writes each in
 * the sink's dialect and moves on once the sink has it: at least once, in order
 * per alert, over restarts. What a sink refuses again and again is put aside as
 * dead; what it cannot take now is tried again, later and later. Between
 * changes it works at jobs: the past, a snapshot, what was dead.
 *
 * One thread runs an exporter, with a reading handle of its own; nobody else
 * waits for it. */
#pragma once

#include "export/sink.h"
#include "store/exports.h"

struct exporter;

/* What metrics and people are told. */
struct exporter_vitals {
    struct export_state state; /* as of the last step */
    uint64_t retries;
    bool failing; /* the last attempt took nothing */
};

/* `config` and `store_path` must outlive it; `sink` stays the caller's, who closes it after
 * exporter_free(). NULL without memory. */
struct exporter *exporter_new(const struct config_export *config, struct sink *sink,
                              const char *store_path, struct store_writer writer);
void exporter_free(struct exporter *exporter);

/* Runs until it is stopped. The thread's function. */
void exporter_run(struct exporter *exporter);

/* Has exporter_run() end within the time limit of one request. Any thread. */
void exporter_stop(struct exporter *exporter);

/* Any thread. */
void exporter_vitals(struct exporter *exporter, struct exporter_vitals *ret_vitals);
