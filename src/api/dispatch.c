/* dispatch.c - finds the route of a request, holds the request to it, and has it answered
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"
#include "api/uri.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The route, or NULL; the methods of all that have this path go to `allow`. The first path that
 * fits counts: /alerts/count is not the alert with the id "count". */
static const struct api_route *route_find(struct api_request *request,
                                          char allow[static HTTP_FIELD_MAX])
{
    const char *path = NULL;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *route = &api_routes[i];
        if (path ? strcmp(route->path, path) != 0
                 : !uri_match(route->path, request->path, request->captures))
            continue;
        path = route->path;
        if (route->method == request->method)
            return route;
        size_t len = strlen(allow);
        snprintf(allow + len, HTTP_FIELD_MAX - len, "%s%s%s", len ? ", " : "",
                 http_methods[route->method], route->method == HTTP_GET ? ", HEAD" : "");
    }
    return NULL;
}

static bool role_check(const struct api_request *request, struct http_answer *answer)
{
    if (request->who.role >= request->route->role)
        return true;
    if (request->who.role == ROLE_NONE)
        api_fail(answer, 401, "login_required", "log in, or send a token that has not expired");
    else
        api_fail(answer, 403, "role_required", "this takes the role %s; you are %s",
                 role_slugs[request->route->role], role_slugs[request->who.role]);
    return false;
}

static bool number_parse(const char *text, unsigned max, uint64_t *ret_number)
{
    if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 18)
        return false;
    *ret_number = strtoull(text, NULL, 10);
    return max == 0 || *ret_number <= max;
}

static bool text_fits(const struct api_field *field, const char *text)
{
    uint64_t number;
    int64_t time_ns;
    switch (field->type) {
    case API_NUMBER: return number_parse(text, field->max, &number);
    case API_TIME: return moment_read(text, &time_ns);
    case API_SWITCH: return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    default: return strlen(text) <= field->max;
    }
}

static const struct api_field *parameter_find(const struct api_route *route, const char *name)
{
    const struct api_field *fields[API_PARAMETERS_MAX];
    for (size_t i = 0, count = api_route_parameters(route, fields); i < count; i++)
        if (strcmp(fields[i]->name, name) == 0)
            return fields[i];
    return NULL;
}

static bool parameter_add(struct api_request *request, const char *text, struct http_answer *answer)
{
    const char *value = text + strlen(text) + 1;
    const struct api_field *field = parameter_find(request->route, text);
    if (!field)
        api_fail(answer, 400, "unknown_parameter", "there is no query parameter \"%s\" here", text);
    else if (api_parameter(request, text) || request->parameter_count == API_PARAMETERS_MAX)
        api_fail(answer, 400, "bad_parameter", "the query parameter \"%s\" is there twice", text);
    else if (!text_fits(field, value))
        api_fail(answer, 400, "bad_parameter", "the query parameter \"%s\" cannot be \"%s\": %s",
                 text, value, field->text);
    if (answer->code >= 400)
        return false;
    request->parameters[request->parameter_count].name = text;
    request->parameters[request->parameter_count++].value = value;
    return true;
}

static bool parameters_read(struct api_request *request, struct http_answer *answer)
{
    const char *query = request->query ? request->query : "";
    size_t used = 0;
    int len;
    request->parameter_count = 0;
    while ((len = uri_parameter_next(&query, request->query_text + used,
                                     sizeof(request->query_text) - used)) > 0) {
        if (!parameter_add(request, request->query_text + used, answer))
            return false;
        used += (size_t)len;
    }
    if (len < 0)
        api_fail(answer, 400, "bad_query", "the query cannot be read or is too long");
    return len == 0;
}

/* Nesting is counted before a parser that recurses sees it. */
static bool depth_is_sane(const char *text, size_t len)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!quoted && (text[i] == '}' || text[i] == ']'))
            depth -= depth > 0;
        if (depth > API_JSON_DEPTH_MAX)
            return false;
    }
    return true;
}

static bool texts_fit(const json_t *list, unsigned max)
{
    size_t i;
    json_t *item;
    if (!json_is_array(list))
        return false;
    json_array_foreach(list, i, item) if (!json_is_string(item) ||
                                          json_string_length(item) > max) return false;
    return true;
}

static bool value_fits(const struct api_field *field, const json_t *value)
{
    int64_t time_ns;
    switch (field->type) {
    case API_TEXT: return json_is_string(value) && json_string_length(value) <= field->max;
    case API_NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0 &&
               (field->max == 0 || json_integer_value(value) <= field->max);
    case API_SWITCH: return json_is_boolean(value);
    case API_TIME: return json_is_string(value) && !time_parse(json_string_value(value), &time_ns);
    case API_TEXTS: return texts_fit(value, field->max);
    case API_JSON: return json_is_object(value) || json_is_array(value);
    }
    return false;
}

static const struct api_field *field_find(const struct api_fields *body, const char *name)
{
    for (size_t i = 0; i < body->count; i++)
        if (strcmp(body->fields[i].name, name) == 0)
            return &body->fields[i];
    return NULL;
}

static bool body_check(const struct api_fields *body, json_t *object, struct http_answer *answer)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object)) {
        api_fail(answer, 422, "bad_body", "the body is not a JSON object");
        return false;
    }
    json_object_foreach(object, key, value)
    {
        const struct api_field *field = field_find(body, key);
        if (field && value_fits(field, value))
            continue;
        if (field)
            api_fail(answer, 422, "bad_body", "\"%s\" is not what it should be: %s", key,
                     field->text);
        else
            api_fail(answer, 422, "bad_body", "there is no key \"%s\" here", key);
        return false;
    }
    for (size_t i = 0; i < body->count; i++) {
        if (!body->fields[i].required || json_object_get(object, body->fields[i].name))
            continue;
        api_fail(answer, 422, "bad_body", "the key \"%s\" is missing: %s", body->fields[i].name,
                 body->fields[i].text);
        return false;
    }
    return true;
}

static bool body_read(struct api_request *request, struct http_answer *answer)
{
    json_error_t why;
    bool wanted = request->route->body != BODY_NONE;
    if (!wanted && request->body_len == 0)
        return true;
    if (!wanted) {
        api_fail(answer, 400, "bad_body", "this request has no body");
        return false;
    }
    if (depth_is_sane(request->body_text, request->body_len))
        request->body =
            json_loadb(request->body_text, request->body_len, JSON_REJECT_DUPLICATES, &why);
    if (!request->body) {
        api_fail(answer, 400, "bad_json", "the body is no JSON, or nested more than %d deep",
                 API_JSON_DEPTH_MAX);
        return false;
    }
    return body_check(&api_bodies[request->route->body], request->body, answer);
}

void api_dispatch(struct api *api, struct api_request *request, struct http_answer *answer)
{
    request->body = NULL;
    request->route = route_find(request, answer->allow);
    if (!request->route && answer->allow[0]) {
        api_fail(answer, 405, "bad_method", "allowed here: %s", answer->allow);
        return;
    }
    answer->allow[0] = 0;
    if (!request->route) {
        api_fail(answer, 404, "not_found", "there is nothing at this path");
        return;
    }
    if (role_check(request, answer) && parameters_read(request, answer) &&
        body_read(request, answer)) {
        answer->code = request->route->code;
        answer->type = "application/json";
        request->route->handler(api, request, answer);
    }
    json_decref(request->body);
    request->body = NULL;
}
