/* test_carried.c - what counts as carried in names and answers, and what ordinary DNS may have free
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "tunnel_ask.h"

#define RANDOM_LABEL "mzuxezltn5wwkidpnzss4ltcnrqwczlu"
#define LONG_LABEL   RANDOM_LABEL "orzxg5dpn5zgkzdborqs4y3pnvxw6"

static struct ask ask;

/* Bytes in the name of the question that stands in `ask`. */
static float name_bytes(int registrable, enum suffix_class suffix, struct seen *seen,
                        struct carried_name *ret)
{
    struct place place;
    *ret = (struct carried_name){0};
    if (!place_find(&ask.transaction, registrable, suffix, &place))
        return -1;
    carried_by_name(&ask_hooks, &ask.message.question, &place, seen, ret);
    return ret->bytes;
}

static float bytes_of(const char *name, enum suffix_class suffix, unsigned rcode)
{
    struct carried_name carried;
    ask_begin(&ask, name, DNS_TYPE_A, rcode);
    ask_finish(&ask, 0);
    bool delegated = suffix == SUFFIX_ICANN;
    return name_bytes(delegated ? ask.enrichment.registrable : -1, suffix, NULL, &carried);
}

static void names_that_ordinary_dns_needs_carry_next_to_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum suffix_class suffix;
        unsigned rcode;
        float most;
    } cases[] = {
        {"www.host.com", SUFFIX_ICANN, 0, 2},
        {"_acme-challenge.host.com", SUFFIX_ICANN, 0, 0},
        {"xk4j2h5g7d8s9a0q.selector._domainkey.host.com", SUFFIX_ICANN, 0, 0},
        {"_ldap._tcp.default-first-site-name._sites.dc._msdcs.host.com", SUFFIX_ICANN, 0, 1},
        {"4.3.2.1.zen.blocked.org", SUFFIX_ICANN, 3, 3},
        {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.blocked.org",
         SUFFIX_ICANN, 3, 3},
        {"192-0-2-77.provider.com", SUFFIX_ICANN, 0, 0},
        {"ec2-192-0-2-77.cloud.com", SUFFIX_ICANN, 0, 0},
        {"www.some-shop.com.office.host.com", SUFFIX_ICANN, 3, 0},
        {"qzfkwpxvjh", SUFFIX_NONE, 3, 0},
        {"desktop-4f3g2h1.lan", SUFFIX_SPECIAL_USE, 3, 0},
        {"10\\.1, 192.0.2.7, 198.51.100.3", SUFFIX_UNDELEGATED, 3, 8},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        float bytes = bytes_of(cases[i].name, cases[i].suffix, cases[i].rcode);
        if (bytes > cases[i].most)
            fail_msg("%s is said to carry %f bytes", cases[i].name, bytes);
    }
}

static void names_made_to_carry_something_cannot_hide_behind_them(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum suffix_class suffix;
        unsigned rcode;
    } cases[] = {
        {RANDOM_LABEL ".host.com", SUFFIX_ICANN, 0},
        {RANDOM_LABEL ".host.com", SUFFIX_ICANN, 3},
        {LONG_LABEL "._domainkey.host.com", SUFFIX_ICANN, 0},
        {RANDOM_LABEL ".com.host.com", SUFFIX_ICANN, 3},
        {RANDOM_LABEL ".4.3.2.1.host.com", SUFFIX_ICANN, 0},
        {"1.2.3.4." RANDOM_LABEL ".host.com", SUFFIX_ICANN, 3},
        {LONG_LABEL, SUFFIX_NONE, 0},
        {RANDOM_LABEL ".test", SUFFIX_SPECIAL_USE, 0},
        {RANDOM_LABEL ".nowhere", SUFFIX_UNDELEGATED, 0},
        {RANDOM_LABEL ".in-addr.arpa", SUFFIX_REVERSE, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        float bytes = bytes_of(cases[i].name, cases[i].suffix, cases[i].rcode);
        if (bytes < 7)
            fail_msg("%s is said to carry only %f bytes", cases[i].name, bytes);
    }
}

static void an_address_asked_for_in_a_reverse_zone_is_not_counted(void **state)
{
    (void)state;
    assert_true(bytes_of("7.2.0.192.in-addr.arpa", SUFFIX_REVERSE, 0) < 0);
    assert_true(bytes_of("host.com", SUFFIX_ICANN, 0) < 0);
    assert_true(bytes_of("co.uk", SUFFIX_PRIVATE, 0) < 0);
}

static void a_label_counts_once(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct carried_name carried;
    ask_begin(&ask, "a1." RANDOM_LABEL ".host.com", DNS_TYPE_A, 0);
    ask_finish(&ask, 0);
    float first = name_bytes(ask.enrichment.registrable, SUFFIX_ICANN, &seen, &carried);
    ask_begin(&ask, "b2." RANDOM_LABEL ".host.com", DNS_TYPE_A, 0);
    ask_finish(&ask, 0);
    float second = name_bytes(ask.enrichment.registrable, SUFFIX_ICANN, &seen, &carried);
    assert_true(first > 20 && second < 2);
    assert_true(carried.counts);
}

