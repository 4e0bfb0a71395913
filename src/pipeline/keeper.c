/* keeper.c - the hooks of an outbox that keep alerts and history in a store
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/keeper.h"

#include "base/clock.h"
#include "base/log.h"
#include "intel/inventory.h"
#include "store/changes.h"
#include "store/history.h"

#include <errno.h>

static const int64_t ns_per_day = 86400 * NS_PER_S;
/* Changes are kept so long for browsers that were away; others keep their place. */
static const int64_t changes_kept_ns = 3600 * NS_PER_S;

void keeper_init(struct keeper *keeper, struct store *store, const struct config *config,
                 const struct lists *lists)
{
    *keeper = (struct keeper){.store = store, .config = config, .inventory = lists->inventory};
    pthread_mutex_init(&keeper->lock, NULL);
}

void keeper_done(struct keeper *keeper)
{
    pthread_mutex_destroy(&keeper->lock);
}

void keeper_change(struct keeper *keeper, const struct config *config, const struct lists *lists)
{
    pthread_mutex_lock(&keeper->lock);
    keeper->config = config;
    keeper->inventory = lists->inventory;
    pthread_mutex_unlock(&keeper->lock);
}

bool keeper_is_failing(const struct keeper *keeper)
{
    return atomic_load(&keeper->failure) || atomic_load(&keeper->full);
}

void keeper_leave(struct keeper *keeper)
{
    atomic_store(&keeper->leaving_ns, clock_now_ns());
}

static bool is_patient(const struct keeper *keeper)
{
    int64_t leaving_ns = atomic_load(&keeper->leaving_ns);
    return leaving_ns == 0 || clock_now_ns() - leaving_ns < KEEPER_PATIENCE_S * NS_PER_S;
}

/* Notes how the store took something. */
static void outcome_note(struct keeper *keeper, int r, const struct error *error)
{
    if (r == 0) {
        atomic_store(&keeper->stored_ns, clock_now_ns());
        if (atomic_exchange(&keeper->full, false))
            log_info("the store takes alerts again");
        return;
    }
    if (r == -ENOSPC && is_patient(keeper)) {
        if (!atomic_exchange(&keeper->full, true))
            log_error("%s", error->text);
        return;
    }
    if (atomic_load(&keeper->failure))
        return;
    keeper->error = *error;
    atomic_store(&keeper->failure, r);
    if (keeper->failed)
        keeper->failed(keeper->failed_arg);
}

/* What it is configured to keep, as of now. */
static void limits_get(struct keeper *keeper, struct history_limits *ret_history,
                       int64_t *ret_before_ns)
{
    pthread_mutex_lock(&keeper->lock);
    const struct config *config = keeper->config;
    *ret_history = (struct history_limits){.days = (unsigned)config->history.days,
                                           .rows_max = (uint64_t)config->history.rows_max};
    *ret_before_ns = clock_now_ns() - config->store.retention_days * ns_per_day;
    pthread_mutex_unlock(&keeper->lock);
}

/* A store_write_fn. A transaction is made even where there is nothing to remove. */
static int tidy(void *arg, struct store *store, struct error *error)
{
    struct history_limits limits;
    int64_t before_ns;
    size_t deleted;
    limits_get(arg, &limits, &before_ns);
    int r = store_purge(store, before_ns, &deleted, error);
    if (r == 0)
        r = changes_trim(store, clock_now_ns() - changes_kept_ns, error);
    return r < 0 || limits.days == 0 ? r : history_put(store, NULL, 0, &limits, error);
}

int keeper_tidy(struct keeper *keeper, struct error *error)
{
    const struct store_writer writer = keeper_writer(keeper);
    return writer.write(writer.arg, tidy, keeper, error);
}

static void latencies_note(const struct keeper *keeper)
{
    int64_t now_ns = clock_now_ns();
    for (unsigned i = 0; i < keeper->count && keeper->latency; i++)
        if (keeper->pending[i].news == OUTBOX_OPENED)
            latency_note(keeper->latency, now_ns - keeper->pending[i].alert.end_ns);
}

