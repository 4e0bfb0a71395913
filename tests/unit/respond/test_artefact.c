/* test_artefact.c - isolation is written as other programs read it, whatever the names are
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "respond/artefact.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITEMS_MAX = 16 };

static const int64_t now_ns = 1700000000 * NS_PER_S;

static size_t items_of(const char *const texts[], size_t count, struct isolated *items)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(isolated_parse(texts[i], &items[i]));
        items[i].until_ns = now_ns + 3600 * NS_PER_S;
    }
    return isolated_prepare(items, count);
}

static int write_to(struct buf *buf, enum artefact type, const char *const texts[], size_t count,
                    struct error *error)
{
    static struct isolated items[ITEMS_MAX];
    struct artefact_input input = {
        .items = items,
        .count = items_of(texts, count, items),
        .serial = 7,
        .now_ns = now_ns,
        .zone = "isolation.dnsvigil",
    };
    buf_init(buf, ARTEFACT_BYTES_MAX);
    return artefacts[type].write(&input, buf, error);
}

/* What the file must be, kept beside the test. DNSVIGIL_GOLDEN=1 writes it anew. */
static void golden_check(enum artefact type, const char *const texts[], size_t count)
{
    char path[512], want[8192] = "";
    struct error error;
    struct buf buf;
    assert_int_equal(write_to(&buf, type, texts, count, &error), 0);
    const char *root = getenv("TEST_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/tests/unit/respond/golden/%s.txt", root ? root : ".",
             artefacts[type].slug);
    bool renew = getenv("DNSVIGIL_GOLDEN") != NULL;
    FILE *file = fopen(path, renew ? "w" : "r");
    assert_non_null(file);
    if (renew)
        fwrite(buf.data, 1, buf.len, file);
    else if (fread(want, 1, sizeof(want) - 1, file) == 0)
        fail();
    fclose(file);
    if (!renew)
        assert_string_equal(buf.data, want);
    buf_done(&buf);
}

static void every_kind_is_written_as_it_always_was(void **state)
{
    (void)state;
    static const char *const texts[] = {"198.51.100.0/24", "192.0.2.7",     "2001:db8::1",
                                        "2001:db8:1::/48", "Evil.Example.", "a_b.c-d.example"};
    for (int type = 0; type < ARTEFACT_COUNT; type++)
        golden_check(type, texts, sizeof(texts) / sizeof(*texts) - (artefacts[type].names ? 0 : 2));
}

static void nothing_isolated_is_a_file_too(void **state)
{
    (void)state;
    for (int type = 0; type < ARTEFACT_COUNT; type++) {
        struct error error;
        struct buf buf;
        assert_int_equal(write_to(&buf, type, NULL, 0, &error), 0);
        assert_true(buf.len > 0 && !buf.overflow);
        assert_null(strstr(buf.data, "elements"));
        assert_null(strstr(buf.data, "isolate(p"));
        buf_done(&buf);
    }
}

/* Names that would end a string, a line or a comment, open a wildcard or a program in one of the
 * five languages, if they were not written as what they are. */
static const char *const hostile[] = {
    "a\\\"b.example.com",     "x\\010local-zone: \\032y.example.com",
    "a'b.example.com",        "'\\)\\)os.execute\\('id'\\)--.example.com",
    "]]\\.x.example.com",     "\\$include.example.com",
    "\\;comment.example.com", "a\\\\b.example.com",
    "a\\\\042b.example.com",  "\\@.example.com",
    "\\(.example.com",        "x\\000y.example.com",
    "\\255\\254.example.com", "%s%n.example.com",
    "a\\.b.example.com",      "{{x}}.example.com",
    "*x.example.com",         "#x.example.com",
    "`id`.example.com",       "\\013\\010\\009.example.com",
};

/* Only these bytes may come from a name. */
static bool is_plain(char c)
{
    return isalnum((unsigned char)c) || strchr("-_.\\", c);
}

static void check_hostile(enum artefact type, const char *text)
{
    static const char *const nothing[] = {"harmless.example.com"};
    struct error error;
    struct buf evil, plain;
    assert_int_equal(write_to(&evil, type, &text, 1, &error), 0);
    assert_int_equal(write_to(&plain, type, nothing, 1, &error), 0);
    /* With the names taken out, the two files are the same. */
    const char *e = evil.data, *p = plain.data;
    while (*e && *p) {
        const char *name = "harmless.example.com";
        if (strncmp(p, name, strlen(name)) == 0) {
            const char *end = strstr(e, "example.com");
            assert_non_null(end);
            for (; e < end; e++)
                if (!is_plain(*e))
                    fail_msg("%s: %c comes through as %s", artefacts[type].slug, *e, evil.data);
            e += strlen("example.com");
            p += strlen(name);
        } else {
            assert_int_equal(*e++, *p++);
        }
    }
    assert_int_equal(*e, *p);
    buf_done(&evil);
    buf_done(&plain);
}

static void hostile_names_stay_names(void **state)
{
    (void)state;
    for (int type = 0; type < ARTEFACT_COUNT; type++)
        for (size_t i = 0; artefacts[type].names && i < sizeof(hostile) / sizeof(*hostile); i++)
            check_hostile(type, hostile[i]);
}

