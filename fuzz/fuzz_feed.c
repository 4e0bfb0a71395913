/* fuzz_feed.c - loads arbitrary bytes as a list in each format and looks the result up again
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first byte chooses the format and the category, the rest is the list. */
#include "base/hash.h"
#include "intel/builder.h"
#include "intel/feed.h"

#include <dnsvigil/name.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct suffix_list *suffixes(void)
{
    static struct suffix_list *list;
    struct error warning;
    if (!list)
        list = suffix_list_new(NULL, &warning);
    assert(list);
    return list;
}

/* Looks at every byte of what it is given. */
static enum refusal indicator_take(void *arg, const struct feed_indicator *indicator)
{
    uint64_t *sum = arg;
    assert(indicator->line.len && indicator->scope < SCOPE_COUNT);
    assert(indicator->category < CATEGORY_COUNT && indicator->confidence <= 100);
    *sum += hash_bytes(indicator->host.at, indicator->host.len, *sum);
    *sum += hash_bytes(indicator->line.at, indicator->line.len, *sum);
    return REFUSAL_NONE;
}

/* Every reader gets the text, whatever it looks like. */
static void formats_read(const char *text, size_t len)
{
    static const char *const columns[] = {NULL, "domain", "2"};
    uint64_t sum = 0;
    for (enum feed_format format = FEED_AUTO; format < FEED_FORMAT_COUNT; format++) {
        struct feed_source source = {.path = "fuzz",
                                     .format = format,
                                     .column = columns[len % 3],
                                     .sink = indicator_take,
                                     .arg = &sum};
        struct feed_report report;
        struct error error;
        int code = feed_read(&source, text, len, &report, &error);
        assert(code <= 0 && (code == 0 || error.text[0]));
    }
}

/* Any bytes are also a question: what is found must have evidence. */
static void question_ask(const struct intel *intel, const char *text, size_t len)
{
    struct dns_name name;
    struct indicator_hit hits[16];
    if (!name_from_text(&name, text, len))
        return;
    intel_prefetch_name(intel, &name, 0);
    unsigned count = intel_match_name(intel, &name, 0, hits, 16);
    for (unsigned i = 0; i < count; i++) {
        struct intel_entry entry;
        intel_entry(intel, hits + i, &entry);
        assert(entry.entry[0] && strlen(entry.entry) < INTEL_ENTRY_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    struct feed_config config = {.name = "fuzz",
                                 .path = "fuzz",
                                 .category = (enum category)(data[0] / 4 % CATEGORY_COUNT),
                                 .format = (enum feed_format)(data[0] % FEED_FORMAT_COUNT),
                                 .fetched_ns = 1};
    const char *text = (const char *)data + 1;
    size_t text_len = len - 1;
    struct feed_report report;
    struct error error;
    formats_read(text, text_len);
    struct intel_builder *builder = intel_builder_new(suffixes());
    assert(builder);
    int code = intel_builder_add_text(builder, &config, text, text_len, &report, &error);
    struct intel *intel = intel_build(builder, &error);
    assert(intel && intel_count(intel) == (code ? 0 : report.added));
    struct slice line;
    for (const char *at = text; feed_next_line(&at, text + text_len, &line);)
        question_ask(intel, line.at, line.len);
    intel_free(intel);
    intel_builder_free(builder);
    return 0;
}
