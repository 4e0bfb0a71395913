/* alerts.c - how long lists, searches and counts take among very many stored alerts
 * SPDX-License-Identifier: Apache-2.0
 *
 *     bench-alerts fill PATH NUMBER [KIB]   brings a store to so many alerts, tells what each cost;
 *                                           KIB is the cache, 0 that of the daemon
 *     bench-alerts ask PATH [TIMES]         prints the 50th and 95th percentile of each kind of
 *                                           question
 *     bench-alerts simulate PATH            tries suppression rules on all of them
 *     bench-alerts change PATH              changes ten thousand of them
 */
#include "base/clock.h"
#include "base/hash.h"
#include "store/count.h"
#include "store/filter.h"
#include "store/suppressions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BATCH = 5000,
    FILL_CACHE_KIB = 1 << 20,
    ENTITIES = 20000,
    DOMAINS = 50000,
    OWNERS = 300,
    EVERY_MS = 7776,
    PAGE = 50
};

#define FIRST_NS         (1767225600 * NS_PER_S)
#define PUT(member, ...) snprintf(member, sizeof(member), __VA_ARGS__)

static struct error error;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void must(int r)
{
    if (r < 0) {
        fprintf(stderr, "bench-alerts: %s\n", error.text);
        exit(1);
    }
}

/* Numbers that are the same in each run. */
static uint64_t draw(uint64_t number, unsigned what, uint64_t below)
{
    uint64_t key[2] = {number, what};
    return hash_bytes(key, sizeof(key), HASH_FIXED_SEED) % below;
}

/* A few machines and domains have most alerts, as in life. */
static uint64_t draw_skewed(uint64_t number, unsigned what, uint64_t below)
{
    double share = (double)draw(number, what, 1u << 20) / (1u << 20);
    return (uint64_t)(share * share * share * (double)below);
}

static void samples_make(struct alert *alert, uint64_t number)
{
    alert->sample_count = (uint8_t)(1 + draw(number, 10, 3));
    for (unsigned i = 0; i < alert->sample_count; i++) {
        struct alert_sample *sample = &alert->samples[i];
        sample->time_ns = alert->start_ns + i * NS_PER_S;
        sample->qtype = 1;
        PUT(sample->qname, "h%x.%.200s", (unsigned)draw(number, 20 + i, 1u << 24), alert->domain);
        PUT(sample->answers, "%s 60 IN A 203.0.%u.%u", sample->qname,
            (unsigned)draw(number, 30, 256), (unsigned)draw(number, 31, 256));
    }
    PUT(alert->qname, "%s", alert->samples[0].qname);
}

/* They come about in the order of time, a million in 90 days. */
static void alert_make(struct alert *alert, uint64_t number)
{
    uint64_t entity = draw_skewed(number, 1, ENTITIES), domain = draw_skewed(number, 2, DOMAINS);
    memset(alert, 0, sizeof(*alert));
    alert->detector = (uint8_t)draw(number, 3, DETECTOR_COUNT);
    alert->severity = detector_rows[alert->detector].severity;
    if (draw(number, 4, 200) == 0)
        alert->severity = SEVERITY_HIGH;
    alert->status = (uint8_t)(draw(number, 5, 3) ? ALERT_STATUS_ACTIVE : draw(number, 6, 4));
    alert->start_ns = FIRST_NS + (int64_t)(number * EVERY_MS + draw(number, 7, 600000)) * NS_PER_MS;
    alert->end_ns = alert->start_ns + (int64_t)draw(number, 8, 3600) * NS_PER_S;
    alert->generated_ns = alert->end_ns;
    alert->count = 1 + draw_skewed(number, 9, 5000);
    alert->confidence = 80;
    PUT(alert->id, "%019lld_%08llx-%04llx-5000-8000-%012llx",
        3155378975999999999ll - (alert->start_ns / 100 + 621355968000000000ll),
        (unsigned long long)draw(number, 11, 1ull << 32),
        (unsigned long long)draw(number, 12, 1 << 16), (unsigned long long)number);
    PUT(alert->entity_ip, "10.%u.%u.%u", (unsigned)(entity >> 16), (unsigned)(entity >> 8 & 255),
        (unsigned)(entity & 255));
    PUT(alert->entity_name, "host-%llu", (unsigned long long)entity);
    PUT(alert->entity_owner, "owner-%llu", (unsigned long long)(entity % OWNERS));
    PUT(alert->entity_tags, "site-%llu\n%s", (unsigned long long)(entity % 20),
        entity % 3 ? "laptop" : "server");
    PUT(alert->resolver_ip, "192.0.2.53");
    PUT(alert->domain, "%llx%s.example-%llu.net", (unsigned long long)draw(domain, 13, 1ull << 40),
        domain % 7 ? "" : "tunnel", (unsigned long long)(domain % 997));
    alert->feature_count = 2;
    alert->features[0] = (struct alert_feature){"label_entropy", 3.9, 3.5, "bit"};
    alert->features[1] = (struct alert_feature){"names", 120, 50, ""};
    samples_make(alert, number);
}

