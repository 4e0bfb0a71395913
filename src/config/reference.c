/* reference.c - the reference of all configuration keys, for terminals and for the manual
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <stdio.h>

enum { KEY_PATH_MAX = 128 };

struct writer {
    struct buf *buf;
    void (*key)(struct buf *buf, const char *path, const struct config_key *key);
};

/* What may stand there: "a whole number from 1 to 10", for a list with how many. */
static void write_allowed(struct buf *buf, const char *path, const struct config_key *key)
{
    if (key->type == CONFIG_PORTS || key->type == CONFIG_NETWORKS || key->type == CONFIG_NAMES ||
        key->type == CONFIG_PATHS || key->type == CONFIG_ARGUMENTS || key->type == CONFIG_NUMBERS)
        buf_printf(buf, "list of %u to %u, each ", key->min, key->max);
    config_allowed(key, buf);
    if (key->unit[0])
        buf_printf(buf, "; unit: %s", key->unit);
    if (!key->initial)
        buf_text(buf, "; required");
    else if (key->initial[0])
        buf_printf(buf, "; default: %s", key->initial);
    if (config_needs_restart(path))
        buf_text(buf, "; takes effect at the next start");
}

static void walk(const struct writer *writer, const struct config_section *section,
                 const char *prefix)
{
    uint32_t count = section->placeholder ? 1 : section->key_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct config_key *key = &section->keys[i];
        const char *name = section->placeholder ? section->placeholder : key->name;
        char path[KEY_PATH_MAX];
        snprintf(path, sizeof(path), "%s%s%s%s", prefix, prefix[0] ? "." : "", name,
                 key->type == CONFIG_SECTION_LIST ? "[]" : "");
        if (key->text[0])
            writer->key(writer->buf, path, key);
        if (key->child)
            walk(writer, key->child, path);
    }
}

static void write_plain(struct buf *buf, const char *path, const struct config_key *key)
{
    buf_printf(buf, "%s\n    %s\n", path, key->text);
    if (!key->child) {
        buf_text(buf, "    ");
        write_allowed(buf, path, key);
        buf_char(buf, '\n');
    }
}

/* scdoc reads _ and * as markup: underscores of names are escaped. */
static void write_escaped(struct buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '_' || *text == '*' || *text == '\\')
            buf_char(buf, '\\');
        buf_char(buf, *text);
    }
}

static void write_scd(struct buf *buf, const char *path, const struct config_key *key)
{
    struct buf allowed;
    buf_init(&allowed, 1024);
    buf_char(&allowed, '\0');
    buf_reset(&allowed);
    if (!key->child)
        write_allowed(&allowed, path, key);
    buf_char(buf, '*');
    write_escaped(buf, path);
    buf_text(buf, "*\n\t");
    write_escaped(buf, key->text);
    if (allowed.len) {
        buf_text(buf, "++\n");
        write_escaped(buf, allowed.data);
    }
    buf_text(buf, "\n\n");
    buf_done(&allowed);
}

void config_reference(struct buf *buf)
{
    walk(&(struct writer){buf, write_plain}, config_schema, "");
}

void config_reference_scd(struct buf *buf)
{
    walk(&(struct writer){buf, write_scd}, config_schema, "");
}
