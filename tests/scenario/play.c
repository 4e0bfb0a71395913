/* play.c - plays a story's traffic through an engine, as messages on the wire
 * SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include "base/clock.h"
#include "frame_build.h"
#include "knowledge.h"
#include "message_build.h"
#include "pipeline/engine.h"

#include <dnsvigil/rrtype.h>

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { LINKTYPE_RAW = 101, PROTOCOL_ICMP = 1, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58 };
enum { OPCODE_DSO = 6 };
enum { ANSWER_DELAY_MS = 10, PORT_FIRST = 10000, PORTS = 50000, DNS_PORT = 53, TTL = 300 };

/* A query that was sent: an answer or a repeat goes under the same port and id. */
struct sent {
    const struct story_step *step;
    uint16_t port;
    uint16_t id;
};

struct play {
    const struct story *story;
    struct knowledge knowledge;
    struct engine *engine;
    struct outcome *outcome;
    int64_t now_ns;
    size_t sent_count;
    struct sent *sent; /* [steps] */
    struct message_build build;
    struct frame_build frame;
};

/* Where the story is when a record cannot be written: the builder asserts, and this says where. */
static char place[512];

static void place_print(int signal_number)
{
    (void)signal_number;
    ssize_t written = write(STDERR_FILENO, place, strlen(place));
    _exit(written > 0 ? 1 : 2);
}

static bool alert_take(void *arg, const struct alert *alert, enum outbox_news news)
{
    (void)news;
    struct outcome *outcome = arg;
    size_t count = outcome->alert_count + 1;
    struct alert *alerts = realloc(outcome->alerts, count * sizeof(*alerts));
    if (!alerts)
        abort();
    alerts[outcome->alert_count] = *alert;
    outcome->alerts = alerts;
    outcome->alert_count = count;
    return true;
}

static bool rest(void *arg)
{
    (void)arg;
    return true;
}

static bool same_question(const struct story_step *a, const struct story_step *b)
{
    return addr_equal(&a->client, &b->client) && addr_equal(&a->server, &b->server) &&
           a->qtype == b->qtype && a->tcp == b->tcp && strcasecmp(a->name, b->name) == 0;
}

static struct sent *sent_new(struct play *play, const struct story_step *step)
{
    size_t number = play->sent_count++;
    struct sent *sent = &play->sent[number];
    *sent = (struct sent){step, (uint16_t)(PORT_FIRST + number % PORTS), (uint16_t)(number * 7)};
    return sent;
}

/* The latest query for the same question, or a new one. */
static struct sent *sent_find(struct play *play, const struct story_step *step)
{
    for (size_t i = play->sent_count; i-- > 0;)
        if (same_question(play->sent[i].step, step))
            return &play->sent[i];
    return sent_new(play, step);
}

/* Some letters of the question become large: others for each query, the same in its answer. */
static void letters_mix(struct message_build *build, uint16_t id)
{
    uint32_t bits = (id + 1u) * 2654435761u;
    for (uint8_t *at = build->data + MESSAGE_HEADER_BYTES; *at; bits = bits >> 1 | bits << 31, at++)
        if (islower(*at) && bits & 1)
            *at = (uint8_t)toupper(*at);
}

static void padding_add(struct message_build *build, bool to_server)
{
    static const uint8_t cookies[24] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89}, zeros[468];
    size_t block = to_server ? 128 : 468, cookie = to_server ? 8 : 24;
    build_edns_begin(build, 1232, 0);
    build_option(build, 10, cookies, cookie);
    size_t left = block - (build->len + 4) % block;
    build_option(build, 12, zeros, left % block);
    build_record_end(build);
}

/* RFC 8490 7.1: a message without a question. */
static void keepalive_build(struct message_build *build)
{
    uint16_t id = (uint16_t)(build->data[0] << 8 | build->data[1]);
    build_message(build, id, (uint16_t)((build->data[2] & 0x80) << 8));
    build_u16(build, 1);
    build_u16(build, 8);
    build_u32(build, 15000);
    build_u32(build, 15000);
}

