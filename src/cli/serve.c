/* serve.c - `dnsvigil serve`: the API and the pages for browsers over stored alerts, without
 * traffic
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/server.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "pipeline/responder.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct serve_options {
    const char *config;
    const char *store;
};

struct serving {
    const char *path; /* of the store */
    struct config *config;
    struct store *store;
    pthread_mutex_t writing;
    struct responder *responder;
    struct api_server *server;
    pthread_t thread;
};

static const struct option_row rows[] = {
    OPTION_CONFIG(struct serve_options, config),
    OPTION_STORE(struct serve_options, store),
};

static const struct option_table table = {
    .command = "serve",
    .arguments = "[OPTION]...",
    .summary = "Answers the API and browsers over the alerts that are stored, until SIGINT or "
               "SIGTERM: for looking at what `analyze` found. Owners are asked and machines "
               "isolated as by `run`; nothing is watched and nothing exported.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Example:\n"
             "  dnsvigil analyze --store alerts.db capture.pcap && dnsvigil serve --store "
             "alerts.db",
};

/* A store_writer's: one thread at a time. */
static int write_alone(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    struct serving *serving = arg;
    pthread_mutex_lock(&serving->writing);
    int r = fn(fn_arg, serving->store, error);
    pthread_mutex_unlock(&serving->writing);
    return r;
}

static void *server_thread(void *server)
{
    api_server_run(server);
    return NULL;
}

static int serving_open(struct serving *serving, struct error *error)
{
    const struct api_server_config settings = {.config = serving->config};
    const struct store_config store = store_config_of(serving->config);
    int r = responder_open(serving->config, &serving->responder, error);
    if (r == 0)
        r = api_server_open(&settings, &serving->server, error);
    if (r == 0)
        r = store_open(serving->path, STORE_WRITE, &store, &serving->store, error);
    return r;
}

/* Everything is open. */
static int serving_start(struct serving *serving, struct error *error)
{
    const struct store_writer writer = {write_alone, serving};
    int r = responder_start(serving->responder, serving->path, writer, error);
    if (r == 0)
        r = api_server_begin(serving->server, serving->path, writer,
                             responder_isolator(serving->responder), error);
    if (r < 0)
        return r;
    r = pthread_create(&serving->thread, NULL, server_thread, serving->server);
    return r == 0 ? 0 : error_set(error, -r, "cannot start a thread: %s", strerror(r));
}

static int serve(struct serving *serving, struct error *error)
{
    sigset_t ends;
    int number;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* for all threads: this one waits for them */
    int r = serving_open(serving, error);
    if (r == 0)
        r = serving_start(serving, error);
    if (r < 0)
        return r;
    log_info("open http://127.0.0.1:%u/ in a browser; Ctrl-C ends it",
             api_server_port(serving->server));
    sigwait(&ends, &number);
    api_server_stop(serving->server);
    pthread_join(serving->thread, NULL);
    responder_stop(serving->responder);
    return 0;
}

static int serving_close(struct serving *serving, struct error *error)
{
    api_server_close(serving->server);
    responder_close(serving->responder);
    int r = store_close(serving->store, error);
    config_free(serving->config);
    return r;
}

int command_serve(int argc, char **argv)
{
    struct serve_options options = {0};
    struct serving serving = {.writing = PTHREAD_MUTEX_INITIALIZER};
    struct error error;
    int first, code;
    if (!options_parse(&table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&table, "it takes no operands");
    if (config_load(options.config, &serving.config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    serving.path = options.store ? options.store : serving.config->store.path;
    int r = serve(&serving, &error);
    if (r < 0)
        log_error("%s", error.text);
    if (serving_close(&serving, &error) < 0) {
        log_error("%s", error.text);
        r = -1;
    }
    return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}
