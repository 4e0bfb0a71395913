/* pulse.c - whether every thread still goes around its loop
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/pulse.h"

#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct pulse {
    bool taken;                /* under the lock, like the name */
    char name[PULSE_NAME_MAX]; /* of the thread */
    _Atomic int64_t beat_ns;   /* 0: it has paused */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pulse pulses[PULSE_THREADS_MAX];
static _Thread_local struct pulse *own;

static int64_t coarse_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void name_tell(const char *name)
{
    char start[16]; /* as much as the kernel keeps */
    snprintf(start, sizeof(start), "%.15s", name);
    if (gettid() != getpid())
        pthread_setname_np(pthread_self(), start);
}

void pulse_begin(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PULSE_THREADS_MAX && !own; i++)
        if (!pulses[i].taken)
            own = &pulses[i];
    if (own) {
        own->taken = true;
        vsnprintf(own->name, sizeof(own->name), format, args);
        pulse_beat();
        name_tell(own->name);
    }
    pthread_mutex_unlock(&lock);
    va_end(args);
}

void pulse_end(void)
{
    if (!own)
        return;
    pthread_mutex_lock(&lock);
    own->taken = false;
    pthread_mutex_unlock(&lock);
    own = NULL;
}

void pulse_beat(void)
{
    if (own)
        atomic_store_explicit(&own->beat_ns, coarse_now_ns(), memory_order_relaxed);
}

void pulse_pause(void)
{
    if (own)
        atomic_store_explicit(&own->beat_ns, 0, memory_order_relaxed);
}

void pulse_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + PULSE_WAIT_MS * NS_PER_MS;
    until.tv_sec += ns / NS_PER_S;
    until.tv_nsec = ns % NS_PER_S;
    pthread_cond_timedwait(condition, mutex, &until);
    pulse_beat();
}

size_t pulse_late(int64_t limit_ns, pulse_late_fn late, void *arg)
{
    const int64_t now_ns = coarse_now_ns();
    size_t count = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PULSE_THREADS_MAX; i++) {
        int64_t beat_ns = atomic_load_explicit(&pulses[i].beat_ns, memory_order_relaxed);
        if (!pulses[i].taken || beat_ns == 0 || now_ns - beat_ns < limit_ns)
            continue;
        count++;
        if (late)
            late(arg, pulses[i].name, now_ns - beat_ns);
    }
    pthread_mutex_unlock(&lock);
    return count;
}

size_t pulse_count(void)
{
    size_t count = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PULSE_THREADS_MAX; i++)
        count += pulses[i].taken;
    pthread_mutex_unlock(&lock);
    return count;
}
