/* test_intel.c - tests of look-ups in a snapshot, against a slow matcher that keeps the entries as
 * text
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/builder.h"

#include "base/hash.h"

#include <dnsvigil/name.h>

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct suffix_list *suffixes;
static struct feed_report report;
static struct error error;

static int suffixes_load(void **state)
{
    (void)state;
    hash_seed_init();
    suffixes = suffix_list_new(NULL, &error);
    return suffixes ? 0 : -1;
}

static int suffixes_free(void **state)
{
    (void)state;
    suffix_list_free(suffixes);
    return 0;
}

static void feed_add(struct intel_builder *builder, const char *name, enum category category,
                     const char *text)
{
    struct feed_config config = {
        .name = name, .path = name, .category = category, .confidence = 80, .format = FEED_PLAIN};
    assert_int_equal(intel_builder_add_text(builder, &config, text, strlen(text), &report, &error),
                     0);
}

static struct intel *snapshot_of(enum category category, const char *text)
{
    struct intel_builder *builder = intel_builder_new(suffixes);
    assert_non_null(builder);
    feed_add(builder, "feed", category, text);
    struct intel *intel = intel_build(builder, &error);
    assert_non_null(intel);
    intel_builder_free(builder);
    return intel;
}

static unsigned match(const struct intel *intel, const char *text, struct indicator_hit *hits,
                      unsigned max)
{
    struct dns_name name;
    struct addr addr;
    if (addr_parse(text, strlen(text), &addr))
        return intel_match_addr(intel, &addr, 0, hits, max);
    assert_true(name_from_text(&name, text, strlen(text)));
    intel_prefetch_name(intel, &name, 0);
    return intel_match_name(intel, &name, 0, hits, max);
}

static void each_scope_covers_what_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned count;
        unsigned label;
    } cases[] = {
        {"sub.com", 1, 0},       {"www.sub.com", 1, 1}, {"a.b.c.sub.com", 1, 3},
        {"nosub.com", 0, 0},     {"one.com", 1, 0},     {"www.one.com", 0, 0},
        {"kids.com", 0, 0},      {"a.kids.com", 1, 1},  {"a.b.kids.com", 1, 2},
        {"com", 0, 0},           {".", 0, 0},           {"sub.com.evil.net", 0, 0},
        {"9.8.7.6", 1, 0},       {"9.8.6.1", 1, 0},     {"9.8.5.255", 0, 0},
        {"2a00:1::5", 1, 0},     {"2a00:2::5", 0, 0},   {"www\\.sub.com", 0, 0},
        {"a\\.b.sub.com", 1, 1},
    };
    struct intel *intel = snapshot_of(
        CATEGORY_C2, "sub.com\n=one.com\n*.kids.com\n9.8.7.6\n9.8.6.0/24\n2a00:1::/32\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct indicator_hit hits[4];
        unsigned count = match(intel, cases[i].name, hits, 4);
        if (count != cases[i].count || (count && hits[0].label != cases[i].label))
            fail_msg("%s: %u", cases[i].name, count);
    }
    intel_free(intel);
}

static void the_most_specific_entry_comes_first(void **state)
{
    (void)state;
    static const char *const names[] = {"=a.b.com", "a.b.com", "a.b.com", "*.b.com", "b.com"};
    static const char *const feeds[] = {"one", "allow", "one", "two", "one"};
    struct intel_builder *builder = intel_builder_new(suffixes);
    feed_add(builder, "one", CATEGORY_C2, "b.com\na.b.com\n=a.b.com\n");
    feed_add(builder, "two", CATEGORY_MALWARE, "*.b.com\n");
    feed_add(builder, "allow", CATEGORY_ALLOW, "a.b.com\n");
    struct intel *intel = intel_build(builder, &error);
    intel_builder_free(builder);
    struct indicator_hit hits[8];
    assert_int_equal(match(intel, "a.b.com", hits, 8), 5);
    /* b.com (feed one) was loaded before *.b.com (feed two). */
    static const unsigned order[] = {0, 1, 2, 4, 3};
    for (unsigned i = 0; i < 5; i++) {
        struct intel_entry entry;
        intel_entry(intel, hits + i, &entry);
        assert_string_equal(entry.entry, names[order[i]]);
        assert_string_equal(entry.feed, feeds[order[i]]);
    }
    assert_int_equal(match(intel, "a.b.com", hits, 2), 2);
    assert_int_equal(hits[1].category, CATEGORY_ALLOW);
    intel_free(intel);
}

