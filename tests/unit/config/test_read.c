/* test_read.c - every key of the schema is read, and every mistake is named with its place
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/config.h"

#include <errno.h>
#include <string.h>

static int load(const char *text, struct config **ret_config, struct error *error)
{
    return config_load_text("t.yaml", text, strlen(text), ret_config, error);
}

static struct config *load_good(const char *text)
{
    struct config *config = NULL;
    struct error error = {""};
    int rc = load(text, &config, &error);
    if (rc != 0)
        print_error("%s\n", error.text);
    assert_int_equal(rc, 0);
    return config;
}

static void every_key_of_the_file_is_taken(void **state)
{
    (void)state;
    struct config *config = load_good("sensor: gate-1\n"
                                      "severity_profile: strict\n"
                                      "resolvers: [192.0.2.53, '2001:db8::/32']\n"
                                      "forwarders: [198.51.100.0/24]\n"
                                      "capture: {ports: [53, 5353], streams_max: 64}\n"
                                      "detectors:\n"
                                      "  dark_web: {enabled: no, confidence: high}\n"
                                      "  currency_mining: {severity: high}\n"
                                      "feeds:\n"
                                      "  - {name: a, path: /a, category: mining}\n"
                                      "  - name: b\n"
                                      "    path: b.txt\n"
                                      "    category: phishing\n"
                                      "    confidence: 90\n"
                                      "    format: hosts\n"
                                      "    expiry_days: 3\n"
                                      "isolation:\n"
                                      "  targets:\n"
                                      "    - name: gate\n"
                                      "      type: nftables\n"
                                      "      path: /run/gate.nft\n"
                                      "      command: [/usr/sbin/nft, -f, a file, '']\n"
                                      "store: {path: /tmp/x.db, retention_days: 7}\n");
    assert_string_equal(config->sensor, "gate-1");
    assert_int_equal(config->severity_profile, CONFIG_PROFILE_STRICT);
    assert_int_equal(config->resolvers.count, 2);
    assert_int_equal(config->resolvers.items[0].bits, 128);
    assert_int_equal(config->resolvers.items[1].bits, 32);
    assert_int_equal(config->forwarders.items[0].bits, 96 + 24);
    assert_int_equal(config->capture.ports.count, 2);
    assert_int_equal(config->capture.ports.items[1], 5353);
    assert_int_equal(config->capture.streams_max, 64);
    assert_false(config->detectors.of[DETECTOR_DARK_WEB].enabled);
    assert_int_equal(config->detectors.of[DETECTOR_DARK_WEB].confidence, KNOB_HIGH);
    assert_int_equal(config->detectors.of[DETECTOR_CURRENCY_MINING].severity, SEVERITY_HIGH);
    assert_int_equal(config->feeds.count, 2);
    assert_int_equal(config->feeds.items[0].category, CATEGORY_MINING);
    assert_int_equal(config->feeds.items[0].expiry_days, 0);
    assert_int_equal(config->feeds.items[0].confidence, 75);
    assert_string_equal(config->feeds.items[1].path, "b.txt");
    assert_int_equal(config->feeds.items[1].expiry_days, 3);
    assert_int_equal(config->feeds.items[1].format, FEED_HOSTS);
    assert_string_equal(config->store.path, "/tmp/x.db");
    const struct config_isolation_target *gate = &config->isolation.targets.items[0];
    assert_int_equal(gate->type, ARTEFACT_NFTABLES);
    assert_int_equal(gate->command.count, 4);
    assert_string_equal(gate->command.items[2].text, "a file");
    assert_string_equal(gate->command.items[3].text, "");
    config_free(config);
}

static void every_mistake_is_named_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message; /* how it begins */
    } cases[] = {
        {"detectors:\n  dark_web:\n    confidence: hgih\n",
         "t.yaml:3:17: detectors.dark_web.confidence: 'hgih' is not one of low, medium, high"},
        {"capture:\n  prots: [53]\n",
         "t.yaml:2:3: capture: unknown key 'prots'; known are ports, fragment_memory_mib"},
        {"sensr: x\n", "t.yaml:1:1: unknown key 'sensr'; known are sensor"},
        {"detectors: {darkweb: {}}\n", "t.yaml:1:13: detectors: unknown key 'darkweb'; known are "
                                       "protocol_anomaly"},
        {"alerts: {samples_max: 0}\n",
         "t.yaml:1:23: alerts.samples_max: '0' is not a whole number from 1 to 10"},
        {"alerts: {samples_max: 11}\n", "t.yaml:1:23: alerts.samples_max: '11' is not a whole"},
        {"alerts: {samples_max: 5.0}\n", "t.yaml:1:23: alerts.samples_max: '5.0' is not a whole"},
        {"alerts: {samples_max: 05}\n", "t.yaml:1:23: alerts.samples_max: '05' is not a whole"},
        {"alerts: {samples_max: -1}\n", "t.yaml:1:23: alerts.samples_max: '-1' is not a whole"},
        {"alerts: {window_s: 99999999999}\n", "t.yaml:1:20: alerts.window_s: '99999999999' is"},
        {"alerts: {window_s: }\n", "t.yaml:1:20: alerts.window_s: '' is not a whole number"},
        {"alerts: {window_s: [1]}\n",
         "t.yaml:1:20: alerts.window_s: one value is expected here, not a list"},
        {"intel: {seeds: maybe}\n", "t.yaml:1:16: intel.seeds: 'maybe' is not true or false"},
        {"capture: {ports: []}\n",
         "t.yaml:1:18: capture.ports: 0 entries, where 1 to 16 are allowed"},
        {"capture: {ports: 53}\n",
         "t.yaml:1:18: capture.ports: a list is expected here, not a single value"},
        {"capture: {ports: [53, 65536]}\n", "t.yaml:1:23: capture.ports[1]: '65536' is not a port"},
        {"capture: {ports: [0]}\n", "t.yaml:1:19: capture.ports[0]: '0' is not a port number"},
        {"capture: 3\n", "t.yaml:1:10: capture: a mapping is expected here, not a single value"},
        {"resolvers:\n  - 192.0.2.1/24\n",
         "t.yaml:2:5: resolvers[0]: '192.0.2.1/24' is not an address or a CIDR block"},
        {"sensor: \"a\\nb\"\n", "t.yaml:1:9: sensor: 'a?b' is not text of 0 to 63 bytes without"},
        {"sensor: \"a\\0b\"\n", "t.yaml:1:9: sensor: 'a' is not text"},
        {"sensor: a\nsensor: b\n", "t.yaml:2:1: the key 'sensor' is there twice"},
        {"feeds: [{path: /a, category: c2}]\n", "t.yaml:1:9: feeds[0]: the key 'name' is missing"},
        {"feeds: [{name: '', path: /a, category: c2}]\n", "t.yaml:1:16: feeds[0].name: '' is not"},
        {"feeds: [{name: a, path: '', category: c2}]\n",
         "t.yaml:1:9: feeds[0]: a feed has either a"},
        {"feeds: [{name: a, path: /a, url: 'https://a', category: c2}]\n",
         "t.yaml:1:9: feeds[0]: a feed has either a url or a path"},
        {"feeds: [{name: a, url: 'https://a', category: allow}]\n",
         "t.yaml:1:9: feeds[0]: category allow is for your own lists"},
        {"feeds: [{name: a, url: 'http://a', category: c2}]\n",
         "t.yaml:1:9: feeds[0]: a url without encryption needs allow_http"},
        {"feeds: [{name: a, url: 'ftp://a', category: c2}]\n",
         "t.yaml:1:9: feeds[0]: a url begins with https://"},
        {"feeds: [{name: nocoin, path: /a}]\n", "t.yaml:1:9: feeds[0]: a feed has either a url"},
        {"feeds: [{name: nocoin}, {name: nocoin}]\n",
         "t.yaml:1:25: feeds[1]: the name 'nocoin' is taken by feeds[0]"},
        {"feeds: [{name: a, path: /a, category: bad}]\n",
         "t.yaml:1:39: feeds[0].category: 'bad' is not one of allow, popular"},
        {"feeds:\n- {name: a, path: /a, category: c2}\n- {name: a, path: /b, category: c2}\n",
         "t.yaml:3:3: feeds[1]: the name 'a' is taken by feeds[0]"},
        {"exports: [{type: file, path: /a, tls: true, tls_ca: /a, tls_certificate: /a, tls_key: "
         "/a, "
         "batch_records: 1, timeout_s: 1, retry_max_s: 1, refusals_max: 1}]\n",
         "t.yaml:1:11: exports[0]: the key 'name' is missing"},
        {"exports: [{name: a, type: kafka, topic: t}]\n",
         "t.yaml:1:11: exports[0]: an export of type kafka needs address"},
        {"exports: [{name: a, type: kafka, address: h}]\n",
         "t.yaml:1:11: exports[0]: an export of type kafka needs topic"},
        {"exports: [{name: a, type: kafka, address: h, topic: t, event_hubs: true}]\n",
         "t.yaml:1:11: exports[0]: Event Hubs need sasl: plain"},
        {"exports: [{name: a, type: kafka, address: h, topic: t, event_hubs: true, tls: false}]\n",
         "t.yaml:1:11: exports[0]: Event Hubs are not reached without tls"},
        {"exports: [{name: a, type: kafka, address: h, topic: t, sasl: plain, username: u}]\n",
         "t.yaml:1:11: exports[0]: sasl plain needs password_file"},
        {"exports: [{name: a, type: kafka, address: h, topic: t, sasl: plain, password_file: "
         "/p}]\n",
         "t.yaml:1:11: exports[0]: sasl plain needs username"},
        {"exports: [{name: a, type: kafka, address: h, topic: t, sasl: oauth}]\n",
         "t.yaml:1:11: exports[0]: sasl oauth needs token_url"},
        {"exports: [{name: a, type: kafka, address: h, topic: t, tls_key: /k}]\n",
         "t.yaml:1:11: exports[0]: tls_certificate and tls_key go together"},
        {"isolation: {targets: [{name: 'a b', type: rpz, path: /a}]}\n",
         "t.yaml:1:23: isolation.targets[0]: a name is of letters"},
        {"isolation: {targets: [{name: a, type: rpz, path: /a, zone: 'a b'}]}\n",
         "t.yaml:1:23: isolation.targets[0]: a zone is of letters"},
        {"isolation: {targets: [{name: a, type: rpz, path: /a, command: [nft, -f]}]}\n",
         "t.yaml:1:23: isolation.targets[0]: a command begins with the absolute path"},
        {"isolation: {targets: [{name: a, type: rpz, path: /a, command: [\"/a\\nb\"]}]}\n",
         "t.yaml:1:64: isolation.targets[0].command[0]: '/a?b' is not text of at most 1023"},
        {"isolation: {targets: [{name: a, type: bind, path: /a}]}\n",
         "t.yaml:1:39: isolation.targets[0].type: 'bind' is not one of rpz, unbound"},
        {"\"sensor\\0x\": a\n", "t.yaml:1:1: unknown key 'sensor'; known are sensor"},
        {"- a\n", "t.yaml:1:1: a mapping is expected here, not a list"},
        {"word\n", "t.yaml:1:1: a mapping is expected here, not a single value"},
        {"? [a]\n: b\n", "t.yaml:1:3: a key must be a word, not a list"},
        {"sensor: a\n---\nsensor: b\n", "t.yaml:3:1: only one YAML document is expected"},
        {"capture: {ports: [53\n", "t.yaml:2:1: not YAML: "},
        {"sensor: a\n\tb: c\n", "t.yaml:2:1: not YAML: "},
        {"sensor: x\nx: \xff\n", "t.yaml:2:4: not YAML: invalid leading UTF-8 octet"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct config *config = NULL;
        struct error error = {""};
        assert_int_equal(load(cases[i].text, &config, &error), -EINVAL);
        assert_null(config);
        if (strncmp(error.text, cases[i].message, strlen(cases[i].message)) != 0)
            assert_string_equal(error.text, cases[i].message);
    }
}

