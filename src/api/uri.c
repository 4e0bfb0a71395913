/* uri.c - takes the target of a request apart: path segments, query parameters; and cookies
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/uri.h"

#include "base/utf8.h"

#include <errno.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_plain_text(const char *text, size_t len)
{
    uint32_t code;
    for (size_t at = 0, step; at < len; at += step) {
        step = utf8_decode((const uint8_t *)text + at, len - at, &code);
        if (step == 0 || code < 0x20 || code == 0x7f)
            return false;
    }
    return true;
}

bool uri_decode(const char *text, size_t len, bool plus, char *ret_text, size_t size)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%') {
            int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = len - i > 2 ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        if (out + 1 >= size)
            return false;
        ret_text[out++] = c;
    }
    if (out >= size)
        return false;
    ret_text[out] = 0;
    return is_plain_text(ret_text, out);
}

bool uri_match(const char *pattern, const char *path,
               char captures[API_CAPTURES_MAX][API_CAPTURE_MAX])
{
    static const char azure[] = "/subscriptions/";
    bool any_case = strncmp(pattern, azure, strlen(azure)) == 0;
    for (unsigned count = 0; *pattern == '/' && *path == '/';) {
        size_t want = strcspn(++pattern, "/"), have = strcspn(++path, "/");
        if (*pattern == '{') {
            if (have == 0 || count == API_CAPTURES_MAX ||
                !uri_decode(path, have, false, captures[count++], API_CAPTURE_MAX))
                return false;
        } else if (want != have || (any_case ? strncasecmp(pattern, path, want)
                                             : strncmp(pattern, path, want)) != 0) {
            return false;
        }
        pattern += want;
        path += have;
    }
    return *pattern == 0 && *path == 0;
}

int uri_parameter_next(const char **query, char *out, size_t size)
{
    const char *text = *query + strspn(*query, "&");
    size_t len = strcspn(text, "&"), name = strcspn(text, "=&");
    if (len == 0)
        return 0;
    if (name == 0 || !uri_decode(text, name, true, out, size))
        return -EBADMSG;
    size_t used = strlen(out) + 1;
    const char *value = name < len ? text + name + 1 : text + len;
    if (!uri_decode(value, (size_t)(text + len - value), true, out + used, size - used))
        return -EBADMSG;
    *query = text + len;
    return (int)(used + strlen(out + used) + 1);
}

bool cookie_find(const char *header, const char *name, char *ret_value, size_t size)
{
    size_t name_len = strlen(name);
    while (header && *header) {
        header += strspn(header, "; ");
        size_t len = strcspn(header, ";");
        if (len > name_len && strncmp(header, name, name_len) == 0 && header[name_len] == '=') {
            size_t value_len = len - name_len - 1;
            if (value_len >= size)
                return false;
            memcpy(ret_value, header + name_len + 1, value_len);
            ret_value[value_len] = 0;
            return true;
        }
        header += len;
    }
    return false;
}
