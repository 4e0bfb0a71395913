/* read.c - walks a YAML tree along the schema and fills the configuration's structs
 * SPDX-License-Identifier: Apache-2.0
 *
 * libyaml gives a tree whose nodes know their line and column; the schema says what each node may
 * be. Every complaint is made by refuse(), so all of them name place and key. */
#include "config/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { SHOWN_MAX = 64 };

struct reader {
    const char *name;   /* of the file, for messages */
    const char *folder; /* where relative paths count from, with a final slash */
    const char *text;
    size_t len;
    yaml_document_t *document;
    struct error *error;
    struct buf path; /* of the key at hand, "detectors.dark_web" */
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
    if (key->type == CONFIG_PATH && len > 0 && text[0] != '/') {
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

/* Reads one `key: value` of a mapping; the bit of the key goes to `seen`. */
static int read_pair(struct reader *reader, const struct config_section *section, void *base,
                     const yaml_node_pair_t *pair, uint64_t *seen)
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
    if (*seen & 1ull << i)
        return refuse(reader, name, "the key '%s' is there twice", text);
    *seen |= 1ull << i;
    size_t before = path_enter(reader, text);
    int rc = read_value(reader, &section->keys[i], base,
                        yaml_document_get_node(reader->document, pair->value));
    path_leave(reader, before);
    return rc;
}

static int read_section(struct reader *reader, const struct config_section *section, void *base,
                        const yaml_node_t *node)
{
    uint64_t seen = 0;
    if (node->type != YAML_MAPPING_NODE)
        return refuse(reader, node, "a mapping is expected here, not %s", kind_of(node));
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        int rc = read_pair(reader, section, base, pair, &seen);
        if (rc != 0)
            return rc;
    }
    for (uint32_t i = 0; i < section->key_count; i++)
        if (!section->keys[i].initial && !(seen & 1ull << i))
            return refuse(reader, node, "the key '%s' is missing", section->keys[i].name);
    return 0;
}

/* What the schema cannot say of a feed: its name is its own. */
static int check_feed_name(struct reader *reader, const struct config_feed_list *feeds,
                           const yaml_node_t *node)
{
    const char *name = feeds->items[feeds->count - 1].name;
    for (uint32_t i = 0; i + 1 < feeds->count; i++)
        if (strcmp(feeds->items[i].name, name) == 0)
            return refuse(reader, node, "the name '%s' is taken by feeds[%u]", name, i);
    return 0;
}

static int read_feed(struct reader *reader, const struct config_key *key,
                     struct config_feed_list *feeds, const yaml_node_t *node)
{
    struct config_feed *feed = config_list_add((struct config_list *)feeds, sizeof(*feed));
    if (!feed || config_set_defaults(key->child, feed) != 0)
        return no_memory(reader);
    int rc = read_section(reader, key->child, feed, node);
    return rc == 0 ? check_feed_name(reader, feeds, node) : rc;
}

static int read_feeds(struct reader *reader, const struct config_key *key, void *base,
                      const yaml_node_t *node)
{
    struct config_feed_list *feeds = config_member(key, base);
    int rc = check_list(reader, key, node);
    for (size_t i = 0; rc == 0 && i < list_length(node); i++) {
        size_t before = path_enter_item(reader, i);
        rc = read_feed(reader, key, feeds, list_node(reader, node, i));
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
    case CONFIG_SECTION_LIST: return read_feeds(reader, key, base, node);
    case CONFIG_PORTS:
    case CONFIG_NETWORKS:
    case CONFIG_NAMES: return read_list(reader, key, base, node);
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

int config_read(const char *name, const char *folder, const char *text, size_t len,
                struct config *config, struct error *error)
{
    struct reader reader = {
        .name = name, .folder = folder, .text = text, .len = len, .error = error};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return no_memory(&reader);
    buf_init(&reader.path, 512);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    int rc = read_document(&reader, &parser, config);
    if (rc == 0)
        rc = read_document(&reader, &parser, NULL);
    yaml_parser_delete(&parser);
    buf_done(&reader.path);
    return rc;
}
