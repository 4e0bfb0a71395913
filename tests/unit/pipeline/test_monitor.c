/* test_monitor.c - a running engine answers for itself, and its meters go on in the next one
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"
#include "message_build.h"

#include "base/clock.h"
#include "base/hash.h"
#include "pipeline/monitor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct knowledge knowledge;
static char folder[64];
static char reply[1 << 20];
static struct message_build build;

/* What the engine handed over. */
static atomic_uint alerts_closed, count_last;
static char id_last[ALERT_ID_MAX];
static atomic_uint alive_count;

static bool take(void *arg, const struct alert *alert, enum outbox_news news)
{
    (void)arg;
    if (news != OUTBOX_CLOSED)
        return true;
    atomic_fetch_add(&alerts_closed, 1);
    atomic_store(&count_last, (unsigned)alert->count);
    snprintf(id_last, sizeof(id_last), "%s", alert->id);
    return true;
}

static bool rest(void *arg)
{
    (void)arg;
    return true;
}

static void vitals(void *arg, struct vitals *ret)
{
    (void)arg;
    ret->source_count = 1;
    ret->sources[0].name = "test";
    ret->indicators = 1;
}

static void alive(void *arg)
{
    (void)arg;
    atomic_fetch_add(&alive_count, 1);
}

static const struct monitor_hooks hooks = {NULL, vitals, alive};

static void must(int rc, const struct error *error)
{
    if (rc < 0)
        fail_msg("%s", error->text);
}

static int start(void **context)
{
    (void)context;
    struct error error = {""};
    char yaml[256];
    const struct feed_config feed = {
        .name = "evil", .category = CATEGORY_C2, .confidence = 80, .format = FEED_PLAIN};
    snprintf(folder, sizeof(folder), "/tmp/dnsvigil-monitor-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(yaml, sizeof(yaml), "{shards: 2, api: {listen: '127.0.0.1:0'}, state_dir: %s}\n",
             folder);
    alerts_closed = count_last = alive_count = 0;
    must(knowledge_open(&knowledge, &error), &error);
    must(knowledge_config(&knowledge, "test.yaml", yaml, &error), &error);
    must(knowledge_feed(&knowledge, &feed, "evil-domain.net\n", &error), &error);
    must(knowledge_build(&knowledge, &error), &error);
    return 0;
}

static int finish(void **context)
{
    (void)context;
    char *path = state_path(knowledge.config);
    unlink(path);
    free(path);
    rmdir(folder);
    knowledge_close(&knowledge);
    return 0;
}

static struct engine *engine_open(struct state *state)
{
    struct error error = {""};
    struct engine *engine;
    const struct engine_config config = {.config = knowledge.config,
                                         .lists = &knowledge.lists,
                                         .early = true,
                                         .state = state,
                                         .hooks = {.alert = take, .rest = rest}};
    must(engine_new(&config, &engine, &error), &error);
    return engine;
}

static void engine_close(struct engine *engine)
{
    engine_finish(engine);
    engine_free(engine);
}

static void ask(struct engine *engine, double at_s)
{
    build_query(&build, 7, "evil-domain.net", DNS_TYPE_A);
    const struct packet packet = {
        .time_ns = (int64_t)(at_s * (double)NS_PER_S),
        .src = addr_from_v4((const uint8_t[4]){192, 0, 2, 1}),
        .dst = addr_from_v4((const uint8_t[4]){192, 0, 2, 53}),
        .src_port = 4000,
        .dst_port = 53,
        .len = (uint32_t)build.len,
        .data = build.data,
    };
    engine_messages(engine, &packet, 1);
    engine_flush(engine);
}

static int get(const struct monitor *monitor, const char *path)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)monitor_port(monitor)),
                               .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char request[128];
    size_t len = 0;
    int code = 0;
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    int all = snprintf(request, sizeof(request),
                       "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    assert_int_equal(send(fd, request, (size_t)all, MSG_NOSIGNAL), all);
    while ((n = read(fd, reply + len, sizeof(reply) - 1 - len)) > 0)
        len += (size_t)n;
    reply[len] = 0;
    close(fd);
    sscanf(reply, "HTTP/1.%*d %d", &code);
    return code;
}

