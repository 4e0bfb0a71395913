/* test_engine.c - shards on threads: the same alerts however many, nothing lost, reload and end
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"
#include "message_build.h"

#include "base/clock.h"
#include "base/hash.h"
#include "input/open.h"
#include "pipeline/readers.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALERTS_MAX = 256, BLOCK_BYTES = 4096 };

static struct knowledge knowledge;
static char seeds[4096], sample[4096]; /* folder, capture */

/* What a run handed over: closed alerts in their order, and how often open ones were shown. */
struct run {
    unsigned count;
    unsigned shown;
    struct metrics metrics;
    struct alert alerts[ALERTS_MAX];
};

static bool take(void *arg, const struct alert *alert, enum outbox_news news)
{
    struct run *run = arg;
    if (news != OUTBOX_CLOSED) {
        run->shown++;
        return true;
    }
    assert_true(run->count < ALERTS_MAX);
    run->alerts[run->count++] = *alert;
    return true;
}

static bool rest(void *arg)
{
    (void)arg;
    return true;
}

static void must(int rc, const struct error *error)
{
    if (rc < 0)
        fail_msg("%s", error->text);
}

/* With a list of these entries. */
static void knowledge_fill(struct knowledge *to, const char *yaml, const char *entries)
{
    struct error error = {""};
    const struct feed_config feed = {
        .name = "evil", .category = CATEGORY_C2, .confidence = 80, .format = FEED_PLAIN};
    must(knowledge_open(to, &error), &error);
    must(knowledge_config(to, "test.yaml", yaml, &error), &error);
    must(knowledge_seeds(to, seeds, &error), &error);
    must(knowledge_feed(to, &feed, entries, &error), &error);
    must(knowledge_build(to, &error), &error);
}

static void knowledge_of(const char *yaml)
{
    knowledge_fill(&knowledge, yaml, "evil-domain.net\n");
}

static struct engine *engine_of(unsigned shards, bool early, struct run *run)
{
    struct engine *engine;
    struct error error;
    const struct engine_config config = {
        .config = knowledge.config,
        .lists = &knowledge.lists,
        .shards = shards,
        .early = early,
        .hooks = {.arg = run, .alert = take, .rest = rest},
    };
    must(engine_new(&config, &engine, &error), &error);
    return engine;
}

/* Of an engine that has finished. */
static void end(struct engine *engine, struct readers *readers, struct run *run)
{
    struct error error;
    engine_metrics(engine, &run->metrics);
    for (unsigned i = 0; readers && i < readers_count(readers); i++)
        readers_metrics(readers, i, &run->metrics);
    if (!metrics_balance(&run->metrics, &error))
        fail_msg("%s", error.text);
    readers_free(readers);
    engine_free(engine);
}

static void broken(void *arg, unsigned reader, int code, const struct error *error)
{
    (void)arg, (void)reader, (void)code;
    fail_msg("%s", error->text);
}

/* Runs captures, read at the same time, as the service does. */
static struct run *run_sources(const char *const paths[], unsigned count, unsigned shards)
{
    struct run *run = calloc(1, sizeof(*run));
    struct source *sources[READERS_MAX];
    struct error error;
    for (unsigned i = 0; i < count; i++) {
        sources[i] = input_open(paths[i], &error);
        if (!sources[i])
            fail_msg("%s", error.text);
    }
    struct engine *engine = engine_of(shards, true, run);
    struct readers *readers = readers_new(knowledge.config, sources, count, &error);
    assert_non_null(readers);
    must(readers_run(readers, engine, broken, NULL, &error), &error);
    engine_finish(engine);
    end(engine, readers, run);
    for (unsigned i = 0; i < count; i++)
        sources[i]->ops->close(sources[i]);
    return run;
}

/* The same in the thread that reads, as `analyze` does. */
static struct run *run_inline(const char *path, unsigned shards)
{
    struct run *run = calloc(1, sizeof(*run));
    struct frame frames[37];
    struct error error;
    int count;
    struct source *source = input_open(path, &error);
    struct engine *engine = engine_of(shards, false, run);
    while ((count = source->ops->read(source, frames, 37, &error)) > 0)
        engine_frames(engine, frames, (size_t)count);
    must(count, &error);
    source->ops->close(source);
    engine_finish(engine);
    end(engine, NULL, run);
    return run;
}

static void assert_same(const struct run *a, const struct run *b)
{
    assert_int_equal(a->count, b->count);
    for (unsigned i = 0; i < a->count; i++)
        assert_memory_equal(&a->alerts[i], &b->alerts[i], sizeof(struct alert));
    assert_memory_equal(&a->metrics, &b->metrics, sizeof(a->metrics));
}

