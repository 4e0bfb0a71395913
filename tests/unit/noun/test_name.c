/* test_name.c - names: text both ways, suffix hashes, comparison
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "cmocka_all.h"
#include "prng.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct dns_name name_of(const char *text)
{
    struct dns_name name;
    memset(&name, 0xaa, sizeof(name));
    if (!name_from_text(&name, text, strlen(text)))
        fail_msg("not a name: %s", text);
    return name;
}

static void assert_text(const struct dns_name *name, unsigned label, const char *expected)
{
    char text[NAME_TEXT_MAX];
    assert_int_equal(name_to_text(name, label, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void names_are_read_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wire, *back;
        unsigned labels;
    } cases[] = {
        {".", "", ".", 0},
        {"com", "\3com", "com", 1},
        {"com.", "\3com", "com", 1},
        {"WWW.Example.COM", "\3www\7example\3com", "www.example.com", 3},
        {"a\\.b.c", "\3a.b\1c", "a\\.b.c", 2},
        {"\\097\\B", "\2ab", "ab", 1},
        {"\\001\\200\\255", "\3\1\310\377", "\\001\\200\\255", 1},
        {"a b", "\3a b", "a\\032b", 1},
        {"\\\"\\(\\)\\;\\@\\$\\\\", "\7\"();@$\\", "\\\"\\(\\)\\;\\@\\$\\\\", 1},
        {"caf\303\251.fr", "\5caf\303\251\2fr", "caf\\195\\169.fr", 2},
        {"_sip._tcp.x-y", "\4_sip\4_tcp\3x-y", "_sip._tcp.x-y", 3},
        {"\304\326\335", "\3\304\326\335", "\\196\\214\\221", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct dns_name name = name_of(cases[i].text);
        assert_int_equal(name.len, strlen(cases[i].wire) + 1);
        assert_memory_equal(name.wire, cases[i].wire, name.len);
        assert_int_equal(name.labels, cases[i].labels);
        assert_text(&name, 0, cases[i].back);
    }
}

static void text_that_is_no_name_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",     "..",    ".a",    "a..b",  "a..",     "\\",
                                        "a\\1", "a\\12", "\\256", "\\999", "a.\\0x0", "..."};
    struct dns_name name;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (name_from_text(&name, cases[i], strlen(cases[i])))
            fail_msg("taken for a name: \"%s\"", cases[i]);
}

/* `labels` labels of `len` bytes and one last of `tail` bytes, dots between. */
static size_t long_text(char *text, unsigned labels, unsigned len, unsigned tail)
{
    char *to = text;
    for (unsigned i = 0; i < labels; i++) {
        memset(to, 'x', len);
        to += len;
        *to++ = '.';
    }
    memset(to, 'y', tail);
    to[tail] = 0;
    return (size_t)(to + tail - text);
}

static void lengths_are_bounded_at_63_and_255(void **state)
{
    (void)state;
    char text[600];
    struct dns_name name;
    assert_true(name_from_text(&name, text, long_text(text, 0, 0, 63)));
    assert_false(name_from_text(&name, text, long_text(text, 0, 0, 64)));
    assert_true(name_from_text(&name, text, long_text(text, 3, 63, 61)));
    assert_int_equal(name.len, 255);
    assert_false(name_from_text(&name, text, long_text(text, 3, 63, 62)));
    assert_true(name_from_text(&name, text, long_text(text, 126, 1, 1)));
    assert_int_equal(name.labels, NAME_LABELS_MAX);
    assert_int_equal(name.len, 255);
    assert_false(name_from_text(&name, text, long_text(text, 127, 1, 1)));
}

static void the_longest_text_fits_its_buffer(void **state)
{
    (void)state;
    struct dns_name name;
    memset(name.wire, 0xff, sizeof(name.wire));
    name.wire[0] = name.wire[64] = name.wire[128] = 63;
    name.wire[192] = 61;
    name.wire[254] = 0;
    name.len = 255;
    name_index(&name);
    char *text = malloc(NAME_TEXT_MAX);
    size_t len = name_to_text(&name, 0, text);
    assert_true(len < NAME_TEXT_MAX);
    struct dns_name back;
    assert_true(name_from_text(&back, text, len));
    assert_true(name_equal(&name, &back));
    free(text);
}

static void letter_case_is_remembered_but_not_kept(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool uppercase, mixed_case;
    } cases[] = {
        {"example.com", false, false}, {"EXAMPLE.COM", true, false}, {"eXample.com", true, true},
        {"123.-", false, false},       {"A1.B2", true, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct dns_name name = name_of(cases[i].text);
        assert_int_equal(name.uppercase, cases[i].uppercase);
        assert_int_equal(name.mixed_case, cases[i].mixed_case);
    }
}

