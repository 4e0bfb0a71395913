/* sandbox.h - the running program gives up what it will not need any more
 * SPDX-License-Identifier: Apache-2.0
 *
 * Once its sockets are open the program needs no privileges, no other programs and few files; and
 * no further sockets, unless alerts leave by the network. It takes another user if it was told so,
 * drops all capabilities for good, and asks the kernel to leave it only some system calls (seccomp)
 * and files (Landlock): to write below the folders of store, state and exported files, to read
 * beside what the configuration names and in a few places of the system. What a kernel does not
 * offer is gone without. */
#pragma once

#include "base/confine.h"
#include "config/config.h"

/* Call it with all sockets open, before the store is opened and before threads start: they inherit.
 * Folders of store and state are made for the user where they are missing. `config_path` is what
 * config_load() was given, `store_path` the store that is used instead of the configured one, or
 * NULL. A configuration loaded later may name paths only in folders that this one names. Negative
 * errno with a message: the user is not known, or privileges stayed. */
int sandbox_enter(const struct config *config, const char *config_path, const char *store_path,
                  enum sandbox_level *ret_level, struct error *error);

/* Whether it leaves sockets that connect to others: somebody is told of alerts by the network. */
bool sandbox_lets_out(const struct config *config);

/* The part of it for a process that goes on to open sockets and files: takes the configured user
 * and drops all capabilities for good. */
int sandbox_drop(const struct config *config, struct error *error);
