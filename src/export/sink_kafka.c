/* sink_kafka.c - alerts into a Kafka topic, or into Azure Event Hubs over their Kafka endpoint
 * SPDX-License-Identifier: Apache-2.0
 *
 * A record's key is its alert's id: all that is told of an alert is in one partition, in order. It
 * counts as taken once the broker has reported it written to all replicas in step; then the
 * headers `id` and `revision` tell readers what they have seen before, and a topic that is
 * compacted keeps each alert as it is now. What has no report in time is purged from the library's
 * queue, so that nothing overtakes what comes again.
 *
 * The library connects, asks who leads a partition, and sends, in threads of its own. Callbacks run
 * within rd_kafka_poll(), so in the sink's thread; only the log's does not. */
#include "export/sinks.h"

#include "base/log.h"
#include "export/kafka_conf.h"
#include "export/oauth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

/* A report names its record by a ticket: the number of the call above, the place below. */
enum { POLL_MS = 100, PURGE_MS = 300, TICKET_BITS = 16, CLOSE_MS = 1000, REVISION_MAX = 12 };

struct sink_kafka {
    struct sink sink;
    rd_kafka_conf_t *conf; /* what each producer is made of */
    rd_kafka_t *producer;  /* NULL: the last one had an error that a new one gets over */
    struct secret secret;  /* of the client who asks for tokens */
    char scope[KAFKA_SCOPE_MAX];
    char trouble[200]; /* what the library last complained of; "" once a record was taken */

    /* The call of send() that is under way. */
    uint16_t call;
    struct sink_answer *answers;
    size_t waiting; /* records without a report */
    bool renew;     /* what the producer knows of topic and rights is to be asked anew */
    int64_t end_ms;
};

static struct sink_kafka *of(struct sink *sink)
{
    return (struct sink_kafka *)sink;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void trouble_note(struct sink_kafka *kafka, const char *text)
{
    snprintf(kafka->trouble, sizeof(kafka->trouble), "%.199s", text);
}

/* Refused is what is the record's own fault. A topic that is not there or forbidden to us is put
 * right by people, and until then nothing may be lost. */
static enum sink_verdict verdict_of(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return SINK_TAKEN;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD: return SINK_REFUSED;
    default: return SINK_AGAIN;
    }
}

static void answer_set(struct sink_kafka *kafka, size_t index, rd_kafka_resp_err_t code)
{
    struct sink_answer *answer = &kafka->answers[index];
    bool purged =
        code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
    answer->verdict = verdict_of(code);
    answer->reason[0] = 0;
    if (answer->verdict == SINK_TAKEN)
        kafka->trouble[0] = 0;
    else if (!purged)
        snprintf(answer->reason, sizeof(answer->reason), "%s", rd_kafka_err2str(code));
    if (answer->verdict == SINK_AGAIN && !purged && code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        kafka->renew = true;
}

static void on_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *arg)
{
    struct sink_kafka *kafka = arg;
    uintptr_t ticket = (uintptr_t)message->_private;
    (void)producer;
    if (!kafka->answers || ticket >> TICKET_BITS != kafka->call)
        return;
    kafka->waiting--;
    answer_set(kafka, ticket & ((1u << TICKET_BITS) - 1), message->err);
}

/* That all brokers are down says less than why the last one was. */
static void on_error(rd_kafka_t *producer, int code, const char *reason, void *arg)
{
    struct sink_kafka *kafka = arg;
    (void)producer;
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !kafka->trouble[0])
        trouble_note(kafka, reason);
}

/* What matters for records comes as an error, too, and is told by those who wait for them. */
static void on_log(const rd_kafka_t *producer, int level, const char *facility, const char *text)
{
    enum log_level ours = level <= LOG_CRIT      ? LOG_LEVEL_ERROR
                          : level <= LOG_WARNING ? LOG_LEVEL_INFO
                                                 : LOG_LEVEL_DEBUG;
    const struct sink_kafka *kafka = rd_kafka_opaque(producer);
    log_line(ours, "export %s: kafka: %s: %s", kafka->sink.config->name, facility, text);
}

