/* test_catalogue.c - the thirteen kinds of alert are what the outside was promised
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/utf8.h"

#include <dnsvigil/detector.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The promise, written out a second time on purpose: other people's tools switch on these texts. */
static const struct {
    const char *slug, *type, *title_en, *title_ja, *severity, *tactic, *techniques;
} promised[] = {
    {"protocol_anomaly", "AzureDNS_ProtocolAnomaly", "Anomalous network protocol usage",
     "ネットワーク プロトコルの異常な使用", "Low", "Exfiltration", "T1071.004"},
    {"dark_web", "AzureDNS_DarkWeb", "Anonymity network activity",
     "匿名ネットワーク アクティビティ", "Low", "Exfiltration", "T1090.003"},
    {"dark_web_proxy", "AzureDNS_DarkWebProxy", "Anonymity network activity using web proxy",
     "Web プロキシを使用した匿名ネットワーク アクティビティ", "Low", "Exfiltration", "T1090.003"},
    {"sinkholed_domain", "AzureDNS_SinkholedDomain",
     "Attempted communication with suspicious sinkholed domain",
     "不審なシンクホール ドメインとの通信の試行", "Medium", "Exfiltration", "T1071.004"},
    {"phishing_domain", "AzureDNS_PhishingDomain", "Communication with possible phishing domain",
     "フィッシングの可能性があるドメインとの通信", "Informational", "Exfiltration", "T1566"},
    {"generated_domains", "AzureDNS_DomainGenerationAlgorithm",
     "Communication with suspicious algorithmically generated domain",
     "アルゴリズムによって生成された不審なドメインとの通信", "Informational", "Exfiltration",
     "T1568.002"},
    {"threat_intel", "AzureDNS_ThreatIntelSuspectDomain",
     "Communication with suspicious domain identified by threat intelligence",
     "脅威インテリジェンスによって識別された疑わしいドメインとの通信", "Medium", "Initial Access",
     "T1071.004"},
    {"random_domain", "AzureDNS_RandomizedDomain",
     "Communication with suspicious random domain name", "不審なランダム ドメイン名との通信",
     "Informational", "Exfiltration", "T1568.002"},
    {"currency_mining", "AzureDNS_CurrencyMining", "Digital currency mining activity",
     "デジタル通貨マイニング アクティビティ", "Low", "Exfiltration", "T1496"},
    {"signature", "AzureDNS_SuspiciousDomain", "Network intrusion detection signature activation",
     "ネットワーク侵入検知シグネチャのアクティブ化", "Medium", "Exfiltration", "T1071.004"},
    {"data_infiltration", "AzureDNS_DataInfiltration", "Possible data download via DNS tunnel",
     "DNS トンネルを介したデータ ダウンロードの可能性", "Low", "Exfiltration",
     "T1105 T1071.004 T1572"},
    {"data_exfiltration", "AzureDNS_DataExfiltration", "Possible data exfiltration via DNS tunnel",
     "DNS トンネルを介したデータ流出の可能性", "Low", "Exfiltration", "T1048.003 T1071.004 T1572"},
    {"data_obfuscation", "AzureDNS_DataObfuscation", "Possible data transfer via DNS tunnel",
     "DNS トンネルを介したデータ転送の可能性", "Low", "Exfiltration", "T1048.003 T1071.004 T1572"},
};

static void the_literals_are_the_promised_ones(void **state)
{
    (void)state;
    assert_int_equal(DETECTOR_COUNT, 13);
    assert_int_equal(COUNT(promised), 13);
    for (size_t i = 0; i < 13; i++) {
        int detector = detector_parse(promised[i].slug);
        assert_int_equal(detector, i);
        const struct detector_row *row = &detector_rows[detector];
        assert_string_equal(row->alert_type, promised[i].type);
        assert_string_equal(row->title[LANGUAGE_EN], promised[i].title_en);
        assert_string_equal(row->title[LANGUAGE_JA], promised[i].title_ja);
        assert_string_equal(severity_names[row->severity][LANGUAGE_EN], promised[i].severity);
        assert_string_equal(tactic_names[row->tactic][LANGUAGE_EN], promised[i].tactic);
        assert_string_equal(row->techniques, promised[i].techniques);
        assert_int_equal(detector_parse(promised[i].type), detector);
    }
}

