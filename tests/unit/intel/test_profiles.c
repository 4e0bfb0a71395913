/* test_profiles.c - known services are left alone, and only as long as their names look like theirs
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "intel/profiles.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct suffix_list *suffixes;
static struct suffix_cache *cache;
static struct profiles *shipped;

static int all_open(void **state)
{
    (void)state;
    struct error warning;
    suffixes = suffix_list_new(NULL, &warning);
    cache = suffix_cache_new(suffixes);
    shipped = profiles_new();
    return cache && shipped ? 0 : -1;
}

static int all_close(void **state)
{
    (void)state;
    profiles_free(shipped);
    suffix_cache_free(cache);
    suffix_list_free(suffixes);
    return 0;
}

/* A response in memory: rcode and addresses in the answer section. */
struct answer {
    struct dns_message message;
    struct dns_record records[4];
    uint8_t bytes[16];
};

static void answer_make(struct answer *answer, unsigned count, uint8_t first_octet)
{
    memset(answer, 0, sizeof(*answer));
    answer->message.data = answer->bytes;
    answer->message.len = sizeof(answer->bytes);
    answer->message.records = answer->records;
    answer->message.record_count = (uint16_t)count;
    answer->bytes[0] = first_octet;
    for (unsigned i = 0; i < count; i++)
        answer->records[i] = (struct dns_record){
            .type = DNS_TYPE_A, .section = DNS_SECTION_ANSWER, .rrclass = 1, .rdata_len = 4};
}

static struct enrichment match(const struct profiles *profiles, const char *text,
                               const struct answer *answer, uint16_t rcode)
{
    static struct dns_name name;
    struct enrichment ret = {0};
    assert_true(name_from_text(&name, text, strlen(text)));
    struct transaction transaction = {
        .question = &name,
        .response = answer ? &answer->message : NULL,
        .rcode = rcode,
    };
    ret.registrable = suffix_lookup(cache, &name).registrable;
    profiles_match(profiles, cache, &transaction, &ret);
    return ret;
}

/* Whether some rule is about the name, so that another response may make it fit. */
static bool concerns(const struct profiles *profiles, const char *text)
{
    struct dns_name name;
    struct enrichment ret = {0};
    assert_true(name_from_text(&name, text, strlen(text)));
    const struct transaction transaction = {.question = &name};
    ret.registrable = suffix_lookup(cache, &name).registrable;
    return profiles_match(profiles, cache, &transaction, &ret);
}

static void the_shipped_table_has_no_line_that_is_refused(void **state)
{
    (void)state;
    char path[4096];
    struct feed_report report;
    struct error error;
    struct profiles *profiles = profiles_new();
    snprintf(path, sizeof(path), "%s/data/profiles/profiles.tsv", getenv("TEST_SOURCE_ROOT"));
    size_t before = profiles_count(profiles);
    assert_int_equal(profiles_read_file(profiles, path, &report, &error), 0);
    if (report.refused)
        fail_msg("line %u: %s", report.first_refused[0].line,
                 refusal_texts[report.first_refused[0].reason]);
    assert_true(report.added > 500);
    assert_true(profiles_count(profiles) >= before);
    profiles_free(profiles);
}

static void a_name_without_a_rule_need_not_be_asked_about_again(void **state)
{
    (void)state;
    assert_false(concerns(shipped, "example-domain.net"));
    assert_false(concerns(shipped, "www.example-domain.net"));
    assert_false(concerns(shipped, "_unheard-of.example-domain.net"));
    assert_true(concerns(shipped, "4.3.2.1.zen.spamhaus.org"));
    assert_true(concerns(shipped, "www.zen.spamhaus.org")); /* has not the shape; others may */
    assert_true(concerns(shipped, "_acme-challenge.www.example-domain.net"));
    assert_true(concerns(shipped, "a.b.example-domain.net")); /* for patterns */
}

