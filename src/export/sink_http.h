/* sink_http.h - what all sinks that send records by HTTP share: requests that are not too long, and
 * what becomes of the records in them
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records are put into requests of at most so many bytes, in their order. A request that is too
 * long, or refused because of one of its records, is sent again in two parts until the record is
 * alone; so the others may reach the service twice, with the same key. What is only busy, or does
 * not know us, ends the attempt, and the rest waits with it.
 *
 * A kind of service says in a struct http_service how its requests look and what its answers mean.
 */
#pragma once

#include "export/sinks.h"
#include "outside/web.h"

#include <jansson.h>

enum { HTTP_HEADERS_MAX = 8 };

/* Header lines, in memory of their own that is wiped in the end: some show who we are. */
struct http_headers {
    char *lines[HTTP_HEADERS_MAX + 1];
    unsigned count;
    bool overflow; /* without memory, or more than there is room for */
};

void http_header_add(struct http_headers *headers, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void http_headers_done(struct http_headers *headers);

/* Records of one request, and what is answered for each. */
struct http_part {
    const struct sink_record *records;
    struct sink_answer *answers;
    size_t count;
};

enum http_next {
    HTTP_GO_ON, /* the answers are set */
    HTTP_SPLIT, /* not all of them can be together: to be sent in parts */
    HTTP_RENEW, /* to be sent once more, with headers that show us anew */
    HTTP_STOP,  /* the answers are set, and more would fare no better now */
};

struct sink_http;

struct http_service {
    const char *media_type;             /* of the body; NULL: the headers say it */
    const char *login_keys;             /* to look at when we are not let in */
    const char *open, *close, *between; /* around and between the records of a body */
    size_t body_bytes_max;
    size_t answer_bytes_max;
    size_t records_max; /* in one request; 0: no limit */
    bool gzip;          /* understands compressed bodies */
    void (*record)(const struct sink_http *http, const struct sink_record *record,
                   struct buf *body);
    /* Headers beside the media type; http->body is whole by then. `renew`: with these we were not
     * let in, and there may be newer ones. */
    int (*headers)(struct sink_http *http, const struct http_part *part, bool renew,
                   struct http_headers *headers, struct error *error);
    /* What an answer means. http_judge() is for the statuses that everybody uses alike. */
    enum http_next (*judge)(struct sink_http *http, const struct http_part *part,
                            const struct web_answer *answer);
};

/* At the beginning of each kind's own structure. */
struct sink_http {
    struct sink sink;
    const struct http_service *service;
    struct web_client *client;
    char *url;       /* where records go */
    struct buf body; /* of the request */
    struct buf answer;
    size_t body_max;  /* less than the service's after it has said "too long" */
    size_t split;     /* where judge() wants the part split; 0: in the middle */
    int64_t until_ns; /* when the attempt ends, by the monotonic clock */
    unsigned wait_s;  /* as the service asked for */
    bool over;        /* nothing more is taken now */
};

/* A zeroed structure of so many bytes that begins with a sink_http whose records go to the
 * configured url with `path` behind it. NULL with a message. The kind's close() ends it with
 * sink_http_done() and free(). */
void *sink_http_new(size_t bytes, const struct config_export *config,
                    const struct http_service *service, const struct sink_ops *ops,
                    const char *path, struct error *error);
void sink_http_done(struct sink_http *http);

/* The close() of kinds that have nothing else to free. */
void sink_http_close(struct sink *sink);

/* The configured url with `path` behind it; NULL without memory. */
char *sink_http_url(const struct config_export *config, const char *path);

/* A sink's send(). */
void sink_http_send(struct sink *sink, const struct sink_record *records, size_t count,
                    struct sink_answer *answers, unsigned *ret_wait_s);

/* Begins an attempt without records: it may take as long as one with them. */
void sink_http_begin(struct sink_http *http);

/* How many seconds of the attempt are left; 0 once it is stopped, too. */
unsigned sink_http_left_s(const struct sink_http *http);

/* A request of the attempt. The answer's body is in http->answer. */
int sink_http_ask(struct sink_http *http, const char *url, struct http_headers *headers,
                  const struct buf *body, struct web_answer *ret_answer, struct error *error);

/* Sets all answers of a part. */
void http_answer(const struct http_part *part, enum sink_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Refuses the only record of a part for what the service said, or has a longer part split. */
enum http_next http_refuse(const struct http_part *part, long status, const char *said);

/* What the status says, where nothing more is known: 2xx taken; 400, 409 and 422 a record's fault;
 * 413 too long; all else to be tried again. `said`: the service's own words, or "". */
enum http_next http_judge(struct sink_http *http, const struct http_part *part, long status,
                          const char *said);

/* The answer's JSON; NULL when it is none. To be freed with json_decref(). */
json_t *http_answer_json(const struct sink_http *http);

/* The text at a key, or "". */
const char *http_json_text(const json_t *object, const char *key);

/* Adds `Authorization: <scheme> <token>` with the secret of token_file, or the header that
 * token_header names; else Basic of username and password_file; else nothing. */
int http_login_add(const struct config_export *config, const char *scheme,
                   struct http_headers *headers, struct error *error);

/* Whether the records that the configuration asks for are JSON. -EINVAL with a message. */
int http_needs_json(const struct config_export *config, struct error *error);

/* The place of a record in streams of them: <id>:<revision>. */
enum { HTTP_KEY_MAX = ALERT_ID_MAX + 12 };
void http_key(const struct sink_record *record, char ret_key[static HTTP_KEY_MAX]);
