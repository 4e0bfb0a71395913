/* shard.h - one worker's whole way from frames to alerts: decode, enrich, meter, detect, merge
 * SPDX-License-Identifier: Apache-2.0
 *
 * A shard owns all state of its clients and takes no lock; one thread drives it. It is the only one
 * of its input (shard_new), or shares what clients have in common with others (shard_new_among).
 * Work goes in batches: first every packet of a batch is decoded and the memory its look-ups will
 * need is requested, then the batch is paired, enriched and judged, so that cache misses overlap.
 */
#pragma once

#include "base/hash.h"
#include "base/image.h"
#include "config/config.h"
#include "decode/net.h"
#include "pipeline/collector.h"
#include "pipeline/lists.h"

#include <dnsvigil/alert.h>
#include <dnsvigil/frame.h>
#include <dnsvigil/metrics.h>
#include <dnsvigil/packet.h>

/* Takes a finished alert; valid during the call. */
typedef void (*shard_alert_fn)(void *arg, const struct alert *alert);

struct common;
struct rule_hits;
struct shard;

/* Configuration and lists must outlive the shard. Negative errno and a message without memory. */
int shard_new(const struct config *config, const struct lists *lists, shard_alert_fn alert,
              void *arg, struct shard **ret_shard, struct error *error);
void shard_free(struct shard *shard);

enum { SHARDS_MAX = 16 };

/* One of `parts` shards, which divide the limits of the configuration among them. It takes messages
 * of the clients that shard_of() gives it, and edges; `common` is of all of them and outlives them.
 */
int shard_new_among(const struct config *config, const struct lists *lists, struct common *common,
                    unsigned parts, shard_alert_fn alert, void *arg, struct shard **ret_shard,
                    struct error *error);

/* The number of the shard to which this client belongs. */
static inline unsigned shard_of(const struct addr *client, unsigned count)
{
    return (unsigned)(hash_bytes(client->bytes, sizeof(client->bytes), HASH_FIXED_SEED) >> 32) %
           count;
}

/* Takes messages, which somebody else has counted, in the order they came. Their bytes must stay
 * during the call. */
void shard_packets(struct shard *shard, const struct packet *packets, size_t count);

/* An edge of an epoch: judges all that is due by then. After all shards have come to it one calls
 * shards_merge() while the others wait; then they go on. The edges are where epochs_due() of
 * meter/epoch.h puts them for the messages of all shards. */
void shard_edge(struct shard *shard, int64_t edge_ns);
void shards_merge(struct shard *const shards[], unsigned count, int64_t edge_ns);

/* The end, in two steps: shard_end() for each, shards_merge(), shard_close() for each. */
void shard_end(struct shard *shard);
void shard_close(struct shard *shard);

/* What takes frames apart, with the limits of the configuration. NULL with a message. */
struct net *shard_net_new(const struct config *config, struct metrics *metrics,
                          struct error *error);

/* From now on the shard also hands on who asked for what (collector.h). Call before the first
 * frame. Without this it keeps no history. Negative errno and a message without memory. */
int shard_keep_history(struct shard *shard, collector_fn sink, void *arg, struct error *error);

/* From now on each transaction is told before it is judged; it is valid during the call. Call
 * before the first frame. */
typedef void (*shard_transaction_fn)(void *arg, const struct transaction *transaction);
void shard_tell(struct shard *shard, shard_transaction_fn tell, void *arg);

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

/* Another configuration and other lists, in two steps of which the second cannot fail; both while
 * the shard takes no packets. What sizes memory and how long a query waits stay as they were; marks
 * and rates of signature rules start anew. The old configuration and lists are not needed any more
 * once the reload is freed. NULL without memory. */
struct shard_reload;
struct shard_reload *shard_reload_prepare(struct shard *shard, const struct config *config,
                                          const struct lists *lists);
void shard_reload(struct shard *shard, struct shard_reload *reload);
void shard_reload_free(struct shard_reload *reload);

/* Shows alerts that are still open: those that were not shown yet, or those that have changed and
 * were shown a minute before `now_ns` or longer ago. They are handed over in the end all the same.
 */
void shard_show_new(struct shard *shard, shard_alert_fn take, void *arg);
void shard_show_changed(struct shard *shard, int64_t now_ns, shard_alert_fn take, void *arg);

/* End of input: everything that waits is judged and every open alert handed over. */
void shard_finish(struct shard *shard);

/* Appends what the shard's meters know and its open alerts to an image, between two calls that take
 * packets; what of the running epoch others do not know yet is not in it. */
void shard_save(const struct shard *shard, struct buf *buf);

/* Goes on from there: call before the first frame. False when the image is another configuration's;
 * then the shard is unfit for use. */
bool shard_load(struct shard *shard, struct image *image);

/* The counters so far; valid until the shard goes on. */
const struct metrics *shard_metrics(struct shard *shard);

/* Whether the counters of a finished shard add up; false with a message that names those that do
 * not. Frames: in = DNS + held + rejected. Messages: in = decoded + malformed = queries +
 * responses. Queries: paired + alone + repeated. Responses: paired + alone + duplicate. Findings:
 * new + merged + suppressed. Alerts: one for each new finding. */
bool metrics_balance(const struct metrics *metrics, struct error *error);
