/* paths.c - finds every file and folder that a configuration names
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

static void section_paths(const struct config_section *section, void *base, config_path_fn take,
                          void *arg);

static void take_path(const char *path, config_path_fn take, void *arg)
{
    if (path[0])
        take(arg, path);
}

static void key_paths(const struct config_key *key, void *base, config_path_fn take, void *arg)
{
    const struct config_list *list = config_member(key, base);
    switch (key->type) {
    case CONFIG_SECTION: section_paths(key->child, config_member(key, base), take, arg); break;
    case CONFIG_SECTION_LIST:
        for (uint32_t i = 0; i < list->count; i++)
            section_paths(key->child, (char *)list->items + i * key->child->bytes, take, arg);
        break;
    case CONFIG_PATH: take_path(*(char **)config_member(key, base), take, arg); break;
    case CONFIG_PATHS:
        for (uint32_t i = 0; i < list->count; i++)
            take_path(((struct config_path *)list->items)[i].text, take, arg);
        break;
    default: break;
    }
}

static void section_paths(const struct config_section *section, void *base, config_path_fn take,
                          void *arg)
{
    for (uint32_t i = 0; i < section->key_count; i++)
        key_paths(&section->keys[i], base, take, arg);
}

void config_each_path(const struct config *config, config_path_fn take, void *arg)
{
    section_paths(config_schema, (struct config *)config, take, arg);
}
