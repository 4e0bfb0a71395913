/* filter.h - which alerts an export takes, and what its records say besides them
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"
#include "export/dialect.h"
#include "export/ruleset.h"

struct export_filter;

/* `config` must outlive it. -EINVAL: a rule makes no sense; the message names export and rule. */
int export_filter_new(const struct config_export *config, struct export_filter **ret_filter,
                      struct error *error);
void export_filter_free(struct export_filter *filter);

/* Whether the alert is one of those. Without memory to find out it is: better once too often. */
bool export_filter_takes(const struct export_filter *filter, const struct alert *alert);

/* The context of its records. Texts are borrowed from the arguments. */
struct dialect_context export_context(const struct config_export *config, const char *console_url);