static void message_send(struct play *play, const struct sent *sent, bool to_server)
{
    const struct story_step *step = sent->step;
    if (step->opcode == OPCODE_DSO)
        keepalive_build(&play->build);
    play->build.data[2] |= (uint8_t)(step->opcode << 3);
    if (step->padded)
        padding_add(&play->build, to_server);
    if (step->mixed)
        letters_mix(&play->build, sent->id);
    const struct packet packet = {
        .time_ns = play->now_ns,
        .src = to_server ? step->client : step->server,
        .dst = to_server ? step->server : step->client,
        .src_port = to_server ? sent->port : DNS_PORT,
        .dst_port = to_server ? DNS_PORT : sent->port,
        .transport = step->tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
        .len = (uint32_t)play->build.len,
        .data = play->build.data,
    };
    engine_messages(play->engine, &packet, 1);
}

/* An IP header between these two, who are of one family. */
static void ip_put(struct frame_build *frame, const struct addr *src, const struct addr *dst,
                   uint8_t protocol)
{
    bool v4 = addr_is_v4(src);
    uint8_t bytes = v4 ? 4 : 16, skipped = (uint8_t)(16 - bytes);
    if (v4)
        frame_put_ip4(frame, 0, 0, protocol);
    else
        frame_put_ip6(frame, 0, 0, protocol);
    uint8_t *at = frame->bytes + frame->start + (v4 ? 12 : 8);
    memcpy(at, src->bytes + skipped, bytes);
    memcpy(at + bytes, dst->bytes + skipped, bytes);
}

/* What was built comes back from the client, whole. */
static void message_bounce(struct play *play, const struct sent *sent)
{
    const struct story_step *step = sent->step;
    bool v4 = addr_is_v4(&step->client);
    struct frame_build *frame = &play->frame;
    frame_put_payload(frame, play->build.data, (uint32_t)play->build.len);
    frame_put_udp(frame, DNS_PORT, sent->port);
    ip_put(frame, &step->server, &step->client, PROTOCOL_UDP);
    frame_put_icmp(frame, v4 ? 3 : 1, v4 ? 3 : 4);
    ip_put(frame, &step->client, &step->server, v4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6);
    frame->time_ns = play->now_ns;
    const struct frame built = frame_built(frame, LINKTYPE_RAW);
    engine_frames(play->engine, &built, 1);
}

static void query_send(struct play *play, const struct story_step *step, const struct sent *sent)
{
    build_query(&play->build, sent->id, step->name, step->qtype);
    if (step->subnet) {
        build_edns_begin(&play->build, 1232, 0);
        build_option_ecs(&play->build, step->subnet);
        build_record_end(&play->build);
    }
    message_send(play, sent, true);
}

/* Takes the next record off *text: up to a ';' outside quotes. NULL at the end. */
static char *record_next(char **text)
{
    char *record = *text;
    bool quoted = false;
    char *end = record;
    while (*end && (quoted || *end != ';'))
        quoted ^= *end++ == '"';
    *text = *end ? end + 1 : end;
    *end = 0;
    return record[strspn(record, " \t")] ? record : NULL;
}

/* Takes the next word off *text. */
static void word_take(char **text, char *word, size_t size)
{
    *text += strspn(*text, " \t");
    size_t len = strcspn(*text, " \t");
    snprintf(word, size, "%.*s", (int)len, *text);
    *text += len;
}

/* `[authority|additional] TYPE data`. An alias hands the name it leads to on to the records after
 * it. */
static int record_add(struct play *play, const struct story_step *step, char *text,
                      char owner[static NAME_TEXT_MAX], struct error *error)
{
    enum dns_section section = DNS_SECTION_ANSWER;
    char word[32];
    word_take(&text, word, sizeof(word));
    if (strcmp(word, "authority") == 0 || strcmp(word, "additional") == 0) {
        section = strcmp(word, "authority") == 0 ? DNS_SECTION_AUTHORITY : DNS_SECTION_ADDITIONAL;
        word_take(&text, word, sizeof(word));
    }
    int type = rrtype_parse(word);
    if (type < 0)
        return error_set(error, -EINVAL, "%s:%u: '%s' is no record type", play->story->path,
                         step->line, word);
    text += strspn(text, " \t");
    build_record(&play->build, section, section == DNS_SECTION_ANSWER ? owner : step->name,
                 (uint16_t)type, TTL, text);
    if (type == DNS_TYPE_CNAME)
        snprintf(owner, NAME_TEXT_MAX, "%.*s", (int)strcspn(text, " \t"), text);
    return 0;
}

