/* schema.h - schema.def as tables: what the loader, the dump and the reference walk
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"

enum config_type {
#define CONFIG_TYPE(id, ctype, name) CONFIG_##id,
#include "config/types.def"
#undef CONFIG_TYPE
    CONFIG_SECTION,      /* a mapping: the member is the child's struct */
    CONFIG_SECTION_LIST, /* a list of mappings: the member is a struct config_list */
};

/* How every list member is laid out, whatever its items are. */
struct config_list {
    void *items;
    uint32_t count;
};

struct config_key {
    const char *name;
    uint8_t type;    /* enum config_type */
    uint32_t offset; /* of the member in the section's struct */
    uint32_t min;
    uint32_t max;
    const char *initial; /* the default as text; NULL: the key is required */
    const char *unit;
    const char *text;
    const struct config_section *child; /* of a section or list of sections */
};

struct config_section {
    const struct config_key *keys;
    uint32_t key_count;
    uint32_t bytes; /* of the section's struct */
    const char
        *placeholder; /* not NULL: all keys are alike, and the reference shows one so named */
    /* What keys must hold together: why the section at `base` is refused, or NULL. May be NULL. */
    const char *(*check)(const void *base);
};

struct config_word {
    const char *name;
    int8_t value;
};

/* The words of a type, ended by a NULL name; NULL for types that are not words. */
const struct config_word *config_words(enum config_type type);

/* Appends what a value of this key may be, to stand after "is not": "one of low, medium, high". */
void config_allowed(const struct config_key *key, struct buf *buf);

extern const struct config_section *const config_schema;

/* Sets the member of `key` in the section's struct at `base` (in a list: adds one item) from the
 * text of a value. Returns 0, -EINVAL when the text is not allowed, or -ENOMEM. */
int config_value_read(const struct config_key *key, void *base, const char *text, size_t len);

/* Appends the value as text; for a list, its item number `index`. */
void config_value_write(const struct config_key *key, const void *base, uint32_t index,
                        struct buf *buf);

/* Appends the key and its value in the section at `base`, whatever is in it, as YAML. */
void config_key_dump(const struct config_key *key, void *base, unsigned depth, struct buf *buf);

/* Appends a zeroed item of `item_bytes` to the list; NULL without memory. The list's own memory. */
void *config_list_add(struct config_list *list, size_t item_bytes);

/* The key that `path` names, such as tunnels.up_bytes, which must be there and in no list. *base is
 * the configuration; it becomes the struct that the key is in. */
const struct config_key *config_key_find(const char *path, const void **base);

static inline void *config_member(const struct config_key *key, void *base)
{
    return (char *)base + key->offset;
}

/* Sets every key of the section at `base` (zeroed) to its default. 0 or -ENOMEM. */
int config_set_defaults(const struct config_section *section, void *base);

/* Checks of sections, named in schema.def. */
const char *config_check_feed(const void *base);
const char *config_check_source(const void *base);
const char *config_check_mail(const void *base);
const char *config_check_webhook(const void *base);
const char *config_check_response(const void *base);
const char *config_check_person(const void *base);
const char *config_check_export(const void *base);
const char *config_check_notification(const void *base);
const char *config_check_automation(const void *base);
const char *config_check_api(const void *base);
const char *config_check_isolation_target(const void *base);

/* The text of the catalogue of feeds (config_catalogue()), `ret_len` bytes. */
const char *config_catalogue_text(size_t *ret_len);

/* Reads YAML text into `config`, which holds the defaults. Relative paths get `folder` in front.
 * Errors as for config_load(). */
int config_read(const char *name, const char *folder, const char *text, size_t len,
                struct config *config, struct error *error);

/* The same with the files that `include` names. */
int config_read_all(const char *name, const char *text, size_t len, struct config *config,
                    struct error *error);

/* Reads a file of at most CONFIG_FILE_BYTES_MAX; the text is the caller's to free. */
int config_read_file(const char *path, char **ret_text, size_t *ret_len, struct error *error);

/* The folder of the file, absolute and with its final slash; "" for text that is in no file. For
 * the caller to free; NULL without memory. */
char *config_folder_of(const char *name);
