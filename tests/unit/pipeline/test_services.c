/* test_services.c - jobs run when they are due, on one thread, and a failure stops none of them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "pipeline/services.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

static atomic_uint good, bad, often;

static void wait_until(atomic_uint *counter, unsigned least)
{
    const struct timespec pause = {.tv_nsec = 5 * 1000 * 1000};
    while (atomic_load(counter) < least)
        nanosleep(&pause, NULL);
}

static int good_run(void *arg, struct error *error)
{
    (void)error;
    assert_ptr_equal(arg, &good);
    atomic_fetch_add(&good, 1);
    return 0;
}

static int bad_run(void *arg, struct error *error)
{
    (void)arg;
    atomic_fetch_add(&bad, 1);
    return error_set(error, -EIO, "as expected");
}

static int often_run(void *arg, struct error *error)
{
    (void)arg, (void)error;
    atomic_fetch_add(&often, 1);
    return 0;
}

static void every_job_runs_at_the_start_and_again_when_it_is_due(void **state)
{
    (void)state;
    static const struct service_job jobs[] = {
        {"bad", 1, bad_run}, {"good", 3600, good_run}, {"often", 1, often_run}};
    struct services *services;
    struct error error;
    assert_int_equal(services_start(jobs, 3, &good, &services, &error), 0);
    wait_until(&good, 1);
    wait_until(&bad, 2); /* it failed, and is done again */
    wait_until(&often, 2);
    services_stop(services);
    assert_int_equal(good, 1);
    unsigned stopped = often;
    const struct timespec longer = {.tv_sec = 1, .tv_nsec = 200 * 1000 * 1000};
    nanosleep(&longer, NULL);
    assert_int_equal(often, stopped);
    services_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_runs_at_the_start_and_again_when_it_is_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
