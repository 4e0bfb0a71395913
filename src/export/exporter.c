/* exporter.c - sends what changes to one sink until it has been taken, and
 * forgets nothing
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/exporter.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/changes.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAUSE_MS = 250, BACKOFF_MIN_MS = 500 };
static const int64_t ns_per_ms = 1000000;

/* A record on its way, and what has become of it. */
struct pending {
    uint64_t position; /* of the change, or in the job */
    struct alert *alert;
    struct buf bytes;
    struct sink_answer answer;
    unsigned refusals;
};

/* A change before its alert is looked up. */
struct change {
    uint64_t seq;
    uint32_t revision;
    char id[ALERT_ID_MAX];
};

struct exporter {
    const struct config_export *config;
    const char *store_path;
    struct store_writer writer;
    char follower[EXPORT_NAME_MAX + 8];
    struct store *store;
    struct sink *sink;
    struct dialect_context context;

    size_t batch_max;
    struct change *changes; /* [batch_max] */
    size_t change_count;
    struct alert *alert;   /* the one that is looked at */
    struct pending *batch; /* [batch_max] */
    size_t count;
    uint64_t last_seq; /* the last change of the batch, wanted or not */
    uint64_t skipped;  /* of its changes, those that are not sent */
    struct export_job job;
    bool is_job; /* the batch is of the job, not of changes */

    struct sink_record *records; /* [batch_max] what is still to be sent of the batch */
    struct sink_answer *answers; /* [batch_max] */
    struct pending **sent;       /* [batch_max] whose record it is */
    unsigned failures;           /* attempts in a row that took nothing */

    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stop;
    struct exporter_vitals vitals; /* under the lock */
};

static bool is_stopped(struct exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    bool stop = exporter->stop;
    pthread_mutex_unlock(&exporter->lock);
    return stop;
}

/* Waits so long, or until it is stopped. */
static void pause_for(struct exporter *exporter, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + ms * ns_per_ms;
    until.tv_sec += ns / NS_PER_S;
    until.tv_nsec = ns % NS_PER_S;
    pthread_mutex_lock(&exporter->lock);
    int rc = 0;
    while (!exporter->stop && rc == 0)
        rc = pthread_cond_timedwait(&exporter->stopped, &exporter->lock, &until);
    pthread_mutex_unlock(&exporter->lock);
}

static bool is_listed(const struct config_export *config, const struct alert *alert)
{
    const char *slug = detector_rows[alert->detector].slug;
    for (uint32_t i = 0; i < config->types.count; i++)
        if (strcmp(config->types.items[i].text, slug) == 0)
            return true;
    return config->types.count == 0;
}

static bool is_wanted(const struct exporter *exporter, const struct alert *alert)
{
    const struct config_export *config = exporter->config;
    return alert->severity >= config->severity_min && is_listed(config, alert) &&
           (!alert->suppressed_by[0] || config->suppressed);
}

/* Takes the alert into the batch in the sink's words. One that cannot be
 * written so short as the target wants it is as good as refused for good. */
static void batch_add(struct exporter *exporter, uint64_t position, const struct alert *alert)
{
    struct pending *pending = &exporter->batch[exporter->count++];
    pending->position = position;
    pending->refusals = 0;
    pending->answer.verdict = SINK_AGAIN;
    *pending->alert = *alert;
    buf_reset(&pending->bytes);
    if (dialect_write(exporter->sink->dialect, &exporter->context, alert, &pending->bytes) == 0)
        return;
    pending->answer.verdict = SINK_REFUSED;
    pending->refusals = exporter->config->refusals_max;
    snprintf(pending->answer.reason, sizeof(pending->answer.reason),
             "it cannot be written in as few bytes as the target takes");
}

/* A change_fn. */
static int change_note(void *context, uint64_t seq, const char *alert_id, uint32_t revision,
                       int64_t time_ns)
{
    struct exporter *exporter = context;
    struct change *change = &exporter->changes[exporter->change_count++];
    (void)time_ns;
    change->seq = seq;
    change->revision = revision;
    snprintf(change->id, sizeof(change->id), "%s", alert_id);
    return 0;
}

