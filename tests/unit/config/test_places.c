/* test_places.c - what empty keys stand for on this machine
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void the_store_of_a_user_is_in_the_state_folder(void **state)
{
    (void)state;
    static const struct {
        const char *xdg;
        const char *place;
    } cases[] = {
        {"/state", "/state/dnsvigil/alerts.db"},
        {"relative", "/home/u/.local/state/dnsvigil/alerts.db"},
        {"", "/home/u/.local/state/dnsvigil/alerts.db"},
    };
    setenv("HOME", "/home/u", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        setenv("XDG_STATE_HOME", cases[i].xdg, 1);
        char *place = place_store();
        assert_string_equal(place, geteuid() == 0 ? "/var/lib/dnsvigil/alerts.db" : cases[i].place);
        free(place);
    }
}

static void the_host_name_is_never_empty(void **state)
{
    (void)state;
    char *name = place_host_name();
    assert_true(name[0] != '\0' && strlen(name) <= 63);
    free(name);
}

static void the_lists_are_at_an_absolute_place(void **state)
{
    (void)state;
    char *place = place_seeds();
    assert_int_equal(place[0], '/');
    assert_non_null(strstr(place, "/intel"));
    free(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_store_of_a_user_is_in_the_state_folder),
        cmocka_unit_test(the_host_name_is_never_empty),
        cmocka_unit_test(the_lists_are_at_an_absolute_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
