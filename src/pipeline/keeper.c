/* keeper.c - the hooks of an outbox that keep alerts and history in a store
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/keeper.h"

#include "intel/inventory.h"
#include "store/history.h"

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

static void failure_note(struct keeper *keeper, int r, const struct error *error)
{
    if (r == 0 || atomic_load(&keeper->failure))
        return;
    keeper->error = *error;
    atomic_store(&keeper->failure, r);
}

static void pending_put(void *arg)
{
    struct keeper *keeper = arg;
    const struct alert *alerts[KEEPER_ALERTS];
    struct store_put_result result = {0};
    struct error error;
    for (unsigned i = 0; i < keeper->count; i++)
        alerts[i] = &keeper->pending[i];
    if (keeper->count && !atomic_load(&keeper->failure))
        failure_note(keeper, store_put(keeper->store, alerts, keeper->count, &result, &error),
                     &error);
    keeper->stored.inserted += result.inserted;
    keeper->stored.updated += result.updated;
    keeper->stored.unchanged += result.unchanged;
    keeper->count = 0;
}

static void alert_keep(void *arg, const struct alert *alert, bool open)
{
    struct keeper *keeper = arg;
    (void)open;
    keeper->pending[keeper->count] = *alert;
    pthread_mutex_lock(&keeper->lock);
    inventory_refresh(keeper->inventory);
    inventory_describe(keeper->inventory, &keeper->pending[keeper->count++]);
    pthread_mutex_unlock(&keeper->lock);
    if (keeper->count == KEEPER_ALERTS)
        pending_put(keeper);
}

static void rows_keep(void *arg, const struct history_row *const rows[], size_t count)
{
    struct keeper *keeper = arg;
    struct history_limits limits;
    struct error error;
    pthread_mutex_lock(&keeper->lock);
    limits.days = (unsigned)keeper->config->history.days;
    limits.rows_max = (uint64_t)keeper->config->history.rows_max;
    pthread_mutex_unlock(&keeper->lock);
    if (!atomic_load(&keeper->failure))
        failure_note(keeper, history_put(keeper->store, rows, count, &limits, &error), &error);
}

struct outbox_hooks keeper_hooks(struct keeper *keeper)
{
    return (struct outbox_hooks){
        .arg = keeper,
        .alert = alert_keep,
        .rows = keeper->config->history.days > 0 ? rows_keep : NULL,
        .rest = pending_put,
    };
}
