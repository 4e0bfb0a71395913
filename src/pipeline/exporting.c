/* exporting.c - runs the exports of a configuration, each on a thread of its own
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/exporting.h"

#include "base/clock.h"
#include "base/pulse.h"
#include "export/exporter.h"
#include "export/filter.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXPORTS_MAX = VITALS_EXPORTS_MAX };

/* One export with a configuration of its own, which outlives that of the program. */
struct running {
    char *text; /* of that configuration: the same text, the same export */
    struct config *config;
    struct sink *sink;
    struct exporter *exporter; /* NULL until it is started */
    pthread_t thread;
    bool has_thread;
};

struct set {
    struct running *items[EXPORTS_MAX];
    unsigned count;
};

struct exporting {
    char *store_path; /* NULL until it is started */
    struct store_writer writer;
    pthread_mutex_t changing; /* held by who starts and ends threads */
    pthread_mutex_t lock;     /* guards the set against who looks */
    struct set set;
    struct set next; /* what exporting_prepare() has made, with those that stay */
    bool stopped;    /* under `changing`: nothing is started any more */
};

static const struct config_export *export_of(const struct running *running)
{
    return &running->config->exports.items[0];
}

/* Everything there is to know of one export, as a configuration with nothing else in it. */
static char *export_text(const struct config *config, const struct config_export *export)
{
    struct config *empty;
    struct error error;
    struct buf text;
    if (config_load_text("export", "", 0, &empty, &error) < 0)
        return NULL;
    struct config alone = *empty;
    alone.exports = (struct config_export_list){(struct config_export *)export, 1};
    alone.response.public_url = config->response.public_url;
    buf_init(&text, CONFIG_FILE_BYTES_MAX);
    config_dump(&alone, &text);
    config_free(empty);
    if (!text.overflow)
        return text.data;
    buf_done(&text);
    return NULL;
}

static void running_free(struct running *running)
{
    if (!running)
        return;
    exporter_free(running->exporter);
    sink_close(running->sink);
    config_free(running->config);
    free(running->text);
    free(running);
}

/* Takes `text` over. */
static int running_new(char *text, struct running **ret_running, struct error *error)
{
    struct export_filter *filter = NULL;
    struct running *running = calloc(1, sizeof(*running));
    if (!running) {
        free(text);
        return error_set(error, -ENOMEM, "no memory for an export");
    }
    running->text = text;
    int r = config_load_text("export", text, strlen(text), &running->config, error);
    if (r == 0)
        r = export_filter_new(export_of(running), &filter, error);
    if (r == 0) {
        running->sink = sink_open(export_of(running), error);
        r = running->sink ? 0 : -EINVAL;
    }
    export_filter_free(filter);
    if (r < 0) {
        running_free(running);
        return r;
    }
    *ret_running = running;
    return 0;
}

static void *running_run(void *arg)
{
    struct running *running = arg;
    exporter_run(running->exporter);
    return NULL;
}

static int running_start(struct exporting *exporting, struct running *running, struct error *error)
{
    const struct exporter_config config = {
        .export = export_of(running),
        .console_url = running->config->response.public_url,
        .store_path = exporting->store_path,
        .writer = exporting->writer,
    };
    struct exporter *exporter;
    int r = exporter_new(&config, running->sink, &exporter, error);
    if (r < 0)
        return r;
    pthread_mutex_lock(&exporting->lock);
    running->exporter = exporter;
    pthread_mutex_unlock(&exporting->lock);
    r = exporter_begin(exporter, error);
    if (r < 0)
        return r;
    r = pthread_create(&running->thread, NULL, running_run, running);
    running->has_thread = r == 0;
    return r == 0 ? 0
                  : error_set(error, -r, "export %s: cannot start a thread: %s",
                              config.export->name, strerror(r));
}

static bool running_ended(struct running *running)
{
    if (running->has_thread && pthread_tryjoin_np(running->thread, NULL) == 0)
        running->has_thread = false;
    return !running->has_thread;
}

/* Waits for all of them, or so long. */
static bool set_wait(struct set *set, int64_t patience_ns)
{
    const struct timespec moment = {.tv_nsec = 10 * NS_PER_MS};
    for (int64_t waited_ns = 0;; waited_ns += moment.tv_nsec) {
        bool ended = true;
        for (unsigned i = 0; i < set->count; i++)
            ended &= running_ended(set->items[i]);
        if (ended || waited_ns >= patience_ns)
            return ended;
        nanosleep(&moment, NULL);
    }
}

static void set_stop(struct set *set)
{
    for (unsigned i = 0; i < set->count; i++)
        if (set->items[i]->exporter)
            exporter_stop(set->items[i]->exporter);
    set_wait(set, INT64_MAX);
}

static void set_free(struct set *set)
{
    for (unsigned i = 0; i < set->count; i++)
        running_free(set->items[i]);
    set->count = 0;
}

static struct running *set_find(const struct set *set, const char *text)
{
    for (unsigned i = 0; i < set->count; i++)
        if (strcmp(set->items[i]->text, text) == 0)
            return set->items[i];
    return NULL;
}

static bool set_has(const struct set *set, const struct running *running)
{
    for (unsigned i = 0; i < set->count; i++)
        if (set->items[i] == running)
            return true;
    return false;
}

