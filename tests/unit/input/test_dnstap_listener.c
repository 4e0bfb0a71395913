/* test_dnstap_listener.c - servers that deliver dnstap over sockets: well-behaved, slow and broken
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_listener.h"

#include "cmocka_all.h"

#include "base/log.h"
#include "dnstap_build.h"
#include "input/dnstap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fstrm.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static char certificate[128];
static char key[128];
static struct error error;
static struct config_source config;

static int make_folder(void **unused)
{
    (void)unused;
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%.40s/dnstap-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/socket", folder);
    snprintf(certificate, sizeof(certificate), "%s/certificate", folder);
    snprintf(key, sizeof(key), "%s/key", folder);
    log_level = LOG_LEVEL_ERROR;
    return 0;
}

static int remove_folder(void **unused)
{
    (void)unused;
    unlink(path);
    unlink(certificate);
    unlink(key);
    return rmdir(folder);
}

static int reset(void **unused)
{
    (void)unused;
    static char none[] = "", mode[] = "0660", listen[] = "127.0.0.1:0";
    config = (struct config_source){.path = path,
                                    .mode = mode,
                                    .group = none,
                                    .listen = listen,
                                    .tls_certificate = none,
                                    .tls_key = none,
                                    .tls_client_ca = none,
                                    .peers_max = 8,
                                    .idle_s = 3600};
    return 0;
}

static struct source *listen_unix(void)
{
    struct source *source = dnstap_listen_unix(&config, &error);
    if (!source)
        fail_msg("%s", error.text);
    return source;
}

static int connect_unix(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void send_build(int fd, const struct dnstap_build *build)
{
    assert_int_equal(write(fd, build->data, build->len), build->len);
}

static void send_queries(int fd, const char *query, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct dnstap_build frame = {0};
        tap_query_frame(&frame, query);
        send_build(fd, &frame);
    }
}

static void send_control(int fd, uint32_t type)
{
    struct dnstap_build frame = {0};
    tap_control(&frame, type, type == TAP_STOP ? NULL : TAP_CONTENT_TYPE);
    send_build(fd, &frame);
}

static uint64_t metric(const struct source *source, enum metric which)
{
    return source->ops->metrics(source)->value[which];
}

/* Reads until so many messages have come; returns how many of them are `query`. */
static unsigned expect_messages(struct source *source, unsigned count, const char *query)
{
    struct packet packets[16];
    unsigned ours = 0;
    while (count > 0) {
        int r = source->ops->read_messages(source, packets, 16, &error);
        if (r == -EAGAIN)
            continue;
        assert_in_range(r, 1, count);
        count -= (unsigned)r;
        for (int i = 0; i < r; i++)
            ours += strlen(query) == packets[i].len &&
                    memcmp(packets[i].data, query, packets[i].len) == 0;
    }
    return ours;
}

/* Reads until a counter has come to a value. */
static void expect_metric(struct source *source, enum metric which, uint64_t value)
{
    struct packet packets[16];
    while (metric(source, which) < value)
        assert_int_equal(source->ops->read_messages(source, packets, 16, &error), -EAGAIN);
    assert_int_equal(metric(source, which), value);
}

static void expect_bytes(int fd, uint32_t type)
{
    struct dnstap_build expected = {0};
    uint8_t found[128];
    tap_control(&expected, type, type == TAP_ACCEPT ? TAP_CONTENT_TYPE : NULL);
    assert_int_equal(recv(fd, found, expected.len, MSG_WAITALL), expected.len);
    assert_memory_equal(found, expected.data, expected.len);
}

static void a_writer_may_wait_for_answers_or_not(void **unused)
{
    (void)unused;
    struct source *source = listen_unix();
    int asks = connect_unix(), tells = connect_unix();
    send_control(asks, TAP_READY);
    send_control(tells, TAP_START);
    send_queries(tells, "told", 3);
    assert_int_equal(expect_messages(source, 3, "told"), 3);
    expect_bytes(asks, TAP_ACCEPT);
    send_control(asks, TAP_START);
    send_queries(asks, "asked", 3);
    send_control(asks, TAP_STOP);
    assert_int_equal(expect_messages(source, 3, "asked"), 3);
    close(tells); /* without STOP */
    expect_metric(source, METRIC_DNSTAP_PEERS_CUT, 1);
    expect_bytes(asks, TAP_FINISH);
    close(asks);
    expect_metric(source, METRIC_DNSTAP_PEERS_ENDED, 1);
    assert_int_equal(metric(source, METRIC_DNSTAP_PEERS), 2);
    source->ops->close(source);
    assert_int_equal(access(path, F_OK), -1);
}

