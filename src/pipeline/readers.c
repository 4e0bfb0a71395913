/* readers.c - reads any number of sources at once, each on a thread, and gives an engine all of it
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/readers.h"

#include "base/clock.h"
#include "base/pulse.h"
#include "pipeline/published.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { READ_MAX = 256, IDLE_WAIT_MS = 1000, IDLE_LAG_S = 2 };

struct reader {
    struct source *source;
    bool running;
    pthread_t thread;
    const atomic_bool *stopped;

    /* Of its thread. */
    struct net *net;
    struct metrics metrics;
    struct ring ring;
    struct batch *filling; /* NULL: none was begun */
    int result;            /* of the last read, and why */
    struct error error;
    struct published published;

    /* Of the thread that runs them. */
    const struct batch *front; /* NULL: nothing at hand */
    unsigned at;               /* of front's messages, the next */
    bool waits;                /* it is not waited for long */
    bool late;                 /* it was waited for in vain */
    bool over;
};

struct readers {
    struct engine *engine;
    atomic_bool stopped;
    struct bell *bell; /* the engine's */
    unsigned count;
    struct reader items[];
};

/* The batch that the next message goes into. */
static struct batch *reader_batch(struct reader *reader)
{
    if (!reader->filling) {
        reader->filling = ring_next(&reader->ring);
        batch_begin(reader->filling, BATCH_TRAFFIC, 0);
    }
    return reader->filling;
}

static void reader_flush(struct reader *reader)
{
    if (!reader->filling)
        return;
    reader->filling = NULL;
    ring_push(&reader->ring);
}

/* A net_packet_fn. */
static void message_put(void *arg, const struct packet *packet)
{
    struct reader *reader = arg;
    if (batch_add(reader_batch(reader), packet))
        return;
    reader_flush(reader);
    bool added = batch_add(reader_batch(reader), packet);
    assert(added);
}

static void reader_tell(struct reader *reader, enum batch_kind kind, int64_t time_ns)
{
    reader_flush(reader);
    batch_begin(ring_next(&reader->ring), kind, time_ns);
    ring_push(&reader->ring);
}

/* Reads once; what came has been handed on. */
static int reader_read(struct reader *reader)
{
    struct source *source = reader->source;
    struct frame frames[READ_MAX];
    struct packet packets[READ_MAX];
    if (source->ops->read) {
        int count = source->ops->read(source, frames, READ_MAX, &reader->error);
        for (int i = 0; i < count; i++)
            net_frame(reader->net, &frames[i], message_put, reader);
        return count;
    }
    int count = source->ops->read_messages(source, packets, READ_MAX, &reader->error);
    for (int i = 0; i < count; i++) {
        reader->metrics.value[METRIC_MESSAGES_IN]++;
        message_put(reader, &packets[i]);
    }
    return count;
}

/* The reader's own counters with those of its source. */
static void reader_publish(struct reader *reader)
{
    const struct source_ops *ops = reader->source->ops;
    struct metrics metrics = reader->metrics;
    struct source_losses losses;
    if (ops->metrics)
        metrics_add(&metrics, ops->metrics(reader->source));
    if (ops->losses) {
        ops->losses(reader->source, &losses);
        metrics.value[METRIC_FRAMES_LOST_KERNEL] += losses.kernel;
        metrics.value[METRIC_FRAMES_LOST_INTERFACE] += losses.interface;
    }
    published_set(&reader->published, &metrics);
}

static void *reader_run(void *arg)
{
    struct reader *reader = arg;
    pulse_begin("source %s", reader->source->label);
    for (;;) {
        pulse_beat();
        int count = atomic_load(reader->stopped) ? 0 : reader_read(reader);
        reader->result = count;
        if (count <= 0 && count != -EINTR && count != -EAGAIN)
            break;
        /* Only sources whose time is the clock's say that nothing comes. */
        if (count == -EAGAIN)
            reader_tell(reader, BATCH_TIME, clock_now_ns() - IDLE_LAG_S * NS_PER_S);
        if (reader->source->ops->stop)
            reader_flush(reader);
        reader_publish(reader);
    }
    net_finish(reader->net);
    reader_publish(reader);
    reader_tell(reader, BATCH_END, 0);
    pulse_end();
    return NULL;
}

