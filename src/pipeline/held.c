/* held.c - transactions of tunnels whose direction is not decided yet, kept until it is
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/held.h"

#include "decode/message.h"

#include <string.h>

/* A transaction without what its pointers lead to, and the message it is decoded from again. */
struct held_sample {
    struct transaction transaction;
    struct addr entity;
    bool answered;
    uint16_t len;
    uint8_t data[HELD_BYTES];
};

struct held_tunnel {
    struct tunnel_measure measure;
    unsigned count;
    struct held_sample samples[HELD_SAMPLES];
};

bool held_init(struct held *held, unsigned tunnels_max)
{
    *held = (struct held){
        .tunnels = calloc(tunnels_max, sizeof(*held->tunnels)),
        .order = calloc(tunnels_max, sizeof(*held->order)),
        .tunnels_max = tunnels_max,
        .due_ns = INT64_MAX,
    };
    if (!held->tunnels || !held->order || !arena_init(&held->arena, MESSAGE_ARENA_BYTES)) {
        held_done(held);
        return false;
    }
    for (unsigned i = 0; i < tunnels_max; i++)
        held->order[i] = &held->tunnels[i];
    return true;
}

void held_done(struct held *held)
{
    free(held->tunnels);
    free(held->order);
    arena_done(&held->arena);
    *held = (struct held){0};
}

static void sample_give(struct held *held, const struct held_sample *sample,
                        const struct tunnel_measure *measure, held_fn give, void *arg)
{
    struct dns_message message;
    struct transaction transaction = sample->transaction;
    arena_reset(&held->arena);
    message_decode(&message, sample->data, sample->len, &held->arena);
    if (!message.has_question)
        return;
    transaction.question = &message.question;
    transaction.query = sample->answered ? NULL : &message;
    transaction.response = sample->answered ? &message : NULL;
    give(arg, &transaction, &sample->entity, measure);
}

/* Gives out tunnel number i and closes the gap: the others keep their order. */
static void tunnel_give(struct held *held, unsigned i, held_fn give, void *arg)
{
    struct held_tunnel *tunnel = held->order[i];
    if (tunnel->measure.direction == TUNNEL_UNDECIDED)
        tunnel->measure.direction = tunnel->measure.leaning;
    for (unsigned s = 0; s < tunnel->count; s++)
        sample_give(held, &tunnel->samples[s], &tunnel->measure, give, arg);
    held->count--;
    memmove(&held->order[i], &held->order[i + 1], (held->count - i) * sizeof(*held->order));
    held->order[held->count] = tunnel;
}

/* Its place in the order, or `count` when it is not there. */
static unsigned tunnel_find(const struct held *held, uint64_t key)
{
    unsigned i = 0;
    while (i < held->count && held->order[i]->measure.key != key)
        i++;
    return i;
}

static void sample_fill(struct held_sample *sample, const struct transaction *transaction,
                        const struct addr *entity)
{
    const struct dns_message *message =
        transaction->response ? transaction->response : transaction->query;
    sample->transaction = *transaction;
    sample->transaction.question = NULL;
    sample->transaction.query = sample->transaction.response = NULL;
    sample->entity = *entity;
    sample->answered = transaction->response;
    sample->len = (uint16_t)(message->len < HELD_BYTES ? message->len : HELD_BYTES);
    memcpy(sample->data, message->data, sample->len);
}

/* Time has nothing to do before the first of them is due. */
static void due_note(struct held *held, int64_t due_ns)
{
    if (due_ns < held->due_ns)
        held->due_ns = due_ns;
}

void held_keep(struct held *held, const struct transaction *transaction, const struct addr *entity,
               const struct tunnel_measure *tunnel, held_fn give, void *arg)
{
    unsigned place = tunnel_find(held, tunnel->key);
    if (place == held->tunnels_max) {
        held->early++;
        tunnel_give(held, 0, give, arg);
        place = held->count;
    }
    struct held_tunnel *kept = held->order[place];
    if (place == held->count) {
        held->count++;
        kept->count = 0;
    }
    kept->measure = *tunnel;
    due_note(held, tunnel->decide_ns);
    if (kept->count < HELD_SAMPLES && (transaction->response || transaction->query))
        sample_fill(&kept->samples[kept->count++], transaction, entity);
}

void held_release(struct held *held, const struct tunnel_measure *tunnel, held_fn give, void *arg)
{
    unsigned place = tunnel_find(held, tunnel->key);
    if (place == held->count)
        return;
    held->order[place]->measure = *tunnel;
    tunnel_give(held, place, give, arg);
}

void held_expire(struct held *held, int64_t now_ns, held_fn give, void *arg)
{
    if (now_ns <= held->due_ns)
        return;
    held->due_ns = INT64_MAX;
    for (unsigned i = 0; i < held->count;) {
        if (held->order[i]->measure.decide_ns < now_ns)
            tunnel_give(held, i, give, arg);
        else
            due_note(held, held->order[i++]->measure.decide_ns);
    }
}

void held_save(const struct held *held, struct buf *buf)
{
    image_put(buf, "held", &held->count, sizeof(held->count));
    image_put(buf, "early", &held->early, sizeof(held->early));
    for (unsigned i = 0; i < held->count; i++)
        image_put(buf, "tunnel", held->order[i], sizeof(*held->order[i]));
}

static bool tunnel_fits(const struct held_tunnel *tunnel)
{
    for (unsigned i = 0; i < tunnel->count && i < HELD_SAMPLES; i++)
        if (tunnel->samples[i].len > HELD_BYTES)
            return false;
    return tunnel->count <= HELD_SAMPLES;
}

bool held_load(struct held *held, struct image *image)
{
    unsigned count;
    if (!image_get(image, "held", &count, sizeof(count)) || count > held->tunnels_max ||
        !image_get(image, "early", &held->early, sizeof(held->early)))
        return false;
    for (; held->count < count; held->count++) {
        struct held_tunnel *tunnel = held->order[held->count];
        if (!image_get(image, "tunnel", tunnel, sizeof(*tunnel)) || !tunnel_fits(tunnel))
            return false;
        due_note(held, tunnel->measure.decide_ns);
    }
    return true;
}
