/* value.c - one configuration value to and from text, and what to say about a bad one
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool text_is(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* Decimal digits only: YAML 1.1 reads 010 as eight and 1_0 as ten, which nobody means here. */
static int read_number(const char *text, size_t len, uint32_t min, uint32_t max, uint32_t *ret)
{
    uint64_t value = 0;
    if (len == 0 || len > 10 || (len > 1 && text[0] == '0'))
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    if (value < min || value > max)
        return -EINVAL;
    *ret = (uint32_t)value;
    return 0;
}

/* The booleans of YAML 1.1, all spellings of which people use. */
static int read_switch(const char *text, size_t len, bool *ret)
{
    static const char *const words[2][3] = {{"false", "no", "off"}, {"true", "yes", "on"}};
    for (int value = 0; value < 2; value++) {
        for (int i = 0; i < 3; i++) {
            if (text_is(text, len, words[value][i])) {
                *ret = value;
                return 0;
            }
        }
    }
    return -EINVAL;
}

static int read_text(const struct config_key *key, const char *text, size_t len, char **ret)
{
    if (len < key->min || len > key->max)
        return -EINVAL;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return -EINVAL;
    char *copy = strndup(text, len);
    if (!copy)
        return -ENOMEM;
    free(*ret);
    *ret = copy;
    return 0;
}

static int read_word(enum config_type type, const char *text, size_t len, int8_t *ret)
{
    for (const struct config_word *word = config_words(type); word->name; word++) {
        if (text_is(text, len, word->name)) {
            *ret = word->value;
            return 0;
        }
    }
    return -EINVAL;
}

void *config_list_add(struct config_list *list, size_t item_bytes)
{
    void *items = reallocarray(list->items, list->count + 1u, item_bytes);
    if (!items)
        return NULL;
    list->items = items;
    return memset((char *)items + list->count++ * item_bytes, 0, item_bytes);
}

