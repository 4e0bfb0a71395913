/* life_fixture.h - a store in a folder of its own for each test, and alerts in it
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "store/store.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64], path[96];
static struct error error;
static struct store *store;

#define must(r)                                                                                    \
    do {                                                                                           \
        if ((r) < 0)                                                                               \
            fail_msg("%s", error.text);                                                            \
    } while (0)

static int fixture_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-life-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    const struct store_config config = {.checkpoint_pages = 1000, .busy_timeout_ms = 1000};
    return store_open(path, STORE_WRITE, &config, &store, &error);
}

static int fixture_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return store_close(store, &error) < 0 ? -1 : system(command);
}

#define LIFE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

static inline void put(const struct alert *alert)
{
    struct store_put_result result;
    must(store_put(store, &alert, 1, &result, &error));
}

static inline void put_number(unsigned number)
{
    struct alert alert;
    alert_build(&alert, number);
    put(&alert);
}

/* Changes the database as another program would. */
static inline int meddle(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc;
}
