/* mail.h - writes a mail that every reader understands, and hands it to a server
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing that comes from outside (names, owners, addresses of an inventory) can add a header or a
 * recipient: addresses are checked, other text is encoded (RFC 2045, RFC 2047, RFC 5322). */
#pragma once

#include "base/buf.h"
#include "config/config.h"

enum { MAIL_BYTES_MAX = 1 << 20 };

struct mail {
    const char *from;
    const char *to;
    const char *const
        *also;           /* further recipients, ended by NULL; may be NULL: all get it or none */
    const char *subject; /* UTF-8, one line; of other bytes it is made that */
    const char *text;    /* UTF-8, lines end with '\n' */
    const char *id;      /* the same for each attempt to send it: letters, digits and dots */
    int64_t time_ns;
};

/* Whether this is one plain address: name@domain without blanks, quotes, brackets or controls. */
bool mail_address_valid(const char *text);

/* Appends the whole message, lines ended by CRLF. -EINVAL when an address is none. */
int mail_build(const struct mail *mail, struct buf *buf, struct error *error);

/* Sends it. Without TLS only where the configuration allows; certificates are verified. Blocks for
 * up to mail.timeout_s; any thread. -EINVAL: it can never be sent, or was refused for good; what
 * else fails is worth another attempt. */
int mail_send(const struct config_mail *config, const struct mail *mail, struct error *error);