static void alerts_do_not_depend_on_the_number_of_shards(void **state)
{
    (void)state;
    knowledge_of("{}");
    struct run *one = run_inline(sample, 1);
    assert_true(one->count > 10);
    for (unsigned shards = 2; shards <= 7; shards += 5) {
        struct run *other = run_inline(sample, shards);
        assert_same(one, other);
        free(other);
    }
    free(one);
    knowledge_close(&knowledge);
}

struct feeding {
    int fd;
    const char *path;
};

/* Writes a file into a pipe in odd pieces. */
static void *feed_pipe(void *arg)
{
    const struct feeding *feeding = arg;
    char block[BLOCK_BYTES];
    ssize_t got;
    int file = open(feeding->path, O_RDONLY);
    while ((got = read(file, block, 1021)) > 0)
        assert_int_equal(write(feeding->fd, block, (size_t)got), got);
    close(file);
    close(feeding->fd);
    return NULL;
}

static void a_pipe_gives_what_the_file_gives_and_alerts_are_shown_while_open(void **state)
{
    (void)state;
    int ends[2];
    char path[32];
    pthread_t thread;
    knowledge_of("{}");
    struct run *file = run_inline(sample, 2);
    assert_int_equal(pipe(ends), 0);
    struct feeding feeding = {ends[1], sample};
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    pthread_create(&thread, NULL, feed_pipe, &feeding);
    const char *const paths[] = {path};
    struct run *piped = run_sources(paths, 1, 7);
    pthread_join(thread, NULL);
    close(ends[0]);
    assert_same(file, piped);
    assert_true(piped->shown >= piped->count);
    free(file);
    free(piped);
    knowledge_close(&knowledge);
}

static void files_read_at_the_same_time_have_one_order(void **state)
{
    (void)state;
    const char *const paths[] = {sample, sample};
    knowledge_of("{}");
    struct run *one = run_sources(paths, 2, 1);
    struct run *seven = run_sources(paths, 2, 7);
    one->shown = seven->shown = 0;
    assert_same(one, seven);
    free(one);
    free(seven);
    knowledge_close(&knowledge);
}

/* Sends a query for this name from a client of this number. */
static void ask_for(struct engine *engine, unsigned client, const char *name, int64_t time_ns)
{
    struct message_build build;
    build_query(&build, (uint16_t)(time_ns / NS_PER_MS), name, DNS_TYPE_A);
    const struct packet packet = {
        .time_ns = time_ns,
        .src = addr_from_v4((const uint8_t[]){192, 0, (uint8_t)(client >> 8), (uint8_t)client}),
        .dst = addr_from_v4((const uint8_t[]){198, 51, 100, 53}),
        .src_port = 4000,
        .dst_port = 53,
        .len = (uint32_t)build.len,
        .data = build.data,
    };
    engine_messages(engine, &packet, 1);
}

/* The same for a listed domain. */
static void ask(struct engine *engine, unsigned client, int64_t time_ns)
{
    ask_for(engine, client, "www.evil-domain.net", time_ns);
}

struct reloading {
    struct engine *engine;
    const struct knowledge *turns[2]; /* what is loaded, one after the other */
    unsigned turn_asks;               /* a turn lasts until so many more were asked */
    atomic_bool over;
    atomic_uint done;
    atomic_uint asked;
};

static void *reload_often(void *arg)
{
    struct reloading *reloading = arg;
    struct error error;
    while (!atomic_load(&reloading->over)) {
        const struct knowledge *to = reloading->turns[++reloading->done % 2];
        if (engine_reload(reloading->engine, to->config, &to->lists, &error) < 0)
            return NULL;
        unsigned seen = atomic_load(&reloading->asked);
        while (!atomic_load(&reloading->over) &&
               atomic_load(&reloading->asked) - seen < reloading->turn_asks)
            sched_yield();
    }
    return NULL;
}

static void reloads_under_load_lose_nothing(void **state)
{
    (void)state;
    enum { CLIENTS = 200, ROUNDS = 20 };
    pthread_t thread;
    knowledge_of("{}");
    struct run *run = calloc(1, sizeof(*run));
    struct reloading reloading = {
        .engine = engine_of(3, true, run), .turns = {&knowledge, &knowledge}, .turn_asks = 2};
    pthread_create(&thread, NULL, reload_often, &reloading);
    for (unsigned i = 0; i < CLIENTS * ROUNDS; i++) {
        ask(reloading.engine, i % CLIENTS, (int64_t)i * 100 * NS_PER_MS);
        atomic_fetch_add(&reloading.asked, 1);
    }
    atomic_store(&reloading.over, true);
    engine_finish(reloading.engine);
    pthread_join(thread, NULL);
    end(reloading.engine, NULL, run);
    assert_int_equal(run->metrics.value[METRIC_MESSAGES_IN], CLIENTS * ROUNDS);
    assert_int_equal(run->count, CLIENTS);
    for (unsigned i = 0; i < run->count; i++)
        assert_int_equal(run->alerts[i].count, ROUNDS);
    free(run);
    knowledge_close(&knowledge);
}

