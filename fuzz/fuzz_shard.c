/* fuzz_shard.c - any bytes as DNS messages between a client and a server, all the way to alerts
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input is a series of messages: a byte of flags (bit 0: from the server, bit 1: TCP, bit 2:
 * cut, bit 3: one from the server comes back to it), a byte of seconds since the one before, two
 * bytes of length, the message. Whatever they say, every message ends in one transaction and every
 * counter adds up. */
#include "knowledge.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "pipeline/shard.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGES_MAX = 64, CLIENT_PORT = 40000, SERVER_PORT = 53 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct knowledge knowledge;

static void knowledge_once(void)
{
    static const char list[] = "evil.net\n*.bad.org\n203.0.113.0/24\n2001:db8::/32\n";
    static const struct feed_config feed = {
        .name = "list", .category = CATEGORY_SINKHOLE, .confidence = 90, .format = FEED_PLAIN};
    /* Small tables: a shard is made for every input, and full ones are met sooner. */
    static const char small[] =
        "capture: {fragment_memory_mib: 1, stream_memory_mib: 1, streams_max: 16}\n"
        "transactions: {memory_mib: 1}\n"
        "domains: {records_max: 1024}\n"
        "epochs: {domains_max: 1024}\n"
        "tunnels: {records_max: 1024}\n"
        "bursts: {records_max: 64}\n"
        "anomalies: {records_max: 64}\n"
        "alerts: {open_max: 16}\n";
    struct error error = {""};
    if (knowledge.lists.intel)
        return;
    if (knowledge_open(&knowledge, &error) < 0 ||
        knowledge_config(&knowledge, "fuzz", small, &error) < 0 ||
        knowledge_feed(&knowledge, &feed, list, &error) < 0 ||
        knowledge_build(&knowledge, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
}

static void alert_check(void *arg, const struct alert *alert)
{
    (void)arg;
    assert(alert->count > 0 && alert->start_ns <= alert->end_ns);
}

static void messages_play(struct shard *shard, struct cursor input)
{
    static const struct addr client = {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
    static const struct addr server = {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 53}};
    int64_t time_ns = 0;
    for (unsigned i = 0; i < MESSAGES_MAX && cursor_left(&input); i++) {
        uint8_t flags = cursor_u8(&input);
        time_ns += cursor_u8(&input) * NS_PER_S;
        size_t want = cursor_be16(&input);
        size_t len = want < cursor_left(&input) ? want : cursor_left(&input);
        bool answer = flags & 1;
        const struct packet packet = {
            .time_ns = time_ns,
            .src = answer ? server : client,
            .dst = answer ? client : server,
            .src_port = answer ? SERVER_PORT : CLIENT_PORT,
            .dst_port = answer ? CLIENT_PORT : SERVER_PORT,
            .transport = flags & 2 ? TRANSPORT_TCP : TRANSPORT_UDP,
            .cut = flags & 4,
            .bounced = answer && flags & 8,
            .len = (uint32_t)len,
            .data = cursor_take(&input, len),
        };
        if (packet.bounced)
            shard_packets(shard, &packet, 1);
        else
            shard_packet(shard, &packet);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct shard *shard;
    struct error error = {""};
    knowledge_once();
    if (shard_new(knowledge.config, &knowledge.lists, alert_check, NULL, &shard, &error) < 0)
        return 0;
    messages_play(shard, cursor_of(data, len));
    shard_finish(shard);
    if (!metrics_balance(shard_metrics(shard), &error)) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    shard_free(shard);
    return 0;
}
