/* fuzz_filter.c - any text as filters, order and cursor of a list: SQL that runs, or a refusal
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each line is NAME=VALUE, as parameters of the API are; `sort` and `cursor` are among the names.
 */
#include "store/filter.h"

#include "alert_build.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { ALERTS = 20, PAGE = 7 };

static char folder[] = "/tmp/dnsvigil-fuzz-XXXXXX";

static void folder_remove(void)
{
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    if (system(command) != 0)
        perror(folder);
}

/* A few alerts to choose from, made once. */
static struct store *store_of_some(void)
{
    static struct store *store;
    struct store_put_result result;
    struct error error;
    char path[64];
    if (store)
        return store;
    assert(mkdtemp(folder));
    atexit(folder_remove);
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    assert(store_open(path, STORE_WRITE, NULL, &store, &error) == 0);
    struct alert alert;
    const struct alert *one = &alert;
    for (unsigned i = 0; i < ALERTS; i++) {
        alert_build(&alert, i);
        assert(store_put(store, &one, 1, &result, &error) == 0);
    }
    return store;
}

static int alert_count(void *context, const struct alert *alert, struct error *error)
{
    (void)alert, (void)error;
    return ++*(unsigned *)context <= PAGE ? 0 : -E2BIG;
}

/* Page after page, from the cursor that was given or else from the beginning. */
static void pages_read(struct store *store, const struct store_filter *filter, const char *cursor)
{
    struct store_cursor next;
    struct error error = {""};
    for (unsigned page = 0; page <= ALERTS; page++) {
        unsigned count = 0;
        int r = store_list_page(store, filter, cursor, alert_count, &count, &next, &error);
        assert(r == 0 || (page == 0 && *cursor && r == -EINVAL));
        if (r < 0 || !next.text[0])
            return;
        cursor = next.text;
    }
    assert(!"a list of so few alerts ends");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct filter filter = {0};
    struct error error = {""};
    const char *cursor = "";
    char *text = strndup((const char *)data, len), *rest = text;
    assert(text);
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *value = strchr(line, '=');
        if (!value)
            continue;
        *value++ = 0;
        if (strcmp(line, "cursor") == 0)
            cursor = value;
        else if (strcmp(line, "sort") == 0)
            filter_sort_parse(value, &filter.set.sort, &filter.set.reverse);
        else if (filter_set(&filter, line, value, &error) < 0)
            assert(error.text[0]);
    }
    filter.set.limit = PAGE;
    pages_read(store_of_some(), &filter.set, cursor);
    free(text);
    return 0;
}
