/* engine.c - shards on threads of their own: splits traffic among them by client, gathers alerts
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/engine.h"

#include "base/clock.h"
#include "base/pulse.h"
#include "meter/epoch.h"
#include "pipeline/common.h"
#include "pipeline/published.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beyond the alerts that can be open, so many may be closed within one epoch before their order is
 * given up. */
enum { CLOSED_SPARE = 256 };

/* One thread and its shard. */
struct worker {
    struct engine *engine;
    unsigned number;
    bool running;
    pthread_t thread;
    struct shard *shard;
    struct bell bell;
    struct ring ring;
    struct batch *filling; /* the giving thread's; NULL: none was begun */
    struct alert *closed;  /* [closed_max], since the last edge */
    unsigned closed_count;
    struct published published;
};

/* What engine_still() asks for. */
struct request {
    engine_still_fn still;
    void *arg;
    struct error *error;
    int result;
    bool done;
};

struct engine {
    struct engine_config settings;
    unsigned count;
    struct worker workers[SHARDS_MAX];
    struct shard *shards[SHARDS_MAX]; /* those of the workers */
    struct common *common;
    struct outbox *outbox;
    unsigned closed_max;
    const struct alert **order; /* [count * closed_max] */
    struct bell meeting;        /* guards the two below */
    unsigned met;               /* shards that have come to the meeting */
    uint64_t meetings;

    /* Of the giving thread. */
    struct dns_ports ports;
    struct epochs epochs;
    int64_t now_ns; /* event time; 0: nothing has come yet */
    struct metrics metrics;
    struct net *net;
    struct published published;

    struct bell bell;        /* guards what follows */
    struct request *request; /* NULL: nobody asks */
    uint64_t served;         /* requests */
    bool closed;             /* nobody can ask any more */
    atomic_bool asked;
    struct canary *_Atomic canary; /* to be sent, or NULL */
};

/* A shard_alert_fn. */
static void alert_closed(void *arg, const struct alert *alert)
{
    struct worker *worker = arg;
    if (worker->closed_count < worker->engine->closed_max)
        worker->closed[worker->closed_count++] = *alert;
    else
        outbox_alert(worker->engine->outbox, alert, OUTBOX_CLOSED);
}

/* A shard_alert_fn. */
static void alert_opened(void *arg, const struct alert *alert)
{
    struct worker *worker = arg;
    outbox_alert(worker->engine->outbox, alert, OUTBOX_OPENED);
}

/* A shard_alert_fn. */
static void alert_grew(void *arg, const struct alert *alert)
{
    struct worker *worker = arg;
    outbox_alert(worker->engine->outbox, alert, OUTBOX_GREW);
}

/* A collector_fn. */
static void rows_take(void *arg, const struct history_row *const rows[], size_t count)
{
    struct worker *worker = arg;
    outbox_rows(worker->engine->outbox, rows, count);
}

