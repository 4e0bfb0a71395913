/* common.c - what all shards of an input know together: read by every one, changed between epochs
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/common.h"

#include "enrich/information.h"
#include "intel/suffix.h"

#include <stdlib.h>

static bool is_undelegated(void *arg, const struct dns_name *name)
{
    const struct common *common = arg;
    return suffix_lookup(common->suffixes, name).suffix_class == SUFFIX_UNDELEGATED;
}

struct common *common_new(const struct config *config, const struct lists *lists, unsigned shards)
{
    struct common *common = calloc(1, sizeof(*common));
    if (!common)
        return NULL;
    common->config = (struct knowledge_config){
        .domains_max = (size_t)config->domains.records_max,
        .epoch_domains_max = (uint32_t)config->epochs.domains_max,
        .shards = shards,
        .leaks =
            {
                .bytes = (double)config->leaks.bytes,
                .clients_min = (unsigned)config->leaks.clients_min,
                .hooks = {common, information_of_label, is_undelegated},
            },
    };
    common->suffixes = suffix_cache_new(lists->suffixes);
    if (knowledge_init(&common->knowledge, &common->config) && common->suffixes)
        return common;
    common_free(common);
    return NULL;
}

void common_free(struct common *common)
{
    if (!common)
        return;
    suffix_cache_free(common->suffixes);
    knowledge_done(&common->knowledge);
    free(common);
}

void common_reload(struct common *common, const struct config *config,
                   struct suffix_cache *suffixes)
{
    struct leaks_config *leaks = &common->knowledge.leaks.config;
    leaks->bytes = (double)config->leaks.bytes;
    leaks->clients_min = (unsigned)config->leaks.clients_min;
    suffix_cache_free(common->suffixes);
    common->suffixes = suffixes;
}

void common_report(const struct common *common, struct metrics *metrics)
{
    metrics->value[METRIC_DOMAINS_EVICTED] += common->knowledge.domains.table.evicted;
    metrics->value[METRIC_TUNNELS_SERVICE] += common->knowledge.leaks.services;
}

void common_save(const struct common *common, struct buf *buf)
{
    knowledge_save(&common->knowledge, buf);
}

bool common_load(struct common *common, struct image *image)
{
    return knowledge_load(&common->knowledge, image);
}
