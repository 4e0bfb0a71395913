/* responder.c - what the running program does about alerts besides storing them
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/responder.h"

#include "base/clock.h"
#include "base/log.h"
#include "outside/web.h"
#include "pipeline/services.h"
#include "respond/automation.h"
#include "respond/commander.h"
#include "respond/deliver.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct responder {
    pthread_mutex_t lock;                     /* guards the next one */
    const struct config *config;              /* our reference */
    struct commander *isolation, *automation; /* NULL: there was none of these at the start */
    struct isolator *isolator;
    struct deliver deliver; /* of its thread */
    atomic_bool stop;
    struct services *services;
};

int responder_open(const struct config *config, struct responder **ret_responder,
                   struct error *error)
{
    struct responder *responder = calloc(1, sizeof(*responder));
    if (!responder)
        return error_set(error, -ENOMEM, "no memory to respond to alerts");
    pthread_mutex_init(&responder->lock, NULL);
    responder->config = config_ref(config);
    web_init();
    int r = commander_open(config, COMMANDER_ISOLATION, &responder->isolation, error);
    if (r == 0)
        r = commander_open(config, COMMANDER_AUTOMATION, &responder->automation, error);
    if (r == 0)
        r = isolator_open(config, commander_runner(responder->isolation), &responder->isolator,
                          error);
    if (r < 0) {
        responder_close(responder);
        return r;
    }
    responder->deliver.jobs = commander_runner(responder->automation);
    responder->deliver.stop = &responder->stop;
    *ret_responder = responder;
    return 0;
}

/* A service job. */
static int deliver_run(void *arg, struct error *error)
{
    struct responder *responder = arg;
    struct deliver_result result;
    pthread_mutex_lock(&responder->lock);
    const struct config *config = config_ref(responder->config);
    pthread_mutex_unlock(&responder->lock);
    responder->deliver.config = config;
    int r = deliver_step(&responder->deliver, clock_now_ns(), &result, error);
    responder->deliver.config = NULL;
    config_unref(config);
    return r;
}

static void rules_look(const struct responder *responder, const struct config *config)
{
    struct configured_job job;
    for (uint32_t i = 0; i < config->automation.count; i++) {
        const struct config_automation *rule = &config->automation.items[i];
        automation_job_init(&job, rule);
        if (rule->enabled && rule->command.count &&
            !commander_knows(responder->automation, &job.job))
            log_warning("automation rule %s: its program is new or was changed, and is run from "
                        "the next start on; alerts wait for it",
                        rule->name);
    }
}

static void targets_look(const struct responder *responder, const struct config *config)
{
    struct configured_job job;
    for (uint32_t i = 0; i < config->isolation.targets.count; i++) {
        const struct config_isolation_target *target = &config->isolation.targets.items[i];
        isolation_job_init(&job, target);
        if (!commander_knows(responder->isolation, &job.job))
            log_warning("isolation target %s: its file or command is new or was changed, and is "
                        "used from the next start on",
                        target->name);
    }
}

void responder_change(struct responder *responder, const struct config *config)
{
    pthread_mutex_lock(&responder->lock);
    config_unref(responder->config);
    responder->config = config_ref(config);
    pthread_mutex_unlock(&responder->lock);
    isolator_change(responder->isolator, config);
    rules_look(responder, config);
    targets_look(responder, config);
}

static const struct service_job jobs[] = {{"deliveries", 1, deliver_run}};

int responder_start(struct responder *responder, const char *store_path, struct store_writer writer,
                    struct error *error)
{
    responder->deliver.writer = writer;
    int r = isolator_start(responder->isolator, store_path, writer, error);
    if (r == 0)
        r = store_open(store_path, STORE_READ, NULL, &responder->deliver.read, error);
    if (r == 0)
        r = services_start(jobs, sizeof(jobs) / sizeof(*jobs), responder, &responder->services,
                           error);
    return r;
}

void responder_stop(struct responder *responder)
{
    if (!responder)
        return;
    atomic_store(&responder->stop, true);
    services_stop(responder->services);
    responder->services = NULL;
    if (responder->isolator)
        isolator_stop(responder->isolator);
}

void responder_close(struct responder *responder)
{
    struct error error;
    if (!responder)
        return;
    responder_stop(responder);
    store_close(responder->deliver.read, &error);
    isolator_close(responder->isolator);
    commander_close(responder->automation);
    commander_close(responder->isolation);
    config_unref(responder->config);
    pthread_mutex_destroy(&responder->lock);
    free(responder);
}

struct isolator *responder_isolator(const struct responder *responder)
{
    return responder->isolator;
}
