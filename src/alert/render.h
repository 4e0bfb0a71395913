/* render.h - an alert's words: title, description, summary and benign explanation in a language
 * SPDX-License-Identifier: Apache-2.0
 *
 * The templates of detectors.def and reasons.def may name these places: %{CompromisedEntity}
 * %{Domain} %{QueryName} %{Matched} %{Feed} %{Entry} %{Category} %{Count}. A place the alert has
 * nothing for is left as "-". Texts from the wire are copied as they stand in the alert: whoever
 * prints the result escapes it for its medium. */
#pragma once

#include "base/buf.h"

#include <dnsvigil/alert.h>

/* Appends the template with its places filled in. */
void alert_render(const struct alert *alert, const char *template, struct buf *buf);

/* The alert's own texts, appended. */
void alert_title(const struct alert *alert, enum language language, struct buf *buf);
void alert_description(const struct alert *alert, enum language language, struct buf *buf);
void alert_summary(const struct alert *alert, enum language language, struct buf *buf);
void alert_benign_if(const struct alert *alert, enum language language, struct buf *buf);

/* "name (address)", or the address alone where the inventory has no name. */
void alert_compromised_entity(const struct alert *alert, struct buf *buf);

/* Appends the entity's tags with `between` between them. */
void alert_tags(const struct alert *alert, const char *between, struct buf *buf);

/* Appends, in brackets and with a blank before, what is special of the alert: that it was found in
 * the history, made up, or dismissed by a rule. Nothing for others. */
void alert_marks(const struct alert *alert, enum language language, struct buf *buf);

/* Whether every %{…} in the template is a place alert_render() knows; for tests. */
bool alert_template_valid(const char *template);
