/* test_lookalike.c - names that borrow a brand are told from those that do not
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "enrich/lookalike.h"
#include "intel/profiles.h"

#include <dnsvigil/name.h>

#include <stdlib.h>
#include <string.h>

static const char config_text[] = "lookalikes:\n"
                                  "  own_domains: [our-company.net, ab.org]\n"
                                  "  brands: [examplebank]\n";

static struct config *config;
static struct suffix_list *suffixes;
static struct suffix_cache *cache;
static struct profiles *profiles;
static struct brands *brands;
static struct dns_name name;
static struct enrichment enrichment;
static struct lookalike found;

static int all_open(void **state)
{
    (void)state;
    struct error error;
    suffixes = suffix_list_new(NULL, &error);
    cache = suffix_cache_new(suffixes);
    profiles = profiles_new();
    assert_int_equal(config_load_text("test", config_text, strlen(config_text), &config, &error),
                     0);
    brands = brands_new(config, &error);
    return cache && profiles && brands ? 0 : -1;
}

static int all_close(void **state)
{
    (void)state;
    brands_free(brands);
    config_free(config);
    profiles_free(profiles);
    suffix_cache_free(cache);
    suffix_list_free(suffixes);
    return 0;
}

static bool look(const char *text)
{
    assert_true(name_from_text(&name, text, strlen(text)));
    struct transaction transaction = {.question = &name};
    memset(&enrichment, 0, sizeof(enrichment));
    enrichment.registrable = suffix_lookup(cache, &name).registrable;
    assert_true(enrichment.registrable >= 0);
    profiles_match(profiles, cache, &transaction, &enrichment);
    return lookalike_find(brands, &name, &enrichment, &found);
}

static void each_technique_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *brand;
        enum lookalike_technique technique;
        unsigned signs; /* at least these */
    } cases[] = {
        {"paypa1.net", "paypal", LOOKALIKE_HOMOGLYPH, LOOKALIKE_SIGN_WHOLE},
        {"rnicrosoft.com", "microsoft", LOOKALIKE_HOMOGLYPH, 0},
        {"xn--pypal-4ve.com", "paypal", LOOKALIKE_HOMOGLYPH, LOOKALIKE_SIGN_FOREIGN},
        {"faecbook.net", "facebook", LOOKALIKE_TYPO, 0},
        {"facebok.net", "facebook", LOOKALIKE_TYPO, 0},
        {"facebookk.net", "facebook", LOOKALIKE_TYPO, 0},
        {"fscebook.net", "facebook", LOOKALIKE_KEYBOARD, 0},
        {"nedflix.net", "netflix", LOOKALIKE_BITFLIP, 0},
        {"netflix-login.net", "netflix", LOOKALIKE_COMBINED, LOOKALIKE_SIGN_LURE},
        {"verifynetflix.net", "netflix", LOOKALIKE_COMBINED, LOOKALIKE_SIGN_LURE},
        {"paypal.com.some-site.net", "paypal", LOOKALIKE_EMBEDDED, LOOKALIKE_SIGN_DOMAIN},
        {"usps.com-track.cc", "usps", LOOKALIKE_EMBEDDED,
         LOOKALIKE_SIGN_DOMAIN | LOOKALIKE_SIGN_TLD},
        {"login-microsoft.webflow.io", "microsoft", LOOKALIKE_COMBINED,
         LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_OPEN},
        {"our-company.top", "our-company", LOOKALIKE_OTHER_TLD, LOOKALIKE_SIGN_OWN},
        {"0ur-company.net", "our-company", LOOKALIKE_HOMOGLYPH, LOOKALIKE_SIGN_OWN},
        {"our-conpany.net", "our-company", LOOKALIKE_KEYBOARD, LOOKALIKE_SIGN_OWN},
        {"examplebank-secure.net", "examplebank", LOOKALIKE_COMBINED, LOOKALIKE_SIGN_LURE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (!look(cases[i].name))
            fail_msg("%s looks like nobody", cases[i].name);
        if (strcmp(found.brand, cases[i].brand) != 0 || found.technique != cases[i].technique ||
            (found.signs & cases[i].signs) != cases[i].signs)
            fail_msg("%s: %s %s, signs %x", cases[i].name, found.brand,
                     lookalike_technique_names[found.technique], found.signs);
    }
}

static void mixed_alphabets_need_no_brand(void **state)
{
    (void)state;
    assert_true(look("xn--exmple-4nf.net"));
    assert_int_equal(found.technique, LOOKALIKE_SCRIPTS);
    assert_string_equal(found.brand, "");
}

