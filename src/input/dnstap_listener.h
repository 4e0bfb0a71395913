/* dnstap_listener.h - a source that DNS servers connect to and send dnstap: unix socket, TCP, TLS
 * SPDX-License-Identifier: Apache-2.0
 *
 * Any number of servers at the same time, served in turn; none can hold up another. Each takes some
 * 260 KiB while connected (of which only what it fills is touched). What a server does wrong ends
 * its own connection, is counted and logged once. */
#pragma once

#include "config/config.h"

#include <dnsvigil/source.h>

/* A unix socket at config->path, with its mode and group. NULL and a message on failure. Its
 * read_messages() needs room for DNSTAP_PACKETS messages; closing removes the socket. */
struct source *dnstap_listen_unix(const struct config_source *config, struct error *error);

/* TCP on config->listen, with TLS where a certificate is named. Without TLS anybody who reaches the
 * port can send what it likes: on other addresses than this machine's own that is warned of. */
struct source *dnstap_listen_tcp(const struct config_source *config, struct error *error);
