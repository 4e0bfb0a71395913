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
    bool is_known;             /* there was a step */
    struct export_state state; /* as of a second ago, or when what goes on now began */
    uint64_t retries;
    bool failing; /* the last attempt took nothing */
};

/* What it refers to must outlive the exporter. */
struct exporter_config {
    const struct config_export *export;
    const char *console_url; /* where people see alerts; may be empty */
    const char *store_path;
    struct store_writer writer;
};

/* `sink` stays the caller's, who closes it after exporter_free(). -EINVAL: a rule of the
 * configuration makes no sense, with a message that names it. */
int exporter_new(const struct exporter_config *config, struct sink *sink,
                 struct exporter **ret_exporter, struct error *error);
void exporter_free(struct exporter *exporter);

/* Makes the export known to the store: it sends what changes from then on, if it is new. */
int exporter_begin(struct exporter *exporter, struct error *error);

/* Runs until it is told to end. The thread's function. Where the store fails it tries again. */
void exporter_run(struct exporter *exporter);

/* Has exporter_run() end once what waits has been sent, or at the first failure. Any thread. */
void exporter_leave(struct exporter *exporter);

/* Has exporter_run() end now, which takes as long as the sink needs to give up. Any thread. */
void exporter_stop(struct exporter *exporter);

/* Any thread. */
void exporter_vitals(struct exporter *exporter, struct exporter_vitals *ret_vitals);
