/* bench.c - what a packet costs, stage by stage, against a bare walk over the same file
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: bench CAPTURE [INDICATORS [RUNS [RULES]]]
 *
 * Each stage includes the ones above it and is run RUNS times over the whole capture (pcap,
 * microseconds, this machine's byte order, Ethernet); the median of CPU time counts. Absolute times
 * do not travel between machines, the ratio to the floor does. Start-up (reading lists) is shown
 * apart. */
#include "base/clock.h"
#include "base/hash.h"
#include "decode/message.h"
#include "decode/net.h"
#include "input/open.h"
#include "pipeline/lists.h"
#include "pipeline/shard.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 25, FRAMES_BATCH = 256, PCAP_HEADER = 24, RECORD_HEADER = 16 };

struct bench {
    const char *path;
    const uint8_t *file;
    size_t len;
    struct config *config;
    struct lists lists;
    struct metrics metrics;
    struct arena records;
    uint64_t alerts;
    uint64_t packets;
    int64_t apart_ns; /* CPU time of a run that is start-up and end, not packets */
};

/* Runs one stage once and returns how many packets it saw. */
typedef uint64_t (*stage_fn)(struct bench *bench);

static volatile uint64_t sink; /* keeps results alive */

static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

/* The floor: steps from record to record and touches each network header. */
static uint64_t stage_floor(struct bench *bench)
{
    uint64_t packets = 0, sum = 0;
    for (size_t at = PCAP_HEADER; at + RECORD_HEADER <= bench->len; packets++) {
        uint32_t caplen;
        memcpy(&caplen, bench->file + at + 8, sizeof(caplen));
        if (caplen > bench->len - at - RECORD_HEADER)
            break;
        const uint8_t *frame = bench->file + at + RECORD_HEADER;
        sum += caplen >= 34 ? frame[14] + frame[23] + frame[33] : 0;
        at += RECORD_HEADER + caplen;
    }
    sink += sum;
    return packets;
}

typedef void (*frames_fn)(void *arg, const struct frame *frames, size_t count);

static uint64_t capture_walk(struct bench *bench, frames_fn take, void *arg)
{
    struct frame frames[FRAMES_BATCH];
    struct error error;
    uint64_t packets = 0;
    int count;
    struct source *source = input_open(bench->path, &error);
    if (!source)
        die(bench->path, error.text);
    if (!source->ops->read)
        die(bench->path, "no frames in it: dnstap tells of messages");
    while ((count = source->ops->read(source, frames, FRAMES_BATCH, &error)) > 0) {
        take(arg, frames, (size_t)count);
        packets += (uint64_t)count;
    }
    if (count < 0)
        die(bench->path, error.text);
    source->ops->close(source);
    return packets;
}

static void frames_touch(void *arg, const struct frame *frames, size_t count)
{
    (void)arg;
    for (size_t i = 0; i < count; i++)
        sink += frames[i].data[frames[i].caplen / 2];
}

static uint64_t stage_read(struct bench *bench)
{
    return capture_walk(bench, frames_touch, NULL);
}

static void packet_touch(void *arg, const struct packet *packet)
{
    (void)arg;
    sink += packet->len;
}

static void packet_decode(void *arg, const struct packet *packet)
{
    struct bench *bench = arg;
    struct dns_message message;
    arena_reset(&bench->records);
    message_decode(&message, packet->data, packet->len, &bench->records);
    sink += message.record_count;
}

struct net_walk_arg {
    struct net *net;
    net_packet_fn take;
    void *arg;
};

static void frames_net(void *arg, const struct frame *frames, size_t count)
{
    struct net_walk_arg *walk = arg;
    for (size_t i = 0; i < count; i++)
        net_frame(walk->net, &frames[i], walk->take, walk->arg);
}

static uint64_t net_walk(struct bench *bench, net_packet_fn take)
{
    struct error error;
    struct net_walk_arg walk = {
        .net = net_new(&net_config_default, &bench->metrics, &error), .take = take, .arg = bench};
    if (!walk.net)
        die("network decoder", error.text);
    uint64_t packets = capture_walk(bench, frames_net, &walk);
    net_free(walk.net);
    return packets;
}

static uint64_t stage_network(struct bench *bench)
{
    return net_walk(bench, packet_touch);
}

static uint64_t stage_message(struct bench *bench)
{
    return net_walk(bench, packet_decode);
}

static void alert_count(void *arg, const struct alert *alert)
{
    struct bench *bench = arg;
    bench->alerts++;
    sink += alert->count;
}

static void frames_shard(void *arg, const struct frame *frames, size_t count)
{
    shard_frames(arg, frames, count);
}

static struct shard *bench_shard_open(struct bench *bench)
{
    struct shard *shard;
    struct error error;
    int64_t began = cpu_ns();
    if (shard_new(bench->config, &bench->lists, alert_count, bench, &shard, &error) < 0)
        die("worker", error.text);
    bench->apart_ns += cpu_ns() - began;
    return shard;
}

