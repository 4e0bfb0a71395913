/* test_outside_stream.c - places are read as people write them, and no wait is longer than allowed
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "outside/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void places_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *address, *host, *port;
    } cases[] = {
        {"log.example", "log.example", "514"},     {"log.example:1514", "log.example", "1514"},
        {"192.0.2.1:65535", "192.0.2.1", "65535"}, {"2001:db8::1", "2001:db8::1", "514"},
        {"[2001:db8::1]", "2001:db8::1", "514"},   {"[2001:db8::1]:6514", "2001:db8::1", "6514"},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stream_place place;
        assert_int_equal(stream_place_read(cases[i].address, "514", &place), 0);
        assert_string_equal(place.host, cases[i].host);
        assert_string_equal(place.port, cases[i].port);
    }
}

static void what_is_no_place_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",        ":514", "host:", "host:0", "host:65536",
                                        "host:-1", "[::1", "[]:1",  "[::1]x", "host:123456789"};
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stream_place place;
        assert_int_equal(stream_place_read(cases[i], "514", &place), -EINVAL);
    }
}

/* A server that accepts connections and says nothing. */
static int silent_server(struct stream_place *place)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *place = (struct stream_place){
        .host = "127.0.0.1", .tls = true, .ca_file = "", .certificate = "", .key = ""};
    snprintf(place->port, sizeof(place->port), "%u", ntohs(address.sin_port));
    return fd;
}

static void a_server_that_shakes_no_hands_is_left_in_time(void **state)
{
    (void)state;
    struct stream_place place;
    struct stream *stream = NULL;
    struct error error;
    atomic_bool stop = false;
    int server = silent_server(&place);
    struct stream_wait wait = stream_wait_for(&stop, 1);
    assert_int_equal(stream_open(&place, &wait, &stream, &error), -ETIMEDOUT);
    atomic_store(&stop, true);
    wait = stream_wait_for(&stop, 3600);
    assert_int_equal(stream_open(&place, &wait, &stream, &error), -ECANCELED);
    assert_null(stream);
    close(server);
}

static void a_server_that_ends_is_noticed(void **state)
{
    (void)state;
    struct stream_place place;
    struct stream *stream = NULL;
    struct error error;
    atomic_bool stop = false;
    int server = silent_server(&place);
    place.tls = false;
    struct stream_wait wait = stream_wait_for(&stop, 20);
    assert_int_equal(stream_open(&place, &wait, &stream, &error), 0);
    int connection = accept(server, NULL, NULL);
    assert_int_equal(stream_write(stream, "hello", 5, &wait, &error), 0);
    assert_int_equal(stream_settle(stream, &wait, &error), 0);
    shutdown(connection, SHUT_WR);
    assert_int_equal(stream_settle(stream, &wait, &error), -EPIPE);
    stream_close(stream);
    close(connection);
    close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_place_is_refused),
        cmocka_unit_test(a_server_that_shakes_no_hands_is_left_in_time),
        cmocka_unit_test(a_server_that_ends_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
