/* outbox.c - what shards hand on to the one thread that stores it
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/outbox.h"

#include <pthread.h>
#include <stdlib.h>

enum { OUTBOX_ALERTS = 256 };

struct outgoing {
    bool open;
    struct alert alert;
};

struct outbox {
    struct outbox_hooks hooks;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;     /* there is something to take */
    pthread_cond_t less;     /* something was taken */
    struct outgoing *alerts; /* [OUTBOX_ALERTS] */
    uint64_t put;
    uint64_t taken;
    uint64_t settled;                      /* of these, lasting */
    const struct history_row *const *rows; /* NULL: none wait */
    size_t row_count;
    bool stopping;
};

/* With the lock held, which is let go meanwhile. */
static void alert_take(struct outbox *outbox)
{
    const struct outgoing *outgoing = &outbox->alerts[outbox->taken % OUTBOX_ALERTS];
    pthread_mutex_unlock(&outbox->lock);
    outbox->hooks.alert(outbox->hooks.arg, &outgoing->alert, outgoing->open);
    pthread_mutex_lock(&outbox->lock);
    outbox->taken++;
}

static void rows_take(struct outbox *outbox)
{
    pthread_mutex_unlock(&outbox->lock);
    outbox->hooks.rows(outbox->hooks.arg, outbox->rows, outbox->row_count);
    pthread_mutex_lock(&outbox->lock);
    outbox->rows = NULL;
}

static void rest(struct outbox *outbox)
{
    pthread_mutex_unlock(&outbox->lock);
    outbox->hooks.rest(outbox->hooks.arg);
    pthread_mutex_lock(&outbox->lock);
    outbox->settled = outbox->taken;
}

static void *outbox_run(void *arg)
{
    struct outbox *outbox = arg;
    pthread_mutex_lock(&outbox->lock);
    for (;;) {
        if (outbox->taken < outbox->put)
            alert_take(outbox);
        else if (outbox->rows)
            rows_take(outbox);
        else if (outbox->settled < outbox->taken)
            rest(outbox);
        else if (outbox->stopping)
            break;
        else
            pthread_cond_wait(&outbox->more, &outbox->lock);
        pthread_cond_broadcast(&outbox->less);
    }
    pthread_mutex_unlock(&outbox->lock);
    return NULL;
}

struct outbox *outbox_new(const struct outbox_hooks *hooks)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));
    if (!outbox)
        return NULL;
    outbox->hooks = *hooks;
    outbox->alerts = calloc(OUTBOX_ALERTS, sizeof(*outbox->alerts));
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_cond_init(&outbox->more, NULL);
    pthread_cond_init(&outbox->less, NULL);
    if (outbox->alerts && pthread_create(&outbox->thread, NULL, outbox_run, outbox) == 0)
        return outbox;
    free(outbox->alerts);
    free(outbox);
    return NULL;
}

void outbox_free(struct outbox *outbox)
{
    if (!outbox)
        return;
    pthread_mutex_lock(&outbox->lock);
    outbox->stopping = true;
    pthread_cond_signal(&outbox->more);
    pthread_mutex_unlock(&outbox->lock);
    pthread_join(outbox->thread, NULL);
    pthread_mutex_destroy(&outbox->lock);
    pthread_cond_destroy(&outbox->more);
    pthread_cond_destroy(&outbox->less);
    free(outbox->alerts);
    free(outbox);
}

void outbox_alert(struct outbox *outbox, const struct alert *alert, bool open)
{
    pthread_mutex_lock(&outbox->lock);
    while (outbox->put - outbox->taken == OUTBOX_ALERTS)
        pthread_cond_wait(&outbox->less, &outbox->lock);
    struct outgoing *outgoing = &outbox->alerts[outbox->put++ % OUTBOX_ALERTS];
    outgoing->open = open;
    outgoing->alert = *alert;
    pthread_cond_signal(&outbox->more);
    pthread_mutex_unlock(&outbox->lock);
}

void outbox_rows(struct outbox *outbox, const struct history_row *const rows[], size_t count)
{
    pthread_mutex_lock(&outbox->lock);
    while (outbox->rows)
        pthread_cond_wait(&outbox->less, &outbox->lock);
    outbox->rows = rows;
    outbox->row_count = count;
    pthread_cond_signal(&outbox->more);
    while (outbox->rows == rows)
        pthread_cond_wait(&outbox->less, &outbox->lock);
    pthread_mutex_unlock(&outbox->lock);
}

void outbox_settle(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    while (outbox->settled < outbox->put)
        pthread_cond_wait(&outbox->less, &outbox->lock);
    pthread_mutex_unlock(&outbox->lock);
}
