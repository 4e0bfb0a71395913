/* password_ask.h - reads a password from a terminal without showing it, or from a file
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "store/password.h"

/* From the file, which only its owner may read; NULL: from the terminal, where it is asked for
 * twice. Never from an argument: those are for all to see. Overwrite it after use. */
int password_ask(const char *file, char ret_password[static PASSWORD_MAX + 1], struct error *error);