static int answer_send(struct play *play, const struct story_step *step, const struct sent *sent,
                       struct error *error)
{
    char owner[NAME_TEXT_MAX];
    char *records = strdup(step->records ? step->records : ""), *rest = records;
    int rc = 0;
    snprintf(owner, sizeof(owner), "%s", step->name);
    build_response(&play->build, sent->id, step->name, step->qtype, step->rcode);
    for (char *record; rc == 0 && (record = record_next(&rest));)
        rc = record_add(play, step, record, owner, error);
    free(records);
    if (rc == 0 && step->verb == VERB_BOUNCE)
        message_bounce(play, sent);
    else if (rc == 0)
        message_send(play, sent, false);
    return rc;
}

static int step_play(struct play *play, const struct story_step *step, struct error *error)
{
    play->now_ns = step->at ? step->time_ns : play->now_ns + step->time_ns;
    if (step->verb == VERB_WAIT)
        return 0;
    const struct sent *sent = step->verb == VERB_ASK ? sent_new(play, step) : sent_find(play, step);
    snprintf(place, sizeof(place), "%s:%u: a record here cannot be written\n", play->story->path,
             step->line);
    bool asks = step->verb == VERB_ASK || step->verb == VERB_AGAIN;
    if (asks)
        query_send(play, step, sent);
    if (!step->answered && step->verb != VERB_BOUNCE)
        return 0;
    if (asks)
        play->now_ns += ANSWER_DELAY_MS * NS_PER_MS;
    return answer_send(play, step, sent, error);
}

static int knowledge_make(struct play *play, const char *seed_dir, struct error *error)
{
    const struct story *story = play->story;
    struct knowledge *knowledge = &play->knowledge;
    char name[512];
    int rc = knowledge_open(knowledge, error);
    snprintf(name, sizeof(name), "%s: config", story->path);
    if (rc == 0 && story->config.len)
        rc = knowledge_config(knowledge, name, story->config.data, error);
    if (rc == 0 && story->rules.len)
        rc = knowledge_rules(knowledge, story->path, story->rules.data, error);
    if (rc == 0 && story->own_rules)
        rc = knowledge_own_rules(knowledge, seed_dir, error);
    if (rc == 0 && story->seeds)
        rc = knowledge_seeds(knowledge, seed_dir, error);
    for (unsigned i = 0; i < story->feed_count && rc == 0; i++) {
        const struct story_feed *feed = &story->feeds[i];
        const struct feed_config config = {
            .name = feed->name,
            .path = feed->name,
            .category = feed->category,
            .confidence = feed->confidence,
            .format = FEED_PLAIN,
            .fetched_ns = feed->fetched_ns,
        };
        rc = knowledge_feed(knowledge, &config, feed->text.data, error);
        if (rc < 0)
            error_prefix(error, "%s:%u: ", story->path, feed->line);
    }
    return rc < 0 ? rc : knowledge_build(knowledge, error);
}

static int traffic_play(struct play *play, unsigned shards, struct error *error)
{
    const struct story *story = play->story;
    const struct engine_config engine = {
        .config = play->knowledge.config,
        .lists = &play->knowledge.lists,
        .shards = shards,
        .hooks = {.arg = play->outcome, .alert = alert_take, .rest = rest},
    };
    int rc = engine_new(&engine, &play->engine, error);
    for (size_t i = 0; i < story->step_count && rc == 0; i++)
        rc = step_play(play, &story->steps[i], error);
    if (rc < 0)
        return rc;
    engine_finish(play->engine);
    engine_metrics(play->engine, &play->outcome->metrics);
    if (metrics_balance(&play->outcome->metrics, error))
        return 0;
    error_prefix(error, "%s: ", story->path);
    return -EPROTO;
}

int story_play(const struct story *story, const char *seed_dir, unsigned shards,
               struct outcome *ret_outcome, struct error *error)
{
    struct play *play = calloc(1, sizeof(*play));
    if (!play)
        abort();
    *ret_outcome = (struct outcome){0};
    play->story = story;
    play->outcome = ret_outcome;
    play->sent = calloc(story->step_count + 1, sizeof(*play->sent));
    signal(SIGABRT, place_print);
    int rc = time_parse("2026-01-01T00:00:00Z", &play->now_ns);
    if (rc == 0)
        rc = knowledge_make(play, seed_dir, error);
    if (rc == 0)
        rc = traffic_play(play, shards, error);
    signal(SIGABRT, SIG_DFL);
    engine_free(play->engine);
    knowledge_close(&play->knowledge);
    free(play->sent);
    free(play);
    return rc;
}

void outcome_free(struct outcome *outcome)
{
    free(outcome->alerts);
}