static int alert_order(const void *a, const void *b)
{
    const struct alert *x = *(const struct alert *const *)a, *y = *(const struct alert *const *)b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* Hands on what all shards have closed; they stand still. */
static void closed_hand_on(struct engine *engine)
{
    size_t count = 0;
    for (unsigned i = 0; i < engine->count; i++) {
        struct worker *worker = &engine->workers[i];
        for (unsigned k = 0; k < worker->closed_count; k++)
            engine->order[count++] = &worker->closed[k];
        worker->closed_count = 0;
    }
    qsort(engine->order, count, sizeof(*engine->order), alert_order);
    for (size_t i = 0; i < count; i++)
        outbox_alert(engine->outbox, engine->order[i], OUTBOX_CLOSED);
}

typedef void (*meet_fn)(struct engine *engine, int64_t time_ns);

static void meet_at_edge(struct engine *engine, int64_t edge_ns)
{
    shards_merge(engine->shards, engine->count, edge_ns);
    closed_hand_on(engine);
}

static void meet_to_merge(struct engine *engine, int64_t time_ns)
{
    shards_merge(engine->shards, engine->count, time_ns);
}

static void meet_to_close(struct engine *engine, int64_t time_ns)
{
    (void)time_ns;
    closed_hand_on(engine);
}

static void meet_still(struct engine *engine, int64_t time_ns)
{
    (void)time_ns;
    struct request *request = engine->request;
    request->result =
        request->still(request->arg, engine->common, engine->shards, engine->count, request->error);
    pthread_mutex_lock(&engine->bell.lock);
    request->done = true;
    engine->request = NULL;
    engine->served++;
    pthread_cond_broadcast(&engine->bell.rung);
    pthread_mutex_unlock(&engine->bell.lock);
}

/* All shards come here; the last one does what there is to do, then all go on. */
static void meet(struct engine *engine, meet_fn what, int64_t time_ns)
{
    struct bell *meeting = &engine->meeting;
    pthread_mutex_lock(&meeting->lock);
    const uint64_t this = engine->meetings;
    bool last = ++engine->met == engine->count;
    while (!last && engine->meetings == this)
        pulse_wait(&meeting->rung, &meeting->lock);
    pthread_mutex_unlock(&meeting->lock);
    if (!last)
        return;
    what(engine, time_ns);
    pthread_mutex_lock(&meeting->lock);
    engine->met = 0;
    engine->meetings++;
    pthread_cond_broadcast(&meeting->rung);
    pthread_mutex_unlock(&meeting->lock);
}

static void worker_publish(struct worker *worker)
{
    struct metrics metrics = *shard_metrics(worker->shard);
    if (worker->number == 0)
        common_report(worker->engine->common, &metrics);
    published_set(&worker->published, &metrics);
}

static void batch_take(struct worker *worker, const struct batch *batch)
{
    struct engine *engine = worker->engine;
    struct shard *shard = worker->shard;
    switch (batch->kind) {
    case BATCH_TRAFFIC: shard_packets(shard, batch->packets, batch->count); break;
    case BATCH_TIME: break;
    case BATCH_EDGE:
        shard_edge(shard, batch->time_ns);
        meet(engine, meet_at_edge, batch->time_ns);
        if (engine->settings.early)
            shard_show_changed(shard, batch->time_ns, alert_grew, worker);
        break;
    case BATCH_STILL: meet(engine, meet_still, 0); break;
    case BATCH_END:
        shard_end(shard);
        meet(engine, meet_to_merge, batch->time_ns);
        shard_close(shard);
        meet(engine, meet_to_close, 0);
        break;
    case BATCH_QUIT: break;
    }
}

static void *worker_run(void *arg)
{
    struct worker *worker = arg;
    enum batch_kind kind;
    pulse_begin("shard %u", worker->number);
    do {
        pulse_beat();
        const struct batch *batch = ring_wait(&worker->ring);
        kind = batch->kind;
        batch_take(worker, batch);
        ring_pop(&worker->ring);
        if (worker->engine->settings.early)
            shard_show_new(worker->shard, alert_opened, worker);
        worker_publish(worker);
    } while (kind != BATCH_END && kind != BATCH_QUIT);
    pulse_end();
    return NULL;
}

unsigned engine_shards(const struct config *config)
{
    long processors = config->shards ? (long)config->shards : sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > SHARDS_MAX ? SHARDS_MAX : (unsigned)processors;
}

static int state_unfit(struct error *error)
{
    return error_set(error, -ESTALE, "what was kept of the meters does not fit this program");
}

static int worker_open(struct engine *engine, unsigned number, struct error *error)
{
    const struct engine_config *settings = &engine->settings;
    struct worker *worker = &engine->workers[number];
    worker->engine = engine;
    worker->number = number;
    bell_init(&worker->bell);
    published_init(&worker->published);
    worker->closed = calloc(engine->closed_max, sizeof(*worker->closed));
    if (!ring_init(&worker->ring, &worker->bell) || !worker->closed)
        return error_set(error, -ENOMEM, "no memory for shard %u of %u", number, engine->count);
    int r = shard_new_among(settings->config, settings->lists, engine->common, engine->count,
                            alert_closed, worker, &worker->shard, error);
    if (r == 0 && settings->hooks.rows)
        r = shard_keep_history(worker->shard, rows_take, worker, error);
    if (r == 0 && settings->tell)
        shard_tell(worker->shard, settings->tell, settings->tell_arg);
    if (r == 0 && settings->watched)
        shard_watch(worker->shard, INT64_MAX);
    engine->shards[number] = worker->shard;
    if (r == 0 && settings->state &&
        !shard_load(worker->shard, &settings->state->parts[1 + number]))
        return state_unfit(error);
    return r;
}

static int workers_start(struct engine *engine, struct error *error)
{
    for (unsigned i = 0; i < engine->count; i++) {
        struct worker *worker = &engine->workers[i];
        int r = pthread_create(&worker->thread, NULL, worker_run, worker);
        if (r != 0)
            return error_set(error, -r, "cannot start a thread for shard %u: %s", i, strerror(r));
        worker->running = true;
    }
    return 0;
}

static int engine_open(struct engine *engine, struct error *error)
{
    const struct config *config = engine->settings.config;
    int r = 0;
    engine->common = common_new(config, engine->settings.lists, engine->count);
    engine->outbox = outbox_new(&engine->settings.hooks);
    engine->order = calloc((size_t)engine->count * engine->closed_max, sizeof(*engine->order));
    engine->net = shard_net_new(config, &engine->metrics, error);
    if (!engine->net)
        return -ENOMEM;
    if (!engine->common || !engine->outbox || !engine->order)
        return error_set(error, -ENOMEM, "no memory for %u shards", engine->count);
    if (engine->settings.state && !common_load(engine->common, &engine->settings.state->parts[0]))
        return state_unfit(error);
    for (unsigned i = 0; i < engine->count && r == 0; i++)
        r = worker_open(engine, i, error);
    return r == 0 ? workers_start(engine, error) : r;
}

static void traffic_settle(struct engine *engine, const struct config *config)
{
    engine->ports = (struct dns_ports){0};
    dns_ports_set(&engine->ports, config->capture.ports.items, config->capture.ports.count);
}

int engine_new(const struct engine_config *config, struct engine **ret_engine, struct error *error)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    if (!engine)
        return error_set(error, -ENOMEM, "no memory for an engine");
    engine->settings = *config;
    engine->count = config->shards ? config->shards : engine_shards(config->config);
    engine->closed_max = config->config->alerts.open_max / engine->count + CLOSED_SPARE;
    engine->epochs = epochs_of((int64_t)config->config->epochs.length_s * NS_PER_S,
                               (int64_t)config->config->transactions.timeout_ms * NS_PER_MS);
    traffic_settle(engine, config->config);
    bell_init(&engine->bell);
    published_init(&engine->published);
    bell_init(&engine->meeting);
    int r = engine_open(engine, error);
    if (r < 0) {
        engine_free(engine);
        return r;
    }
    *ret_engine = engine;
    return 0;
}

