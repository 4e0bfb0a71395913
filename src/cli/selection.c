/* selection.c - which stored alerts a command is about: the options that choose them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/selection.h"
#include "base/log.h"
#include "cli/cli.h"
#include "config/config.h"

#define FILTER(id, name, letter, value, help)                                                      \
    bool selection_##id(const char *text, void *field)                                             \
    {                                                                                              \
        struct selection *selection = field;                                                       \
        struct error ignored; /* the table of options tells what is expected */                    \
        selection->texts[FILTER_##id] = text;                                                      \
        return filter_set(&selection->filter, name, text, &ignored) == 0;                          \
    }
#include "store/filters.def"
#undef FILTER

int selection_store(const char *config_path, const char *path, enum store_mode mode,
                    struct store **ret_store)
{
    struct config *config;
    struct error error;
    if (config_load(config_path, &config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    const struct store_config store_config = {
        .ballast_bytes = (uint64_t)config->store.ballast_mib << 20,
        .checkpoint_pages = store_config_default.checkpoint_pages,
        .busy_timeout_ms = store_config_default.busy_timeout_ms,
    };
    int r = store_open(path ? path : config->store.path, mode, &store_config, ret_store, &error);
    config_free(config);
    if (r < 0)
        log_error("%s", error.text);
    return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

int selection_store_leave(struct store *store, int r, struct error *error)
{
    struct error close_error;
    if (r < 0)
        log_error("%s", error->text);
    int closed = store_close(store, &close_error);
    if (closed < 0)
        log_error("%s", close_error.text);
    return r < 0 || closed < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

bool selection_detectors(const char *text, void *field)
{
    struct filter filter = {0};
    struct error ignored;
    bool read = filter_set(&filter, "type", text, &ignored) == 0;
    *(uint32_t *)field = filter.set.detectors;
    return read;
}

struct store_filter selection_filter(const struct selection *selection)
{
    struct store_filter filter = selection->filter.set;
    if (selection->all)
        filter.statuses = ~0u;
    return filter;
}

json_t *selection_json(const struct selection *selection)
{
    json_t *filters = json_object();
    for (unsigned i = 0; i < FILTER_COUNT; i++)
        if (selection->texts[i])
            json_object_set_new(filters, filter_rows[i].name, json_string(selection->texts[i]));
    return filters;
}

bool selection_is_empty(const struct selection *selection)
{
    return selection->filter.given == 0;
}
