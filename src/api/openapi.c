/* openapi.c - describes the API in OpenAPI 3.1, from the table of routes
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { ALERT_SCHEMA_MAX_BYTES = 1 << 20 };

/* docs/schema/alert.schema.json */
extern const unsigned char alert_schema_file[];
extern const unsigned long alert_schema_file_len;

static void type_write(struct json *json, const struct api_field *field)
{
    static const char *const types[] = {
        [API_TEXT] = "string", [API_NUMBER] = "integer", [API_SWITCH] = "boolean",
        [API_TIME] = "string", [API_TEXTS] = "array",
    };
    if (field->type != API_JSON)
        json_pair(json, "type", types[field->type]);
    if (field->type == API_NUMBER)
        json_pair_int(json, "minimum", 0);
    if (field->max && field->type != API_TEXTS)
        json_pair_int(json, field->type == API_NUMBER ? "maximum" : "maxLength", field->max);
}

/* Of a body, whose times are written in one way. */
static void value_write(struct json *json, const struct api_field *field)
{
    type_write(json, field);
    if (field->type == API_TIME)
        json_pair(json, "format", "date-time");
}

static void parameter_write(struct json *json, const char *in, const char *name, size_t len,
                            const struct api_field *field)
{
    static const struct api_field capture = {.type = API_TEXT, .max = API_CAPTURE_MAX - 1};
    json_object_begin(json);
    json_key(json, "name");
    json_text_len(json, name, len);
    json_pair(json, "in", in);
    if (!field) {
        json_key(json, "required");
        json_bool(json, true);
    } else {
        json_pair(json, "description", field->text);
    }
    json_key(json, "schema");
    json_object_begin(json);
    type_write(json, field ? field : &capture);
    json_object_end(json);
    json_object_end(json);
}

static void captures_write(struct json *json, const char *path)
{
    while ((path = strchr(path, '{'))) {
        size_t len = strcspn(++path, "}");
        parameter_write(json, "path", path, len, NULL);
    }
}

static void parameters_write(struct json *json, const struct api_route *route)
{
    const struct api_field *fields[API_PARAMETERS_MAX];
    size_t count = api_route_parameters(route, fields);
    json_key(json, "parameters");
    json_array_begin(json);
    captures_write(json, route->path);
    for (size_t i = 0; i < count; i++)
        parameter_write(json, "query", fields[i]->name, strlen(fields[i]->name), fields[i]);
    json_array_end(json);
}

static void content_begin(struct json *json, const char *type)
{
    json_key(json, "content");
    json_object_begin(json);
    json_key(json, type);
    json_object_begin(json);
    json_key(json, "schema");
    json_object_begin(json);
}

static void content_end(struct json *json)
{
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
}

static void reference_write(struct json *json, const char *name)
{
    char reference[128];
    snprintf(reference, sizeof(reference), "#/components/schemas/%s", name);
    json_pair(json, "$ref", reference);
}

static void body_reference(struct json *json, const struct api_route *route)
{
    if (route->body == BODY_NONE)
        return;
    json_key(json, "requestBody");
    json_object_begin(json);
    json_key(json, "required");
    json_bool(json, true);
    content_begin(json, "application/json");
    reference_write(json, api_bodies[route->body].name);
    content_end(json);
    json_object_end(json);
}

static void shape_reference(struct json *json, enum api_shape shape)
{
    if (shape == SHAPE_ID)
        json_pair(json, "type", "string");
    else
        reference_write(json, shape == SHAPE_ALERT ? "Alert" : api_shapes[shape].name);
}

/* Each is of the shape. */
static void list_write(struct json *json, enum api_shape shape)
{
    json_pair(json, "type", "array");
    json_key(json, "items");
    json_object_begin(json);
    shape_reference(json, shape);
    json_object_end(json);
}

