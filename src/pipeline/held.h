/* held.h - transactions of tunnels whose direction is not decided yet, kept until it is
 * SPDX-License-Identifier: Apache-2.0
 *
 * A tunnel is one kind of alert, and which one is only known some time after it was noticed
 * (pairs.h). Until then its first transactions wait here, as bytes, with the latest figures. They
 * are given out when the direction is decided, when the time for that is over though nothing more
 * came, when room is needed for a newer tunnel, or when the input ends: so none is lost. Fixed
 * memory, one thread. */
#pragma once

#include "base/arena.h"
#include "base/image.h"

#include <dnsvigil/tunnel.h>

struct held_tunnel;

struct held {
    struct held_tunnel *tunnels; /* [tunnels_max] */
    struct held_tunnel **order;  /* the first `count` are in use, oldest first; the rest is free */
    unsigned tunnels_max;
    unsigned count;
    int64_t due_ns;     /* no decision is due before */
    uint64_t early;     /* tunnels decided early for want of room */
    struct arena arena; /* records of the message that is given out */
};

/* Takes a transaction that was kept. It is decoded anew from at most HELD_BYTES of its response, or
 * of its query where there was no response; the tunnel's direction is decided. */
typedef void (*held_fn)(void *arg, const struct transaction *transaction, const struct addr *entity,
                        const struct tunnel_measure *tunnel);

enum { HELD_SAMPLES = 4, HELD_BYTES = 1232 };

/* False without memory: some 6 KiB for each tunnel, touched only as tunnels come. */
bool held_init(struct held *held, unsigned tunnels_max);
void held_done(struct held *held);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void held_save(const struct held *held, struct buf *buf);
bool held_load(struct held *held, struct image *image);

/* Keeps a transaction of an undecided tunnel, or only the figures once it has HELD_SAMPLES. */
void held_keep(struct held *held, const struct transaction *transaction, const struct addr *entity,
               const struct tunnel_measure *tunnel, held_fn give, void *arg);

/* Gives out what was kept of a tunnel that is decided now. */
void held_release(struct held *held, const struct tunnel_measure *tunnel, held_fn give, void *arg);

/* Gives out every tunnel whose decision was due before `now_ns`; INT64_MAX: all. */
void held_expire(struct held *held, int64_t now_ns, held_fn give, void *arg);