/* What of one is not in the other. */
static struct set set_without(const struct set *set, const struct set *other)
{
    struct set rest = {.count = 0};
    for (unsigned i = 0; i < set->count; i++)
        if (!set_has(other, set->items[i]))
            rest.items[rest.count++] = set->items[i];
    return rest;
}

/* Those that the configuration has in force: the same as before where nothing has changed. */
static int set_make(const struct config *config, const struct set *before, struct set *ret_set,
                    struct error *error)
{
    int r = 0;
    struct set set = {.count = 0};
    for (uint32_t i = 0; r == 0 && i < config->exports.count; i++) {
        const struct config_export *export = &config->exports.items[i];
        if (!export->enabled)
            continue;
        char *text = export_text(config, export);
        struct running *running = text ? set_find(before, text) : NULL;
        if (!text)
            r = error_set(error, -ENOMEM, "no memory for export %s", export->name);
        else if (running)
            free(text);
        else
            r = running_new(text, &running, error);
        if (r == 0)
            set.items[set.count++] = running;
    }
    if (r < 0) {
        struct set added = set_without(&set, before);
        set_free(&added);
        return r;
    }
    *ret_set = set;
    return 0;
}

int exporting_open(const struct config *config, struct exporting **ret_exporting,
                   struct error *error)
{
    struct exporting *exporting = calloc(1, sizeof(*exporting));
    if (!exporting)
        return error_set(error, -ENOMEM, "no memory for exports");
    pthread_mutex_init(&exporting->changing, NULL);
    pthread_mutex_init(&exporting->lock, NULL);
    int r = set_make(config, &exporting->set, &exporting->set, error);
    if (r < 0) {
        exporting_close(exporting);
        return r;
    }
    *ret_exporting = exporting;
    return 0;
}

static int set_start(struct exporting *exporting, const struct set *set, struct error *error)
{
    int r = 0;
    for (unsigned i = 0; r == 0 && i < set->count; i++)
        r = running_start(exporting, set->items[i], error);
    return r;
}

int exporting_start(struct exporting *exporting, const char *store_path, struct store_writer writer,
                    struct error *error)
{
    exporting->writer = writer;
    exporting->store_path = strdup(store_path);
    if (!exporting->store_path)
        return error_set(error, -ENOMEM, "no memory for exports");
    return set_start(exporting, &exporting->set, error);
}

/* What was prepared and not taken over. */
static void next_drop(struct exporting *exporting)
{
    struct set unused = set_without(&exporting->next, &exporting->set);
    set_free(&unused);
    exporting->next.count = 0;
}

int exporting_prepare(struct exporting *exporting, const struct config *config, struct error *error)
{
    pthread_mutex_lock(&exporting->changing);
    next_drop(exporting);
    int r = set_make(config, &exporting->set, &exporting->next, error);
    pthread_mutex_unlock(&exporting->changing);
    return r;
}

int exporting_change(struct exporting *exporting, struct error *error)
{
    pthread_mutex_lock(&exporting->changing);
    struct set before = exporting->set, after = exporting->next;
    struct set gone = set_without(&before, &after), added = set_without(&after, &before);
    set_stop(&gone);
    pthread_mutex_lock(&exporting->lock);
    exporting->set = after;
    pthread_mutex_unlock(&exporting->lock);
    set_free(&gone);
    exporting->next.count = 0;
    int r = exporting->stopped ? 0 : set_start(exporting, &added, error);
    pthread_mutex_unlock(&exporting->changing);
    return r;
}

static void running_look(const struct running *running, struct vitals_export *export)
{
    struct exporter_vitals vitals;
    exporter_vitals(running->exporter, &vitals);
    *export = (struct vitals_export){
        .failing = vitals.failing,
        .waiting_ns = vitals.state.waiting_ns,
        .changes = vitals.state.changes,
        .taken = vitals.state.taken,
        .skipped = vitals.state.skipped,
        .expired = vitals.state.expired,
        .dead = vitals.state.dead,
        .pending = vitals.state.pending,
        .retries = vitals.retries,
        .dead_now = vitals.state.dead_now,
        .job_taken = vitals.state.job_taken,
    };
    snprintf(export->name, sizeof(export->name), "%s", export_of(running)->name);
}

void exporting_look(struct exporting *exporting, struct vitals *vitals)
{
    pthread_mutex_lock(&exporting->lock);
    for (unsigned i = 0; i < exporting->set.count; i++)
        if (exporting->set.items[i]->exporter)
            running_look(exporting->set.items[i], &vitals->exports[vitals->export_count++]);
    pthread_mutex_unlock(&exporting->lock);
}

void exporting_stop(struct exporting *exporting)
{
    if (!exporting)
        return;
    struct set *set = &exporting->set;
    pulse_pause();
    pthread_mutex_lock(&exporting->changing);
    exporting->stopped = true;
    for (unsigned i = 0; i < set->count; i++)
        if (set->items[i]->exporter)
            exporter_leave(set->items[i]->exporter);
    set_wait(set, EXPORTING_PATIENCE_S * NS_PER_S);
    set_stop(set);
    pthread_mutex_unlock(&exporting->changing);
}

void exporting_close(struct exporting *exporting)
{
    if (!exporting)
        return;
    set_stop(&exporting->set);
    next_drop(exporting);
    set_free(&exporting->set);
    pthread_mutex_destroy(&exporting->changing);
    pthread_mutex_destroy(&exporting->lock);
    free(exporting->store_path);
    free(exporting);
}
