/* trial.h - tries an export past the store and its place: what it says, and one alert to its target
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "export/sink.h"

/* Opens a sink of its own, sends the alert once and closes it. Blocks for as long as the
 * configuration lets an answer take. 0: the sink was asked, and `ret_answer` is what it said. Any
 * thread. */
int export_trial(const struct config_export *config, const char *console_url,
                 const struct alert *alert, struct sink_answer *ret_answer, struct error *error);

/* Whether it could be started: its rules make sense, its dialect is there, its secrets can be read.
 * Its target is not asked. -EINVAL with a message that names export and key. */
int export_check(const struct config_export *config, struct error *error);
