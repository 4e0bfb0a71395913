/* services.c - work that is due every so often, on one thread of its own
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/services.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/pulse.h"
#include "pipeline/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct service {
    const struct service_job *job;
    int64_t due_ns; /* by the monotonic clock */
    struct error told;
};

struct services {
    void *arg;
    pthread_t thread;
    struct bell bell; /* rung when it is to stop */
    bool stop;
    size_t count;
    struct service items[];
};

static int64_t monotonic_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void service_run(struct services *services, struct service *service)
{
    struct error error = {""};
    pulse_pause();
    int r = service->job->run(services->arg, &error);
    pulse_beat();
    service->due_ns = monotonic_now_ns() + service->job->interval_s * NS_PER_S;
    if (r < 0 && strcmp(error.text, service->told.text) != 0)
        log_error("%s: %s", service->job->name, error.text);
    service->told = error;
}

static void *services_run(void *arg)
{
    struct services *services = arg;
    pulse_begin("%s", services->count == 1 ? services->items[0].job->name : "services");
    pthread_mutex_lock(&services->bell.lock);
    while (!services->stop) {
        for (size_t i = 0; i < services->count && !services->stop; i++) {
            if (monotonic_now_ns() < services->items[i].due_ns)
                continue;
            pthread_mutex_unlock(&services->bell.lock);
            service_run(services, &services->items[i]);
            pthread_mutex_lock(&services->bell.lock);
        }
        if (!services->stop)
            pulse_wait(&services->bell.rung, &services->bell.lock);
    }
    pthread_mutex_unlock(&services->bell.lock);
    pulse_end();
    return NULL;
}

int services_start(const struct service_job *jobs, size_t count, void *arg,
                   struct services **ret_services, struct error *error)
{
    struct services *services = calloc(1, sizeof(*services) + count * sizeof(*services->items));
    if (!services)
        return error_set(error, -ENOMEM, "no memory for services");
    services->arg = arg;
    services->count = count;
    for (size_t i = 0; i < count; i++)
        services->items[i].job = &jobs[i];
    bell_init(&services->bell);
    int r = pthread_create(&services->thread, NULL, services_run, services);
    if (r == 0) {
        *ret_services = services;
        return 0;
    }
    bell_done(&services->bell);
    free(services);
    return error_set(error, -r, "cannot start a thread for services: %s", strerror(r));
}

void services_stop(struct services *services)
{
    if (!services)
        return;
    pthread_mutex_lock(&services->bell.lock);
    services->stop = true;
    pthread_cond_broadcast(&services->bell.rung);
    pthread_mutex_unlock(&services->bell.lock);
    pthread_join(services->thread, NULL);
    bell_done(&services->bell);
    free(services);
}