/* {"items": [...], "next": "..."} */
static void page_write(struct json *json, enum api_shape shape)
{
    json_pair(json, "type", "object");
    json_key(json, "properties");
    json_object_begin(json);
    json_key(json, "items");
    json_object_begin(json);
    list_write(json, shape);
    json_object_end(json);
    json_key(json, "next");
    json_object_begin(json);
    json_pair(json, "description", "`cursor` of the page that follows, where there is one");
    json_pair(json, "type", "string");
    json_object_end(json);
    json_object_end(json);
    json_key(json, "required");
    json_array_begin(json);
    json_text(json, "items");
    json_array_end(json);
}

static void answer_write(struct json *json, const struct api_answer *answer)
{
    if (answer->form == FORM_NOTHING)
        return;
    content_begin(json, answer->form == FORM_OTHER ? answer->type : "application/json");
    if (answer->form == FORM_ONE)
        shape_reference(json, answer->shape);
    else if (answer->form == FORM_LIST)
        page_write(json, answer->shape);
    else
        json_pair(json, "type", answer->form == FORM_ANY ? "object" : "string");
    content_end(json);
}

static void responses_write(struct json *json, const struct api_route *route)
{
    char code[8];
    snprintf(code, sizeof(code), "%d", route->code);
    json_key(json, "responses");
    json_object_begin(json);
    json_key(json, code);
    json_object_begin(json);
    json_pair(json, "description", route->summary);
    answer_write(json, route->answer);
    json_object_end(json);
    json_key(json, "default");
    json_object_begin(json);
    json_pair(json, "description", "What was wrong");
    content_begin(json, "application/json");
    reference_write(json, "Error");
    content_end(json);
    json_object_end(json);
    json_object_end(json);
}

static void operation_write(struct json *json, const struct api_route *route)
{
    char method[8] = "";
    for (size_t i = 0; http_methods[route->method][i]; i++)
        method[i] = (char)tolower((unsigned char)http_methods[route->method][i]);
    json_key(json, method);
    json_object_begin(json);
    json_pair(json, "summary", route->summary);
    json_pair(json, "x-role", role_slugs[route->role]);
    if (route->role == ROLE_NONE) {
        json_key(json, "security");
        json_array_begin(json);
        json_array_end(json);
    }
    parameters_write(json, route);
    body_reference(json, route);
    responses_write(json, route);
    json_object_end(json);
}

/* Whether an earlier row has this path: then its operation was written there. */
static bool path_is_new(size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(api_routes[i].path, api_routes[row].path) == 0)
            return false;
    return true;
}

static void paths_write(struct json *json)
{
    json_key(json, "paths");
    json_object_begin(json);
    for (size_t i = 0; i < api_route_count; i++) {
        if (!path_is_new(i))
            continue;
        json_key(json, api_routes[i].path);
        json_object_begin(json);
        for (size_t k = i; k < api_route_count; k++)
            if (strcmp(api_routes[k].path, api_routes[i].path) == 0)
                operation_write(json, &api_routes[k]);
        json_object_end(json);
    }
    json_object_end(json);
}

static void field_property(struct json *json, const struct api_field *field)
{
    json_key(json, field->name);
    json_object_begin(json);
    json_pair(json, "description", field->text);
    value_write(json, field);
    json_object_end(json);
}

static void body_schema(struct json *json, const struct api_fields *body)
{
    json_key(json, body->name);
    json_object_begin(json);
    json_pair(json, "type", "object");
    json_key(json, "additionalProperties");
    json_bool(json, false);
    json_key(json, "properties");
    json_object_begin(json);
    for (size_t i = 0; i < body->count; i++)
        field_property(json, &body->fields[i]);
    json_object_end(json);
    json_key(json, "required");
    json_array_begin(json);
    for (size_t i = 0; i < body->count; i++)
        if (body->fields[i].required)
            json_text(json, body->fields[i].name);
    json_array_end(json);
    json_object_end(json);
}

static void type_object(struct json *json, const char *key, const char *type)
{
    if (!type)
        return;
    json_key(json, key);
    json_object_begin(json);
    json_pair(json, "type", type);
    json_object_end(json);
}

