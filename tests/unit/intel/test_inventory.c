/* test_inventory.c - tests of inventories and lease files: who is behind an address, and when
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/inventory.h"

#include "base/clock.h"

#include "cmocka_all.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOON_S = 1795262400 }; /* 2026-11-21T12:00:00Z */

static char dir[64];
static char config_text[4096];
static char notes[4096];
static struct config *config;
static struct inventory *inventory;

static int folder_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/dnsvigil-inventory-XXXXXX");
    notes[0] = 0;
    return mkdtemp(dir) ? 0 : -1;
}

static int folder_remove(void **state)
{
    static const char *const names[] = {"hosts.csv", "hosts.yaml", "leases", "more.leases",
                                        "dnsvigil.yaml"};
    (void)state;
    inventory_free(inventory);
    config_free(config);
    inventory = NULL;
    config = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

/* Writes a file anew, so that it is seen to have changed however coarse the file system's clock. */
static void write_file(const char *name, const char *text)
{
    char path[128], fresh[160];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    FILE *file = fopen(fresh, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(fresh, path), 0);
}

static void note_take(void *arg, const char *path, unsigned line, const char *reason)
{
    (void)arg;
    size_t len = strlen(notes);
    const char *slash = strrchr(path, '/');
    snprintf(notes + len, sizeof(notes) - len, "%s:%u: %s\n", slash ? slash + 1 : path, line,
             reason);
}

/* Loads the keys below `inventory`, written as flow YAML; files count from the test's folder. */
static void inventory_load(const char *keys)
{
    struct error error;
    char name[128];
    snprintf(name, sizeof(name), "%s/dnsvigil.yaml", dir);
    snprintf(config_text, sizeof(config_text), "inventory: {%s}\n", keys);
    write_file("dnsvigil.yaml", config_text);
    if (config_load(name, &config, &error) < 0)
        fail_msg("%s", error.text);
    inventory = inventory_new(&config->inventory, note_take, NULL);
    assert_non_null(inventory);
}

/* "name|owner|email|tags" of an address at a time. */
static const char *known(const char *ip, int64_t time_s)
{
    static struct alert alert;
    static char text[4 * ALERT_TEXT_MAX + 8];
    alert = (struct alert){.start_ns = time_s * NS_PER_S};
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "%s", ip);
    inventory_describe(inventory, &alert);
    snprintf(text, sizeof(text), "%s|%s|%s|%s", alert.entity_name, alert.entity_owner,
             alert.entity_email, alert.entity_tags);
    for (char *c = text; *c; c++)
        if (*c == '\n')
            *c = ',';
    return text;
}

