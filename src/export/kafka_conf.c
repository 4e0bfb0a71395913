/* kafka_conf.c - the Kafka library's settings, made of an export's
 * SPDX-License-Identifier: Apache-2.0
 *
 * Event Hubs speak Kafka with exceptions: the idempotent producer and compression depend on the
 * tier, so neither is used and order is kept by one request at a time; idle connections are cut
 * after four minutes; a request waits 20 s or longer. */
#include "export/kafka_conf.h"

#include "outside/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define EVENT_HUBS_PORT ":9093"

struct property {
    const char *name;
    const char *value;
};

/* A record waits as long as it takes ("message.timeout.ms" 0) and is never dropped for want of
 * room: what the queue does not take was not taken. Keys are hashed as Java's clients do. */
static const struct property common[] = {
    {"client.id", "dnsvigil"},
    {"acks", "all"},
    {"partitioner", "murmur2_random"},
    {"message.timeout.ms", "0"},
    {"message.max.bytes", "1000000"},
    {"queue.buffering.max.messages", "10000"},
    {"queue.buffering.max.kbytes", "65536"},
    {"topic.metadata.propagation.max.ms", "5000"},
    {"reconnect.backoff.max.ms", "2000"},
    {"socket.keepalive.enable", "true"},
    {"log.connection.close", "false"},
    {"ssl.endpoint.identification.algorithm", "https"},
    {NULL, NULL},
};

static const struct property kafka_only[] = {
    {"enable.idempotence", "true"},
    {"compression.codec", "lz4"},
    {NULL, NULL},
};

static const struct property event_hubs_only[] = {
    {"enable.idempotence", "false"}, {"max.in.flight.requests.per.connection", "1"},
    {"compression.codec", "none"},   {"metadata.max.age.ms", "180000"},
    {"request.timeout.ms", "60000"}, {NULL, NULL},
};

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *error)
{
    char reason[256];
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason)) == RD_KAFKA_CONF_OK)
        return 0;
    return error_set(error, -EINVAL, "%s", reason);
}

static int set_all(rd_kafka_conf_t *conf, const struct property *properties, struct error *error)
{
    int r = 0;
    for (; r == 0 && properties->name; properties++)
        r = set(conf, properties->name, properties->value, error);
    return r;
}

/* A namespace may be given as its host alone. */
static int set_brokers(rd_kafka_conf_t *conf, const struct config_export *config,
                       struct error *error)
{
    char brokers[2048 + sizeof(EVENT_HUBS_PORT)];
    bool bare = config->event_hubs && !strpbrk(config->address, ":,");
    snprintf(brokers, sizeof(brokers), "%s%s", config->address, bare ? EVENT_HUBS_PORT : "");
    return set(conf, "bootstrap.servers", brokers, error);
}

static int set_tls(rd_kafka_conf_t *conf, const struct config_export *config, struct error *error)
{
    int r = 0;
    if (config->tls_ca[0])
        r = set(conf, "ssl.ca.location", config->tls_ca, error);
    if (r == 0 && config->tls_certificate[0])
        r = set(conf, "ssl.certificate.location", config->tls_certificate, error);
    if (r == 0 && config->tls_key[0])
        r = set(conf, "ssl.key.location", config->tls_key, error);
    return r;
}

/* The user of Event Hubs is named so, literally: the password is the whole connection string. */
static int set_plain(rd_kafka_conf_t *conf, const struct config_export *config, struct error *error)
{
    struct secret password;
    const char *user =
        config->event_hubs && !config->username[0] ? "$ConnectionString" : config->username;
    int r = secret_read(config->password_file, &password, error);
    if (r < 0)
        return r;
    r = set(conf, "sasl.mechanism", "PLAIN", error);
    if (r == 0)
        r = set(conf, "sasl.username", user, error);
    if (r == 0)
        r = set(conf, "sasl.password", password.text, error);
    secret_done(&password);
    return r;
}

static int set_protocol(rd_kafka_conf_t *conf, const struct config_export *config,
                        struct error *error)
{
    bool login = config->sasl != CONFIG_SASL_NONE;
    const char *encrypted = login ? "sasl_ssl" : "ssl";
    const char *clear = login ? "sasl_plaintext" : "plaintext";
    return set(conf, "security.protocol", config->tls ? encrypted : clear, error);
}

static int set_login(rd_kafka_conf_t *conf, const struct config_export *config, struct error *error)
{
    if (config->sasl == CONFIG_SASL_PLAIN)
        return set_plain(conf, config, error);
    if (config->sasl == CONFIG_SASL_OAUTH)
        return set(conf, "sasl.mechanism", "OAUTHBEARER", error);
    return 0;
}

/* A connection that is silent for as long as an attempt may take is given up. */
static int set_time_limit(rd_kafka_conf_t *conf, const struct config_export *config,
                          struct error *error)
{
    char ms[16];
    snprintf(ms, sizeof(ms), "%u", config->timeout_s * 1000);
    return config->event_hubs ? 0 : set(conf, "socket.timeout.ms", ms, error);
}

rd_kafka_conf_t *kafka_conf_new(const struct config_export *config, struct error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int r = set_all(conf, common, error);
    if (r == 0)
        r = set_all(conf, config->event_hubs ? event_hubs_only : kafka_only, error);
    if (r == 0)
        r = set_brokers(conf, config, error);
    if (r == 0)
        r = set_time_limit(conf, config, error);
    if (r == 0)
        r = set_protocol(conf, config, error);
    if (r == 0)
        r = set_tls(conf, config, error);
    if (r == 0)
        r = set_login(conf, config, error);
    if (r == 0)
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

void kafka_scope(const struct config_export *config, char ret_scope[static KAFKA_SCOPE_MAX])
{
    if (config->scope[0] || !config->event_hubs)
        snprintf(ret_scope, KAFKA_SCOPE_MAX, "%s", config->scope);
    else
        snprintf(ret_scope, KAFKA_SCOPE_MAX, "https://%.*s/.default",
                 (int)strcspn(config->address, ":,"), config->address);
}
