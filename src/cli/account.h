/* account.h - what the commands about users and tokens share
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/client.h"
#include "cli/options.h"
#include "cli/output.h"

struct account_options {
    const char *config;
    const char *store;
    enum output_format format;
    const char *role;
    const char *owner;
    const char *password_file;
    bool password;
    bool disable;
    bool enable;
    uint64_t days;
};

#define ACCOUNT_OPTIONS_COMMON                                                                     \
    OPTION_STORE(struct account_options, store), OPTION_CONFIG(struct account_options, config)

/* Asks once: opens a client, makes the call, closes it and says what went wrong. Takes the body
 * over. Returns an exit code. `ret_json`, which may be NULL, is the caller's where it is 0. */
int account_call(const struct account_options *options, enum http_method method, const char *path,
                 json_t *body, json_t **ret_json);

/* "/api/v1/<kind>/<name>", the caller's to free. */
char *account_path(const char *kind, const char *name);
