/* fragment.c - puts IPv4 and IPv6 fragments together again, in bounded memory
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/fragment.h"

#include "base/clock.h"
#include "decode/pieces.h"
#include "decode/slots.h"

#include <stdlib.h>
#include <string.h>

enum {
    DATAGRAM_BYTES_MAX = 65535,
    FRAGMENT_UNIT_BYTES = 8, /* all but the last fragment are multiples of it */
};

static const int64_t DATAGRAM_AGE_MAX_NS = 30 * NS_PER_S;

struct datagram_key {
    struct addr src;
    struct addr dst;
    uint32_t id;
    uint8_t v6;
    uint8_t protocol;
    uint8_t zero[2];
};

struct datagram {
    struct slot slot;
    struct datagram_key key;
    struct piece_list held;
    int64_t since_ns; /* event time of its first fragment to arrive */
    uint32_t total;   /* bytes, 0 until the last fragment has told */
    uint32_t fragments;
    uint8_t protocol; /* as the fragment at offset 0 has it */
    bool spoiled;     /* holds nothing, and takes nothing more */
};

struct fragments {
    struct slots datagrams; /* oldest by arrival */
    struct piece_pool pool;
    struct metrics *metrics;
    uint8_t whole[DATAGRAM_BYTES_MAX];
};

struct fragments *fragments_new(size_t bytes_max, struct metrics *metrics)
{
    struct fragments *fragments = calloc(1, sizeof(*fragments));
    if (!fragments)
        return NULL;
    fragments->metrics = metrics;
    /* As many datagrams as pieces: each that is held has at least one. */
    size_t max = bytes_max / (sizeof(struct piece) + sizeof(struct datagram));
    if (piece_pool_init(&fragments->pool, max * sizeof(struct piece)) &&
        slots_init(&fragments->datagrams, (uint32_t)max, sizeof(struct datagram),
                   sizeof(struct datagram_key)))
        return fragments;
    fragments_free(fragments);
    return NULL;
}

void fragments_free(struct fragments *fragments)
{
    if (!fragments)
        return;
    slots_done(&fragments->datagrams);
    piece_pool_done(&fragments->pool);
    free(fragments);
}

static void datagram_remove(struct fragments *fragments, struct datagram *datagram)
{
    pieces_clear(&fragments->pool, &datagram->held);
    slots_remove(&fragments->datagrams, datagram);
}

/* A spoiled datagram's fragments were counted when they were refused or spoiled. */
static void datagram_expire(struct fragments *fragments, struct datagram *datagram)
{
    fragments->metrics->value[METRIC_FRAGMENTS_EXPIRED] += datagram->fragments;
    datagram_remove(fragments, datagram);
}

/* Keeps the entry, so that the rest of the datagram is recognised and refused too. */
static int datagram_spoil(struct fragments *fragments, struct datagram *datagram)
{
    pieces_clear(&fragments->pool, &datagram->held);
    fragments->metrics->value[METRIC_FRAGMENTS_EXPIRED] += datagram->fragments;
    datagram->fragments = 0;
    datagram->spoiled = true;
    return REJECT_FRAGMENT_BAD;
}

static void fragments_expire(struct fragments *fragments, int64_t now_ns)
{
    struct datagram *oldest;
    while ((oldest = slots_oldest(&fragments->datagrams)) &&
           elapsed_ns(now_ns, oldest->since_ns) > DATAGRAM_AGE_MAX_NS)
        datagram_expire(fragments, oldest);
}

static struct datagram *datagram_of(struct fragments *fragments, const struct fragment *fragment)
{
    struct datagram_key key = {
        .src = *fragment->src,
        .dst = *fragment->dst,
        .id = fragment->id,
        .v6 = fragment->v6,
        .protocol = fragment->v6 ? 0 : fragment->protocol,
    };
    struct datagram *datagram = slots_find(&fragments->datagrams, &key);
    if (datagram)
        return datagram;
    while (!(datagram = slots_add(&fragments->datagrams, &key)))
        datagram_expire(fragments, slots_oldest(&fragments->datagrams));
    datagram->since_ns = fragment->time_ns;
    return datagram;
}