static double cpu_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

static uint64_t alerts_stored(struct store *store)
{
    struct store_totals totals;
    const struct store_filter all = {.statuses = ~0u};
    must(store_count(store, &all, &totals, &error));
    return totals.alerts;
}

/* Times are those of store_put() alone. */
static void fill(const char *path, uint64_t total, uint32_t cache_kib)
{
    struct alert *alerts = calloc(BATCH, sizeof(*alerts));
    const struct alert *pointers[BATCH];
    struct store_put_result result;
    struct store_config config = store_config_default;
    struct store *store;
    double wall = 0, cpu = 0;
    config.cache_kib = cache_kib;
    must(store_open(path, STORE_WRITE, &config, &store, &error));
    uint64_t first = alerts_stored(store);
    for (uint64_t done = first; done < total; done += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            alert_make(&alerts[i], done + i);
            pointers[i] = &alerts[i];
        }
        double wall_begin = now_ms(), cpu_begin = cpu_ms();
        must(store_put(store, pointers, BATCH, &result, &error));
        wall += now_ms() - wall_begin;
        cpu += cpu_ms() - cpu_begin;
        double each = (double)(done + BATCH - first) / 1e3;
        if ((done + BATCH) % (4 * BATCH) == 0)
            fprintf(stderr, "%llu alerts, %.0f us of CPU and %.0f us each so far\n",
                    (unsigned long long)done + BATCH, cpu / each, wall / each);
    }
    must(store_close(store, &error));
    free(alerts);
}

/* Questions. */

struct question {
    const char *name;
    const char *filters[8]; /* name, value, … */
    const char *sort;
    int pages; /* of a list; 0: a count */
    const char *axis;
};

