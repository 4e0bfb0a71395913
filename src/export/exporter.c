/* exporter.c - sends what changes to one sink until it has been taken, and
 * forgets nothing
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/exporter.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/pulse.h"
#include "export/filter.h"
#include "store/changes.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAUSE_MS = 250, BACKOFF_MIN_MS = 500, TROUBLE_MS = 2000, ASKED_MAX_S = 3600 };

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

enum phase {
    RUNNING,
    LEAVING, /* what waits is sent once, and then it ends */
    STOPPED,
};

struct exporter {
    const struct config_export *config;
    const char *store_path;
    struct store_writer writer;
    char follower[EXPORT_NAME_MAX + 8];
    struct store *store; /* NULL until it could be opened */
    struct sink *sink;
    struct export_filter *filter;
    struct dialect_context context;

    size_t batch_max;
    struct change *changes; /* [batch_max] */
    size_t change_count;
    struct alert *alert;   /* the one that is looked at */
    struct pending *batch; /* [batch_max] */
    size_t count;
    uint64_t last_seq; /* the last change of the batch, wanted or not */
    struct export_job job;
    bool is_job; /* the batch is of the job, not of changes */

    struct sink_record *records; /* [batch_max] what is still to be sent of the batch */
    struct sink_answer *answers; /* [batch_max] */
    struct pending **sent;       /* [batch_max] whose record it is */
    unsigned failures;           /* attempts in a row that took nothing */
    struct sink_answer told;     /* the last failure that was told */
    struct error trouble;        /* the same of the store */

    pthread_mutex_t lock;
    pthread_cond_t woken;
    enum phase phase; /* under the lock, as the next one */
    struct exporter_vitals vitals;
};

static enum phase phase_of(struct exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    enum phase phase = exporter->phase;
    pthread_mutex_unlock(&exporter->lock);
    return phase;
}

static void phase_set(struct exporter *exporter, enum phase phase)
{
    pthread_mutex_lock(&exporter->lock);
    if (exporter->phase < phase)
        exporter->phase = phase;
    pthread_cond_broadcast(&exporter->woken);
    pthread_mutex_unlock(&exporter->lock);
}

static void vitals_keep(struct exporter *exporter)
{
    struct export_state state;
    struct error error;
    if (!exporter->store ||
        exports_state(exporter->store, exporter->config->name, &state, &error) < 0)
        return;
    pthread_mutex_lock(&exporter->lock);
    uint64_t before = exporter->vitals.is_known ? exporter->vitals.state.expired : state.expired;
    exporter->vitals.state = state;
    exporter->vitals.is_known = true;
    exporter->vitals.failing = exporter->failures > 0;
    pthread_mutex_unlock(&exporter->lock);
    if (state.expired > before)
        log_error("export %s: retention has removed %" PRIu64 " alerts before they could be sent",
                  exporter->config->name, state.expired - before);
}

static int64_t monotonic_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Until then, or until it is woken, or for as long as a thread may be silent. */
static void doze_until(struct exporter *exporter, int64_t until_ns)
{
    int64_t now_ns = monotonic_now_ns();
    int64_t beat_ns = now_ns + PULSE_WAIT_MS * NS_PER_MS;
    if (until_ns > beat_ns)
        until_ns = beat_ns;
    const struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    pthread_mutex_lock(&exporter->lock);
    if (exporter->phase == RUNNING)
        pthread_cond_timedwait(&exporter->woken, &exporter->lock, &until);
    pthread_mutex_unlock(&exporter->lock);
    pulse_beat();
}

/* Waits so long, or until it is to end. */
static void pause_for(struct exporter *exporter, unsigned ms)
{
    int64_t until_ns = monotonic_now_ns() + ms * NS_PER_MS;
    vitals_keep(exporter);
    while (phase_of(exporter) == RUNNING && monotonic_now_ns() < until_ns) {
        doze_until(exporter, until_ns);
        vitals_keep(exporter);
    }
}

