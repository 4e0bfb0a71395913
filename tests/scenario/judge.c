/* judge.c - compares the alerts of a story with those it expects
 * SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = NAME_TEXT_MAX };

static void number_text(uint64_t value, char text[static VALUE_MAX])
{
    snprintf(text, VALUE_MAX, "%" PRIu64, value);
}

/* What an `expect` may ask of an alert, each as text. */
#define ALERT_TEXTS(TEXT)                                                                          \
    TEXT(entity, alert->entity_ip)                                                                 \
    TEXT(resolver, alert->resolver_ip)                                                             \
    TEXT(domain, alert->domain)                                                                    \
    TEXT(qname, alert->qname)                                                                      \
    TEXT(reason, reason_rows[alert->reason].slug)                                                  \
    TEXT(severity, severity_names[alert->severity][LANGUAGE_EN])                                   \
    TEXT(feed, alert->has_indicator ? alert->indicator.feed : "none")                              \
    TEXT(entry, alert->has_indicator ? alert->indicator.entry : "none")                            \
    TEXT(matched, alert->has_indicator ? alert->indicator.matched : "none")
#define ALERT_NUMBERS(NUMBER)                                                                      \
    NUMBER(count, alert->count)                                                                    \
    NUMBER(confidence, alert->confidence)                                                          \
    NUMBER(sid, alert->has_signature ? alert->signature.sid : 0)                                   \
    NUMBER(samples, alert->sample_count)                                                           \
    NUMBER(clients, alert->prevalence_clients)                                                     \
    NUMBER(seconds, (uint64_t)((alert->end_ns - alert->start_ns) / NS_PER_S))

#define TEXT(key, value)                                                                           \
    static void key##_text(const struct alert *alert, char text[static VALUE_MAX])                 \
    {                                                                                              \
        snprintf(text, VALUE_MAX, "%s", value);                                                    \
    }
ALERT_TEXTS(TEXT)
#undef TEXT
#define NUMBER(key, value)                                                                         \
    static void key##_text(const struct alert *alert, char text[static VALUE_MAX])                 \
    {                                                                                              \
        number_text(value, text);                                                                  \
    }
ALERT_NUMBERS(NUMBER)
#undef NUMBER

static const struct {
    const char *key;
    void (*write)(const struct alert *alert, char text[static VALUE_MAX]);
} fields[] = {
#define FIELD(key, value) {#key, key##_text},
    ALERT_TEXTS(FIELD) ALERT_NUMBERS(FIELD)
#undef FIELD
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(*fields) };

static int field_of(const char *key)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (strcmp(fields[i].key, key) == 0)
            return i;
    return -1;
}

bool expect_key_exists(const char *key)
{
    return field_of(key) >= 0;
}

static bool alert_fits(const struct alert *alert, const struct story_expect *expect)
{
    if (alert->detector != expect->detector)
        return false;
    for (unsigned i = 0; i < expect->pair_count; i++) {
        char text[VALUE_MAX];
        fields[field_of(expect->pairs[i].key)].write(alert, text);
        if (strcmp(text, expect->pairs[i].value) != 0)
            return false;
    }
    return true;
}

static void alert_print(const struct alert *alert)
{
    fprintf(stderr, "    %s", detector_rows[alert->detector].slug);
    for (int i = 0; i < FIELD_COUNT; i++) {
        char text[VALUE_MAX];
        fields[i].write(alert, text);
        fprintf(stderr, " %s %s", fields[i].key, text);
    }
    fprintf(stderr, "\n");
}

/* Gives each expected alert one that was raised; `claimed` marks those. */
static bool expects_claim(const struct story *story, const struct outcome *outcome, bool *claimed)
{
    bool good = true;
    for (unsigned i = 0; i < story->expect_count; i++) {
        const struct story_expect *expect = &story->expects[i];
        size_t at = 0;
        while (at < outcome->alert_count &&
               (claimed[at] || !alert_fits(&outcome->alerts[at], expect)))
            at++;
        if (at < outcome->alert_count) {
            claimed[at] = true;
            continue;
        }
        fprintf(stderr, "%s:%u: no such %s alert was raised\n", story->path, expect->line,
                detector_rows[expect->detector].slug);
        good = false;
    }
    return good;
}

static bool counters_judge(const struct story *story, const struct outcome *outcome)
{
    bool good = true;
    for (unsigned i = 0; i < story->counter_count; i++) {
        const struct story_counter *counter = &story->counters[i];
        uint64_t value = outcome->metrics.value[counter->metric];
        if (value == counter->value)
            continue;
        fprintf(stderr, "%s:%u: the counter is %" PRIu64 ", not %" PRIu64 "\n", story->path,
                counter->line, value, counter->value);
        good = false;
    }
    return good;
}

bool story_judge(const struct story *story, const struct outcome *outcome)
{
    bool *claimed = calloc(outcome->alert_count + 1, sizeof(*claimed));
    bool good = expects_claim(story, outcome, claimed);
    for (size_t i = 0; i < outcome->alert_count; i++) {
        if (claimed[i])
            continue;
        fprintf(stderr, "%s: this alert was not expected:\n", story->path);
        alert_print(&outcome->alerts[i]);
        good = false;
    }
    free(claimed);
    return counters_judge(story, outcome) && good;
}
