/* analyze.c - `dnsvigil analyze`: reads captures, raises alerts, prints and stores them
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/lists_report.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "input/live.h"
#include "input/open.h"
#include "input/sources.h"
#include "pipeline/intake.h"
#include "pipeline/retro.h"
#include "pipeline/shard.h"
#include "pipeline/transcript.h"
#include "store/history.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { PUT_BATCH = 64, SNAPLEN_BYTES = 65535, BUFFER_BYTES = 32 << 20 };

static const int64_t ns_per_day = 86400 * NS_PER_S;

struct analyze_options {
    const char *config;
    const char *store;
    const char *interface;
    const char *filter;
    const char *source;
    const char *transactions;
    uint64_t shards;
    bool no_store;
    bool quiet;
    bool stats;
    enum output_format format;
    enum language language;
    struct feed_arguments feeds;
};

/* One run. Alerts gather in `pending` until a batch is worth a transaction. */
struct analysis {
    struct analyze_options options;
    struct config *config;
    struct lists lists;
    struct store *store;
    struct output *output;
    FILE *transcript; /* transactions go there; NULL: nowhere */
    struct buf line;  /* of it */
    uint64_t untold;  /* transactions that its form cannot tell */
    struct engine *engine;
    pthread_mutex_t terminal; /* one writes to it: progress, or alerts */
    struct progress progress;
    struct store_put_result stored;
    struct retro_result retro;
    struct source_losses losses;
    atomic_int
        failure; /* first negative errno of store or output; alerts after it are not written */
    struct error error;
    int exit_code;
    unsigned pending_count;
    struct alert pending[PUT_BATCH];
};

static bool option_shards(const char *text, void *field)
{
    uint64_t *shards = field;
    return option_count(text, field) && *shards >= 1 && *shards <= SHARDS_MAX;
}

static const struct option_row rows[] = {
    OPTION_CONFIG(struct analyze_options, config),
    OPTION_FORMAT(struct analyze_options, format),
    OPTION_LANGUAGE(struct analyze_options, language),
    OPTION_STORE(struct analyze_options, store),
    {"interface", 'i', "NAME", "capture on this network interface (any: on all) until interrupted",
     option_text, offsetof(struct analyze_options, interface)},
    {"filter", 0, "EXPRESSION", "what to capture there, as in pcap-filter(7); default: DNS",
     option_text, offsetof(struct analyze_options, filter)},
    {"source", 0, "NAME", "read this source of the configuration until it ends or is interrupted",
     option_text, offsetof(struct analyze_options, source)},
    {"no-store", 'n', NULL, "print only, keep nothing", option_flag,
     offsetof(struct analyze_options, no_store)},
    OPTION_FEED(struct analyze_options, feeds),
    {"shards", 0, "NUMBER", "threads that share the work, 1 to 16; default: as configured",
     option_shards, offsetof(struct analyze_options, shards)},
    {"transactions", 0, "FILE",
     "also write each transaction as a line of JSON (- : to standard output, and alerts to "
     "standard "
     "error), which this command reads again; works with one thread",
     option_text, offsetof(struct analyze_options, transactions)},
    {"stats", 0, NULL, "print every counter to standard error at the end", option_flag,
     offsetof(struct analyze_options, stats)},
    {"quiet", 'q', NULL, "no progress and no summary", option_flag,
     offsetof(struct analyze_options, quiet)},
};

static const struct option_table table = {
    .command = "analyze",
    .arguments = "[OPTION]... FILE...|-|-i NAME|--source NAME",
    .summary = "Reads capture files (pcap, pcapng; - is standard input) in the order given, as one "
               "stretch of traffic, or what passes a network interface; raises alerts, prints "
               "them and keeps them in the store. The same traffic gives the same alerts, so a "
               "file may be analysed again.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Examples:\n"
             "  dnsvigil analyze capture.pcap\n"
             "  dnsvigil analyze -i eth0\n"
             "  zcat capture.pcap.gz | dnsvigil analyze -o json - | jq .qname\n"
             "  dnsvigil analyze --no-store --feed phishing:list.txt capture.pcapng",
};

static void pending_flush(struct analysis *run)
{
    const struct alert *alerts[PUT_BATCH];
    struct store_put_result result = {0};
    for (unsigned i = 0; i < run->pending_count; i++)
        alerts[i] = &run->pending[i];
    if (run->store && run->failure == 0 && run->pending_count)
        run->failure = store_put(run->store, alerts, run->pending_count, &result, &run->error);
    run->stored.inserted += result.inserted;
    run->stored.updated += result.updated;
    run->stored.unchanged += result.unchanged;
    pthread_mutex_lock(&run->terminal);
    progress_clear(&run->progress);
    for (unsigned i = 0; i < run->pending_count && run->failure == 0; i++)
        run->failure = output_alert(run->output, alerts[i], &run->error);
    pthread_mutex_unlock(&run->terminal);
    run->pending_count = 0;
}

