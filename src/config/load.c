/* load.c - the configuration from its file: defaults, then the file, then what the machine decides
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/places.h"
#include "config/schema.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each entry of a list of them, which are separated by commas. */
static int set_default_list(const struct config_key *key, void *base)
{
    int rc = 0;
    for (const char *entry = key->initial; rc == 0 && *entry;) {
        size_t len = strcspn(entry, ",");
        rc = config_value_read(key, base, entry, len);
        entry += len;
        entry += strspn(entry, ", ");
    }
    return rc;
}

int config_set_defaults(const struct config_section *section, void *base)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < section->key_count; i++) {
        const struct config_key *key = &section->keys[i];
        bool text = key->type == CONFIG_TEXT || key->type == CONFIG_PATH;
        if (key->type == CONFIG_SECTION)
            rc = config_set_defaults(key->child, config_member(key, base));
        else if (key->initial && text)
            rc = config_value_read(key, base, key->initial, strlen(key->initial));
        else if (key->initial)
            rc = set_default_list(key, base);
    }
    assert(rc == 0 || rc == -ENOMEM); /* a default that is not allowed is a mistake in schema.def */
    return rc;
}

static void free_section(const struct config_section *section, void *base);

static void free_value(const struct config_key *key, void *base)
{
    struct config_list *list = config_member(key, base);
    switch (key->type) {
    case CONFIG_SECTION: free_section(key->child, config_member(key, base)); break;
    case CONFIG_TEXT:
    case CONFIG_PATH: free(*(char **)config_member(key, base)); break;
    case CONFIG_SECTION_LIST:
        for (uint32_t i = 0; i < list->count; i++)
            free_section(key->child, (char *)list->items + i * key->child->bytes);
        free(list->items);
        break;
    case CONFIG_PORTS:
    case CONFIG_NETWORKS:
    case CONFIG_NAMES:
    case CONFIG_PATHS:
    case CONFIG_ARGUMENTS:
    case CONFIG_NUMBERS: free(list->items); break;
    default: break;
    }
}

static void free_section(const struct config_section *section, void *base)
{
    for (uint32_t i = 0; i < section->key_count; i++)
        free_value(&section->keys[i], base);
}

/* Every configuration that was loaded. */
struct shared {
    atomic_uint users;
    struct config config;
};

static struct shared *shared_of(const struct config *config)
{
    return (struct shared *)((char *)(uintptr_t)config - offsetof(struct shared, config));
}

const struct config *config_ref(const struct config *config)
{
    atomic_fetch_add(&shared_of(config)->users, 1);
    return config;
}

void config_unref(const struct config *config)
{
    if (!config || atomic_fetch_sub(&shared_of(config)->users, 1) > 1)
        return;
    struct shared *shared = shared_of(config);
    free_section(config_schema, &shared->config);
    free(shared);
}

void config_free(struct config *config)
{
    config_unref(config);
}

static struct config *config_new(void)
{
    struct shared *shared = calloc(1, sizeof(*shared));
    if (!shared)
        return NULL;
    shared->users = 1;
    return &shared->config;
}

/* Replaces an empty text by what the machine says. */
static bool fill(char **text, char *(*place)(void))
{
    if (**text)
        return true;
    free(*text);
    *text = place();
    return *text != NULL;
}

static bool fill_places(struct config *config)
{
    return fill(&config->sensor, place_host_name) && fill(&config->state_dir, place_state) &&
           fill(&config->store.path, place_store) && fill(&config->intel.seed_dir, place_seeds) &&
           fill(&config->rules.own_dir, place_rules);
}

/* Sources that do not say on which ports DNS is spoken go by what holds for all. */
static bool fill_ports(struct config *config)
{
    const struct config_ports *ports = &config->capture.ports;
    for (uint32_t i = 0; i < config->sources.count; i++) {
        struct config_ports *own = &config->sources.items[i].ports;
        if (own->count)
            continue;
        own->items = malloc(ports->count * sizeof(*ports->items));
        if (!own->items)
            return false;
        memcpy(own->items, ports->items, ports->count * sizeof(*ports->items));
        own->count = ports->count;
    }
    return true;
}

/* How far a log was read is kept in the state folder. */
static bool fill_positions(struct config *config)
{
    for (uint32_t i = 0; i < config->sources.count; i++) {
        struct config_source *source = &config->sources.items[i];
        char *path;
        if (source->type != SOURCE_TYPE_LOG || source->positions[0])
            continue;
        if (asprintf(&path, "%s/sources/%s.positions", config->state_dir, source->name) < 0)
            return false;
        free(source->positions);
        source->positions = path;
    }
    return true;
}

char *config_folder_of(const char *name)
{
    char *folder = realpath(name, NULL);
    if (!folder)
        return strdup("");
    strrchr(folder, '/')[1] = '\0';
    return folder;
}

int config_load_text(const char *name, const char *text, size_t len, struct config **ret_config,
                     struct error *error)
{
    struct config *config = config_new();
    int rc = config ? config_set_defaults(config_schema, config) : -ENOMEM;
    if (rc == 0)
        rc = config_read_all(name, text, len, config, error);
    if (rc == 0 && (!fill_places(config) || !fill_ports(config) || !fill_positions(config)))
        rc = -ENOMEM;
    if (rc == 0) {
        *ret_config = config;
        return 0;
    }
    config_free(config);
    return rc == -ENOMEM ? error_set(error, rc, "%s: not enough memory", name) : rc;
}

int config_catalogue(struct config **ret_config, struct error *error)
{
    size_t len;
    const char *text = config_catalogue_text(&len);
    return config_load_text("feeds.yaml", text, len, ret_config, error);
}

int config_read_file(const char *path, char **ret_text, size_t *ret_len, struct error *error)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    char *text = malloc(CONFIG_FILE_BYTES_MAX + 1);
    size_t len = text ? fread(text, 1, CONFIG_FILE_BYTES_MAX + 1, file) : 0;
    int rc = 0;
    if (!text)
        rc = error_set(error, -ENOMEM, "%s: not enough memory", path);
    else if (ferror(file))
        rc = error_set(error, -errno, "%s: %s", path, strerror(errno));
    else if (len > CONFIG_FILE_BYTES_MAX)
        rc = error_set(error, -EFBIG, "%s: larger than 1 MiB: not a configuration file", path);
    fclose(file);
    if (rc != 0) {
        free(text);
        return rc;
    }
    *ret_text = text;
    *ret_len = len;
    return 0;
}

static const char built_in[] = "built-in defaults";

const char *config_source(const char *path)
{
    if (path)
        return path;
    return access(CONFIG_DEFAULT_PATH, F_OK) == 0 ? CONFIG_DEFAULT_PATH : built_in;
}

int config_load(const char *path, struct config **ret_config, struct error *error)
{
    path = config_source(path);
    if (path == built_in)
        return config_load_text(path, "", 0, ret_config, error);
    char *text = NULL;
    size_t len = 0;
    int rc = config_read_file(path, &text, &len, error);
    if (rc != 0)
        return rc;
    rc = config_load_text(path, text, len, ret_config, error);
    free(text);
    return rc;
}