static void aliases_cost_no_more_than_their_text(void **state)
{
    (void)state;
    struct config *config = load_good("resolvers: &r [192.0.2.0/24]\nforwarders: *r\n");
    assert_int_equal(config->forwarders.count, 1);
    config_free(config);
}

static void a_feed_of_the_catalogue_needs_only_its_name(void **state)
{
    (void)state;
    struct config *catalogue = NULL;
    struct error error = {""};
    assert_int_equal(config_catalogue(&catalogue, &error), 0);
    const struct config_feed *known = NULL;
    for (uint32_t i = 0; i < catalogue->feeds.count; i++)
        if (strcmp(catalogue->feeds.items[i].name, "nocoin") == 0)
            known = &catalogue->feeds.items[i];
    assert_non_null(known);
    struct config *config = load_good("feeds:\n- {name: nocoin, confidence: 33}\n"
                                      "- {name: other, path: /x, category: c2}\n");
    const struct config_feed *feed = &config->feeds.items[0];
    assert_string_equal(feed->url, known->url);
    assert_int_equal(feed->category, CATEGORY_MINING);
    assert_int_equal(feed->format, FEED_HOSTS);
    assert_int_equal(feed->confidence, 33);
    assert_string_equal(config->feeds.items[1].url, "");
    config_free(config);
    config_free(catalogue);
}

static void every_feed_of_the_catalogue_is_complete(void **state)
{
    (void)state;
    struct config *catalogue = NULL;
    struct error error = {""};
    assert_int_equal(config_catalogue(&catalogue, &error), 0);
    assert_true(catalogue->feeds.count > 5);
    for (uint32_t i = 0; i < catalogue->feeds.count; i++) {
        const struct config_feed *feed = &catalogue->feeds.items[i];
        assert_memory_equal(feed->url, "https://", 8);
        assert_true(feed->licence[0] != 0);
        assert_false(feed->allow_http);
    }
    config_free(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_the_file_is_taken),
        cmocka_unit_test(every_mistake_is_named_with_its_place),
        cmocka_unit_test(aliases_cost_no_more_than_their_text),
        cmocka_unit_test(a_feed_of_the_catalogue_needs_only_its_name),
        cmocka_unit_test(every_feed_of_the_catalogue_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