/* Takes the alert into the batch in the sink's words. One that cannot be
 * written so short as the target wants it is as good as refused for good. */
static int batch_add(struct exporter *exporter, uint64_t position, const struct alert *alert,
                     struct error *error)
{
    struct pending *pending = &exporter->batch[exporter->count++];
    pending->position = position;
    pending->refusals = 0;
    pending->answer = (struct sink_answer){SINK_AGAIN, ""};
    *pending->alert = *alert;
    buf_reset(&pending->bytes);
    int r = dialect_write(exporter->sink->dialect, &exporter->context, alert, &pending->bytes);
    if (r == 0)
        return 0;
    if (r != -EMSGSIZE)
        return error_set(error, r, "no memory for a record");
    pending->answer.verdict = SINK_REFUSED;
    pending->refusals = exporter->config->refusals_max;
    snprintf(pending->answer.reason, sizeof(pending->answer.reason),
             "it cannot be written in as few bytes as the target takes");
    return 0;
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
        !exporter->config->streaming || !export_filter_takes(exporter->filter, exporter->alert))
        return 0;
    return batch_add(exporter, change->seq, exporter->alert, error);
}

static int changes_gather(struct exporter *exporter, struct error *error)
{
    uint64_t place;
    exporter->is_job = false;
    exporter->count = exporter->change_count = 0;
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
    exporter->job.position = position;
    if (exporter->job.kind != EXPORT_JOB_REDRIVE && !export_filter_takes(exporter->filter, alert))
        return 0;
    return batch_add(exporter, position, alert, error);
}

/* The interval as consumers of snapshots read it: days.hours:minutes:seconds. */
static const char *snapshot_interval(const struct exporter *exporter, char *text, size_t size)
{
    unsigned hours = exporter->config->snapshot_hours;
    snprintf(text, size, "%u.%02u:00:00", hours / 24, hours % 24);
    return text;
}

