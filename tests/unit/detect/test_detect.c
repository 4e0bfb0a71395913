/* test_detect.c - which detectors run, how sure they must be, and how severe their findings are
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

static struct judge judge;

static struct config *config_of(const char *yaml)
{
    struct config *config = NULL;
    struct error error = {""};
    if (config_load_text("test.yaml", yaml, strlen(yaml), &config, &error) != 0)
        fail_msg("%s", error.text);
    return config;
}

/* Runs the detectors that the configuration leaves on. */
static unsigned run(const char *yaml, struct finding findings[DETECTOR_COUNT], unsigned *ret_below)
{
    struct detect_settings settings;
    struct config *config = config_of(yaml);
    detect_settings_from(config, &settings);
    config_free(config);
    return detect_run(&settings, &judge.transaction, &judge.enrichment, findings, ret_below);
}

static void planned_detectors_never_run(void **state)
{
    (void)state;
    struct detect_settings settings;
    struct config *config = config_of("");
    detect_settings_from(config, &settings);
    config_free(config);
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        assert_int_equal(settings.enabled[i], detector_rows[i].detect != NULL);
        assert_int_equal(settings.severity[i], detector_rows[i].severity);
    }
}

static void every_available_detector_is_woken_by_something(void **state)
{
    (void)state;
    struct detect_settings settings;
    struct config *config = config_of("");
    detect_settings_from(config, &settings);
    config_free(config);
    unsigned woken = 0;
    for (unsigned sign = 0; sign < DETECT_SIGNS; sign++)
        woken |= settings.woken_by[sign];
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        assert_int_equal(woken >> i & 1, detector_rows[i].detect != NULL);
}

static void one_question_may_fire_several_detectors(void **state)
{
    (void)state;
    struct finding findings[DETECTOR_COUNT];
    unsigned below;
    judge_ask(&judge, "pool.evil.example");
    judge_hit(&judge, CATEGORY_MINING, MATCH_QNAME, 2, 90);
    judge_hit(&judge, CATEGORY_C2, MATCH_QNAME, 2, 90);
    judge_hit(&judge, CATEGORY_SINKHOLE, MATCH_ADDRESS, 2, 90);
    assert_int_equal(run("", findings, &below), 3);
    assert_int_equal(below, 0);
    assert_int_equal(findings[0].detector, DETECTOR_SINKHOLED_DOMAIN);
    assert_int_equal(findings[1].detector, DETECTOR_THREAT_INTEL);
    assert_int_equal(findings[2].detector, DETECTOR_CURRENCY_MINING);
    assert_int_equal(findings[0].severity, SEVERITY_MEDIUM);
    assert_int_equal(findings[2].severity, SEVERITY_LOW);
}

static void the_knob_sets_how_sure_a_finding_must_be(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        uint8_t confidence;
        unsigned count, below;
    } cases[] = {
        {"", 49, 0, 1},
        {"", 50, 1, 0},
        {"detectors: {threat_intel: {confidence: low}}", 29, 0, 1},
        {"detectors: {threat_intel: {confidence: low}}", 30, 1, 0},
        {"detectors: {threat_intel: {confidence: high}}", 79, 0, 1},
        {"detectors: {threat_intel: {confidence: high}}", 80, 1, 0},
        {"detectors: {phishing_domain: {confidence: high}}", 50, 1, 0},
        {"detectors: {threat_intel: {enabled: false}}", 100, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct finding findings[DETECTOR_COUNT];
        unsigned below;
        judge_ask(&judge, "www.evil.example");
        judge_hit(&judge, CATEGORY_C2, MATCH_QNAME, 2, cases[i].confidence);
        assert_int_equal(run(cases[i].yaml, findings, &below), cases[i].count);
        assert_int_equal(below, cases[i].below);
    }
}

static void confidence_against_its_floor_is_evidence(void **state)
{
    (void)state;
    struct finding findings[DETECTOR_COUNT];
    unsigned below;
    judge_ask(&judge, "listed-domain.net");
    judge_hit(&judge, CATEGORY_C2, MATCH_QNAME, 2, 77);
    assert_int_equal(run("", findings, &below), 1);
    const struct feature *last = &findings[0].features[findings[0].feature_count - 1];
    assert_string_equal(last->name, "confidence");
    assert_int_equal((int)last->value, 77);
    assert_int_equal((int)last->threshold, confidence_floor[KNOB_MEDIUM]);
}

static void severity_comes_from_finding_override_or_profile(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        enum category category;
        enum severity severity;
    } cases[] = {
        {"", CATEGORY_C2, SEVERITY_MEDIUM},
        {"severity_profile: strict", CATEGORY_C2, SEVERITY_HIGH},
        {"severity_profile: strict\ndetectors: {threat_intel: {severity: Low}}", CATEGORY_C2,
         SEVERITY_LOW},
        {"", CATEGORY_PHISHING, SEVERITY_INFORMATIONAL},
        {"severity_profile: strict", CATEGORY_PHISHING, SEVERITY_HIGH},
        /* What is only a web site stays informational in every profile. */
        {"severity_profile: strict", CATEGORY_ANONYMITY_WEB, SEVERITY_INFORMATIONAL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct finding findings[DETECTOR_COUNT];
        unsigned below;
        judge_ask(&judge, "www.evil.example");
        judge_hit(&judge, cases[i].category, MATCH_QNAME, 2, 90);
        assert_int_equal(run(cases[i].yaml, findings, &below), 1);
        assert_int_equal(findings[0].severity, cases[i].severity);
    }
}

static void a_transaction_without_question_or_hits_fires_nothing(void **state)
{
    (void)state;
    struct finding findings[DETECTOR_COUNT];
    unsigned below;
    judge_ask(&judge, "a");
    judge.transaction.question = NULL;
    judge.enrichment.registrable = -1;
    assert_int_equal(run("", findings, &below), 0);
    assert_int_equal(below, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planned_detectors_never_run),
        cmocka_unit_test(every_available_detector_is_woken_by_something),
        cmocka_unit_test(one_question_may_fire_several_detectors),
        cmocka_unit_test(the_knob_sets_how_sure_a_finding_must_be),
        cmocka_unit_test(confidence_against_its_floor_is_evidence),
        cmocka_unit_test(severity_comes_from_finding_override_or_profile),
        cmocka_unit_test(a_transaction_without_question_or_hits_fires_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
