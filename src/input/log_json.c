/* log_json.c - takes a line that is a JSON object apart
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_json.h"

#include "base/clock.h"

#include <math.h>
#include <strings.h>

json_t *log_json_read(struct log_text text)
{
    json_t *root = json_loadb(text.at, text.len, JSON_ALLOW_NUL, NULL);
    if (json_is_object(root))
        return root;
    json_decref(root);
    return NULL;
}

struct log_text log_json_string(const json_t *value)
{
    const char *text = json_string_value(value);
    return text ? log_text_of(text, json_string_length(value)) : log_text_of("", 0);
}

struct log_text log_json_text(const json_t *object, const char *key)
{
    return log_json_string(json_object_get(object, key));
}

bool log_json_number(const json_t *object, const char *key, uint64_t max, uint64_t *ret_value)
{
    const json_t *value = json_object_get(object, key);
    double number = json_number_value(value);
    if (json_is_string(value))
        return log_text_number(log_json_string(value), max, ret_value);
    if (!json_is_number(value) || !(number >= 0) || number > (double)max)
        return false;
    *ret_value = (uint64_t)number;
    return true;
}

bool log_json_end(const json_t *object, const char *addr_key, const char *port_key,
                  struct addr *ret_addr, uint16_t *ret_port)
{
    uint64_t port;
    *ret_port = log_json_number(object, port_key, UINT16_MAX, &port) ? (uint16_t)port : 0;
    return log_text_addr(log_json_text(object, addr_key), ret_addr);
}

bool log_json_time(struct log_clock *clock, const json_t *object, const char *key,
                   int64_t *ret_time_ns)
{
    static const double seconds_max = 9e9;
    const json_t *value = json_object_get(object, key);
    struct log_text text = log_json_string(value);
    double seconds = json_number_value(value);
    if (!json_is_number(value))
        return log_time_read(clock, &text, ret_time_ns) && text.len == 0;
    if (!(seconds >= 0) || seconds > seconds_max)
        return false;
    *ret_time_ns = llround(seconds * 1e6) * NS_PER_US;
    return true;
}

bool log_json_has(struct log_text line, const char *literal)
{
    return log_text_begins(line, "{") && memmem(line.at, line.len, literal, strlen(literal));
}

uint8_t log_json_transport(struct log_text name)
{
    bool udp = name.len == 0 || (name.len == 3 && strncasecmp(name.at, "udp", 3) == 0);
    return udp ? TRANSPORT_UDP
               : TRANSPORT_TCP; /* DNS over TLS and HTTPS travels in a stream, too */
}
