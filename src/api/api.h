/* api.h - what can be asked of dnsvigil, whoever asks and by whatever way
 * SPDX-License-Identifier: Apache-2.0
 *
 * routes.def names every request with the role it takes, its query parameters and its body; a
 * handler is called only when all of these are in order. The HTTP server asks here, and so does the
 * command line where no daemon runs:
 *
 *     struct api_request request = {.method = HTTP_GET, .path = "/api/v1/users", .who = root};
 *     http_answer_init(&answer);
 *     api_dispatch(&api, &request, &answer);
 *
 * To add one: a row in routes.def, a row for each new parameter in parameters.def, the keys of its
 * body in bodies.def, what it answers in answers.def with new objects in shapes.def, and
 * API_HANDLER(name) { … } in routes_<topic>.c. */
#pragma once

#include "api/http.h"
#include "base/json.h"
#include "store/store.h"
#include "store/users.h"

#include <dnsvigil/terms.h>

#include <jansson.h>

enum {
    API_CAPTURES_MAX = 6,
    API_CAPTURE_MAX = 256,
    API_QUERY_MAX = 4096,
    API_PARAMETERS_MAX = 32,
    API_JSON_DEPTH_MAX = 32,
    API_ITEMS_MAX = 50, /* of a list, unless `limit` says otherwise */
};

struct gate;
struct vitals;
struct isolator;
struct rule_set;

typedef void (*api_rules_fn)(void *context, const struct rule_set *rules);

/* What the program that answers knows besides its store; NULL where it does not run. */
struct api_hooks {
    void *arg;
    void (*metrics)(void *arg, struct buf *out);   /* Prometheus's text format */
    bool (*ready)(void *arg, struct buf *reasons); /* or appends a line for each reason */
    struct vitals *(*vitals)(void *arg);           /* to be freed; NULL without memory */
    const struct config *(*config)(void *arg);     /* in force now, for config_unref() */

    /* Calls `look` with the signature rules in force, NULL for none, which stay while it runs. */
    void (*rules)(void *arg, api_rules_fn look, void *context);
};

/* One thread's way to the store. */
struct api {
    const struct config *config; /* in force, for as long as a request takes */
    const struct config *start;  /* what counts of restart_keys.def, until the end */
    struct store *read;          /* of this thread */
    struct store_writer writer;
    struct gate *gate;
    struct api_hooks hooks;
    struct isolator *isolator; /* NULL: nothing can be isolated from here */
};

struct api_route;

struct api_request {
    enum http_method method;
    const char *path;  /* escaped as in a URI */
    const char *host;  /* by which name we were asked, with its port; NULL: not over HTTP */
    const char *query; /* the same, or NULL */
    const char *body_text;
    size_t body_len;
    struct identity who;
    const char *session;  /* the secret of his session, or NULL */
    const char *if_match; /* or NULL */
    const char *last_event_id;
    char address[ADDR_TEXT_MAX]; /* whence it comes */
    bool tls;
    enum language language;
    bool language_told; /* it is what the client wants */
    /* Filled in by api_dispatch(). */
    const struct api_route *route;
    json_t *body; /* an object as bodies.def says, or NULL where the route has none */
    char captures[API_CAPTURES_MAX][API_CAPTURE_MAX]; /* for each {x} of the path */
    char query_text[API_QUERY_MAX];
    unsigned parameter_count;
    struct {
        const char *name, *value;
    } parameters[API_PARAMETERS_MAX];
};

/* Makes the answer: JSON, or {"error": {"code", "message"}}. */
void api_dispatch(struct api *api, struct api_request *request, struct http_answer *answer);

typedef void (*api_route_fn)(struct api *api, const struct api_request *request,
                             struct http_answer *answer);

#define API_HANDLER(name)                                                                          \
    void api_##name(struct api *api, const struct api_request *request, struct http_answer *answer)

#define ROUTE(method, path, role, handler, ...) API_HANDLER(handler);
#include "api/routes.def"
#undef ROUTE

/* Helpers for handlers. */

/* A query parameter, or NULL. Numbers and times have been checked. */
const char *api_parameter(const struct api_request *request, const char *name);
uint64_t api_parameter_number(const struct api_request *request, const char *name,
                              uint64_t otherwise);
int64_t api_parameter_time(const struct api_request *request, const char *name); /* 0: none */

/* Keys of the body, which has been checked: NULL or `otherwise` where an optional one is not there.
 */
const char *api_text(const struct api_request *request, const char *key);
int64_t api_number(const struct api_request *request, const char *key, int64_t otherwise);
int api_switch(const struct api_request *request, const char *key, int otherwise);

/* Turns the answer into an error. */
void api_fail(struct http_answer *answer, int code, const char *slug, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The message without the path of the store with which it may begin: where that lies is no affair
 * of clients. Valid as long as the error. */
const char *api_message(const struct error *error);

/* The same for what a function of the store returned: -ENOENT is 404, -EEXIST and -EPERM are 409,
 * -EINVAL is 422; all else is the machine's affair: logged, and 503. Nothing for 0. */
void api_fail_store(struct http_answer *answer, int r, const struct error *error);

/* Has `fn` run by the writer; false and an error in the answer when it fails. */
bool api_write(struct api *api, store_write_fn fn, void *arg, struct http_answer *answer);

/* {"items": […], "next": "…"}: between the two calls items are written to the writer. `next` NULL
 * or
 * "" ends the list. */
struct json api_list_begin(struct http_answer *answer);
void api_list_end(struct json *json, const char *next);

/* The page's beginning that `cursor` names, 0 for the first; and the name of one. False with an
 * error in the answer when it is none of ours. */
bool api_cursor(const struct api_request *request, uint64_t *ret_cursor,
                struct http_answer *answer);

/* How the program fares, for the caller to free; NULL where none runs. */
struct vitals *api_vitals(const struct api *api);

/* A time as RFC 3339; nothing for 0. */
void api_pair_time(struct json *json, const char *key, int64_t time_ns);
