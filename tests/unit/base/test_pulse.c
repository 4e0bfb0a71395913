/* test_pulse.c - a thread that stands still is named, one that goes on, waits or pauses is not
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/pulse.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WAIT_NS = 30 * 1000 * 1000, LIMIT_NS = 10 * 1000 * 1000 };

static void rest_ns(long ns)
{
    const struct timespec time = {.tv_nsec = ns};
    nanosleep(&time, NULL);
}

/* A pulse_late_fn. */
static void note(void *arg, const char *name, int64_t since_ns)
{
    assert_true(since_ns >= LIMIT_NS);
    strcat(arg, name);
}

static void a_thread_that_stands_still_is_named_until_it_goes_on(void **state)
{
    (void)state;
    char names[256] = "";
    pulse_begin("worker %d", 7);
    assert_int_equal(pulse_count(), 1);
    rest_ns(WAIT_NS);
    assert_int_equal(pulse_late(LIMIT_NS, note, names), 1);
    assert_string_equal(names, "worker 7");
    pulse_beat();
    assert_int_equal(pulse_late(LIMIT_NS * 1000LL, NULL, NULL), 0);
    pulse_end();
    assert_int_equal(pulse_count(), 0);
    rest_ns(WAIT_NS);
    assert_int_equal(pulse_late(LIMIT_NS, NULL, NULL), 0);
}

static void nobody_waits_for_a_thread_that_has_said_it_takes_its_time(void **state)
{
    (void)state;
    pulse_begin("loader");
    pulse_pause();
    rest_ns(WAIT_NS);
    assert_int_equal(pulse_late(LIMIT_NS, NULL, NULL), 0);
    pulse_beat();
    rest_ns(WAIT_NS);
    assert_int_equal(pulse_late(LIMIT_NS, NULL, NULL), 1);
    pulse_end();
}

/* Who waits for another one returns in time to beat, whether or not anybody has come. */
static void a_wait_is_short_and_ends_with_a_beat(void **state)
{
    (void)state;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_condattr_t attributes;
    pthread_cond_t condition;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition, &attributes);
    pulse_begin("waiter");
    rest_ns(WAIT_NS);
    pthread_mutex_lock(&lock);
    pulse_wait(&condition, &lock); /* would not return if it waited to be woken */
    pthread_mutex_unlock(&lock);
    assert_int_equal(pulse_late(PULSE_WAIT_MS * 1000000LL, NULL, NULL), 0);
    pulse_end();
    pthread_cond_destroy(&condition);
    pthread_condattr_destroy(&attributes);
}

static void a_thread_that_never_began_may_beat(void **state)
{
    (void)state;
    pulse_beat();
    pulse_pause();
    pulse_end();
    assert_int_equal(pulse_count(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_stands_still_is_named_until_it_goes_on),
        cmocka_unit_test(nobody_waits_for_a_thread_that_has_said_it_takes_its_time),
        cmocka_unit_test(a_wait_is_short_and_ends_with_a_beat),
        cmocka_unit_test(a_thread_that_never_began_may_beat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
