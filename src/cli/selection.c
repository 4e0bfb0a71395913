/* selection.c - which stored alerts a command is about: the options of `alerts list`, `set`,
 * `export` SPDX-License-Identifier: Apache-2.0 */
#include "cli/selection.h"
#include "base/log.h"
#include "cli/cli.h"
#include "config/config.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <string.h>

static bool words_read(const char *text, int (*parse)(const char *word), uint32_t *mask)
{
    char word[64];
    do {
        size_t len = strcspn(text, ",");
        snprintf(word, sizeof(word), "%.*s", (int)len, text);
        int value = len < sizeof(word) ? parse(word) : -1;
        if (value < 0)
            return false;
        *mask |= 1u << value;
        text += len + (text[len] == ',');
    } while (*text);
    return true;
}

bool selection_statuses(const char *text, void *field)
{
    return words_read(text, alert_status_parse, field);
}

bool selection_detectors(const char *text, void *field)
{
    return words_read(text, detector_parse, field);
}

bool selection_severity(const char *text, void *field)
{
    int severity = severity_parse(text);
    *(uint8_t *)field = (uint8_t)severity;
    return severity >= 0;
}

bool selection_entity(const char *text, void *field)
{
    struct addr addr;
    if (!addr_parse(text, strlen(text), &addr))
        return false;
    addr_format(&addr, field);
    return true;
}

bool selection_domain(const char *text, void *field)
{
    struct dns_name name;
    if (!name_from_text(&name, text, strlen(text)))
        return false;
    name_to_text(&name, 0, field);
    return true;
}

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

struct store_filter selection_filter(const struct selection *selection)
{
    return (struct store_filter){
        .statuses = selection->all ? ~0u : selection->statuses,
        .detectors = selection->detectors,
        .severity_min = selection->severity_min,
        .entity_ip = *selection->entity ? selection->entity : NULL,
        .domain = *selection->domain ? selection->domain : NULL,
        .search = selection->search,
        .since_ns = selection->since_ns,
        .until_ns = selection->until_ns,
    };
}

bool selection_is_empty(const struct selection *selection)
{
    return !selection->statuses && !selection->severity_min && !selection->detectors &&
           !*selection->entity && !*selection->domain && !selection->search &&
           !selection->since_ns && !selection->until_ns;
}
