/* monitor.c - watches a running engine: answers HTTP, writes the stats line, keeps the meters'
 * state
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/monitor.h"

#include "api/server.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/pulse.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 64 * 1024 };

struct monitor {
    const struct config *config;
    struct monitor_hooks hooks;
    struct api_server *api;
    struct engine *engine;
    int64_t started_ns;
    _Atomic int64_t probed_ns;
    _Atomic int64_t kept_ns;
    pthread_t server, keeper, prober;
    bool serving, keeping, probing;
    atomic_uint asking; /* threads that may wait for the engine to be served */
    struct bell stopped;
    bool stop; /* under its lock */
};

/* For the caller to free; NULL without memory. */
static struct vitals *vitals_make(struct monitor *monitor)
{
    struct vitals *vitals = calloc(1, sizeof(*vitals));
    if (!vitals)
        return NULL;
    vitals->now_ns = clock_now_ns();
    vitals->started_ns = monitor->started_ns;
    vitals->probed_ns = atomic_load(&monitor->probed_ns);
    vitals->kept_ns = atomic_load(&monitor->kept_ns);
    vitals->shards = engine_shards(monitor->config);
    vitals->outbox_depth = outbox_depth(engine_outbox(monitor->engine));
    for (unsigned i = 0; i < vitals->shards && i < VITALS_SHARDS_MAX; i++)
        vitals->ring_depths[i] = engine_depth(monitor->engine, i);
    engine_metrics(monitor->engine, &vitals->metrics);
    vitals_threads_look(vitals);
    monitor->hooks.vitals(monitor->hooks.arg, vitals);
    return vitals;
}

static void metrics_answer(void *arg, struct http_answer *answer)
{
    struct vitals *vitals = vitals_make(arg);
    answer->type = "text/plain; version=0.0.4; charset=utf-8";
    if (vitals)
        vitals_metrics(vitals, &answer->body);
    else
        answer->code = 503;
    free(vitals);
}

typedef bool (*judge_fn)(const struct vitals *vitals, struct buf *reasons);

static void state_answer(struct monitor *monitor, judge_fn judge, const char *good,
                         struct http_answer *answer)
{
    struct vitals *vitals = vitals_make(monitor);
    if (vitals && judge(vitals, &answer->body))
        buf_text(&answer->body, good);
    else
        answer->code = 503;
    free(vitals);
}

static void health_answer(void *arg, struct http_answer *answer)
{
    state_answer(arg, vitals_is_alive, "alive\n", answer);
}

static void ready_answer(void *arg, struct http_answer *answer)
{
    state_answer(arg, vitals_is_ready, "ready\n", answer);
}

/* An API hook. */
static void metrics_tell(void *arg, struct buf *out)
{
    struct vitals *vitals = vitals_make(arg);
    if (vitals)
        vitals_metrics(vitals, out);
    free(vitals);
}

/* An API hook. */
static bool ready_tell(void *arg, struct buf *reasons)
{
    struct vitals *vitals = vitals_make(arg);
    bool ready = vitals && vitals_is_ready(vitals, reasons);
    free(vitals);
    return ready;
}

/* An API hook. */
static struct vitals *vitals_tell(void *arg)
{
    return vitals_make(arg);
}

/* An API hook. */
static const struct config *config_tell(void *arg)
{
    const struct monitor *monitor = arg;
    return monitor->hooks.config(monitor->hooks.arg);
}

/* An API hook. */
static void rules_tell(void *arg, api_rules_fn look, void *context)
{
    const struct monitor *monitor = arg;
    monitor->hooks.rules(monitor->hooks.arg, look, context);
}

static const struct http_route routes[] = {
    {"/metrics", metrics_answer},
    {"/healthz", health_answer},
    {"/readyz", ready_answer},
};

int monitor_open(const struct config *config, const struct monitor_hooks *hooks,
                 struct monitor **ret_monitor, struct error *error)
{
    struct monitor *monitor = calloc(1, sizeof(*monitor));
    if (!monitor)
        return error_set(error, -ENOMEM, "no memory to watch the engine");
    monitor->config = config;
    monitor->hooks = *hooks;
    monitor->started_ns = clock_now_ns();
    bell_init(&monitor->stopped);
    const struct api_server_config api = {
        .config = config,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(*routes),
        .routes_arg = monitor,
        .hooks = {monitor, metrics_tell, ready_tell, vitals_tell,
                  hooks->config ? config_tell : NULL, hooks->rules ? rules_tell : NULL},
    };
    int rc = api_server_open(&api, &monitor->api, error);
    if (rc < 0) {
        monitor_close(monitor);
        return rc;
    }
    *ret_monitor = monitor;
    return 0;
}

void monitor_close(struct monitor *monitor)
{
    if (!monitor)
        return;
    api_server_close(monitor->api);
    bell_done(&monitor->stopped);
    free(monitor);
}

unsigned monitor_port(const struct monitor *monitor)
{
    return api_server_port(monitor->api);
}

int monitor_answer(struct monitor *monitor, const char *store_path, struct store_writer writer,
                   struct isolator *isolator, struct error *error)
{
    return api_server_begin(monitor->api, store_path, writer, isolator, error);
}

