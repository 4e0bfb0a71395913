/* api_serve.c - the API over a store with a few alerts, without an engine: for tests from outside
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: api_serve CONFIG STORE. Prints its port, and ends with its standard input. A line on that
 * stores one more alert. */
#include "alert_build.h"
#include "api/server.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct locked {
    pthread_mutex_t lock;
    struct store *store;
};

/* A store_writer's: one thread at a time. */
static int write_locked(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    struct locked *locked = arg;
    pthread_mutex_lock(&locked->lock);
    int r = fn(fn_arg, locked->store, error);
    pthread_mutex_unlock(&locked->lock);
    return r;
}

/* A store_write_fn. */
static int alert_put(void *arg, struct store *store, struct error *error)
{
    const struct alert *alert = arg;
    struct store_put_result result;
    return store_put(store, &alert, 1, &result, error);
}

static void fail(const struct error *error)
{
    fprintf(stderr, "%s\n", error->text);
    exit(1);
}

static void hello(void *arg, struct http_answer *answer)
{
    (void)arg;
    buf_text(&answer->body, "hello\n");
}

static void *run(void *server)
{
    api_server_run(server);
    return NULL;
}

int main(int argc, char **argv)
{
    static const struct http_route routes[] = {{"/healthz", hello, false},
                                               {"/metrics", hello, true}};
    static struct alert alert;
    struct locked locked = {PTHREAD_MUTEX_INITIALIZER, NULL};
    struct config *config;
    struct api_server *server;
    struct error error;
    pthread_t thread;
    char line[16];
    if (argc != 3)
        return 2;
    hash_seed_init();
    if (config_load(argv[1], &config, &error) < 0 ||
        store_open(argv[2], STORE_WRITE, NULL, &locked.store, &error) < 0)
        fail(&error);
    const struct api_server_config settings = {
        .config = config, .routes = routes, .route_count = 2};
    const struct store_writer writer = {write_locked, &locked};
    if (api_server_open(&settings, &server, &error) < 0 ||
        api_server_begin(server, argv[2], writer, NULL, &error) < 0)
        fail(&error);
    pthread_create(&thread, NULL, run, server);
    printf("%u\n", api_server_port(server));
    fflush(stdout);
    for (unsigned number = 1; fgets(line, sizeof(line), stdin); number++) {
        alert_build(&alert, number);
        if (write_locked(&locked, alert_put, &alert, &error) < 0)
            fail(&error);
    }
    api_server_stop(server);
    pthread_join(thread, NULL);
    api_server_close(server);
    store_close(locked.store, &error);
    config_free(config);
    return 0;
}
