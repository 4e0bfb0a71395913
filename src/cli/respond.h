/* respond.h - what the actions of `dnsvigil respond` share
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"
#include "cli/output.h"
#include "store/store.h"

/* The configuration and the store an action works on. */
struct respond {
    struct config *config;
    struct store *store;
    struct store_writer writer; /* for STORE_WRITE */
    char actor[80];             /* "cli:<unix user>", as the audit trail calls us */
};

/* Opens both; `store_path` NULL means the configured one. Returns an exit code, having said what
 * is wrong; only after CLI_EXIT_OK is respond_close() due. */
int respond_open(const char *config_path, const char *store_path, enum store_mode mode,
                 struct respond *ret_respond);

/* Whether the daemon answers, so that what it does by itself every so often (such as "every
 * second") need not be done here; says so. */
bool respond_is_done(const char *config_path, const char *store_path, const char *how_often);

/* Closes both; `r` and `error` are what happened before, and are told. Returns an exit code. */
int respond_close(struct respond *respond, int r, const struct error *error);

int respond_ask(int argc, char **argv);
int respond_answer(int argc, char **argv);
int respond_deliver(int argc, char **argv);
int respond_deliveries(int argc, char **argv);
int respond_checklist(int argc, char **argv);
int respond_isolate(int argc, char **argv);
int respond_preview(int argc, char **argv);
int respond_apply(int argc, char **argv);
int respond_undo(int argc, char **argv);
int respond_isolations(int argc, char **argv);
int respond_sweep(int argc, char **argv);
extern const struct option_table respond_ask_table, respond_answer_table, respond_deliver_table,
    respond_deliveries_table, respond_checklist_table, respond_isolate_table, respond_preview_table,
    respond_apply_table, respond_undo_table, respond_isolations_table, respond_sweep_table;
