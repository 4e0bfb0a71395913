/* read.c - walks a YAML tree along the schema and fills the configuration's structs
 * SPDX-License-Identifier: Apache-2.0
 *
 * libyaml gives a tree whose nodes know their line and column; the schema says what each node may
 * be. Every complaint is made by refuse(), so all of them name place and key. */
#include "config/schema.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { SHOWN_MAX = 64, SECTION_KEYS_MAX = 128 };

struct reader {
    const char *name;   /* of the file, for messages */
    const char *folder; /* where relative paths count from, with a final slash */
    const char *text;
    size_t len;
    yaml_document_t *document;
    struct error *error;
    struct buf path;          /* of the key at hand, "detectors.dark_web" */
    struct reader *catalogue; /* of what named items start from; its own is NULL */
};

__attribute__((format(printf, 3, 4))) static int
refuse(struct reader *reader, const yaml_node_t *node, const char *format, ...)
{
    char reason[768];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    for (char *c = reason; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return error_set(reader->error, -EINVAL, "%s:%zu:%zu: %s%s%s", reader->name,
                     node->start_mark.line + 1, node->start_mark.column + 1,
                     reader->path.len ? reader->path.data : "", reader->path.len ? ": " : "",
                     reason);
}

static int no_memory(struct reader *reader)
{
    return error_set(reader->error, -ENOMEM, "%s: not enough memory", reader->name);
}

/* Goes down to `name` in the path; returns what path_leave() needs to come back. */
static size_t path_enter(struct reader *reader, const char *name)
{
    size_t before = reader->path.len;
    buf_printf(&reader->path, "%s%s", before ? "." : "", name);
    return before;
}

static size_t path_enter_item(struct reader *reader, size_t index)
{
    size_t before = reader->path.len;
    buf_printf(&reader->path, "[%zu]", index);
    return before;
}

static void path_leave(struct reader *reader, size_t before)
{
    reader->path.len = before;
    if (reader->path.data)
        reader->path.data[before] = '\0';
}

static const char *kind_of(const yaml_node_t *node)
{
    switch (node->type) {
    case YAML_MAPPING_NODE: return "a mapping";
    case YAML_SEQUENCE_NODE: return "a list";
    default: return "a single value";
    }
}

/* `key:` with nothing behind it, as when all lines below are commented out. */
static bool is_empty(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
           node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static int refuse_value(struct reader *reader, const struct config_key *key,
                        const yaml_node_t *node)
{
    struct buf allowed;
    buf_init(&allowed, 512);
    config_allowed(key, &allowed);
    int rc =
        refuse(reader, node, "'%.*s' is not %s",
               (int)(node->data.scalar.length < SHOWN_MAX ? node->data.scalar.length : SHOWN_MAX),
               (const char *)node->data.scalar.value, allowed.data ? allowed.data : "allowed");
    buf_done(&allowed);
    return rc;
}

static int read_scalar(struct reader *reader, const struct config_key *key, void *base,
                       const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return refuse(reader, node, "one value is expected here, not %s", kind_of(node));
    const char *text = (const char *)node->data.scalar.value;
    size_t len = node->data.scalar.length;
    struct buf full;
    buf_init(&full, CONFIG_FILE_BYTES_MAX);
    bool path = key->type == CONFIG_PATH || key->type == CONFIG_PATHS;
    if (path && len > 0 && text[0] != '/') {
        buf_text(&full, reader->folder);
        buf_append(&full, text, len);
        text = full.data;
        len = full.len;
    }
    int rc = full.overflow ? -ENOMEM : config_value_read(key, base, text, len);
    buf_done(&full);
    if (rc == -ENOMEM)
        return no_memory(reader);
    return rc == 0 ? 0 : refuse_value(reader, key, node);
}

static size_t list_length(const yaml_node_t *node)
{
    return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
}

static const yaml_node_t *list_node(const struct reader *reader, const yaml_node_t *node, size_t i)
{
    return yaml_document_get_node(reader->document, node->data.sequence.items.start[i]);
}

static int check_list(struct reader *reader, const struct config_key *key, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return refuse(reader, node, "a list is expected here, not %s", kind_of(node));
    size_t count = list_length(node);
    if (count < key->min || count > key->max)
        return refuse(reader, node, "%zu entries, where %u to %u are allowed", count, key->min,
                      key->max);
    return 0;
}

static int read_list(struct reader *reader, const struct config_key *key, void *base,
                     const yaml_node_t *node)
{
    struct config_list *list = config_member(key, base);
    int rc = check_list(reader, key, node);
    list->count = 0; /* what stands in the file replaces the default */
    for (size_t i = 0; rc == 0 && i < list_length(node); i++) {
        size_t before = path_enter_item(reader, i);
        rc = read_scalar(reader, key, base, list_node(reader, node, i));
        path_leave(reader, before);
    }
    return rc;
}

static int read_value(struct reader *reader, const struct config_key *key, void *base,
                      const yaml_node_t *node);

static int refuse_key(struct reader *reader, const struct config_section *section,
                      const yaml_node_t *name)
{
    struct buf known;
    buf_init(&known, 512);
    for (uint32_t i = 0; i < section->key_count; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", section->keys[i].name);
    int rc = refuse(reader, name, "unknown key '%.*s'; known are %s", SHOWN_MAX,
                    (const char *)name->data.scalar.value, known.data ? known.data : "none");
    buf_done(&known);
    return rc;
}

/* Which keys of a section were there. */
struct key_set {
    uint64_t words[SECTION_KEYS_MAX / 64];
};

static bool key_is_in(const struct key_set *set, uint32_t key)
{
    return set->words[key / 64] & 1ull << key % 64;
}

static void key_add(struct key_set *set, uint32_t key)
{
    set->words[key / 64] |= 1ull << key % 64;
}

/* Reads one `key: value` of a mapping; the key goes to `seen`. */
static int read_pair(struct reader *reader, const struct config_section *section, void *base,
                     const yaml_node_pair_t *pair, struct key_set *seen)
{
    const yaml_node_t *name = yaml_document_get_node(reader->document, pair->key);
    if (name->type != YAML_SCALAR_NODE)
        return refuse(reader, name, "a key must be a word, not %s", kind_of(name));
    const char *text = (const char *)name->data.scalar.value;
    uint32_t i = 0;
    while (i < section->key_count && strcmp(section->keys[i].name, text) != 0)
        i++;
    if (i == section->key_count || strlen(text) != name->data.scalar.length)
        return refuse_key(reader, section, name);
    if (key_is_in(seen, i))
        return refuse(reader, name, "the key '%s' is there twice", text);
    key_add(seen, i);
    size_t before = path_enter(reader, text);
    int rc = read_value(reader, &section->keys[i], base,
                        yaml_document_get_node(reader->document, pair->value));
    path_leave(reader, before);
    return rc;
}

/* Reads the keys that stand in one mapping; they are added to `seen`. */
static int read_pairs(struct reader *reader, const struct config_section *section, void *base,
                      const yaml_node_t *node, struct key_set *seen)
{
    assert(section->key_count <= SECTION_KEYS_MAX);
    if (node->type != YAML_MAPPING_NODE)
        return refuse(reader, node, "a mapping is expected here, not %s", kind_of(node));
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        int rc = read_pair(reader, section, base, pair, seen);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int check_section(struct reader *reader, const struct config_section *section,
                         const void *base, const yaml_node_t *node, const struct key_set *seen)
{
    for (uint32_t i = 0; i < section->key_count; i++)
        if (!section->keys[i].initial && !key_is_in(seen, i))
            return refuse(reader, node, "the key '%s' is missing", section->keys[i].name);
    const char *why = section->check ? section->check(base) : NULL;
    return why ? refuse(reader, node, "%s", why) : 0;
}

static int read_section(struct reader *reader, const struct config_section *section, void *base,
                        const yaml_node_t *node)
{
    struct key_set seen = {0};
    int rc = read_pairs(reader, section, base, node, &seen);
    return rc == 0 ? check_section(reader, section, base, node, &seen) : rc;
}

static const yaml_node_t *mapping_find(const struct reader *reader, const yaml_node_t *node,
                                       const char *name)
{
    if (node->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);
        if (key->type == YAML_SCALAR_NODE && strcmp((char *)key->data.scalar.value, name) == 0)
            return yaml_document_get_node(reader->document, pair->value);
    }
    return NULL;
}

/* The name by which an item of such sections is known, or NULL where they have none. */
static const char *item_name(const struct reader *reader, const struct config_section *section,
                             const yaml_node_t *node)
{
    const struct config_key *key = section->keys;
    bool named = key->type == CONFIG_TEXT && !key->initial;
    const yaml_node_t *name = named ? mapping_find(reader, node, key->name) : NULL;
    return name && name->type == YAML_SCALAR_NODE ? (const char *)name->data.scalar.value : NULL;
}

/* The first item of the list called `name`, or NULL; its place goes to `ret_index`. */
static const yaml_node_t *item_find(const struct reader *reader,
                                    const struct config_section *section, const yaml_node_t *list,
                                    const char *name, size_t *ret_index)
{
    for (size_t i = 0; i < list_length(list); i++) {
        const yaml_node_t *node = list_node(reader, list, i);
        const char *other = item_name(reader, section, node);
        if (!other || strcmp(other, name) != 0)
            continue;
        *ret_index = i;
        return node;
    }
    return NULL;
}

/* Reads what the catalogue says of the item called `name`, if anything. */
static int read_known(struct reader *catalogue, const struct config_key *key, const char *name,
                      void *item, struct key_set *seen)
{
    size_t index;
    if (!catalogue || !name)
        return 0;
    const yaml_node_t *root = yaml_document_get_root_node(catalogue->document);
    const yaml_node_t *list = root ? mapping_find(catalogue, root, key->name) : NULL;
    const yaml_node_t *known = list && list->type == YAML_SEQUENCE_NODE
                                   ? item_find(catalogue, key->child, list, name, &index)
                                   : NULL;
    return known ? read_pairs(catalogue, key->child, item, known, seen) : 0;
}

/* The number of the first item of this name; the last one has it. */
static uint32_t item_named(const struct config_section *section, const struct config_list *list,
                           const char *name)
{
    uint32_t i = 0;
    while (i + 1 < list->count) {
        char *item = (char *)list->items + (size_t)i * section->bytes;
        if (strcmp(*(char **)config_member(section->keys, item), name) == 0)
            break;
        i++;
    }
    return i;
}

/* Reads item number `index` of a list of sections. */
static int read_item(struct reader *reader, const struct config_key *key, struct config_list *list,
                     const yaml_node_t *sequence, size_t index)
{
    const struct config_section *section = key->child;
    const yaml_node_t *node = list_node(reader, sequence, index);
    void *item = config_list_add(list, section->bytes);
    if (!item || config_set_defaults(section, item) != 0)
        return no_memory(reader);
    const char *name = item_name(reader, section, node);
    struct key_set known = {0}, seen = {0};
    int rc = read_known(reader->catalogue, key, name, item, &known);
    if (rc == 0)
        rc = read_pairs(reader, section, item, node, &seen);
    for (unsigned i = 0; i < SECTION_KEYS_MAX / 64; i++)
        seen.words[i] |= known.words[i];
    if (rc == 0)
        rc = check_section(reader, section, item, node, &seen);
    uint32_t first = name ? item_named(section, list, name) : list->count - 1;
    if (rc == 0 && first != list->count - 1)
        return refuse(reader, node, "the name '%s' is taken by %s[%u]", name, key->name, first);
    return rc;
}

static int read_items(struct reader *reader, const struct config_key *key, void *base,
                      const yaml_node_t *node)
{
    const struct config_list *list = config_member(key, base); /* other files may have some */
    int rc = check_list(reader, key, node);
    if (rc == 0 && list->count + list_length(node) > key->max)
        return refuse(reader, node, "with those of other files more than %u entries", key->max);
    for (size_t i = 0; rc == 0 && i < list_length(node); i++) {
        size_t before = path_enter_item(reader, i);
        rc = read_item(reader, key, config_member(key, base), node, i);
        path_leave(reader, before);
    }
    return rc;
}

static int read_value(struct reader *reader, const struct config_key *key, void *base,
                      const yaml_node_t *node)
{
    bool scalar = key->type < CONFIG_PORTS;
    if (!scalar && is_empty(node))
        return 0;
    switch (key->type) {
    case CONFIG_SECTION: return read_section(reader, key->child, config_member(key, base), node);
    case CONFIG_SECTION_LIST: return read_items(reader, key, base, node);
    case CONFIG_PORTS:
    case CONFIG_NETWORKS:
    case CONFIG_NAMES:
    case CONFIG_PATHS:
    case CONFIG_ARGUMENTS:
    case CONFIG_NUMBERS: return read_list(reader, key, base, node);
    default: return read_scalar(reader, key, base, node);
    }
}

/* The line and column (from 0) of a byte, for errors below YAML's own grammar (UTF-8). */
static yaml_mark_t mark_of(const struct reader *reader, size_t offset)
{
    yaml_mark_t mark = {.index = offset};
    for (size_t i = 0; i < offset && i < reader->len; i++) {
        mark.column = reader->text[i] == '\n' ? 0 : mark.column + 1;
        mark.line += reader->text[i] == '\n';
    }
    return mark;
}

static int refuse_yaml(struct reader *reader, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(reader);
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR)
        mark = mark_of(reader, parser->problem_offset);
    return error_set(reader->error, -EINVAL, "%s:%zu:%zu: not YAML: %s", reader->name,
                     mark.line + 1, mark.column + 1, parser->problem);
}

/* Reads the parser's next document: the first fills `config`; after it (NULL) there may be none. */
static int read_document(struct reader *reader, yaml_parser_t *parser, struct config *config)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document))
        return refuse_yaml(reader, parser);
    reader->document = &document;
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    int rc = 0;
    if (root && !config)
        rc = refuse(reader, root, "only one YAML document is expected");
    else if (root && !is_empty(root))
        rc = read_section(reader, config_schema, config, root);
    yaml_document_delete(&document);
    reader->document = NULL;
    return rc;
}

