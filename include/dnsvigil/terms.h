/* terms.h - the small closed vocabularies of an alert: severity, tactic, status, disposition, …
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum language { LANGUAGE_EN, LANGUAGE_JA, LANGUAGE_COUNT };

enum severity {
#define SEVERITY(id, en, ja) SEVERITY_##id,
#include <dnsvigil/terms.def>
#undef SEVERITY
    SEVERITY_COUNT,
};

enum tactic {
#define TACTIC(id, en, ja) TACTIC_##id,
#include <dnsvigil/terms.def>
#undef TACTIC
    TACTIC_COUNT,
};

enum alert_status {
#define ALERT_STATUS(id, en, ja) ALERT_STATUS_##id,
#include <dnsvigil/terms.def>
#undef ALERT_STATUS
    ALERT_STATUS_COUNT,
};

enum disposition {
#define DISPOSITION(id, slug, ja) DISPOSITION_##id,
#include <dnsvigil/terms.def>
#undef DISPOSITION
    DISPOSITION_COUNT,
};

enum feedback {
#define FEEDBACK(id, slug, ja) FEEDBACK_##id,
#include <dnsvigil/terms.def>
#undef FEEDBACK
    FEEDBACK_COUNT,
};

enum contact {
#define CONTACT(id, slug, ja) CONTACT_##id,
#include <dnsvigil/terms.def>
#undef CONTACT
    CONTACT_COUNT,
};

/* English is what machine output carries; Japanese is for people. Index by language. */
extern const char *const severity_names[SEVERITY_COUNT][LANGUAGE_COUNT];
extern const char *const tactic_names[TACTIC_COUNT][LANGUAGE_COUNT];
extern const char *const alert_status_names[ALERT_STATUS_COUNT][LANGUAGE_COUNT];
extern const char *const disposition_names[DISPOSITION_COUNT][LANGUAGE_COUNT];
extern const char *const feedback_names[FEEDBACK_COUNT][LANGUAGE_COUNT];
extern const char *const contact_names[CONTACT_COUNT][LANGUAGE_COUNT];

/* The value whose English name or slug this is, ignoring case, '-', '_' and spaces; -1 for none. */
int severity_parse(const char *text);
int alert_status_parse(const char *text);
int disposition_parse(const char *text);
int tactic_parse(const char *text);
int feedback_parse(const char *text);
int contact_parse(const char *text);
