/* rule_explain.h - what a rule looks for, in words
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "intel/rule.h"

/* Appends one line for each thing that must hold and for what happens then, each ended by LF. The
 * bytes of contents are shown as rules write them. `set` is the rule's. */
void rule_explain(const struct rule_set *set, const struct rule *rule, struct buf *buf);

/* Appends how the rule is found without trying it, as one sentence. */
void rule_explain_shape(const struct rule *rule, struct buf *buf);
