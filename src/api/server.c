/* server.c - the API as a service: sockets, threads, and their ways to the store
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/server.h"

#include "api/caller.h"
#include "api/gate.h"
#include "api/web.h"
#include "base/folder.h"
#include "base/log.h"
#include "respond/contact.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS = 4, SOCKET_PATH_MAX = 107 };

struct api_server {
    struct api_server_config config;
    char *socket;
    struct gate gate;
    struct api events; /* of the thread that runs the server */
    struct api workers[WORKERS];
    struct http *http;
    bool begun;
};

char *api_socket_path(const struct config *config)
{
    char *path;
    if (config->api.socket[0])
        return strdup(config->api.socket);
    return asprintf(&path, "%s/api.sock", config->state_dir) < 0 ? NULL : path;
}

/* A reload may put another one in its place at any time. */
static const struct config *config_take(const struct api_server *server)
{
    const struct api_hooks *hooks = &server->config.hooks;
    return hooks->config ? hooks->config(hooks->arg) : config_ref(server->config.config);
}

/* An http_take_fn. */
static void request_take(void *arg, unsigned worker, const struct http_request *http,
                         struct http_answer *answer)
{
    struct api_server *server = arg;
    struct api *api = &server->workers[worker];
    struct api_request request;
    struct caller caller;
    if (web_answer(http, answer))
        return;
    if (!server->begun) {
        api_fail(answer, 503, "starting", "the service is about to start");
        return;
    }
    api->config = config_take(server);
    if (caller_identify(api, http, &caller, &request, answer))
        api_dispatch(api, &request, answer);
    config_unref(api->config);
    api->config = NULL;
}

/* To whom the socket belongs once privileges are dropped. */
static void owner_find(const struct config_sandbox *sandbox, uid_t *ret_uid, gid_t *ret_gid)
{
    const struct passwd *user = sandbox->user[0] && geteuid() == 0 ? getpwnam(sandbox->user) : NULL;
    if (!user)
        return;
    *ret_uid = user->pw_uid;
    *ret_gid = user->pw_gid;
    const struct group *group = sandbox->group[0] ? getgrnam(sandbox->group) : NULL;
    if (group)
        *ret_gid = group->gr_gid;
}

/* The default lies in state_dir, whose path may be too long for a socket: then there is none. */
static const char *socket_use(struct api_server *server, uid_t uid, gid_t gid)
{
    if (!server->config.config->api.socket[0] && strlen(server->socket) > SOCKET_PATH_MAX) {
        log_warning("%s: too long for a socket; name a shorter one in api.socket", server->socket);
        return NULL;
    }
    int r = folders_give(server->socket, uid, gid);
    if (r < 0)
        log_warning("%s: its folder: %s", server->socket, strerror(-r));
    return server->socket;
}

int api_server_open(const struct api_server_config *config, struct api_server **ret_server,
                    struct error *error)
{
    struct api_server *server = calloc(1, sizeof(*server));
    if (!server)
        return error_set(error, -ENOMEM, "no memory for the API");
    server->config = *config;
    server->socket = api_socket_path(config->config);
    int r = 0;
    if (!gate_init(&server->gate) || !server->socket)
        r = error_set(error, -ENOMEM, "no memory for the API");
    struct http_config http = {
        .api = &config->config->api,
        .socket_uid = (uid_t)-1,
        .socket_gid = (gid_t)-1,
        .routes = config->routes,
        .route_count = config->route_count,
        .arg = config->routes_arg,
        .open_below = CONTACT_PATH,
        .take = request_take,
        .take_arg = server,
        .stream_arg = &server->events,
        .workers = WORKERS,
    };
    owner_find(&config->config->sandbox, &http.socket_uid, &http.socket_gid);
    if (r == 0) {
        http.socket = socket_use(server, http.socket_uid, http.socket_gid);
        r = http_open(&http, &server->http, error);
    }
    if (r < 0) {
        api_server_close(server);
        return r;
    }
    *ret_server = server;
    return 0;
}

static int api_open(const struct api *wanted, const char *path, struct api *api,
                    struct error *error)
{
    *api = *wanted;
    return store_open(path, STORE_READ, NULL, &api->read, error);
}

/* Somebody has to be the first. */
static int setup_begin(struct api_server *server, struct error *error)
{
    size_t users;
    int r = users_count(server->events.read, &users, error);
    if (r < 0 || users > 0)
        return r;
    r = gate_setup_offer(&server->gate, server->config.config->state_dir, error);
    if (r == 0)
        log_info("there is no user yet: make one with `dnsvigil users add`, or with the code in %s",
                 server->gate.path);
    return r;
}

int api_server_begin(struct api_server *server, const char *store_path, struct store_writer writer,
                     struct isolator *isolator, struct error *error)
{
    const struct api api = {.start = server->config.config,
                            .writer = writer,
                            .gate = &server->gate,
                            .hooks = server->config.hooks,
                            .isolator = isolator};
    int r = api_open(&api, store_path, &server->events, error);
    for (unsigned i = 0; r == 0 && i < WORKERS; i++)
        r = api_open(&api, store_path, &server->workers[i], error);
    if (r == 0)
        r = setup_begin(server, error);
    server->begun = r == 0;
    return r;
}

void api_server_run(struct api_server *server)
{
    http_run(server->http);
}

void api_server_stop(struct api_server *server)
{
    http_stop(server->http);
}

void api_server_close(struct api_server *server)
{
    struct error error;
    if (!server)
        return;
    http_close(server->http);
    store_close(server->events.read, &error);
    for (unsigned i = 0; i < WORKERS; i++)
        store_close(server->workers[i].read, &error);
    gate_done(&server->gate);
    free(server->socket);
    free(server);
}

unsigned api_server_port(const struct api_server *server)
{
    return http_port(server->http);
}
