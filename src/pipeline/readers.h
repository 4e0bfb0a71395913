/* readers.h - reads any number of sources at once, each on a thread, and gives an engine all of it
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each reader puts messages together from its source's frames and hands them on in batches. The
 * thread that runs the readers takes them in the order of event time. It waits for every source
 * that never waits itself (a file), however long that takes, so what files say has one order. For
 * others (an interface, a pipe) it waits READERS_WAIT_MS at most, or until another's ring is half
 * full, and then goes on without them until they give something: a quiet source holds nobody up,
 * and an answer seen on another interface than its question comes after it all the same. Event time
 * never waits for a source that is over. */
#pragma once

#include "pipeline/engine.h"

#include <dnsvigil/source.h>

enum { READERS_MAX = 64, READERS_WAIT_MS = 50 };

struct readers;

/* The sources stay the caller's, who closes them after readers_free(). NULL without memory, with a
 * message. */
struct readers *readers_new(const struct config *config, struct source *const sources[],
                            unsigned count, struct error *error);
void readers_free(struct readers *readers);

/* Reads until all sources are over or stopped. Those that break are told to `broken`, with what
 * their read returned; others go on. Then everything read has been given to the engine; finishing
 * it is the caller's. Negative errno without threads. */
typedef void (*readers_broken_fn)(void *arg, unsigned reader, int code, const struct error *error);
int readers_run(struct readers *readers, struct engine *engine, readers_broken_fn broken, void *arg,
                struct error *error);

/* Makes readers_run() end soon, with nothing lost that was read. Any thread. */
void readers_stop(struct readers *readers);

/* How many sources it reads. */
unsigned readers_count(const struct readers *readers);

/* Adds the counters of a reader and of its source. Any thread. */
void readers_metrics(struct readers *readers, unsigned reader, struct metrics *sum);
