/* sink_splunk.c - alerts to Splunk's HTTP Event Collector, acknowledged by its indexers where
 * wanted
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records go to /services/collector/event, in the source type dnsvigil:alert, dnsvigil:cef or
 * dnsvigil:<dialect>. With `acknowledged` a record counts as taken once the indexers have it
 * (/services/collector/ack on a channel of our own). Until then it is remembered under the id that
 * the collector gave its request and not sent again, unless the id leads nowhere for so long that
 * the collector must have lost it. */
#include "base/clock.h"
#include "base/json.h"
#include "export/sink_http.h"
#include "outside/secret.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BODY_BYTES_MAX = 1000000, /* what Splunk Cloud takes in one request */
    ANSWER_BYTES_MAX = 64 << 10,
    POLL_MS = 500,
    LOST_S = 300, /* as long as clients are to wait for an acknowledgement */
    CHANNEL_MAX = 37,
    CODE_DISABLED = 14,
};

/* A record that the collector has, and of which the indexers have not yet said so. */
struct awaited {
    char key[HTTP_KEY_MAX];
    int64_t ack_id;
    bool acked;
};

struct sink_splunk {
    struct sink_http http;
    char channel[CHANNEL_MAX]; /* a GUID */
    char *ack_url;
    struct awaited *awaited; /* [batch_records] */
    size_t awaited_count;
    int64_t awaited_since_ns;
    int64_t last_ack_id;
    bool can_acknowledge; /* as we last asked */
};

/* What codes mean that come with status 400. */
static const struct splunk_code {
    int code;
    const char *key; /* to look at; NULL: the record is at fault */
} codes[] = {
    {5, NULL}, /* no data */
    {6, NULL}, /* invalid data format */
    {7, "index"},
    {10, "url: something before the collector takes our channel away"},
    {11, "url: something before the collector spoils our channel"},
    {12, NULL}, /* event is required */
    {13, NULL}, /* event is blank */
    {CODE_DISABLED, "acknowledged: the token has it turned off"},
    {15, NULL}, /* indexed fields */
};

static struct sink_splunk *of(struct sink_http *http)
{
    return (struct sink_splunk *)http;
}

static void source_type(const struct sink *sink, struct json *json)
{
    char text[64] = "dnsvigil:alert";
    if (sink->dialect != &dialects[DIALECT_NATIVE])
        snprintf(text, sizeof(text), "dnsvigil:%s", sink->dialect->slug);
    json_pair(json, "sourcetype", text);
}

static void event(const struct sink_http *http, const struct sink_record *record, struct json *json)
{
    json_key(json, "event");
    if (strstr(http->sink.dialect->media_type, "json"))
        json_raw(json, record->bytes, record->len);
    else
        json_text_len(json, record->bytes, record->len);
}

static void record_write(const struct sink_http *http, const struct sink_record *record,
                         struct buf *body)
{
    char key[HTTP_KEY_MAX];
    struct json json = json_writer(body);
    http_key(record, key);
    json_object_begin(&json);
    json_key(&json, "time");
    json_decimal(&json, record->time_ns / NS_PER_MS, 3);
    json_pair_opt(&json, "host", record->alert->sensor);
    json_pair(&json, "source", "dnsvigil");
    source_type(&http->sink, &json);
    json_pair_opt(&json, "index", http->sink.config->index);
    event(http, record, &json);
    json_key(&json, "fields");
    json_object_begin(&json);
    json_pair(&json, "alert_key", key);
    json_object_end(&json);
    json_object_end(&json);
}

static int headers_add(struct sink_http *http, const struct http_part *part, bool renew,
                       struct http_headers *headers, struct error *error)
{
    (void)part, (void)renew;
    http_header_add(headers, "X-Splunk-Request-Channel: %s", of(http)->channel);
    return http_login_add(http->sink.config, "Splunk", headers, error);
}

/* The ids of a channel rise. One that does not says that the collector has begun anew and forgotten
 * what it had not acknowledged: an older record's id would now stand for another record. */
static void restart_note(struct sink_splunk *splunk, int64_t ack_id)
{
    if (ack_id <= splunk->last_ack_id)
        splunk->awaited_count = 0;
    splunk->last_ack_id = ack_id;
}

static void await(struct sink_splunk *splunk, const struct http_part *part, int64_t ack_id)
{
    restart_note(splunk, ack_id);
    splunk->awaited_since_ns = clock_now_ns();
    for (size_t i = 0; i < part->count; i++) {
        if (splunk->awaited_count == splunk->http.sink.config->batch_records)
            return;
        struct awaited *awaited = &splunk->awaited[splunk->awaited_count++];
        *awaited = (struct awaited){.ack_id = ack_id};
        http_key(&part->records[i], awaited->key);
    }
}