/* One change: into the batch, or left out because a later one tells more,
 * retention has removed the alert, or it is not wanted. */
static int change_take(struct exporter *exporter, const struct change *change, struct error *error)
{
    int r = store_get(exporter->store, change->id, exporter->alert, error);
    if (r < 0 && r != -ENOENT)
        return r;
    exporter->last_seq = change->seq;
    if (r == -ENOENT || exporter->alert->revision != change->revision ||
        !is_wanted(exporter, exporter->alert))
        exporter->skipped++;
    else
        batch_add(exporter, change->seq, exporter->alert);
    return 0;
}

static int changes_gather(struct exporter *exporter, struct error *error)
{
    uint64_t place;
    exporter->is_job = false;
    exporter->change_count = 0;
    int r = changes_cursor_get(exporter->store, exporter->follower, &place, error);
    if (r == 0)
        r = changes_read(exporter->store, place, exporter->batch_max, change_note, exporter, error);
    for (size_t i = 0; r == 0 && i < exporter->change_count; i++)
        r = change_take(exporter, &exporter->changes[i], error);
    return r;
}

/* An export_alert_fn. */
static int job_take(void *context, uint64_t position, const struct alert *alert,
                    struct error *error)
{
    struct exporter *exporter = context;
    (void)error;
    exporter->job.position = position;
    if (exporter->job.kind == EXPORT_JOB_REDRIVE || is_wanted(exporter, alert))
        batch_add(exporter, position, alert);
    return 0;
}

/* The interval as consumers of snapshots read it: days.hours:minutes:seconds.
 */
static const char *snapshot_interval(const struct exporter *exporter, char *text, size_t size)
{
    unsigned hours = exporter->config->snapshot_hours;
    snprintf(text, size, "%u.%02u:00:00", hours / 24, hours % 24);
    return text;
}

static int job_gather(struct exporter *exporter, struct error *error)
{
    char interval[32];
    int r = exports_job(exporter->store, exporter->config->name, &exporter->job, error);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    exporter->is_job = true;
    uint64_t before = exporter->job.position;
    if (exporter->job.kind == EXPORT_JOB_SNAPSHOT)
        exporter->context.snapshot_interval =
            snapshot_interval(exporter, interval, sizeof(interval));
    r = exports_job_read(exporter->store, exporter->config->name, &exporter->job,
                         exporter->batch_max, job_take, exporter, error);
    exporter->context.snapshot_interval = NULL;
    exporter->job.done = r == 0 && exporter->job.position == before;
    return r;
}

static bool is_settled(const struct exporter *exporter, const struct pending *pending)
{
    return pending->answer.verdict == SINK_TAKEN ||
           (pending->answer.verdict == SINK_REFUSED &&
            pending->refusals >= exporter->config->refusals_max);
}

/* What of the batch is still to be sent, in its order. */
static size_t records_fill(struct exporter *exporter)
{
    size_t count = 0;
    for (size_t i = 0; i < exporter->count; i++) {
        struct pending *pending = &exporter->batch[i];
        if (is_settled(exporter, pending))
            continue;
        exporter->records[count] = (struct sink_record){
            .id = pending->alert->id,
            .revision = pending->alert->revision,
            .severity = pending->alert->severity,
            .time_ns = pending->alert->generated_ns,
            .alert = pending->alert,
            .bytes = pending->bytes.data,
            .len = pending->bytes.len,
        };
        exporter->answers[count] = (struct sink_answer){SINK_AGAIN, ""};
        exporter->sent[count++] = pending;
    }
    return count;
}

/* How long to wait after so many failures in a row: twice as long each time, a
 * quarter of it by chance so that exporters do not come all at once; or as long
 * as the target says. */
