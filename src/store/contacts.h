/* contacts.h - what owners of machines were asked about alerts, and what they answered
 * SPDX-License-Identifier: Apache-2.0
 *
 * An inquiry is one question to one address. It is answered at most once, until it expires. Errors
 * and threads are as in store.h. */
#pragma once

#include "store/deliveries.h"

enum { INQUIRY_ID_HEX = 32, INQUIRY_LISTED_MAX = 64 };

struct inquiry {
    char id[INQUIRY_ID_HEX + 1];
    char alert_id[ALERT_ID_MAX];
    char address[ALERT_TEXT_MAX]; /* mail address, or "webhook" */
    char asked_by[ALERT_TEXT_MAX + 8];
    int64_t asked_ns;
    int64_t expires_ns;
    uint8_t answer; /* enum contact; CONTACT_ASKED while there is none */
    int64_t answered_ns;
    char answered_by[ALERT_TEXT_MAX + 8];
};

/* Keeps the inquiry, queues what asks it, and marks the alert as asked, with an entry in the audit
 * trail. */
int inquiry_put(struct store *store, const struct inquiry *inquiry,
                const struct delivery_plan plans[], size_t n, struct error *error);

/* -ENOENT, without a message, when there is none. */
int inquiry_get(struct store *store, const char *id, struct inquiry *ret_inquiry,
                struct error *error);

/* Those of the alert, newest first, at most INQUIRY_LISTED_MAX; *ret_count tells how many. */
int inquiries_of(struct store *store, const char *alert_id,
                 struct inquiry ret_inquiries[static INQUIRY_LISTED_MAX], size_t *ret_count,
                 struct error *error);

/* An answer, by an owner (`inquiry_id`) or, on an owner's behalf, by an analyst (NULL). */
struct inquiry_answer {
    const char *inquiry_id;
    const char *alert_id;
    uint8_t answer; /* enum contact */
    const char *actor;
    const char *comment; /* "" for none */
    int64_t now_ns;
};

/* Records the answer and what follows for the alert: expected dismisses it as expected; not
 * expected marks its machine as potentially compromised and opens the alert again if it was
 * dismissed; not mine leaves it to the analysts. An analyst's answer closes the open inquiries of
 * the alert. -EALREADY: the inquiry was answered before; -ETIME: it has expired. */
int inquiry_answer(struct store *store, const struct inquiry_answer *answer, struct error *error);