static enum http_next judge_taken(struct sink_splunk *splunk, const struct http_part *part,
                                  const json_t *root)
{
    const json_t *ack_id = json_object_get(root, "ackId");
    if (!splunk->http.sink.config->acknowledged)
        return http_judge(&splunk->http, part, 200, "");
    if (!json_is_integer(ack_id)) {
        http_answer(part, SINK_AGAIN,
                    "the collector gives no ackId; see acknowledged: the token "
                    "has it turned off");
        return HTTP_STOP;
    }
    await(splunk, part, json_integer_value(ack_id));
    http_answer(part, SINK_AGAIN, "sent, but not acknowledged yet");
    return HTTP_GO_ON;
}

/* The record that the collector names is cut out of the others. */
static enum http_next judge_400(struct sink_http *http, const struct http_part *part, int code,
                                const json_t *root)
{
    const char *said = http_json_text(root, "text"), *key = "url";
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (codes[i].code == code)
            key = codes[i].key;
    json_int_t at = json_integer_value(json_object_get(root, "invalid-event-number"));
    if (!key) {
        http->split = at > 0 ? (size_t)at : json_object_get(root, "invalid-event-number") ? 1 : 0;
        return http_refuse(part, 400, said);
    }
    http_answer(part, SINK_AGAIN, "the collector answers with code %d: %s; see %s", code, said,
                key);
    return HTTP_STOP;
}

static enum http_next judge(struct sink_http *http, const struct http_part *part,
                            const struct web_answer *answer)
{
    json_t *root = http_answer_json(http);
    const json_t *code = json_object_get(root, "code");
    enum http_next next;
    if (answer->status == 200 && json_is_integer(code) && json_integer_value(code) == 0)
        next = judge_taken(of(http), part, root);
    else if (answer->status == 400 && json_is_integer(code))
        next = judge_400(http, part, (int)json_integer_value(code), root);
    else if (answer->status >= 200 && answer->status < 300) {
        http_answer(part, SINK_AGAIN, "the answer is none of a collector; see url");
        next = HTTP_STOP;
    } else
        next = http_judge(http, part, answer->status, http_json_text(root, "text"));
    json_decref(root);
    return next;
}

/* Acknowledgements. */

/* Asks for what is awaited; where nothing is yet, for something that nobody has, to see whether the
 * token has acknowledgements at all. */
static void poll_body(const struct sink_splunk *splunk, struct buf *body)
{
    struct json json = json_writer(body);
    json_object_begin(&json);
    json_key(&json, "acks");
    json_array_begin(&json);
    if (!splunk->awaited_count)
        json_int(&json, 0);
    for (size_t i = 0; i < splunk->awaited_count; i++)
        if (i == 0 || splunk->awaited[i].ack_id != splunk->awaited[i - 1].ack_id)
            json_int(&json, splunk->awaited[i].ack_id);
    json_array_end(&json);
    json_object_end(&json);
}

static int poll_send(struct sink_splunk *splunk, struct error *error)
{
    struct sink_http *http = &splunk->http;
    struct http_headers headers = {0};
    struct web_answer answer;
    buf_reset(&http->body);
    poll_body(splunk, &http->body);
    int r = headers_add(http, NULL, false, &headers, error);
    if (r == 0)
        r = sink_http_ask(http, splunk->ack_url, &headers, &http->body, &answer, error);
    http_headers_done(&headers);
    splunk->can_acknowledge = r == 0 && answer.status == 200;
    if (r == 0 && !splunk->can_acknowledge)
        r = error_set(error, -EIO,
                      "asked for acknowledgements, the collector answers with status %ld; see "
                      "acknowledged",
                      answer.status);
    return r;
}

/* How many are still awaited; negative errno where nobody could be asked. */
static int acks_ask(struct sink_splunk *splunk, struct error *error)
{
    int left = 0, r = poll_send(splunk, error);
    if (r < 0)
        return r;
    json_t *root = http_answer_json(&splunk->http);
    const json_t *acks = json_object_get(root, "acks");
    for (size_t i = 0; i < splunk->awaited_count; i++) {
        char id[24];
        struct awaited *awaited = &splunk->awaited[i];
        snprintf(id, sizeof(id), "%" PRId64, awaited->ack_id);
        awaited->acked |= json_is_true(json_object_get(acks, id));
        left += !awaited->acked;
    }
    json_decref(root);
    return left;
}

static void pause_ms(unsigned ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * NS_PER_MS};
    nanosleep(&pause, NULL);
}