static unsigned backoff_ms(const struct exporter *exporter, unsigned asked_s)
{
    unsigned limit_ms = exporter->config->retry_max_s * 1000;
    unsigned ms = BACKOFF_MIN_MS;
    for (unsigned i = 1; i < exporter->failures && ms < limit_ms; i++)
        ms *= 2;
    if (ms < asked_s * 1000ull)
        ms = asked_s < limit_ms / 1000 ? asked_s * 1000 : limit_ms;
    if (ms > limit_ms)
        ms = limit_ms;
    return ms - ms / 4 + (unsigned)(clock_now_ns() / ns_per_ms) % (ms / 4 + 1);
}

/* The first reason among the answers that are no success, or "". */
static const char *reason_of(const struct exporter *exporter, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (exporter->answers[i].verdict != SINK_TAKEN && exporter->answers[i].reason[0])
            return exporter->answers[i].reason;
    return "";
}

/* One attempt at what is left of the batch. Returns how long to wait before the
 * next one. */
static unsigned attempt(struct exporter *exporter, size_t count, bool *ret_progress)
{
    unsigned asked_s = 0;
    exporter->sink->ops->send(exporter->sink, exporter->records, count, exporter->answers,
                              &asked_s);
    *ret_progress = false;
    for (size_t i = 0; i < count; i++) {
        struct pending *pending = exporter->sent[i];
        pending->answer = exporter->answers[i];
        pending->refusals += pending->answer.verdict == SINK_REFUSED;
        *ret_progress |= pending->answer.verdict != SINK_AGAIN;
    }
    exporter->failures = *ret_progress ? 0 : exporter->failures + 1;
    return *ret_progress && !asked_s ? 0 : backoff_ms(exporter, asked_s);
}

/* What of the batch may be put down now: all of it, or when it is broken off
 * the settled records before the first that is not. */
static size_t settled_count(const struct exporter *exporter)
{
    size_t count = 0;
    while (count < exporter->count && is_settled(exporter, &exporter->batch[count]))
        count++;
    return count;
}

/* What exports_advance() is told. */
struct summary {
    const char *name;
    struct export_progress progress;
    struct export_dead *dead;
    const char **taken_ids;
};

/* A store_write_fn. */
static int summary_write(void *arg, struct store *store, struct error *error)
{
    const struct summary *summary = arg;
    return exports_advance(store, summary->name, &summary->progress, error);
}

static void summary_fill(const struct exporter *exporter, size_t count, struct summary *summary)
{
    struct export_progress *progress = &summary->progress;
    for (size_t i = 0; i < count; i++) {
        const struct pending *pending = &exporter->batch[i];
        if (pending->answer.verdict == SINK_TAKEN) {
            summary->taken_ids[progress->taken_id_count++] = pending->alert->id;
            continue;
        }
        summary->dead[progress->dead_count++] = (struct export_dead){
            .alert_id = pending->alert->id,
            .revision = pending->alert->revision,
            .time_ns = clock_now_ns(),
            .reason = pending->answer.reason,
        };
    }
    progress->dead = summary->dead;
    progress->taken_ids = summary->taken_ids;
    if (exporter->is_job)
        progress->job_taken = progress->taken_id_count;
    else
        progress->taken = progress->taken_id_count;
}

/* Where the next batch begins. A batch of changes that was broken off has its
 * changes that are not sent counted the next time. */
static void summary_place(const struct exporter *exporter, size_t count, struct export_job *job,
                          struct summary *summary)
{
    bool whole = count == exporter->count;
    uint64_t position = count ? exporter->batch[count - 1].position : 0;
    if (exporter->is_job) {
        *job = exporter->job;
        if (!whole && count)
            job->position = position;
        summary->progress.job = whole || count ? job : NULL;
    } else if (whole) {
        summary->progress.seq = exporter->last_seq;
        summary->progress.skipped = exporter->skipped;
    } else if (count) {
        summary->progress.seq = position;
        for (size_t i = 0; i < exporter->change_count; i++)
            summary->progress.skipped += exporter->changes[i].seq <= position;
        summary->progress.skipped -= count;
    }
}