/* The next alerts of a job, where there is one. */
static int job_gather(struct exporter *exporter, struct error *error)
{
    char interval[32];
    exporter->is_job = false;
    exporter->count = 0;
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

/* How long to wait after so many failures in a row: twice as long each time, a quarter of it by
 * chance so that exporters do not come all at once; but no shorter than the target says, unless
 * that is beyond reason. */
static unsigned backoff_ms(const struct exporter *exporter, unsigned asked_s)
{
    unsigned limit_ms = exporter->config->retry_max_s * 1000;
    unsigned asked_ms = 1000 * (asked_s < ASKED_MAX_S ? asked_s : ASKED_MAX_S);
    unsigned ms = BACKOFF_MIN_MS;
    for (unsigned i = 1; i < exporter->failures && ms < limit_ms; i++)
        ms *= 2;
    if (ms > limit_ms)
        ms = limit_ms;
    ms = ms - ms / 4 + (unsigned)(clock_now_ns() / NS_PER_MS) % (ms / 4 + 1);
    return ms < asked_ms ? asked_ms : ms;
}

/* The first answer that is no success and says why, or NULL. */
static const struct sink_answer *failure_of(const struct exporter *exporter, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (exporter->answers[i].verdict != SINK_TAKEN && exporter->answers[i].reason[0])
            return &exporter->answers[i];
    return NULL;
}

/* One attempt at what is left of the batch. Returns how long to wait before the
 * next one. */
static unsigned attempt(struct exporter *exporter, size_t count)
{
    unsigned asked_s = 0;
    bool progress = false;
    pulse_pause(); /* who is asked may take his time */
    exporter->sink->ops->send(exporter->sink, exporter->records, count, exporter->answers,
                              &asked_s);
    pulse_beat();
    for (size_t i = 0; i < count; i++) {
        struct pending *pending = exporter->sent[i];
        pending->answer = exporter->answers[i];
        pending->refusals += pending->answer.verdict == SINK_REFUSED;
        progress |= pending->answer.verdict == SINK_TAKEN;
    }
    exporter->failures = progress ? 0 : exporter->failures + 1;
    return backoff_ms(exporter, asked_s);
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

/* Where the next batch begins: where this one ends, or behind what of it is settled. */
static void summary_place(const struct exporter *exporter, size_t count, struct export_job *job,
                          struct summary *summary)
{
    bool whole = count == exporter->count;
    uint64_t position = count ? exporter->batch[count - 1].position : 0;
    if (!exporter->is_job) {
        summary->progress.seq = whole ? exporter->last_seq : position;
    } else if (whole || count) {
        *job = exporter->job;
        job->position = whole ? exporter->job.position : position;
        job->done = whole && exporter->job.done;
        summary->progress.job = job;
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

/* The digits with which a number of milliseconds begins; 0 for what is none. */
static size_t duration_len(const char *text)
{
    size_t len = strspn(text, "0123456789");
    const char *unit = text + len + (text[len] == ' ');
    return len && (strncmp(unit, "ms", 2) == 0 || strncmp(unit, "millisecond", 11) == 0) ? len : 0;
}

/* Whether two reasons are the same but for how long something took: each attempt would be told. */
static bool reasons_alike(const char *one, const char *other)
{
    while (*one && *other) {
        size_t took = duration_len(one), other_took = duration_len(other);
        bool both = took && other_took;
        if (!both && *one != *other)
            return false;
        one += both ? took : 1;
        other += both ? other_took : 1;
    }
    return *one == *other;
}

/* A failure is told and kept when it is not the one before. */
static void failure_tell(struct exporter *exporter, const struct sink_answer *failure)
{
    struct error error;
    const char *reason = failure ? failure->reason : "the target takes nothing";
    struct failing failing = {exporter->config->name, reason};
    if (exporter->failures != 1 && reasons_alike(exporter->told.reason, reason))
        return;
    snprintf(exporter->told.reason, sizeof(exporter->told.reason), "%s", reason);
    log_warning("export %s: %s; it is tried again", exporter->config->name, reason);
    if (exporter->writer.write(exporter->writer.arg, failing_write, &failing, &error) < 0)
        log_warning("export %s: %s", exporter->config->name, error.text);
}

static void retry_count(struct exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    exporter->vitals.retries++;
    pthread_mutex_unlock(&exporter->lock);
}

/* Sends the batch until all of it is settled, or the exporter is to end; then what could not be
 * sent at once waits for the next start. */
static void batch_send(struct exporter *exporter)
{
    size_t count = records_fill(exporter);
    while (count > 0 && phase_of(exporter) != STOPPED) {
        unsigned ms = attempt(exporter, count);
        if (exporter->failures > 0)
            failure_tell(exporter, failure_of(exporter, count));
        count = records_fill(exporter);
        if (count == 0 || phase_of(exporter) != RUNNING)
            return;
        retry_count(exporter);
        pause_for(exporter, ms);
    }
}

/* What goes wrong here is told when it is not what went wrong before. */
static void trouble_tell(struct exporter *exporter, int r, const struct error *error)
{
    if (r < 0 && strcmp(exporter->trouble.text, error->text) != 0)
        log_warning("export %s: %s; it is tried again", exporter->config->name, error->text);
    if (r < 0)
        exporter->trouble = *error;
    else
        exporter->trouble.text[0] = 0;
}

/* Sends what has been gathered and keeps what has become of it; while that cannot be kept nothing
 * else is sent, for it would come again. *ret_whole: all of it is settled. */
static int batch_deliver(struct exporter *exporter, bool *ret_whole, struct error *error)
{
    int r;
    batch_send(exporter);
    *ret_whole = settled_count(exporter) == exporter->count;
    while ((r = batch_settle(exporter, error)) < 0 && phase_of(exporter) == RUNNING) {
        trouble_tell(exporter, r, error);
        pause_for(exporter, TROUBLE_MS);
    }
    return r;
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

/* A batch of changes, and one of a job, so that neither has to wait for the end of the other.
 * *ret_more: there may be more to do at once. */
static int step(struct exporter *exporter, bool *ret_more, struct error *error)
{
    bool whole = true;
    *ret_more = false;
    int r = changes_gather(exporter, error);
    if (r == 0 && exporter->change_count > 0) {
        r = batch_deliver(exporter, &whole, error);
        *ret_more = whole;
    }
    if (r < 0 || phase_of(exporter) != RUNNING)
        return r;
    r = snapshot_ask(exporter, error);
    if (r == 0)
        r = job_gather(exporter, error);
    if (r < 0 || !exporter->is_job)
        return r;
    *ret_more = true;
    return batch_deliver(exporter, &whole, error);
}

int exporter_begin(struct exporter *exporter, struct error *error)
{
    struct asking asking = {exporter->config->name, true};
    return exporter->writer.write(exporter->writer.arg, asking_write, &asking, error);
}

static void tick(struct exporter *exporter)
{
    if (!exporter->sink->ops->tick)
        return;
    pulse_pause();
    exporter->sink->ops->tick(exporter->sink, clock_now_ns());
    pulse_beat();
}

void exporter_run(struct exporter *exporter)
{
    struct error error;
    bool more = true;
    pulse_begin("export %s", exporter->config->name);
    while (phase_of(exporter) == RUNNING || (phase_of(exporter) == LEAVING && more)) {
        more = false;
        int r = 0;
        if (!exporter->store)
            r = store_open(exporter->store_path, STORE_READ, NULL, &exporter->store, &error);
        if (r == 0)
            r = step(exporter, &more, &error);
        trouble_tell(exporter, r, &error);
        tick(exporter);
        if (!more)
            pause_for(exporter, r < 0 ? TROUBLE_MS : PAUSE_MS);
        pulse_beat();
    }
    vitals_keep(exporter);
    store_close(exporter->store, &error);
    exporter->store = NULL;
    pulse_end();
}

void exporter_leave(struct exporter *exporter)
{
    phase_set(exporter, LEAVING);
}

void exporter_stop(struct exporter *exporter)
{
    phase_set(exporter, STOPPED);
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
    pthread_cond_init(&exporter->woken, &attributes);
    pthread_condattr_destroy(&attributes);
}

int exporter_new(const struct exporter_config *config, struct sink *sink,
                 struct exporter **ret_exporter, struct error *error)
{
    struct exporter *exporter = calloc(1, sizeof(*exporter));
    if (!exporter)
        return error_set(error, -ENOMEM, "no memory for export %s", config->export->name);
    exporter->config = config->export;
    exporter->sink = sink;
    exporter->store_path = config->store_path;
    exporter->writer = config->writer;
    exporter->context = export_context(config->export, config->console_url);
    if (!exporter->context.limit_bytes)
        exporter->context.limit_bytes = sink->limit_bytes;
    snprintf(exporter->follower, sizeof(exporter->follower), "export/%s", config->export->name);
    waiting_make(exporter);
    int r = export_filter_new(config->export, &exporter->filter, error);
    if (r == 0 && !batch_make(exporter))
        r = error_set(error, -ENOMEM, "no memory for export %s", config->export->name);
    if (r < 0) {
        exporter_free(exporter);
        return r;
    }
    *ret_exporter = exporter;
    return 0;
}

void exporter_free(struct exporter *exporter)
{
    if (!exporter)
        return;
    for (size_t i = 0; exporter->batch && i < exporter->batch_max; i++) {
        buf_done(&exporter->batch[i].bytes);
        free(exporter->batch[i].alert);
    }
    export_filter_free(exporter->filter);
    free(exporter->changes);
    free(exporter->alert);
    free(exporter->batch);
    free(exporter->records);
    free(exporter->answers);
    free(exporter->sent);
    pthread_cond_destroy(&exporter->woken);
    pthread_mutex_destroy(&exporter->lock);
    free(exporter);
}
