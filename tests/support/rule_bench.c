/* rule_bench.c - signature rules from text, ready to be tried on messages that a test builds
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule_bench.h"

#include "decode/message.h"

#include <dnsvigil/packet.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note_refused(void *arg, const struct rule_note *note)
{
    (void)arg;
    if (note->fate == RULE_FATE_LOADED || note->fate == RULE_FATE_COMMENTED)
        return;
    fprintf(stderr, "line %u: %s: %s: %s\n", note->line, rule_fate_slugs[note->fate],
            rule_refusal_texts[note->refusal], note->keyword);
    abort();
}

static void set_open(struct rule_bench *bench, const char *rules, rule_note_fn note)
{
    const struct rule_options options = {.informational = true};
    struct error error = {""};
    memset(bench, 0, sizeof(*bench));
    struct rule_builder *builder = rule_builder_new(&options, note, NULL);
    assert(builder);
    int r = rule_builder_add_text(builder, "test.rules", rules, strlen(rules), &error);
    assert(r == 0);
    r = rule_builder_finish(builder, &bench->set, &error);
    assert(r == 0);
    rule_builder_free(builder);
    bench->index = rule_index_new(bench->set, &error);
    bench->list = suffix_list_new(NULL, &error);
    bench->suffixes = suffix_cache_new(bench->list);
    assert(bench->index && bench->list && bench->suffixes);
    bool open = rule_matcher_init(&bench->matcher, bench->index, bench->suffixes, &bench->metrics);
    assert(open && arena_init(&bench->records, 4 * MESSAGE_ARENA_BYTES));
    (void)open, (void)r;
}

void rule_bench_open(struct rule_bench *bench, const char *rules)
{
    set_open(bench, rules, note_refused);
}

void rule_bench_open_some(struct rule_bench *bench, const char *rules)
{
    set_open(bench, rules, NULL);
}

void rule_bench_close(struct rule_bench *bench)
{
    rule_matcher_done(&bench->matcher);
    rule_index_free(bench->index);
    rule_set_free(bench->set);
    suffix_cache_free(bench->suffixes);
    suffix_list_free(bench->list);
    arena_done(&bench->records);
}

void rule_bench_redecode(struct rule_bench *bench)
{
    arena_reset(&bench->records);
    message_decode(&bench->query, bench->query_bytes.data, bench->query_bytes.len, &bench->records);
    bench->transaction.query = &bench->query;
    bench->transaction.question = bench->query.has_question ? &bench->query.question : NULL;
    bench->transaction.qtype = bench->query.qtype;
}

void rule_bench_query(struct rule_bench *bench, const char *name, uint16_t type)
{
    static const uint8_t client[4] = {192, 0, 2, 10}, server[4] = {198, 51, 100, 53};
    build_query(&bench->query_bytes, 7, name, type);
    bench->transaction = (struct transaction){
        .time_ns = 1,
        .client = addr_from_v4(client),
        .server = addr_from_v4(server),
        .client_port = 40000,
        .server_port = 53,
        .transport = TRANSPORT_UDP,
        .qclass = 1,
    };
    rule_bench_redecode(bench);
}

void rule_bench_response(struct rule_bench *bench)
{
    message_decode(&bench->response, bench->response_bytes.data, bench->response_bytes.len,
                   &bench->records);
    bench->transaction.response = &bench->response;
}

bool rule_bench_matches(struct rule_bench *bench, uint32_t sid, bool response)
{
    bench->count = rule_match(&bench->matcher, &bench->transaction, bench->matches);
    for (unsigned i = 0; i < bench->count; i++)
        if (bench->set->rules[bench->matches[i].rule]->sid == sid &&
            bench->matches[i].response == response)
            return true;
    return false;
}
