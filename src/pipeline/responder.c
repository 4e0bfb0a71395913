/* responder.c - what the running program does about alerts besides storing them
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/responder.h"

#include "base/clock.h"
#include "outside/web.h"
#include "pipeline/services.h"
#include "respond/commander.h"
#include "respond/deliver.h"

#include <errno.h>
#include <stdlib.h>

struct responder {
    struct commander *isolation, *automation; /* NULL: the configuration has none of these */
    struct isolator *isolator;
    struct deliver deliver; /* of its thread */
    atomic_bool stop;
    struct services *services;
};

static struct job_runner runner_of(struct commander *commander)
{
    return commander ? commander_runner(commander) : (struct job_runner){0};
}

int responder_open(const struct config *config, struct responder **ret_responder,
                   struct error *error)
{
    struct responder *responder = calloc(1, sizeof(*responder));
    if (!responder)
        return error_set(error, -ENOMEM, "no memory to respond to alerts");
    web_init();
    int r = commander_open(config, COMMANDER_ISOLATION, &responder->isolation, error);
    if (r == 0)
        r = commander_open(config, COMMANDER_AUTOMATION, &responder->automation, error);
    if (r == 0)
        r = isolator_open(config, runner_of(responder->isolation), &responder->isolator, error);
    if (r < 0) {
        responder_close(responder);
        return r;
    }
    responder->deliver.config = config;
    responder->deliver.jobs = runner_of(responder->automation);
    responder->deliver.stop = &responder->stop;
    *ret_responder = responder;
    return 0;
}

/* A service job. */
static int deliver_run(void *arg, struct error *error)
{
    struct responder *responder = arg;
    struct deliver_result result;
    return deliver_step(&responder->deliver, clock_now_ns(), &result, error);
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
    free(responder);
}

struct isolator *responder_isolator(const struct responder *responder)
{
    return responder->isolator;
}
