/* deliver.h - carries out what notifications, inquiries and automation rules want, step by step
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct deliver deliver = {.config = config, .read = handle, .writer = writer, ...};
 *     for each second or so: deliver_step(&deliver, clock_now_ns(), &result, &error);
 *
 * A step plans what changes of alerts since the last one call for and carries out a few deliveries
 * that are due. What fails is tried again, ever later. One thread, which may have to wait for
 * servers for as long as the configuration says. */
#pragma once

#include "config/config.h"
#include "respond/job.h"
#include "store/store.h"

#include <stdatomic.h>

enum {
    DELIVER_CHANGES_MAX = 100, /* looked at in a step */
    DELIVER_SENT_MAX = 8,      /* attempts in a step */
    DELIVER_ATTEMPTS_MAX = 12, /* over some two days; programs are run only once */
    DELIVER_KEPT_DAYS = 30,    /* so long one can see what became of a delivery */
};

/* The follower's name (store/changes.h). Its first step starts with what changes from then on. */
#define DELIVER_FOLLOWER "respond"

struct deliver {
    const struct config *config; /* may be another one for each step */
    struct store *read;
    struct store_writer writer;
    struct job_runner jobs;
    const atomic_bool *stop; /* set: a step ends after the attempt it is at; may be NULL */
    int64_t trimmed_ns;      /* 0 at first */
};

struct deliver_result {
    unsigned changes; /* of alerts that were looked at */
    unsigned sent;
    unsigned failed; /* attempts that will be repeated */
    unsigned dead;   /* deliveries given up */
};

/* 0, or a negative errno when the store cannot be read or written. */
int deliver_step(struct deliver *deliver, int64_t now_ns, struct deliver_result *ret_result,
                 struct error *error);

/* Pure. How long after attempt number `attempts` (from 1) the next one comes. */
int64_t deliver_pause_ns(uint32_t attempts);
