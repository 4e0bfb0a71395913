/* routes.h - the tables of routes, query parameters and bodies
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/api.h"

enum api_type {
    API_TEXT,
    API_NUMBER, /* 0 to max; max 0: any that is not negative */
    API_SWITCH,
    API_TIME,  /* RFC 3339, UTC */
    API_TEXTS, /* a list, each at most max bytes */
    API_JSON,  /* an object or list that the handler checks */
};

struct api_field {
    const char *name;
    enum api_type type;
    bool required;
    unsigned max; /* bytes of a text, largest number */
    const char *text;
};

enum api_body {
    BODY_NONE,
#define BODY_BEGIN(id) BODY_##id,
#define FIELD(...)
#define BODY_END(id)
#include "api/bodies.def"
#undef BODY_BEGIN
#undef FIELD
#undef BODY_END
    BODY_COUNT,
};

struct api_fields {
    const char *name;
    const struct api_field *fields;
    size_t count;
};

struct api_route {
    enum http_method method;
    const char *path;
    enum role role;
    api_route_fn handler;
    int code;
    enum api_body body;
    const char *parameters; /* names, with a space between; or FILTERS for those of alerts */
    const char *summary;
};

extern const struct api_route api_routes[];
extern const size_t api_route_count;
extern const struct api_fields api_bodies[BODY_COUNT];

/* The query parameters that the route takes; returns how many. */
size_t api_route_parameters(const struct api_route *route,
                            const struct api_field *ret_fields[static API_PARAMETERS_MAX]);

/* Appends the OpenAPI 3.1 document. */
void openapi_write(struct buf *buf);
