/* test_dump.c - what the dump says, the loader reads back unchanged
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/config.h"

#include <string.h>

static void dump_of(const char *text, struct buf *ret_buf)
{
    struct config *config = NULL;
    struct error error = {""};
    if (config_load_text("t.yaml", text, strlen(text), &config, &error) != 0)
        fail_msg("%s", error.text);
    buf_init(ret_buf, 1 << 20);
    config_dump(config, ret_buf);
    config_free(config);
}

static void a_dump_loads_into_an_equal_configuration(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "sensor: 'a \"b\" \\ c: # d'\n",
        "resolvers: ['::1', 10.0.0.0/8]\ncapture: {ports: [53, 853]}\n",
        "feeds:\n- {name: a, path: /a, category: c2}\n- {name: b, path: b, category: allow}\n",
        "feeds: [{name: nocoin}, {name: urlhaus, enabled: no, proxy: 'http://[::1]:3128'}]\n",
        "detectors: {signature: {severity: high, enabled: off}}\nseverity_profile: strict\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct buf first;
        struct buf second;
        dump_of(texts[i], &first);
        dump_of(first.data, &second);
        assert_string_equal(first.data, second.data);
        buf_done(&first);
        buf_done(&second);
    }
}

static void a_dump_holds_what_the_file_said_and_the_defaults(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "sensor: \"s \\\\ \\\"1\\\"\"\n",
        "resolvers: [\"192.0.2.0/24\"]\n",
        "  ports: [53]\n",
        "  timeout_ms: 5000\n",
        "  dark_web:\n    enabled: true\n    confidence: high\n    severity: profile\n",
        "feeds:\n  -\n    name: \"f\"\n    enabled: true\n    url: \"\"\n    path: \"/f\"\n"
        "    category: phishing\n    confidence: 75\n    format: auto\n",
    };
    struct buf dump;
    dump_of("sensor: 's \\ \"1\"'\n"
            "resolvers: [192.0.2.0/24]\n"
            "detectors: {dark_web: {confidence: HIGH}}\n"
            "feeds: [{name: f, path: /f, category: phishing}]\n",
            &dump);
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        if (!strstr(dump.data, lines[i]))
            fail_msg("'%s' is not in\n%s", lines[i], dump.data);
    buf_done(&dump);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dump_loads_into_an_equal_configuration),
        cmocka_unit_test(a_dump_holds_what_the_file_said_and_the_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
