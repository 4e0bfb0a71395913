/* dnstap_tls.c - the listening side of TLS for dnstap, TLS 1.2 and later
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <signal.h>

static int refuse(const char *path, const char *what, struct error *error)
{
    char reason[256];
    ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
    ERR_clear_error();
    return error_set(error, -EINVAL, "%s: %s: %s", path, what, reason);
}

static int files_load(SSL_CTX *context, const char *certificate, const char *key,
                      const char *client_ca, struct error *error)
{
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return refuse(certificate, "not a PEM certificate chain that can be read", error);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return refuse(key, "not a PEM key of that certificate that can be read", error);
    if (!client_ca || !client_ca[0])
        return 0;
    if (SSL_CTX_load_verify_file(context, client_ca) != 1)
        return refuse(client_ca, "not a PEM certificate that can be read", error);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(client_ca));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return 0;
}

SSL_CTX *dnstap_tls_new(const char *certificate, const char *key, const char *client_ca,
                        struct error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) {
        error_set(error, -ENOMEM, "no memory for TLS");
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (files_load(context, certificate, key, client_ca, error) < 0) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}
