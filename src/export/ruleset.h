/* ruleset.h - which alerts an export is for: rules of all of which, in any of its sets, hold
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shape that Azure's continuous export has: rules within a set are joined by AND, sets by OR;
 * no set at all means every alert.
 *
 *     [{"rules": [{"propertyJPath": "severity", "propertyType": "String",
 *                  "operator": "Equals", "expectedValue": "High"}]}]
 *
 * A path leads through the keys of the native record: `severity`, `entity.ip`,
 * `evidence.samples.qname`; a list is looked at element by element. The names of Azure's own fields
 * (`AlertType`, `properties.compromisedEntity` …) stand for the same; keys are read without case.
 * Texts are compared without case (ASCII) and severities by rank. A rule about something the alert
 * does not have never holds, except NotEquals; about something no alert has, it makes no sense. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <dnsvigil/alert.h>

#include <jansson.h>

enum {
    RULESETS_MAX = 64,      /* sets */
    RULESET_RULES_MAX = 64, /* rules of one set */
    RULESET_TEXT_MAX = 1024,
};

struct ruleset;

/* Makes it from the list above. -EINVAL with a message that names the rule. The caller frees. */
int ruleset_new(const json_t *sets, struct ruleset **ret_ruleset, struct error *error);

/* The same from text; JSON, which is YAML too. */
int ruleset_parse(const char *text, size_t len, struct ruleset **ret_ruleset, struct error *error);

void ruleset_free(struct ruleset *ruleset);

/* Whether the alert is one of those. NULL: every alert is. No clock, no state; -ENOMEM aside it
 * returns 0 or 1. Any thread. */
int ruleset_matches(const struct ruleset *ruleset, const struct alert *alert);

/* Appends {"isValid":true,"message":""}, or false and why. */
void ruleset_validate(const char *text, size_t len, struct buf *buf);
