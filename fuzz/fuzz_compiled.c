/* fuzz_compiled.c - any bytes where a compiled list should be load as a list or are refused
 * SPDX-License-Identifier: Apache-2.0
 *
 * The checksum is set right, for it keeps out accidents and not attackers. */
#include "base/hash.h"
#include "intel/builder.h"
#include "intel/compiled.h"

#include <dnsvigil/name.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKSUM_AT = 8, CHECKED_FROM = 16, HITS = 8 };

static struct suffix_list *suffixes;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void seal(char *bytes, size_t len)
{
    if (len < CHECKED_FROM)
        return;
    uint64_t checksum = hash_bytes(bytes + CHECKED_FROM, len - CHECKED_FROM, HASH_FIXED_SEED);
    memcpy(bytes + CHECKSUM_AT, &checksum, sizeof(checksum));
}

static void look(const struct intel *intel)
{
    struct indicator_hit hits[HITS];
    struct intel_entry entry;
    struct dns_name name;
    struct addr addr;
    name_from_text(&name, "www.evil.example.net", 20);
    for (unsigned n = intel_match_name(intel, &name, 0, hits, HITS); n-- > 0;)
        intel_entry(intel, &hits[n], &entry);
    addr_parse("192.0.2.1", 9, &addr);
    for (unsigned n = intel_match_addr(intel, &addr, 0, hits, HITS); n-- > 0;)
        intel_entry(intel, &hits[n], &entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct feed_config config = {
        .name = "f", .path = "f", .category = CATEGORY_C2, .confidence = 70};
    struct feed_report report;
    struct error error = {""};
    if (!suffixes)
        suffixes = suffix_list_new(NULL, &error);
    assert(suffixes);
    char *bytes = malloc(len + 1);
    struct intel_builder *builder = intel_builder_new(suffixes);
    assert(bytes && builder);
    memcpy(bytes, data, len);
    seal(bytes, len);
    error.text[0] = 0;
    if (intel_builder_add_compiled(builder, &config, bytes, len, &report, &error) == 0) {
        struct intel *intel = intel_build(builder, &error);
        assert(intel && intel_count(intel) == report.added);
        look(intel);
        intel_free(intel);
    } else {
        assert(error.text[0]);
    }
    intel_builder_free(builder);
    free(bytes);
    return 0;
}