static int token_give(struct sink_kafka *kafka, rd_kafka_t *producer, struct error *error)
{
    const struct config_export *config = kafka->sink.config;
    struct oauth_token token;
    char reason[256];
    int r = oauth_ask(config, &kafka->secret, kafka->scope, &kafka->sink.stop, &token, error);
    if (r < 0)
        return r;
    if (rd_kafka_oauthbearer_set_token(producer, token.text, token.expires_ns / 1000000,
                                       config->client_id, NULL, 0, reason,
                                       sizeof(reason)) != RD_KAFKA_RESP_ERR_NO_ERROR)
        r = error_set(error, -EPROTO, "token_url gives no token that Kafka can use");
    oauth_token_done(&token);
    return r;
}

/* The library asks for a token at first and whenever the last one has lived for most of its life;
 * after a failure, ten seconds later. */
static void on_token(rd_kafka_t *producer, const char *settings, void *arg)
{
    struct sink_kafka *kafka = arg;
    struct error error;
    (void)settings;
    if (token_give(kafka, producer, &error) == 0)
        return;
    trouble_note(kafka, error.text);
    rd_kafka_oauthbearer_set_token_failure(producer, error.text);
}

static int producer_make(struct sink_kafka *kafka, struct error *error)
{
    char reason[512];
    if (kafka->producer)
        return 0;
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(kafka->conf);
    kafka->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
    if (kafka->producer)
        return 0;
    rd_kafka_conf_destroy(conf);
    return error_set(error, -EINVAL, "%s", reason);
}

/* Nobody waits for what is still in it. */
static void producer_end(struct sink_kafka *kafka)
{
    if (!kafka->producer)
        return;
    rd_kafka_purge(kafka->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                        RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_flush(kafka->producer, CLOSE_MS);
    rd_kafka_destroy(kafka->producer);
    kafka->producer = NULL;
}

static void produce(struct sink_kafka *kafka, const struct sink_record *record, size_t index)
{
    const struct dialect *dialect = kafka->sink.dialect;
    uintptr_t ticket = (uintptr_t)kafka->call << TICKET_BITS | index;
    char revision[REVISION_MAX];
    int revision_len = snprintf(revision, sizeof(revision), "%u", record->revision);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        kafka->producer, RD_KAFKA_V_TOPIC(kafka->sink.config->topic),
        RD_KAFKA_V_KEY(record->id, strlen(record->id)),
        RD_KAFKA_V_VALUE((void *)record->bytes, record->len),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADER("id", record->id, -1),
        RD_KAFKA_V_HEADER("revision", revision, revision_len),
        RD_KAFKA_V_HEADER("content-type", dialect->media_type, -1),
        RD_KAFKA_V_HEADER("schema", dialect->slug, -1),
        RD_KAFKA_V_HEADER("sensor", record->alert->sensor, -1), RD_KAFKA_V_OPAQUE((void *)ticket),
        RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka->waiting++;
    else
        answer_set(kafka, index, code);
}

static bool is_over(const struct sink_kafka *kafka)
{
    return monotonic_ms() >= kafka->end_ms || atomic_load(&kafka->sink.stop);
}

static void reports_await(struct sink_kafka *kafka)
{
    while (kafka->waiting > 0 && !is_over(kafka))
        rd_kafka_poll(kafka->producer, POLL_MS);
}

/* A broker takes or refuses what came in one request as a whole, so one record spoils its
 * neighbours: each of those refused is tried alone before it is believed. */
static void refused_try_alone(struct sink_kafka *kafka, const struct sink_record *records,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (kafka->answers[i].verdict != SINK_REFUSED)
            continue;
        kafka->answers[i].verdict = SINK_AGAIN;
        if (is_over(kafka))
            continue;
        produce(kafka, &records[i], i);
        reports_await(kafka);
    }
}

/* A broker may hold on to what was under way, so that it is there twice when it comes again. */
static void rest_purge(struct sink_kafka *kafka)
{
    if (kafka->waiting == 0)
        return;
    rd_kafka_purge(kafka->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                        RD_KAFKA_PURGE_F_NON_BLOCKING);
    int64_t end_ms = monotonic_ms() + PURGE_MS;
    while (kafka->waiting > 0 && monotonic_ms() < end_ms)
        rd_kafka_poll(kafka->producer, POLL_MS);
}