static int batch_settle(struct exporter *exporter, struct error *error)
{
    size_t count = settled_count(exporter);
    struct export_job job;
    struct summary summary = {
        .name = exporter->config->name,
        .dead = calloc(count + 1, sizeof(*summary.dead)),
        .taken_ids = calloc(count + 1, sizeof(*summary.taken_ids)),
    };
    int r = -ENOMEM;
    if (summary.dead && summary.taken_ids) {
        summary_fill(exporter, count, &summary);
        summary_place(exporter, count, &job, &summary);
        r = exporter->writer.write(exporter->writer.arg, summary_write, &summary, error);
    } else {
        error_set(error, -ENOMEM, "no memory for a batch");
    }
    free(summary.dead);
    free(summary.taken_ids);
    return r;
}

/* What exports_failed() is told. */
struct failing {
    const char *name;
    const char *reason;
};

/* A store_write_fn. */
static int failing_write(void *arg, struct store *store, struct error *error)
{
    const struct failing *failing = arg;
    return exports_failed(store, failing->name, failing->reason, error);
}

/* The first failure of a row is told and kept: the others would say the same.
 */
static void failure_tell(struct exporter *exporter, const char *reason)
{
    struct error error;
    struct failing failing = {exporter->config->name, reason};
    if (exporter->failures != 1)
        return;
    log_warning("export %s: %s; it is tried again", exporter->config->name, reason);
    if (exporter->writer.write(exporter->writer.arg, failing_write, &failing, &error) < 0)
        log_warning("export %s: %s", exporter->config->name, error.text);
}

static void vitals_keep(struct exporter *exporter, bool retried)
{
    struct export_state state;
    struct error error;
    int r = exports_state(exporter->store, exporter->config->name, &state, &error);
    pthread_mutex_lock(&exporter->lock);
    if (r == 0)
        exporter->vitals.state = state;
    exporter->vitals.retries += retried;
    exporter->vitals.failing = exporter->failures > 0;
    pthread_mutex_unlock(&exporter->lock);
}

/* Sends the batch until all of it is settled, or the exporter is stopped. */
static void batch_send(struct exporter *exporter)
{
    size_t count;
    while ((count = records_fill(exporter)) > 0 && !is_stopped(exporter)) {
        bool progress;
        unsigned ms = attempt(exporter, count, &progress);
        const char *reason = reason_of(exporter, count);
        if (!progress)
            failure_tell(exporter, reason[0] ? reason : "the target takes nothing");
        if (records_fill(exporter) > 0) {
            vitals_keep(exporter, true);
            pause_for(exporter, ms);
        }
    }
}

/* What exports_begin() and exports_ask() are told. */
struct asking {
    const char *name;
    bool begin;
};

/* A store_write_fn. */
static int asking_write(void *arg, struct store *store, struct error *error)
{
    const struct asking *asking = arg;
    return asking->begin
               ? exports_begin(store, asking->name, error)
               : exports_ask(store, asking->name, EXPORT_JOB_SNAPSHOT, 0, "dnsvigil", error);
}

/* Asks for a snapshot when the last one is so old. */
static int snapshot_ask(struct exporter *exporter, struct error *error)
{
    const int64_t hour_ns = 3600 * NS_PER_S;
    struct asking asking = {exporter->config->name, false};
    int64_t asked_ns;
    if (!exporter->config->snapshot_hours)
        return 0;
    int r = exports_asked(exporter->store, exporter->config->name, EXPORT_JOB_SNAPSHOT, &asked_ns,
                          error);
    if (r < 0 || clock_now_ns() - asked_ns < exporter->config->snapshot_hours * hour_ns)
        return r;
    return exporter->writer.write(exporter->writer.arg, asking_write, &asking, error);
}

/* One batch: of changes where there are any, else of a job. *ret_more: there
 * was something. */
static int step(struct exporter *exporter, bool *ret_more, struct error *error)
{
    exporter->count = exporter->skipped = 0;
    int r = exporter->config->streaming ? changes_gather(exporter, error) : 0;
    *ret_more = exporter->change_count > 0;
    if (r == 0 && !*ret_more) {
        r = snapshot_ask(exporter, error);
        if (r == 0)
            r = job_gather(exporter, error);
        *ret_more = exporter->is_job;
    }
    if (r < 0 || !*ret_more)
        return r;
    batch_send(exporter);
    return batch_settle(exporter, error);
}

