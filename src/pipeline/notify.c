/* notify.c - tells the service manager how the program fares
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/notify.h"

#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX = 512 };

static int address_read(const char *path, struct sockaddr_un *ret_address, socklen_t *ret_len)
{
    size_t len = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || len >= sizeof(ret_address->sun_path))
        return -EINVAL;
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret_address->sun_path, path, len);
    if (path[0] == '@')
        ret_address->sun_path[0] = '\0'; /* a name that is in no file system */
    *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return 0;
}

static int64_t watchdog_read(void)
{
    const char *pid = getenv("WATCHDOG_PID");
    const char *usec = getenv("WATCHDOG_USEC");
    if (!usec || (pid && strtol(pid, NULL, 10) != getpid()))
        return 0;
    return strtoll(usec, NULL, 10) * NS_PER_US;
}

int notify_open(struct notify *notify, struct error *error)
{
    struct sockaddr_un address;
    socklen_t len;
    const char *path = getenv("NOTIFY_SOCKET");
    *notify = (struct notify){.fd = -1};
    if (!path)
        return 0;
    int r = address_read(path, &address, &len);
    if (r == 0)
        notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (r == 0 && (notify->fd < 0 || connect(notify->fd, (struct sockaddr *)&address, len) != 0))
        r = -errno;
    if (r < 0) {
        notify_close(notify);
        return error_set(error, r, "NOTIFY_SOCKET=%s: %s; unset it to run without", path,
                         strerror(-r));
    }
    notify->watchdog_ns = watchdog_read();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    return 0;
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}

static void notify_send(const struct notify *notify, const char *message)
{
    if (notify->fd >= 0)
        (void)!send(notify->fd, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void notify_ready(const struct notify *notify)
{
    notify_send(notify, "READY=1");
}

void notify_reloading(const struct notify *notify)
{
    char message[MESSAGE_MAX];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(message, sizeof(message), "RELOADING=1\nMONOTONIC_USEC=%lld",
             (now.tv_sec * NS_PER_S + now.tv_nsec) / NS_PER_US);
    notify_send(notify, message);
}

void notify_stopping(const struct notify *notify)
{
    notify_send(notify, "STOPPING=1");
}

void notify_alive(const struct notify *notify)
{
    notify_send(notify, "WATCHDOG=1");
}

void notify_status(const struct notify *notify, const char *format, ...)
{
    char message[MESSAGE_MAX] = "STATUS=";
    const size_t len = strlen(message);
    va_list args;
    va_start(args, format);
    vsnprintf(message + len, sizeof(message) - len, format, args);
    va_end(args);
    for (char *newline = message; (newline = strchr(newline, '\n'));)
        *newline = ' '; /* would begin another variable */
    notify_send(notify, message);
}
