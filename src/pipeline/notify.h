/* notify.h - tells the service manager how the program fares (sd_notify's protocol)
 * SPDX-License-Identifier: Apache-2.0
 *
 * One datagram of NAME=value lines to the socket that $NOTIFY_SOCKET names. Where there is none,
 * everything is silently left out. Written here in a few lines instead of linking libsystemd: the
 * protocol is fixed, and the socket must be open before the sandbox closes. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct notify {
    int fd;              /* -1: nobody wants to know */
    int64_t watchdog_ns; /* the manager expects a sign of life so often; 0: never */
};

/* Opens the socket that the environment names and forgets the environment's variables, so that
 * children keep quiet. Negative errno with a message when the socket cannot be used. */
int notify_open(struct notify *notify, struct error *error);
void notify_close(struct notify *notify);

/* Any thread may call these. A manager that does not listen is no reason to stop. */
void notify_ready(const struct notify *notify); /* also after reloading */
void notify_reloading(const struct notify *notify);
void notify_stopping(const struct notify *notify);
void notify_alive(const struct notify *notify); /* at least twice in watchdog_ns */
void notify_status(const struct notify *notify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
