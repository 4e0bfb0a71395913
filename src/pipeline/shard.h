/* shard.h - one worker's whole way from frames to alerts: decode, enrich, meter, detect, merge
 * SPDX-License-Identifier: Apache-2.0
 *
 * A shard owns all state of its clients and takes no lock; one thread drives it. Work goes in
 * batches: first every packet of a batch is decoded and the memory its look-ups will need is
 * requested, then the batch is paired, enriched and judged, so that cache misses overlap. */
#pragma once

#include "base/image.h"
#include "config/config.h"
#include "pipeline/collector.h"
#include "pipeline/lists.h"

#include <dnsvigil/alert.h>
#include <dnsvigil/frame.h>
#include <dnsvigil/metrics.h>
#include <dnsvigil/packet.h>

/* Takes a finished alert; valid during the call. */
typedef void (*shard_alert_fn)(void *arg, const struct alert *alert);

struct rule_hits;
struct shard;

/* Configuration and lists must outlive the shard. Negative errno and a message without memory. */
int shard_new(const struct config *config, const struct lists *lists, shard_alert_fn alert,
              void *arg, struct shard **ret_shard, struct error *error);
void shard_free(struct shard *shard);

/* From now on the shard also hands on who asked for what (collector.h). Call before the first
 * frame. Without this it keeps no history. Negative errno and a message without memory. */
int shard_keep_history(struct shard *shard, collector_fn sink, void *arg, struct error *error);

/* The input is a network's traffic as it comes, watched since `since_ns` (INT64_MAX: since its
 * first message): what is new there can be told once it has been watched for long enough. Call
 * before the first frame. Without this the input has no past. */
void shard_watch(struct shard *shard, int64_t since_ns);

/* From now on hits[rule number of lists->rules] counts. Borrowed; call before the first frame. */
void shard_count_rules(struct shard *shard, struct rule_hits *hits);

/* Takes frames in the order they were captured. Nothing of them is needed after the call. */
void shard_frames(struct shard *shard, const struct frame *frames, size_t count);

/* Takes one DNS message that needs no network decoding. */
void shard_packet(struct shard *shard, const struct packet *packet);

/* Changes over to another snapshot of the lists, between two calls that take packets: what
 * exchange.h gave. It must stay until the next call or the shard's end. Rules, profiles and brands
 * stay. */
void shard_change_intel(struct shard *shard, const struct intel *intel);

/* End of input: everything that waits is judged and every open alert handed over. */
void shard_finish(struct shard *shard);

/* Appends what the shard's meters know and its open alerts to an image, between two calls that take
 * packets; what of the running epoch others do not know yet is not in it. */
void shard_save(const struct shard *shard, struct buf *buf);

/* Goes on from there: call before the first frame. False when the image is another configuration's;
 * then the shard is unfit for use. */
bool shard_load(struct shard *shard, struct image *image);

const struct metrics *shard_metrics(const struct shard *shard);

/* Whether the counters of a finished shard add up; false with a message that names those that do
 * not. Frames: in = DNS + held + rejected. Messages: in = decoded + malformed = queries +
 * responses. Queries: paired + alone + repeated. Responses: paired + alone + duplicate. Findings:
 * new + merged + suppressed. Alerts: one for each new finding. */
bool metrics_balance(const struct metrics *metrics, struct error *error);