/* Waits a second; false when it is time to end. */
static bool second_pass(struct monitor *monitor)
{
    pthread_mutex_lock(&monitor->stopped.lock);
    if (!monitor->stop)
        pulse_wait(&monitor->stopped.rung, &monitor->stopped.lock);
    bool stop = monitor->stop;
    pthread_mutex_unlock(&monitor->stopped.lock);
    return !stop;
}

/* An engine_still_fn: that it is called is all there is to know. */
static int probe_still(void *arg, struct common *common, struct shard *const shards[],
                       unsigned count, struct error *error)
{
    (void)arg;
    (void)common;
    (void)shards;
    (void)count;
    (void)error;
    return 0;
}

/* On a thread of its own: it is meant to be stuck when the engine is. */
static void *probes_run(void *arg)
{
    struct monitor *monitor = arg;
    struct error error;
    pulse_begin("prober");
    do {
        if (engine_still(monitor->engine, probe_still, NULL, &error) == 0)
            atomic_store(&monitor->probed_ns, clock_now_ns());
    } while (second_pass(monitor));
    pulse_end();
    atomic_fetch_sub(&monitor->asking, 1);
    return NULL;
}

static void stats_write(const struct vitals *vitals)
{
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    vitals_line(vitals, &line);
    if (!line.overflow)
        fwrite(line.data, 1, line.len, stderr);
    buf_done(&line);
}

static void state_keep(struct monitor *monitor)
{
    struct error error;
    if (monitor->config->state.age_max_hours == 0)
        return;
    pulse_pause(); /* the disk may be slow */
    if (engine_keep(monitor->engine, &error) == 0)
        atomic_store(&monitor->kept_ns, clock_now_ns());
    else
        log_error("%s", error.text);
}

/* Tells when it changes; returns whether all threads live. */
static bool life_tell(const struct vitals *vitals, bool *alive)
{
    struct buf reasons;
    buf_init(&reasons, LINE_BYTES_MAX);
    bool now = vitals_is_alive(vitals, &reasons);
    if (!now && *alive)
        log_error("%.*s", (int)reasons.len - 1, reasons.data);
    if (now && !*alive)
        log_info("all threads go on again");
    buf_done(&reasons);
    *alive = now;
    return now;
}

static bool is_due(int64_t now_ns, int64_t *last_ns, int64_t interval_ns)
{
    if (interval_ns == 0 || now_ns - *last_ns < interval_ns)
        return false;
    *last_ns = now_ns;
    return true;
}

static void *keeper_run(void *arg)
{
    struct monitor *monitor = arg;
    const int64_t stats_ns = (int64_t)monitor->config->status.stats_interval_s * NS_PER_S;
    const int64_t keep_ns = (int64_t)monitor->config->state.interval_minutes * 60 * NS_PER_S;
    int64_t told_ns = monitor->started_ns, kept_ns = monitor->started_ns;
    bool alive = true;
    pulse_begin("monitor");
    while (second_pass(monitor)) {
        struct vitals *vitals = vitals_make(monitor);
        if (!vitals)
            continue;
        if (life_tell(vitals, &alive))
            monitor->hooks.alive(monitor->hooks.arg);
        if (is_due(vitals->now_ns, &told_ns, stats_ns))
            stats_write(vitals);
        if (alive && is_due(vitals->now_ns, &kept_ns, keep_ns))
            state_keep(monitor);
        free(vitals);
    }
    state_keep(monitor);
    pulse_end();
    atomic_fetch_sub(&monitor->asking, 1);
    return NULL;
}

static void *server_run(void *arg)
{
    struct monitor *monitor = arg;
    pulse_begin("http");
    api_server_run(monitor->api);
    pulse_end();
    return NULL;
}

static int thread_start(pthread_t *thread, void *(*run)(void *), struct monitor *monitor,
                        bool *ret_runs, struct error *error)
{
    int r = pthread_create(thread, NULL, run, monitor);
    *ret_runs = r == 0;
    return r == 0
               ? 0
               : error_set(error, -r, "cannot start a thread to watch the engine: %s", strerror(r));
}

int monitor_start(struct monitor *monitor, struct engine *engine, struct error *error)
{
    monitor->engine = engine;
    int rc = thread_start(&monitor->prober, probes_run, monitor, &monitor->probing, error);
    atomic_fetch_add(&monitor->asking, monitor->probing);
    if (rc == 0)
        rc = thread_start(&monitor->keeper, keeper_run, monitor, &monitor->keeping, error);
    atomic_fetch_add(&monitor->asking, monitor->keeping);
    if (rc == 0)
        rc = thread_start(&monitor->server, server_run, monitor, &monitor->serving, error);
    if (rc < 0)
        monitor_stop(monitor);
    return rc;
}

static void thread_end(pthread_t thread, bool *runs)
{
    if (*runs)
        pthread_join(thread, NULL);
    *runs = false;
}

void monitor_stop(struct monitor *monitor)
{
    pthread_mutex_lock(&monitor->stopped.lock);
    monitor->stop = true;
    pthread_cond_broadcast(&monitor->stopped.rung);
    pthread_mutex_unlock(&monitor->stopped.lock);
    api_server_stop(monitor->api);
    while (atomic_load(&monitor->asking) > 0) {
        engine_serve(monitor->engine);
        usleep(1000);
    }
    thread_end(monitor->server, &monitor->serving);
    thread_end(monitor->prober, &monitor->probing);
    thread_end(monitor->keeper, &monitor->keeping);
}
