/* routes_download.c - all alerts of a filter as a file, however many there are
 * SPDX-License-Identifier: Apache-2.0
 *
 * A few alerts are read and written when the client has taken those before: memory does not grow
 * with the file, and what is stored meanwhile neither repeats nor hides an alert. */
#include "api/alerts.h"

#include "base/log.h"
#include "export/dialect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALERTS_AT_ONCE = 16 };

struct download {
    struct http_download http;
    struct api_request request; /* whose texts the filter borrows */
    struct filter filter;
    struct store_cursor cursor;
    const struct dialect *dialect;
    struct dialect_context context;
    struct buf record;
    bool begun;
};

struct piece {
    struct download *download;
    struct buf *out;
};

/* A store_alert_fn. */
static int alert_write(void *context, const struct alert *alert, struct error *error)
{
    const struct piece *piece = context;
    struct download *download = piece->download;
    buf_reset(&download->record);
    int r = dialect_write(download->dialect, &download->context, alert, &download->record);
    if (r == -EMSGSIZE) {
        log_warning("alert %s is left out of a download: it is too long for %s", alert->id,
                    download->dialect->slug);
        return 0;
    }
    if (r < 0)
        return error_set(error, r, "no memory for alert %s", alert->id);
    buf_append(piece->out, download->record.data, download->record.len);
    buf_text(piece->out, download->dialect->line_end);
    return 0;
}

static int download_more(struct http_download *http, void *arg, struct buf *out)
{
    struct download *download = (struct download *)http;
    struct api *api = arg;
    struct store_cursor next = {""};
    struct error error;
    struct piece piece = {download, out};
    if (!download->begun && download->dialect->head)
        download->dialect->head(out);
    download->begun = true;
    int r = store_list_page(api->read, &download->filter.set, download->cursor.text, alert_write,
                            &piece, &next, &error);
    if (r < 0) {
        log_error("a download ends before its end: %s", error.text);
        return r;
    }
    download->cursor = next;
    return next.text[0] != 0;
}

static void download_free(struct http_download *http)
{
    struct download *download = (struct download *)http;
    buf_done(&download->record);
    free(download);
}

/* The copy's parameters stand in its own text. */
static void request_copy(const struct api_request *request, struct api_request *ret_copy)
{
    *ret_copy = *request;
    for (unsigned i = 0; i < request->parameter_count; i++) {
        ret_copy->parameters[i].name =
            ret_copy->query_text + (request->parameters[i].name - request->query_text);
        ret_copy->parameters[i].value =
            ret_copy->query_text + (request->parameters[i].value - request->query_text);
    }
}

API_HANDLER(alerts_export)
{
    (void)api;
    const char *slug = api_parameter(request, "dialect");
    const struct dialect *dialect = dialect_find(slug ? slug : "native");
    struct download *download = dialect ? calloc(1, sizeof(*download)) : NULL;
    if (!download) {
        api_fail(answer, dialect ? 503 : 400, dialect ? "no_memory" : "bad_parameter",
                 dialect ? "no memory for a download" : "there is no dialect \"%s\"", slug);
        return;
    }
    download->http = (struct http_download){download_more, download_free};
    download->dialect = dialect;
    download->context.language = api_language(request);
    buf_init(&download->record, EXPORT_RECORD_MAX_BYTES);
    request_copy(request, &download->request);
    if (!api_filter(&download->request, &download->filter, answer)) {
        download_free(&download->http);
        return;
    }
    download->filter.set.limit = ALERTS_AT_ONCE;
    answer->download = &download->http;
    bool json = strcmp(dialect->media_type, "application/json") == 0;
    answer->type = json ? "application/x-ndjson" : dialect->media_type; /* one record a line */
    snprintf(answer->file, sizeof(answer->file), "attachment; filename=\"alerts.%s\"",
             dialect->extension);
}
