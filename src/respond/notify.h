/* notify.h - who is told of an alert, by mail or webhook, at once or in the day's digest
 * SPDX-License-Identifier: Apache-2.0
 *
 * Of a day's alerts an address gets at most 4 of severity High, 2 Medium and 1 Low each in a mail
 * of its own; the others, and all Informational ones, come in one mail a day. Dismissed alerts are
 * not told. */
#pragma once

#include "config/config.h"
#include "respond/plans.h"

/* Mails of their own that an address gets in a day, by severity. */
extern const uint8_t notify_allowance[SEVERITY_COUNT];

/* Pure. The newest time before `now_ns` at which a digest is due; days are counted from it. */
int64_t notify_day_begin(const struct config *config, int64_t now_ns);

/* Pure. Adds what the configuration says of this alert. */
void notify_plan(const struct config *config, const struct alert *alert, int64_t now_ns,
                 struct plans *plans);

/* The notification of this name, NULL when there is none that is in force. */
const struct config_notification *notify_find(const struct config *config, const char *name);

/* Whether the alert's type is among these slugs, or there are none. */
bool notify_type_chosen(const struct config_names *types, const struct alert *alert);

/* Appends subject and text of the mail about one alert. */
void notify_mail(const struct alert *alert, enum language language, struct buf *subject,
                 struct buf *text);

/* Appends the webhook's body: {"event": "alert", "alert": {…}}; `rule` names the automation rule
 * that sends it, NULL for none. */
void notify_json(const struct alert *alert, enum language language, const char *rule,
                 struct buf *body);

/* The digest's subject, its beginning, and the line for one alert. */
void notify_digest_begin(const char *day, enum language language, struct buf *subject,
                         struct buf *text);
void notify_digest_line(const struct alert *alert, enum language language, struct buf *text);
