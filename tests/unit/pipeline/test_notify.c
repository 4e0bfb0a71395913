/* test_notify.c - the service manager hears what sd_notify(3) would tell it
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/notify.h"

#include "cmocka_all.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct manager {
    int fd;
    char folder[32];
    char path[64]; /* as in $NOTIFY_SOCKET */
    char heard[1024];
};

static void manager_begin(struct manager *manager, bool abstract)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(manager->folder, sizeof(manager->folder), "/tmp/dnsvigil-notify-XXXXXX");
    assert_non_null(mkdtemp(manager->folder));
    int len = snprintf(manager->path, sizeof(manager->path), "%s%s/socket", abstract ? "@" : "",
                       manager->folder);
    memcpy(address.sun_path, manager->path, (size_t)len);
    if (abstract)
        address.sun_path[0] = '\0';
    manager->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(manager->fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)),
                     0);
    setenv("NOTIFY_SOCKET", manager->path, 1);
}

static void manager_end(struct manager *manager)
{
    close(manager->fd);
    unlink(manager->path);
    rmdir(manager->folder);
}

static const char *hear(struct manager *manager)
{
    ssize_t got = recv(manager->fd, manager->heard, sizeof(manager->heard) - 1, MSG_DONTWAIT);
    manager->heard[got > 0 ? got : 0] = '\0';
    return manager->heard;
}

static void each_message_is_one_datagram(void **state)
{
    (void)state;
    for (int abstract = 0; abstract < 2; abstract++) {
        struct manager manager;
        struct notify notify;
        struct error error;
        manager_begin(&manager, abstract);
        assert_int_equal(notify_open(&notify, &error), 0);
        notify_ready(&notify);
        assert_string_equal(hear(&manager), "READY=1");
        notify_status(&notify, "%d alerts\nREADY=0", 3);
        assert_string_equal(hear(&manager), "STATUS=3 alerts READY=0");
        notify_reloading(&notify);
        assert_ptr_equal(strstr(hear(&manager), "RELOADING=1\nMONOTONIC_USEC="), manager.heard);
        notify_alive(&notify);
        assert_string_equal(hear(&manager), "WATCHDOG=1");
        notify_stopping(&notify);
        assert_string_equal(hear(&manager), "STOPPING=1");
        assert_null(getenv("NOTIFY_SOCKET"));
        notify_close(&notify);
        manager_end(&manager);
    }
}

static void without_a_manager_nothing_is_told(void **state)
{
    (void)state;
    struct notify notify;
    struct error error;
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(notify_open(&notify, &error), 0);
    assert_int_equal(notify.fd, -1);
    notify_ready(&notify);
    notify_status(&notify, "nobody");
    notify_close(&notify);
}

static void the_watchdog_is_for_the_process_it_names(void **state)
{
    (void)state;
    char own[16];
    snprintf(own, sizeof(own), "%d", getpid());
    const struct {
        const char *pid, *usec;
        int64_t expected_ns;
    } cases[] = {
        {own, "30000000", 30000000000},
        {NULL, "500000", 500000000},
        {"1", "30000000", 0},
        {own, NULL, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct manager manager;
        struct notify notify;
        struct error error;
        manager_begin(&manager, false);
        if (cases[i].pid)
            setenv("WATCHDOG_PID", cases[i].pid, 1);
        if (cases[i].usec)
            setenv("WATCHDOG_USEC", cases[i].usec, 1);
        assert_int_equal(notify_open(&notify, &error), 0);
        assert_int_equal(notify.watchdog_ns, cases[i].expected_ns);
        notify_close(&notify);
        manager_end(&manager);
        unsetenv("WATCHDOG_PID");
        unsetenv("WATCHDOG_USEC");
    }
}

static void a_socket_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "relative", "/nowhere/at/all"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct notify notify;
        struct error error;
        setenv("NOTIFY_SOCKET", paths[i], 1);
        assert_true(notify_open(&notify, &error) < 0);
        assert_int_equal(notify.fd, -1);
    }
    unsetenv("NOTIFY_SOCKET");
}

static void a_manager_that_went_away_does_no_harm(void **state)
{
    (void)state;
    struct manager manager;
    struct notify notify;
    struct error error;
    manager_begin(&manager, false);
    assert_int_equal(notify_open(&notify, &error), 0);
    manager_end(&manager);
    notify_alive(&notify);
    notify_close(&notify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_one_datagram),
        cmocka_unit_test(without_a_manager_nothing_is_told),
        cmocka_unit_test(the_watchdog_is_for_the_process_it_names),
        cmocka_unit_test(a_socket_that_is_none_is_refused),
        cmocka_unit_test(a_manager_that_went_away_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
