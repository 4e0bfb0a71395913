/* terms.c - the small closed vocabularies of an alert: names in both languages, and back to values
 * SPDX-License-Identifier: Apache-2.0 */
#include <dnsvigil/terms.h>

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

const char *const severity_names[SEVERITY_COUNT][LANGUAGE_COUNT] = {
#define SEVERITY(id, en, ja) [SEVERITY_##id] = {en, ja},
#include <dnsvigil/terms.def>
#undef SEVERITY
};

const char *const tactic_names[TACTIC_COUNT][LANGUAGE_COUNT] = {
#define TACTIC(id, en, ja) [TACTIC_##id] = {en, ja},
#include <dnsvigil/terms.def>
#undef TACTIC
};

const char *const alert_status_names[ALERT_STATUS_COUNT][LANGUAGE_COUNT] = {
#define ALERT_STATUS(id, en, ja) [ALERT_STATUS_##id] = {en, ja},
#include <dnsvigil/terms.def>
#undef ALERT_STATUS
};

const char *const disposition_names[DISPOSITION_COUNT][LANGUAGE_COUNT] = {
#define DISPOSITION(id, slug, ja) [DISPOSITION_##id] = {slug, ja},
#include <dnsvigil/terms.def>
#undef DISPOSITION
};

const char *const feedback_names[FEEDBACK_COUNT][LANGUAGE_COUNT] = {
#define FEEDBACK(id, slug, ja) [FEEDBACK_##id] = {slug, ja},
#include <dnsvigil/terms.def>
#undef FEEDBACK
};

const char *const contact_names[CONTACT_COUNT][LANGUAGE_COUNT] = {
#define CONTACT(id, slug, ja) [CONTACT_##id] = {slug, ja},
#include <dnsvigil/terms.def>
#undef CONTACT
};

static const char *separators_skip(const char *text)
{
    while (*text == '-' || *text == '_' || *text == ' ')
        text++;
    return text;
}

/* Whether the two texts are the same word: "in-progress", "In Progress" and "InProgress" are. */
static bool word_equal(const char *a, const char *b)
{
    for (;; a++, b++) {
        a = separators_skip(a);
        b = separators_skip(b);
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

static int word_find(const char *text, const char *const names[][LANGUAGE_COUNT], int count)
{
    for (int i = 0; i < count; i++)
        if (word_equal(text, names[i][LANGUAGE_EN]))
            return i;
    return -1;
}

int severity_parse(const char *text)
{
    return word_find(text, severity_names, SEVERITY_COUNT);
}

int alert_status_parse(const char *text)
{
    return word_find(text, alert_status_names, ALERT_STATUS_COUNT);
}

int disposition_parse(const char *text)
{
    return word_find(text, disposition_names, DISPOSITION_COUNT);
}

int tactic_parse(const char *text)
{
    return word_find(text, tactic_names, TACTIC_COUNT);
}

int feedback_parse(const char *text)
{
    return word_find(text, feedback_names, FEEDBACK_COUNT);
}

int contact_parse(const char *text)
{
    return word_find(text, contact_names, CONTACT_COUNT);
}
