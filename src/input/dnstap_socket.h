/* dnstap_socket.h - opens the sockets on which DNS servers deliver dnstap
 * SPDX-License-Identifier: Apache-2.0
 *
 * Both do not block and are not inherited by programs that are started. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* A unix socket at `path`, which may be at most 107 bytes long. Nobody can connect before it has
 * its mode and group (-1: as it is). A socket left there by a process that is gone is replaced; one
 * in use, or something else in its place, is not. A negative errno and a message on failure. */
int dnstap_socket_unix(const char *path, mode_t mode, gid_t group, struct error *error);

/* A TCP socket on ADDRESS:PORT, an IPv6 address in brackets. */
int dnstap_socket_tcp(const char *listen, struct error *error);

/* Whether ADDRESS:PORT, if it is one, is of this machine only. */
bool dnstap_socket_is_loopback(const char *listen);
