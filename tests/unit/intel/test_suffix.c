/* test_suffix.c - tests of registrable domains, with libpsl as the judge
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/suffix.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/name.h>

#include "cmocka_all.h"

#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct suffix_list *list;
static struct suffix_cache *cache;

static int list_load(void **state)
{
    (void)state;
    struct error warning;
    list = suffix_list_new(NULL, &warning);
    cache = list ? suffix_cache_new(list) : NULL;
    return cache ? 0 : -1;
}

static int list_free(void **state)
{
    (void)state;
    suffix_cache_free(cache);
    suffix_list_free(list);
    return 0;
}

static struct suffix_info lookup(struct suffix_cache *of, const char *text)
{
    struct dns_name name;
    assert_true(name_from_text(&name, text, strlen(text)));
    return suffix_lookup(of, &name);
}

static const struct {
    const char *name;
    int registrable;
    enum suffix_class suffix_class;
} cases[] = {
    {"www.dnsvigil.com", 1, SUFFIX_ICANN},
    {"dnsvigil.com", 0, SUFFIX_ICANN},
    {"com", -1, SUFFIX_NONE},
    {".", -1, SUFFIX_NONE},
    {"wpad", -1, SUFFIX_NONE},
    {"co.uk", -1, SUFFIX_ICANN},
    {"a.b.co.uk", 1, SUFFIX_ICANN},
    {"github.io", -1, SUFFIX_PRIVATE},
    {"x.tenant.github.io", 1, SUFFIX_PRIVATE},
    {"foo.ck", -1, SUFFIX_ICANN},
    {"www.ck", 0, SUFFIX_ICANN},
    {"a.www.ck", 1, SUFFIX_ICANN},
    {"a.b.foo.ck", 1, SUFFIX_ICANN},
    {"a.city.kawasaki.jp", 1, SUFFIX_ICANN},
    {"a.b.x.kawasaki.jp", 1, SUFFIX_ICANN},
    {"server.corp.zzqq", -1, SUFFIX_UNDELEGATED},
    {"printer.local", -1, SUFFIX_SPECIAL_USE},
    {"abc.onion", -1, SUFFIX_SPECIAL_USE},
    {"onion", -1, SUFFIX_SPECIAL_USE},
    {"nas.home.arpa", -1, SUFFIX_SPECIAL_USE},
    {"www.example.com", 1, SUFFIX_ICANN},
    {"www.notexample.com", 1, SUFFIX_ICANN},
    {"4.3.2.1.in-addr.arpa", -1, SUFFIX_REVERSE},
    {"1.0.ip6.arpa", -1, SUFFIX_REVERSE},
    {"x\\.github.io", 0, SUFFIX_ICANN},
    {"a\\032b.co.uk", 0, SUFFIX_ICANN},
};

static void names_have_the_domain_and_class_they_should(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
            struct suffix_info info = lookup(cache, cases[i].name);
            if (info.registrable != cases[i].registrable ||
                info.suffix_class != cases[i].suffix_class)
                fail_msg("%s: %d %u", cases[i].name, info.registrable, info.suffix_class);
        }
}

/* Asks libpsl about `text` itself and compares, where our own classes do not come first. */
static void compare(const psl_ctx_t *psl, const char *text)
{
    struct dns_name name;
    if (!name_from_text(&name, text, strlen(text)))
        return;
    struct suffix_info info = suffix_lookup(cache, &name);
    if (info.suffix_class != SUFFIX_ICANN && info.suffix_class != SUFFIX_PRIVATE)
        return;
    const char *domain = psl_registrable_domain(psl, text);
    char ours[NAME_TEXT_MAX] = "";
    if (info.registrable >= 0)
        name_to_text(&name, (unsigned)info.registrable, ours);
    if (strcmp(ours, domain ? domain : "") != 0)
        fail_msg("%s: ours %s, libpsl's %s", text, ours, domain ? domain : "none");
}

/* Reads the next ASCII rule's name from the text list. */
static bool rule_next(FILE *file, char *line, int size)
{
    while (fgets(line, size, file)) {
        line[strcspn(line, " \t\r\n")] = 0;
        char *rule = line + (strncmp(line, "*.", 2) == 0 ? 2 : line[0] == '!');
        memmove(line, rule, strlen(rule) + 1);
        bool ascii = true;
        for (const char *at = line; *at; at++)
            ascii &= (unsigned char)*at < 0x80;
        if (line[0] && line[0] != '/' && ascii)
            return true;
    }
    return false;
}

static void every_rule_and_its_children_agree_with_libpsl(void **state)
{
    (void)state;
    psl_ctx_t *psl = psl_load_file(SUFFIX_LIST_PATH);
    FILE *file = fopen(SUFFIX_LIST_PATH, "re");
    if (!psl || !file)
        skip();
    char rule[512];
    char child[1024];
    unsigned rules = 0;
    for (; rule_next(file, rule, sizeof(rule)); rules++) {
        compare(psl, rule);
        snprintf(child, sizeof(child), "a%u.%s", rules, rule);
        compare(psl, child);
        snprintf(child, sizeof(child), "w.a%u.%s", rules, rule);
        compare(psl, child);
        snprintf(child, sizeof(child), "v.w.a%u.%s", rules % 7, rule);
        compare(psl, child);
    }
    assert_in_range(rules, 1000, 1000000);
    fclose(file);
    psl_free(psl);
}

static void unique_host_names_share_one_answer(void **state)
{
    (void)state;
    lookup(cache, "a.dnsvigil.com");
    uint64_t misses = suffix_cache_misses(cache);
    for (unsigned i = 0; i < 5000; i++) {
        char text[64];
        snprintf(text, sizeof(text), "h%u.d%u.com", i, i % 100);
        assert_int_equal(lookup(cache, text).registrable, 1);
    }
    assert_int_equal(suffix_cache_misses(cache), misses);
}

static void names_under_a_wildcard_do_not_outgrow_the_cache(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        char text[64];
        snprintf(text, sizeof(text), "a.b%u.ck", i);
        assert_int_equal(lookup(cache, text).registrable, 0);
    }
    assert_int_equal(lookup(cache, "a.b.co.uk").registrable, 1);
}

static void without_the_text_list_the_built_in_one_answers(void **state)
{
    (void)state;
    struct error warning;
    struct suffix_list *builtin = suffix_list_new("/nonexistent/list", &warning);
    if (!builtin)
        skip();
    assert_non_null(strstr(warning.text, "/nonexistent/list"));
    struct suffix_cache *own = suffix_cache_new(builtin);
    assert_non_null(own);
    assert_int_equal(lookup(own, "a.b.co.uk").registrable, 1);
    assert_int_equal(lookup(own, "x.tenant.github.io").suffix_class, SUFFIX_PRIVATE);
    assert_int_equal(lookup(own, "a.b.c.d.e.f.g.h.i.j.co.uk").registrable, 9);
    assert_int_equal(lookup(own, "printer.local").suffix_class, SUFFIX_SPECIAL_USE);
    suffix_cache_free(own);
    suffix_list_free(builtin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_the_domain_and_class_they_should),
        cmocka_unit_test(every_rule_and_its_children_agree_with_libpsl),
        cmocka_unit_test(unique_host_names_share_one_answer),
        cmocka_unit_test(names_under_a_wildcard_do_not_outgrow_the_cache),
        cmocka_unit_test(without_the_text_list_the_built_in_one_answers),
    };
    return cmocka_run_group_tests(tests, list_load, list_free);
}
