/* fuzz_feed.c - loads arbitrary bytes as a list in each format and looks the result up again
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first byte chooses the format and the category, the rest is the list. */
#include "intel/builder.h"

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

/* Lines go to every parser as they are, also those that the builder would turn away unread. */
static void lines_parse(const char *text, size_t len)
{
    struct feed_line parsed;
    struct slice line;
    for (const char *at = text; feed_next_line(&at, text + len, &line);)
        for (enum feed_format format = FEED_PLAIN; format < FEED_FORMAT_COUNT; format++)
            if (feed_line_read(format, line, &parsed) == REFUSAL_NONE)
                assert(parsed.item_count <= FEED_ITEMS_MAX);
}

/* Any bytes are also a question: what is found must have evidence. */
static void question_ask(const struct intel *intel, const char *text, size_t len)
{
    struct dns_name name;
    struct indicator_hit hits[16];
    if (!name_from_text(&name, text, len))
        return;
    intel_prefetch_name(intel, &name);
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
    lines_parse(text, text_len);
    struct intel_builder *builder = intel_builder_new(suffixes());
    assert(builder);
    int code = intel_builder_add_text(builder, &config, text, text_len, &report, &error);
    struct intel *intel = intel_build(builder, &error);
    assert(intel && intel_count(intel) == (code ? 0 : report.added));
    struct slice line;
    for (const char *at = text; feed_next_line(&at, text + text_len, &line);)
        question_ask(intel, line.at, line.len);
    intel_unref(intel);
    intel_builder_free(builder);
    return 0;
}