static const struct question questions[] = {
    {"list, newest", {0}, "newest", 1, 0},
    {"list, ten pages", {0}, "newest", 10, 0},
    {"list, two hundred pages", {0}, "newest", 200, 0},
    {"list by severity", {0}, "severity", 1, 0},
    {"list by count", {0}, "count", 1, 0},
    {"list by machine", {0}, "entity", 1, 0},
    {"list by domain", {0}, "domain", 1, 0},
    {"filter: status dismissed", {"status", "dismissed"}, "newest", 1, 0},
    {"filter: severity high", {"severity", "high"}, "newest", 1, 0},
    {"filter: two types, one tactic",
     {"type", "threat_intel,signature", "tactic", "initial-access"},
     "newest",
     1,
     0},
    {"filter: phishing and high",
     {"type", "phishing_domain", "severity", "high"},
     "severity",
     1,
     0},
    {"filter: machine", {"entity", "10.0.0.0"}, "newest", 1, 0},
    {"filter: rare machine", {"entity", "10.0.60.1"}, "count", 1, 0},
    {"filter: domain, many", {"domain", "example-0.net"}, "newest", 1, 0},
    {"filter: top-level domain", {"domain", "net"}, "severity", 1, 0},
    {"filter: owner and tag", {"owner", "owner-7", "tag", "server"}, "newest", 1, 0},
    {"filter: tag, many", {"tag", "laptop"}, "newest", 1, 0},
    {"filter: address answered", {"ip", "203.0.113.9"}, "newest", 1, 0},
    {"filter: one week", {"since", "2026-01-10", "until", "2026-01-17"}, "newest", 1, 0},
    {"filter: last hours, by count", {"since", "2026-03-31T20:00:00Z"}, "count", 1, 0},
    {"filter: nobody's", {"assignee", "none"}, "newest", 1, 0},
    {"filter: few of two broad conditions", {"owner", "owner-3", "tag", "site-5"}, "newest", 1, 0},
    {"filter: an incident", {"incident", "55397887-5675-5c04-b186-456657fa05d3"}, "newest", 1, 0},
    {"search: a rare text", {"search", "00000001234"}, "newest", 1, 0},
    {"search: a common text", {"search", "tunnel"}, "newest", 1, 0},
    {"search: in most alerts", {"search", "example"}, "newest", 1, 0},
    {"search: nothing", {"search", "no-such-text"}, "newest", 1, 0},
    {"search: common parts, no whole", {"search", "example-0.net 60 in b"}, "newest", 1, 0},
    {"search: two characters", {"search", "h1"}, "newest", 1, 0},
    {"search and filter", {"search", "host-77", "severity", "medium"}, "severity", 1, 0},
    {"count", {0}, 0, 0, 0},
    {"count: severity high", {"severity", "high"}, 0, 0, 0},
    {"count: machine", {"entity", "10.0.0.0"}, 0, 0, 0},
    {"count: search", {"search", "00000001234"}, 0, 0, 0},
    {"groups: severity", {0}, 0, 0, "severity"},
    {"groups: status", {0}, 0, 0, "status"},
    {"groups: type", {0}, 0, 0, "type"},
    {"groups: machine", {0}, 0, 0, "entity"},
    {"groups: domain", {0}, 0, 0, "domain"},
    {"groups: owner", {0}, 0, 0, "owner"},
    {"groups: day", {0}, 0, 0, "day"},
    {"groups: hour of one week", {"since", "2026-01-10", "until", "2026-01-17"}, 0, 0, "hour"},
    {"groups: machine, severity high", {"severity", "high"}, 0, 0, "entity"},
};

static int alert_seen(void *context, const struct alert *alert, struct error *err)
{
    (void)alert, (void)err;
    ++*(uint64_t *)context;
    return 0;
}

static int group_seen(void *context, const struct store_group *group, struct error *err)
{
    (void)group, (void)err;
    ++*(uint64_t *)context;
    return 0;
}

static void list_ask(struct store *store, const struct question *question, struct filter *filter,
                     uint64_t *found)
{
    struct store_cursor cursor = {""};
    filter->set.limit = PAGE;
    filter_sort_parse(question->sort, &filter->set.sort, &filter->set.reverse);
    for (int i = 0; i < question->pages; i++) {
        struct store_cursor at = cursor;
        must(store_list_page(store, &filter->set, at.text, alert_seen, found, &cursor, &error));
    }
}

static uint64_t ask(struct store *store, const struct question *question)
{
    struct filter filter = {0};
    struct store_totals totals;
    uint64_t found = 0;
    for (unsigned i = 0; question->filters[i]; i += 2)
        must(filter_set(&filter, question->filters[i], question->filters[i + 1], &error));
    if (question->pages) {
        list_ask(store, question, &filter, &found);
    } else if (question->axis) {
        int axis = store_axis_parse(question->axis);
        must(store_groups(store, &filter.set, (enum store_axis)axis, PAGE, group_seen, &found,
                          &error));
    } else {
        must(store_count(store, &filter.set, &totals, &error));
        found = totals.alerts;
    }
    return found;
}

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ask_all(const char *path, unsigned times)
{
    struct store *store;
    double *ms = calloc(times, sizeof(*ms)), *cpu = calloc(times, sizeof(*cpu));
    must(store_open(path, STORE_READ, NULL, &store, &error));
    printf("%-34s %10s %10s %10s %10s\n", "question", "found", "p50 ms", "p95 ms", "p95 CPU");
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        uint64_t found = 0;
        for (unsigned run = 0; run < times; run++) {
            double begin = now_ms(), cpu_begin = cpu_ms();
            found = ask(store, &questions[i]);
            ms[run] = now_ms() - begin;
            cpu[run] = cpu_ms() - cpu_begin;
        }
        qsort(ms, times, sizeof(*ms), double_compare);
        qsort(cpu, times, sizeof(*cpu), double_compare);
        printf("%-34s %10llu %10.2f %10.2f %10.2f\n", questions[i].name, (unsigned long long)found,
               ms[times / 2], ms[times * 95 / 100], cpu[times * 95 / 100]);
    }
    must(store_close(store, &error));
    free(ms);
    free(cpu);
}