/* Whether a fragment makes sense by itself. */
static bool fragment_sound(const struct fragment *fragment)
{
    uint32_t len = fragment->payload.wire_len;
    if (len == 0 || fragment->offset + len > DATAGRAM_BYTES_MAX)
        return false;
    return !fragment->more || len % FRAGMENT_UNIT_BYTES == 0;
}

/* Whether it agrees with the others about where the datagram ends. */
static bool fragment_fits(const struct fragments *fragments, const struct datagram *datagram,
                          const struct fragment *fragment)
{
    uint32_t end = fragment->offset + fragment->payload.wire_len;
    if (datagram->total)
        return fragment->more ? end < datagram->total : end == datagram->total;
    return fragment->more || pieces_end(&fragments->pool, &datagram->held) <= end;
}

/* Gives up the oldest other datagrams until the fragment has room. */
static bool fragments_make_room(struct fragments *fragments, const struct datagram *keep,
                                uint32_t len)
{
    while (fragments->pool.left < pieces_needed(len)) {
        struct datagram *oldest = slots_oldest(&fragments->datagrams);
        if (oldest == keep)
            return false;
        datagram_expire(fragments, oldest);
    }
    return true;
}

static int datagram_hold(struct fragments *fragments, struct datagram *datagram,
                         const struct fragment *fragment)
{
    const struct view *payload = &fragment->payload;
    if (!fragments_make_room(fragments, datagram, payload->len) ||
        !pieces_add(&fragments->pool, &datagram->held, fragment->offset, payload->data,
                    payload->len, true)) {
        datagram_spoil(fragments, datagram);
        return REJECT_FRAGMENT_FULL;
    }
    datagram->fragments++;
    if (fragment->offset == 0)
        datagram->protocol = fragment->protocol;
    if (!fragment->more)
        datagram->total = fragment->offset + payload->len;
    return VERDICT_HELD;
}

int fragments_add(struct fragments *fragments, const struct fragment *fragment,
                  struct view *ret_payload, uint8_t *ret_protocol)
{
    const struct view *payload = &fragment->payload;
    fragments_expire(fragments, fragment->time_ns);
    if (!fragment_sound(fragment))
        return REJECT_FRAGMENT_BAD;
    if (payload->len < payload->wire_len)
        return REJECT_FRAGMENT_CUT;
    struct datagram *datagram = datagram_of(fragments, fragment);
    if (datagram->spoiled)
        return REJECT_FRAGMENT_BAD;
    switch (pieces_match(&fragments->pool, &datagram->held, fragment->offset, payload->data,
                         payload->len)) {
    case PIECES_SAME: return REJECT_FRAGMENT_REPEATED;
    case PIECES_DIFFER: return datagram_spoil(fragments, datagram);
    case PIECES_APART: break;
    }
    if (!fragment_fits(fragments, datagram, fragment))
        return datagram_spoil(fragments, datagram);
    int verdict = datagram_hold(fragments, datagram, fragment);
    if (verdict != VERDICT_HELD || datagram->held.bytes != datagram->total)
        return verdict;
    uint32_t len =
        pieces_copy(&fragments->pool, &datagram->held, fragments->whole, DATAGRAM_BYTES_MAX);
    *ret_payload = (struct view){.data = fragments->whole, .len = len, .wire_len = len};
    *ret_protocol = datagram->protocol;
    datagram_remove(fragments, datagram);
    return VERDICT_NEXT;
}

void fragments_finish(struct fragments *fragments)
{
    struct datagram *oldest;
    while ((oldest = slots_oldest(&fragments->datagrams)))
        datagram_expire(fragments, oldest);
}
