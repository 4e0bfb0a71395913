/* run.c - `dnsvigil run`: watches the configured sources until it is told to stop
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "base/pulse.h"
#include "cli/cli.h"
#include "cli/lists_report.h"
#include "cli/options.h"
#include "input/sources.h"
#include "pipeline/ability.h"
#include "pipeline/exporting.h"
#include "pipeline/keeper.h"
#include "pipeline/monitor.h"
#include "pipeline/notify.h"
#include "pipeline/published.h"
#include "pipeline/readers.h"
#include "pipeline/responder.h"
#include "pipeline/retro.h"
#include "pipeline/sandbox.h"
#include "pipeline/services.h"
#include "pipeline/updater.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct run_options {
    const char *config;
    const char *store;
    bool dump_config;
};

/* One run of the service. */
struct service {
    struct run_options options;
    struct config *config;
    struct config *first; /* what it was started with: the monitor goes by that until the end */
    struct lists lists;
    struct store *store;
    struct keeper keeper;
    unsigned source_count;
    struct source *sources[READERS_MAX];
    const char *source_names[READERS_MAX]; /* in `first` */
    atomic_bool broken[READERS_MAX];
    struct engine *engine;
    struct readers *readers;
    struct canary canary;
    struct latency latency;
    struct services *services;
    struct updater updater;
    struct responder *responder;
    struct exporting *exporting;
    struct notify notify;
    enum sandbox_level sandbox;
    struct monitor *monitor;
    struct state *state;  /* what the meters go on from, until they have taken it over; or NULL */
    pthread_mutex_t told; /* guards what others read: `config`, `lists` and the two below */
    unsigned feed_count;
    struct lists_feed feeds[LISTS_FEEDS_MAX];
    _Atomic uint64_t indicators, rules, reloads, reloads_refused;
    _Atomic int64_t loaded_ns;
    atomic_bool reload_failed;
    sigset_t signals;
    pthread_t signal_thread;
    int exit_code;
};

static const struct option_row rows[] = {
    OPTION_CONFIG(struct run_options, config),
    OPTION_STORE(struct run_options, store),
    {"dump-config", 0, NULL, "print the configuration in force, every key, and leave", option_flag,
     offsetof(struct run_options, dump_config)},
};

static const struct option_table table = {
    .command = "run",
    .arguments = "[OPTION]...",
    .summary = "Watches the sources that the configuration names, all at the same time, and keeps "
               "alerts in the store as they are raised. SIGTERM and SIGINT end it in good order: "
               "everything that was read is judged and kept. SIGHUP reads configuration and lists "
               "anew, without losing traffic; those that are not in order change nothing.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Example:\n"
             "  dnsvigil run -c /etc/dnsvigil/dnsvigil.yaml",
};

static int fail(struct service *service, const struct error *error)
{
    log_error("%s", error->text);
    service->exit_code = CLI_EXIT_FAILED;
    return CLI_EXIT_FAILED;
}