static void one_that_stops_in_the_middle_holds_up_nobody(void **unused)
{
    (void)unused;
    struct source *source = listen_unix();
    int slow = connect_unix(), quick = connect_unix();
    struct dnstap_build half = {0};
    tap_control(&half, TAP_START, NULL);
    tap_query_frame(&half, "slow");
    half.len -= 3;
    send_build(slow, &half);
    send_control(quick, TAP_START);
    send_queries(quick, "quick", 40);
    assert_int_equal(expect_messages(source, 40, "quick"), 40);
    half.len += 3;
    assert_int_equal(write(slow, half.data + half.len - 3, 3), 3);
    assert_int_equal(expect_messages(source, 1, "slow"), 1);
    close(slow);
    close(quick);
    source->ops->close(source);
}

static void one_that_sends_much_leaves_others_their_turn(void **unused)
{
    (void)unused;
    struct source *source = listen_unix();
    int loud = connect_unix(), quiet = connect_unix();
    send_control(loud, TAP_START);
    send_control(quiet, TAP_START);
    send_queries(loud, "loud", 100);
    send_queries(quiet, "quiet", 1);
    unsigned before = 0, seen = 0;
    for (bool met = false; seen < 101;) {
        struct packet packets[16];
        int r = source->ops->read_messages(source, packets, 16, &error);
        for (int i = 0; i < r; i++) {
            met = met || memcmp(packets[i].data, "quiet", packets[i].len) == 0;
            before += !met;
        }
        seen += r > 0 ? (unsigned)r : 0;
    }
    assert_int_equal(seen, 101);
    assert_in_range(before, 0, 32); /* at most the batch that was being read, and the next */
    close(loud);
    close(quiet);
    source->ops->close(source);
}

static void what_is_no_dnstap_costs_the_connection(void **unused)
{
    (void)unused;
    static const char *const greetings[] = {"GET / HTTP/1.1\r\n\r\n",
                                            "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 ..."};
    struct source *source = listen_unix();
    for (unsigned i = 0; i < 2; i++) {
        char end;
        int fd = connect_unix();
        assert_true(write(fd, greetings[i], strlen(greetings[i])) > 0);
        expect_metric(source, METRIC_DNSTAP_PEERS_FAILED, i + 1);
        assert_true(read(fd, &end, 1) <= 0);
        close(fd);
    }
    source->ops->close(source);
}

static void no_more_than_allowed_get_in(void **unused)
{
    (void)unused;
    char end;
    config.peers_max = 2;
    struct source *source = listen_unix();
    int first = connect_unix(), second = connect_unix(), third = connect_unix();
    expect_metric(source, METRIC_DNSTAP_PEERS_REFUSED, 1);
    assert_int_equal(read(third, &end, 1), 0);
    send_control(second, TAP_START);
    send_queries(second, "second", 1);
    assert_int_equal(expect_messages(source, 1, "second"), 1);
    close(first);
    close(second);
    close(third);
    source->ops->close(source);
}

static void one_that_says_nothing_for_too_long_is_let_go(void **unused)
{
    (void)unused;
    char end;
    config.idle_s = 0;
    struct source *source = listen_unix();
    int fd = connect_unix();
    send_control(fd, TAP_START);
    expect_metric(source, METRIC_DNSTAP_PEERS_IDLE, 1);
    assert_int_equal(read(fd, &end, 1), 0);
    close(fd);
    source->ops->close(source);
}

static void *stop_soon(void *arg)
{
    struct source *source = arg;
    usleep(20000);
    source->ops->stop(source);
    return NULL;
}

