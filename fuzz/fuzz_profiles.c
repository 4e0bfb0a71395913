/* fuzz_profiles.c - any bytes as a table of profiles, and any bytes as a name against it
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input up to the first zero byte is the table, the rest a name in presentation format, which
 * is looked for in it and among the brands. */
#include "base/error.h"
#include "enrich/lookalike.h"
#include "intel/profiles.h"

#include <dnsvigil/name.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct suffix_cache *cache;
static struct brands *brands;

static void open_once(void)
{
    struct error error;
    struct config *config;
    if (cache)
        return;
    cache = suffix_cache_new(suffix_list_new(NULL, &error));
    if (config_load_text("fuzz", "{}", 2, &config, &error) != 0)
        abort();
    brands = brands_new(config, &error);
    config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t len = end ? (size_t)(end - data) : size;
    struct feed_report report;
    struct dns_name name;
    struct lookalike found;
    struct enrichment enrichment = {0};
    struct transaction transaction = {.question = &name};
    open_once();
    struct profiles *profiles = profiles_new();
    profiles_read(profiles, (const char *)data, len, &report);
    if (end && name_from_text(&name, (const char *)end + 1, size - len - 1)) {
        enrichment.registrable = suffix_lookup(cache, &name).registrable;
        profiles_match(profiles, cache, &transaction, &enrichment);
        if (enrichment.registrable >= 0)
            lookalike_find(brands, &name, &enrichment, &found);
    }
    profiles_free(profiles);
    return 0;
}