/* False when there was no room. */
static bool pending_put(struct keeper *keeper)
{
    const struct alert *alerts[KEEPER_ALERTS];
    struct store_put_result result = {0};
    struct error error;
    for (unsigned i = 0; i < keeper->count; i++)
        alerts[i] = &keeper->pending[i].alert;
    if (keeper->count && !atomic_load(&keeper->failure)) {
        int r = store_put(keeper->store, alerts, keeper->count, &result, &error);
        outcome_note(keeper, r, &error);
        if (r == -ENOSPC && !atomic_load(&keeper->failure))
            return false;
        if (r == 0)
            latencies_note(keeper);
    }
    keeper->stored.inserted += result.inserted;
    keeper->stored.updated += result.updated;
    keeper->stored.unchanged += result.unchanged;
    keeper->count = 0;
    return true;
}

/* What the canary's alert is good for, besides coming: the store is written to. */
static void canary_take(struct keeper *keeper, const struct alert *alert)
{
    struct error error;
    if (!keeper->canary || !canary_is_awaited(keeper->canary, alert) ||
        atomic_load(&keeper->failure))
        return;
    int r = tidy(keeper, keeper->store, &error);
    outcome_note(keeper, r, &error);
    if (r == 0)
        canary_came(keeper->canary, alert, clock_now_ns());
}

static bool alert_keep(void *arg, const struct alert *alert, enum outbox_news news)
{
    struct keeper *keeper = arg;
    if (canary_is(alert)) {
        canary_take(keeper, alert);
        return true;
    }
    struct keeping *keeping = &keeper->pending[keeper->count++];
    keeping->news = news;
    keeping->alert = *alert;
    pthread_mutex_lock(&keeper->lock);
    inventory_refresh(keeper->inventory);
    inventory_describe(keeper->inventory, &keeping->alert);
    pthread_mutex_unlock(&keeper->lock);
    return keeper->count < KEEPER_ALERTS || pending_put(keeper);
}

/* An outbox's rest. A full disk may have room once what is past its time has gone. */
static bool pending_settle(void *arg)
{
    struct keeper *keeper = arg;
    struct error error;
    if (atomic_load(&keeper->full) && !atomic_load(&keeper->failure))
        tidy(keeper, keeper->store, &error);
    return pending_put(keeper);
}

static void rows_keep(void *arg, const struct history_row *const rows[], size_t count)
{
    struct keeper *keeper = arg;
    struct history_limits limits;
    struct error error;
    int64_t before_ns;
    limits_get(keeper, &limits, &before_ns);
    if (!atomic_load(&keeper->failure))
        outcome_note(keeper, history_put(keeper->store, rows, count, &limits, &error), &error);
}

struct outbox_hooks keeper_hooks(struct keeper *keeper)
{
    return (struct outbox_hooks){
        .arg = keeper,
        .alert = alert_keep,
        .rows = keeper->config->history.days > 0 ? rows_keep : NULL,
        .rest = pending_settle,
    };
}

struct writing {
    struct keeper *keeper;
    store_write_fn fn;
    void *arg;
};

/* An outbox_call_fn. */
static int writing_do(void *arg, struct error *error)
{
    const struct writing *writing = arg;
    struct keeper *keeper = writing->keeper;
    int failure = atomic_load(&keeper->failure);
    if (failure)
        return error_set(error, failure, "%s", keeper->error.text);
    return writing->fn(writing->arg, keeper->store, error);
}

static int writing_ask(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    struct keeper *keeper = arg;
    struct writing writing = {keeper, fn, fn_arg};
    return outbox_call(keeper->outbox, writing_do, &writing, error);
}

struct store_writer keeper_writer(struct keeper *keeper)
{
    return (struct store_writer){writing_ask, keeper};
}