/* Asks for the name that both lists have and for those that only one has. */
static void ask_for_all(struct engine *engine, unsigned client, int64_t time_ns)
{
    static const char *const names[] = {"both-domain.net", "old-domain.net", "new-domain.net"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
        ask_for(engine, client, names[i], time_ns);
}

static unsigned told_of(const struct run *run, const char *domain)
{
    unsigned count = 0;
    for (unsigned i = 0; i < run->count; i++)
        count += strcmp(run->alerts[i].domain, domain) == 0 ? run->alerts[i].count : 0;
    return count;
}

/* Which list a query meets is chance, but one it is. A turn brings the busiest shard twice the
 * messages that can wait for it: it meets each list. */
static void while_lists_change_each_query_meets_the_old_or_the_new_one(void **state)
{
    (void)state;
    enum { CLIENTS = 60, TURN_ASKS = 2 * RING_BATCHES * BATCH_MESSAGES, TURNS = 5 };
    static struct knowledge newer;
    pthread_t thread;
    knowledge_fill(&knowledge, "{}", "both-domain.net\nold-domain.net\n");
    knowledge_fill(&newer, "{}", "both-domain.net\nnew-domain.net\n");
    struct run *run = calloc(1, sizeof(*run));
    struct reloading reloading = {
        .engine = engine_of(3, true, run), .turns = {&knowledge, &newer}, .turn_asks = TURN_ASKS};
    ask_for_all(reloading.engine, 0, 0);
    unsigned asked = 1;
    pthread_create(&thread, NULL, reload_often, &reloading);
    for (; reloading.done < TURNS && asked < 100 * TURNS * TURN_ASKS; asked++) {
        ask_for_all(reloading.engine, asked % CLIENTS, (int64_t)asked * NS_PER_MS);
        atomic_fetch_add(&reloading.asked, 1);
    }
    atomic_store(&reloading.over, true);
    engine_finish(reloading.engine);
    pthread_join(thread, NULL);
    end(reloading.engine, NULL, run);
    assert_int_equal(told_of(run, "both-domain.net"), asked);
    assert_in_range(told_of(run, "old-domain.net"), 1, asked - 1);
    assert_in_range(told_of(run, "new-domain.net"), 1, asked - 1);
    free(run);
    knowledge_close(&newer);
    knowledge_close(&knowledge);
}

static void *stop_soon(void *arg)
{
    usleep(50 * 1000);
    readers_stop(arg);
    return NULL;
}

/* A pipe that nobody writes to any more, but that stays open. */
static void a_source_that_waits_can_be_stopped_and_what_came_is_judged(void **state)
{
    (void)state;
    int ends[2];
    char path[32], block[BLOCK_BYTES];
    pthread_t thread;
    struct error error;
    knowledge_of("{}");
    assert_int_equal(pipe(ends), 0);
    int file = open(sample, O_RDONLY);
    ssize_t got = read(file, block, sizeof(block));
    assert_int_equal(write(ends[1], block, (size_t)got), got);
    close(file);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    struct source *source = input_open(path, &error);
    struct run *run = calloc(1, sizeof(*run));
    struct engine *engine = engine_of(2, true, run);
    struct readers *readers = readers_new(knowledge.config, &source, 1, &error);
    pthread_create(&thread, NULL, stop_soon, readers);
    must(readers_run(readers, engine, broken, NULL, &error), &error);
    pthread_join(thread, NULL);
    engine_finish(engine);
    end(engine, readers, run);
    assert_true(run->metrics.value[METRIC_MESSAGES_IN] > 5);
    source->ops->close(source);
    close(ends[0]);
    close(ends[1]);
    free(run);
    knowledge_close(&knowledge);
}

int main(void)
{
    const char *root = getenv("TEST_SOURCE_ROOT");
    snprintf(seeds, sizeof(seeds), "%s/data/intel", root);
    snprintf(sample, sizeof(sample), "%s/data/captures/sample.pcap", root);
    hash_seed_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts_do_not_depend_on_the_number_of_shards),
        cmocka_unit_test(a_pipe_gives_what_the_file_gives_and_alerts_are_shown_while_open),
        cmocka_unit_test(files_read_at_the_same_time_have_one_order),
        cmocka_unit_test(reloads_under_load_lose_nothing),
        cmocka_unit_test(while_lists_change_each_query_meets_the_old_or_the_new_one),
        cmocka_unit_test(a_source_that_waits_can_be_stopped_and_what_came_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
