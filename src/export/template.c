/* template.c - a text with places that the native record of an alert fills
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/template.h"

#include "base/json.h"
#include "base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20 };

typedef void (*form_fn)(const json_t *value, struct buf *buf);

/* Text, then a place; the last part has no place. */
struct part {
    const char *text; /* within the template's */
    size_t text_len;
    const char *path;
    size_t path_len;
    form_fn form; /* NULL: no place */
};

struct template
{
    char *text;
    struct part *parts;
    size_t count;
};

/* What a value becomes. */

static void plain_append(const json_t *value, struct buf *buf)
{
    const char *text = json_string_value(value);
    char *dumped = text || !value ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text || dumped)
        buf_text(buf, text ? text : dumped);
    free(dumped);
}

static const char *plain(const json_t *value, struct buf *text)
{
    buf_init(text, TEXT_MAX);
    plain_append(value, text);
    return text->data ? text->data : "";
}

static void form_escaped(const json_t *value, struct buf *buf)
{
    struct buf text, quoted;
    struct json json = json_writer(&quoted);
    buf_init(&quoted, 6 * TEXT_MAX);
    json_text(&json, plain(value, &text));
    if (!quoted.overflow)
        buf_append(buf, quoted.data + 1, quoted.len - 2);
    buf_done(&text);
    buf_done(&quoted);
}

static void form_json(const json_t *value, struct buf *buf)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    buf_text(buf, text ? text : "null");
    free(text);
}

static void form_url(const json_t *value, struct buf *buf)
{
    struct buf text;
    for (const char *c = plain(value, &text); *c; c++) {
        if (isalnum((unsigned char)*c) || strchr("-._~", *c))
            buf_char(buf, *c);
        else
            buf_printf(buf, "%%%02X", (unsigned char)*c);
    }
    buf_done(&text);
}

static void form_text(const json_t *value, struct buf *buf)
{
    struct buf text;
    utf8_append_visible(buf, plain(value, &text));
    buf_done(&text);
}

static const struct {
    const char *word;
    form_fn form;
} forms[] = {{"json:", form_json}, {"url:", form_url}, {"text:", form_text}};

/* Reading. */

static form_fn form_read(const char **path, size_t *len)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        size_t word_len = strlen(forms[i].word);
        if (*len > word_len && memcmp(*path, forms[i].word, word_len) == 0) {
            *path += word_len;
            *len -= word_len;
            return forms[i].form;
        }
    }
    return form_escaped;
}

static bool path_valid(const char *path, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)path[i]) && path[i] != '_' && path[i] != '.')
            return false;
    return len > 0;
}

static struct part *part_add(struct template *template)
{
    struct part *parts =
        reallocarray(template->parts, template->count + 1, sizeof(*template->parts));
    if (!parts)
        return NULL;
    template->parts = parts;
    parts[template->count] = (struct part){0};
    return &parts[template->count++];
}

static unsigned line_of(const struct template *template, const char *at)
{
    unsigned line = 1;
    for (const char *c = template->text; c < at; c++)
        line += *c == '\n';
    return line;
}

/* Reads the place that begins at `at`. Returns what stands behind it, or NULL. */
static const char *place_read(struct part *part, const char *at)
{
    const char *end = strchr(at, '}');
    if (!end)
        return NULL;
    part->path = at + strlen("%{");
    part->path_len = (size_t)(end - part->path);
    part->form = form_read(&part->path, &part->path_len);
    return path_valid(part->path, part->path_len) ? end + 1 : NULL;
}

/* The next part; %%{ ends one, too: its % belongs to the text, and the next begins with the brace.
 */
static int part_read(struct template *template, const char **at, struct error *error)
{
    struct part *part = part_add(template);
    const char *sign = strstr(*at, "%{");
    if (!part)
        return error_set(error, -ENOMEM, "no memory for a template");
    part->text = *at;
    part->text_len = sign ? (size_t)(sign - *at) : strlen(*at);
    *at += part->text_len;
    if (!sign)
        return 0;
    if (sign > part->text && sign[-1] == '%') {
        part->text_len--;
        struct part *brace = part_add(template);
        if (!brace)
            return error_set(error, -ENOMEM, "no memory for a template");
        *brace = (struct part){.text = sign, .text_len = strlen("%{")};
        *at += strlen("%{");
        return 0;
    }
    *at = place_read(part, sign);
    if (*at)
        return 0;
    return error_set(error, -EINVAL,
                     "line %u: %%{path}, %%{json:path}, %%{url:path} or %%{text:path} is expected, "
                     "where path is keys of the native record with dots between them",
                     line_of(template, sign));
}

struct template *template_parse(const char *text, size_t len, struct error *error)
{
    struct template *template = calloc(1, sizeof(*template));
    int r = template && (template->text = strndup(text, len))
                ? 0
                : error_set(error, -ENOMEM, "no memory for a template");
    const char *at = r == 0 ? template->text : "";
    while (r == 0 && *at)
        r = part_read(template, &at, error);
    if (r == 0)
        return template;
    template_free(template);
    return NULL;
}

struct template *template_read(const char *path, struct error *error)
{
    char *text = malloc(TEMPLATE_BYTES_MAX + 1);
    FILE *file = fopen(path, "re");
    struct template *template = NULL;
    size_t len = text && file ? fread(text, 1, TEMPLATE_BYTES_MAX + 1, file) : 0;
    if (!text || !file || ferror(file))
        error_set(error, -EIO, "%s: %s", path, strerror(errno));
    else if (len == 0 || len > TEMPLATE_BYTES_MAX)
        error_set(error, -EINVAL, "%s: 1 to %d bytes are expected", path, TEMPLATE_BYTES_MAX);
    else if (!(template = template_parse(text, len, error)))
        error_prefix(error, "%s: ", path);
    if (file)
        fclose(file);
    free(text);
    return template;
}

void template_free(struct template *template)
{
    if (!template)
        return;
    free(template->text);
    free(template->parts);
    free(template);
}

/* Writing. */

static const json_t *step(const json_t *value, const char *key, size_t len)
{
    char name[64];
    if (len == 0 || len >= sizeof(name))
        return NULL;
    memcpy(name, key, len);
    name[len] = 0;
    if (!json_is_array(value))
        return json_object_get(value, name);
    return isdigit((unsigned char)name[0]) ? json_array_get(value, strtoul(name, NULL, 10)) : NULL;
}

static const json_t *find(const json_t *value, const char *path, size_t len)
{
    const char *end = path + len;
    if (len == 1 && *path == '.')
        return value;
    while (value && path <= end) {
        const char *dot = memchr(path, '.', (size_t)(end - path));
        const char *stop = dot ? dot : end;
        value = step(value, path, (size_t)(stop - path));
        path = stop + 1;
    }
    return value;
}

void template_write(const struct template *template, const json_t *record, struct buf *buf)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];
        buf_append(buf, part->text, part->text_len);
        if (part->form)
            part->form(find(record, part->path, part->path_len), buf);
    }
}
