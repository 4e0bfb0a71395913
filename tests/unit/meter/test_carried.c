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
    place_weigh(&ask.transaction, suffix, &place);
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
        {"qzfkwpxvjhbtlgd.host.com", SUFFIX_ICANN, 3, 0},
        {"_98d2646601fa951d53ac514e785e898d.host.com", SUFFIX_ICANN, 0, 8},
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
        {"qzfkwpxvjhbtlgdmnrcqzfkwpxvjhbtlgdmnrc.host.com", SUFFIX_ICANN, 3},
        {"_" RANDOM_LABEL "kmbpgfnzq3trm.host.com", SUFFIX_ICANN, 0},
        {"a7.f3.9c.ee.04.1b.dd.82.ab.5f.c0.11.host.com", SUFFIX_ICANN, 3},
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
    assert_true(bytes_of("7.0-31.2.0.192.in-addr.arpa", SUFFIX_REVERSE, 0) < 0);
    assert_true(bytes_of("host.com", SUFFIX_ICANN, 0) < 0);
    assert_true(bytes_of("co.uk", SUFFIX_PRIVATE, 0) < 0);
}

static void what_leads_to_a_machine_has_a_machines_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *address;
        float least, most;
        bool spelled;
    } cases[] = {
        {"static.77.2.0.192.clients.host.com", "192.0.2.77", 0, 1, true},
        {"ip77.ip-192-0-2.host.com", "192.0.2.77", 0, 1, true},
        {"xc000024d.dynamic.host.com", "192.0.2.77", 0, 1, true},
        {"xc000024e.dynamic.host.com", "192.0.2.77", 5, 12, false},
        {"worker-3fa8c11b-x2k9q.host.com", "10.1.2.3", 0, 3, false},
        {"worker-3fa8c11b-x2k9q.host.com", "192.0.2.3", 10, 20, false},
        {RANDOM_LABEL ".host.com", "10.1.2.3", 7, 20, false},
        {RANDOM_LABEL ".192-0-2-77.host.com", "192.0.2.77", 7, 20, true},
        {"a1b1c1d1e1f1a1b1c1d1e1f1a1b1c1d1e1f1a2.host.com", "1.1.1.1", 15, 30, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct place place;
        struct seen seen = {0};
        struct carried_name carried;
        ask_begin(&ask, cases[i].name, DNS_TYPE_A, 0);
        ask_answer(&ask, DNS_TYPE_A, cases[i].address);
        ask_finish(&ask, 0);
        assert_true(place_find(&ask.transaction, ask.enrichment.registrable, SUFFIX_ICANN, &place));
        place_weigh(&ask.transaction, SUFFIX_ICANN, &place);
        carried_by_name(&ask_hooks, &ask.message.question, &place, NULL, &carried);
        if (carried.bytes < cases[i].least || carried.bytes > cases[i].most)
            fail_msg("%s is said to carry %f bytes", cases[i].name, carried.bytes);
        float down = carried_by_answers(&ask_hooks, &ask.transaction, &place, &seen, true);
        assert_true((down == 0) == (cases[i].spelled || cases[i].address[1] == '0'));
    }
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
    place_weigh(&ask.transaction, SUFFIX_ICANN, &place);
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
        {"web22.host.com", true},       {"web4711.host.com", true},
        {"rack-2.host.com", false},     {"rack-37.host.com", true},
        {"web1234567.host.com", false}, /* more than a number of
                                           machines */
        {"x9qz7.host.com", false},      {"x9qz8.host.com", false},
        {"1769904000.host.com", false}, /* a time */
        {"1769904060.host.com", true},  {"41.host.com", false},
        {"42.host.com", true},          {"1769915.host.com", false},
        {"1769916.host.com", true},     {"5308217.host.com", false},
        {"05f3c2a.host.com", false},    {"15f3c2a.host.com", true}, /* counts in front */
        {"2f5f3c2a.host.com", true},    {"2f5f3c2b.host.com", false},
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
        {DNS_TYPE_TXT, DNS_TYPE_TXT, "\\# 106120622063206420652066208a206820", false, 12, 13},
        {DNS_TYPE_NULL, DNS_TYPE_NULL, "\\# 00010203040506070809", false, 10, 10},
        {TYPE_PRIVATE, TYPE_PRIVATE, "\\# 00010203040506070809", false, 10, 10},
        {DNS_TYPE_A, DNS_TYPE_A, "192.0.2.1", false, 0, 0},
        {DNS_TYPE_A, DNS_TYPE_A, "192.0.2.1", true, 4, 4},
        {DNS_TYPE_A, DNS_TYPE_A, "10.1.2.3", true, 0, 0},
        {DNS_TYPE_AAAA, DNS_TYPE_AAAA, "fd00::1", true, 16, 16},
        {DNS_TYPE_AAAA, DNS_TYPE_AAAA, "2001:db8::1", true, 16, 16},
        {DNS_TYPE_A, DNS_TYPE_CNAME, RANDOM_LABEL ".elsewhere.com", false, 0, 0},
        {DNS_TYPE_CNAME, DNS_TYPE_CNAME, RANDOM_LABEL ".elsewhere.com", false, 18, 28},
        {DNS_TYPE_A, DNS_TYPE_CNAME, RANDOM_LABEL ".host.com", false, 18, 22},
        {DNS_TYPE_A, DNS_TYPE_CNAME, RANDOM_LABEL ".nowhere", false, 18, 26},
        {DNS_TYPE_MX, DNS_TYPE_MX, "10 " RANDOM_LABEL ".nowhere", false, 18, 26},
        {DNS_TYPE_A, TYPE_RRSIG, "\\# 00010203040506070809", false, 0, 0},
        {DNS_TYPE_HTTPS, DNS_TYPE_HTTPS, "\\# 00010000050004ffffffff", false, 0, 0},
        {DNS_TYPE_SOA, DNS_TYPE_SOA, RANDOM_LABEL ".host.com. " LONG_LABEL ".host.com. 1 2 3 4 5",
         false, 50, 65},
        {DNS_TYPE_A, DNS_TYPE_SOA, RANDOM_LABEL ".host.com. " LONG_LABEL ".host.com. 1 2 3 4 5",
         false, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        float bytes =
            answer_bytes(cases[i].qtype, cases[i].type, cases[i].rdata, cases[i].addresses);
        if (bytes < cases[i].least || bytes > cases[i].most)
            fail_msg("%s of type %u is said to carry %f bytes", cases[i].rdata, cases[i].type,
                     bytes);
    }
}