struct readers *readers_new(const struct config *config, struct source *const sources[],
                            unsigned count, struct error *error)
{
    struct readers *readers = calloc(1, sizeof(*readers) + count * sizeof(*readers->items));
    if (!readers) {
        error_set(error, -ENOMEM, "no memory to read %u sources", count);
        return NULL;
    }
    readers->count = count;
    for (unsigned i = 0; i < count; i++) {
        struct reader *reader = &readers->items[i];
        reader->source = sources[i];
        reader->stopped = &readers->stopped;
        reader->waits = sources[i]->ops->stop;
        published_init(&reader->published);
        reader->net = shard_net_new(config, &reader->metrics, error);
        if (!reader->net) {
            readers_free(readers);
            return NULL;
        }
    }
    return readers;
}

void readers_free(struct readers *readers)
{
    if (!readers)
        return;
    for (unsigned i = 0; i < readers->count; i++) {
        if (!readers->items[i].source)
            continue;
        net_free(readers->items[i].net);
        ring_done(&readers->items[i].ring);
        published_done(&readers->items[i].published);
    }
    free(readers);
}

void readers_stop(struct readers *readers)
{
    atomic_store(&readers->stopped, true);
    for (unsigned i = 0; i < readers->count; i++)
        if (readers->items[i].source->ops->stop)
            readers->items[i].source->ops->stop(readers->items[i].source);
}

unsigned readers_count(const struct readers *readers)
{
    return readers->count;
}

void readers_metrics(struct readers *readers, unsigned reader, struct metrics *sum)
{
    published_add(&readers->items[reader].published, sum);
}

/* Brings the next batch of each source to the front, where there is one. */
static void fronts_look(struct readers *readers)
{
    for (unsigned i = 0; i < readers->count; i++) {
        struct reader *reader = &readers->items[i];
        if (reader->over || reader->front)
            continue;
        reader->front = ring_look(&reader->ring);
        reader->at = 0;
        reader->late &= !reader->front;
    }
}

static void front_drop(struct reader *reader)
{
    reader->late = reader->front->kind == BATCH_TIME; /* it is quiet, and says so */
    reader->front = NULL;
    ring_pop(&reader->ring);
}

/* When the next of it happened. A source that is over has nothing to wait for. */
static int64_t front_time(const struct reader *reader)
{
    const struct batch *batch = reader->front;
    if (batch->kind == BATCH_TRAFFIC)
        return batch->packets[reader->at].time_ns;
    return batch->kind == BATCH_TIME ? batch->time_ns : INT64_MIN;
}

/* The source whose next is the earliest, but for one; NULL when no other has anything. */
static struct reader *earliest(struct readers *readers, const struct reader *but)
{
    struct reader *first = NULL;
    for (unsigned i = 0; i < readers->count; i++) {
        struct reader *reader = &readers->items[i];
        if (reader != but && reader->front && (!first || front_time(reader) < front_time(first)))
            first = reader;
    }
    return first;
}

/* Gives the engine of this source's front what is not later than anything of the others. */
static void front_give(struct readers *readers, struct reader *reader)
{
    const struct batch *batch = reader->front;
    const struct reader *next = earliest(readers, reader);
    int64_t until_ns = next ? front_time(next) : INT64_MAX;
    switch (batch->kind) {
    case BATCH_TRAFFIC:
        do
            engine_packet(readers->engine, &batch->packets[reader->at++]);
        while (reader->at < batch->count && batch->packets[reader->at].time_ns <= until_ns);
        if (reader->at == batch->count)
            front_drop(reader);
        break;
    case BATCH_TIME:
        engine_time(readers->engine, batch->time_ns);
        front_drop(reader);
        break;
    default:
        reader->over = true;
        front_drop(reader);
        break;
    }
}

