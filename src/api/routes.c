/* routes.c - the tables of routes, query parameters and bodies
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include <string.h>

const struct api_route api_routes[] = {
#define ROUTE(method, path, role, handler, code, body, parameters, summary)                        \
    {HTTP_##method, path, ROLE_##role, api_##handler, code, BODY_##body, parameters, summary},
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

static bool word_in(const char *words, const char *word, size_t len)
{
    while (*words) {
        size_t next = strcspn(words, " ");
        if (next == len && memcmp(words, word, len) == 0)
            return true;
        words += next + (words[next] == ' ');
    }
    return false;
}

const struct api_field *api_route_parameter(const struct api_route *route, const char *name,
                                            size_t len)
{
    if (!word_in(route->parameters, name, len))
        return NULL;
    for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
        if (strlen(parameters[i].name) == len && memcmp(parameters[i].name, name, len) == 0)
            return &parameters[i];
    return NULL;
}
