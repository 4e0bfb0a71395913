/* feed_server.h - starts feed_server.py beside a test, and ends it with the test
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Starts the server and returns its port on 127.0.0.1. Once a process. */
unsigned feed_server_start(void);
void feed_server_stop(void);