/* Asks until all is acknowledged, the time is over, or nobody answers. */
static void acks_wait(struct sink_splunk *splunk, const struct http_part *part)
{
    struct error error;
    int left = 0;
    while (splunk->awaited_count > 0 && (left = acks_ask(splunk, &error)) > 0 &&
           sink_http_left_s(&splunk->http) > 0)
        pause_ms(POLL_MS);
    for (size_t i = 0; left < 0 && i < part->count; i++) {
        struct http_part one = {part->records + i, part->answers + i, 1};
        http_answer(&one, SINK_AGAIN, "%s", error.text);
    }
}

static const struct awaited *awaited_find(const struct sink_splunk *splunk,
                                          const struct sink_record *record)
{
    char key[HTTP_KEY_MAX];
    http_key(record, key);
    for (size_t i = 0; i < splunk->awaited_count; i++)
        if (strcmp(splunk->awaited[i].key, key) == 0)
            return &splunk->awaited[i];
    return NULL;
}

static void awaited_settle(struct sink_splunk *splunk, const struct http_part *part)
{
    size_t kept = 0;
    for (size_t i = 0; i < part->count; i++) {
        const struct awaited *awaited = awaited_find(splunk, &part->records[i]);
        if (awaited && awaited->acked)
            part->answers[i].verdict = SINK_TAKEN;
    }
    bool lost = clock_now_ns() - splunk->awaited_since_ns > LOST_S * NS_PER_S;
    for (size_t i = 0; i < splunk->awaited_count; i++)
        if (!splunk->awaited[i].acked && !lost)
            splunk->awaited[kept++] = splunk->awaited[i];
    splunk->awaited_count = kept;
}

/* As long as something is awaited, or could not be, nothing else is sent. */
static void send_acknowledged(struct sink *sink, const struct sink_record *records, size_t count,
                              struct sink_answer *answers, unsigned *ret_wait_s)
{
    struct sink_splunk *splunk = (struct sink_splunk *)sink;
    const struct http_part part = {records, answers, count};
    struct error error;
    sink_http_begin(&splunk->http);
    if (!splunk->can_acknowledge && poll_send(splunk, &error) < 0) {
        http_answer(&part, SINK_AGAIN, "%s", error.text);
        return;
    }
    if (splunk->awaited_count == 0)
        sink_http_send(sink, records, count, answers, ret_wait_s);
    acks_wait(splunk, &part);
    awaited_settle(splunk, &part);
}

static void splunk_send(struct sink *sink, const struct sink_record *records, size_t count,
                        struct sink_answer *answers, unsigned *ret_wait_s)
{
    if (sink->config->acknowledged)
        send_acknowledged(sink, records, count, answers, ret_wait_s);
    else
        sink_http_send(sink, records, count, answers, ret_wait_s);
}

static void splunk_close(struct sink *sink)
{
    struct sink_splunk *splunk = (struct sink_splunk *)sink;
    sink_http_done(&splunk->http);
    free(splunk->awaited);
    free(splunk->ack_url);
    free(splunk);
}

static const struct sink_ops ops = {.send = splunk_send, .close = splunk_close};

static const struct http_service service = {
    .media_type = "application/json",
    .login_keys = "token_file",
    .open = "",
    .between = "\n",
    .close = "",
    .body_bytes_max = BODY_BYTES_MAX,
    .answer_bytes_max = ANSWER_BYTES_MAX,
    .gzip = true,
    .record = record_write,
    .headers = headers_add,
    .judge = judge,
};

static int channel_make(struct sink_splunk *splunk, struct error *error)
{
    char hex[2 * 16 + 1];
    int r = secret_random_hex(16, hex, error);
    if (r == 0)
        snprintf(splunk->channel, CHANNEL_MAX, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                 hex + 16, hex + 20);
    return r;
}

struct sink *sink_open_splunk(const struct config_export *config, struct error *error)
{
    struct sink_splunk *splunk =
        sink_http_new(sizeof(*splunk), config, &service, &ops, "/services/collector/event", error);
    if (!splunk)
        return NULL;
    splunk->last_ack_id = -1;
    splunk->awaited = calloc(config->batch_records, sizeof(*splunk->awaited));
    splunk->ack_url = sink_http_url(config, "/services/collector/ack");
    int r = splunk->awaited && splunk->ack_url
                ? channel_make(splunk, error)
                : error_set(error, -ENOMEM, "no memory for export %s", config->name);
    if (r == 0)
        return &splunk->http.sink;
    splunk_close(&splunk->http.sink);
    return NULL;
}
