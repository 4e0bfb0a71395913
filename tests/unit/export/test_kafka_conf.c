/* test_kafka_conf.c - what the Kafka library is told for each kind of broker and login
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "export/kafka_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bench {
    char folder[40];
    char password_file[64];
    struct config_export config;
} bench;

static char none[] = "", namespace_host[] = "alerts.servicebus.windows.net", topic[] = "alerts";

static int bench_open(void **state)
{
    (void)state;
    snprintf(bench.folder, sizeof(bench.folder), "/tmp/test_kafka_conf_XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    snprintf(bench.password_file, sizeof(bench.password_file), "%s/password", bench.folder);
    FILE *file = fopen(bench.password_file, "w");
    fputs("Endpoint=sb://alerts/;SharedAccessKey=hidden\n", file);
    fclose(file);
    chmod(bench.password_file, 0600);
    bench.config = (struct config_export){
        .address = namespace_host,
        .topic = topic,
        .username = none,
        .password_file = bench.password_file,
        .scope = none,
        .tls_ca = none,
        .tls_certificate = none,
        .tls_key = none,
        .tls = true,
        .timeout_s = 30,
    };
    return 0;
}

static int bench_close(void **state)
{
    (void)state;
    unlink(bench.password_file);
    return rmdir(bench.folder);
}

static void expect(const rd_kafka_conf_t *conf, const char *name, const char *expected)
{
    char value[256];
    size_t size = sizeof(value);
    assert_int_equal(rd_kafka_conf_get(conf, name, value, &size), RD_KAFKA_CONF_OK);
    assert_string_equal(value, expected);
}

static rd_kafka_conf_t *conf_make(void)
{
    struct error error;
    rd_kafka_conf_t *conf = kafka_conf_new(&bench.config, &error);
    if (!conf)
        fail_msg("%s", error.text);
    return conf;
}

static void the_library_never_gives_a_record_up_by_itself(void **state)
{
    (void)state;
    for (int event_hubs = 0; event_hubs < 2; event_hubs++) {
        bench.config.event_hubs = event_hubs;
        rd_kafka_conf_t *conf = conf_make();
        expect(conf, "message.timeout.ms", "0");
        expect(conf, "acks", "-1");
        rd_kafka_conf_destroy(conf);
    }
}

static void a_broker_keeps_order_by_the_idempotent_producer(void **state)
{
    (void)state;
    rd_kafka_conf_t *conf = conf_make();
    expect(conf, "enable.idempotence", "true");
    expect(conf, "security.protocol", "ssl");
    expect(conf, "socket.timeout.ms", "30000");
    expect(conf, "ssl.endpoint.identification.algorithm", "https");
    rd_kafka_conf_destroy(conf);
}

static void event_hubs_get_a_connection_string_over_tls_one_request_at_a_time(void **state)
{
    (void)state;
    bench.config.event_hubs = true;
    bench.config.sasl = CONFIG_SASL_PLAIN;
    rd_kafka_conf_t *conf = conf_make();
    expect(conf, "bootstrap.servers", "alerts.servicebus.windows.net:9093");
    expect(conf, "security.protocol", "sasl_ssl");
    expect(conf, "sasl.mechanism", "PLAIN");
    expect(conf, "sasl.username", "$ConnectionString");
    expect(conf, "sasl.password", "Endpoint=sb://alerts/;SharedAccessKey=hidden");
    expect(conf, "enable.idempotence", "false");
    expect(conf, "max.in.flight.requests.per.connection", "1");
    expect(conf, "compression.codec", "none");
    expect(conf, "message.max.bytes", "1000000");
    expect(conf, "metadata.max.age.ms", "180000");
    expect(conf, "request.timeout.ms", "60000");
    expect(conf, "socket.keepalive.enable", "true");
    expect(conf, "ssl.endpoint.identification.algorithm", "https");
    expect(conf, "enable.ssl.certificate.verification", "true");
    rd_kafka_conf_destroy(conf);
}

static void event_hubs_get_a_token_over_tls_and_nothing_of_a_password(void **state)
{
    (void)state;
    char value[256];
    size_t size = sizeof(value);
    bench.config.event_hubs = true;
    bench.config.sasl = CONFIG_SASL_OAUTH;
    rd_kafka_conf_t *conf = conf_make();
    expect(conf, "bootstrap.servers", "alerts.servicebus.windows.net:9093");
    expect(conf, "security.protocol", "sasl_ssl");
    expect(conf, "sasl.mechanism", "OAUTHBEARER");
    expect(conf, "enable.sasl.oauthbearer.unsecure.jwt", "false");
    expect(conf, "compression.codec", "none");
    expect(conf, "max.in.flight.requests.per.connection", "1");
    assert_int_not_equal(rd_kafka_conf_get(conf, "sasl.password", value, &size), RD_KAFKA_CONF_OK);
    rd_kafka_conf_destroy(conf);
}

static void a_login_without_tls_is_what_the_configuration_says(void **state)
{
    (void)state;
    bench.config.sasl = CONFIG_SASL_OAUTH;
    bench.config.tls = false;
    rd_kafka_conf_t *conf = conf_make();
    expect(conf, "security.protocol", "sasl_plaintext");
    expect(conf, "sasl.mechanism", "OAUTHBEARER");
    rd_kafka_conf_destroy(conf);
}

static void a_password_that_others_may_read_is_refused_and_not_shown(void **state)
{
    (void)state;
    struct error error;
    bench.config.sasl = CONFIG_SASL_PLAIN;
    chmod(bench.password_file, 0644);
    assert_null(kafka_conf_new(&bench.config, &error));
    assert_non_null(strstr(error.text, bench.password_file));
    assert_null(strstr(error.text, "hidden"));
}

static void a_token_is_for_the_namespace_unless_a_scope_is_named(void **state)
{
    (void)state;
    static char own[] = "api://alerts/.default", with_port[] = "a.example:9093";
    static const struct {
        bool event_hubs;
        char *address, *scope;
        const char *expected;
    } cases[] = {
        {true, namespace_host, none, "https://alerts.servicebus.windows.net/.default"},
        {true, with_port, none, "https://a.example/.default"},
        {true, namespace_host, own, "api://alerts/.default"},
        {false, with_port, own, "api://alerts/.default"},
        {false, with_port, none, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char scope[KAFKA_SCOPE_MAX];
        bench.config.event_hubs = cases[i].event_hubs;
        bench.config.address = cases[i].address;
        bench.config.scope = cases[i].scope;
        kafka_scope(&bench.config, scope);
        assert_string_equal(scope, cases[i].expected);
    }
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(the_library_never_gives_a_record_up_by_itself),
        WITH_BENCH(a_broker_keeps_order_by_the_idempotent_producer),
        WITH_BENCH(event_hubs_get_a_connection_string_over_tls_one_request_at_a_time),
        WITH_BENCH(event_hubs_get_a_token_over_tls_and_nothing_of_a_password),
        WITH_BENCH(a_login_without_tls_is_what_the_configuration_says),
        WITH_BENCH(a_password_that_others_may_read_is_refused_and_not_shown),
        WITH_BENCH(a_token_is_for_the_namespace_unless_a_scope_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
