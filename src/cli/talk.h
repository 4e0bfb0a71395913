/* talk.h - what a command asks of the API, several times over
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct talk talk;
 *     int code = talk_open(options.config, options.store, &talk);
 *     if (code != CLI_EXIT_OK)
 *         return code;
 *     int r = talk_ask(&talk, HTTP_POST, TALK_PATH("isolations", number, "apply"), NULL, NULL,
 *                      &error);
 *     return talk_close(&talk, r, &error);
 */
#pragma once

#include "cli/client.h"
#include "cli/output.h"

struct talk {
    struct config *config;
    struct client *client;
};

/* Opens both; `store_path` NULL means the daemon, or the configured store where none runs. Returns
 * an exit code, having said what is wrong; only after CLI_EXIT_OK is talk_close() due. */
int talk_open(const char *config_path, const char *store_path, struct talk *ret_talk);

/* Closes both; `r` and `error` are what happened before, and are told. Returns an exit code. */
int talk_close(struct talk *talk, int r, const struct error *error);

/* The segments of a path below /api/v1, whatever characters they have. */
#define TALK_PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Asks for a path. Takes the body over; NULL: none. What was refused is a failure with the API's
 * message. `ret_json` may be NULL. */
int talk_ask(const struct talk *talk, enum http_method method, const char *const path[],
             json_t *body, json_t **ret_json, struct error *error);

/* GET with a query. */
int talk_ask_query(const struct talk *talk, const char *const path[], const char *query,
                   json_t **ret_json, struct error *error);

/* Gathers up to `limit` items of a list, page by page; `query` begins with '&', or is "". The
 * answer is an object with "items", the caller's. */
int talk_list(const struct talk *talk, const char *const path[], const char *query, uint64_t limit,
              json_t **ret_json, struct error *error);

/* The same, printed: see items_print(). */
int talk_print(const struct talk *talk, const char *const path[], const char *query, uint64_t limit,
               const char *const columns[], enum output_format format, struct error *error);