static void it_answers_for_the_engine(void **context)
{
    (void)context;
    struct error error = {""};
    struct monitor *monitor;
    must(monitor_open(knowledge.config, &hooks, &monitor, &error), &error);
    struct engine *engine = engine_open(NULL);
    must(monitor_start(monitor, engine, &error), &error);
    ask(engine, 1e6);
    while (atomic_load(&alive_count) == 0) {
        engine_serve(engine);
        usleep(1000);
    }
    assert_int_equal(get(monitor, "/healthz"), 200);
    assert_int_equal(get(monitor, "/readyz"), 200);
    assert_int_equal(get(monitor, "/metrics"), 200);
    assert_non_null(strstr(reply, "\ndnsvigil_messages_in_total 1\n"));
    assert_non_null(strstr(reply, "\ndnsvigil_ready 1\n"));
    assert_non_null(strstr(reply, "\ndnsvigil_shards 2\n"));
    monitor_stop(monitor);
    engine_close(engine);
    monitor_close(monitor);
}

/* Traffic is not served, so no probe comes back. */
static void who_stands_still_is_not_ready(void **context)
{
    (void)context;
    struct error error = {""};
    struct monitor *monitor;
    must(monitor_open(knowledge.config, &hooks, &monitor, &error), &error);
    struct engine *engine = engine_open(NULL);
    must(monitor_start(monitor, engine, &error), &error);
    int code = 200;
    for (unsigned i = 0; i < 100 && code == 200; i++) {
        usleep(100000);
        code = get(monitor, "/readyz");
    }
    assert_int_equal(code, 503);
    assert_non_null(strstr(reply, "stands still"));
    assert_int_equal(get(monitor, "/healthz"), 503);
    assert_non_null(strstr(reply, "stands still"));
    monitor_stop(monitor);
    engine_close(engine);
    monitor_close(monitor);
}

struct keeping {
    struct engine *engine;
    atomic_bool done;
    int rc;
    struct error error;
};

static void *keep_run(void *arg)
{
    struct keeping *keeping = arg;
    keeping->rc = engine_keep(keeping->engine, &keeping->error);
    atomic_store(&keeping->done, true);
    return NULL;
}

/* Keeps the engine's state as another thread does while this one gives traffic. */
static void keep(struct engine *engine)
{
    pthread_t thread;
    struct keeping keeping = {.engine = engine};
    assert_int_equal(pthread_create(&thread, NULL, keep_run, &keeping), 0);
    while (!atomic_load(&keeping.done)) {
        engine_serve(engine);
        usleep(1000);
    }
    pthread_join(thread, NULL);
    must(keeping.rc, &keeping.error);
}

static void the_next_engine_goes_on_with_the_same_alert(void **context)
{
    (void)context;
    struct error error = {""};
    struct state state;
    struct metrics metrics;
    char id[ALERT_ID_MAX];
    uint64_t seed = hash_seed;
    struct engine *first = engine_open(NULL);
    ask(first, 1e6);
    ask(first, 1e6 + 20); /* by now the first query is judged */
    keep(first);
    engine_close(first);
    assert_int_equal(alerts_closed, 1);
    snprintf(id, sizeof(id), "%s", id_last);
    char *path = state_path(knowledge.config);
    must(state_read(path, knowledge.config, 1 + 2, clock_now_ns(), &state, &error), &error);
    assert_int_equal(hash_seed, seed);
    struct engine *second = engine_open(&state);
    state_done(&state);
    ask(second, 1e6 + 40);
    engine_finish(second);
    engine_metrics(second, &metrics);
    engine_free(second);
    assert_int_equal(metrics.value[METRIC_ALERTS_RESUMED], 1);
    assert_true(metrics_balance(&metrics, &error));
    assert_int_equal(alerts_closed, 2);
    assert_string_equal(id_last, id);
    assert_int_equal(count_last, 2); /* the second query was still open when it was kept */
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_answers_for_the_engine, start, finish),
        cmocka_unit_test_setup_teardown(who_stands_still_is_not_ready, start, finish),
        cmocka_unit_test_setup_teardown(the_next_engine_goes_on_with_the_same_alert, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
