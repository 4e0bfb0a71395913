/* cut.c - makes an alert shorter for targets that take only so many bytes
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/cut.h"

#include <string.h>

/* How much each step leaves; bytes of texts without their NUL. */
static const struct cut {
    uint8_t samples;
    uint16_t answers_max; /* bytes, whole lines */
    uint16_t list_max;    /* bytes of lists of names and references, whole lines */
    uint16_t text_max;    /* bytes of a text */
} cuts[CUT_COUNT] = {
    {3, 256, 512, UINT16_MAX},
    {1, 128, 256, UINT16_MAX},
    {1, 0, 128, 128},
    {0, 0, 0, 48},
};

size_t text_fit(const char *text, size_t max)
{
    size_t len = strlen(text);
    if (len <= max)
        return len;
    size_t end = max;
    while (end > 0 && max - end < 4 && ((uint8_t)text[end] & 0xc0) == 0x80)
        end--;
    return ((uint8_t)text[end] & 0xc0) == 0x80 ? max : end; /* such a run is no UTF-8 anyway */
}

static void text_shorten(char *text, size_t max)
{
    text[text_fit(text, max)] = 0;
}

/* Keeps the first lines that fit whole. */
static void lines_shorten(char *text, size_t max)
{
    if (strlen(text) <= max)
        return;
    while (max > 0 && text[max] != '\n')
        max--;
    text[max] = 0;
}

static void samples_shorten(struct alert *alert, const struct cut *cut)
{
    if (alert->sample_count > cut->samples)
        alert->sample_count = cut->samples;
    for (unsigned i = 0; i < alert->sample_count; i++)
        lines_shorten(alert->samples[i].answers, cut->answers_max);
}

static void lists_shorten(struct alert *alert, size_t max)
{
    char *const lists[] = {
        alert->burst.samples,        alert->burst.resolved,   alert->signature.matched,
        alert->signature.references, alert->signature.others, alert->lookalike.signs,
        alert->entity_tags,
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        lines_shorten(lists[i], max);
}

/* Scores go with the names they are of; part of a curve would tell something else than all of it.
 */
static void numbers_shorten(struct alert *alert, const struct cut *cut)
{
    unsigned names = *alert->burst.samples != 0;
    for (const char *c = alert->burst.samples; *c; c++)
        names += *c == '\n';
    if (alert->burst.score_count > names)
        alert->burst.score_count = (uint8_t)names;
    if (cut->samples < cuts[0].samples)
        alert->tunnel.point_count = 0;
}

static void texts_shorten(struct alert *alert, size_t max)
{
    char *const texts[] = {
        alert->entity_name,     alert->entity_owner,   alert->entity_email,
        alert->feedback_reason, alert->anomaly.start,  alert->anomaly.header,
        alert->indicator.entry, alert->signature.msg,  alert->signature.place,
        alert->signature.text,  alert->tunnel.decoded,
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        text_shorten(texts[i], max);
}

void alert_cut(const struct alert *alert, unsigned step, struct alert *ret_alert)
{
    const struct cut *cut = &cuts[step];
    *ret_alert = *alert;
    samples_shorten(ret_alert, cut);
    lists_shorten(ret_alert, cut->list_max);
    numbers_shorten(ret_alert, cut);
    texts_shorten(ret_alert, cut->text_max);
}
