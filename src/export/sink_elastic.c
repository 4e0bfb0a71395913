/* sink_elastic.c - alerts to Elasticsearch or OpenSearch by its bulk interface
 * SPDX-License-Identifier: Apache-2.0
 *
 * A data stream takes documents only by `create`: each revision of an alert is a document with the
 * id <id>:<revision>, which cannot be there twice. With `replace`, for an ordinary index, a
 * document has the alert's id and its revision as external version: later ones take the place of
 * earlier ones, whatever comes late changes nothing. In both cases 409 says that it is there
 * already. */
#include "base/json.h"
#include "export/sink_http.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BODY_BYTES_MAX = 5 << 20, ANSWER_BYTES_MAX = 4 << 20 };

#define INDEX_DEFAULT "logs-dnsvigil.alert-default"
/* Of an answer, what is read of it. */
#define PATH_END "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"

static void action_write(const struct sink_http *http, const struct sink_record *record,
                         struct json *json)
{
    bool replace = http->sink.config->replace;
    char key[HTTP_KEY_MAX];
    http_key(record, key);
    json_object_begin(json);
    json_key(json, replace ? "index" : "create");
    json_object_begin(json);
    json_pair(json, "_id", replace ? record->id : key);
    if (replace) {
        json_pair_int(json, "version", record->revision);
        json_pair(json, "version_type", "external");
    }
    json_object_end(json);
    json_object_end(json);
}

static void record_write(const struct sink_http *http, const struct sink_record *record,
                         struct buf *body)
{
    struct json json = json_writer(body);
    action_write(http, record, &json);
    buf_char(body, '\n');
    buf_append(body, record->bytes, record->len);
    buf_char(body, '\n');
}

static int headers_add(struct sink_http *http, const struct http_part *part, bool renew,
                       struct http_headers *headers, struct error *error)
{
    (void)part, (void)renew;
    return http_login_add(http->sink.config, "ApiKey", headers, error);
}

/* The only member of an item: its key is the action. */
static const json_t *item_result(const json_t *item)
{
    return json_object_iter_value(json_object_iter((json_t *)item));
}

/* Whether the item is settled. The statuses of items are those of requests, but 409: 404 is an
 * index that is not there, 403 one that is blocked. */
static bool item_judge(struct sink_http *http, const struct http_part *one, const json_t *result)
{
    char said[160];
    const json_t *error = json_object_get(result, "error");
    long status = (long)json_integer_value(json_object_get(result, "status"));
    snprintf(said, sizeof(said), "%s%s%s", http_json_text(error, "type"), error ? ": " : "",
             http_json_text(error, "reason"));
    if (status == 409)
        http_answer(one, SINK_TAKEN, "%s", "");
    else if (status == 404)
        http_answer(one, SINK_AGAIN, "%s; see index", said);
    else
        http_judge(http, one, status, said);
    return one->answers->verdict != SINK_AGAIN;
}

static enum http_next items_judge(struct sink_http *http, const struct http_part *part,
                                  const json_t *items)
{
    bool settled = true;
    for (size_t i = 0; i < part->count; i++) {
        const struct http_part one = {part->records + i, part->answers + i, 1};
        settled &= item_judge(http, &one, item_result(json_array_get(items, i)));
    }
    return settled ? HTTP_GO_ON : HTTP_STOP;
}

static enum http_next judge(struct sink_http *http, const struct http_part *part,
                            const struct web_answer *answer)
{
    json_t *root = http_answer_json(http);
    const json_t *items = json_object_get(root, "items");
    enum http_next next = HTTP_STOP;
    if (answer->status != 200)
        next = http_judge(http, part, answer->status,
                          http_json_text(json_object_get(root, "error"), "reason"));
    else if (json_array_size(items) == part->count)
        next = items_judge(http, part, items);
    else
        http_answer(part, SINK_AGAIN, "the answer is none to a bulk request; see url");
    json_decref(root);
    return next;
}

static const struct sink_ops ops = {.send = sink_http_send, .close = sink_http_close};

static const struct http_service service = {
    .media_type = "application/x-ndjson",
    .login_keys = "token_file, or username and password_file, and what they may do",
    .open = "",
    .between = "",
    .close = "",
    .body_bytes_max = BODY_BYTES_MAX,
    .answer_bytes_max = ANSWER_BYTES_MAX,
    .gzip = true,
    .record = record_write,
    .headers = headers_add,
    .judge = judge,
};

/* Lower case, as the service wants it, and nothing that means something in a URL. */
static bool index_valid(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && !strchr(".-_+", *c))
            return false;
    return !strchr("-_+.", name[0]);
}

struct sink *sink_open_elastic(const struct config_export *config, struct error *error)
{
    const char *index = config->index[0] ? config->index : INDEX_DEFAULT;
    char path[512];
    if (http_needs_json(config, error) < 0)
        return NULL;
    if (!index_valid(index)) {
        error_set(error, -EINVAL,
                  "export %s: index: %s: lower-case letters, digits, dots, -, _ and + are expected",
                  config->name, index);
        return NULL;
    }
    snprintf(path, sizeof(path), "/%s" PATH_END, index);
    struct sink_http *http = sink_http_new(sizeof(*http), config, &service, &ops, path, error);
    if (!http)
        return NULL;
    http->sink.dialect = &dialects[DIALECT_ECS];
    return &http->sink;
}
