/* trial.h - sends one alert to the target of an export, past the store and its place
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "export/sink.h"

/* Opens a sink of its own, sends the alert once and closes it. Blocks for as long as the
 * configuration lets an answer take. 0: the sink was asked, and `ret_answer` is what it said. Any
 * thread. */
int export_trial(const struct config_export *config, const char *console_url,
                 const struct alert *alert, struct sink_answer *ret_answer, struct error *error);
