/* dump.c - writes a configuration back as YAML, every key with its value
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <string.h>

static void dump_section(const struct config_section *section, void *base, unsigned depth,
                         struct buf *buf);

static void indent(struct buf *buf, unsigned depth)
{
    buf_printf(buf, "%*s", (int)depth * 2, "");
}

static uint32_t list_count(const struct config_key *key, void *base)
{
    return ((struct config_list *)config_member(key, base))->count;
}

static void dump_list(const struct config_key *key, void *base, struct buf *buf)
{
    buf_text(buf, " [");
    for (uint32_t i = 0; i < list_count(key, base); i++) {
        buf_text(buf, i ? ", " : "");
        config_value_write(key, base, i, buf);
    }
    buf_text(buf, "]\n");
}

static void dump_section_list(const struct config_key *key, void *base, unsigned depth,
                              struct buf *buf)
{
    const struct config_list *list = config_member(key, base);
    buf_text(buf, list->count ? "\n" : " []\n");
    for (uint32_t i = 0; i < list->count; i++) {
        indent(buf, depth + 1);
        buf_text(buf, "-\n");
        dump_section(key->child, (char *)list->items + i * key->child->bytes, depth + 2, buf);
    }
}

void config_key_dump(const struct config_key *key, void *base, unsigned depth, struct buf *buf)
{
    indent(buf, depth);
    buf_printf(buf, "%s:", key->name);
    switch (key->type) {
    case CONFIG_SECTION:
        buf_char(buf, '\n');
        dump_section(key->child, config_member(key, base), depth + 1, buf);
        break;
    case CONFIG_SECTION_LIST: dump_section_list(key, base, depth, buf); break;
    case CONFIG_PORTS:
    case CONFIG_NETWORKS:
    case CONFIG_NAMES:
    case CONFIG_PATHS:
    case CONFIG_ARGUMENTS:
    case CONFIG_NUMBERS: dump_list(key, base, buf); break;
    default:
        buf_char(buf, ' ');
        config_value_write(key, base, 0, buf);
        buf_char(buf, '\n');
        break;
    }
}

static void dump_section(const struct config_section *section, void *base, unsigned depth,
                         struct buf *buf)
{
    for (uint32_t i = 0; i < section->key_count; i++)
        if (strcmp(section->keys[i].name, "include") != 0) /* what it named is in the dump */
            config_key_dump(&section->keys[i], base, depth, buf);
}

void config_dump(const struct config *config, struct buf *buf)
{
    dump_section(config_schema, (struct config *)config, 0, buf);
}
