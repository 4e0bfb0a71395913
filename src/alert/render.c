/* render.c - an alert's words: fills the catalogue's templates with what the alert knows
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"

#include <inttypes.h>
#include <string.h>

static void text_or_dash(struct buf *buf, const char *text)
{
    buf_text(buf, *text ? text : "-");
}

void alert_compromised_entity(const struct alert *alert, struct buf *buf)
{
    if (*alert->entity_name)
        buf_printf(buf, "%s (%s)", alert->entity_name, alert->entity_ip);
    else
        text_or_dash(buf, alert->entity_ip);
}

void alert_tags(const struct alert *alert, const char *between, struct buf *buf)
{
    for (const char *c = alert->entity_tags; *c; c++)
        buf_append(buf, *c == '\n' ? between : c, *c == '\n' ? strlen(between) : 1);
}

void alert_marks(const struct alert *alert, enum language language, struct buf *buf)
{
    static const char *const names[][LANGUAGE_COUNT] = {
        {"retroactive", "遡及"}, {"sample", "サンプル"}, {"suppressed", "抑制済み"}};
    const bool marks[] = {alert->retroactive, alert->sample, *alert->suppressed_by};
    const char *before = " (";
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        if (!marks[i])
            continue;
        buf_printf(buf, "%s%s", before, names[i][language]);
        before = ", ";
    }
    buf_text(buf, before[0] == ',' ? ")" : "");
}

static void put_domain(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->domain);
}

static void put_query_name(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->qname);
}

static void put_matched(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->indicator.matched);
}

static void put_feed(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->indicator.feed);
}

/* The list's line; of a line of our own lists (entry, category, confidence, who, where from) who it
 * is, which is what a reader wants to know. */
static void put_entry(const struct alert *alert, struct buf *buf)
{
    enum { WHO = 3 };
    const char *from = alert->indicator.entry;
    for (unsigned column = 0; column < WHO; column++) {
        const char *tab = strchr(from, '\t');
        if (!tab) {
            text_or_dash(buf, alert->indicator.entry);
            return;
        }
        from = tab + 1;
    }
    buf_append(buf, from, strcspn(from, "\t"));
}

static void put_category(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->indicator.category);
}

static void put_resolver(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->resolver_ip);
}

static void put_protocol(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->anomaly.protocol);
}

static void put_brand(const struct alert *alert, struct buf *buf)
{
    text_or_dash(buf, alert->lookalike.brand);
}

static void put_signature(const struct alert *alert, struct buf *buf)
{
    buf_printf(buf, "%" PRIu32 " \"%s\"", alert->signature.sid, alert->signature.msg);
}

static void put_names(const struct alert *alert, struct buf *buf)
{
    buf_printf(buf, "%" PRIu64, alert->burst.names);
}

/* One of them is enough for a sentence. */
static void put_reached(const struct alert *alert, struct buf *buf)
{
    const char *first = alert->burst.resolved;
    if (*first)
        buf_append(buf, first, strcspn(first, "\n"));
    else
        text_or_dash(buf, "");
}

static void put_more(const struct alert *alert, struct buf *buf)
{
    buf_printf(buf, "%" PRIu64, alert->random.more_domains);
}

static void put_count(const struct alert *alert, struct buf *buf)
{
    buf_printf(buf, "%" PRIu64, alert->count);
}

static const struct place {
    const char *name;
    void (*put)(const struct alert *alert, struct buf *buf);
} places[] = {
    {"CompromisedEntity", alert_compromised_entity},
    {"Domain", put_domain},
    {"QueryName", put_query_name},
    {"Matched", put_matched},
    {"Feed", put_feed},
    {"Entry", put_entry},
    {"Category", put_category},
    {"Resolver", put_resolver},
    {"Protocol", put_protocol},
    {"Brand", put_brand},
    {"Signature", put_signature},
    {"Names", put_names},
    {"Reached", put_reached},
    {"More", put_more},
    {"Count", put_count},
};

static const struct place *place_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strlen(places[i].name) == len && memcmp(places[i].name, name, len) == 0)
            return &places[i];
    return NULL;
}

/* Cuts the next "%{Name}" out of the text: where it opens, its place (NULL for an unknown name) and
 * what follows it. False when there is none. */
static bool place_next(const char *text, const char **ret_open, const struct place **ret_place,
                       const char **ret_rest)
{
    const char *open = strstr(text, "%{");
    const char *close = open ? strchr(open, '}') : NULL;
    if (!close)
        return false;
    *ret_open = open;
    *ret_place = place_find(open + 2, (size_t)(close - open - 2));
    *ret_rest = close + 1;
    return true;
}

void alert_render(const struct alert *alert, const char *template, struct buf *buf)
{
    const char *open, *rest;
    const struct place *place;
    while (place_next(template, &open, &place, &rest)) {
        buf_append(buf, template, (size_t)(open - template));
        if (place)
            place->put(alert, buf);
        template = rest;
    }
    buf_text(buf, template);
}

bool alert_template_valid(const char *template)
{
    const char *open;
    const struct place *place;
    while (place_next(template, &open, &place, &template))
        if (!place)
            return false;
    return !strstr(template, "%{");
}

void alert_title(const struct alert *alert, enum language language, struct buf *buf)
{
    static const char *const sample[LANGUAGE_COUNT] = {"[SAMPLE ALERT] ", "[サンプル アラート] "};
    if (alert->sample)
        buf_text(buf, sample[language]);
    buf_text(buf, detector_rows[alert->detector].title[language]);
}

void alert_description(const struct alert *alert, enum language language, struct buf *buf)
{
    alert_render(alert, detector_rows[alert->detector].description[language], buf);
}

void alert_summary(const struct alert *alert, enum language language, struct buf *buf)
{
    alert_render(alert, reason_rows[alert->reason].summary[language], buf);
}

void alert_benign_if(const struct alert *alert, enum language language, struct buf *buf)
{
    alert_render(alert, reason_rows[alert->reason].benign_if[language], buf);
}