static int parser_open(struct reader *reader, yaml_parser_t *ret_parser)
{
    if (!yaml_parser_initialize(ret_parser))
        return no_memory(reader);
    yaml_parser_set_encoding(ret_parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(ret_parser, (const unsigned char *)reader->text, reader->len);
    return 0;
}

static int catalogue_load(struct reader *catalogue, yaml_document_t *ret_document)
{
    yaml_parser_t parser;
    int rc = parser_open(catalogue, &parser);
    if (rc != 0)
        return rc;
    if (!yaml_parser_load(&parser, ret_document))
        rc = refuse_yaml(catalogue, &parser);
    yaml_parser_delete(&parser);
    catalogue->document = rc == 0 ? ret_document : NULL;
    return rc;
}

static int text_read(struct reader *reader, struct config *config)
{
    yaml_parser_t parser;
    int rc = parser_open(reader, &parser);
    if (rc != 0)
        return rc;
    rc = read_document(reader, &parser, config);
    if (rc == 0)
        rc = read_document(reader, &parser, NULL);
    yaml_parser_delete(&parser);
    return rc;
}

int config_read(const char *name, const char *folder, const char *text, size_t len,
                struct config *config, struct error *error)
{
    yaml_document_t document;
    struct reader catalogue = {.name = "feeds.yaml", .folder = "", .error = error};
    struct reader reader = {.name = name,
                            .folder = folder,
                            .text = text,
                            .len = len,
                            .error = error,
                            .catalogue = &catalogue};
    catalogue.text = config_catalogue_text(&catalogue.len);
    buf_init(&catalogue.path, 512);
    buf_init(&reader.path, 512);
    int rc = catalogue_load(&catalogue, &document);
    if (rc == 0) {
        rc = text_read(&reader, config);
        yaml_document_delete(&document);
    }
    buf_done(&catalogue.path);
    buf_done(&reader.path);
    return rc;
}
