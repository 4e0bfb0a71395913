/* fuzz_request.c - any target, body and cookie of a request gets an answer that is JSON
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first line is a byte for the method and the target, the second a cookie, the rest the body.
 * The caller has no role, so that no store is needed. */
#include "api/api.h"
#include "api/gate.h"
#include "api/uri.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A store_writer's: nothing is written. */
static int write_nothing(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    (void)arg, (void)fn, (void)fn_arg;
    return error_set(error, -EROFS, "nothing is written");
}

static void ask(char *target, const char *body, size_t body_len)
{
    static struct gate gate;
    if (!gate.failures.sets)
        gate_init(&gate);
    struct api api = {.writer = {write_nothing, NULL}, .gate = &gate};
    struct http_answer answer;
    char *query = strchr(target, '?');
    if (query)
        *query++ = 0;
    struct api_request request = {
        .method = (enum http_method)((unsigned char)target[0] % HTTP_METHOD_COUNT),
        .path = target + (*target != 0),
        .query = query,
        .body_text = body,
        .body_len = body_len,
    };
    http_answer_init(&answer);
    api_dispatch(&api, &request, &answer);
    json_t *json = json_loadb(answer.body.data, answer.body.len, 0, NULL);
    assert(json);
    json_decref(json);
    http_answer_done(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), value[64];
    assert(text);
    memcpy(text, data, size);
    text[size] = 0;
    char *cookie = strchr(text, '\n'), *body = cookie ? strchr(cookie + 1, '\n') : NULL;
    if (cookie)
        *cookie++ = 0;
    if (body)
        *body++ = 0;
    if (cookie)
        cookie_find(cookie, "dnsvigil", value, sizeof(value));
    /* Logging in reads the store and takes its time. */
    if (strncmp(text + (*text != 0), "/api/v1/session", strlen("/api/v1/session")) != 0)
        ask(text, body ? body : "", body ? size - (size_t)(body - text) : 0);
    free(text);
    return 0;
}