/* Of the outbox, like the two below. Stored before printed: what is shown as an alert is not lost.
 */
static bool alert_take(void *arg, const struct alert *alert, enum outbox_news news)
{
    struct analysis *run = arg;
    (void)news;
    run->pending[run->pending_count] = *alert;
    inventory_describe(run->lists.inventory, &run->pending[run->pending_count++]);
    if (run->pending_count == PUT_BATCH)
        pending_flush(run);
    return true;
}

static bool rest(void *arg)
{
    pending_flush(arg);
    return true;
}

static void history_take(void *arg, const struct history_row *const batch[], size_t count)
{
    struct analysis *run = arg;
    const struct config_history *config = &run->config->history;
    const struct history_limits limits = {.days = (unsigned)config->days,
                                          .rows_max = (uint64_t)config->rows_max};
    if (run->failure == 0)
        run->failure = history_put(run->store, batch, count, &limits, &run->error);
}

/* A store_alert_fn for alerts that are stored already. */
static int retro_print(void *context, const struct alert *alert, struct error *error)
{
    struct analysis *run = context;
    return output_alert(run->output, alert, error);
}

/* What earlier traffic has to do with indicators that are new comes before what is read now. */
static void past_judge(struct analysis *run)
{
    if (!run->store)
        return;
    const struct retro_config config = {
        run->store, store_writer_direct(run->store), run->config, &run->lists, retro_print, run};
    run->failure = retro_run(&config, &run->retro, &run->error);
}

static void exit_worse(struct analysis *run, int code)
{
    if (run->exit_code == CLI_EXIT_OK || code == CLI_EXIT_FAILED)
        run->exit_code = code;
}

/* What is captured as it happens is told as it happens. */
static void source_follow(struct analysis *run, struct source *source)
{
    if (!source->ops->stop)
        return;
    if (source->ops->losses)
        source->ops->losses(source, &run->losses);
}

static void progress_show(struct analysis *run, const struct source *source)
{
    struct metrics metrics;
    uint64_t done, total;
    source->ops->position(source, &done, &total);
    engine_metrics(run->engine, &metrics);
    pthread_mutex_lock(&run->terminal);
    progress_draw(&run->progress, source->label, done, total, metrics.value[METRIC_FINDINGS_NEW]);
    pthread_mutex_unlock(&run->terminal);
}

static void source_read(struct analysis *run, struct source *source)
{
    struct error error;
    int count;
    while ((count = intake_give(source, run->engine, &error)) > 0 || count == -EINTR ||
           count == -EAGAIN) {
        if (run->failure)
            return;
        source_follow(run, source);
        progress_show(run, source);
    }
    pthread_mutex_lock(&run->terminal);
    progress_clear(&run->progress);
    pthread_mutex_unlock(&run->terminal);
    if (count == 0)
        return;
    log_error("%s", error.text);
    exit_worse(run, count == -EBADMSG ? CLI_EXIT_DAMAGED : CLI_EXIT_FAILED);
}

static struct source *volatile interrupted;

static void interrupt(int number)
{
    (void)number;
    if (interrupted->ops->stop)
        interrupted->ops->stop(interrupted);
}

static struct source *interface_open(const struct analysis *run, struct error *error)
{
    const struct live_config config = {
        .interface = run->options.interface,
        .filter = run->options.filter,
        .ports = &run->config->capture.ports,
        .promiscuous = true,
        .snaplen_bytes = SNAPLEN_BYTES,
        .buffer_bytes = BUFFER_BYTES,
    };
    return live_open(&config, error);
}

static struct source *configured_open(const struct analysis *run, struct error *error)
{
    const struct config_source_list *sources = &run->config->sources;
    for (uint32_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].name, run->options.source) == 0)
            return source_open(&sources->items[i], error);
    error_set(error, -ENOENT, "source %s: the configuration has none of that name",
              run->options.source);
    return NULL;
}

