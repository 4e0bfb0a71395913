/* run.c - `dnsvigil run`: watches the configured sources until it is told to stop
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/lists_report.h"
#include "cli/options.h"
#include "input/sources.h"
#include "pipeline/keeper.h"
#include "pipeline/monitor.h"
#include "pipeline/notify.h"
#include "pipeline/readers.h"
#include "pipeline/retro.h"
#include "pipeline/sandbox.h"
#include "pipeline/updater.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t ns_per_day = 86400 * NS_PER_S;

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
    struct engine *engine;
    struct updater updater;
    struct readers *readers;
    struct notify notify;
    enum sandbox_level sandbox;
    struct monitor *monitor;
    struct state *state; /* what the meters go on from, until they have taken it over; or NULL */
    _Atomic uint64_t indicators, rules, reloads, reloads_refused;
    _Atomic int64_t loaded_ns;
    atomic_bool reload_failed;
    atomic_uint sources_broken;
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
    size_t deleted;
    int r = store_open(path, STORE_WRITE, &store, &service->store, error);
    return r < 0 ? r
                 : store_purge(service->store, clock_now_ns() - config->retention_days * ns_per_day,
                               &deleted, error);
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
    struct config *config;
    struct error error = {""};
    if (config_load(service->options.config, &config, &error) < 0)
        return; /* told when it is loaded for good */
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
    config_free(config);
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
    service->indicators = intel_count(service->lists.intel);
    service->rules = service->lists.rules ? service->lists.rules->count : 0;
    service->loaded_ns = clock_now_ns();
}

/* A monitor hook. */
static void vitals_add(void *arg, struct vitals *vitals)
{
    struct service *service = arg;
    vitals->sources = service->source_count;
    vitals->sources_broken = service->sources_broken;
    vitals->indicators = service->indicators;
    vitals->rules = service->rules;
    vitals->loaded_ns = service->loaded_ns;
    vitals->reloads = service->reloads;
    vitals->reloads_refused = service->reloads_refused;
    vitals->reload_failed = service->reload_failed;
    vitals->store_failing = service->keeper.failure != 0;
    vitals->sandbox_level = service->sandbox;
    readers_metrics(service->readers, &vitals->metrics);
}

/* A monitor hook. */
static void alive_tell(void *arg)
{
    const struct service *service = arg;
    notify_alive(&service->notify);
}

static int monitor_make(struct service *service, struct error *error)
{
    const struct monitor_hooks hooks = {service, vitals_add, alive_tell};
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

/* What earlier traffic has to do with indicators that are new is stored, and said in one line. */
static int past_judge(struct service *service, struct error *error)
{
    const struct retro_config config = {.store = service->store,
                                        .writer = store_writer_direct(service->store),
                                        .config = service->config,
                                        .lists = &service->lists};
    struct retro_result result;
    int r = retro_run(&config, &result, error);
    if (r == 0 && result.alerts)
        log_info("%zu indicators are new: %" PRIu64 " alerts about earlier traffic",
                 result.indicators, result.alerts);
    return r;
}

static int engine_make(struct service *service, struct error *error)
{
    keeper_init(&service->keeper, service->store, service->config, &service->lists);
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
    if (r < 0)
        return r;
    service->readers = readers_new(service->config, service->sources, service->source_count, error);
    return service->readers ? 0 : -ENOMEM;
}

static void reload_refused(struct service *service)
{
    service->reloads_refused++;
    service->reload_failed = true;
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
    if (engine_reload(service->engine, config, &lists, &error) < 0) {
        log_error("%s", error.text);
        lists_done(&lists);
        config_free(config);
        reload_refused(service);
        return;
    }
    struct config *old_config = service->config;
    struct lists old_lists = service->lists;
    service->config = config;
    service->lists = lists;
    keeper_change(&service->keeper, config, &service->lists);
    lists_done(&old_lists);
    if (old_config != service->first)
        config_free(old_config);
    service->reloads++;
    service->reload_failed = false;
    loaded_note(service);
    log_info("configuration and lists were read anew");
}

/* The thread that takes signals. SIGUSR1 ends it. */
static void *signals_take(void *arg)
{
    struct service *service = arg;
    int number;
    while (sigwait(&service->signals, &number) == 0 && number != SIGUSR1) {
        if (number == SIGHUP) {
            notify_reloading(&service->notify);
            reload(service);
            notify_ready(&service->notify);
        } else {
            notify_stopping(&service->notify);
            readers_stop(service->readers);
        }
    }
    return NULL;
}

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
static void source_broken(void *arg, int code, const struct error *error)
{
    struct service *service = arg;
    log_error("%s", error->text);
    service->sources_broken++;
    if (service->exit_code == CLI_EXIT_OK)
        service->exit_code = code == -EBADMSG ? CLI_EXIT_DAMAGED : CLI_EXIT_FAILED;
}

static int service_open(struct service *service)
{
    const struct feed_arguments none = {0};
    struct error error;
    if (updater_start(service->options.config, UPDATER_PERIOD_S, &service->updater, &error) < 0)
        return fail(service, &error);
    state_recall(service);
    int code = lists_open(service->options.config, &none, &service->config, &service->lists);
    if (code != CLI_EXIT_OK)
        return code;
    service->first = service->config;
    loaded_note(service);
    if (notify_open(&service->notify, &error) < 0 || sources_make(service, &error) < 0 ||
        monitor_make(service, &error) < 0 || privileges_drop(service, &error) < 0 ||
        store_make(service, &error) < 0 || past_judge(service, &error) < 0 ||
        engine_make(service, &error) < 0)
        return fail(service, &error);
    return CLI_EXIT_OK;
}

static void service_report(struct service *service)
{
    struct metrics metrics;
    struct error error;
    engine_metrics(service->engine, &metrics);
    readers_metrics(service->readers, &metrics);
    log_info("%" PRIu64 " messages, %" PRIu64 " transactions, %" PRIu64 " alerts",
             metrics.value[METRIC_MESSAGES_IN], metrics.value[METRIC_TRANSACTIONS],
             metrics.value[METRIC_ALERTS]);
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
    if (signals_start(service, &error) < 0 ||
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
    monitor_stop(service->monitor);
    engine_finish(service->engine);
    pthread_kill(service->signal_thread, SIGUSR1);
    pthread_join(service->signal_thread, NULL);
    service_report(service);
}

static void service_close(struct service *service)
{
    struct error error;
    updater_stop(&service->updater);
    monitor_close(service->monitor);
    state_forget(service);
    readers_free(service->readers);
    engine_free(service->engine);
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
    signals_block(service);
    service->exit_code = service_open(service);
    if (service->exit_code == CLI_EXIT_OK)
        service_watch(service);
    service_close(service);
    code = service->exit_code;
    free(service);
    return code;
}
