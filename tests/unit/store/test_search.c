/* test_search.c - a search finds what looking through every alert's text would find, and no more
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/search.h"

#include "life_fixture.h"
#include "prng.h"

#include <ctype.h>

enum { ALERTS = 50, NEEDLES = 400, NEEDLE_MAX = 24 };

static struct alert alerts[ALERTS];

static void alerts_put(struct prng *prng)
{
    for (unsigned i = 0; i < ALERTS; i++) {
        alert_build(&alerts[i], i);
        snprintf(alerts[i].domain, sizeof(alerts[i].domain), "d%x.example-%u.net",
                 (unsigned)prng_below(prng, 1 << 16), prng_below(prng, 4));
        snprintf(alerts[i].qname, sizeof(alerts[i].qname), "h%u.%s", prng_below(prng, 10),
                 prng_below(prng, 2) ? alerts[i].domain : "other.test");
        put(&alerts[i]);
    }
}

/* The fields one after another: none of them knows of an index. */
static bool field_has(const struct alert *alert, const char *needle)
{
    const char *const fields[] = {
        alert->id,    alert->entity_name,    alert->entity_ip,       alert->domain,
        alert->qname, alert->indicator.feed, alert->indicator.entry, alert->indicator.matched,
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strcasestr(fields[i], needle))
            return true;
    for (unsigned i = 0; i < alert->sample_count; i++)
        if (strcasestr(alert->samples[i].qname, needle))
            return true;
    return false;
}

/* A piece of some field, here and there with a letter changed or in upper case. */
static void needle_make(struct prng *prng, char needle[static NEEDLE_MAX])
{
    const struct alert *alert = &alerts[prng_below(prng, ALERTS)];
    const char *const fields[] = {alert->id, alert->entity_ip, alert->domain, alert->qname,
                                  alert->indicator.matched};
    const char *field = fields[prng_below(prng, 5)];
    size_t from = prng_below(prng, (unsigned)strlen(field));
    snprintf(needle, NEEDLE_MAX, "%.*s", (int)(1 + prng_below(prng, NEEDLE_MAX - 2)), field + from);
    char *letter = &needle[prng_below(prng, (unsigned)strlen(needle))];
    if (prng_below(prng, 4) == 0)
        *letter = 'q';
    else
        *letter = (char)toupper((unsigned char)*letter);
}

static int id_mark(void *context, const struct alert *alert, struct error *err)
{
    (void)err;
    bool *found = context;
    for (unsigned i = 0; i < ALERTS; i++)
        found[i] |= strcmp(alerts[i].id, alert->id) == 0;
    return 0;
}

/* Of answers only what they say is in the index: nothing of them is in a needle. */
static void a_search_finds_what_a_scan_finds(void **state)
{
    (void)state;
    struct prng prng = {5};
    unsigned hits = 0;
    alerts_put(&prng);
    for (unsigned i = 0; i < NEEDLES; i++) {
        char needle[NEEDLE_MAX];
        bool found[ALERTS] = {false};
        needle_make(&prng, needle);
        const struct store_filter filter = {.search = needle, .statuses = ~0u};
        must(store_list(store, &filter, id_mark, found, &error));
        for (unsigned j = 0; j < ALERTS; j++) {
            if (field_has(&alerts[j], needle) && !found[j])
                fail_msg("\"%s\" misses %s", needle, alerts[j].id);
            if (found[j] && strlen(needle) > 3 && !field_has(&alerts[j], needle))
                fail_msg("\"%s\" finds %s", needle, alerts[j].id);
            hits += found[j];
        }
    }
    assert_true(hits > NEEDLES);
}

static void what_stands_in_a_longer_name_is_written_once(void **state)
{
    (void)state;
    struct alert alert = {.id = "1_ab", .domain = "shop.example", .qname = "www.shop.example"};
    struct buf text;
    buf_init(&text, SEARCH_TEXT_MAX_BYTES);
    search_text(&alert, &text);
    assert_string_equal(text.data, "1_ab\nwww.shop.example\n");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(a_search_finds_what_a_scan_finds),
        cmocka_unit_test(what_stands_in_a_longer_name_is_written_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
