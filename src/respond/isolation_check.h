/* isolation_check.h - who and what may be isolated
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "respond/artefact.h"
#include "respond/isolation.h"

/* 0 when it may, by the rules of isolation.h; -EPERM when not, -EINVAL when the target cannot do
 * it. `what` is what the message calls it. */
int isolation_check(const struct isolation_desk *desk, const struct isolated *item,
                    const struct config_isolation_target *target, const char *what,
                    struct error *error);
