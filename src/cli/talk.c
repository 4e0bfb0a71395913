/* talk.c - what a command asks of the API, several times over
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/talk.h"

#include "base/log.h"
#include "cli/cli.h"
#include "cli/items.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ITEMS = 200 };

int talk_open(const char *config_path, const char *store_path, struct talk *ret_talk)
{
    struct talk talk = {NULL, NULL};
    struct error error;
    if (config_load(config_path, &talk.config, &error) < 0) {
        log_error("%s", error.text);
        return CLI_EXIT_CONFIG;
    }
    if (client_open(talk.config, store_path, &talk.client, &error) < 0) {
        log_error("%s", error.text);
        config_free(talk.config);
        return CLI_EXIT_FAILED;
    }
    *ret_talk = talk;
    return CLI_EXIT_OK;
}

int talk_close(struct talk *talk, int r, const struct error *error)
{
    if (r < 0)
        log_error("%s", error->text);
    client_close(talk->client);
    config_free(talk->config);
    return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static void path_write(const char *const path[], struct buf *text)
{
    buf_text(text, "/api/v1");
    for (; *path; path++) {
        buf_char(text, '/');
        client_segment(text, *path);
    }
}

/* The path with its query has been written. */
static int ask(const struct talk *talk, enum http_method method, const struct buf *path,
               const json_t *body, json_t **ret_json, struct error *error)
{
    if (path->overflow)
        return error_set(error, -E2BIG, "that is too long to be asked");
    return client_call(talk->client, method, path->data, body, ret_json, error);
}

int talk_ask(const struct talk *talk, enum http_method method, const char *const path[],
             json_t *body, json_t **ret_json, struct error *error)
{
    struct buf text;
    buf_init(&text, API_QUERY_MAX);
    path_write(path, &text);
    int r = ask(talk, method, &text, body, ret_json, error);
    buf_done(&text);
    json_decref(body);
    return r;
}

int talk_ask_query(const struct talk *talk, const char *const path[], const char *query,
                   json_t **ret_json, struct error *error)
{
    struct buf text;
    buf_init(&text, API_QUERY_MAX);
    path_write(path, &text);
    buf_printf(&text, "?%s", query);
    int r = ask(talk, HTTP_GET, &text, NULL, ret_json, error);
    buf_done(&text);
    return r;
}

/* Asks for one page and appends its items; `next`, to be freed, becomes that of the following one,
 * or NULL. */
static int page_add(const struct talk *talk, const char *const path[], const char *query,
                    uint64_t limit, json_t *items, char **next, struct error *error)
{
    struct buf text;
    json_t *page = NULL;
    buf_init(&text, API_QUERY_MAX);
    path_write(path, &text);
    buf_printf(&text, "?limit=%" PRIu64 "%s", limit < PAGE_ITEMS ? limit : PAGE_ITEMS, query);
    if (*next)
        buf_printf(&text, "&cursor=%s", *next);
    int r = ask(talk, HTTP_GET, &text, NULL, &page, error);
    buf_done(&text);
    free(*next);
    *next = NULL;
    if (r < 0)
        return r;
    const char *following = json_string_value(json_object_get(page, "next"));
    *next = following ? strdup(following) : NULL;
    json_array_extend(items, json_object_get(page, "items"));
    json_decref(page);
    return 0;
}

int talk_list(const struct talk *talk, const char *const path[], const char *query, uint64_t limit,
              json_t **ret_json, struct error *error)
{
    char *next = NULL;
    json_t *items = json_array();
    int r = 0;
    do
        r = page_add(talk, path, query, limit - json_array_size(items), items, &next, error);
    while (r == 0 && next && json_array_size(items) < limit);
    free(next);
    if (r == 0)
        *ret_json = json_pack("{sO}", "items", items);
    json_decref(items);
    return r;
}

int talk_print(const struct talk *talk, const char *const path[], const char *query, uint64_t limit,
               const char *const columns[], enum output_format format, struct error *error)
{
    json_t *list;
    int r = talk_list(talk, path, query, limit, &list, error);
    if (r < 0)
        return r;
    items_print(list, columns, format);
    json_decref(list);
    return 0;
}