/* The batch that the next message of this shard goes into. */
static struct batch *worker_batch(struct worker *worker)
{
    if (!worker->filling) {
        worker->filling = ring_next(&worker->ring);
        batch_begin(worker->filling, BATCH_TRAFFIC, 0);
    }
    return worker->filling;
}

static void worker_flush(struct worker *worker)
{
    if (!worker->filling)
        return;
    worker->filling = NULL;
    ring_push(&worker->ring);
}

/* Puts a batch without messages into every ring. */
static void tell_all(struct engine *engine, enum batch_kind kind, int64_t time_ns)
{
    for (unsigned i = 0; i < engine->count; i++) {
        struct worker *worker = &engine->workers[i];
        if (!worker->running)
            continue;
        worker_flush(worker);
        batch_begin(ring_next(&worker->ring), kind, time_ns);
        ring_push(&worker->ring);
    }
}

void engine_time(struct engine *engine, int64_t now_ns)
{
    int64_t edge_ns;
    if (now_ns > engine->now_ns)
        engine->now_ns = now_ns;
    while (epochs_due(&engine->epochs, now_ns, &edge_ns))
        tell_all(engine, BATCH_EDGE, edge_ns);
}

void engine_packet(struct engine *engine, const struct packet *packet)
{
    engine_time(engine, packet->time_ns);
    bool to_server = packet_goes_to_server(&engine->ports, packet);
    const struct addr *client = to_server ? &packet->src : &packet->dst;
    struct worker *worker = &engine->workers[shard_of(client, engine->count)];
    if (batch_add(worker_batch(worker), packet))
        return;
    worker_flush(worker);
    bool added = batch_add(worker_batch(worker), packet);
    assert(added);
}

