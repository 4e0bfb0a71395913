/* export_run.c - the exports of a configuration over a store, without an engine: for tests that
 * bring the other side
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: export_run CONFIG. Reads commands, a line each, and ends with its standard input:
 *     put FROM COUNT TIMES   stores alerts FROM … FROM + COUNT - 1 of tests/support/alert_build.h,
 * seen TIMES more often than at first; prints "put COUNT" names                  stores alerts
 * about all hostile names; prints "put COUNT" backfill NAME          has that export send
 * everything once more; prints "asked" state NAME             prints how far it has come, as one
 * JSON object */
#include "alert_build.h"
#include "alert_gallery.h"
#include "base/hash.h"
#include "base/json.h"
#include "export/exporter.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPORTS_MAX = 16 };

static struct bench {
    pthread_mutex_t lock; /* who writes the store */
    struct store *store;
    struct config *config;
    struct sink *sinks[EXPORTS_MAX];
    struct exporter *exporters[EXPORTS_MAX];
    pthread_t threads[EXPORTS_MAX];
} bench = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void fail(const struct error *error)
{
    fprintf(stderr, "%s\n", error->text);
    exit(1);
}

/* A store_writer's: one thread at a time. */
static int write_locked(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    (void)arg;
    pthread_mutex_lock(&bench.lock);
    int r = fn(fn_arg, bench.store, error);
    pthread_mutex_unlock(&bench.lock);
    return r;
}

/* A store_write_fn. */
static int alert_put(void *arg, struct store *store, struct error *error)
{
    const struct alert *alert = arg;
    struct store_put_result result;
    return store_put(store, &alert, 1, &result, error);
}

static void put(const struct alert *alert)
{
    struct error error;
    if (write_locked(NULL, alert_put, (void *)alert, &error) < 0)
        fail(&error);
}

static void put_many(unsigned from, unsigned count, unsigned times)
{
    static struct alert alert;
    for (unsigned i = from; i < from + count; i++) {
        alert_build(&alert, i);
        alert.count += times;
        put(&alert);
    }
    printf("put %u\n", count);
}

static void put_names(void)
{
    static struct alert alert;
    for (unsigned i = 0; i < GALLERY_NAMES; i++) {
        alert_about_name(&alert, i);
        put(&alert);
    }
    printf("put %u\n", GALLERY_NAMES);
}

/* A store_write_fn. */
static int backfill_ask(void *arg, struct store *store, struct error *error)
{
    return exports_ask(store, arg, EXPORT_JOB_BACKFILL, 0, "user:test", error);
}

static void backfill(char *name)
{
    struct error error;
    if (write_locked(NULL, backfill_ask, name, &error) < 0)
        fail(&error);
    printf("asked\n");
}

static void vitals_print(const struct exporter_vitals *vitals)
{
    struct buf line;
    buf_init(&line, 4096);
    struct json json = json_writer(&line);
    const struct export_state *state = &vitals->state;
    json_object_begin(&json);
    json_pair_int(&json, "changes", (int64_t)state->changes);
    json_pair_int(&json, "taken", (int64_t)state->taken);
    json_pair_int(&json, "skipped", (int64_t)state->skipped);
    json_pair_int(&json, "dead", (int64_t)state->dead);
    json_pair_int(&json, "pending", (int64_t)state->pending);
    json_pair_int(&json, "job_taken", (int64_t)state->job_taken);
    json_pair_int(&json, "retries", (int64_t)vitals->retries);
    json_pair_int(&json, "failing", vitals->failing);
    json_pair(&json, "failure", state->failure);
    json_object_end(&json);
    printf("%s\n", line.data);
    buf_done(&line);
}

/* What the store knows, which may be newer than what the exporter last looked at. */
static void state(const char *name)
{
    const struct config_export *items = bench.config->exports.items;
    for (unsigned i = 0; i < bench.config->exports.count; i++) {
        struct exporter_vitals vitals;
        struct error error;
        if (strcmp(items[i].name, name) != 0 || !bench.exporters[i])
            continue;
        exporter_vitals(bench.exporters[i], &vitals);
        pthread_mutex_lock(&bench.lock);
        exports_state(bench.store, name, &vitals.state, &error);
        pthread_mutex_unlock(&bench.lock);
        vitals_print(&vitals);
    }
}

static void *run(void *exporter)
{
    exporter_run(exporter);
    return NULL;
}

static void begin(unsigned i)
{
    const struct config_export *config = &bench.config->exports.items[i];
    const struct store_writer writer = {write_locked, NULL};
    struct error error;
    if (!config->enabled)
        return;
    bench.sinks[i] = sink_open(config, &error);
    if (!bench.sinks[i])
        fail(&error);
    const struct exporter_config exporter = {.export = config,
                                             .console_url = "",
                                             .store_path = bench.config->store.path,
                                             .writer = writer};
    if (exporter_new(&exporter, bench.sinks[i], &bench.exporters[i], &error) < 0 ||
        exporter_begin(bench.exporters[i], &error) < 0)
        fail(&error);
    if (pthread_create(&bench.threads[i], NULL, run, bench.exporters[i]) != 0)
        exit(1);
}

static void end(unsigned i)
{
    if (!bench.exporters[i])
        return;
    exporter_stop(bench.exporters[i]);
    pthread_join(bench.threads[i], NULL);
    exporter_free(bench.exporters[i]);
    sink_close(bench.sinks[i]);
}

static void obey(const char *line)
{
    unsigned from, count, times;
    char name[EXPORT_NAME_MAX];
    if (sscanf(line, "put %u %u %u", &from, &count, &times) == 3)
        put_many(from, count, times);
    else if (sscanf(line, "backfill %63s", name) == 1)
        backfill(name);
    else if (sscanf(line, "state %63s", name) == 1)
        state(name);
    else if (strcmp(line, "names\n") == 0)
        put_names();
    else
        printf("unknown command\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct error error;
    char line[256];
    if (argc != 2)
        return 2;
    hash_seed_init();
    signal(SIGPIPE, SIG_IGN);
    if (config_load(argv[1], &bench.config, &error) < 0 ||
        store_open(bench.config->store.path, STORE_WRITE, NULL, &bench.store, &error) < 0)
        fail(&error);
    unsigned count = bench.config->exports.count;
    if (count > EXPORTS_MAX)
        return 2;
    for (unsigned i = 0; i < count; i++)
        begin(i);
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin))
        obey(line);
    for (unsigned i = 0; i < count; i++)
        end(i);
    store_close(bench.store, &error);
    config_free(bench.config);
    return 0;
}
