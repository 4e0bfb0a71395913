/* gate.h - slows down who guesses passwords, and lets the first administrator in
 * SPDX-License-Identifier: Apache-2.0
 *
 * Failed logins are counted for each name and each address, in fixed memory. From the fifth on,
 * each doubles the time until the next may be tried: up to a minute for a name, so that nobody can
 * lock a user out for long, up to a quarter of an hour for an address. An hour without a failure
 * forgives. The setup code is made while there is no user; it stands in a file for its owner alone.
 * Any thread. */
#pragma once

#include "base/error.h"
#include "base/table.h"
#include "store/password.h"

#include <limits.h>
#include <pthread.h>

struct gate {
    pthread_mutex_t lock;
    struct table failures;
    char code[SECRET_TEXT_MAX]; /* "": nobody is waited for */
    char path[PATH_MAX];
};

/* False without memory. */
bool gate_init(struct gate *gate);
void gate_done(struct gate *gate);

/* Seconds until another attempt is let through, 0 for now. */
unsigned gate_wait_s(struct gate *gate, const char *name, const char *address);
void gate_failed(struct gate *gate, const char *name, const char *address);
void gate_passed(struct gate *gate, const char *name);

/* Makes the setup code and writes it to `state_dir`/setup-code. */
int gate_setup_offer(struct gate *gate, const char *state_dir, struct error *error);
bool gate_setup_waits(struct gate *gate);
bool gate_setup_fits(struct gate *gate, const char *code);
void gate_setup_end(struct gate *gate); /* removes the file */
