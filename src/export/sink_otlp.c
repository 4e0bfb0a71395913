/* sink_otlp.c - alerts as log records of OpenTelemetry: OTLP/HTTP with JSON
 * SPDX-License-Identifier: Apache-2.0
 *
 * The body of a log record is the alert in the configured dialect; what collectors route and filter
 * by stands in its attributes, named as the semantic conventions name it where they do. */
#include "base/json.h"
#include "export/codes.h"
#include "export/facts.h"
#include "export/sink_http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BODY_BYTES_MAX = 4 << 20, ANSWER_BYTES_MAX = 64 << 10 };

#define SCOPE "{\"name\":\"dnsvigil\",\"version\":\"" DNSVIGIL_VERSION "\"}"
#define BODY_OPEN                                                                                  \
    "{\"resourceLogs\":[{\"resource\":{\"attributes\":["                                           \
    "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"dnsvigil\"}},"                         \
    "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"" DNSVIGIL_VERSION "\"}}]},"        \
    "\"scopeLogs\":[{\"scope\":" SCOPE ",\"logRecords\":["

static void attribute(struct json *json, const char *key, const char *text)
{
    if (!text[0])
        return;
    json_object_begin(json);
    json_pair(json, "key", key);
    json_key(json, "value");
    json_object_begin(json);
    json_pair(json, "stringValue", text);
    json_object_end(json);
    json_object_end(json);
}

static void attributes(const struct sink_record *record, struct json *json)
{
    const struct alert *alert = record->alert;
    char key[HTTP_KEY_MAX];
    http_key(record, key);
    json_key(json, "attributes");
    json_array_begin(json);
    attribute(json, "log.record.uid", key);
    attribute(json, "host.name", alert->sensor);
    attribute(json, "client.address", alert->entity_ip);
    attribute(json, "dns.question.name", alert->qname);
    attribute(json, "dnsvigil.alert.id", record->id);
    attribute(json, "dnsvigil.alert.domain", fact_domain(alert));
    attribute(json, "dnsvigil.alert.detector", detector_rows[alert->detector].slug);
    attribute(json, "dnsvigil.alert.status", alert_status_names[alert->status][LANGUAGE_EN]);
    json_array_end(json);
}

/* 64-bit numbers are texts in OTLP's JSON. */
static void pair_ns(struct json *json, const char *key, int64_t time_ns)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, time_ns);
    json_pair(json, key, text);
}

static void record_write(const struct sink_http *http, const struct sink_record *record,
                         struct buf *body)
{
    struct json json = json_writer(body);
    (void)http;
    json_object_begin(&json);
    pair_ns(&json, "timeUnixNano", record->time_ns);
    pair_ns(&json, "observedTimeUnixNano", record->time_ns);
    json_pair_int(&json, "severityNumber", severity_codes[record->severity].otel);
    json_pair(&json, "severityText", severity_names[record->severity][LANGUAGE_EN]);
    json_pair(&json, "eventName", detector_rows[record->alert->detector].alert_type);
    json_key(&json, "body");
    json_object_begin(&json);
    json_key(&json, "stringValue");
    json_text_len(&json, record->bytes, record->len);
    json_object_end(&json);
    attributes(record, &json);
    json_object_end(&json);
}

static int headers_add(struct sink_http *http, const struct http_part *part, bool renew,
                       struct http_headers *headers, struct error *error)
{
    (void)part, (void)renew;
    return http_login_add(http->sink.config, "Bearer", headers, error);
}

/* A count is a text or a number, as the receiver likes. */
static int64_t count_of(const json_t *value)
{
    const char *text = json_string_value(value);
    return text ? atoll(text) : json_integer_value(value);
}

/* A receiver says how many records it did not like, not which: alone, each is judged by itself. */
static enum http_next judge(struct sink_http *http, const struct http_part *part,
                            const struct web_answer *answer)
{
    json_t *root = http_answer_json(http);
    const json_t *partial = json_object_get(root, "partialSuccess");
    enum http_next next;
    if (answer->status == 200 && count_of(json_object_get(partial, "rejectedLogRecords")) > 0)
        next = http_refuse(part, answer->status, http_json_text(partial, "errorMessage"));
    else
        next = http_judge(http, part, answer->status, http_json_text(root, "message"));
    json_decref(root);
    return next;
}

static const struct sink_ops ops = {.send = sink_http_send, .close = sink_http_close};

static const struct http_service service = {
    .media_type = "application/json",
    .login_keys = "token_file, or username and password_file",
    .open = BODY_OPEN,
    .between = ",",
    .close = "]}]}]}",
    .body_bytes_max = BODY_BYTES_MAX,
    .answer_bytes_max = ANSWER_BYTES_MAX,
    .gzip = true,
    .record = record_write,
    .headers = headers_add,
    .judge = judge,
};

struct sink *sink_open_otlp(const struct config_export *config, struct error *error)
{
    struct sink_http *http =
        sink_http_new(sizeof(*http), config, &service, &ops, "/v1/logs", error);
    return http ? &http->sink : NULL;
}
