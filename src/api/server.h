/* server.h - the API as a service: sockets, threads, and their ways to the store
 * SPDX-License-Identifier: Apache-2.0
 *
 *     api_server_open(&config, &server, &error);            as root: sockets, TLS key
 *     api_server_begin(server, path, writer, &error);       the store is there
 *     api_server_run(server);                               on a thread of its own
 *     api_server_stop(server);                              from any thread
 *     api_server_close(server);
 *
 * `routes` are answered beside the API by the thread that runs the server, so that no request to
 * the API keeps /healthz waiting. */
#pragma once

#include "api/api.h"

struct api_server;

struct api_server_config {
    const struct config *config; /* of the start; must outlive the server */
    const struct http_route *routes;
    size_t route_count;
    void *routes_arg;
    struct api_hooks hooks; /* called by several threads at a time */
};

int api_server_open(const struct api_server_config *config, struct api_server **ret_server,
                    struct error *error);

/* Opens the store for reading, once for each thread. Where there is no user yet, writes the setup
 * code and says where. Writer and isolator, which may be NULL, must be usable until
 * api_server_run() has returned. */
int api_server_begin(struct api_server *server, const char *store_path, struct store_writer writer,
                     struct isolator *isolator, struct error *error);

/* Answers until it is stopped; before api_server_begin() only the routes. */
void api_server_run(struct api_server *server);
void api_server_stop(struct api_server *server);
void api_server_close(struct api_server *server);

unsigned api_server_port(const struct api_server *server);

/* Where the unix socket of this configuration is; the caller's to free. NULL without memory. */
char *api_socket_path(const struct config *config);