static void the_smallest_block_comes_first(void **state)
{
    (void)state;
    struct intel *intel = snapshot_of(CATEGORY_C2, "9.0.0.0/8\n9.8.7.6\n9.8.0.0/16\n2a00::/16\n");
    static const char *const lines[] = {"9.8.7.6", "9.8.0.0/16", "9.0.0.0/8"};
    struct indicator_hit hits[8];
    assert_int_equal(match(intel, "9.8.7.6", hits, 8), 3);
    for (unsigned i = 0; i < 3; i++) {
        struct intel_entry entry;
        intel_entry(intel, hits + i, &entry);
        assert_string_equal(entry.entry, lines[i]);
        assert_int_equal(hits[i].scope, SCOPE_PREFIX);
    }
    intel_free(intel);
}

/* A small, fixed generator; seeded alike in each run, so a failure repeats. */
static uint64_t draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed >> 33;
}

/* Few labels, so that names meet often. */
static void name_draw(uint64_t *seed, char *text)
{
    static const char *const ends[] = {"com", "net", "co.uk"};
    size_t len = 0;
    for (unsigned labels = 1 + (unsigned)draw(seed) % 4; labels > 0; labels--)
        len += (size_t)sprintf(text + len, "%c%u.", (char)('a' + draw(seed) % 3),
                               (unsigned)draw(seed) % 4);
    sprintf(text + len, "%s", ends[draw(seed) % 3]);
}

struct plain_entry {
    char name[64];
    enum scope scope;
};

/* Whether the entry covers the name: the definition, by comparing text. */
static bool covers(const struct plain_entry *entry, const char *name)
{
    size_t entry_len = strlen(entry->name), len = strlen(name);
    bool equal = strcmp(entry->name, name) == 0;
    bool below = len > entry_len && name[len - entry_len - 1] == '.' &&
                 strcmp(name + len - entry_len, entry->name) == 0;
    if (entry->scope == SCOPE_EXACT)
        return equal;
    return below || (equal && entry->scope == SCOPE_SUBTREE);
}

static bool known(const struct plain_entry *entries, unsigned count,
                  const struct plain_entry *entry)
{
    for (unsigned i = 0; i < count; i++)
        if (entries[i].scope == entry->scope && strcmp(entries[i].name, entry->name) == 0)
            return true;
    return false;
}

static void look_ups_agree_with_a_slow_matcher(void **state)
{
    (void)state;
    enum { ENTRIES = 400, LOOKUPS = 20000 };
    static const char *const marks[] = {"", "=", "*."};
    static struct plain_entry entries[ENTRIES];
    static char text[ENTRIES * 80];
    uint64_t seed = 42;
    unsigned count = 0;
    size_t len = 0;
    while (count < ENTRIES) {
        struct plain_entry entry = {.scope = (enum scope)(draw(&seed) % 3)};
        name_draw(&seed, entry.name);
        if (known(entries, count, &entry))
            continue;
        len += (size_t)sprintf(text + len, "%s%s\n", marks[entry.scope], entry.name);
        entries[count++] = entry;
    }
    struct intel *intel = snapshot_of(CATEGORY_C2, text);
    assert_int_equal(intel_count(intel), ENTRIES);
    for (unsigned i = 0; i < LOOKUPS; i++) {
        char name[64];
        struct indicator_hit hits[32];
        unsigned expected = 0;
        name_draw(&seed, name);
        for (unsigned k = 0; k < count; k++)
            expected += covers(entries + k, name);
        unsigned found = match(intel, name, hits, 32);
        if (found != expected)
            fail_msg("%s: %u instead of %u", name, found, expected);
        for (unsigned k = 1; k < found; k++)
            assert_true(hits[k - 1].label <= hits[k].label);
    }
    intel_free(intel);
}

