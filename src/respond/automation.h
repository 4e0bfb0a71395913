/* automation.h - rules that run a program or call a web service when there is an alert
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"
#include "respond/job.h"
#include "respond/plans.h"

/* Pure. Whether the rule's conditions hold, whatever the alert's state and the rule's. */
bool automation_matches(const struct config_automation *rule, const struct alert *alert);

/* Pure. Adds what the rules in force do about this alert, unless it is suppressed: once, or with
 * `changed` for each revision, its dismissal too; at most runs_per_hour_max in an hour. */
void automation_plan(const struct config *config, const struct alert *alert, int64_t now_ns,
                     struct plans *plans);

/* The job that a rule with a command runs. Valid as long as the configuration. */
void automation_job_init(struct configured_job *job, const struct config_automation *rule);

/* The rule of this name, in force or not; NULL when there is none. */
const struct config_automation *automation_find(const struct config *config, const char *name);
