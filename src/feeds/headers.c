/* headers.c - the header lines of an HTTP request: our own, conditions, and those from a secret
 * file
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/headers.h"

#include "intel/file.h"
#include "intel/slice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool line_add(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer)
        return false;
    *list = longer;
    return true;
}

static bool pair_add(struct headers *headers, const char *name, const char *value)
{
    char line[FETCH_TAG_MAX + 64];
    if (!value[0])
        return true;
    snprintf(line, sizeof(line), "%s: %s", name, value);
    return line_add(&headers->all, line) && line_add(&headers->open, line);
}

/* `Name: value` of visible characters and blanks. */
static bool is_header(struct slice line)
{
    const char *colon = memchr(line.at, ':', line.len);
    if (!colon || colon == line.at)
        return false;
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.at[i] < 0x20 || line.at[i] == 0x7f)
            return false;
    return !memchr(line.at, ' ', (size_t)(colon - line.at));
}

static int file_add(struct headers *headers, const char *path, const struct file *file,
                    struct error *error)
{
    struct slice rest = {file->data, file->len};
    for (unsigned number = 1; rest.len; number++) {
        char text[HEADERS_FILE_MAX + 1];
        struct slice line = slice_trim(slice_cut(&rest, '\n'));
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (!is_header(line) || number > HEADER_LINES_MAX)
            return error_set(error, -EINVAL,
                             "%s:%u: `Name: value` is expected here, at most %d "
                             "lines",
                             path, number, HEADER_LINES_MAX);
        snprintf(text, sizeof(text), "%.*s", (int)line.len, line.at);
        if (!line_add(&headers->all, text))
            return error_set(error, -ENOMEM, "no memory for headers");
    }
    return 0;
}

static int file_lines_add(struct headers *headers, const char *path, struct error *error)
{
    struct file file;
    struct stat info;
    if (stat(path, &info) == 0 && info.st_mode & 077)
        return error_set(error, -EPERM,
                         "%s: others than its owner may use it, and it holds a secret: chmod 600",
                         path);
    int r = file_read(&file, path, HEADERS_FILE_MAX, error);
    if (r != 0)
        return r;
    r = file_add(headers, path, &file, error);
    explicit_bzero(file.data, file.len);
    file_done(&file);
    return r;
}

int headers_init(struct headers *headers, const struct fetch_request *request, struct error *error)
{
    *headers = (struct headers){0};
    /* We ask for gzip and nothing else, and unpack it elsewhere, where it can do no harm. */
    int r = 0;
    if (!pair_add(headers, "Accept-Encoding", "gzip") ||
        !pair_add(headers, "If-None-Match", request->etag) ||
        !pair_add(headers, "If-Modified-Since", request->modified))
        r = error_set(error, -ENOMEM, "no memory for headers");
    if (r == 0 && request->headers_file[0])
        r = file_lines_add(headers, request->headers_file, error);
    if (r != 0)
        headers_done(headers);
    return r;
}

void headers_done(struct headers *headers)
{
    curl_slist_free_all(headers->all);
    curl_slist_free_all(headers->open);
    *headers = (struct headers){0};
}