static void the_most_exact_entry_counts(void **state)
{
    (void)state;
    write_file("hosts.csv", "\xef\xbb\xbfmatch,name,owner,email,tags\r\n"
                            "# our networks\r\n"
                            "10.0.0.0/8,campus,IT,it@example.test,net\r\n"
                            "10.1.0.0/16,lab,\"Lab, North\",lab@example.test,lab; guest\r\n"
                            "10.1.2.3,printer,\"the \"\"big\"\" one\",,\r\n"
                            "2001:db8::/32,six,V6,,\r\n");
    inventory_load("files: [hosts.csv]");
    static const struct {
        const char *ip, *expected;
    } cases[] = {
        {"10.1.2.3", "printer|the \"big\" one||"},
        {"10.1.2.4", "lab|Lab, North|lab@example.test|lab,guest"},
        {"10.2.0.1", "campus|IT|it@example.test|net"},
        {"2001:db8::7", "six|V6||"},
        {"192.0.2.1", "|||"},
        {"2001:db9::7", "|||"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(known(cases[i].ip, NOON_S), cases[i].expected);
    assert_string_equal(notes, "");
    assert_int_equal(inventory_count(inventory).hosts, 4);
}

static void columns_stand_in_any_order_and_behind_any_usual_separator(void **state)
{
    (void)state;
    write_file("hosts.csv", "Owner;Room;Match\nAna;12;192.0.2.0/24\n");
    inventory_load("files: [hosts.csv]");
    assert_string_equal(known("192.0.2.9", NOON_S), "|Ana||");
}

static void entries_stand_in_the_configuration_or_a_yaml_file_as_well(void **state)
{
    (void)state;
    write_file("hosts.yaml", "inventory:\n  hosts:\n"
                             "    - {match: 192.0.2.9, name: nine, tags: [a, b]}\n");
    inventory_load("files: [hosts.yaml], hosts: [{match: 192.0.2.0/24, owner: Ana}]");
    assert_string_equal(known("192.0.2.9", NOON_S), "nine|||a,b");
    assert_string_equal(known("192.0.2.8", NOON_S), "|Ana||");
}

static void a_dnsmasq_lease_names_the_machine_while_it_lasts(void **state)
{
    (void)state;
    char text[512];
    snprintf(text, sizeof(text),
             "%d 02:00:5e:10:00:01 192.0.2.10 laptop-7 01:02\n"
             "0 02:00:5e:10:00:02 192.0.2.11 camera *\n"
             "%d 02:00:5e:10:00:03 192.0.2.12 * *\n"
             "duid 00:01:00:01\n"
             "%d 12345 2001:db8::10 laptop-7 00:01\n",
             NOON_S + 3600, NOON_S + 3600, NOON_S + 3600);
    write_file("leases", text);
    inventory_load("leases: [leases], lease_hours: 2");
    assert_string_equal(known("192.0.2.10", NOON_S), "laptop-7|||");
    assert_string_equal(known("2001:db8::10", NOON_S), "laptop-7|||");
    assert_string_equal(known("192.0.2.10", NOON_S + 3601), "|||");
    assert_string_equal(known("192.0.2.10", NOON_S - 3601), "|||");
    assert_string_equal(known("192.0.2.11", NOON_S - 99999999), "camera|||");
    assert_string_equal(known("192.0.2.12", NOON_S), "|||");
    assert_string_equal(notes, "");
}

static const char dhcpd_leases[] = "# comment\n"
                                   "authoring-byte-order little-endian;\n"
                                   "lease 192.0.2.10 {\n"
                                   "  starts 6 2026/11/21 10:00:00;\n"
                                   "  ends 6 2026/11/21 22:00:00;\n"
                                   "  hardware ethernet 02:00:5e:10:00:01;\n"
                                   "  uid \"a}b{c\";\n"
                                   "  client-hostname \"first\";\n"
                                   "  on expiry or release {\n"
                                   "    starts 6 1999/01/01 00:00:00;\n"
                                   "  }\n"
                                   "}\n"
                                   "lease 192.0.2.10 {\n"
                                   "  starts 6 2026/11/21 10:00:00;\n"
                                   "  ends 6 2026/11/21 12:00:00;\n"
                                   "  binding state free;\n"
                                   "  hardware ethernet 02:00:5e:10:00:01;\n"
                                   "  client-hostname \"first\";\n"
                                   "}\n"
                                   "lease 192.0.2.10 {\n"
                                   "  starts epoch 1795264200; # Sat Nov 21 12:30:00 2026\n"
                                   "  ends never;\n"
                                   "  client-hostname \"second\";\n"
                                   "}\n";

static void an_address_that_went_on_names_who_had_it_then(void **state)
{
    (void)state;
    write_file("leases", dhcpd_leases);
    inventory_load("leases: [leases]");
    assert_string_equal(known("192.0.2.10", NOON_S - 3600), "first|||");
    assert_string_equal(known("192.0.2.10", NOON_S + 60), "|||");
    assert_string_equal(known("192.0.2.10", NOON_S + 1800), "second|||");
    assert_string_equal(known("192.0.2.10", NOON_S + 99999999), "second|||");
    assert_string_equal(known("192.0.2.10", NOON_S - 7201), "|||");
    assert_string_equal(notes, "");
}

static void keas_table_is_read_by_its_heading(void **state)
{
    (void)state;
    char text[1024];
    snprintf(text, sizeof(text),
             "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,"
             "state,user_context,pool_id\n"
             "192.0.2.10,02:00:5e:10:00:01,,3600,%d,1,0,0,laptop-7.example.test.,0,,0\n"
             "192.0.2.10,02:00:5e:10:00:01,,0,%d,1,0,0,,2,,0\n"
             "192.0.2.10,02:00:5e:10:00:02,,3600,%d,1,0,0,other,0,,0\n",
             NOON_S + 1800, NOON_S - 1800, NOON_S + 4000);
    write_file("leases", text);
    inventory_load("leases: [leases], hosts: [{match: LAPTOP-7, owner: Ana}]");
    assert_string_equal(known("192.0.2.10", NOON_S), "laptop-7.example.test|Ana||");
    assert_string_equal(known("192.0.2.10", NOON_S + 1000), "other|||");
    assert_string_equal(notes, "");
}

static void a_hardware_address_goes_before_the_name_a_client_gives_itself(void **state)
{
    (void)state;
    char text[256];
    snprintf(text, sizeof(text), "%d 02:00:5E:10:00:01 192.0.2.10 dc1 *\n", NOON_S + 60);
    write_file("leases", text);
    inventory_load("leases: [leases], hosts: ["
                   "{match: dc1, name: domain controller, owner: IT}, "
                   "{match: \"02:00:5e:10:00:01\", name: Ana's phone, owner: Ana}]");
    assert_string_equal(known("192.0.2.10", NOON_S), "Ana's phone|Ana||");
}

static void hostile_lines_are_refused_with_their_place(void **state)
{
    (void)state;
    write_file("hosts.csv", "match,name\n"
                            ",nobody\n"
                            "10.0.0.1/8,bits below\n"
                            "10.0.0.1,bad\x1b[2Jname\n"
                            "what is this,x\n"
                            "10.0.0.2,good\n"
                            "10.0.0.3,\xff\xfe\n"
                            ".,everybody\n");
    write_file("leases", "4102444800 02:00:5e:10:00:01 192.0.2.10 a<script> *\n"
                         "hello\n"
                         "4102444800 02:00:5e:10:00:01 999.0.2.10 name *\n");
    inventory_load("files: [hosts.csv], leases: [leases]");
    static const char *const expected[] = {
        "hosts.csv:2: the entry does not say", "hosts.csv:3: the CIDR block",
        "hosts.csv:4: a cell is not UTF-8",    "hosts.csv:5: it is neither",
        "hosts.csv:7: a cell is not UTF-8",    "leases:1: the host name is none",
        "leases:2: expected the time",         "leases:3: the address of the lease",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (!strstr(notes, expected[i]))
            fail_msg("no \"%s\" in\n%s", expected[i], notes);
    assert_int_equal(inventory_count(inventory).refused, 9);
    assert_string_equal(known("10.0.0.2", NOON_S), "good|||");
    assert_string_equal(known("10.0.0.9", NOON_S), "|||");
}

static void a_name_that_is_none_does_not_hide_who_has_the_address(void **state)
{
    (void)state;
    write_file("leases",
               "lease 192.0.2.10 {\n"
               "  starts 6 2026/11/21 08:00:00;\n  ends 6 2026/11/21 22:00:00;\n"
               "  hardware ethernet 02:00:5e:10:00:01;\n}\n"
               "lease 192.0.2.10 {\n"
               "  starts 6 2026/11/21 09:00:00;\n  ends 6 2026/11/21 22:00:00;\n"
               "  hardware ethernet 02:00:5e:10:00:02;\n  client-hostname \"a b;c\";\n}\n");
    inventory_load("leases: [leases], hosts: ["
                   "{match: \"02:00:5e:10:00:01\", name: Ana's phone, owner: Ana}, "
                   "{match: \"02:00:5e:10:00:02\", name: Bob's phone, owner: Bob}]");
    assert_string_equal(known("192.0.2.10", NOON_S), "Bob's phone|Bob||");
}

static void only_the_first_refused_lines_are_told(void **state)
{
    (void)state;
    char text[1024] = "match\n";
    for (int i = 0; i < 100; i++)
        strcat(text, "/bad\n");
    write_file("hosts.csv", text);
    inventory_load("files: [hosts.csv]");
    assert_int_equal(inventory_count(inventory).refused, 100);
    assert_non_null(strstr(notes, "hosts.csv:6:"));
    assert_null(strstr(notes, "hosts.csv:7:"));
}

static void what_is_no_inventory_or_lease_file_is_refused_as_a_whole(void **state)
{
    (void)state;
    write_file("hosts.csv", "10.0.0.0/8,name\n10.0.0.0/9,name\n");
    write_file("leases", "<html>\n<body>\n");
    write_file("hosts.yaml", "inventory: 7\n");
    inventory_load("files: [hosts.csv, hosts.yaml], leases: [leases, more.leases]");
    assert_non_null(strstr(notes, "hosts.csv:1: the first line has to name the columns"));
    assert_non_null(strstr(notes, "leases:1: no lease file"));
    assert_non_null(strstr(notes, "hosts.yaml:1:12: inventory"));
    assert_non_null(strstr(notes, "more.leases: No such file"));
    assert_int_equal(inventory_count(inventory).hosts, 0);
}

static void files_are_read_again_when_they_change(void **state)
{
    (void)state;
    write_file("hosts.csv", "match,name\n10.0.0.1,old\n");
    inventory_load("files: [hosts.csv], leases: [more.leases]");
    assert_false(inventory_refresh(inventory));
    write_file("hosts.csv", "match,name\n10.0.0.1,new\n");
    assert_true(inventory_refresh(inventory));
    assert_string_equal(known("10.0.0.1", NOON_S), "new|||");
    write_file("more.leases", "4102444800 02:00:5e:10:00:01 192.0.2.10 late *\n");
    assert_true(inventory_refresh(inventory));
    assert_string_equal(known("192.0.2.10", 4102444000), "late|||");
    assert_false(inventory_refresh(inventory));
}

static void a_file_that_vanishes_keeps_what_it_said(void **state)
{
    (void)state;
    char path[128];
    write_file("hosts.csv", "match,name\n10.0.0.1,old\n");
    inventory_load("files: [hosts.csv]");
    snprintf(path, sizeof(path), "%s/hosts.csv", dir);
    assert_int_equal(unlink(path), 0);
    assert_true(inventory_refresh(inventory));
    assert_string_equal(known("10.0.0.1", NOON_S), "old|||");
    assert_non_null(strstr(notes, "hosts.csv: No such file"));
}

/* dnsmasq rewrites its file, and with a renewal the time before it is no longer in it. */
static void earlier_leases_are_remembered_when_the_file_forgets_them(void **state)
{
    (void)state;
    char text[256];
    snprintf(text, sizeof(text), "%d 02:00:5e:10:00:01 192.0.2.10 first *\n", NOON_S + 3600);
    write_file("leases", text);
    inventory_load("leases: [leases], lease_hours: 1");
    snprintf(text, sizeof(text), "%d 02:00:5e:10:00:02 192.0.2.10 second *\n", NOON_S + 5400);
    write_file("leases", text);
    assert_true(inventory_refresh(inventory));
    assert_string_equal(known("192.0.2.10", NOON_S + 60), "first|||");
    assert_string_equal(known("192.0.2.10", NOON_S + 2000), "second|||");
    /* Two days on they are let go. */
    for (int day = 1; day <= 3; day++) {
        snprintf(text, sizeof(text), "%d 02:00:5e:10:00:02 192.0.2.10 third *\n",
                 NOON_S + day * 2 * 86400);
        write_file("leases", text);
        assert_true(inventory_refresh(inventory));
    }
    assert_string_equal(known("192.0.2.10", NOON_S + 60), "|||");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(the_most_exact_entry_counts),
        TEST(columns_stand_in_any_order_and_behind_any_usual_separator),
        TEST(entries_stand_in_the_configuration_or_a_yaml_file_as_well),
        TEST(a_dnsmasq_lease_names_the_machine_while_it_lasts),
        TEST(an_address_that_went_on_names_who_had_it_then),
        TEST(keas_table_is_read_by_its_heading),
        TEST(a_hardware_address_goes_before_the_name_a_client_gives_itself),
        TEST(hostile_lines_are_refused_with_their_place),
        TEST(a_name_that_is_none_does_not_hide_who_has_the_address),
        TEST(only_the_first_refused_lines_are_told),
        TEST(what_is_no_inventory_or_lease_file_is_refused_as_a_whole),
        TEST(files_are_read_again_when_they_change),
        TEST(a_file_that_vanishes_keeps_what_it_said),
        TEST(earlier_leases_are_remembered_when_the_file_forgets_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
