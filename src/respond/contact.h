/* contact.h - asks the owner of a machine whether an alert's activity was expected
 * SPDX-License-Identifier: Apache-2.0
 *
 * The question goes out by mail, by webhook or both. A mail has a link for each answer. The link
 * holds a token: which inquiry, which answer, until when, and our signature over these. It opens a
 * page that asks to confirm; only the page's button (a POST) answers, for programs that check mail
 * for malware follow every link. An inquiry is answered once. */
#pragma once

#include "config/config.h"
#include "outside/secret.h"
#include "store/contacts.h"

enum { CONTACT_TOKEN_MAX = INQUIRY_ID_HEX + 1 + 1 + 1 + 16 + 1 + SECRET_MAC_HEX + 1 };

/* The links are this below response.public_url, followed by the token. */
#define CONTACT_PATH "/answer/"

enum contact_verdict { CONTACT_VERDICT_GOOD, CONTACT_VERDICT_FORGED, CONTACT_VERDICT_LATE };

struct contact_claim {
    char inquiry_id[INQUIRY_ID_HEX + 1];
    uint8_t answer; /* CONTACT_EXPECTED, CONTACT_NOT_EXPECTED or CONTACT_NOT_MINE */
    int64_t expires_ns;
};

/* Pure. The time counts in whole seconds. */
void contact_token_make(const struct secret *key, const struct contact_claim *claim,
                        char ret_token[static CONTACT_TOKEN_MAX]);

/* Pure. Reads any text; `ret_claim` is set unless it is forged. */
enum contact_verdict contact_token_read(const struct secret *key, const char *token, int64_t now_ns,
                                        struct contact_claim *ret_claim);

/* Reads the key that tokens are signed with, answer.key in state_dir; makes it the first time. */
int contact_key_read(const struct config *config, struct secret *ret_key, struct error *error);

/* Asks: keeps the inquiry and queues its deliveries. `address` NULL means the owner's as the alert
 * knows it. -EINVAL: the address is none, there is none, or there is no way to send. */
int contact_ask(const struct config *config, const struct store_writer *writer,
                const struct alert *alert, const char *address, const char *actor, int64_t now_ns,
                struct error *error);

/* Appends the mail's subject and text. */
void contact_mail(const struct config *config, const struct secret *key,
                  const struct inquiry *inquiry, const struct alert *alert, struct buf *subject,
                  struct buf *text);

/* Appends the webhook's body: the inquiry, its links and the alert. */
void contact_json(const struct config *config, const struct secret *key,
                  const struct inquiry *inquiry, const struct alert *alert, struct buf *body);

/* Records an answer in the name of `actor`, told by other means. */
int contact_record(const struct store_writer *writer, const char *alert_id, enum contact answer,
                   const char *actor, const char *comment, int64_t now_ns, struct error *error);

/* What a browser gets for CONTACT_PATH<token>, in this language. `post` says whether the button was
 * pressed; without it nothing changes. Appends a complete HTML page without scripts; returns the
 * HTTP status: 200, 403 forged, 410 answered before or too late, 500 when the store failed. */
int contact_page(const struct config *config, struct store *store,
                 const struct store_writer *writer, const char *token, bool post,
                 enum language language, int64_t now_ns, struct buf *html);