/* Reads until a signal says that it is enough; a second one ends the program. */
static void live_read(struct analysis *run)
{
    const struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    struct error error;
    interrupted = run->options.source ? configured_open(run, &error) : interface_open(run, &error);
    if (!interrupted) {
        log_error("%s", error.text);
        exit_worse(run, CLI_EXIT_FAILED);
        return;
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    source_read(run, interrupted);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    interrupted->ops->close(interrupted);
}

static void files_read(struct analysis *run, char **paths, int count)
{
    for (int i = 0; i < count && run->failure == 0; i++) {
        struct error error;
        struct source *source = input_open(paths[i], &error);
        if (!source) {
            log_error("%s", error.text);
            exit_worse(run, CLI_EXIT_FAILED);
            continue;
        }
        source_read(run, source);
        source->ops->close(source);
    }
}

static void traffic_read(struct analysis *run, char **paths, int count)
{
    if (run->options.interface || run->options.source)
        live_read(run);
    else
        files_read(run, paths, count);
    engine_finish(run->engine);
}

/* Opens the store for writing and lets go of what is past its time. */
static int analysis_store_open(struct analysis *run)
{
    const struct config_store *config = &run->config->store;
    const struct store_config store = store_config_of(run->config);
    const char *path = run->options.store ? run->options.store : config->path;
    size_t deleted;
    int r = store_open(path, STORE_WRITE, &store, &run->store, &run->error);
    if (r < 0)
        return r;
    return store_purge(run->store, clock_now_ns() - config->retention_days * ns_per_day, &deleted,
                       &run->error);
}

/* A shard_transaction_fn. There is one shard, so lines come one after the other. */
static void transaction_write(void *arg, const struct transaction *transaction)
{
    struct analysis *run = arg;
    buf_reset(&run->line);
    if (!transcript_line(transaction, &run->line)) {
        run->untold++;
        return;
    }
    buf_char(&run->line, '\n');
    fwrite(run->line.data, 1, run->line.len, run->transcript);
}

static bool writes_to_stdout(const struct analysis *run)
{
    return run->options.transactions && strcmp(run->options.transactions, "-") == 0;
}

static int transcript_open(struct analysis *run)
{
    const char *path = run->options.transactions;
    buf_init(&run->line, TRANSCRIPT_LINE_MAX);
    if (!path)
        return 0;
    run->transcript = writes_to_stdout(run) ? stdout : fopen(path, "we");
    return run->transcript
               ? 0
               : error_set(&run->error, -errno, "%s: cannot be written: %s", path, strerror(errno));
}

/* A full disk shows only now. */
static void transcript_close(struct analysis *run)
{
    FILE *file = run->transcript;
    run->transcript = NULL;
    buf_done(&run->line);
    if (!file)
        return;
    bool bad = fflush(file) != 0 || ferror(file);
    if (file != stdout)
        bad |= fclose(file) != 0;
    if (!bad)
        return;
    log_error("%s: transactions could not be written", run->options.transactions);
    exit_worse(run, CLI_EXIT_FAILED);
}

/* What comes as it happens is told as it happens. */
static int analysis_engine_open(struct analysis *run)
{
    bool history = run->store && run->config->history.days > 0;
    const struct engine_config engine = {
        .config = run->config,
        .lists = &run->lists,
        .shards = run->transcript ? 1 : (unsigned)run->options.shards,
        .early = run->options.interface || run->options.source,
        .hooks = {run, alert_take, history ? history_take : NULL, rest},
        .tell = run->transcript ? transaction_write : NULL,
        .tell_arg = run,
    };
    return engine_new(&engine, &run->engine, &run->error);
}

static int analysis_open(struct analysis *run)
{
    const struct analyze_options *options = &run->options;
    int code = lists_open(options->config, &options->feeds, &run->config, &run->lists);
    if (code != CLI_EXIT_OK)
        return code;
    int r = options->no_store ? 0 : analysis_store_open(run);
    if (r == 0)
        r = transcript_open(run);
    if (r == 0)
        r = output_open(options->format, options->language, writes_to_stdout(run) ? stderr : stdout,
                        &run->output, &run->error);
    if (r == 0)
        r = analysis_engine_open(run);
    if (r < 0)
        log_error("%s", run->error.text);
    return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static void stats_print(const struct analysis *run)
{
    struct metrics metrics;
    engine_metrics(run->engine, &metrics);
    metrics.value[METRIC_FRAMES_LOST_KERNEL] = run->losses.kernel;
    metrics.value[METRIC_FRAMES_LOST_INTERFACE] = run->losses.interface;
    static const char *const slugs[] = {
#define METRIC(id, slug, text) slug,
#include <dnsvigil/metrics.def>
#undef METRIC
    };
    static const char *const rejects[] = {
#define REJECT(id, slug, text) slug,
#include <dnsvigil/reject.def>
#undef REJECT
    };
    static const char *const malformed[] = {
        "",
#define MALFORMED(id, slug, text) slug,
#include <dnsvigil/malformed.def>
#undef MALFORMED
    };
    for (int i = 0; i < METRIC_COUNT; i++)
        fprintf(stderr, "%-32s %12" PRIu64 "\n", slugs[i], metrics.value[i]);
    for (int i = 0; i < REJECT_COUNT; i++)
        if (metrics.rejected[i])
            fprintf(stderr, "rejected %-23s %12" PRIu64 "\n", rejects[i], metrics.rejected[i]);
    for (int i = 0; i < MALFORMED_COUNT; i++)
        if (metrics.malformed[i])
            fprintf(stderr, "malformed %-22s %12" PRIu64 "\n", malformed[i], metrics.malformed[i]);
}

/* Frames of a link type that is not read are always worth a word; where there was no DNS at all, so
 * is what most frames were instead. */
static void blindness_print(const struct metrics *metrics)
{
    static const char *const texts[] = {
#define REJECT(id, slug, text) text,
#include <dnsvigil/reject.def>
#undef REJECT
    };
    unsigned reason = REJECT_LINKTYPE;
    for (unsigned i = 0; metrics->value[METRIC_MESSAGES_IN] == 0 && i < REJECT_COUNT; i++)
        if (metrics->rejected[i] > metrics->rejected[reason])
            reason = i;
    if (metrics->rejected[reason])
        fprintf(stderr, "%" PRIu64 " of the frames were set aside: %s\n", metrics->rejected[reason],
                texts[reason]);
}

static void summary_print(const struct analysis *run)
{
    struct metrics metrics;
    engine_metrics(run->engine, &metrics);
    const uint64_t *v = metrics.value;
    const uint64_t alerts = v[METRIC_ALERTS];
    fprintf(stderr,
            "%" PRIu64 " frames, %" PRIu64 " DNS messages, %" PRIu64 " transactions, %" PRIu64
            " alert%s",
            v[METRIC_FRAMES_IN], v[METRIC_MESSAGES_IN], v[METRIC_TRANSACTIONS], alerts,
            alerts == 1 ? "" : "s");
    if (run->store)
        fprintf(stderr, " (%zu new, %zu updated, %zu known) in %s", run->stored.inserted,
                run->stored.updated, run->stored.unchanged,
                run->options.store ? run->options.store : run->config->store.path);
    fputc('\n', stderr);
    blindness_print(&metrics);
    if (run->untold)
        fprintf(stderr,
                "%" PRIu64 " transactions are not in %s, for it has no form for damaged messages, "
                "other opcodes and very long answers\n",
                run->untold, run->options.transactions);
    if (run->losses.kernel || run->losses.interface)
        fprintf(stderr,
                "%" PRIu64 " frames more were lost for want of room in the kernel, %" PRIu64
                " in the interface\n",
                run->losses.kernel, run->losses.interface);
    if (run->retro.alerts)
        fprintf(stderr, "%zu indicators are new: %" PRIu64 " alert%s about earlier traffic\n",
                run->retro.indicators, run->retro.alerts, run->retro.alerts == 1 ? "" : "s");
}

/* Ends the output, says how it went and checks that nothing went missing on the way. */
static void analysis_report(struct analysis *run)
{
    struct error error;
    int r = output_close(run->output, &error);
    run->output = NULL;
    if (run->failure == 0 && r < 0) {
        run->failure = r;
        run->error = error;
    }
    if (run->failure && run->failure != -EPIPE)
        log_error("%s", run->error.text);
    if (run->failure)
        exit_worse(run, CLI_EXIT_FAILED);
    if (run->options.stats)
        stats_print(run);
    if (!run->options.quiet)
        summary_print(run);
    struct metrics metrics;
    engine_metrics(run->engine, &metrics);
    if (metrics_balance(&metrics, &error))
        return;
    log_error("this is a defect in dnsvigil, please report it: %s", error.text);
    exit_worse(run, CLI_EXIT_FAILED);
}

static void analysis_close(struct analysis *run)
{
    struct error error;
    output_close(run->output, &error);
    engine_free(run->engine);
    transcript_close(run);
    pthread_mutex_destroy(&run->terminal);
    if (store_close(run->store, &error) < 0) {
        log_error("%s", error.text);
        exit_worse(run, CLI_EXIT_FAILED);
    }
    lists_done(&run->lists);
    config_free(run->config);
}

int command_analyze(int argc, char **argv)
{
    struct analysis *run = calloc(1, sizeof(*run));
    int first, code;
    if (!run) {
        log_error("no memory");
        return CLI_EXIT_FAILED;
    }
    if (!options_parse(&table, argc, argv, &run->options, &first, &code)) {
        free(run);
        return code;
    }
    bool live = run->options.interface || run->options.source;
    if ((first == argc) == !live) {
        free(run);
        return options_usage_error(
            &table, "name a capture file, - for standard input, an interface with -i or a source");
    }
    pthread_mutex_init(&run->terminal, NULL);
    run->exit_code = analysis_open(run);
    if (run->exit_code == CLI_EXIT_OK) {
        past_judge(run);
        progress_begin(&run->progress, !run->options.quiet);
        traffic_read(run, argv + first, argc - first);
        analysis_report(run);
    }
    analysis_close(run);
    code = run->exit_code;
    free(run);
    return code;
}
