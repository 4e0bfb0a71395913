/* test_feed_detect.c - tests of telling a list's format from its content
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

static const struct {
    const char *text;
    enum feed_format format;
} files[] = {
    {"", FEED_PLAIN},
    {"# only\n# comments\n", FEED_PLAIN},
    {"bad.com\nworse.com\n", FEED_PLAIN},
    {"onion\nexit\n", FEED_PLAIN},
    {"1.2.3.4\n5.6.7.8\n", FEED_PLAIN},
    {"1.2.3.4 # seen today\n5.6.7.8 ; too\n", FEED_PLAIN},
    {"[Adblock Plus]\n! note\n||bad.com^$third-party\n@@||ok.com^\n", FEED_PLAIN},
    {"http://bad.com/x\nworse.com\n", FEED_PLAIN},
    {"# header\n127.0.0.1 localhost\n0.0.0.0 bad.com\n", FEED_HOSTS},
    {"0.0.0.0\tbad.com\r\n0.0.0.0\tworse.com\r\n", FEED_HOSTS},
    {"bad.com\n0.0.0.0 a.com\n0.0.0.0 b.com\n", FEED_HOSTS},
    {"http://bad.com/x\nhttps://worse.com/y,z\n", FEED_URL},
    {"bad.com\tmining\t80\tpool\tsomewhere\n", FEED_SEED},
    {"bad.com\tnonsense\t80\n", FEED_TSV},
    {"domain\tseen\nbad.com\t2025\n", FEED_TSV},
    {"# id,url,tags\n1,http://bad.com/x,exe\n", FEED_CSV},
    {"\"2024-01-01 00:00:00\", \"bad.com\", \"domain\"\n", FEED_CSV},
    {"2025;bad.com;x\n", FEED_CSV},
    {"$TTL 30\n@ SOA a. b. 1 2 3 4 5\nbad.com CNAME .\n", FEED_RPZ},
    {"; note\nbad.com 60 IN CNAME .\n*.bad.com IN CNAME .\n", FEED_RPZ},
    {"address=/bad.com/0.0.0.0\n", FEED_DNSMASQ},
    {"server=/bad.com/\n", FEED_DNSMASQ},
    {"server:\nlocal-zone: \"bad.com\" always_nxdomain\nlocal-zone: \"x.com\" static\n",
     FEED_UNBOUND},
    {"YmFkLmNvbQ==\nd29yc2UuY29t\n", FEED_SURICATA},
    {" \n{\"objects\": []}", FEED_STIX},
    {"[ {\"Event\": {}} ]", FEED_MISP},
    {"{\"list\": []}", FEED_MISP_WARNINGLIST},
    {"Dear customer,\nyour licence has expired.\nPlease renew it.\n", FEED_AUTO},
    {"alert dns any any -> any any (msg:\"x\"; dns.query; content:\"a.com\"; sid:1;)\n", FEED_AUTO},
    {"zone \"bad.com\" { type master; };\n", FEED_AUTO},
    {"/login.php\n/gate.php\n", FEED_AUTO},
    {"{\"error\": \"quota exceeded\"}", FEED_AUTO},
};

static void the_format_of_most_lines_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        assert_int_equal(feed_detect(files[i].text, strlen(files[i].text)), files[i].format);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_format_of_most_lines_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