static int dump(const struct run_options *options)
{
    struct config *config;
    struct error error;
    struct buf yaml;
    if (config_load(options->config, &config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    buf_init(&yaml, CONFIG_FILE_BYTES_MAX);
    config_dump(config, &yaml);
    fputs(yaml.data, stdout);
    buf_done(&yaml);
    config_free(config);
    return CLI_EXIT_OK;
}

static int store_make(struct service *service, struct error *error)
{
    const struct config_store *config = &service->config->store;
    const struct store_config store = store_config_of(service->config);
    const char *path = service->options.store ? service->options.store : config->path;
    return store_open(path, STORE_WRITE, &store, &service->store, error);
}

static int sources_make(struct service *service, struct error *error)
{
    const struct config_source_list *sources = &service->config->sources;
    for (uint32_t i = 0; i < sources->count; i++) {
        if (!sources->items[i].enabled)
            continue;
        struct source *source = source_open(&sources->items[i], error);
        if (!source)
            return -EINVAL;
        service->source_names[service->source_count] = sources->items[i].name;
        service->sources[service->source_count++] = source;
    }
    if (service->source_count == 0)
        return error_set(error, -EINVAL, "%s: no source is configured; name one under `sources`",
                         config_source(service->options.config));
    return 0;
}

/* What the last run has kept brings its hash seed along: before any list is loaded. */
static void state_recall(struct service *service)
{
    const struct config *config = service->config;
    struct error error = {""};
    char *path = state_path(config);
    service->state = calloc(1, sizeof(*service->state));
    int r = -ENOMEM;
    if (path && service->state && config->state.age_max_hours > 0)
        r = state_read(path, config, 1 + engine_shards(config), clock_now_ns(), service->state,
                       &error);
    if (r < 0) {
        if (error.text[0])
            log_warning("%s", error.text);
        free(service->state);
        service->state = NULL;
    }
    free(path);
}

static void state_forget(struct service *service)
{
    if (!service->state)
        return;
    state_done(service->state);
    free(service->state);
    service->state = NULL;
}

static void loaded_note(struct service *service)
{
    pthread_mutex_lock(&service->told);
    service->feed_count = service->lists.feed_count;
    memcpy(service->feeds, service->lists.feeds, sizeof(service->feeds));
    pthread_mutex_unlock(&service->told);
    service->indicators = intel_count(service->lists.intel);
    service->rules = service->lists.rules ? service->lists.rules->count : 0;
    service->loaded_ns = clock_now_ns();
}

static const char *store_path_of(const struct service *service)
{
    return service->options.store ? service->options.store : service->first->store.path;
}

static uint64_t file_bytes(const char *path, const char *ending)
{
    char whole[PATH_MAX];
    struct stat info;
    snprintf(whole, sizeof(whole), "%s%s", path, ending);
    return stat(whole, &info) == 0 ? (uint64_t)info.st_size : 0;
}

static void sources_look(struct service *service, struct vitals *vitals)
{
    vitals->source_count = service->source_count;
    for (unsigned i = 0; i < service->source_count; i++) {
        struct vitals_source *source = &vitals->sources[i];
        source->name = service->source_names[i];
        source->broken = service->broken[i];
        readers_metrics(service->readers, i, &source->metrics);
        metrics_add(&vitals->metrics, &source->metrics);
    }
}

static void feeds_look(struct service *service, struct vitals *vitals)
{
    pthread_mutex_lock(&service->told);
    for (; vitals->feed_count < service->feed_count; vitals->feed_count++) {
        const struct lists_feed *feed = &service->feeds[vitals->feed_count];
        struct vitals_feed *copy = &vitals->feeds[vitals->feed_count];
        snprintf(copy->name, sizeof(copy->name), "%s", feed->name);
        copy->entries = feed->entries;
        copy->fetched_ns = feed->fetched_ns;
        copy->refused = feed->refused;
        snprintf(copy->refusals, sizeof(copy->refusals), "%s", feed->refusals);
    }
    pthread_mutex_unlock(&service->told);
}

/* A monitor hook. */
static void vitals_add(void *arg, struct vitals *vitals)
{
    struct service *service = arg;
    sources_look(service, vitals);
    feeds_look(service, vitals);
    canary_look(&service->canary, &vitals->canary_sent_ns, &vitals->canary_came_ns,
                &vitals->canary_travelled_ns);
    latency_read(&service->latency, &vitals->latency);
    exporting_look(service->exporting, vitals);
    vitals->store_bytes = file_bytes(store_path_of(service), "");
    vitals->wal_bytes = file_bytes(store_path_of(service), "-wal");
    vitals->stored_ns = service->keeper.stored_ns;
    vitals->indicators = service->indicators;
    vitals->rules = service->rules;
    vitals->loaded_ns = service->loaded_ns;
    vitals->reloads = service->reloads;
    vitals->reloads_refused = service->reloads_refused;
    vitals->reload_failed = service->reload_failed;
    vitals->store_failing = keeper_is_failing(&service->keeper);
    vitals->sandbox_level = service->sandbox;
}

/* A monitor hook. */
static void alive_tell(void *arg)
{
    const struct service *service = arg;
    notify_alive(&service->notify);
}

/* A monitor hook. */
static const struct config *config_tell(void *arg)
{
    struct service *service = arg;
    pthread_mutex_lock(&service->told);
    const struct config *config = config_ref(service->config);
    pthread_mutex_unlock(&service->told);
    return config;
}

/* A monitor hook. */
static void rules_tell(void *arg, void (*look)(void *context, const struct rule_set *rules),
                       void *context)
{
    struct service *service = arg;
    pthread_mutex_lock(&service->told);
    look(context, service->lists.rules);
    pthread_mutex_unlock(&service->told);
}

static int monitor_make(struct service *service, struct error *error)
{
    const struct monitor_hooks hooks = {service, vitals_add, alive_tell, config_tell, rules_tell};
    return monitor_open(service->config, &hooks, &service->monitor, error);
}

/* Sockets are open now; everything else is done without privileges. */
static int privileges_drop(struct service *service, struct error *error)
{
    int r = sandbox_enter(service->config, service->options.config, service->options.store,
                          &service->sandbox, error);
    if (r == 0)
        log_info("sandbox: %s", sandbox_names[service->sandbox]);
    return r;
}

/* What earlier traffic has to do with what is new in lists and rules is stored, and said in one
 * line. */
static int past_judge(const struct service *service, struct store *store,
                      struct store_writer writer, struct error *error)
{
    const struct retro_config config = {
        .store = store, .writer = writer, .config = service->config, .lists = &service->lists};
    struct retro_result result;
    int r = retro_run(&config, &result, error);
    if (r == 0 && result.alerts)
        log_info("%zu indicators or rules are new: %" PRIu64 " alerts about earlier traffic",
                 result.indicators, result.alerts);
    return r;
}

static int past_judge_first(struct service *service, struct error *error)
{
    return past_judge(service, service->store, store_writer_direct(service->store), error);
}

/* Of a keeper: without a store there is nothing to run for. Whoever started the program may start
 * it again. */
static void store_failed(void *arg)
{
    struct service *service = arg;
    readers_stop(service->readers);
}

/* Only what comes as it happens says how late an alert is. */
static bool is_watching(const struct service *service)
{
    const struct config_source_list *sources = &service->first->sources;
    for (uint32_t i = 0; i < sources->count; i++)
        if (sources->items[i].enabled && sources->items[i].type != SOURCE_TYPE_PCAP)
            return true;
    return false;
}

static void keeper_make(struct service *service)
{
    struct keeper *keeper = &service->keeper;
    keeper_init(keeper, service->store, service->config, &service->lists);
    keeper->canary = &service->canary;
    keeper->latency = is_watching(service) ? &service->latency : NULL;
    keeper->failed = store_failed;
    keeper->failed_arg = service;
}

static int engine_make(struct service *service, struct error *error)
{
    keeper_make(service);
    service->readers = readers_new(service->config, service->sources, service->source_count, error);
    if (!service->readers)
        return -ENOMEM;
    struct engine_config config = {
        .config = service->config,
        .lists = &service->lists,
        .early = true,
        .watched = true,
        .state = service->state,
        .hooks = keeper_hooks(&service->keeper),
    };
    int r = engine_new(&config, &service->engine, error);
    if (r == -ESTALE) {
        log_warning("%s: the meters start empty", error->text);
        config.state = NULL;
        r = engine_new(&config, &service->engine, error);
    }
    state_forget(service);
    if (r == 0)
        service->keeper.outbox = engine_outbox(service->engine);
    return r;
}

/* The same while traffic is judged: it is read here and written by the one who writes. */
static void past_judge_again(struct service *service)
{
    struct store *store = NULL;
    struct error error, ignored;
    int r = store_open(store_path_of(service), STORE_READ, NULL, &store, &error);
    if (r == 0)
        r = past_judge(service, store, keeper_writer(&service->keeper), &error);
    if (r < 0)
        log_warning("earlier traffic was not held against the new lists: %s", error.text);
    store_close(store, &ignored);
}

static void reload_refused(struct service *service)
{
    service->reloads_refused++;
    service->reload_failed = true;
}

/* The new configuration is in force. */
static void exports_change(struct service *service)
{
    struct error error;
    if (exporting_change(service->exporting, &error) < 0)
        log_error("%s", error.text);
    if (sandbox_lets_out(service->config) && !sandbox_lets_out(service->first) &&
        service->sandbox > SANDBOX_LIMITS)
        log_warning("the program was started with nothing to send over the network, and its "
                    "sandbox keeps it from doing so until it is started again");
}

/* A config_change_fn. */
static void restart_wanted(void *arg, const char *path)
{
    (void)arg;
    log_warning("%s was changed: that takes effect at the next start", path);
}

/* Keys to sign with stay where they were at the start. */
static int state_dir_keep(const struct service *service, struct config *config, struct error *error)
{
    char *kept = strdup(service->first->state_dir);
    if (!kept)
        return error_set(error, -ENOMEM, "no memory for the configuration");
    free(config->state_dir);
    config->state_dir = kept;
    return 0;
}

/* Those in force stay unless both of the new ones are in order. */
static void reload(struct service *service)
{
    const struct feed_arguments none = {0};
    struct config *config;
    struct lists lists;
    struct error error;
    if (lists_open(service->options.config, &none, &config, &lists) != CLI_EXIT_OK) {
        log_error("the configuration in force stays");
        reload_refused(service);
        return;
    }
    config_restart_changes(service->first, config, restart_wanted, NULL);
    if (state_dir_keep(service, config, &error) < 0 ||
        abilities_check(config, &lists, clock_now_ns(), &error) < 0 ||
        exporting_prepare(service->exporting, config, &error) < 0 ||
        engine_reload(service->engine, config, &lists, &error) < 0) {
        log_error("%s", error.text);
        lists_done(&lists);
        config_free(config);
        reload_refused(service);
        return;
    }
    struct config *old_config = service->config;
    struct lists old_lists = service->lists;
    pthread_mutex_lock(&service->told);
    service->config = config;
    service->lists = lists;
    pthread_mutex_unlock(&service->told);
    keeper_change(&service->keeper, config, &service->lists);
    exports_change(service);
    responder_change(service->responder, config);
    lists_done(&old_lists);
    if (old_config != service->first)
        config_free(old_config);
    service->reloads++;
    service->reload_failed = false;
    loaded_note(service);
    log_info("configuration and lists were read anew");
    past_judge_again(service);
}

static void signal_obey(struct service *service, int number)
{
    if (number == SIGHUP) {
        notify_reloading(&service->notify);
        pulse_pause(); /* lists may be long */
        reload(service);
        notify_ready(&service->notify);
        return;
    }
    notify_stopping(&service->notify);
    keeper_leave(&service->keeper);
    readers_stop(service->readers);
}

/* The thread that takes signals. SIGUSR1 ends it. */
static void *signals_take(void *arg)
{
    const struct timespec second = {.tv_sec = 1};
    struct service *service = arg;
    pulse_begin("signals");
    for (;;) {
        int number = sigtimedwait(&service->signals, NULL, &second);
        pulse_beat();
        if (number == SIGUSR1)
            break;
        if (number > 0)
            signal_obey(service, number);
    }
    pulse_end();
    return NULL;
}

/* A service job. */
static int tidy_run(void *arg, struct error *error)
{
    struct service *service = arg;
    return keeper_tidy(&service->keeper, error);
}

/* A service job. */
static int canary_run(void *arg, struct error *error)
{
    struct service *service = arg;
    (void)error;
    engine_canary(service->engine, &service->canary);
    return 0;
}

/* What is done every so often. */
static const struct service_job jobs[] = {
    {"canary", 60, canary_run},
    {"retention", 3600, tidy_run},
};

/* All threads inherit that these signals are blocked: one of them waits for them. */
static int signals_start(struct service *service, struct error *error)
{
    int r = pthread_create(&service->signal_thread, NULL, signals_take, service);
    return r == 0 ? 0 : error_set(error, -r, "cannot start a thread: %s", strerror(r));
}

static void signals_block(struct service *service)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    sigemptyset(&service->signals);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        sigaddset(&service->signals, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &service->signals, NULL);
}

/* A readers_broken_fn. */
static void source_broken(void *arg, unsigned reader, int code, const struct error *error)
{
    struct service *service = arg;
    log_error("%s", error->text);
    service->broken[reader] = true;
    if (service->exit_code == CLI_EXIT_OK)
        service->exit_code = code == -EBADMSG ? CLI_EXIT_DAMAGED : CLI_EXIT_FAILED;
}

/* Configuration and lists. */
static int knowledge_open(struct service *service, struct error *error)
{
    int r = config_load(service->options.config, &service->config, error);
    if (r < 0)
        return r;
    service->first = service->config;
    state_recall(service);
    r = lists_load(service->config, NULL, 0, lists_report_log, NULL, &service->lists, error);
    if (r == 0)
        r = abilities_check(service->config, &service->lists, clock_now_ns(), error);
    if (r < 0)
        return r;
    loaded_note(service);
    canary_init(&service->canary, engine_shards(service->config));
    return 0;
}

static int service_open(struct service *service)
{
    struct error error;
    if (updater_start(service->options.config, UPDATER_PERIOD_S, &service->updater, &error) < 0)
        return fail(service, &error);
    if (knowledge_open(service, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    if (notify_open(&service->notify, &error) < 0 || sources_make(service, &error) < 0 ||
        monitor_make(service, &error) < 0 ||
        responder_open(service->config, &service->responder, &error) < 0 ||
        exporting_open(service->config, &service->exporting, &error) < 0 ||
        privileges_drop(service, &error) < 0 || store_make(service, &error) < 0 ||
        past_judge_first(service, &error) < 0 || engine_make(service, &error) < 0)
        return fail(service, &error);
    return CLI_EXIT_OK;
}

static void service_report(struct service *service)
{
    struct metrics metrics;
    struct error error;
    engine_metrics(service->engine, &metrics);
    for (unsigned i = 0; i < service->source_count; i++)
        readers_metrics(service->readers, i, &metrics);
    log_info("%" PRIu64 " messages, %" PRIu64 " transactions, %" PRIu64 " alerts",
             metrics.value[METRIC_MESSAGES_IN] - metrics.value[METRIC_CANARY_MESSAGES],
             metrics.value[METRIC_TRANSACTIONS] -
                 metrics.value[METRIC_CANARY_MESSAGES] / CANARY_MESSAGES,
             metrics.value[METRIC_FINDINGS_NEW] - metrics.value[METRIC_CANARY_ALERTS]);
    if (!metrics_balance(&metrics, &error)) {
        error_prefix(&error, "this is a defect in dnsvigil, please report it: ");
        fail(service, &error);
    }
    if (service->keeper.failure)
        fail(service, &service->keeper.error);
}

static void service_watch(struct service *service)
{
    struct error error;
    if (monitor_answer(service->monitor, store_path_of(service), keeper_writer(&service->keeper),
                       responder_isolator(service->responder), &error) < 0 ||
        responder_start(service->responder, store_path_of(service), keeper_writer(&service->keeper),
                        &error) < 0 ||
        exporting_start(service->exporting, store_path_of(service), keeper_writer(&service->keeper),
                        &error) < 0 ||
        signals_start(service, &error) < 0 ||
        services_start(jobs, sizeof(jobs) / sizeof(*jobs), service, &service->services, &error) <
            0 ||
        monitor_start(service->monitor, service->engine, &error) < 0) {
        fail(service, &error);
        return;
    }
    log_info("watching %u sources with %u shards", service->source_count,
             engine_shards(service->config));
    notify_ready(&service->notify);
    notify_status(&service->notify, "watching %u sources, sandbox: %s", service->source_count,
                  sandbox_names[service->sandbox]);
    if (readers_run(service->readers, service->engine, source_broken, service, &error) < 0)
        fail(service, &error);
    keeper_leave(&service->keeper);
    monitor_stop(service->monitor);
    responder_stop(service->responder);
    engine_finish(service->engine);
    exporting_stop(service->exporting);
    outbox_close(engine_outbox(service->engine));
    services_stop(service->services);
    pthread_kill(service->signal_thread, SIGUSR1);
    pthread_join(service->signal_thread, NULL);
    service_report(service);
}

static void service_close(struct service *service)
{
    struct error error;
    updater_stop(&service->updater);
    responder_close(service->responder);
    exporting_close(service->exporting);
    monitor_close(service->monitor);
    state_forget(service);
    engine_free(service->engine);
    readers_free(service->readers);
    if (service->engine)
        keeper_done(&service->keeper);
    for (unsigned i = 0; i < service->source_count; i++)
        service->sources[i]->ops->close(service->sources[i]);
    if (store_close(service->store, &error) < 0)
        fail(service, &error);
    notify_close(&service->notify);
    lists_done(&service->lists);
    if (service->first != service->config)
        config_free(service->first);
    config_free(service->config);
}

int command_run(int argc, char **argv)
{
    struct run_options options = {0};
    int first, code;
    if (!options_parse(&table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&table, "it takes no operands");
    if (options.dump_config)
        return dump(&options);
    struct service *service = calloc(1, sizeof(*service));
    if (!service) {
        log_error("no memory");
        return CLI_EXIT_FAILED;
    }
    service->options = options;
    service->notify.fd = -1;
    pthread_mutex_init(&service->told, NULL);
    signals_block(service);
    service->exit_code = service_open(service);
    if (service->exit_code == CLI_EXIT_OK)
        service_watch(service);
    service_close(service);
    code = service->exit_code;
    free(service);
    return code;
}
