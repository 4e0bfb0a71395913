/* engine.h - shards on threads of their own: splits traffic among them by client, gathers alerts
 * SPDX-License-Identifier: Apache-2.0
 *
 *   frames, messages --> whoever gives --ring--> shard 0 --.
 *                        (one thread)  --ring--> shard 1 --+-- outbox --> one thread that stores
 *                                      --ring--> ...     --'
 *
 * One thread gives traffic. It puts messages together from frames, finds each one's client, and
 * with it the shard, and stamps the edges of epochs into every ring. At an edge the shards meet,
 * one of them merges what all have counted and hands on the alerts that were closed since the last
 * one, ordered by start and id. So neither the alerts nor their order depend on the number of
 * shards (docs/adr/0013).
 *
 * A full ring makes the giver wait, a full outbox the shards: what the traffic comes from has to
 * wait or to count its own losses. */
#pragma once

#include "config/config.h"
#include "pipeline/canary.h"
#include "pipeline/outbox.h"
#include "pipeline/ring.h"
#include "pipeline/shard.h"
#include "pipeline/state.h"

struct engine;

struct engine_config {
    const struct config *config;
    const struct lists *lists;
    unsigned shards; /* 1 to SHARDS_MAX; 0: as configured */
    bool early;      /* open alerts are shown, too, as soon as they are raised */
    bool watched;    /* the traffic is a network's as it comes (shard_watch()) */
    struct state
        *state; /* what the meters go on from, for as many shards; NULL: they start empty */
    struct outbox_hooks hooks;
    shard_transaction_fn tell; /* told of each transaction on its shard's thread, or NULL */
    void *tell_arg;
};

/* Starts the threads. Configuration and lists must outlive the engine. Negative errno and a message
 * without memory or threads. */
int engine_new(const struct engine_config *config, struct engine **ret_engine, struct error *error);

/* After engine_finish(), or to give up: what waits is then dropped. NULL is allowed. */
void engine_free(struct engine *engine);

/* How many shards a configuration means. */
unsigned engine_shards(const struct config *config);

/* These are called by the one thread that gives traffic. */

/* Frames and messages in the order they were captured; nothing of them is needed afterwards. */
void engine_frames(struct engine *engine, const struct frame *frames, size_t count);
void engine_messages(struct engine *engine, const struct packet *packets, size_t count);

/* The same for a message that was counted by somebody else. */
void engine_packet(struct engine *engine, const struct packet *packet);

/* Event time has come to `now_ns` though there is no message. */
void engine_time(struct engine *engine, int64_t now_ns);

/* Hands on what has gathered: before waiting for more traffic. */
void engine_flush(struct engine *engine);

/* The traffic is over: waits until everything is judged and every alert taken. */
void engine_finish(struct engine *engine);

/* Does what engine_still() or engine_canary() asks for, if anything; and whether they do. */
void engine_serve(struct engine *engine);
bool engine_is_asked(const struct engine *engine);

/* Any thread may call these. */

/* Adds up the counters of all threads, as of some moment ago; after engine_finish() all of them. */
void engine_metrics(struct engine *engine, struct metrics *ret_metrics);

/* Has the canary sent through all shards, at the event time that traffic has come to, once there
 * was any; not at all while its last round is under way. It must outlive the engine. */
void engine_canary(struct engine *engine, struct canary *canary);

/* The one that its alerts go to, for calls; it lives as long as the engine. */
struct outbox *engine_outbox(struct engine *engine);

/* How many batches wait in the ring of a shard. */
unsigned engine_depth(const struct engine *engine, unsigned shard);

/* Rung when engine_serve() should be called. */
struct bell *engine_bell(struct engine *engine);

/* While it runs all shards stand still at the same place of the traffic, with all messages before
 * it judged. */
typedef int (*engine_still_fn)(void *arg, struct common *common, struct shard *const shards[],
                               unsigned count, struct error *error);

/* Runs `still` and returns what it does; -ECANCELED when the engine has finished. Not from the
 * thread that gives traffic. */
int engine_still(struct engine *engine, engine_still_fn still, void *arg, struct error *error);

/* Writes what all meters know and the open alerts to the state file (state.h) of the
 * configuration, while traffic waits for the time it takes to copy them. Not from the thread that
 * gives traffic. */
int engine_keep(struct engine *engine, struct error *error);

/* Goes on with another configuration and other lists: when it returns 0 the old ones are no longer
 * used, otherwise the new ones are not. What sizes memory stays until the next start. Not from the
 * thread that gives traffic. */
int engine_reload(struct engine *engine, const struct config *config, const struct lists *lists,
                  struct error *error);
