/* rule_memory.h - the memory of a rule set: handed out from the front of blocks, given back at once
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "intel/rule_read.h"

struct rule_memory;

/* Hands out at most `max` bytes. NULL without memory. */
struct rule_memory *rule_memory_new(size_t max);
void rule_memory_free(struct rule_memory *memory);

/* All return NULL when there is no room left. */
void *rule_memory_take(struct rule_memory *memory, size_t size);
const void *rule_memory_copy(struct rule_memory *memory, const void *data, size_t size);
const char *rule_memory_text(struct rule_memory *memory, const char *text);

/* Copies the rule of a draft with all it points to, and takes over its compiled expressions. NULL
 * without room; then the draft keeps them. */
const struct rule *rule_keep(struct rule_memory *memory, struct rule_draft *draft);

/* Frees the compiled expressions of a rule that is no longer used; its memory stays. */
void rule_drop(const struct rule *rule);
