/* dnstap_tls.h - the listening side of TLS for dnstap, TLS 1.2 and later
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

#include <openssl/ssl.h>

/* Reads certificate chain and key (PEM). With a `client_ca` (PEM, NULL or "": none) only peers with
 * a certificate of that authority get in. NULL and a message on failure. OpenSSL writes to sockets
 * in a way that raises SIGPIPE: from here on the process ignores that signal. Free with
 * SSL_CTX_free(). */
SSL_CTX *dnstap_tls_new(const char *certificate, const char *key, const char *client_ca,
                        struct error *error);
