/* pulse.h - whether every thread still goes around its loop
 * SPDX-License-Identifier: Apache-2.0
 *
 * A thread that lives beats at least once a second: each time it goes around its loop, and whenever
 * it waits for another thread, which it does for PULSE_WAIT_MS at most at once. So one that waits
 * for a thread that stands still goes on beating, and the one that is missing can be named. Beats
 * are by the monotonic clock.
 *
 *     pulse_begin("shard 0");
 *     while (...) {
 *         pulse_beat();
 *         ...
 *     }
 *     pulse_end();
 *
 * A thread that has not begun may beat: nothing happens. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PULSE_THREADS_MAX = 128, PULSE_NAME_MAX = 96, PULSE_WAIT_MS = 1000 };

/* The calling thread is watched from now on, under this name (which is copied and cut to fit); the
 * kernel knows it by its first letters, too, unless it is the first thread of the program.
 * Beyond PULSE_THREADS_MAX threads it is not. */
void pulse_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void pulse_end(void);

/* The calling thread lives. Costs reading a coarse clock. */
void pulse_beat(void);

/* The calling thread begins something that takes its time; until it beats again nobody waits. */
void pulse_pause(void);

/* pthread_cond_wait() on a condition that goes by the monotonic clock, for PULSE_WAIT_MS at most,
 * and a beat. As always the caller looks anew whether what it waited for has come. */
void pulse_wait(pthread_cond_t *condition, pthread_mutex_t *lock);

/* The watched threads that have not beaten for `limit_ns`, each given to `late` with how long it
 * has been. Returns how many. `late` may be NULL. Any thread. */
typedef void (*pulse_late_fn)(void *arg, const char *name, int64_t since_ns);
size_t pulse_late(int64_t limit_ns, pulse_late_fn late, void *arg);

/* All watched threads, whatever they do. */
size_t pulse_count(void);