static int begin(struct exporter *exporter, struct error *error)
{
    struct asking asking = {exporter->config->name, true};
    int r = exporter->writer.write(exporter->writer.arg, asking_write, &asking, error);
    return r < 0 ? r : store_open(exporter->store_path, STORE_READ, NULL, &exporter->store, error);
}

void exporter_run(struct exporter *exporter)
{
    struct error error;
    int r = begin(exporter, &error);
    while (r == 0 && !is_stopped(exporter)) {
        bool more = false;
        exporter->is_job = false;
        exporter->change_count = 0;
        r = step(exporter, &more, &error);
        vitals_keep(exporter, false);
        if (exporter->sink->ops->tick)
            exporter->sink->ops->tick(exporter->sink, clock_now_ns());
        if (r == 0 && !more)
            pause_for(exporter, PAUSE_MS);
    }
    if (r < 0)
        log_error("export %s: %s; it stands still until the next start", exporter->config->name,
                  error.text);
    struct error ignored;
    store_close(exporter->store, &ignored);
    exporter->store = NULL;
}

void exporter_stop(struct exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    exporter->stop = true;
    pthread_cond_broadcast(&exporter->stopped);
    pthread_mutex_unlock(&exporter->lock);
    atomic_store(&exporter->sink->stop, true);
}

void exporter_vitals(struct exporter *exporter, struct exporter_vitals *ret_vitals)
{
    pthread_mutex_lock(&exporter->lock);
    *ret_vitals = exporter->vitals;
    pthread_mutex_unlock(&exporter->lock);
}

static bool batch_make(struct exporter *exporter)
{
    size_t max = exporter->batch_max = exporter->config->batch_records;
    exporter->changes = calloc(max, sizeof(*exporter->changes));
    exporter->alert = malloc(sizeof(*exporter->alert));
    exporter->batch = calloc(max, sizeof(*exporter->batch));
    exporter->records = calloc(max, sizeof(*exporter->records));
    exporter->answers = calloc(max, sizeof(*exporter->answers));
    exporter->sent = calloc(max, sizeof(*exporter->sent));
    if (!exporter->changes || !exporter->alert || !exporter->batch || !exporter->records ||
        !exporter->answers || !exporter->sent)
        return false;
    bool made = true;
    for (size_t i = 0; i < max; i++) {
        buf_init(&exporter->batch[i].bytes, EXPORT_RECORD_MAX_BYTES);
        exporter->batch[i].alert = malloc(sizeof(struct alert));
        made &= exporter->batch[i].alert != NULL;
    }
    return made;
}

static void waiting_make(struct exporter *exporter)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&exporter->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&exporter->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct exporter *exporter_new(const struct config_export *config, struct sink *sink,
                              const char *store_path, struct store_writer writer)
{
    struct exporter *exporter = calloc(1, sizeof(*exporter));
    if (!exporter)
        return NULL;
    exporter->config = config;
    exporter->sink = sink;
    exporter->store_path = store_path;
    exporter->writer = writer;
    exporter->context.language = (enum language)config->language;
    exporter->context.compatible = config->compatible;
    snprintf(exporter->follower, sizeof(exporter->follower), "export/%s", config->name);
    waiting_make(exporter);
    if (batch_make(exporter))
        return exporter;
    exporter_free(exporter);
    return NULL;
}

void exporter_free(struct exporter *exporter)
{
    if (!exporter)
        return;
    for (size_t i = 0; exporter->batch && i < exporter->batch_max; i++) {
        buf_done(&exporter->batch[i].bytes);
        free(exporter->batch[i].alert);
    }
    free(exporter->changes);
    free(exporter->alert);
    free(exporter->batch);
    free(exporter->records);
    free(exporter->answers);
    free(exporter->sent);
    pthread_cond_destroy(&exporter->stopped);
    pthread_mutex_destroy(&exporter->lock);
    free(exporter);
}
