/* selftest.c - a clear case for each detector sent through all there is, to see which of them fire
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/selftest.h"

#include "base/clock.h"
#include "base/hash.h"
#include "input/log.h"
#include "input/sources.h"
#include "pipeline/ability.h"
#include "pipeline/engine.h"
#include "pipeline/keeper.h"

#include <dnsvigil/rrtype.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    VIEWS_MAX = 1 + LACKS_CLIENT * 2, /* everything, and each way to tell less */
    SOURCES_MAX = 64,                 /* bits of selftest_result.blind */
    TEXT_MAX = 512,
    ARENA_BYTES = 4 * LOG_MESSAGE_MAX,
    ANSWER_MS = 10,
    PORT_FIRST = 10000,
    PORTS = 50000,
    BEGAN_S = 4 * 3600, /* so long ago: the last story must not lie in the future */
};

const char *const selftest_slugs[SELFTEST_STATE_COUNT] = {
#define SELFTEST_STATE(id, slug, text) slug,
#include "pipeline/selftest_states.def"
#undef SELFTEST_STATE
};

const char *const selftest_texts[SELFTEST_STATE_COUNT] = {
#define SELFTEST_STATE(id, slug, text) text,
#include "pipeline/selftest_states.def"
#undef SELFTEST_STATE
};

struct story {
    enum detector detector;
    const char *name;
    const char *qtype;
    const char *rcode;
    const char *type; /* "0": no answer */
    const char *data;
    unsigned times;
    unsigned pause_ms;
};

