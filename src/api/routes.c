/* routes.c - the tables of routes, query parameters, bodies and answers
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include <assert.h>
#include <string.h>

#define ANSWER(handler, form, shape, type)                                                         \
    static const struct api_answer answer_##handler = {FORM_##form, SHAPE_##shape, type};
#include "api/answers.def"
#undef ANSWER

const struct api_route api_routes[] = {
#define ROUTE(method, path, role, handler, code, body, parameters, summary)                        \
    {HTTP_##method, path,       ROLE_##role, api_##handler,    code,                               \
     BODY_##body,   parameters, summary,     &answer_##handler},
#include "api/routes.def"
#undef ROUTE
};

const size_t api_route_count = sizeof(api_routes) / sizeof(*api_routes);

static const struct api_field parameters[] = {
#define PARAMETER(name, type, max, text) {name, API_##type, false, max, text},
#include "api/parameters.def"
#undef PARAMETER
};

#define BODY_BEGIN(id)                         static const struct api_field fields_##id[] = {
#define FIELD(name, type, required, max, text) {name, API_##type, required, max, text},
#define BODY_END(id)                                                                               \
    }                                                                                              \
    ;
#include "api/bodies.def"
#undef BODY_BEGIN
#undef FIELD
#undef BODY_END

const struct api_fields api_bodies[BODY_COUNT] = {
#define BODY_BEGIN(id) [BODY_##id] = {#id, fields_##id, sizeof(fields_##id) / sizeof(*fields_##id)},
#define FIELD(...)
#define BODY_END(id)
#include "api/bodies.def"
#undef BODY_BEGIN
#undef FIELD
#undef BODY_END
};

#define SHAPE_BEGIN(id)                        static const struct api_told told_##id[] = {
#define FIELD(name, type, always, shape, text) {name, TOLD_##type, always, SHAPE_##shape, text},
#define SHAPE_END(id)                                                                              \
    }                                                                                              \
    ;
#include "api/shapes.def"
#undef SHAPE_BEGIN
#undef FIELD
#undef SHAPE_END

const struct api_told_fields api_shapes[SHAPE_COUNT] = {
#define SHAPE_BEGIN(id) [SHAPE_##id] = {#id, told_##id, sizeof(told_##id) / sizeof(*told_##id)},
#define FIELD(...)
#define SHAPE_END(id)
#include "api/shapes.def"
#undef SHAPE_BEGIN
#undef FIELD
#undef SHAPE_END
};

static const struct api_field filters[] = {
#define FILTER(id, name, letter, value, text) {#id, API_TEXT, false, 255, text},
#include "store/filters.def"
#undef FILTER
};

static const struct api_field *field_named(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
        if (strlen(parameters[i].name) == len && memcmp(parameters[i].name, name, len) == 0)
            return &parameters[i];
    assert(false); /* routes.def names what parameters.def does not have */
}

size_t api_route_parameters(const struct api_route *route,
                            const struct api_field *ret_fields[static API_PARAMETERS_MAX])
{
    size_t count = 0;
    for (const char *words = route->parameters; *words;) {
        size_t len = strcspn(words, " ");
        if (len == strlen("FILTERS") && memcmp(words, "FILTERS", len) == 0)
            for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
                ret_fields[count++] = &filters[i];
        else
            ret_fields[count++] = field_named(words, len);
        words += len + (words[len] == ' ');
    }
    assert(count <= API_PARAMETERS_MAX);
    return count;
}
