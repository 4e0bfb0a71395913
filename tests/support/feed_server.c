/* feed_server.c - starts feed_server.py beside a test, and ends it with the test
 * SPDX-License-Identifier: Apache-2.0 */
#include "feed_server.h"

#include <assert.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void server_run(int in, int out, const char *certificate)
{
    char script[4096];
    const char *root = getenv("TEST_SOURCE_ROOT");
    snprintf(script, sizeof(script), "%s/tests/support/feed_server.py", root ? root : ".");
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execl("/usr/bin/python3", "python3", script, certificate, (char *)NULL);
    _exit(127);
}

struct feed_server feed_server_start(const char *certificate)
{
    int in[2], out[2];
    bool piped = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0;
    assert(piped);
    struct feed_server server = {.pid = fork(), .input = in[1]};
    assert(server.pid >= 0);
    if (server.pid == 0)
        server_run(in[0], out[1], certificate);
    close(in[0]);
    close(out[1]);
    FILE *answer = fdopen(out[0], "r");
    bool told = answer && fscanf(answer, "%u", &server.port) == 1;
    assert(told);
    fclose(answer);
    return server;
}

void feed_server_stop(struct feed_server *server)
{
    close(server->input);
    waitpid(server->pid, NULL, 0);
}

void feed_server_certificate(const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"127.0.0.1", -1, -1,
                               0);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    FILE *file = fopen(path, "we");
    bool written = file && PEM_write_X509(file, certificate) &&
                   PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    assert(written);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}
