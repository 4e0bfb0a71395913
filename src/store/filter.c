/* filter.c - filters of alerts from text: options of the command line and parameters of the API
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/filter.h"

#include "base/clock.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct filter_row filter_rows[FILTER_COUNT] = {
#define FILTER(id, name, letter, value, help) [FILTER_##id] = {name, letter, value, help},
#include "store/filters.def"
#undef FILTER
};

/* Values. Each reads one into its field; false when it is not understood. */

static bool words_read(const char *text, int (*parse)(const char *word), uint32_t *mask)
{
    char word[64];
    *mask = 0;
    do {
        size_t len = strcspn(text, ",");
        snprintf(word, sizeof(word), "%.*s", (int)len, text);
        int value = len > 0 && len < sizeof(word) ? parse(word) : -1;
        if (value < 0)
            return false;
        *mask |= 1u << value;
        text += len;
    } while (*text++ == ',');
    return true;
}

/* "none" is the first word of these vocabularies, which is empty. */
static int disposition_or_none(const char *word)
{
    return strcmp(word, "none") == 0 ? DISPOSITION_NONE : disposition_parse(word);
}

static int feedback_or_none(const char *word)
{
    return strcmp(word, "none") == 0 ? FEEDBACK_NONE : feedback_parse(word);
}

static int contact_or_none(const char *word)
{
    return strcmp(word, "none") == 0 ? CONTACT_NONE : contact_parse(word);
}

static int yes_or_no(const char *word)
{
    if (strcmp(word, "yes") == 0 || strcmp(word, "true") == 0)
        return 1;
    return strcmp(word, "no") == 0 || strcmp(word, "false") == 0 ? 0 : -1;
}

static bool text_read(const char *text, const char **field)
{
    *field = text;
    return *text;
}

static bool address_read(const char *text, char canonical[static ADDR_TEXT_MAX], const char **field)
{
    struct addr addr;
    if (!addr_parse(text, strlen(text), &addr))
        return false;
    addr_format(&addr, canonical);
    *field = canonical;
    return true;
}

#define READ(id) static bool read_##id(const char *text, struct filter *filter)

READ(status)
{
    if (strcmp(text, "all") == 0) {
        filter->set.statuses = ~0u;
        return true;
    }
    return words_read(text, alert_status_parse, &filter->set.statuses);
}

READ(severity)
{
    int severity = severity_parse(text);
    if (severity < 0)
        return false;
    filter->set.severity_min = (uint8_t)severity;
    return true;
}

READ(severities)
{
    return words_read(text, severity_parse, &filter->set.severities);
}

READ(type)
{
    return words_read(text, detector_parse, &filter->set.detectors);
}

READ(tactic)
{
    return words_read(text, tactic_parse, &filter->set.tactics);
}

READ(entity)
{
    return address_read(text, filter->entity, &filter->set.entity_ip);
}

READ(name)
{
    return text_read(text, &filter->set.entity_name);
}

READ(owner)
{
    return text_read(text, &filter->set.owner);
}

READ(tag)
{
    return text_read(text, &filter->set.tag);
}

READ(ip)
{
    return address_read(text, filter->ip, &filter->set.ip);
}

READ(domain)
{
    struct dns_name name;
    if (!name_from_text(&name, text, strlen(text)))
        return false;
    name_to_text(&name, 0, filter->domain);
    filter->set.domain = filter->domain;
    return true;
}

READ(search)
{
    return text_read(text, &filter->set.search);
}

READ(assignee)
{
    filter->set.assignee = strcmp(text, "none") == 0 ? "" : text;
    return *text;
}

READ(disposition)
{
    return words_read(text, disposition_or_none, &filter->set.dispositions);
}

READ(suppressed_by)
{
    return text_read(text, &filter->set.suppressed_by);
}

READ(incident)
{
    return text_read(text, &filter->set.incident);
}

READ(feedback)
{
    return words_read(text, feedback_or_none, &filter->set.feedbacks);
}

READ(contact)
{
    return words_read(text, contact_or_none, &filter->set.contacts);
}

READ(compromised)
{
    return words_read(text, yes_or_no, &filter->set.compromised);
}

READ(sample)
{
    return words_read(text, yes_or_no, &filter->set.samples);
}

READ(since)
{
    return moment_read(text, &filter->set.since_ns);
}

READ(until)
{
    return moment_read(text, &filter->set.until_ns);
}

static bool (*const readers[FILTER_COUNT])(const char *text, struct filter *filter) = {
#define FILTER(id, name, letter, value, help) [FILTER_##id] = read_##id,
#include "store/filters.def"
#undef FILTER
};

static bool filter_named(const char *name, const char *text)
{
    while (*name && (*name == *text || (*name == '-' && *text == '_')))
        name++, text++;
    return !*name && !*text;
}

int filter_set(struct filter *filter, const char *name, const char *value, struct error *error)
{
    for (unsigned i = 0; i < FILTER_COUNT; i++) {
        if (!filter_named(filter_rows[i].name, name))
            continue;
        if (!readers[i](value, filter))
            return error_set(error, -EINVAL,
                             "\"%s\" is not a value for %s: %s; it chooses alerts %s", value,
                             filter_rows[i].name, filter_rows[i].value, filter_rows[i].help);
        filter->given |= 1u << i;
        return 0;
    }
    return error_set(error, -ENOENT, "there is no filter \"%s\"", name);
}

bool filter_sort_parse(const char *text, enum store_sort *ret_sort, bool *ret_reverse)
{
    static const struct {
        const char *name;
        enum store_sort sort;
        bool reverse;
    } words[] = {
        {"newest", STORE_SORT_NEWEST, false},     {"oldest", STORE_SORT_NEWEST, true},
        {"severity", STORE_SORT_SEVERITY, false}, {"count", STORE_SORT_COUNT, false},
        {"entity", STORE_SORT_ENTITY, true},      {"domain", STORE_SORT_DOMAIN, true},
    };
    bool reverse = *text == '-';
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text + reverse, words[i].name) != 0)
            continue;
        *ret_sort = words[i].sort;
        *ret_reverse = words[i].reverse != reverse;
        return true;
    }
    return false;
}