static void severities_and_tactics_have_their_japanese_names(void **state)
{
    (void)state;
    assert_string_equal(severity_names[SEVERITY_INFORMATIONAL][LANGUAGE_JA], "情報");
    assert_string_equal(severity_names[SEVERITY_LOW][LANGUAGE_JA], "低");
    assert_string_equal(severity_names[SEVERITY_MEDIUM][LANGUAGE_JA], "中");
    assert_string_equal(severity_names[SEVERITY_HIGH][LANGUAGE_JA], "高");
    assert_string_equal(tactic_names[TACTIC_EXFILTRATION][LANGUAGE_JA], "流出");
    assert_string_equal(tactic_names[TACTIC_INITIAL_ACCESS][LANGUAGE_JA], "初期アクセス");
}

static void the_strict_profile_raises_what_others_rate_high(void **state)
{
    (void)state;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        bool high = i == DETECTOR_PHISHING_DOMAIN || i == DETECTOR_GENERATED_DOMAINS ||
                    i == DETECTOR_THREAT_INTEL || i == DETECTOR_CURRENCY_MINING ||
                    i == DETECTOR_DATA_INFILTRATION || i == DETECTOR_DATA_EXFILTRATION ||
                    i == DETECTOR_DATA_OBFUSCATION;
        assert_int_equal(detector_rows[i].severity_strict,
                         high ? SEVERITY_HIGH : detector_rows[i].severity);
    }
}

static void no_two_rows_share_an_id(void **state)
{
    (void)state;
    for (int a = 0; a < DETECTOR_COUNT; a++)
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(detector_rows[a].slug, detector_rows[b].slug);
            assert_string_not_equal(detector_rows[a].alert_type, detector_rows[b].alert_type);
            assert_string_not_equal(detector_rows[a].title[LANGUAGE_EN],
                                    detector_rows[b].title[LANGUAGE_EN]);
        }
    for (int a = 0; a < REASON_COUNT; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(reason_rows[a].slug, reason_rows[b].slug);
    assert_int_equal(detector_parse(""), -1);
    assert_int_equal(detector_parse("Dark_Web"), -1);
    assert_int_equal(detector_parse("AzureDNS_"), -1);
}

static bool code_is_japanese(uint32_t code)
{
    return (code >= 0x3040 && code <= 0x30ff) || (code >= 0x4e00 && code <= 0x9fff);
}

static unsigned japanese_characters(const char *text)
{
    const uint8_t *s = (const uint8_t *)text;
    unsigned count = 0;
    for (size_t left = strlen(text); left > 0;) {
        uint32_t code = 0;
        size_t len = utf8_decode(s, left, &code);
        assert_true(len > 0);
        count += code_is_japanese(code);
        s += len;
        left -= len;
    }
    return count;
}

/* Both languages say something, the right one in each place. */
static void assert_pair(const char *const texts[LANGUAGE_COUNT])
{
    assert_non_null(texts[LANGUAGE_EN]);
    assert_non_null(texts[LANGUAGE_JA]);
    assert_true(strlen(texts[LANGUAGE_EN]) >= 8);
    assert_int_equal(japanese_characters(texts[LANGUAGE_EN]), 0);
    if (japanese_characters(texts[LANGUAGE_JA]) < 4)
        fail_msg("not Japanese: %s", texts[LANGUAGE_JA]);
}

static void every_row_is_complete_in_both_languages(void **state)
{
    (void)state;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        const struct detector_row *row = &detector_rows[i];
        assert_pair(row->title);
        assert_pair(row->description);
        assert_pair(row->looks_for);
        assert_pair(row->clear);
        assert_true(row->wants != 0);
        for (int language = 0; language < LANGUAGE_COUNT; language++)
            assert_non_null(strstr(row->description[language], "%{CompromisedEntity}"));
    }
    for (int i = 0; i < REASON_COUNT; i++) {
        assert_pair(reason_rows[i].summary);
        assert_pair(reason_rows[i].benign_if);
    }
}

static void every_available_detector_has_a_reason_to_give(void **state)
{
    (void)state;
    unsigned reasons[DETECTOR_COUNT] = {0};
    for (int i = 0; i < REASON_COUNT; i++) {
        assert_true(reason_rows[i].detector < DETECTOR_COUNT);
        reasons[reason_rows[i].detector]++;
    }
    for (int i = 0; i < DETECTOR_COUNT; i++)
        assert_int_equal(reasons[i] > 0, detector_rows[i].detect != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_literals_are_the_promised_ones),
        cmocka_unit_test(severities_and_tactics_have_their_japanese_names),
        cmocka_unit_test(the_strict_profile_raises_what_others_rate_high),
        cmocka_unit_test(no_two_rows_share_an_id),
        cmocka_unit_test(every_row_is_complete_in_both_languages),
        cmocka_unit_test(every_available_detector_has_a_reason_to_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
