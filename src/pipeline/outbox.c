/* outbox.c - what shards hand on to the one thread that stores it
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/outbox.h"

#include "base/pulse.h"
#include "pipeline/ring.h"

#include <errno.h>
#include <stdlib.h>

enum { OUTBOX_ALERTS = 256 };

struct outgoing {
    enum outbox_news news;
    struct alert alert;
};

/* Somebody waits for it, on whose stack it is. */
struct call {
    outbox_call_fn fn;
    void *arg;
    struct error *error;
    int result;
    bool done;
};

struct outbox {
    struct outbox_hooks hooks;
    pthread_t thread;
    struct bell bell;        /* guards what follows; rung when something was put or taken */
    struct outgoing *alerts; /* [OUTBOX_ALERTS] */
    uint64_t put;
    uint64_t taken;
    uint64_t settled;                      /* of these, lasting */
    const struct history_row *const *rows; /* NULL: none wait */
    size_t row_count;
    struct call *calls[OUTBOX_CALLS];
    uint64_t called;
    uint64_t answered;
    bool stuck; /* what was taken could not be made lasting */
    bool closed;
    bool stopping;
};

/* With the lock held, which is let go meanwhile; so are the next three. */
static void alert_take(struct outbox *outbox)
{
    const struct outgoing *outgoing = &outbox->alerts[outbox->taken % OUTBOX_ALERTS];
    pthread_mutex_unlock(&outbox->bell.lock);
    bool kept = outbox->hooks.alert(outbox->hooks.arg, &outgoing->alert, outgoing->news);
    pthread_mutex_lock(&outbox->bell.lock);
    outbox->stuck = !kept;
    outbox->taken++;
}

static void rows_take(struct outbox *outbox)
{
    pthread_mutex_unlock(&outbox->bell.lock);
    outbox->hooks.rows(outbox->hooks.arg, outbox->rows, outbox->row_count);
    pthread_mutex_lock(&outbox->bell.lock);
    outbox->rows = NULL;
}

static void call_answer(struct outbox *outbox)
{
    struct call *call = outbox->calls[outbox->answered % OUTBOX_CALLS];
    pthread_mutex_unlock(&outbox->bell.lock);
    call->result = call->fn(call->arg, call->error);
    pthread_mutex_lock(&outbox->bell.lock);
    call->done = true;
    outbox->answered++;
}

static void rest(struct outbox *outbox)
{
    pthread_mutex_unlock(&outbox->bell.lock);
    bool kept = outbox->hooks.rest(outbox->hooks.arg);
    pthread_mutex_lock(&outbox->bell.lock);
    outbox->stuck = !kept;
    if (kept)
        outbox->settled = outbox->taken;
}

/* Does what is there to do of each kind, so that none holds up another; false when there is
 * nothing. */
static bool outbox_work(struct outbox *outbox)
{
    bool call = outbox->answered < outbox->called;
    bool alert = !outbox->stuck && outbox->taken < outbox->put;
    bool rows = !outbox->stuck && !alert && outbox->rows;
    if (call)
        call_answer(outbox);
    if (alert)
        alert_take(outbox);
    if (rows)
        rows_take(outbox);
    if (call || alert || rows)
        return true;
    if (outbox->stuck || outbox->settled == outbox->taken)
        return false;
    rest(outbox);
    return true;
}

static bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox->settled == outbox->put && !outbox->rows && outbox->answered == outbox->called;
}

static void *outbox_run(void *arg)
{
    struct outbox *outbox = arg;
    pulse_begin("writer");
    pthread_mutex_lock(&outbox->bell.lock);
    while (!outbox->stopping || !outbox_is_empty(outbox)) {
        pulse_beat();
        if (!outbox_work(outbox)) {
            pulse_wait(&outbox->bell.rung, &outbox->bell.lock);
            if (outbox->stuck)
                rest(outbox);
        }
        pthread_cond_broadcast(&outbox->bell.rung);
    }
    pthread_mutex_unlock(&outbox->bell.lock);
    pulse_end();
    return NULL;
}

struct outbox *outbox_new(const struct outbox_hooks *hooks)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));
    if (!outbox)
        return NULL;
    outbox->hooks = *hooks;
    outbox->alerts = calloc(OUTBOX_ALERTS, sizeof(*outbox->alerts));
    bell_init(&outbox->bell);
    if (outbox->alerts && pthread_create(&outbox->thread, NULL, outbox_run, outbox) == 0)
        return outbox;
    bell_done(&outbox->bell);
    free(outbox->alerts);
    free(outbox);
    return NULL;
}

void outbox_free(struct outbox *outbox)
{
    if (!outbox)
        return;
    pthread_mutex_lock(&outbox->bell.lock);
    outbox->closed = outbox->stopping = true;
    pthread_cond_broadcast(&outbox->bell.rung);
    pthread_mutex_unlock(&outbox->bell.lock);
    pthread_join(outbox->thread, NULL);
    bell_done(&outbox->bell);
    free(outbox->alerts);
    free(outbox);
}

void outbox_alert(struct outbox *outbox, const struct alert *alert, enum outbox_news news)
{
    pthread_mutex_lock(&outbox->bell.lock);
    while (outbox->put - outbox->taken == OUTBOX_ALERTS)
        pulse_wait(&outbox->bell.rung, &outbox->bell.lock);
    struct outgoing *outgoing = &outbox->alerts[outbox->put++ % OUTBOX_ALERTS];
    outgoing->news = news;
    outgoing->alert = *alert;
    pthread_cond_broadcast(&outbox->bell.rung);
    pthread_mutex_unlock(&outbox->bell.lock);
}

void outbox_rows(struct outbox *outbox, const struct history_row *const rows[], size_t count)
{
    pthread_mutex_lock(&outbox->bell.lock);
    while (outbox->rows)
        pulse_wait(&outbox->bell.rung, &outbox->bell.lock);
    outbox->rows = rows;
    outbox->row_count = count;
    pthread_cond_broadcast(&outbox->bell.rung);
    while (outbox->rows == rows)
        pulse_wait(&outbox->bell.rung, &outbox->bell.lock);
    pthread_mutex_unlock(&outbox->bell.lock);
}

int outbox_call(struct outbox *outbox, outbox_call_fn fn, void *arg, struct error *error)
{
    struct call call = {.fn = fn, .arg = arg, .error = error};
    int refused = 0;
    pthread_mutex_lock(&outbox->bell.lock);
    if (outbox->closed)
        refused = error_set(error, -ECANCELED, "the program is about to stop");
    else if (outbox->called - outbox->answered == OUTBOX_CALLS)
        refused = error_set(error, -EAGAIN, "too much waits to be written; try again later");
    else
        outbox->calls[outbox->called++ % OUTBOX_CALLS] = &call;
    pthread_cond_broadcast(&outbox->bell.rung);
    while (!refused && !call.done)
        pulse_wait(&outbox->bell.rung, &outbox->bell.lock);
    pthread_mutex_unlock(&outbox->bell.lock);
    return refused ? refused : call.result;
}

void outbox_close(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->bell.lock);
    outbox->closed = true;
    pthread_mutex_unlock(&outbox->bell.lock);
}

void outbox_settle(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->bell.lock);
    while (outbox->settled < outbox->put)
        pulse_wait(&outbox->bell.rung, &outbox->bell.lock);
    pthread_mutex_unlock(&outbox->bell.lock);
}

unsigned outbox_depth(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->bell.lock);
    uint64_t depth = outbox->put - outbox->taken + outbox->called - outbox->answered;
    pthread_mutex_unlock(&outbox->bell.lock);
    return (unsigned)depth;
}