static void bench_shard_close(struct bench *bench, struct shard *shard)
{
    struct error error;
    if (!metrics_balance(shard_metrics(shard), &error))
        die("counters", error.text);
    int64_t began = cpu_ns();
    shard_free(shard);
    bench->apart_ns += cpu_ns() - began;
}

static uint64_t stage_everything(struct bench *bench)
{
    bench->alerts = 0;
    struct shard *shard = bench_shard_open(bench);
    uint64_t packets = capture_walk(bench, frames_shard, shard);
    shard_finish(shard);
    bench_shard_close(bench, shard);
    return packets;
}

static int time_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double stage_time(struct bench *bench, stage_fn stage, int runs)
{
    double times[RUNS_MAX];
    for (int i = 0; i < runs; i++) {
        int64_t began = cpu_ns();
        bench->apart_ns = 0;
        bench->packets = stage(bench);
        times[i] = (double)(cpu_ns() - began - bench->apart_ns) / (double)bench->packets;
    }
    qsort(times, (size_t)runs, sizeof(*times), time_order);
    return times[runs / 2];
}

static void stages_run(struct bench *bench, int runs)
{
    static const struct {
        const char *name;
        stage_fn run;
    } stages[] = {
        {"bare walk (the floor)", stage_floor},     {"read the capture", stage_read},
        {"+ link, IP, UDP, TCP", stage_network},    {"+ DNS message", stage_message},
        {"everything to alerts", stage_everything},
    };
    double floor = 0;
    printf("%-24s %10s %10s\n", "stage", "ns/packet", "x floor");
    for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
        double ns = stage_time(bench, stages[i].run, runs);
        floor = i == 0 ? ns : floor;
        printf("%-24s %10.1f %10.1f\n", stages[i].name, ns, ns / floor);
    }
}

static void report_nothing(void *arg, const char *name, const struct feed_report *report,
                           const char *failure)
{
    (void)arg, (void)report;
    if (failure)
        die(name, failure);
}

static void config_make(struct bench *bench, const char *rules)
{
    char text[4096];
    struct error error;
    int len = snprintf(text, sizeof(text),
                       "intel: {seed_dir: " SEED_DIR "}\nrules: {own: false, paths: [%s]}\n",
                       rules ? rules : "");
    if (config_load_text("bench", text, (size_t)len, &bench->config, &error) < 0)
        die("configuration", error.text);
}

static void lists_read(struct bench *bench, const char *indicators, const char *rules)
{
    const struct feed_config feed = {.name = "bench",
                                     .path = indicators,
                                     .category = CATEGORY_SUSPICIOUS,
                                     .confidence = 75,
                                     .format = FEED_PLAIN,
                                     .expiry_days = 36500};
    struct error error;
    size_t hot;
    int64_t began = cpu_ns();
    config_make(bench, rules);
    if (lists_load(bench->config, &feed, indicators != NULL, report_nothing, NULL, &bench->lists,
                   &error) < 0)
        die("lists", error.text);
    double seconds = (double)(cpu_ns() - began) / NS_PER_S;
    size_t count = intel_count(bench->lists.intel);
    size_t bytes = intel_bytes(bench->lists.intel, &hot);
    printf("%zu indicators read in %.2f s of CPU: %.1f MB, %.1f bytes each, %.1f of them hot\n",
           count, seconds, (double)bytes / 1e6, (double)bytes / (double)count,
           (double)hot / (double)count);
    if (bench->lists.rules)
        printf("%u rules, %.1f MB of index\n", bench->lists.rules->count,
               (double)rule_index_bytes(bench->lists.rule_index) / 1e6);
}

static void capture_map(struct bench *bench)
{
    struct stat info;
    int fd = open(bench->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0)
        die(bench->path, "cannot be read");
    bench->len = (size_t)info.st_size;
    void *map = mmap(NULL, bench->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED)
        die(bench->path, "cannot be mapped");
    bench->file = map;
    close(fd);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct rusage usage;
    int runs = argc > 3 ? atoi(argv[3]) : 5;
    if (argc < 2 || runs < 1 || runs > RUNS_MAX)
        die("usage", "bench CAPTURE [INDICATORS [RUNS 1-25 [RULES]]]");
    hash_seed_init();
    bench.path = argv[1];
    if (!arena_init(&bench.records, MESSAGE_ARENA_BYTES))
        die("memory", "none left");
    capture_map(&bench);
    lists_read(&bench, argc > 2 ? argv[2] : NULL, argc > 4 ? argv[4] : NULL);
    stages_run(&bench, runs);
    getrusage(RUSAGE_SELF, &usage);
    printf("%" PRIu64 " packets, %.1f bytes each; %" PRIu64 " alerts; %.0f MB of memory\n",
           bench.packets, (double)bench.len / (double)bench.packets, bench.alerts,
           (double)usage.ru_maxrss / 1024);
    return 0;
}
