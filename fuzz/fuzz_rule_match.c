/* fuzz_rule_match.c - any text as signature rules, any bytes as the messages they are tried on
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input is rules up to the first NUL, a byte (bit 0: TCP), and a message that is taken as the
 * query and as the response. Whatever they say, matching ends, and a second time it ends alike. */
#include "base/arena.h"
#include "decode/message.h"
#include "enrich/rule_match.h"
#include "intel/rule_set.h"

#include <assert.h>
#include <dnsvigil/packet.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct suffix_cache *suffixes;
static struct arena records;

static void knowledge_once(void)
{
    struct error error;
    if (suffixes)
        return;
    suffixes = suffix_cache_new(suffix_list_new(NULL, &error));
    if (!suffixes || !arena_init(&records, 2 * MESSAGE_ARENA_BYTES))
        abort();
}

static void message_try(const struct rule_index *index, const uint8_t *data, size_t len)
{
    static struct dns_message message;
    static struct metrics metrics;
    struct rule_match first[RULE_MATCHES_MAX], second[RULE_MATCHES_MAX];
    struct rule_matcher matcher;
    bool tcp = len > 0 && data[0] & 1;
    arena_reset(&records);
    message_decode(&message, data + (len > 0), len - (len > 0), &records);
    const struct transaction transaction = {
        .transport = tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
        .server_port = 53,
        .client_port = 40000,
        .question = message.has_question ? &message.question : NULL,
        .query = &message,
        .response = &message,
        .qtype = message.qtype,
    };
    bool open = rule_matcher_init(&matcher, index, suffixes, &metrics);
    assert(open);
    unsigned count = rule_match(&matcher, &transaction, first);
    assert(count <= RULE_MATCHES_MAX && rule_match(&matcher, &transaction, second) == count);
    for (unsigned i = 0; i < count; i++)
        assert(first[i].rule == second[i].rule && first[i].response == second[i].response);
    rule_matcher_done(&matcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct rule_options options = {.informational = true};
    struct error error;
    struct rule_set *set = NULL;
    if (len == 0)
        return 0;
    knowledge_once();
    size_t rules = strnlen((const char *)data, len), at = rules < len ? rules + 1 : len;
    struct rule_builder *builder = rule_builder_new(&options, NULL, NULL);
    if (builder && rule_builder_add_text(builder, "fuzz", (const char *)data, rules, &error) == 0 &&
        rule_builder_finish(builder, &set, &error) == 0) {
        struct rule_index *index = rule_index_new(set, &error);
        if (index)
            message_try(index, data + at, len - at);
        rule_index_free(index);
    }
    rule_set_free(set);
    rule_builder_free(builder);
    return 0;
}
