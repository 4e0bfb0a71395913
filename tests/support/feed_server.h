/* feed_server.h - starts feed_server.py beside a test, and ends it with the test
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct feed_server {
    int pid;
    int input; /* whose end ends it */
    unsigned port;
};

/* Starts a server on 127.0.0.1; by TLS with the certificate and key in this file, or NULL. */
struct feed_server feed_server_start(const char *certificate);
void feed_server_stop(struct feed_server *server);

/* Writes a certificate for 127.0.0.1 that nobody vouches for, and its key. */
void feed_server_certificate(const char *path);
