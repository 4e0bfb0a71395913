/* routes.h - the tables of routes, query parameters, bodies and answers
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

/* What answers are made of. */

enum api_shape {
#define SHAPE_BEGIN(id) SHAPE_##id,
#define FIELD(...)
#define SHAPE_END(id)
#include "api/shapes.def"
#undef SHAPE_BEGIN
#undef FIELD
#undef SHAPE_END
    SHAPE_COUNT,
    SHAPE_NONE,
    SHAPE_ALERT, /* the native record */
    SHAPE_ID,    /* a text */
};

enum api_told_type {
    TOLD_TEXT,
    TOLD_NUMBER,
    TOLD_REAL,
    TOLD_SWITCH,
    TOLD_TIME,
    TOLD_TEXTS,
    TOLD_NUMBERS,
    TOLD_COUNTS, /* an object with a number at each key */
    TOLD_JSON,   /* any value */
    TOLD_ALERTS, /* a list of native records */
    TOLD_ONE,    /* an object of the shape */
    TOLD_MANY,   /* a list of them */
};

struct api_told {
    const char *name;
    enum api_told_type type;
    bool always;
    enum api_shape shape;
    const char *text;
};

struct api_told_fields {
    const char *name;
    const struct api_told *fields;
    size_t count;
};

enum api_form { FORM_NOTHING, FORM_ONE, FORM_LIST, FORM_ANY, FORM_OTHER };

struct api_answer {
    enum api_form form;
    enum api_shape shape;
    const char *type; /* FORM_OTHER: the type of the content */
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
    const struct api_answer *answer;
};

extern const struct api_route api_routes[];
extern const size_t api_route_count;
extern const struct api_fields api_bodies[BODY_COUNT];
extern const struct api_told_fields api_shapes[SHAPE_COUNT];

/* The query parameters that the route takes; returns how many. */
size_t api_route_parameters(const struct api_route *route,
                            const struct api_field *ret_fields[static API_PARAMETERS_MAX]);

/* Appends the OpenAPI 3.1 document. */
void openapi_write(struct buf *buf);
