/* monitor.c - watches a running engine: answers HTTP, writes the stats line, keeps the meters'
 * state
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/monitor.h"

#include "api/http.h"
#include "base/clock.h"
#include "base/log.h"

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
    struct http *http; /* NULL: nobody may ask */
    struct engine *engine;
    int64_t started_ns;
    _Atomic int64_t probed_ns;
    _Atomic int64_t kept_ns;
    pthread_t server, keeper, prober;
    bool serving, keeping, probing;
    atomic_uint asking; /* threads that may wait for the engine to be served */
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stop; /* under the lock */
};

static void vitals_fill(struct monitor *monitor, struct vitals *vitals)
{
    *vitals = (struct vitals){
        .now_ns = clock_now_ns(),
        .started_ns = monitor->started_ns,
        .probed_ns = atomic_load(&monitor->probed_ns),
        .kept_ns = atomic_load(&monitor->kept_ns),
        .shards = engine_shards(monitor->config),
    };
    engine_metrics(monitor->engine, &vitals->metrics);
    monitor->hooks.vitals(monitor->hooks.arg, vitals);
}

static void metrics_answer(void *arg, struct http_answer *answer)
{
    struct vitals vitals;
    vitals_fill(arg, &vitals);
    answer->type = "text/plain; version=0.0.4; charset=utf-8";
    vitals_metrics(&vitals, &answer->body);
}

static void health_answer(void *arg, struct http_answer *answer)
{
    (void)arg;
    buf_text(&answer->body, "alive\n");
}

static void ready_answer(void *arg, struct http_answer *answer)
{
    struct vitals vitals;
    vitals_fill(arg, &vitals);
    if (vitals_is_ready(&vitals, &answer->body))
        buf_text(&answer->body, "ready\n");
    else
        answer->code = 503;
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
    pthread_mutex_init(&monitor->lock, NULL);
    pthread_cond_init(&monitor->stopped, NULL);
    const struct http_config http = {
        .api = &config->api,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(*routes),
        .arg = monitor,
    };
    int rc = config->api.listen[0] ? http_open(&http, &monitor->http, error) : 0;
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
    http_close(monitor->http);
    pthread_mutex_destroy(&monitor->lock);
    pthread_cond_destroy(&monitor->stopped);
    free(monitor);
}

unsigned monitor_port(const struct monitor *monitor)
{
    return http_port(monitor->http);
}

/* Waits a second; false when it is time to end. */
static bool second_pass(struct monitor *monitor)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_mutex_lock(&monitor->lock);
    if (!monitor->stop)
        pthread_cond_timedwait(&monitor->stopped, &monitor->lock, &until);
    bool stop = monitor->stop;
    pthread_mutex_unlock(&monitor->lock);
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
    do {
        if (engine_still(monitor->engine, probe_still, NULL, &error) == 0)
            atomic_store(&monitor->probed_ns, clock_now_ns());
    } while (second_pass(monitor));
    atomic_fetch_sub(&monitor->asking, 1);
    return NULL;
}

static void stats_write(struct monitor *monitor)
{
    struct vitals vitals;
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    vitals_fill(monitor, &vitals);
    vitals_line(&vitals, &line);
    if (!line.overflow)
        fwrite(line.data, 1, line.len, stderr);
    buf_done(&line);
}

static void state_keep(struct monitor *monitor)
{
    struct error error;
    if (monitor->config->state.age_max_hours == 0)
        return;
    if (engine_keep(monitor->engine, &error) == 0)
        atomic_store(&monitor->kept_ns, clock_now_ns());
    else
        log_error("%s", error.text);
}

static void stall_tell(bool stands, bool *stood)
{
    if (stands && !*stood)
        log_error("a thread that judges traffic stands still: no probe came through for %d s",
                  VITALS_PROBE_MAX_S);
    if (!stands && *stood)
        log_info("probes come through again");
    *stood = stands;
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
    bool stood = false;
    while (second_pass(monitor)) {
        int64_t now_ns = clock_now_ns();
        int64_t probed_ns = atomic_load(&monitor->probed_ns);
        stall_tell(now_ns - (probed_ns ? probed_ns : monitor->started_ns) >
                       VITALS_PROBE_MAX_S * NS_PER_S,
                   &stood);
        if (!stood)
            monitor->hooks.alive(monitor->hooks.arg);
        if (is_due(now_ns, &told_ns, stats_ns))
            stats_write(monitor);
        if (!stood && is_due(now_ns, &kept_ns, keep_ns))
            state_keep(monitor);
    }
    state_keep(monitor);
    atomic_fetch_sub(&monitor->asking, 1);
    return NULL;
}

static void *server_run(void *arg)
{
    struct monitor *monitor = arg;
    http_run(monitor->http);
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
    if (rc == 0 && monitor->http)
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
    pthread_mutex_lock(&monitor->lock);
    monitor->stop = true;
    pthread_cond_broadcast(&monitor->stopped);
    pthread_mutex_unlock(&monitor->lock);
    if (monitor->http)
        http_stop(monitor->http);
    while (atomic_load(&monitor->asking) > 0) {
        engine_serve(monitor->engine);
        usleep(1000);
    }
    thread_end(monitor->server, &monitor->serving);
    thread_end(monitor->prober, &monitor->probing);
    thread_end(monitor->keeper, &monitor->keeping);
}