static void a_read_that_waits_can_be_stopped_and_what_came_is_not_lost(void **unused)
{
    (void)unused;
    struct packet packets[16];
    struct source *source = listen_unix();
    pthread_t thread;
    int r, fd = connect_unix();
    send_control(fd, TAP_START);
    send_queries(fd, "first", 1);
    assert_int_equal(expect_messages(source, 1, "first"), 1);
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, source), 0);
    while ((r = source->ops->read_messages(source, packets, 16, &error)) == -EAGAIN)
        ;
    assert_int_equal(r, 0);
    assert_int_equal(source->ops->read_messages(source, packets, 16, &error), 0);
    pthread_join(thread, NULL);
    source->ops->close(source);
    close(fd);

    source = listen_unix();
    fd = connect_unix();
    send_control(fd, TAP_START);
    expect_metric(source, METRIC_DNSTAP_PEERS, 1);
    send_queries(fd, "last", 2);
    source->ops->stop(source);
    assert_int_equal(expect_messages(source, 2, "last"), 2);
    assert_int_equal(source->ops->read_messages(source, packets, 16, &error), 0);
    source->ops->close(source);
    close(fd);
}

static void a_socket_has_the_mode_asked_for(void **unused)
{
    (void)unused;
    struct stat info;
    static char modes[][5] = {"0600", "0666"};
    for (size_t i = 0; i < 2; i++) {
        config.mode = modes[i];
        struct source *source = listen_unix();
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, strtoul(modes[i], NULL, 8));
        source->ops->close(source);
    }
}

static void only_a_socket_nobody_listens_on_is_replaced(void **unused)
{
    (void)unused;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int left = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(left, (struct sockaddr *)&address, sizeof(address)), 0);
    close(left);
    struct source *source = listen_unix();
    assert_null(dnstap_listen_unix(&config, &error));
    assert_non_null(strstr(error.text, "another program listens there"));
    source->ops->close(source);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_null(dnstap_listen_unix(&config, &error));
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
}

static void mistakes_in_the_configuration_are_told(void **unused)
{
    (void)unused;
    static char group[] = "no such group", mode[] = "0888", none[] = "";
    static char addresses[][32] = {"127.0.0.1", "here:1", "::1:6000", "127.0.0.1:70000",
                                   "1.2.3.4:"};
    config.group = group;
    assert_null(dnstap_listen_unix(&config, &error));
    assert_non_null(strstr(error.text, "group no such group"));
    config.group = none;
    config.mode = mode;
    assert_null(dnstap_listen_unix(&config, &error));
    assert_non_null(strstr(error.text, "mode 0888"));
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        config.listen = addresses[i];
        assert_null(dnstap_listen_tcp(&config, &error));
        assert_non_null(strstr(error.text, "not ADDRESS:PORT"));
    }
}

/* A port that was free a moment ago. */
static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static char port_text[8];
static char listen_text[32];

static struct source *listen_tcp(void)
{
    uint16_t port = free_port();
    snprintf(port_text, sizeof(port_text), "%u", port);
    snprintf(listen_text, sizeof(listen_text), "127.0.0.1:%u", port);
    config.listen = listen_text;
    struct source *source = dnstap_listen_tcp(&config, &error);
    if (!source)
        fail_msg("%s", error.text);
    return source;
}

enum { WRITER_FRAMES = 2000 };

/* The library that DNS servers use, as they do. */
static void *fstrm_write(void *unused)
{
    (void)unused;
    struct dnstap_build frame = {0};
    struct fstrm_tcp_writer_options *tcp = fstrm_tcp_writer_options_init();
    struct fstrm_writer_options *options = fstrm_writer_options_init();
    tap_query_frame(&frame, "query");
    fstrm_tcp_writer_options_set_socket_address(tcp, "127.0.0.1");
    fstrm_tcp_writer_options_set_socket_port(tcp, port_text);
    fstrm_writer_options_add_content_type(options, TAP_CONTENT_TYPE, strlen(TAP_CONTENT_TYPE));
    struct fstrm_writer *writer = fstrm_tcp_writer_init(tcp, options);
    bool good = fstrm_writer_open(writer) == fstrm_res_success;
    for (unsigned i = 0; good && i < WRITER_FRAMES; i++)
        good = fstrm_writer_write(writer, frame.data + 4, frame.len - 4) == fstrm_res_success;
    good = good && fstrm_writer_close(writer) == fstrm_res_success;
    fstrm_writer_destroy(&writer);
    fstrm_writer_options_destroy(&options);
    fstrm_tcp_writer_options_destroy(&tcp);
    return good ? NULL : (void *)1;
}

