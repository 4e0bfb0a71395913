/* http_tls.c - the certificate with which the server shows who it is
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/http_server.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static int failure(const char *key, const char *path, SSL_CTX *tls, struct error *error)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    SSL_CTX_free(tls);
    return error_set(error, -EINVAL, "api.%s: %s: %s; it must be in PEM and readable at start", key,
                     path, reason ? reason : "cannot be used");
}

int tls_load(const struct config_api *config, SSL_CTX **ret_tls, struct error *error)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (!tls)
        return error_set(error, -ENOMEM, "no memory for TLS");
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(tls, config->tls_certificate) != 1)
        return failure("tls_certificate", config->tls_certificate, tls, error);
    if (SSL_CTX_use_PrivateKey_file(tls, config->tls_key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(tls) != 1)
        return failure("tls_key", config->tls_key, tls, error);
    *ret_tls = tls;
    return 0;
}