static void names_that_would_mean_something_else_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plain;
    } cases[] = {
        {"evil.example", true},
        {"a.evil.example", true},
        {"*x.example", true},
        {"com", false},                        /* everybody's */
        {".", false},                          /* everything */
        {"*.example", false},                  /* a wildcard of RPZ */
        {"a.*.example", false},                /* no wildcard, but none would know */
        {"32.7.2.0.192.rpz-client-ip", false}, /* another client */
        {"32.7.2.0.192.RPZ-IP", false},        /* whoever has this address */
        {"a.rpz-nsdname", false},              /* whoever has this name server */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct isolated item;
        assert_true(isolated_parse(cases[i].text, &item));
        assert_true(item.is_name);
        if (isolated_name_is_plain(&item.name) != cases[i].plain)
            fail_msg("%s", cases[i].text);
    }
}

static void clients_of_an_rpz_zone_are_written_in_the_form_servers_take(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"192.0.2.7", "\n32.7.2.0.192.rpz-client-ip CNAME .\n"},
        {"10.0.0.0/8", "\n8.0.0.0.10.rpz-client-ip CNAME .\n"},
        {"2001:db8::1", "\n128.1.zz.db8.2001.rpz-client-ip CNAME .\n"},
        {"2001:db8::/32", "\n32.zz.db8.2001.rpz-client-ip CNAME .\n"},
        {"2001:db8:0:1:1:1:1:1", "\n128.1.1.1.1.1.0.db8.2001.rpz-client-ip CNAME .\n"},
        {"2001:0:0:1:0:0:0:1", "\n128.1.zz.1.0.0.2001.rpz-client-ip CNAME .\n"},
        {"2001:0:0:1:2:0:0:1", "\n128.1.zz.2.1.0.0.2001.rpz-client-ip CNAME .\n"},
        {"::1", "\n128.1.zz.rpz-client-ip CNAME .\n"},
        {"fe80::", "\n128.zz.fe80.rpz-client-ip CNAME .\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct error error;
        struct buf buf;
        assert_int_equal(write_to(&buf, ARTEFACT_RPZ, &cases[i].text, 1, &error), 0);
        if (!strstr(buf.data, cases[i].line))
            assert_string_equal(buf.data, cases[i].line);
        buf_done(&buf);
    }
}

static void a_name_too_long_for_the_zone_is_refused(void **state)
{
    (void)state;
    char text[NAME_TEXT_MAX];
    struct error error = {""};
    struct buf buf;
    const char *const texts[] = {text};
    snprintf(text, sizeof(text), "%063d.%063d.%063d.%042d", 0, 0, 0, 0);
    assert_int_equal(write_to(&buf, ARTEFACT_RPZ, texts, 1, &error), -EINVAL);
    assert_non_null(strstr(error.text, "too long for a name of an RPZ zone"));
    buf_done(&buf);
    text[strlen(text) - 9] = '\0'; /* with `*.` and the zone's name 255 bytes */
    assert_int_equal(write_to(&buf, ARTEFACT_RPZ, texts, 1, &error), 0);
    buf_done(&buf);
}

static void what_is_within_another_is_left_out_while_that_lasts(void **state)
{
    (void)state;
    static const char *const texts[] = {"192.0.2.7",   "192.0.2.0/24", "192.0.2.7",
                                        "a.b.example", "b.example",    "xb.example",
                                        "2001:db8::1", "2001:db8::/64"};
    struct isolated items[8];
    assert_int_equal(items_of(texts, 8, items), 4);
    for (size_t i = 0; i < 8; i++)
        isolated_parse(texts[i], &items[i]);
    items[0].until_ns = 10; /* outlasts the network */
    items[2].until_ns = 5;
    assert_int_equal(isolated_prepare(items, 8), 5);
    struct artefact_input input = {items, 5, 1, 0, ""};
    struct error error;
    struct buf buf;
    buf_init(&buf, ARTEFACT_BYTES_MAX);
    assert_int_equal(artefact_nftables(&input, &buf, &error), 0);
    assert_null(strstr(buf.data, "192.0.2.7/32")); /* which would overlap */
    buf_done(&buf);
}

static void an_element_ends_by_itself(void **state)
{
    (void)state;
    struct isolated item;
    struct error error;
    struct buf buf;
    static const struct {
        int64_t left_ns;
        const char *text;
    } cases[] = {{1, "timeout 1s,"}, {NS_PER_S + 1, "timeout 2s,"}, {-5, "timeout 1s,"}};
    assert_true(isolated_parse("192.0.2.7", &item));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        item.until_ns = now_ns + cases[i].left_ns;
        struct artefact_input input = {&item, 1, 1, now_ns, ""};
        buf_init(&buf, ARTEFACT_BYTES_MAX);
        assert_int_equal(artefact_nftables(&input, &buf, &error), 0);
        assert_non_null(strstr(buf.data, cases[i].text));
        buf_done(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_written_as_it_always_was),
        cmocka_unit_test(nothing_isolated_is_a_file_too),
        cmocka_unit_test(hostile_names_stay_names),
        cmocka_unit_test(names_that_would_mean_something_else_are_refused),
        cmocka_unit_test(clients_of_an_rpz_zone_are_written_in_the_form_servers_take),
        cmocka_unit_test(a_name_too_long_for_the_zone_is_refused),
        cmocka_unit_test(what_is_within_another_is_left_out_while_that_lasts),
        cmocka_unit_test(an_element_ends_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
