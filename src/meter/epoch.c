/* epoch.c - what decides about one client and comes from others: counted apart, merged at edges
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/epoch.h"

#include "base/clock.h"

#include <assert.h>
#include <stdlib.h>

enum {
    CROWD_RECORDS = 8192,
    CROWD_NOTES = 1024,
    LEAK_NOTES = 4096,
};

#define BACK_NS (3600 * NS_PER_S)

struct epochs epochs_of(int64_t length_ns, int64_t reach_ns)
{
    return (struct epochs){.length_ns = length_ns, .reach_ns = reach_ns};
}

/* The edge at or before this time. */
static int64_t edge_before(const struct epochs *epochs, int64_t time_ns)
{
    int64_t into = time_ns % epochs->length_ns;
    return time_ns - (into < 0 ? into + epochs->length_ns : into);
}

bool epochs_due(struct epochs *epochs, int64_t now_ns, int64_t *ret_edge_ns)
{
    bool back = epochs->started && epochs->next_ns - now_ns > BACK_NS;
    if (!back && epochs->started && now_ns >= epochs->next_ns) {
        bool idle = epochs->next_ns > epochs->until_ns;
        *ret_edge_ns = idle ? edge_before(epochs, now_ns) : epochs->next_ns;
        epochs->next_ns = *ret_edge_ns + epochs->length_ns;
        return true;
    }
    if (!epochs->started || back) { /* for most messages nothing is divided */
        epochs->started = true;
        *ret_edge_ns = edge_before(epochs, now_ns);
        epochs->next_ns = *ret_edge_ns + epochs->length_ns;
    }
    int64_t due_ns = now_ns + epochs->reach_ns + epochs->length_ns;
    if (back || due_ns > epochs->until_ns)
        epochs->until_ns = due_ns;
    return back;
}

bool knowledge_init(struct knowledge *knowledge, const struct knowledge_config *config)
{
    assert(config->shards >= 1 && config->shards <= GATHERS_MAX);
    size_t most = config->epoch_domains_max > CROWD_NOTES ? config->epoch_domains_max : CROWD_NOTES;
    if (most < RESOLVER_COUNTS_MAX)
        most = RESOLVER_COUNTS_MAX;
    *knowledge = (struct knowledge){
        .since_ns = INT64_MAX,
        .order = calloc(2 * most * config->shards, sizeof(*knowledge->order)),
    };
    bool done = domains_init(&knowledge->domains, config->domains_max);
    done &= crowds_init(&knowledge->crowds, CROWD_RECORDS);
    done &= resolvers_init(&knowledge->resolvers);
    done &= leaks_init(&knowledge->leaks, &config->leaks, LEAK_NOTES * config->shards);
    if (done && knowledge->order)
        return true;
    knowledge_done(knowledge);
    return false;
}

void knowledge_done(struct knowledge *knowledge)
{
    domains_done(&knowledge->domains);
    crowds_done(&knowledge->crowds);
    resolvers_done(&knowledge->resolvers);
    leaks_done(&knowledge->leaks);
    free(knowledge->order);
    *knowledge = (struct knowledge){0};
}

bool counts_init(struct counts *counts, const struct knowledge_config *config)
{
    counts->answers = (struct answer_counts){0};
    bool done = domain_counts_init(&counts->domains, config->epoch_domains_max);
    done &= crowd_notes_init(&counts->crowds, CROWD_NOTES);
    done &= resolver_counts_init(&counts->resolvers);
    done &= leak_notes_init(&counts->leaks, LEAK_NOTES);
    if (!done)
        counts_done(counts);
    return done;
}

void counts_done(struct counts *counts)
{
    domain_counts_done(&counts->domains);
    crowd_notes_done(&counts->crowds);
    resolver_counts_done(&counts->resolvers);
    leak_notes_done(&counts->leaks);
}

void knowledge_merge(struct knowledge *knowledge, struct counts *const counts[], unsigned count,
                     int64_t edge_ns, leak_fn tell, void *arg)
{
    struct domain_counts *domains[GATHERS_MAX];
    struct crowd_notes *crowds[GATHERS_MAX];
    struct resolver_counts *resolvers[GATHERS_MAX];
    struct leak_notes *leaks[GATHERS_MAX];
    for (unsigned i = 0; i < count; i++) {
        knowledge->answers.asked += counts[i]->answers.asked;
        knowledge->answers.answered += counts[i]->answers.answered;
        counts[i]->answers = (struct answer_counts){0};
        domains[i] = &counts[i]->domains;
        crowds[i] = &counts[i]->crowds;
        resolvers[i] = &counts[i]->resolvers;
        leaks[i] = &counts[i]->leaks;
    }
    if (knowledge->since_ns == INT64_MAX)
        knowledge->since_ns = edge_ns;
    domains_merge(&knowledge->domains, domains, count, knowledge->order);
    crowds_merge(&knowledge->crowds, crowds, count, knowledge->order);
    resolvers_merge(&knowledge->resolvers, resolvers, count, knowledge->order);
    leaks_merge(&knowledge->leaks, leaks, count, edge_ns, &knowledge->domains, &knowledge->crowds,
                tell, arg);
}

uint64_t counts_lost(const struct counts *counts)
{
    return counts->domains.lost + counts->crowds.lost + counts->resolvers.lost + counts->leaks.lost;
}

void knowledge_save(const struct knowledge *knowledge, struct buf *buf)
{
    image_put(buf, "since", &knowledge->since_ns, sizeof(knowledge->since_ns));
    image_put(buf, "answers", &knowledge->answers, sizeof(knowledge->answers));
    domains_save(&knowledge->domains, buf);
    crowds_save(&knowledge->crowds, buf);
    resolvers_save(&knowledge->resolvers, buf);
    leaks_save(&knowledge->leaks, buf);
}

bool knowledge_load(struct knowledge *knowledge, struct image *image)
{
    return image_get(image, "since", &knowledge->since_ns, sizeof(knowledge->since_ns)) &&
           image_get(image, "answers", &knowledge->answers, sizeof(knowledge->answers)) &&
           domains_load(&knowledge->domains, image) && crowds_load(&knowledge->crowds, image) &&
           resolvers_load(&knowledge->resolvers, image) && leaks_load(&knowledge->leaks, image);
}
