/* test_data_exfiltration.c - data that leaves in names, in many or, as a small file, in one
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "tunnel_judge.h"

static struct judge judge;

static void only_an_upload_is_one(void **state)
{
    (void)state;
    tunnel_expect_direction(DETECTOR_DATA_EXFILTRATION, TUNNEL_UP, REASON_TUNNEL_UPLOAD);
}

static void one_name_that_begins_like_a_file_is_told_as_information(void **state)
{
    (void)state;
    static const char *const names[] = {
        "1f8b0808000000000003646f6320ffffffffffffffffffffffffffff.host.example",
        "d6fqqaaaaaaaaa3eonqwc3dfoiqgc3tbnrsxg3dbomqgi33dom.host.example",
        "504b0304140000000800ffffffffffffffffffffffffffff.host.example",
        "7f454c4602010100000000000000000002003e0001000000.host.example",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        judge_ask(&judge, names[i]);
        judge_expect(&judge, DETECTOR_DATA_EXFILTRATION, REASON_TUNNEL_FILE);
        assert_int_equal(judge.finding.severity, SEVERITY_INFORMATIONAL);
    }
}

/* Base64 needs the letter case that stood on the wire. */
static void base64_is_read_in_the_case_of_the_wire(void **state)
{
    (void)state;
    static const uint8_t wire[] = "\0\7\1\0\0\1\0\0\0\0\0\0"
                                  "\x2cH4sICN03AAAAA3Rlc3QudHh0AAvJyCxWAKJEheLU5KLU"
                                  "\4host\7example\0\0\1\0\1";
    struct dns_message query = {.data = wire, .len = sizeof(wire) - 1};
    judge_ask(&judge, "h4sicn03aaaaa3rlc3qudhh0aavjycxwakjeheLu5klu.host.example");
    assert_false(judge_fires(&judge, DETECTOR_DATA_EXFILTRATION));
    judge.transaction.query = &query;
    judge_expect(&judge, DETECTOR_DATA_EXFILTRATION, REASON_TUNNEL_FILE);
}

static void other_long_names_are_no_files(void **state)
{
    (void)state;
    static const char *const names[] = {
        "www.host.example",
        "1f8b08.host.example",
        "mzuxezltn5wwkidpnzss4ltcnrqwczlumzuxezltn5wwkidpnzss4.host.example",
        "d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204.host.example",
        "some-very-long-name-of-a-campaign-of-this-summer-2026.host.example",
    };
    judge_silent(DETECTOR_DATA_EXFILTRATION, names, sizeof(names) / sizeof(*names));
}

static void a_file_under_a_trusted_domain_is_its_owners_business(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        judge_ask(&judge, "1f8b0808000000000003646f6320ffffffffffffffffffffffffffff.host.example");
        judge.enrichment.popular = i == 0;
        judge.enrichment.allowed = i == 1;
        judge.enrichment.exempt = i == 2 ? 1 << DETECTOR_DATA_EXFILTRATION : 0;
        if (i == 3)
            judge.enrichment.suffix_class = SUFFIX_REVERSE;
        assert_false(judge_fires(&judge, DETECTOR_DATA_EXFILTRATION));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_upload_is_one),
        cmocka_unit_test(one_name_that_begins_like_a_file_is_told_as_information),
        cmocka_unit_test(base64_is_read_in_the_case_of_the_wire),
        cmocka_unit_test(other_long_names_are_no_files),
        cmocka_unit_test(a_file_under_a_trusted_domain_is_its_owners_business),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
