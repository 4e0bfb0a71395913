/* intake.c - moves a batch from a source of either kind into a shard or an engine
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/intake.h"

enum { BATCH = 256 };

int intake_batch(struct source *source, struct shard *shard, struct error *error)
{
    struct frame frames[BATCH];
    struct packet packets[BATCH];
    if (source->ops->read) {
        int count = source->ops->read(source, frames, BATCH, error);
        if (count > 0)
            shard_frames(shard, frames, (size_t)count);
        return count;
    }
    int count = source->ops->read_messages(source, packets, BATCH, error);
    for (int i = 0; i < count; i++)
        shard_packet(shard, &packets[i]);
    return count;
}

int intake_give(struct source *source, struct engine *engine, struct error *error)
{
    struct frame frames[BATCH];
    struct packet packets[BATCH];
    int count = source->ops->read ? source->ops->read(source, frames, BATCH, error)
                                  : source->ops->read_messages(source, packets, BATCH, error);
    if (count > 0 && source->ops->read)
        engine_frames(engine, frames, (size_t)count);
    else if (count > 0)
        engine_messages(engine, packets, (size_t)count);
    if (source->ops->stop)
        engine_flush(engine);
    return count;
}
