/* retro_rules.c - asks the history about signature rules that are new and look at names alone
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/retro_rules.h"

#include "base/hash.h"

#include <stdlib.h>

static bool buffers_are_names(const struct rule *rule)
{
    for (unsigned i = 0; i < rule->buffer_count; i++)
        if (rule->buffers[i].kind != RULE_BUFFER_QUERY &&
            rule->buffers[i].kind != RULE_BUFFER_QUESTION)
            return false;
    return rule->buffer_count > 0;
}

bool rule_is_about_names(const struct rule *rule)
{
    return rule->action != RULE_PASS && !rule->noalert && rule->protocol == RULE_PROTOCOL_DNS &&
           rule->flow != RULE_FLOW_TO_CLIENT && rule->bit_count == 0 &&
           rule->threshold.type == RULE_THRESHOLD_NONE && rule->opcode.op == RULE_OP_ANY &&
           rule->rcode.op == RULE_OP_ANY && rule->rrtype.op == RULE_OP_ANY &&
           rule->dsize.op == RULE_OP_ANY && buffers_are_names(rule);
}

static uint64_t fingerprint_of(const struct rule *rule, uint64_t seed)
{
    uint64_t number = (uint64_t)rule->gid << 32 | rule->sid;
    return hash_mix(hash_mix(seed, number ^ HASH_FIXED_SEED), rule->rev ^ HASH_FIXED_SEED);
}

size_t retro_rules_count(const struct rule_set *set)
{
    return set ? set->count : 0;
}

size_t retro_rules_fingerprints(const struct rule_set *set, uint64_t seed, uint64_t *ret)
{
    size_t count = 0;
    for (uint32_t i = 0; set && i < set->count; i++)
        if (rule_is_about_names(set->rules[i]))
            ret[count++] = fingerprint_of(set->rules[i], seed);
    return count;
}

bool retro_rules_init(struct retro_rules *rules, const struct rule_index *index,
                      const struct history_known *then, struct suffix_cache *suffixes,
                      struct metrics *metrics)
{
    *rules = (struct retro_rules){.set = index ? index->set : NULL};
    if (!index)
        return true;
    rules->fresh = calloc(index->set->count, sizeof(*rules->fresh));
    if (!rules->fresh)
        return false;
    for (uint32_t i = 0; i < index->set->count; i++) {
        const struct rule *rule = index->set->rules[i];
        rules->fresh[i] =
            rule_is_about_names(rule) && !history_known_has(then, fingerprint_of(rule, then->seed));
        rules->fresh_count += rules->fresh[i];
    }
    return rules->fresh_count == 0 || signatures_init(&rules->signatures, index, suffixes, metrics);
}

void retro_rules_done(struct retro_rules *rules)
{
    if (rules->fresh_count)
        signatures_done(&rules->signatures);
    free(rules->fresh);
    *rules = (struct retro_rules){0};
}

const struct signature_measure *retro_rules_judge(struct retro_rules *rules,
                                                  const struct transaction *transaction,
                                                  const struct enrichment *enrichment)
{
    if (rules->fresh_count == 0)
        return NULL;
    struct transaction query = *transaction; /* its bytes are not known */
    query.response = NULL;
    query.server_port = 53;
    const struct signature_measure *all = signatures_judge(&rules->signatures, &query, enrichment);
    return all ? signatures_keep(&rules->signatures, rules->fresh) : NULL;
}