static void known_services_are_known_by_name_and_shape(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum profile_class profile;
    } cases[] = {
        {"a-0.19-a3000081.0.16a8.b54.3ea5.210.0.i62gb75gjiz452rjmrl69nkzqv.avts.mcafee.com",
         PROFILE_REPUTATION},
        {"25dsn4gpfhdu7b45ezqoe4fvgybqeaqbaeaq.a.e.e5.sk", PROFILE_REPUTATION},
        {"4.3.2.1.zen.spamhaus.org", PROFILE_DNSBL},
        {"d41d8cd98f00b204e9800998ecf8427e.malware.hash.cymru.com", PROFILE_REPUTATION},
        {"d111111abcdef8.cloudfront.net", PROFILE_CDN},
        {"192-0-2-1.0123456789abcdef0123456789abcdef.plex.direct", PROFILE_DYN_SERVICE},
        {"_acme-challenge.www.example-domain.net", PROFILE_INFRASTRUCTURE},
        {"selector1._domainkey.example-domain.net", PROFILE_INFRASTRUCTURE},
        {"_ldap._tcp.dc._msdcs.ad.example-domain.net", PROFILE_INFRASTRUCTURE},
        {"1.2.0.192.in-addr.arpa", PROFILE_REVERSE},
        {"printer.local", PROFILE_LOCAL},
        {"wpad.example-domain.net", PROFILE_NONE},
        {"wpad", PROFILE_DISCOVERY},
        {"whatever.duckdns.org", PROFILE_DYNDNS},
        {"whatever.github.io", PROFILE_HOSTING},
        {"www.example-domain.net", PROFILE_NONE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct enrichment found = match(shipped, cases[i].name, NULL, 0);
        if (found.profile != cases[i].profile)
            fail_msg("%s is %s", cases[i].name, profile_names[found.profile]);
    }
}

static void a_broken_shape_is_no_profile(void **state)
{
    (void)state;
    static const char *const names[] = {
        "nrxwgylmebqw4zbanfxgo4tfobsxe5dboruw63ramv4ho3tboruw6zlt.cloudfront.net",
        "mrxwk43ojfzwk3thmfvgc3tfobxw4zlbmfzw63thmu2gk3dmn52a._domainkey.example-domain.net",
        "4.3.2.1.mrxwk43ojfzwk3thmfvgc3tfobxw4zlbmf.example-domain.net",
        "not-an-address.7.in-addr.arpa.in-addr.arpa",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct enrichment found = match(shipped, names[i], NULL, 0);
        if (profile_exempts(&found, DETECTOR_DATA_EXFILTRATION))
            fail_msg("%s is %s", names[i], profile_names[found.profile]);
    }
}

static void open_suffixes_exempt_from_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"whatever.duckdns.org", "whatever.github.io"};
    for (size_t i = 0; i < 2; i++) {
        struct enrichment found = match(shipped, names[i], NULL, 0);
        assert_true(profile_is_open(&found));
        assert_int_equal(found.exempt, 0);
        assert_int_equal(found.profile_label, 1);
    }
}

static void an_unknown_block_list_answers_with_127_or_not_at_all(void **state)
{
    (void)state;
    static const char *const name = "4.3.2.1.list.example-domain.net";
    struct answer answer;
    answer_make(&answer, 2, 127);
    assert_int_equal(match(shipped, name, &answer, 0).profile, PROFILE_DNSBL);
    answer_make(&answer, 0, 0);
    assert_int_equal(match(shipped, name, &answer, 3).profile, PROFILE_DNSBL);
    answer_make(&answer, 1, 203);
    assert_int_equal(match(shipped, name, &answer, 0).profile, PROFILE_NONE);
    answer_make(&answer, 1, 127);
    answer.records[0].type = DNS_TYPE_TXT;
    assert_int_equal(match(shipped, name, &answer, 0).profile, PROFILE_NONE);
}

static void a_search_suffix_is_one_only_where_the_name_fails(void **state)
{
    (void)state;
    static const char *const name = "www.google.com.corp.example-domain.net";
    struct answer answer;
    answer_make(&answer, 0, 0);
    assert_int_equal(match(shipped, name, &answer, 3).profile, PROFILE_SEARCH_SUFFIX);
    assert_int_equal(match(shipped, name, &answer, 0).profile, PROFILE_NONE);
    assert_int_equal(match(shipped, name, NULL, 0).profile, PROFILE_NONE);
}

static void a_tunnel_is_no_search_suffix(void **state)
{
    (void)state;
    struct answer answer;
    answer_make(&answer, 0, 0);
    struct enrichment found = match(shipped, "data.com.corp.example-domain.net", &answer, 3);
    assert_false(profile_exempts(&found, DETECTOR_DATA_EXFILTRATION));
}