static const struct story stories[] = {
#define STORY(detector, name, qtype, rcode, type, data, times, pause_ms)                           \
    {DETECTOR_##detector, name, #qtype, #rcode, #type, data, times, pause_ms},
#include "pipeline/selftest_stories.def"
#undef STORY
};

/* One performance: the engine, and whose alerts have come. */
struct selftest {
    const struct config *config;
    const struct lists *lists;
    struct engine *engine;
    struct canary canary;
    struct keeper keeper;
    struct arena arena;
    char folder[PATH_MAX];
    char path[PATH_MAX]; /* of the store */
    int64_t now_ns;      /* event time */
    uint32_t serial;     /* of the messages: makes ids, ports and what is random */
    unsigned view_count;
    uint8_t lacks[VIEWS_MAX];
    uint32_t fired[VIEWS_MAX]; /* bit (1 << enum detector) */
};

/* The clients of a view and a detector: 2001:db8:5e1f:VIEW::DETECTOR (RFC 3849). */
static struct addr client_of(unsigned view, unsigned detector)
{
    const uint8_t bytes[16] = {
        0x20, 0x01, 0x0d, 0xb8, 0x5e, 0x1f, 0, (uint8_t)view, [15] = (uint8_t)(detector + 1)};
    return addr_from_v6(bytes);
}

/* What {hex} or {letters} stand for this time. */
static void random_add(struct buf *text, const char *alphabet, unsigned letters, unsigned count,
                       uint64_t number)
{
    uint64_t rest = hash_bytes(&number, sizeof(number), HASH_FIXED_SEED);
    for (unsigned i = 0; i < count; i++, rest /= letters)
        buf_char(text, alphabet[rest % letters]);
}

/* Fills in a pattern; `number` is that of the question. */
static void pattern_fill(struct selftest *selftest, const char *pattern, unsigned number,
                         struct buf *text)
{
    buf_reset(text);
    for (; *pattern; pattern++) {
        uint64_t random = (uint64_t)selftest->serial << 32 | (text->len + 1);
        if (strncmp(pattern, "{i}", 3) == 0)
            buf_printf(text, "%u", number);
        else if (strncmp(pattern, "{hex}", 5) == 0)
            random_add(text, "0123456789abcdef", 16, 12, random);
        else if (strncmp(pattern, "{letters}", 9) == 0)
            random_add(text, "abcdefghijklmnopqrstuvwxyz", 26, 10, random);
        else {
            buf_char(text, *pattern);
            continue;
        }
        pattern = strchr(pattern, '}');
    }
}

/* The question and what of its answer a source that lacks this tells. */
static void record_make(struct selftest *selftest, unsigned view, const struct story *story,
                        struct log_record *record)
{
    const uint8_t lacks = selftest->lacks[view];
    log_record_begin(record, lacks & LACKS_RESPONSE ? LOG_QUERY : LOG_QUERY | LOG_RESPONSE,
                     selftest->now_ns);
    record->response_time_ns = selftest->now_ns + ANSWER_MS * NS_PER_MS;
    record->client = client_of(view, story->detector);
    record->server = client_of(view, UINT8_MAX - 1);
    record->client_port = (uint16_t)(PORT_FIRST + selftest->serial % PORTS);
    record->server_port = selftest->config->capture.ports.items[0];
    record->lacks = lacks;
    record->qtype = (uint16_t)rrtype_parse(story->qtype);
    record->rcode = lacks & LACKS_RCODE ? 0 : (uint16_t)rcode_parse(story->rcode);
}

static void question_play(struct selftest *selftest, unsigned view, const struct story *story,
                          struct log_record *record, const struct log_text *name,
                          const struct log_text *data)
{
    struct packet packets[2];
    unsigned count;
    record_make(selftest, view, story, record);
    record->qname = *name;
    struct log_answer *answer = story->type[0] != '0' && !(record->lacks & LACKS_ANSWERS)
                                    ? log_record_answer(record)
                                    : NULL;
    if (answer)
        *answer = (struct log_answer){
            .data = *data, .type = (uint16_t)rrtype_parse(story->type), .ttl = 300};
    arena_reset(&selftest->arena);
    enum log_verdict verdict =
        log_rebuild(record, (uint16_t)(selftest->serial++ * 7), &selftest->arena, packets, &count);
    assert(verdict == LOG_TAKEN); /* the stories are ours */
    for (unsigned i = 0; i < count && selftest->lacks[view] == 0; i++)
        packets[i].lacks = 0;
    engine_messages(selftest->engine, packets, count);
    selftest->now_ns += (story->pause_ms + 2 * ANSWER_MS) * NS_PER_MS;
}

static void story_play(struct selftest *selftest, unsigned view, const struct story *story,
                       struct log_record *record)
{
    struct buf name, data;
    buf_init(&name, TEXT_MAX);
    buf_init(&data, TEXT_MAX);
    for (unsigned i = 1; i <= story->times; i++) {
        pattern_fill(selftest, story->name, i, &name);
        pattern_fill(selftest, story->data, i, &data);
        const struct log_text texts[] = {log_text_of(name.data, name.len),
                                         log_text_of(data.data, data.len)};
        question_play(selftest, view, story, record, &texts[0], &texts[1]);
    }
    buf_done(&name);
    buf_done(&data);
}

static int stories_play(struct selftest *selftest, struct error *error)
{
    struct log_record *record = calloc(1, sizeof(*record));
    if (!record || !arena_init(&selftest->arena, ARENA_BYTES)) {
        free(record);
        return error_set(error, -ENOMEM, "no memory for stories");
    }
    for (unsigned view = 0; view < selftest->view_count; view++)
        for (size_t i = 0; i < sizeof(stories) / sizeof(*stories); i++)
            story_play(selftest, view, &stories[i], record);
    engine_canary(selftest->engine, &selftest->canary);
    engine_serve(selftest->engine);
    free(record);
    return 0;
}

/* A way of telling less is played once, however many sources have it. */
static unsigned view_of(struct selftest *selftest, uint8_t lacks)
{
    unsigned i = 0;
    while (i < selftest->view_count && selftest->lacks[i] != lacks)
        i++;
    if (i == selftest->view_count) {
        assert(i < VIEWS_MAX);
        selftest->lacks[selftest->view_count++] = lacks;
    }
    return i;
}

static void views_make(struct selftest *selftest)
{
    const struct config_source_list *sources = &selftest->config->sources;
    view_of(selftest, 0);
    for (uint32_t i = 0; i < sources->count; i++)
        if (sources->items[i].enabled)
            view_of(selftest, source_lacks(&sources->items[i]));
}

/* A store_alert_fn. */
static int alert_look(void *arg, const struct alert *alert, struct error *error)
{
    struct selftest *selftest = arg;
    struct addr entity;
    (void)error;
    if (!addr_parse(alert->entity_ip, strlen(alert->entity_ip), &entity))
        return 0;
    for (unsigned view = 0; view < selftest->view_count; view++) {
        const struct addr client = client_of(view, alert->detector);
        if (addr_equal(&client, &entity))
            selftest->fired[view] |= 1u << alert->detector;
    }
    return 0;
}

static int store_make(struct selftest *selftest, struct error *error)
{
    const struct store_config store = {.busy_timeout_ms = 1000, .checkpoint_pages = 1000};
    const char *temporary = getenv("TMPDIR");
    snprintf(selftest->folder, sizeof(selftest->folder), "%s/dnsvigil-selftest-XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(selftest->folder)) {
        int r = -errno;
        selftest->folder[0] = '\0';
        return error_set(error, r, "no folder for a store can be made in $TMPDIR or /tmp: %s",
                         strerror(-r));
    }
    int len = snprintf(selftest->path, sizeof(selftest->path), "%s/alerts.db", selftest->folder);
    if (len >= (int)sizeof(selftest->path))
        return error_set(error, -ENAMETOOLONG, "%s: the path is too long", selftest->folder);
    return store_open(selftest->path, STORE_WRITE, &store, &selftest->keeper.store, error);
}

static void folder_remove(const char *path)
{
    char file[PATH_MAX + sizeof(((struct dirent *)0)->d_name)];
    struct dirent *entry;
    DIR *folder = *path ? opendir(path) : NULL;
    while (folder && (entry = readdir(folder))) {
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        unlink(file);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

/* Tells everything and waits until every alert is stored. */
static int perform(struct selftest *selftest, struct error *error)
{
    struct keeper *keeper = &selftest->keeper;
    struct store *store = keeper->store;
    keeper_init(keeper, store, selftest->config, selftest->lists);
    keeper->canary = &selftest->canary;
    const struct engine_config engine = {
        .config = selftest->config,
        .lists = selftest->lists,
        .hooks = keeper_hooks(keeper),
    };
    int r = engine_new(&engine, &selftest->engine, error);
    if (r == 0) {
        keeper->outbox = engine_outbox(selftest->engine);
        r = stories_play(selftest, error);
        engine_finish(selftest->engine);
    }
    engine_free(selftest->engine);
    arena_done(&selftest->arena);
    if (r == 0 && keeper->failure)
        r = error_set(error, keeper->failure, "%s", keeper->error.text);
    keeper_done(keeper);
    return r;
}

static int alerts_look(struct selftest *selftest, struct error *error)
{
    const struct store_filter all = {.statuses = (1u << ALERT_STATUS_COUNT) - 1};
    return store_list(selftest->keeper.store, &all, alert_look, selftest, error);
}

/* Whether something but the program's own rules is there to go by. */
static bool has_other_rules(const struct config *config)
{
    return !config->rules.own || config->rules.paths.count > 0;
}

static enum selftest_state state_of(const struct selftest *selftest, enum detector detector,
                                    uint64_t seeing)
{
    static const enum selftest_state unable[] = {
        [ABILITY_OFF] = SELFTEST_OFF, [ABILITY_UNLISTED] = SELFTEST_UNLISTED};
    enum ability ability =
        ability_of(detector, selftest->config, selftest->lists, selftest->now_ns);
    bool fired = selftest->fired[0] >> detector & 1;
    if (ability != ABILITY_ABLE)
        return unable[ability];
    if (!fired && detector == DETECTOR_SIGNATURE && has_other_rules(selftest->config))
        return SELFTEST_UNPROVEN;
    if (!fired)
        return SELFTEST_SILENT;
    return seeing ? SELFTEST_FIRES : SELFTEST_STARVED;
}

static void detector_judge(struct selftest *selftest, enum detector detector,
                           struct selftest_result *result)
{
    const struct config_source_list *sources = &selftest->config->sources;
    uint64_t seeing = 0, enabled = 0;
    assert(sources->count <= SOURCES_MAX);
    for (uint32_t i = 0; i < sources->count; i++) {
        if (!sources->items[i].enabled)
            continue;
        unsigned view = view_of(selftest, source_lacks(&sources->items[i]));
        enabled |= UINT64_C(1) << i;
        seeing |= (uint64_t)(selftest->fired[view] >> detector & 1) << i;
    }
    result->states[detector] = state_of(selftest, detector, enabled ? seeing : UINT64_MAX);
    result->blind[detector] = result->states[detector] == SELFTEST_FIRES ? enabled & ~seeing : 0;
}

static void judge(struct selftest *selftest, struct selftest_result *ret_result)
{
    int64_t sent_ns, came_ns, travelled_ns;
    *ret_result = (struct selftest_result){0};
    for (int i = 0; i < DETECTOR_COUNT; i++)
        detector_judge(selftest, (enum detector)i, ret_result);
    canary_look(&selftest->canary, &sent_ns, &came_ns, &travelled_ns);
    ret_result->canary_sent = sent_ns || came_ns;
    ret_result->canary_came = came_ns;
}

int selftest_run(const struct config *config, const struct lists *lists,
                 struct selftest_result *ret_result, struct error *error)
{
    struct selftest *selftest = calloc(1, sizeof(*selftest));
    struct error ignored;
    if (!selftest)
        return error_set(error, -ENOMEM, "no memory for a selftest");
    selftest->config = config;
    selftest->lists = lists;
    selftest->now_ns = clock_now_ns() - BEGAN_S * NS_PER_S;
    canary_init(&selftest->canary, engine_shards(config));
    views_make(selftest);
    int r = store_make(selftest, error);
    struct store *store = selftest->keeper.store;
    if (r == 0)
        r = perform(selftest, error);
    if (r == 0)
        r = alerts_look(selftest, error);
    if (r == 0)
        judge(selftest, ret_result);
    store_close(store, &ignored);
    folder_remove(selftest->folder);
    canary_done(&selftest->canary);
    free(selftest);
    return r;
}

bool selftest_passed(const struct selftest_result *result)
{
    bool able = false;
    for (int i = 0; i < DETECTOR_COUNT; i++)
        able |= result->states[i] == SELFTEST_FIRES || result->states[i] == SELFTEST_UNPROVEN;
    return able && result->canary_sent == result->canary_came;
}