/* Bytes in the answers of `type` with this data to a question of type `qtype`. */
static float answer_bytes(uint16_t qtype, uint16_t type, const char *rdata, bool addresses)
{
    struct seen seen = {0};
    struct place place;
    ask_begin(&ask, "abc.host.com", qtype, 0);
    ask_answer(&ask, type, rdata);
    ask_finish(&ask, 0);
    assert_true(place_find(&ask.transaction, ask.enrichment.registrable, SUFFIX_ICANN, &place));
    float bytes = carried_by_answers(&ask_hooks, &ask.transaction, &place, &seen, addresses);
    assert_true(carried_by_answers(&ask_hooks, &ask.transaction, &place, &seen, addresses) == 0);
    return bytes;
}

static void a_number_behind_letters_that_are_known_carries_little(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool little;
    } cases[] = {
        {"web1.host.com", false}, /* the letters are new */
        {"web22.host.com", true},   {"web4711.host.com", true},     {"rack-2.host.com", false},
        {"rack-37.host.com", true}, {"web1234567.host.com", false}, /* more than a number of
                                                                       machines */
        {"x9qz7.host.com", false},  {"x9qz8.host.com", false},
    };
    struct seen seen = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct carried_name carried;
        ask_begin(&ask, cases[i].name, DNS_TYPE_A, 0);
        ask_finish(&ask, 0);
        float bytes = name_bytes(1, SUFFIX_ICANN, &seen, &carried);
        if (cases[i].little != (bytes < 1))
            fail_msg("%s is said to carry %f bytes", cases[i].name, bytes);
        assert_true(carried.counts);
    }
}

static void answers_carry_by_type_and_only_once(void **state)
{
    (void)state;
    enum { TYPE_PRIVATE = 65399, TYPE_RRSIG = DNS_TYPE_RRSIG };
    static const struct {
        uint16_t qtype, type;
        const char *rdata;
        bool addresses;
        float least, most;
    } cases[] = {
        {DNS_TYPE_TXT, DNS_TYPE_TXT, "\"0123456789012345678\"", false, 15, 15},
        {DNS_TYPE_NULL, DNS_TYPE_NULL, "\\# 00010203040506070809", false, 10, 10},
        {TYPE_PRIVATE, TYPE_PRIVATE, "\\# 00010203040506070809", false, 10, 10},
        {DNS_TYPE_A, DNS_TYPE_A, "192.0.2.1", false, 0, 0},
        {DNS_TYPE_A, DNS_TYPE_A, "192.0.2.1", true, 4, 4},
        {DNS_TYPE_AAAA, DNS_TYPE_AAAA, "2001:db8::1", true, 16, 16},
        {DNS_TYPE_A, DNS_TYPE_CNAME, RANDOM_LABEL ".elsewhere.com", false, 0, 0},
        {DNS_TYPE_CNAME, DNS_TYPE_CNAME, RANDOM_LABEL ".elsewhere.com", false, 18, 28},
        {DNS_TYPE_A, DNS_TYPE_CNAME, RANDOM_LABEL ".host.com", false, 18, 22},
        {DNS_TYPE_A, DNS_TYPE_CNAME, RANDOM_LABEL ".nowhere", false, 18, 26},
        {DNS_TYPE_MX, DNS_TYPE_MX, "10 " RANDOM_LABEL ".nowhere", false, 18, 26},
        {DNS_TYPE_A, TYPE_RRSIG, "\\# 00010203040506070809", false, 0, 0},
        {DNS_TYPE_HTTPS, DNS_TYPE_HTTPS, "\\# 00010000050004ffffffff", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        float bytes =
            answer_bytes(cases[i].qtype, cases[i].type, cases[i].rdata, cases[i].addresses);
        if (bytes < cases[i].least || bytes > cases[i].most)
            fail_msg("%s of type %u is said to carry %f bytes", cases[i].rdata, cases[i].type,
                     bytes);
    }
}

static void addresses_close_together_carry_little(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct place place;
    ask_begin(&ask, "abc.host.com", DNS_TYPE_A, 0);
    ask_answer(&ask, DNS_TYPE_A, "192.0.2.1");
    ask_answer(&ask, DNS_TYPE_A, "192.0.2.9");
    ask_answer(&ask, DNS_TYPE_A, "192.0.77.9");
    ask_finish(&ask, 0);
    assert_true(place_find(&ask.transaction, ask.enrichment.registrable, SUFFIX_ICANN, &place));
    assert_true(carried_by_answers(&ask_hooks, &ask.transaction, &place, &seen, true) == 5);
}

static int done(void **state)
{
    (void)state;
    ask_done(&ask);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_ordinary_dns_needs_carry_next_to_nothing),
        cmocka_unit_test(names_made_to_carry_something_cannot_hide_behind_them),
        cmocka_unit_test(an_address_asked_for_in_a_reverse_zone_is_not_counted),
        cmocka_unit_test(a_label_counts_once),
        cmocka_unit_test(a_number_behind_letters_that_are_known_carries_little),
        cmocka_unit_test(answers_carry_by_type_and_only_once),
        cmocka_unit_test(addresses_close_together_carry_little),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