static int read_port(void *list, const char *text, size_t len)
{
    uint32_t port;
    if (read_number(text, len, 1, 65535, &port) != 0)
        return -EINVAL;
    uint16_t *item = config_list_add(list, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (uint16_t)port;
    return 0;
}

static int read_network(void *list, const char *text, size_t len)
{
    struct prefix network;
    if (!prefix_parse(text, len, &network))
        return -EINVAL;
    struct prefix *item = config_list_add(list, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = network;
    return 0;
}

static int read_name(void *list, const char *text, size_t len)
{
    if (len == 0 || len > CONFIG_NAME_MAX)
        return -EINVAL;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f)
            return -EINVAL;
    struct config_name *item = config_list_add(list, sizeof(*item));
    if (!item)
        return -ENOMEM;
    memcpy(item->text, text, len);
    return 0;
}

static int read_path(void *list, const char *text, size_t len)
{
    if (len == 0 || len > CONFIG_PATH_MAX || memchr(text, 0, len))
        return -EINVAL;
    struct config_path *item = config_list_add(list, sizeof(*item));
    if (!item)
        return -ENOMEM;
    memcpy(item->text, text, len);
    return 0;
}

static int read_argument(void *list, const char *text, size_t len)
{
    if (len > CONFIG_ARGUMENT_MAX)
        return -EINVAL;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return -EINVAL;
    struct config_argument *item = config_list_add(list, sizeof(*item));
    if (!item)
        return -ENOMEM;
    memcpy(item->text, text, len);
    return 0;
}

static int read_list_number(void *list, const char *text, size_t len)
{
    uint32_t number;
    if (read_number(text, len, 0, UINT32_MAX, &number) != 0)
        return -EINVAL;
    uint32_t *item = config_list_add(list, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = number;
    return 0;
}

int config_value_read(const struct config_key *key, void *base, const char *text, size_t len)
{
    void *member = config_member(key, base);
    switch (key->type) {
    case CONFIG_NUMBER: return read_number(text, len, key->min, key->max, member);
    case CONFIG_SWITCH: return read_switch(text, len, member);
    case CONFIG_TEXT:
    case CONFIG_PATH: return read_text(key, text, len, member);
    case CONFIG_PORTS: return read_port(member, text, len);
    case CONFIG_NETWORKS: return read_network(member, text, len);
    case CONFIG_NAMES: return read_name(member, text, len);
    case CONFIG_PATHS: return read_path(member, text, len);
    case CONFIG_ARGUMENTS: return read_argument(member, text, len);
    case CONFIG_NUMBERS: return read_list_number(member, text, len);
    default: return read_word(key->type, text, len, member);
    }
}

static const char *word_name(enum config_type type, int8_t value)
{
    const struct config_word *word = config_words(type);
    while (word->name && word->value != value)
        word++;
    return word->name;
}

/* Double quotes hold any text: what a plain YAML scalar may be is a longer story. */
static void write_quoted(const char *text, struct buf *buf)
{
    buf_char(buf, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_char(buf, '\\');
        buf_char(buf, *text);
    }
    buf_char(buf, '"');
}

void config_value_write(const struct config_key *key, const void *base, uint32_t index,
                        struct buf *buf)
{
    const void *member = (const char *)base + key->offset;
    char text[ADDR_TEXT_MAX];
    switch (key->type) {
    case CONFIG_NUMBER: buf_printf(buf, "%" PRIu32, *(const uint32_t *)member); break;
    case CONFIG_SWITCH: buf_text(buf, *(const bool *)member ? "true" : "false"); break;
    case CONFIG_TEXT:
    case CONFIG_PATH: write_quoted(*(char *const *)member, buf); break;
    case CONFIG_PORTS:
        buf_printf(buf, "%u", ((const struct config_ports *)member)->items[index]);
        break;
    case CONFIG_NETWORKS:
        prefix_format(&((const struct config_networks *)member)->items[index], text);
        write_quoted(text, buf);
        break;
    case CONFIG_NAMES:
        write_quoted(((const struct config_names *)member)->items[index].text, buf);
        break;
    case CONFIG_PATHS:
        write_quoted(((const struct config_paths *)member)->items[index].text, buf);
        break;
    case CONFIG_ARGUMENTS:
        write_quoted(((const struct config_arguments *)member)->items[index].text, buf);
        break;
    case CONFIG_NUMBERS:
        buf_printf(buf, "%" PRIu32, ((const struct config_numbers *)member)->items[index]);
        break;
    default: buf_text(buf, word_name(key->type, *(const int8_t *)member)); break;
    }
}

void config_allowed(const struct config_key *key, struct buf *buf)
{
    switch (key->type) {
    case CONFIG_NUMBER:
        buf_printf(buf, "a whole number from %" PRIu32 " to %" PRIu32, key->min, key->max);
        break;
    case CONFIG_SWITCH: buf_text(buf, "true or false"); break;
    case CONFIG_TEXT:
    case CONFIG_PATH:
        buf_printf(buf, "text of %" PRIu32 " to %" PRIu32 " bytes without control characters",
                   key->min, key->max);
        break;
    case CONFIG_PORTS: buf_text(buf, "a port number from 1 to 65535"); break;
    case CONFIG_NETWORKS:
        buf_text(buf, "an address or a CIDR block whose bits below the prefix are zero");
        break;
    case CONFIG_NAMES:
        buf_printf(buf, "a name of 1 to %d bytes without blanks", CONFIG_NAME_MAX);
        break;
    case CONFIG_PATHS: buf_printf(buf, "a path of 1 to %d bytes", CONFIG_PATH_MAX); break;
    case CONFIG_ARGUMENTS:
        buf_printf(buf, "text of at most %d bytes without control characters", CONFIG_ARGUMENT_MAX);
        break;
    case CONFIG_NUMBERS: buf_printf(buf, "a whole number from 0 to %" PRIu32, UINT32_MAX); break;
    default:
        buf_text(buf, "one of ");
        for (const struct config_word *word = config_words(key->type); word->name; word++)
            buf_printf(buf, "%s%s", word == config_words(key->type) ? "" : ", ", word->name);
        break;
    }
}
