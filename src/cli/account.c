/* account.c - what the commands about users and tokens share
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/account.h"

#include "base/log.h"
#include "cli/cli.h"

int account_call(const struct account_options *options, enum http_method method, const char *path,
                 json_t *body, json_t **ret_json)
{
    struct config *config = NULL;
    struct client *client = NULL;
    struct error error;
    int code = CLI_EXIT_CONFIG;
    int r = config_load(options->config, &config, &error);
    if (r == 0) {
        code = CLI_EXIT_FAILED;
        r = client_open(config, options->store, &client, &error);
    }
    if (r == 0)
        r = client_call(client, method, path, body, ret_json, &error);
    if (r < 0)
        log_error("%s", error.text);
    client_close(client);
    config_free(config);
    json_decref(body);
    return r < 0 ? code : CLI_EXIT_OK;
}

char *account_path(const char *kind, const char *name)
{
    struct buf path;
    buf_init(&path, API_QUERY_MAX);
    buf_printf(&path, "/api/v1/%s/", kind);
    client_segment(&path, name);
    return path.data;
}