static void the_writer_that_servers_use_is_understood(void **unused)
{
    (void)unused;
    pthread_t thread;
    void *failed;
    struct source *source = listen_tcp();
    assert_int_equal(pthread_create(&thread, NULL, fstrm_write, NULL), 0);
    assert_int_equal(expect_messages(source, WRITER_FRAMES, "query"), WRITER_FRAMES);
    expect_metric(source, METRIC_DNSTAP_PEERS_ENDED, 1);
    pthread_join(thread, &failed);
    assert_null(failed);
    source->ops->close(source);
}

/* A certificate that vouches for itself, and its key. */
static void make_certificate(void)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"peer", -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_set_pubkey(x509, pair);
    X509_sign(x509, pair, EVP_sha256());
    FILE *file = fopen(certificate, "w");
    assert_non_null(file);
    PEM_write_X509(file, x509);
    fclose(file);
    file = fopen(key, "w");
    assert_non_null(file);
    PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    X509_free(x509);
    EVP_PKEY_free(pair);
}

static int connect_tcp(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(port_text)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Delivers over TLS; `arg` says whether it shows its certificate. */
static void *tls_write(void *arg)
{
    struct dnstap_build stream = {0};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (arg) {
        SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM);
    }
    SSL *tls = SSL_new(context);
    int fd = connect_tcp();
    SSL_set_fd(tls, fd);
    tap_control(&stream, TAP_START, TAP_CONTENT_TYPE);
    for (int i = 0; i < 20; i++)
        tap_query_frame(&stream, "tls");
    tap_control(&stream, TAP_STOP, NULL);
    if (SSL_connect(tls) == 1 && SSL_write(tls, stream.data, (int)stream.len) > 0)
        SSL_shutdown(tls);
    SSL_free(tls);
    SSL_CTX_free(context);
    close(fd);
    return NULL;
}

static void over_tls_only_who_shows_the_right_certificate_gets_in(void **unused)
{
    (void)unused;
    pthread_t thread;
    make_certificate();
    config.tls_certificate = certificate;
    config.tls_key = key;
    config.tls_client_ca = certificate;
    struct source *source = listen_tcp();
    assert_int_equal(pthread_create(&thread, NULL, tls_write, (void *)1), 0);
    assert_int_equal(expect_messages(source, 20, "tls"), 20);
    pthread_join(thread, NULL);
    expect_metric(source, METRIC_DNSTAP_PEERS_ENDED, 1);
    assert_int_equal(pthread_create(&thread, NULL, tls_write, NULL), 0);
    expect_metric(source, METRIC_DNSTAP_PEERS_FAILED, 1);
    pthread_join(thread, NULL);
    int plain = connect_tcp();
    send_control(plain, TAP_START);
    expect_metric(source, METRIC_DNSTAP_PEERS_FAILED, 2);
    close(plain);
    source->ops->close(source);
}

static void a_key_or_certificate_that_is_none_is_refused_by_name(void **unused)
{
    (void)unused;
    make_certificate();
    config.tls_certificate = certificate;
    config.tls_key = certificate;
    assert_null(dnstap_listen_tcp(&config, &error));
    assert_non_null(strstr(error.text, "certificate: not a PEM key of that certificate"));
    config.tls_certificate = key;
    assert_null(dnstap_listen_tcp(&config, &error));
    assert_non_null(strstr(error.text, "key: not a PEM certificate chain"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_writer_may_wait_for_answers_or_not, reset),
        cmocka_unit_test_setup(one_that_stops_in_the_middle_holds_up_nobody, reset),
        cmocka_unit_test_setup(one_that_sends_much_leaves_others_their_turn, reset),
        cmocka_unit_test_setup(what_is_no_dnstap_costs_the_connection, reset),
        cmocka_unit_test_setup(no_more_than_allowed_get_in, reset),
        cmocka_unit_test_setup(one_that_says_nothing_for_too_long_is_let_go, reset),
        cmocka_unit_test_setup(a_read_that_waits_can_be_stopped_and_what_came_is_not_lost, reset),
        cmocka_unit_test_setup(a_socket_has_the_mode_asked_for, reset),
        cmocka_unit_test_setup(only_a_socket_nobody_listens_on_is_replaced, reset),
        cmocka_unit_test_setup(mistakes_in_the_configuration_are_told, reset),
        cmocka_unit_test_setup(the_writer_that_servers_use_is_understood, reset),
        cmocka_unit_test_setup(over_tls_only_who_shows_the_right_certificate_gets_in, reset),
        cmocka_unit_test_setup(a_key_or_certificate_that_is_none_is_refused_by_name, reset),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
