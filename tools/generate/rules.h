/* rules.h - writes signature rules about made-up domains, some of which the mixed traffic asks for
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

#include <stdint.h>

/* One rule a line, of the kinds public rule sets have and about in their shares. Negative errno
 * with a message. */
int rules_write(const char *path, uint32_t count, struct error *error);
