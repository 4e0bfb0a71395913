/* intake.h - moves a batch from a source of either kind into a shard or an engine
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pipeline/engine.h"

#include <dnsvigil/source.h>

/* Reads once and hands over what came, frames or messages; returns what the source said. For those
 * who read and judge in one thread. */
int intake_batch(struct source *source, struct shard *shard, struct error *error);

/* The same for an engine, by the thread that gives it traffic. A source that may wait then keeps
 * nothing back. */
int intake_give(struct source *source, struct engine *engine, struct error *error);
