/* responder.h - what the running program does about alerts besides storing them
 * SPDX-License-Identifier: Apache-2.0
 *
 * Notifications, inquiries and automation rules are carried out by a thread of its own, which may
 * wait for servers; isolations by another (respond/isolator.h). What needs privileges is left to
 * processes that are forked before those are given up (respond/commander.h): those know only the
 * programs and files of the configuration that the program was started with. */
#pragma once

#include "respond/isolator.h"

struct responder;

/* Call it before the sandbox, before privileges are dropped, and before threads start. */
int responder_open(const struct config *config, struct responder **ret_responder,
                   struct error *error);

/* Starts the threads. The writer must be usable until responder_stop(), or refuse. */
int responder_start(struct responder *responder, const char *store_path, struct store_writer writer,
                    struct error *error);

/* Goes by another configuration from the next step on. Warns of programs and files that are new:
 * they wait for the next start. One thread. */
void responder_change(struct responder *responder, const struct config *config);

/* Waits for what is being sent or carried out, and ends the threads. */
void responder_stop(struct responder *responder);
void responder_close(struct responder *responder);

/* For those who ask for isolations; it is the responder's. */
struct isolator *responder_isolator(const struct responder *responder);