/* A net_packet_fn. */
static void packet_take(void *arg, const struct packet *packet)
{
    engine_packet(arg, packet);
}

void engine_frames(struct engine *engine, const struct frame *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        net_frame(engine->net, &frames[i], packet_take, engine);
    engine_serve(engine);
}

void engine_messages(struct engine *engine, const struct packet *packets, size_t count)
{
    engine->metrics.value[METRIC_MESSAGES_IN] += count;
    for (size_t i = 0; i < count; i++)
        engine_packet(engine, &packets[i]);
    engine_serve(engine);
}

void engine_flush(struct engine *engine)
{
    for (unsigned i = 0; i < engine->count; i++)
        worker_flush(&engine->workers[i]);
    published_set(&engine->published, &engine->metrics);
}

static void canary_send(struct engine *engine, struct canary *canary)
{
    const uint16_t port = engine->settings.config->capture.ports.items[0];
    struct canary_flight flight;
    /* Without the detector that finds it, it could only be missed. */
    if (!engine->settings.config->detectors.of[DETECTOR_THREAT_INTEL].enabled ||
        !canary_start(canary, clock_now_ns()))
        return;
    for (unsigned i = 0; i < engine->count; i++) {
        canary_fly(canary, i, port, engine->now_ns, &flight);
        engine->metrics.value[METRIC_MESSAGES_IN] += CANARY_MESSAGES;
        engine->metrics.value[METRIC_CANARY_MESSAGES] += CANARY_MESSAGES;
        for (unsigned k = 0; k < CANARY_MESSAGES; k++)
            engine_packet(engine, &flight.packets[k]);
    }
    engine_flush(engine);
}

/* Waits until the request is done: by then nothing of the engine's own changes, either. */
void engine_serve(struct engine *engine)
{
    struct canary *canary = engine->now_ns ? atomic_exchange(&engine->canary, NULL) : NULL;
    if (canary)
        canary_send(engine, canary);
    if (!atomic_exchange(&engine->asked, false))
        return;
    pthread_mutex_lock(&engine->bell.lock);
    uint64_t served = engine->served;
    pthread_mutex_unlock(&engine->bell.lock);
    tell_all(engine, BATCH_STILL, 0);
    pthread_mutex_lock(&engine->bell.lock);
    while (engine->served == served)
        pulse_wait(&engine->bell.rung, &engine->bell.lock);
    pthread_mutex_unlock(&engine->bell.lock);
}

bool engine_is_asked(const struct engine *engine)
{
    return atomic_load(&engine->asked) || (engine->now_ns && atomic_load(&engine->canary));
}

void engine_canary(struct engine *engine, struct canary *canary)
{
    atomic_store(&engine->canary, canary);
    bell_ring(&engine->bell);
}

struct outbox *engine_outbox(struct engine *engine)
{
    return engine->outbox;
}

unsigned engine_depth(const struct engine *engine, unsigned shard)
{
    return shard < engine->count ? ring_depth(&engine->workers[shard].ring) : 0;
}

struct bell *engine_bell(struct engine *engine)
{
    return &engine->bell;
}

int engine_still(struct engine *engine, engine_still_fn still, void *arg, struct error *error)
{
    struct request request = {.still = still, .arg = arg, .error = error};
    pthread_mutex_lock(&engine->bell.lock);
    while (engine->request && !engine->closed)
        pulse_wait(&engine->bell.rung, &engine->bell.lock);
    if (engine->closed) {
        pthread_mutex_unlock(&engine->bell.lock);
        return error_set(error, -ECANCELED, "the traffic is over");
    }
    engine->request = &request;
    atomic_store(&engine->asked, true);
    pthread_cond_broadcast(&engine->bell.rung);
    while (!request.done)
        pulse_wait(&engine->bell.rung, &engine->bell.lock);
    pthread_mutex_unlock(&engine->bell.lock);
    return request.result;
}

/* What engine_keep() gathers. */
struct keeping {
    unsigned count;
    struct buf parts[1 + SHARDS_MAX];
};

/* An engine_still_fn. */
static int keep_still(void *arg, struct common *common, struct shard *const shards[],
                      unsigned count, struct error *error)
{
    struct keeping *keeping = arg;
    (void)error;
    keeping->count = 1 + count;
    common_save(common, &keeping->parts[0]);
    for (unsigned i = 0; i < count; i++)
        shard_save(shards[i], &keeping->parts[1 + i]);
    return 0;
}

