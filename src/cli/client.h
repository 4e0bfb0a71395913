/* client.h - asks the API: of the daemon over its unix socket, or in this process where none runs
 * SPDX-License-Identifier: Apache-2.0
 *
 *     r = client_open(config, NULL, &client, &error);
 *     r = client_request(client, HTTP_POST, "/api/v1/users", body, &status, &json, &error);
 *
 * In this process the store is opened for writing, as whoever may write the file is allowed to do
 * everything. One request at a time. */
#pragma once

#include "api/api.h"

struct client;

/* `store` NULL: that of the configuration, and the daemon is asked when it answers. Another store
 * is always opened here. */
int client_open(const struct config *config, const char *store, struct client **ret_client,
                struct error *error);
void client_close(struct client *client);

/* Whether it is the daemon that is asked. */
bool client_is_remote(const struct client *client);

/* Sends a request and waits up to a minute. `path` may have a query; `body` NULL: none. The
 * answer's JSON, NULL where there is none, is the caller's to json_decref(). Negative errno only
 * when nobody answered: what was refused has a status of 400 or more. */
int client_request(struct client *client, enum http_method method, const char *path,
                   const json_t *body, int *ret_status, json_t **ret_json, struct error *error);

/* The same for commands: a refusal, too, is a failure, with the API's message. `ret_json` may be
 * NULL. */
int client_call(struct client *client, enum http_method method, const char *path,
                const json_t *body, json_t **ret_json, struct error *error);

/* Appends text so that it is one segment of a path. */
void client_segment(struct buf *path, const char *text);
