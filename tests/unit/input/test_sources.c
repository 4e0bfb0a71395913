/* test_sources.c - sources are opened as the configuration says
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/sources.h"

#include "cmocka_all.h"

#include <string.h>

static struct config *config_of(const char *yaml)
{
    struct config *config;
    struct error error;
    if (config_load_text("t.yaml", yaml, strlen(yaml), &config, &error) < 0)
        fail_msg("%s", error.text);
    return config;
}

static void what_is_no_capture_is_refused_by_the_name_of_its_source(void **state)
{
    (void)state;
    struct error error;
    struct config *config =
        config_of("sources: [{name: edge, type: pcap, path: /nowhere/traffic.pcap}]\n");
    assert_null(source_open(&config->sources.items[0], &error));
    assert_string_equal(error.text, "source edge: /nowhere/traffic.pcap: cannot open: No such file "
                                    "or directory; check the path");
    config_free(config);
}

static void a_source_says_where_it_is(void **state)
{
    (void)state;
    struct config *config;
    struct error error;
    const char *yaml = "sources: [{name: edge, type: pcap}]\n";
    assert_int_not_equal(config_load_text("t.yaml", yaml, strlen(yaml), &config, &error), 0);
    assert_non_null(strstr(error.text, "a source of type pcap needs path"));
}

static void a_live_source_goes_by_the_ports_of_all_unless_it_has_its_own(void **state)
{
    (void)state;
    struct config *config =
        config_of("capture: {ports: [53, 5353]}\n"
                  "sources:\n"
                  "  - {name: a, type: live, interface: eth0}\n"
                  "  - {name: b, type: live, interface: eth0, ports: [5300]}\n");
    assert_int_equal(config->sources.items[0].ports.count, 2);
    assert_int_equal(config->sources.items[0].ports.items[1], 5353);
    assert_int_equal(config->sources.items[1].ports.count, 1);
    assert_int_equal(config->sources.items[1].ports.items[0], 5300);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_capture_is_refused_by_the_name_of_its_source),
        cmocka_unit_test(a_source_says_where_it_is),
        cmocka_unit_test(a_live_source_goes_by_the_ports_of_all_unless_it_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