static void text_can_start_at_any_label(void **state)
{
    (void)state;
    struct dns_name name = name_of("a.b\\.c.example");
    assert_text(&name, 1, "b\\.c.example");
    assert_text(&name, 2, "example");
    assert_text(&name, 3, ".");
}

static void a_suffix_hash_is_the_hash_of_the_suffix(void **state)
{
    (void)state;
    struct dns_name name = name_of("mail.a-rather-longer-label-of-many-words.Example.co.uk");
    for (unsigned i = 0; i <= name.labels; i++) {
        char text[NAME_TEXT_MAX];
        name_to_text(&name, i, text);
        struct dns_name suffix = name_of(text);
        assert_true(suffix.hash[0] == name.hash[i]);
    }
}

static void the_hash_does_not_see_what_is_left_over_in_the_buffer(void **state)
{
    (void)state;
    char text[600];
    for (unsigned len = 1; len <= 61; len++) {
        size_t text_len = long_text(text, len % 4, 63, len);
        struct dns_name a, b;
        memset(&a, 0x00, sizeof(a));
        memset(&b, 0xff, sizeof(b));
        assert_true(name_from_text(&a, text, text_len));
        assert_true(name_from_text(&b, text, text_len));
        assert_memory_equal(a.hash, b.hash, (a.labels + 1u) * sizeof(*a.hash));
    }
}

static void digests_tell_whole_names_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {
        ".",
        "a",
        "b",
        "a.b",
        "ab",
        "aaaaaaaaaaaaaa",  /* 16 bytes on the wire */
        "aaaaaaaaaaaaaaa", /* one more */
        "aaaaaaaaaaaaaaaa.b",
        "aaaaaaaaaaaaaaaa.c",
        "caaaaaaaaaaaaaaa.b",
    };
    enum { COUNT = sizeof(texts) / sizeof(*texts) };
    for (unsigned i = 0; i < COUNT; i++) {
        struct dns_name name = name_of(texts[i]), same;
        memset(&same, 0x55, sizeof(same));
        assert_true(name_from_text(&same, texts[i], strlen(texts[i])));
        assert_true(name_digest(&same) == name_digest(&name));
        for (unsigned j = 0; j < i; j++) {
            struct dns_name other = name_of(texts[j]);
            assert_true(name_digest(&other) != name_digest(&name));
        }
    }
}

static void the_hash_changes_with_the_seed(void **state)
{
    (void)state;
    uint64_t seed = hash_seed;
    struct dns_name before = name_of("example.com");
    hash_seed ^= 0x10000;
    struct dns_name after = name_of("example.com");
    hash_seed = seed;
    for (unsigned i = 0; i <= before.labels; i++)
        assert_true(before.hash[i] != after.hash[i]);
}

static void the_hash_sees_where_labels_end(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"ab.c", "a.bc"},
        {"a.b", "a\\.b"},
        {"abcdefg.h", "abcdefgh"},
        {"a", "a\\000"},
        {"abcdefgh.x", "abcdefg.hx"},
        {"\\001a", "a"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        struct dns_name a = name_of(pairs[i][0]), b = name_of(pairs[i][1]);
        assert_true(a.hash[0] != b.hash[0]);
        assert_false(name_equal(&a, &b));
    }
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Names that differ in few bits, the ones a weak mix would fold together. */
static void like_names_spread_over_all_bits_of_the_hash(void **state)
{
    (void)state;
    enum { NAMES = 200000, BUCKETS = 1024 };
    uint64_t *hashes = malloc(NAMES * sizeof(*hashes));
    unsigned *low = calloc(BUCKETS, sizeof(*low)), *high = calloc(BUCKETS, sizeof(*high));
    for (unsigned i = 0; i < NAMES; i++) {
        char text[40];
        snprintf(text, sizeof(text), "host%u.a.example.com", i);
        hashes[i] = name_of(text).hash[0];
        low[hashes[i] % BUCKETS]++;
        high[hashes[i] >> 54]++;
    }
    qsort(hashes, NAMES, sizeof(*hashes), compare_u64);
    unsigned near = 0;
    for (unsigned i = 1; i < NAMES; i++) {
        assert_true(hashes[i] != hashes[i - 1]);
        near += hashes[i] >> 32 == hashes[i - 1] >> 32;
    }
    assert_true(near < 20); /* 4.7 pairs share 32 bits by chance */
    for (unsigned i = 0; i < BUCKETS; i++) {
        assert_in_range(low[i], 110, 290); /* 195 expected, 14 the standard deviation */
        assert_in_range(high[i], 110, 290);
    }
    free(high);
    free(low);
    free(hashes);
}

/* A random canonical name. Few different bytes, most of them awkward ones, so that names come
 * close. */