static void what_belongs_to_a_brand_is_like_nobody(void **state)
{
    (void)state;
    static const char *const names[] = {
        "www.paypal.com",      "login.microsoftonline.com",
        "images.amazon.co.uk", "secure.our-company.net",
        "www.ab.org",          "paypal.com",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (look(names[i]))
            fail_msg("%s looks like %s", names[i], found.brand);
}

static void ordinary_words_are_like_nobody(void **state)
{
    (void)state;
    static const char *const names[] = {
        "pineapple-cake.net",        "goggles.net",     "finance-news.net", "purchase-orders.net",
        "groups.example-domain.net", "steamroller.net", "horizon.net",      "tarts.net",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (look(names[i]))
            fail_msg("%s looks like %s", names[i], found.brand);
}

static void bytes_that_are_no_text_are_like_nobody(void **state)
{
    (void)state;
    assert_true(look("paypal-login.example-data.net"));
    assert_true(look("\\195\\164-paypal-login.example-data.net")); /* UTF-8 */
    assert_false(look("\\228-paypal-login.example-data.net"));     /* Latin-1, or anything */
    assert_false(look("\\001.paypal-login.example-data.net"));
}

static void the_tenant_of_a_provider_chose_its_label(void **state)
{
    (void)state;
    assert_true(look("metamask-login.some-unlisted.webflow.io"));
    assert_true(found.signs & LOOKALIKE_SIGN_OPEN);
}

static void known_names_are_not_looked_at(void **state)
{
    (void)state;
    struct known_names *kept = calloc(1, sizeof(*kept));
    assert_non_null(kept);
    assert_true(look("netflix-login.net"));
    assert_non_null(lookalike_look(kept, brands, &name, &enrichment, &found));
    enrichment.popularity = 12;
    assert_null(lookalike_look(kept, brands, &name, &enrichment, &found));
    enrichment.popularity = 0;
    enrichment.allowed = true;
    assert_null(lookalike_look(kept, brands, &name, &enrichment, &found));
    enrichment.allowed = false;
    enrichment.exempt = 1 << DETECTOR_PHISHING_DOMAIN;
    assert_null(lookalike_look(kept, brands, &name, &enrichment, &found));
    enrichment.exempt = 0;
    assert_non_null(lookalike_look(kept, brands, &name, &enrichment, &found));
    free(kept);
}

static void names_without_a_likeness_are_remembered(void **state)
{
    (void)state;
    struct known_names *kept = calloc(1, sizeof(*kept));
    assert_non_null(kept);
    assert_false(look("www.plain-site.net"));
    assert_int_equal(known_look(kept, cache, &name).lacks, 0);
    assert_null(lookalike_look(kept, brands, &name, &enrichment, &found));
    assert_int_equal(known_look(kept, cache, &name).lacks, NAME_LACKS_LIKENESS);
    free(kept);
}

static void configured_names_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "lookalikes: {own_domains: [\"no_dot\"]}",
        "lookalikes: {brands: [\"two.labels\"]}",
        "lookalikes: {brands: [\"ab\"]}",
        "lookalikes: {brands: [\"bad!name\"]}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct config *bad;
        struct error error;
        assert_int_equal(config_load_text("test", texts[i], strlen(texts[i]), &bad, &error), 0);
        assert_null(brands_new(bad, &error));
        assert_non_null(strstr(error.text, "lookalikes."));
        config_free(bad);
    }
}

static void any_bytes_are_a_name(void **state)
{
    (void)state;
    static const char *const names[] = {
        "\\000\\255.\\046net.example-domain.net",
        "xn--paypal.xn--99999999.xn--.example-domain.net",
        "a.b.c.d.e.f.g.h.i.j.k.paypal.example-domain.net",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        look(names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_technique_is_told),
        cmocka_unit_test(mixed_alphabets_need_no_brand),
        cmocka_unit_test(what_belongs_to_a_brand_is_like_nobody),
        cmocka_unit_test(ordinary_words_are_like_nobody),
        cmocka_unit_test(bytes_that_are_no_text_are_like_nobody),
        cmocka_unit_test(the_tenant_of_a_provider_chose_its_label),
        cmocka_unit_test(known_names_are_not_looked_at),
        cmocka_unit_test(names_without_a_likeness_are_remembered),
        cmocka_unit_test(configured_names_that_are_none_are_refused),
        cmocka_unit_test(any_bytes_are_a_name),
    };
    return cmocka_run_group_tests(tests, all_open, all_close);
}