static void plain_write(struct json *json, enum api_told_type type)
{
    static const struct {
        const char *type, *format, *items, *values;
    } kinds[] = {
        [TOLD_TEXT] = {.type = "string"},
        [TOLD_NUMBER] = {.type = "integer"},
        [TOLD_REAL] = {.type = "number"},
        [TOLD_SWITCH] = {.type = "boolean"},
        [TOLD_TIME] = {.type = "string", .format = "date-time"},
        [TOLD_TEXTS] = {.type = "array", .items = "string"},
        [TOLD_NUMBERS] = {.type = "array", .items = "integer"},
        [TOLD_COUNTS] = {.type = "object", .values = "integer"},
    };
    json_pair(json, "type", kinds[type].type);
    if (kinds[type].format)
        json_pair(json, "format", kinds[type].format);
    type_object(json, "items", kinds[type].items);
    type_object(json, "additionalProperties", kinds[type].values);
}

static void told_write(struct json *json, const struct api_told *told)
{
    json_key(json, told->name);
    json_object_begin(json);
    json_pair(json, "description", told->text);
    switch (told->type) {
    case TOLD_JSON: break;
    case TOLD_ALERTS: list_write(json, SHAPE_ALERT); break;
    case TOLD_MANY: list_write(json, told->shape); break;
    case TOLD_ONE: shape_reference(json, told->shape); break;
    default: plain_write(json, told->type);
    }
    json_object_end(json);
}

/* Later versions may tell more: other keys are not forbidden. */
static void shape_write(struct json *json, const struct api_told_fields *shape)
{
    json_key(json, shape->name);
    json_object_begin(json);
    json_pair(json, "type", "object");
    json_key(json, "properties");
    json_object_begin(json);
    for (size_t i = 0; i < shape->count; i++)
        told_write(json, &shape->fields[i]);
    json_object_end(json);
    json_key(json, "required");
    json_array_begin(json);
    for (size_t i = 0; i < shape->count; i++)
        if (shape->fields[i].always)
            json_text(json, shape->fields[i].name);
    json_array_end(json);
    json_object_end(json);
}

/* The schema of the native record, whose references to its own parts lead to them from here, too.
 */
static void alert_schema_write(struct json *json)
{
    static const char own[] = "\"#/$defs/", here[] = "\"#/components/schemas/Alert/$defs/";
    const char *at = (const char *)alert_schema_file, *end = at + alert_schema_file_len, *found;
    struct buf schema;
    buf_init(&schema, ALERT_SCHEMA_MAX_BYTES);
    for (; (found = memmem(at, (size_t)(end - at), own, strlen(own))); at = found + strlen(own)) {
        buf_append(&schema, at, (size_t)(found - at));
        buf_text(&schema, here);
    }
    buf_append(&schema, at, (size_t)(end - at));
    json_key(json, "Alert");
    json_raw(json, schema.data, schema.len);
    buf_done(&schema);
}

static const char error_schema[] =
    "{\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"
    "\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}";

static const char security_schemes[] =
    "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-dnsvigil\"}}";

static void components_write(struct json *json)
{
    json_key(json, "components");
    json_object_begin(json);
    json_key(json, "securitySchemes");
    json_raw(json, security_schemes, sizeof(security_schemes) - 1);
    json_key(json, "schemas");
    json_object_begin(json);
    for (unsigned i = BODY_NONE + 1; i < BODY_COUNT; i++)
        body_schema(json, &api_bodies[i]);
    for (unsigned i = 0; i < SHAPE_COUNT; i++)
        shape_write(json, &api_shapes[i]);
    alert_schema_write(json);
    json_key(json, "Error");
    json_raw(json, error_schema, sizeof(error_schema) - 1);
    json_object_end(json);
    json_object_end(json);
}

void openapi_write(struct buf *buf)
{
    static const char security[] = "[{\"token\":[]},{\"session\":[]}]";
    struct json json = json_writer(buf);
    json_object_begin(&json);
    json_pair(&json, "openapi", "3.1.0");
    json_key(&json, "info");
    json_object_begin(&json);
    json_pair(&json, "title", "dnsvigil");
    json_pair(&json, "version", DNSVIGIL_VERSION);
    json_object_end(&json);
    json_key(&json, "security");
    json_raw(&json, security, sizeof(security) - 1);
    paths_write(&json);
    components_write(&json);
    json_object_end(&json);
}
