/* monitor.h - watches a running engine: answers HTTP, writes the stats line, keeps the meters'
 * state
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Threads of its own. One answers the API with /metrics, /healthz and /readyz. Another sends a
 * probe through all threads that judge traffic every second. While none comes back within
 * VITALS_PROBE_MAX_S, or a thread has not gone around its loop (pulse.h), something stands still:
 * /healthz and /readyz say what, the log too, and `alive` is no longer called. */
#pragma once

#include "api/vitals.h"
#include "pipeline/engine.h"
#include "store/store.h"

struct isolator;
struct monitor;

struct monitor_hooks {
    void *arg;

    /* Fills in what the engine does not know: sources, feeds, store, reloads. Any thread; texts
     * must stay until the monitor is stopped. */
    void (*vitals)(void *arg, struct vitals *vitals);

    /* Called every second while all threads live. */
    void (*alive)(void *arg);

    /* The configuration in force now, for config_unref(); NULL: it never changes. Any thread. */
    const struct config *(*config)(void *arg);

    /* Calls `look` with the signature rules in force, as in struct api_hooks. Any thread. */
    void (*rules)(void *arg, void (*look)(void *context, const struct rule_set *rules),
                  void *context);
};

/* Binds the sockets of the API. It does not answer yet. The configuration must outlive the monitor;
 * another one that is in force later changes what the API tells, and nothing here. */
int monitor_open(const struct config *config, const struct monitor_hooks *hooks,
                 struct monitor **ret_monitor, struct error *error);

/* Before monitor_start(): from then on the API is answered from this store, and not only what is
 * asked about the monitor. Writer and isolator must be usable until monitor_stop() has returned. */
int monitor_answer(struct monitor *monitor, const char *store_path, struct store_writer writer,
                   struct isolator *isolator, struct error *error);

/* Starts the threads. The engine must outlive monitor_stop(). */
int monitor_start(struct monitor *monitor, struct engine *engine, struct error *error);

/* Keeps the state a last time and ends the threads. Called by the thread that gives traffic, before
 * engine_finish(): it serves the engine meanwhile. */
void monitor_stop(struct monitor *monitor);
void monitor_close(struct monitor *monitor);

/* The port on which it answers, where it does. */
unsigned monitor_port(const struct monitor *monitor);