static struct dns_name random_name(struct prng *prng)
{
    static const uint8_t bytes[] = {'.', '\\', '1', '0', 'a', 0, 0xff, ' ', '"', '@', 'z', 0x7f};
    struct dns_name name;
    unsigned labels = prng_below(prng, 4), at = 0;
    for (unsigned i = 0; i < labels; i++) {
        unsigned len = 1 + prng_below(prng, prng_below(prng, 8) ? 3 : 63);
        name.wire[at++] = (uint8_t)len;
        for (unsigned j = 0; j < len; j++)
            name.wire[at++] = bytes[prng_below(prng, sizeof(bytes))];
    }
    name.wire[at++] = 0;
    name.len = (uint8_t)at;
    name_index(&name);
    return name;
}

static void a_name_survives_the_way_through_text(void **state)
{
    (void)state;
    struct prng prng = {.state = 1};
    for (unsigned i = 0; i < 100000; i++) {
        struct dns_name name = random_name(&prng), back;
        char text[NAME_TEXT_MAX];
        size_t len = name_to_text(&name, 0, text);
        assert_int_equal(len, strlen(text));
        assert_true(name_from_text(&back, text, len));
        assert_true(name_equal(&name, &back));
        assert_int_equal(back.labels, name.labels);
        assert_memory_equal(back.offset, name.offset, name.labels + 1u);
        assert_memory_equal(back.hash, name.hash, (name.labels + 1u) * sizeof(*name.hash));
    }
}

struct written {
    char text[NAME_TEXT_MAX];
    struct dns_name name;
};

static int compare_text(const void *a, const void *b)
{
    return strcmp(((const struct written *)a)->text, ((const struct written *)b)->text);
}

static void two_different_names_never_have_the_same_text(void **state)
{
    (void)state;
    enum { NAMES = 20000 };
    struct prng prng = {.state = 2};
    struct written *all = malloc(NAMES * sizeof(*all));
    for (unsigned i = 0; i < NAMES; i++) {
        all[i].name = random_name(&prng);
        name_to_text(&all[i].name, 0, all[i].text);
    }
    qsort(all, NAMES, sizeof(*all), compare_text);
    unsigned same = 0;
    for (unsigned i = 1; i < NAMES; i++) {
        if (strcmp(all[i].text, all[i - 1].text) != 0)
            continue;
        assert_true(name_equal(&all[i].name, &all[i - 1].name));
        same++;
    }
    assert_true(same > 0); /* else the names were too far apart to prove anything */
    free(all);
}

static void random_text_never_becomes_a_bad_name(void **state)
{
    (void)state;
    static const char alphabet[] = "ab.\\\\.019Z ";
    struct prng prng = {.state = 3};
    for (unsigned i = 0; i < 200000; i++) {
        char text[300];
        size_t len = prng_below(&prng, prng_below(&prng, 10) ? 12 : sizeof(text));
        for (size_t j = 0; j < len; j++)
            text[j] = alphabet[prng_below(&prng, sizeof(alphabet) - 1)];
        struct dns_name name, back;
        if (!name_from_text(&name, text, len))
            continue;
        char again[NAME_TEXT_MAX];
        assert_true(name_from_text(&back, again, name_to_text(&name, 0, again)));
        assert_true(name_equal(&name, &back));
    }
}

static void a_name_is_under_itself_and_its_suffixes_only(void **state)
{
    (void)state;
    static const struct {
        const char *name, *suffix;
        bool under;
    } cases[] = {
        {"example.com", "example.com", true},
        {"a.b.example.com", "example.com", true},
        {"A.EXAMPLE.com", "example.COM", true},
        {"example.com", ".", true},
        {".", ".", true},
        {".", "com", false},
        {"notexample.com", "example.com", false},
        {"example.com", "a.example.com", false},
        {"a\\.example.com", "example.com", false},
        {"example.com.evil", "example.com", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct dns_name name = name_of(cases[i].name), suffix = name_of(cases[i].suffix);
        assert_int_equal(name_is_under(&name, &suffix), cases[i].under);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_as_written),
        cmocka_unit_test(text_that_is_no_name_is_refused),
        cmocka_unit_test(lengths_are_bounded_at_63_and_255),
        cmocka_unit_test(the_longest_text_fits_its_buffer),
        cmocka_unit_test(letter_case_is_remembered_but_not_kept),
        cmocka_unit_test(text_can_start_at_any_label),
        cmocka_unit_test(a_suffix_hash_is_the_hash_of_the_suffix),
        cmocka_unit_test(the_hash_does_not_see_what_is_left_over_in_the_buffer),
        cmocka_unit_test(digests_tell_whole_names_apart),
        cmocka_unit_test(the_hash_changes_with_the_seed),
        cmocka_unit_test(the_hash_sees_where_labels_end),
        cmocka_unit_test(like_names_spread_over_all_bits_of_the_hash),
        cmocka_unit_test(a_name_survives_the_way_through_text),
        cmocka_unit_test(two_different_names_never_have_the_same_text),
        cmocka_unit_test(random_text_never_becomes_a_bad_name),
        cmocka_unit_test(a_name_is_under_itself_and_its_suffixes_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
