/* test_tunnel_tools.c - programs that make tunnels are known by how they spell their names
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "meter/tunnel_tools.h"

#include <dnsvigil/name.h>
#include <string.h>

static enum tunnel_tool tool_of(const char *text, uint16_t qtype, enum tool_sign *ret_sign)
{
    struct dns_name name;
    assert_true(name_from_text(&name, text, strlen(text)));
    return tunnel_tool_of(&name, name.labels - 2u, qtype, ret_sign);
}

static void each_tool_is_known_by_its_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t qtype;
        enum tunnel_tool tool;
        enum tool_sign sign;
    } cases[] = {
        {"vaaaakardli.t.host.com", DNS_TYPE_TXT, TUNNEL_TOOL_IODINE, TOOL_SIGN_SURE},
        {"paaqmhei.t.host.com", DNS_TYPE_CNAME, TUNNEL_TOOL_IODINE, TOOL_SIGN_WEAK},
        {"anything.host.com", DNS_TYPE_NULL, TUNNEL_TOOL_IODINE, TOOL_SIGN_WEAK},
        {"anything.host.com", 65399, TUNNEL_TOOL_IODINE, TOOL_SIGN_WEAK},
        {"0eab\\200\\201.host.com", DNS_TYPE_A, TUNNEL_TOOL_IODINE, TOOL_SIGN_WEAK},
        {"aaaaah.=auth.host.com", DNS_TYPE_TXT, TUNNEL_TOOL_DNS2TCP, TOOL_SIGN_SURE},
        {"c3No.=connect.host.com", 25, TUNNEL_TOOL_DNS2TCP, TOOL_SIGN_SURE},
        {"958700a621c3620001636f.host.com", DNS_TYPE_MX, TUNNEL_TOOL_DNSCAT2, TOOL_SIGN_WEAK},
        {"dnscat.45bf01f5001ffd0fac50.a.b", DNS_TYPE_TXT, TUNNEL_TOOL_DNSCAT2, TOOL_SIGN_SURE},
        {"init.mzuwyzj4oqydc.host.com", DNS_TYPE_TXT, TUNNEL_TOOL_NONE, TOOL_SIGN_NONE},
        {"init.onswg4tforpwk6d4gi.host.com", DNS_TYPE_TXT, TUNNEL_TOOL_DNSEXFILTRATOR,
         TOOL_SIGN_SURE},
        {"aaaabbbbccccdddd-.eeee-.host.com", DNS_TYPE_A, TUNNEL_TOOL_DNSTEAL, TOOL_SIGN_WEAK},
        {"0-1234.id-4711.up.host.com", DNS_TYPE_TXT, TUNNEL_TOOL_OZYMANDNS, TOOL_SIGN_SURE},
        {"post.140.0984fa10.1997cf2.host.com", DNS_TYPE_A, TUNNEL_TOOL_COBALT_STRIKE,
         TOOL_SIGN_WEAK},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        enum tool_sign sign;
        enum tunnel_tool tool = tool_of(cases[i].name, cases[i].qtype, &sign);
        if (tool != cases[i].tool || sign != cases[i].sign)
            fail_msg("%s is taken for \"%s\"", cases[i].name, tunnel_tool_names[tool]);
    }
}

static void ordinary_names_are_no_tools(void **state)
{
    (void)state;
    static const char *const names[] = {
        "www.host.com",    "api.host.com",        "cdn.images.host.com",  "init.host.com",
        "photos.host.com", "id-1234.host.com",    "post.office.host.com", "dnscat.host.com",
        "init.d.host.com", "deadbeef.host.com",   "a-.host.com",          "pictures.host.com",
        "backup.host.com", "d41d8cd98f.host.com",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        enum tool_sign sign;
        if (tool_of(names[i], DNS_TYPE_A, &sign) != TUNNEL_TOOL_NONE)
            fail_msg("%s is taken for a tool", names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tool_is_known_by_its_names),
        cmocka_unit_test(ordinary_names_are_no_tools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
