/* status.c - what is remembered of a feed between updates, as a small JSON file beside its list
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/status.h"

#include "base/clock.h"
#include "feeds/shelf.h"

#include <jansson.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

/* The members: where they are and what they are called. */
struct member {
    const char *name;
    size_t offset;
    size_t bytes; /* of a text */
};

#define TEXT(name)                                                                                 \
    {                                                                                              \
#name, offsetof(struct feed_status, name), sizeof(((struct feed_status *)0)->name)         \
    }
#define NUMBER(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct feed_status, name), 0                                               \
    }
#define TIME(name)                                                                                 \
    {                                                                                              \
#name, offsetof(struct feed_status, name##_ns), 0                                          \
    }
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct member times[] = {TIME(tried), TIME(fetched), TIME(changed)};
static const struct member numbers[] = {NUMBER(entries), NUMBER(added),      NUMBER(removed),
                                        NUMBER(lines),   NUMBER(duplicates), NUMBER(skipped),
                                        NUMBER(refused)};
static const struct member shown[] = {TEXT(format), TEXT(sandbox), TEXT(refusals), TEXT(error)};
static const struct member hidden[] = {TEXT(url), TEXT(etag), TEXT(modified)};

static void texts_write(const struct feed_status *status, const struct member *members,
                        size_t count, struct json *json)
{
    for (size_t i = 0; i < count; i++)
        json_pair_opt(json, members[i].name, (const char *)status + members[i].offset);
}

void status_write(const struct feed_status *status, struct json *json)
{
    for (size_t i = 0; i < COUNT(times); i++) {
        char text[TIME_TEXT_MAX];
        int64_t time_ns = *(const int64_t *)((const char *)status + times[i].offset);
        time_format(time_ns, text);
        json_pair_opt(json, times[i].name, time_ns ? text : "");
    }
    for (size_t i = 0; i < COUNT(numbers); i++)
        json_pair_int(json, numbers[i].name,
                      *(const uint32_t *)((const char *)status + numbers[i].offset));
    texts_write(status, shown, COUNT(shown), json);
}

int status_save(const char *state_dir, const char *name, const struct feed_status *status,
                struct error *error)
{
    char path[PATH_MAX];
    struct buf text;
    buf_init(&text, STATUS_BYTES_MAX);
    struct json json = json_writer(&text);
    json_object_begin(&json);
    texts_write(status, hidden, COUNT(hidden), &json);
    status_write(status, &json);
    json_object_end(&json);
    buf_char(&text, '\n');
    shelf_path(state_dir, name, "json", path);
    int code = shelf_put(path, text.data, text.len, status->tried_ns, error);
    buf_done(&text);
    return code;
}

/* Text for a request or a terminal: nothing of it may be a control character. */
static void text_read(const json_t *object, const struct member *member, char *base)
{
    const char *text = json_string_value(json_object_get(object, member->name));
    if (!text || strlen(text) >= member->bytes)
        return;
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return;
    strcpy(base + member->offset, text);
}

static void object_read(const json_t *object, struct feed_status *status)
{
    char *base = (char *)status;
    for (size_t i = 0; i < COUNT(hidden); i++)
        text_read(object, &hidden[i], base);
    for (size_t i = 0; i < COUNT(shown); i++)
        text_read(object, &shown[i], base);
    for (size_t i = 0; i < COUNT(times); i++) {
        const char *text = json_string_value(json_object_get(object, times[i].name));
        int64_t *time_ns = (int64_t *)(base + times[i].offset);
        if (!text || time_parse(text, time_ns) != 0)
            *time_ns = 0;
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        json_int_t value = json_integer_value(json_object_get(object, numbers[i].name));
        *(uint32_t *)(base + numbers[i].offset) =
            value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
    }
}

/* An empty file beside the list, whose time says it all. */
static int64_t asked_ns(const char *state_dir, const char *name)
{
    char path[PATH_MAX];
    struct stat info;
    shelf_path(state_dir, name, "asked", path);
    return stat(path, &info) == 0 ? info.st_mtim.tv_sec * NS_PER_S + info.st_mtim.tv_nsec : 0;
}

int status_ask(const char *state_dir, const char *name, struct error *error)
{
    char path[PATH_MAX];
    shelf_path(state_dir, name, "asked", path);
    return shelf_put(path, "", 0, clock_now_ns(), error);
}

void status_load(const char *state_dir, const char *name, struct feed_status *ret_status)
{
    char path[PATH_MAX];
    struct mapping mapping;
    struct error error;
    memset(ret_status, 0, sizeof(*ret_status));
    ret_status->asked_ns = asked_ns(state_dir, name);
    shelf_path(state_dir, name, "json", path);
    if (shelf_map(path, &mapping, &error) != 0)
        return;
    json_error_t where;
    json_t *object = mapping.len <= STATUS_BYTES_MAX
                         ? json_loadb(mapping.data, mapping.len, JSON_REJECT_DUPLICATES, &where)
                         : NULL;
    if (json_is_object(object))
        object_read(object, ret_status);
    json_decref(object);
    shelf_unmap(&mapping);
}