/* Once each, as they take longer. */
static void simulate_all(const char *path)
{
    static const char *const rules[] = {
        "{\"name\":\"machine\",\"reason\":\"test\",\"alert_types\":[\"threat_intel\"],"
        "\"conditions\":[{\"field\":\"ip\",\"in\":[\"10.0.0.7\"]}]}",
        "{\"name\":\"domain\",\"reason\":\"test\",\"alert_types\":[\"threat_intel\"],"
        "\"conditions\":[{\"field\":\"domain\",\"suffix\":\"example-5.net\"}]}",
        "{\"name\":\"type\",\"reason\":\"test\",\"alert_types\":[\"threat_intel\"]}",
    };
    struct store *store;
    must(store_open(path, STORE_READ, NULL, &store, &error));
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct suppression_simulation simulation;
        struct suppression *rule;
        must(suppression_parse(rules[i], strlen(rules[i]), &rule, &error));
        double begin = now_ms(), cpu_begin = cpu_ms();
        must(suppressions_simulate(store, rule, 0, 0, &simulation, &error));
        printf("suppression by %-8s hides %8llu %10.0f ms, %.0f of CPU\n", rule->name,
               (unsigned long long)simulation.alerts, now_ms() - begin, cpu_ms() - cpu_begin);
        suppression_free(rule);
    }
    must(store_close(store, &error));
}

/* Ten thousand active alerts become resolved, and active again. */
static void change_many(const char *path)
{
    struct store *store;
    struct store_change change = STORE_CHANGE_NONE;
    static const char *ids[10000];
    must(store_open(path, STORE_WRITE, NULL, &store, &error));
    for (unsigned i = 0; i < 10000; i++) {
        static struct alert alert;
        alert_make(&alert, i * 50ull);
        ids[i] = strdup(alert.id);
    }
    const struct store_filter filter = {.ids = ids, .id_count = 10000};
    change.actor = "user:bench";
    for (int i = 0; i < 4; i++) {
        size_t changed;
        change.status = i % 2 ? ALERT_STATUS_ACTIVE : ALERT_STATUS_RESOLVED;
        double begin = now_ms(), cpu_begin = cpu_ms();
        must(store_set(store, &filter, &change, &changed, &error));
        printf("change of %zu alerts: %.0f ms, %.0f of CPU\n", changed, now_ms() - begin,
               cpu_ms() - cpu_begin);
    }
    for (unsigned i = 0; i < 10000; i++)
        free((void *)(uintptr_t)ids[i]);
    must(store_close(store, &error));
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "fill") == 0) {
        fill(argv[2], strtoull(argv[3], NULL, 10),
             argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : FILL_CACHE_KIB);
    } else if (argc >= 3 && strcmp(argv[1], "ask") == 0) {
        unsigned times = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 20;
        ask_all(argv[2], times ? times : 1);
    } else if (argc == 3 && strcmp(argv[1], "simulate") == 0) {
        simulate_all(argv[2]);
    } else if (argc == 3 && strcmp(argv[1], "change") == 0) {
        change_many(argv[2]);
    } else {
        fprintf(stderr, "usage: bench-alerts fill PATH NUMBER [KIB] | ask PATH [TIMES]"
                        " | simulate PATH | change PATH\n");
        return 2;
    }
    return 0;
}