int engine_keep(struct engine *engine, struct error *error)
{
    const struct config *config = engine->settings.config;
    struct keeping keeping = {0};
    char *path = state_path(config);
    for (unsigned i = 0; i <= SHARDS_MAX; i++)
        buf_init(&keeping.parts[i], STATE_PART_BYTES_MAX);
    int r = path ? engine_still(engine, keep_still, &keeping, error)
                 : error_set(error, -ENOMEM, "no memory for a path");
    if (r == 0)
        r = state_write(path, config, keeping.parts, keeping.count, clock_now_ns(), error);
    for (unsigned i = 0; i <= SHARDS_MAX; i++)
        buf_done(&keeping.parts[i]);
    free(path);
    return r;
}

/* What engine_reload() changes over to. */
struct reload {
    struct engine *engine;
    const struct config *config;
    const struct lists *lists;
};

/* An engine_still_fn. First all that can fail, for every shard; then the change. */
static int reload_still(void *arg, struct common *common, struct shard *const shards[],
                        unsigned count, struct error *error)
{
    const struct reload *reload = arg;
    struct shard_reload *prepared[SHARDS_MAX] = {0};
    struct suffix_cache *suffixes = suffix_cache_new(reload->lists->suffixes);
    bool good = suffixes;
    for (unsigned i = 0; i < count && good; i++)
        good = (prepared[i] = shard_reload_prepare(shards[i], reload->config, reload->lists));
    for (unsigned i = 0; i < count; i++) {
        if (good)
            shard_reload(shards[i], prepared[i]);
        shard_reload_free(prepared[i]);
    }
    if (!good) {
        suffix_cache_free(suffixes);
        return error_set(error, -ENOMEM, "no memory for another configuration; the old one stays");
    }
    common_reload(common, reload->config, suffixes);
    reload->engine->settings.config = reload->config;
    traffic_settle(reload->engine, reload->config);
    return 0;
}

int engine_reload(struct engine *engine, const struct config *config, const struct lists *lists,
                  struct error *error)
{
    struct reload reload = {engine, config, lists};
    return engine_still(engine, reload_still, &reload, error);
}

/* Nobody can ask for stillness any more; who has asked, gets it. */
static void requests_close(struct engine *engine)
{
    pthread_mutex_lock(&engine->bell.lock);
    engine->closed = true;
    pthread_cond_broadcast(&engine->bell.rung);
    pthread_mutex_unlock(&engine->bell.lock);
    engine_serve(engine);
}

static void workers_join(struct engine *engine, enum batch_kind last)
{
    tell_all(engine, last, engine->epochs.next_ns);
    for (unsigned i = 0; i < engine->count; i++)
        if (engine->workers[i].running)
            pthread_join(engine->workers[i].thread, NULL);
    for (unsigned i = 0; i < engine->count; i++)
        engine->workers[i].running = false;
}

void engine_finish(struct engine *engine)
{
    requests_close(engine);
    net_finish(engine->net);
    workers_join(engine, BATCH_END);
    published_set(&engine->published, &engine->metrics);
    outbox_settle(engine->outbox);
}

void engine_metrics(struct engine *engine, struct metrics *ret_metrics)
{
    *ret_metrics = (struct metrics){0};
    published_add(&engine->published, ret_metrics);
    for (unsigned i = 0; i < engine->count; i++)
        published_add(&engine->workers[i].published, ret_metrics);
}

static void worker_done(struct worker *worker)
{
    if (!worker->engine)
        return;
    shard_free(worker->shard);
    ring_done(&worker->ring);
    bell_done(&worker->bell);
    published_done(&worker->published);
    free(worker->closed);
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    workers_join(engine, BATCH_QUIT);
    outbox_free(engine->outbox);
    for (unsigned i = 0; i < engine->count; i++)
        worker_done(&engine->workers[i]);
    common_free(engine->common);
    net_free(engine->net);
    bell_done(&engine->meeting);
    bell_done(&engine->bell);
    published_done(&engine->published);
    free(engine->order);
    free(engine);
}
