/* web.c - what a browser gets that asks for a page instead of the API
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/web.h"

#include "api/web_files.h"

#include <stdio.h>
#include <string.h>

/* Only what the program itself sends may run or be asked, and no text becomes code. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
                             "'self' data:; connect-src 'self';"
                             " base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
                             "require-trusted-types-for 'script'";

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const struct web_file *file_find(const char *path)
{
    for (size_t i = 0; i < web_file_count; i++)
        if (strcmp(web_files[i].path, path) == 0)
            return &web_files[i];
    return NULL;
}

static bool is_known(const struct http_request *request, const struct web_file *file)
{
    return request->if_none_match && strcmp(request->if_none_match, file->etag) == 0;
}

static void file_answer(const struct http_request *request, const struct web_file *file,
                        struct http_answer *answer)
{
    answer->type = file->type;
    answer->policy = policy;
    answer->caching =
        begins(file->path, "/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    snprintf(answer->etag, sizeof(answer->etag), "%s", file->etag);
    if (is_known(request, file)) {
        answer->code = 304;
        return;
    }
    answer->encoding = "gzip";
    buf_append(&answer->body, file->packed, file->packed_len);
}

bool web_answer(const struct http_request *request, struct http_answer *answer)
{
    bool ours = request->method == HTTP_GET && web_file_count > 0 &&
                !begins(request->path, "/api/") && !begins(request->path, "/subscriptions/") &&
                !begins(request->path, "/answer/");
    if (!ours)
        return false;
    const struct web_file *file = file_find(request->path);
    if (!file && begins(request->path, "/assets/"))
        return false;
    file_answer(request, file ? file : file_find("/"), answer);
    return true;
}