/* What is worth waiting for: nothing, a moment, or as long as it takes. */
enum patience { PATIENCE_NONE, PATIENCE_SHORT, PATIENCE_LONG };

static enum patience patience_with(struct readers *readers)
{
    enum patience patience = PATIENCE_NONE;
    for (unsigned i = 0; i < readers->count; i++) {
        struct reader *reader = &readers->items[i];
        if (reader->over || reader->front || reader->late)
            continue;
        if (!reader->waits)
            return PATIENCE_LONG;
        patience = PATIENCE_SHORT;
    }
    for (unsigned i = 0; i < readers->count && patience; i++)
        if (readers->items[i].front && ring_is_pressed(&readers->items[i].ring))
            return PATIENCE_NONE;
    return patience;
}

static bool has_news(const struct readers *readers)
{
    for (unsigned i = 0; i < readers->count; i++)
        if (!readers->items[i].over && !readers->items[i].front &&
            readers->items[i].ring.filled != readers->items[i].ring.drained)
            return true;
    return false;
}

/* Waits until a source gives something, somebody rings, or so much time is over. False then. */
static bool news_wait(struct readers *readers, int milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + milliseconds * NS_PER_MS;
    until.tv_sec += ns / NS_PER_S;
    until.tv_nsec = ns % NS_PER_S;
    pthread_mutex_lock(&readers->bell->lock);
    int r = 0;
    while (r == 0 && !has_news(readers) && !engine_is_asked(readers->engine))
        r = pthread_cond_timedwait(&readers->bell->rung, &readers->bell->lock, &until);
    pthread_mutex_unlock(&readers->bell->lock);
    return r == 0;
}

static void missing_leave(struct readers *readers)
{
    for (unsigned i = 0; i < readers->count; i++)
        readers->items[i].late |= readers->items[i].waits && !readers->items[i].front;
}

static bool all_over(const struct readers *readers)
{
    for (unsigned i = 0; i < readers->count; i++)
        if (!readers->items[i].over)
            return false;
    return true;
}

static void readers_merge(struct readers *readers)
{
    while (!all_over(readers)) {
        pulse_beat();
        engine_serve(readers->engine);
        fronts_look(readers);
        struct reader *first = earliest(readers, NULL);
        enum patience patience = first ? patience_with(readers) : PATIENCE_LONG;
        if (patience == PATIENCE_NONE) {
            front_give(readers, first);
            continue;
        }
        engine_flush(readers->engine);
        bool came = news_wait(readers, patience == PATIENCE_SHORT ? READERS_WAIT_MS : IDLE_WAIT_MS);
        if (!came && patience == PATIENCE_SHORT)
            missing_leave(readers);
    }
    engine_flush(readers->engine);
}

static int threads_start(struct readers *readers, struct error *error)
{
    for (unsigned i = 0; i < readers->count; i++) {
        struct reader *reader = &readers->items[i];
        if (!ring_init(&reader->ring, readers->bell))
            return error_set(error, -ENOMEM, "no memory to read %s", reader->source->label);
        int r = pthread_create(&reader->thread, NULL, reader_run, reader);
        if (r != 0)
            return error_set(error, -r, "cannot start a thread to read %s: %s",
                             reader->source->label, strerror(r));
        reader->running = true;
    }
    return 0;
}

int readers_run(struct readers *readers, struct engine *engine, readers_broken_fn broken, void *arg,
                struct error *error)
{
    readers->engine = engine;
    readers->bell = engine_bell(engine);
    pulse_begin("merger");
    int r = threads_start(readers, error);
    if (r < 0)
        readers_stop(readers);
    for (unsigned i = 0; i < readers->count; i++)
        readers->items[i].over = !readers->items[i].running;
    readers_merge(readers);
    for (unsigned i = 0; i < readers->count; i++) {
        struct reader *reader = &readers->items[i];
        if (!reader->running)
            continue;
        pthread_join(reader->thread, NULL);
        if (reader->result < 0)
            broken(arg, i, reader->result, &reader->error);
    }
    pulse_end();
    return r;
}
