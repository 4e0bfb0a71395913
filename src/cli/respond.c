/* respond.c - `dnsvigil respond`: what is done about an alert; the actions, and what they share
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/respond.h"

#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/client.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

static void actor_find(char *actor, size_t size)
{
    const struct passwd *user = getpwuid(getuid());
    if (user)
        snprintf(actor, size, "cli:%s", user->pw_name);
    else
        snprintf(actor, size, "cli:%u", (unsigned)getuid());
}

int respond_open(const char *config_path, const char *store_path, enum store_mode mode,
                 struct respond *ret_respond)
{
    struct respond respond = {0};
    struct error error;
    if (config_load(config_path, &respond.config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    struct store_config store_config = store_config_default;
    store_config.ballast_bytes = (uint64_t)respond.config->store.ballast_mib << 20;
    const char *path = store_path ? store_path : respond.config->store.path;
    if (store_open(path, mode, &store_config, &respond.store, &error) < 0) {
        log_error("%s", error.text);
        config_free(respond.config);
        return CLI_EXIT_FAILED;
    }
    respond.writer = store_writer_direct(respond.store);
    actor_find(respond.actor, sizeof(respond.actor));
    *ret_respond = respond;
    return CLI_EXIT_OK;
}

bool respond_is_done(const char *config_path, const char *store_path, const char *how_often)
{
    struct config *config;
    struct client *client;
    struct error error;
    bool daemon = false;
    if (store_path || config_load(config_path, &config, &error) < 0)
        return false;
    if (client_open(config, NULL, &client, &error) == 0) {
        daemon = client_is_remote(client);
        client_close(client);
    }
    config_free(config);
    if (daemon)
        log_info("nothing to do here: the service runs, and does this by itself %s", how_often);
    return daemon;
}

int respond_close(struct respond *respond, int r, const struct error *error)
{
    struct error close_error;
    if (r < 0)
        log_error("%s", error->text);
    int closed = store_close(respond->store, &close_error);
    if (closed < 0)
        log_error("%s", close_error.text);
    config_free(respond->config);
    return r < 0 || closed < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static const struct action actions[] = {
    {"ask", respond_ask, &respond_ask_table},
    {"answer", respond_answer, &respond_answer_table},
    {"deliver", respond_deliver, &respond_deliver_table},
    {"deliveries", respond_deliveries, &respond_deliveries_table},
    {"checklist", respond_checklist, &respond_checklist_table},
    {"isolate", respond_isolate, &respond_isolate_table},
    {"preview", respond_preview, &respond_preview_table},
    {"apply", respond_apply, &respond_apply_table},
    {"undo", respond_undo, &respond_undo_table},
    {"isolations", respond_isolations, &respond_isolations_table},
    {"sweep", respond_sweep, &respond_sweep_table},
};

int command_respond(int argc, char **argv)
{
    return actions_run(actions, sizeof(actions) / sizeof(*actions), argc, argv);
}