/* Bytes in one more text about the address that the name says. */
static float text_bytes(const char *rdata, enum dns_section section, struct seen *seen)
{
    struct place place;
    ask_begin(&ask, "4.3.2.1.list.host.com", DNS_TYPE_TXT, 0);
    build_record(&ask.build, section, "host.com", DNS_TYPE_TXT, 60, rdata);
    ask_finish(&ask, 0);
    assert_true(place_find(&ask.transaction, ask.enrichment.registrable, SUFFIX_ICANN, &place));
    place_weigh(&ask.transaction, SUFFIX_ICANN, &place);
    return carried_by_answers(&ask_hooks, &ask.transaction, &place, seen, false);
}

static void texts_for_people_carry_their_new_words(void **state)
{
    (void)state;
    struct seen seen = {0};
    const enum dns_section answer = DNS_SECTION_ANSWER;
    text_bytes("\"Blocked - see https://list.example/lookup?ip=1.2.3.4\"", answer, &seen);
    float more =
        text_bytes("\"Blocked - see https://list.example/lookup?ip=5.6.7.8\"", answer, &seen);
    float data = text_bytes("\"run " RANDOM_LABEL " " LONG_LABEL "\"", answer, &seen);
    assert_true(more < 1);
    assert_true(data > 50);
}

static void a_text_beside_the_answer_carries_as_much(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_true(text_bytes("\"" LONG_LABEL "\"", DNS_SECTION_ADDITIONAL, &seen) > 40);
    assert_true(text_bytes("\"" RANDOM_LABEL "\"", DNS_SECTION_AUTHORITY, &seen) > 20);
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
    place_weigh(&ask.transaction, SUFFIX_ICANN, &place);
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
        cmocka_unit_test(what_leads_to_a_machine_has_a_machines_name),
        cmocka_unit_test(a_label_counts_once),
        cmocka_unit_test(a_number_behind_letters_that_are_known_carries_little),
        cmocka_unit_test(answers_carry_by_type_and_only_once),
        cmocka_unit_test(texts_for_people_carry_their_new_words),
        cmocka_unit_test(a_text_beside_the_answer_carries_as_much),
        cmocka_unit_test(addresses_close_together_carry_little),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
