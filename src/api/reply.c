/* reply.c - what handlers need: parameters and keys of the body, errors, lists, cursors
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *api_parameter(const struct api_request *request, const char *name)
{
    for (unsigned i = 0; i < request->parameter_count; i++)
        if (strcmp(request->parameters[i].name, name) == 0)
            return request->parameters[i].value;
    return NULL;
}

uint64_t api_parameter_number(const struct api_request *request, const char *name,
                              uint64_t otherwise)
{
    const char *text = api_parameter(request, name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

int64_t api_parameter_time(const struct api_request *request, const char *name)
{
    int64_t time_ns = 0;
    const char *text = api_parameter(request, name);
    if (text)
        moment_read(text, &time_ns);
    return time_ns;
}

const char *api_text(const struct api_request *request, const char *key)
{
    return json_string_value(json_object_get(request->body, key));
}

int64_t api_number(const struct api_request *request, const char *key, int64_t otherwise)
{
    const json_t *value = json_object_get(request->body, key);
    return value ? json_integer_value(value) : otherwise;
}

int api_switch(const struct api_request *request, const char *key, int otherwise)
{
    const json_t *value = json_object_get(request->body, key);
    return value ? json_is_true(value) : otherwise;
}

void api_fail(struct http_answer *answer, int code, const char *slug, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    answer->code = code;
    answer->type = "application/json";
    answer->stream = NULL;
    buf_reset(&answer->body);
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_key(&json, "error");
    json_object_begin(&json);
    json_pair(&json, "code", slug);
    json_pair(&json, "message", message);
    json_object_end(&json);
    json_object_end(&json);
}

const char *api_message(const struct error *error)
{
    const char *path_end = error->text[0] == '/' ? strstr(error->text, ": ") : NULL;
    return path_end ? path_end + 2 : error->text;
}

void api_fail_store(struct http_answer *answer, int r, const struct error *error)
{
    switch (r) {
    case 0: return;
    case -ENOENT: api_fail(answer, 404, "not_found", "%s", api_message(error)); return;
    case -ENOTUNIQ: api_fail(answer, 409, "not_unique", "%s", api_message(error)); return;
    case -EEXIST: api_fail(answer, 409, "exists", "%s", api_message(error)); return;
    case -EDQUOT: api_fail(answer, 409, "too_many", "%s", api_message(error)); return;
    case -ESTALE: api_fail(answer, 412, "changed_meanwhile", "%s", api_message(error)); return;
    case -EPERM: api_fail(answer, 409, "not_permitted", "%s", api_message(error)); return;
    case -EINVAL: api_fail(answer, 422, "invalid", "%s", api_message(error)); return;
    default:
        log_error("%s", error->text);
        api_fail(answer, 503, "store_failed", "the store does not answer; the log tells why");
    }
}

bool api_write(struct api *api, store_write_fn fn, void *arg, struct http_answer *answer)
{
    struct error error = {""};
    int r = api->writer.write(api->writer.arg, fn, arg, &error);
    api_fail_store(answer, r, &error);
    return r == 0;
}

struct json api_list_begin(struct http_answer *answer)
{
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_key(&json, "items");
    json_array_begin(&json);
    return json;
}

void api_list_end(struct json *json, const char *next)
{
    json_array_end(json);
    json_pair_opt(json, "next", next);
    json_object_end(json);
}

bool api_cursor(const struct api_request *request, uint64_t *ret_cursor, struct http_answer *answer)
{
    const char *text = api_parameter(request, "cursor");
    *ret_cursor = text ? strtoull(text, NULL, 10) : 0;
    if (!text || (*text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 19))
        return true;
    api_fail(answer, 400, "bad_parameter", "the cursor is not one that was given out");
    return false;
}

void api_pair_time(struct json *json, const char *key, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    if (time_ns == 0)
        return;
    time_format(time_ns, text);
    json_pair(json, key, text);
}

struct vitals *api_vitals(const struct api *api)
{
    return api->hooks.vitals ? api->hooks.vitals(api->hooks.arg) : NULL;
}