static void bad_lines_are_refused_with_their_number(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum refusal reason;
    } cases[] = {
        {"one.example-domain.net\tcdn\t-\tall\twhat", REFUSAL_PROFILE_COLUMNS},
        {"one.example-domain.net\tcdn\t-\tall\twhat\tfrom\tmore", REFUSAL_PROFILE_COLUMNS},
        {"no name\tcdn\t-\tall\twhat\tfrom", REFUSAL_PROFILE_ENTRY},
        {"_a.b.*\tcdn\t-\tall\twhat\tfrom", REFUSAL_PROFILE_ENTRY},
        {"com\tcdn\t-\tall\twhat\tfrom", REFUSAL_SINGLE_LABEL},
        {"one.example-domain.net\tnothing\t-\tall\twhat\tfrom", REFUSAL_PROFILE_CLASS},
        {"one.example-domain.net\tcdn\tsquare\tall\twhat\tfrom", REFUSAL_PROFILE_SHAPE},
        {"*\tdnsbl\t-\tall\twhat\tfrom", REFUSAL_PROFILE_SHAPE},
        {"one.example-domain.net\tcdn\t- 128/8\tall\twhat\tfrom", REFUSAL_PROFILE_ANSWER},
        {"one.example-domain.net\tcdn\t-\tall,most\twhat\tfrom", REFUSAL_PROFILE_EXEMPT},
        {"\xff\xfe\tcdn\t-\tall\twhat\tfrom", REFUSAL_PROFILE_ENTRY},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[256];
        struct feed_report report;
        struct profiles *profiles = profiles_new();
        snprintf(text, sizeof(text), "# comment\n\n%s\n", cases[i].line);
        profiles_read(profiles, text, strlen(text), &report);
        assert_int_equal(report.refused, 1);
        assert_int_equal(report.first_refused[0].line, 3);
        if (report.first_refused[0].reason != cases[i].reason)
            fail_msg("%s: %s", cases[i].line, refusal_texts[report.first_refused[0].reason]);
        profiles_free(profiles);
    }
}

static void a_later_line_replaces_an_earlier_one(void **state)
{
    (void)state;
    static const char text[] = "cloudfront.net\tlocal\thost{1,63}\tnone\tours\there\n";
    struct feed_report report;
    struct profiles *profiles = profiles_new();
    size_t before = profiles_count(profiles);
    profiles_read(profiles, text, sizeof(text) - 1, &report);
    assert_int_equal(profiles_count(profiles), before);
    struct enrichment found = match(profiles, "d111111abcdef8.cloudfront.net", NULL, 0);
    assert_int_equal(found.profile, PROFILE_LOCAL);
    assert_int_equal(found.exempt, 0);
    profiles_free(profiles);
}

static void a_file_of_nothing_but_mistakes_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/dnsvigil-profiles-XXXXXX";
    int fd = mkstemp(path);
    struct feed_report report;
    struct error error;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "<html>\n", 7), 7);
    close(fd);
    assert_int_equal(profiles_read_file(shipped, path, &report, &error), -EINVAL);
    assert_non_null(strstr(error.text, "line 1"));
    unlink(path);
    assert_int_equal(profiles_read_file(shipped, path, &report, &error), -ENOENT);
}

static void real_reputation_look_ups_are_all_known(void **state)
{
    (void)state;
    const char *data = getenv("DNSVIGIL_DATA");
    char path[4096], line[1100];
    if (!data) {
        print_message("DNSVIGIL_DATA is not set\n");
        skip();
    }
    snprintf(path, sizeof(path), "%s/benign/av_reputation_lookups_reconstructed.txt", data);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\r\n")] = 0;
        struct enrichment found = match(shipped, line, NULL, 0);
        if (!profile_exempts(&found, DETECTOR_DATA_EXFILTRATION))
            fail_msg("%s is not known", line);
    }
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_table_has_no_line_that_is_refused),
        cmocka_unit_test(a_name_without_a_rule_need_not_be_asked_about_again),
        cmocka_unit_test(known_services_are_known_by_name_and_shape),
        cmocka_unit_test(a_broken_shape_is_no_profile),
        cmocka_unit_test(open_suffixes_exempt_from_nothing),
        cmocka_unit_test(an_unknown_block_list_answers_with_127_or_not_at_all),
        cmocka_unit_test(a_search_suffix_is_one_only_where_the_name_fails),
        cmocka_unit_test(a_tunnel_is_no_search_suffix),
        cmocka_unit_test(bad_lines_are_refused_with_their_number),
        cmocka_unit_test(a_later_line_replaces_an_earlier_one),
        cmocka_unit_test(a_file_of_nothing_but_mistakes_is_refused),
        cmocka_unit_test(real_reputation_look_ups_are_all_known),
    };
    return cmocka_run_group_tests(tests, all_open, all_close);
}
