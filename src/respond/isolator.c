/* isolator.c - isolations applied and undone one after another, on a thread of its own
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/isolator.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/pulse.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct wish {
    uint64_t id;
    bool undo;
    char actor[ISOLATION_ACTOR_MAX];
};

struct isolator {
    struct config_networks own;
    struct job_runner runner;
    struct store *store; /* of the thread */
    struct store_writer writer;
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t rung;
    const struct config *config; /* our reference */
    bool stop;
    unsigned count; /* the first one is being carried out */
    struct wish wishes[ISOLATOR_WAITING_MAX];
};

static void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int isolator_open(const struct config *config, struct job_runner runner,
                  struct isolator **ret_isolator, struct error *error)
{
    struct isolator *isolator = calloc(1, sizeof(*isolator));
    if (!isolator)
        return error_set(error, -ENOMEM, "no memory for isolations");
    isolator->runner = runner;
    int r = isolation_own_addresses(&isolator->own, error);
    if (r < 0) {
        free(isolator);
        return r;
    }
    pthread_mutex_init(&isolator->lock, NULL);
    condition_init(&isolator->rung);
    isolator->config = config_ref(config);
    *ret_isolator = isolator;
    return 0;
}

void isolator_change(struct isolator *isolator, const struct config *config)
{
    pthread_mutex_lock(&isolator->lock);
    config_unref(isolator->config);
    isolator->config = config_ref(config);
    pthread_mutex_unlock(&isolator->lock);
}

/* For config_unref(): it may be replaced at any time. */
static const struct config *config_take(struct isolator *isolator)
{
    pthread_mutex_lock(&isolator->lock);
    const struct config *config = config_ref(isolator->config);
    pthread_mutex_unlock(&isolator->lock);
    return config;
}

struct isolation_desk isolator_desk(const struct isolator *isolator, const struct config *config,
                                    struct store *store, struct store_writer writer,
                                    const char *actor)
{
    return (struct isolation_desk){.config = config,
                                   .own = &isolator->own,
                                   .store = store,
                                   .writer = writer,
                                   .runner = isolator->runner,
                                   .actor = actor};
}

static void wish_fulfil(struct isolator *isolator, const struct wish *wish)
{
    struct error error;
    const struct config *config = config_take(isolator);
    const struct isolation_desk desk =
        isolator_desk(isolator, config, isolator->store, isolator->writer, wish->actor);
    int r = wish->undo ? isolation_undo(&desk, wish->id, &error)
                       : isolation_apply(&desk, wish->id, &error);
    if (r < 0)
        log_error("isolation %" PRIu64 ": %s", wish->id, error.text);
    config_unref(config);
}

/* What fails is told when the reason changes. */
static void sweep(struct isolator *isolator, struct error *told)
{
    struct error error = {""};
    size_t expired = 0;
    const struct config *config = config_take(isolator);
    const struct isolation_desk desk =
        isolator_desk(isolator, config, isolator->store, isolator->writer, "dnsvigil");
    int r = isolation_sweep(&desk, clock_now_ns(), &expired, &error);
    config_unref(config);
    if (expired)
        log_info("%zu isolations have expired", expired);
    if (r < 0 && strcmp(error.text, told->text) != 0)
        log_error("isolation: %s", error.text);
    *told = error;
}

static int64_t monotonic_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* The lock is held; it is let go meanwhile. */
static void first_fulfil(struct isolator *isolator)
{
    const struct wish wish = isolator->wishes[0];
    pthread_mutex_unlock(&isolator->lock);
    pulse_pause();
    wish_fulfil(isolator, &wish);
    pulse_beat();
    pthread_mutex_lock(&isolator->lock);
    isolator->count--;
    memmove(isolator->wishes, isolator->wishes + 1, isolator->count * sizeof(wish));
}

static void *isolator_run(void *arg)
{
    struct isolator *isolator = arg;
    struct error told = {""};
    int64_t due_s = 0;
    pulse_begin("isolator");
    pthread_mutex_lock(&isolator->lock);
    while (!isolator->stop) {
        if (isolator->count) {
            first_fulfil(isolator);
            continue;
        }
        if (monotonic_s() < due_s) {
            pulse_wait(&isolator->rung, &isolator->lock);
            continue;
        }
        pthread_mutex_unlock(&isolator->lock);
        pulse_pause();
        sweep(isolator, &told);
        pulse_beat();
        due_s = monotonic_s() + ISOLATOR_SWEEP_S;
        pthread_mutex_lock(&isolator->lock);
    }
    pthread_mutex_unlock(&isolator->lock);
    pulse_end();
    return NULL;
}

int isolator_start(struct isolator *isolator, const char *store_path, struct store_writer writer,
                   struct error *error)
{
    int r = store_open(store_path, STORE_READ, NULL, &isolator->store, error);
    if (r < 0)
        return r;
    isolator->writer = writer;
    r = pthread_create(&isolator->thread, NULL, isolator_run, isolator);
    isolator->runs = r == 0;
    return r == 0 ? 0
                  : error_set(error, -r, "cannot start a thread for isolations: %s", strerror(r));
}

void isolator_stop(struct isolator *isolator)
{
    if (!isolator->runs)
        return;
    pthread_mutex_lock(&isolator->lock);
    isolator->stop = true;
    pthread_cond_broadcast(&isolator->rung);
    pthread_mutex_unlock(&isolator->lock);
    pthread_join(isolator->thread, NULL);
    isolator->runs = false;
}

void isolator_close(struct isolator *isolator)
{
    struct error error;
    if (!isolator)
        return;
    isolator_stop(isolator);
    store_close(isolator->store, &error);
    config_unref(isolator->config);
    pthread_cond_destroy(&isolator->rung);
    pthread_mutex_destroy(&isolator->lock);
    free(isolator->own.items);
    free(isolator);
}

/* The lock is held. */
static bool waits(const struct isolator *isolator, uint64_t id)
{
    for (unsigned i = 0; i < isolator->count; i++)
        if (isolator->wishes[i].id == id)
            return true;
    return false;
}

static int wish_put(struct isolator *isolator, const struct wish *wish, struct error *error)
{
    int r = 0;
    pthread_mutex_lock(&isolator->lock);
    if (waits(isolator, wish->id))
        r = error_set(error, -EALREADY, "isolation %" PRIu64 " is being changed just now",
                      wish->id);
    else if (isolator->count == ISOLATOR_WAITING_MAX)
        r = error_set(error, -EAGAIN, "too many isolations wait; try again in a minute");
    else
        isolator->wishes[isolator->count++] = *wish;
    pthread_cond_signal(&isolator->rung);
    pthread_mutex_unlock(&isolator->lock);
    return r;
}

int isolator_ask(struct isolator *isolator, const struct isolation_desk *desk, uint64_t id,
                 bool undo, struct error *error)
{
    struct wish wish = {.id = id, .undo = undo};
    if (!isolator->runs)
        return undo ? isolation_undo(desk, id, error) : isolation_apply(desk, id, error);
    int r = isolation_check_state(desk, id, undo, error);
    if (r < 0)
        return r;
    snprintf(wish.actor, sizeof(wish.actor), "%s", desk->actor);
    return wish_put(isolator, &wish, error);
}

bool isolator_is_busy(struct isolator *isolator, uint64_t id)
{
    pthread_mutex_lock(&isolator->lock);
    bool busy = waits(isolator, id);
    pthread_mutex_unlock(&isolator->lock);
    return busy;
}