static void address_look_ups_agree_with_a_slow_matcher(void **state)
{
    (void)state;
    enum { BLOCKS = 200, LOOKUPS = 20000 };
    static struct prefix blocks[BLOCKS];
    static char text[BLOCKS * ADDR_TEXT_MAX];
    uint64_t seed = 7;
    size_t len = 0;
    for (unsigned i = 0; i < BLOCKS;) {
        uint8_t bytes[4] = {9, (uint8_t)(draw(&seed) % 4), (uint8_t)(draw(&seed) % 4),
                            (uint8_t)draw(&seed)};
        struct addr addr = addr_from_v4(bytes);
        unsigned bits = 96 + 12 + (unsigned)draw(&seed) % 21;
        struct prefix block = {.addr = addr_mask(&addr, bits), .bits = (uint8_t)bits};
        bool again = false;
        for (unsigned k = 0; k < i; k++)
            again |= blocks[k].bits == bits && addr_equal(&blocks[k].addr, &block.addr);
        if (again)
            continue;
        blocks[i++] = block;
        len += prefix_format(&block, text + len);
        text[len++] = '\n';
    }
    text[len] = 0;
    struct intel *intel = snapshot_of(CATEGORY_C2, text);
    for (unsigned i = 0; i < LOOKUPS; i++) {
        uint8_t bytes[4] = {9, (uint8_t)(draw(&seed) % 4), (uint8_t)(draw(&seed) % 4),
                            (uint8_t)draw(&seed)};
        struct addr addr = addr_from_v4(bytes);
        struct indicator_hit hits[64];
        unsigned expected = 0;
        for (unsigned k = 0; k < BLOCKS; k++)
            expected += prefix_contains(blocks + k, &addr);
        assert_int_equal(intel_match_addr(intel, &addr, 0, hits, 64), expected);
    }
    intel_free(intel);
}

/* What a snapshot says about some names, as text: to compare two of them. */
static void answers_write(const struct intel *intel, char *text)
{
    size_t len = 0;
    for (unsigned i = 0; i < 50; i++) {
        char name[32];
        struct indicator_hit hits[8];
        snprintf(name, sizeof(name), "w.d%u.com", i);
        unsigned count = match(intel, name, hits, 8);
        for (unsigned k = 0; k < count; k++) {
            struct intel_entry entry;
            intel_entry(intel, hits + k, &entry);
            len += (size_t)sprintf(text + len, "%s %s\n", entry.feed, entry.entry);
        }
    }
    text[len] = 0;
}

static struct intel *two_feeds(void)
{
    char text[4096];
    size_t len = 0;
    struct intel_builder *builder = intel_builder_new(suffixes);
    for (unsigned i = 0; i < 50; i++)
        len += (size_t)sprintf(text + len, "d%u.com\n*.d%u.com\n=w.d%u.com\n", i, i, i);
    feed_add(builder, "first", CATEGORY_C2, text);
    feed_add(builder, "second", CATEGORY_MALWARE, text);
    struct intel *intel = intel_build(builder, &error);
    intel_builder_free(builder);
    return intel;
}

static void equal_lists_give_equal_answers_whatever_the_seed(void **state)
{
    (void)state;
    static char first[16384], second[16384];
    struct intel *intel = two_feeds();
    answers_write(intel, first);
    intel_free(intel);
    /* The public suffix list's hashes belong to the old seed: it is loaded again. */
    suffix_list_free(suffixes);
    hash_seed_init();
    suffixes = suffix_list_new(NULL, &error);
    intel = two_feeds();
    answers_write(intel, second);
    intel_free(intel);
    assert_true(strlen(first) > 1000);
    assert_string_equal(first, second);
}

static void a_million_entries_fit_their_budget(void **state)
{
    (void)state;
    enum { ENTRIES = 1000000 };
    char *text = malloc(ENTRIES * 32ull);
    assert_non_null(text);
    size_t len = 0;
    uint64_t seed = 3;
    for (unsigned i = 0; i < ENTRIES; i++)
        len += (size_t)sprintf(text + len, "0.0.0.0 %05llx%u.dom.net\n",
                               (unsigned long long)draw(&seed) & 0xfffff, 1000000 + i);
    struct intel_builder *builder = intel_builder_new(suffixes);
    struct feed_config config = {
        .name = "f", .path = "f", .category = CATEGORY_C2, .format = FEED_HOSTS};
    assert_int_equal(intel_builder_add_text(builder, &config, text, len, &report, &error), 0);
    free(text);
    struct intel *intel = intel_build(builder, &error);
    intel_builder_free(builder);
    size_t hot;
    size_t bytes = intel_bytes(intel, &hot);
    assert_int_equal(intel_count(intel), ENTRIES);
    assert_in_range(hot, 1, 7 * (size_t)ENTRIES);
    assert_in_range(bytes, hot, 24 * 1000 * 1000);
    intel_free(intel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_scope_covers_what_it_says),
        cmocka_unit_test(the_most_specific_entry_comes_first),
        cmocka_unit_test(the_smallest_block_comes_first),
        cmocka_unit_test(look_ups_agree_with_a_slow_matcher),
        cmocka_unit_test(address_look_ups_agree_with_a_slow_matcher),
        cmocka_unit_test(equal_lists_give_equal_answers_whatever_the_seed),
        cmocka_unit_test(a_million_entries_fit_their_budget),
    };
    return cmocka_run_group_tests(tests, suffixes_load, suffixes_free);
}