/* Says why of those that were not taken and have no reason of their own. */
static void reasons_fill(const struct sink_kafka *kafka, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sink_answer *answer = &kafka->answers[i];
        if (answer->verdict == SINK_AGAIN && !answer->reason[0])
            snprintf(answer->reason, sizeof(answer->reason), "%s",
                     kafka->trouble[0] ? kafka->trouble : "the broker does not answer in time");
    }
}

/* After a fatal error a producer sends nothing more; that a topic is missing or forbidden it
 * believes for minutes. */
static void producer_mind(struct sink_kafka *kafka)
{
    char reason[sizeof(kafka->trouble)];
    if (rd_kafka_fatal_error(kafka->producer, reason, sizeof(reason)))
        trouble_note(kafka, reason);
    else if (!kafka->renew)
        return;
    producer_end(kafka);
}

static void send_all(struct sink_kafka *kafka, const struct sink_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        produce(kafka, &records[i], i);
    reports_await(kafka);
    if (count > 1)
        refused_try_alone(kafka, records, count);
    rest_purge(kafka);
    producer_mind(kafka);
}

static void kafka_send(struct sink *sink, const struct sink_record *records, size_t count,
                       struct sink_answer *answers, unsigned *ret_wait_s)
{
    struct sink_kafka *kafka = of(sink);
    struct error error;
    (void)ret_wait_s;
    kafka->call++;
    kafka->answers = answers;
    kafka->waiting = 0;
    kafka->renew = false;
    kafka->end_ms = monotonic_ms() + sink->config->timeout_s * 1000ll - PURGE_MS;
    if (producer_make(kafka, &error) == 0)
        send_all(kafka, records, count);
    else
        trouble_note(kafka, error.text);
    reasons_fill(kafka, count);
    kafka->answers = NULL;
}

/* Serves what the library wants in times without records: errors, a new token. */
static void kafka_tick(struct sink *sink, int64_t now_ns)
{
    (void)now_ns;
    if (of(sink)->producer)
        rd_kafka_poll(of(sink)->producer, 0);
}

static void kafka_close(struct sink *sink)
{
    struct sink_kafka *kafka = of(sink);
    producer_end(kafka);
    if (kafka->conf)
        rd_kafka_conf_destroy(kafka->conf);
    secret_done(&kafka->secret);
    free(kafka);
}

static const struct sink_ops ops = {.send = kafka_send, .tick = kafka_tick, .close = kafka_close};

static int conf_make(struct sink_kafka *kafka, struct error *error)
{
    const struct config_export *config = kafka->sink.config;
    kafka->conf = kafka_conf_new(config, error);
    if (!kafka->conf)
        return -EINVAL;
    rd_kafka_conf_set_opaque(kafka->conf, kafka);
    rd_kafka_conf_set_dr_msg_cb(kafka->conf, on_report);
    rd_kafka_conf_set_error_cb(kafka->conf, on_error);
    rd_kafka_conf_set_log_cb(kafka->conf, on_log);
    if (config->sasl != CONFIG_SASL_OAUTH)
        return 0;
    kafka_scope(config, kafka->scope);
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(kafka->conf, on_token);
    return secret_read(config->client_secret_file, &kafka->secret, error);
}

struct sink *sink_open_kafka(const struct config_export *config, struct error *error)
{
    struct sink_kafka *kafka = calloc(1, sizeof(*kafka));
    if (!kafka) {
        error_set(error, -ENOMEM, "no memory for export %s", config->name);
        return NULL;
    }
    kafka->sink.ops = &ops;
    kafka->sink.config = config;
    if (config->event_hubs)
        kafka->sink.dialect = &dialects[DIALECT_EVENTHUB];
    if (conf_make(kafka, error) == 0 && producer_make(kafka, error) == 0)
        return &kafka->sink;
    error_prefix(error, "export %s: ", config->name);
    kafka_close(&kafka->sink);
    return NULL;
}
