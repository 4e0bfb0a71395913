/* contact.c - asks the owner of a machine whether an alert's activity was expected
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/contact.h"

#include "alert/record.h"
#include "alert/render.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "outside/mail.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum text {
#define CONTACT_TEXT(id, en, ja) TEXT_##id,
#include "respond/contact_texts.def"
#undef CONTACT_TEXT
    TEXT_COUNT,
};

static const char *const texts[TEXT_COUNT][LANGUAGE_COUNT] = {
#define CONTACT_TEXT(id, en, ja) [TEXT_##id] = {en, ja},
#include "respond/contact_texts.def"
#undef CONTACT_TEXT
};

static const struct choice {
    uint8_t answer;
    char letter;
    uint8_t text;
} choices[] = {
    {CONTACT_EXPECTED, 'e', TEXT_EXPECTED},
    {CONTACT_NOT_EXPECTED, 'n', TEXT_NOT_EXPECTED},
    {CONTACT_NOT_MINE, 'm', TEXT_NOT_MINE},
};

enum { CHOICE_COUNT = sizeof(choices) / sizeof(*choices), SHORT_TEXT_MAX = 4096 };

/* Tokens. */

/* Signed under a name of their own, so that no other signature of the key can pass for one. */
static void token_sign(const struct secret *key, const char *claim, size_t len,
                       char hex[static SECRET_MAC_HEX + 1])
{
    char text[CONTACT_TOKEN_MAX + 16];
    int text_len = snprintf(text, sizeof(text), "answer\n%.*s", (int)len, claim);
    secret_sign_hex(key, text, (size_t)text_len, hex);
}

void contact_token_make(const struct secret *key, const struct contact_claim *claim,
                        char ret_token[static CONTACT_TOKEN_MAX])
{
    char mac[SECRET_MAC_HEX + 1], letter = '-';
    for (unsigned i = 0; i < CHOICE_COUNT; i++)
        if (choices[i].answer == claim->answer)
            letter = choices[i].letter;
    int len = snprintf(ret_token, CONTACT_TOKEN_MAX, "%s.%c.%" PRIx64, claim->inquiry_id, letter,
                       (uint64_t)(claim->expires_ns / NS_PER_S));
    token_sign(key, ret_token, (size_t)len, mac);
    snprintf(ret_token + len, CONTACT_TOKEN_MAX - (size_t)len, ".%s", mac);
}

/* The signature was good: this is text of ours. */
static bool claim_read(const char *token, struct contact_claim *ret_claim)
{
    struct contact_claim claim = {.answer = CONTACT_NONE};
    char letter;
    uint64_t seconds;
    if (sscanf(token, "%32[0-9a-f].%c.%" SCNx64 ".", claim.inquiry_id, &letter, &seconds) != 3)
        return false;
    for (unsigned i = 0; i < CHOICE_COUNT; i++)
        if (choices[i].letter == letter)
            claim.answer = choices[i].answer;
    claim.expires_ns = (int64_t)seconds * NS_PER_S;
    *ret_claim = claim;
    return claim.answer != CONTACT_NONE;
}

enum contact_verdict contact_token_read(const struct secret *key, const char *token, int64_t now_ns,
                                        struct contact_claim *ret_claim)
{
    char mac[SECRET_MAC_HEX + 1];
    const char *told = strrchr(token, '.');
    if (!told || strlen(token) >= CONTACT_TOKEN_MAX || strlen(told + 1) != SECRET_MAC_HEX)
        return CONTACT_VERDICT_FORGED;
    token_sign(key, token, (size_t)(told - token), mac);
    if (CRYPTO_memcmp(mac, told + 1, SECRET_MAC_HEX) != 0 || !claim_read(token, ret_claim))
        return CONTACT_VERDICT_FORGED;
    return ret_claim->expires_ns <= now_ns ? CONTACT_VERDICT_LATE : CONTACT_VERDICT_GOOD;
}

int contact_key_read(const struct config *config, struct secret *ret_key, struct error *error)
{
    char path[4096 + 16];
    snprintf(path, sizeof(path), "%s/answer.key", config->state_dir);
    return secret_read_or_make(path, ret_key, error);
}

/* Asking. */

struct asking {
    struct inquiry inquiry;
    struct delivery_plan plans[DELIVERY_CHANNEL_COUNT];
    size_t count;
};

static int asking_put(void *arg, struct store *store, struct error *error)
{
    const struct asking *asking = arg;
    return inquiry_put(store, &asking->inquiry, asking->plans, asking->count, error);
}

static void plan_add(struct asking *asking, const struct alert *alert,
                     enum delivery_channel channel, const char *target)
{
    struct delivery_plan *plan = &asking->plans[asking->count++];
    *plan = (struct delivery_plan){
        .delivery = {.kind = DELIVERY_KIND_CONTACT,
                     .channel = (uint8_t)channel,
                     .severity = alert->severity,
                     .made_ns = asking->inquiry.asked_ns,
                     .due_ns = asking->inquiry.asked_ns},
        .max = UINT32_MAX,
    };
    snprintf(plan->delivery.target, sizeof(plan->delivery.target), "%s", target);
    memcpy(plan->delivery.object, asking->inquiry.id, sizeof(asking->inquiry.id));
}

int contact_ask(const struct config *config, const struct store_writer *writer,
                const struct alert *alert, const char *address, const char *actor, int64_t now_ns,
                struct error *error)
{
    bool hook = config->contact.webhook.url[0];
    struct asking asking = {
        .inquiry = {.asked_ns = now_ns,
                    .expires_ns =
                        now_ns + (int64_t)config->contact.expires_hours * 3600 * NS_PER_S}};
    if (!address && alert->entity_email[0])
        address = alert->entity_email;
    if (!address && !hook)
        return error_set(error, -EINVAL,
                         "nobody knows an address of the owner: give one, or add it to inventory");
    if (address && !mail_address_valid(address))
        return error_set(error, -EINVAL, "the owner's address is no mail address");
    if (!config->mail.url[0] && !hook)
        return error_set(error, -EINVAL,
                         "there is no way to ask: configure mail.url or contact.webhook");
    struct inquiry *inquiry = &asking.inquiry;
    int r = secret_random_hex(INQUIRY_ID_HEX / 2, inquiry->id, error);
    if (r < 0)
        return r;
    snprintf(inquiry->alert_id, sizeof(inquiry->alert_id), "%s", alert->id);
    snprintf(inquiry->address, sizeof(inquiry->address), "%s", address ? address : "webhook");
    snprintf(inquiry->asked_by, sizeof(inquiry->asked_by), "%s", actor);
    if (address && config->mail.url[0])
        plan_add(&asking, alert, DELIVERY_CHANNEL_MAIL, address);
    if (hook)
        plan_add(&asking, alert, DELIVERY_CHANNEL_WEBHOOK, "");
    return writer->write(writer->arg, asking_put, &asking, error);
}

static void link_append(const struct config *config, const struct secret *key,
                        const struct inquiry *inquiry, const struct choice *choice, struct buf *buf)
{
    char token[CONTACT_TOKEN_MAX];
    struct contact_claim claim = {.answer = choice->answer, .expires_ns = inquiry->expires_ns};
    memcpy(claim.inquiry_id, inquiry->id, sizeof(claim.inquiry_id));
    contact_token_make(key, &claim, token);
    buf_printf(buf, "%s" CONTACT_PATH "%s", config->response.public_url, token);
}

/* "  Label: text", made visible: names come from the wire, owners from files. */
static void line_append(struct buf *buf, const char *label, const char *text)
{
    buf_printf(buf, "  %s: ", label);
    utf8_append_visible(buf, text);
    buf_char(buf, '\n');
}

static void story_append(const struct alert *alert, enum language language, struct buf *buf)
{
    struct buf text;
    char time[TIME_TEXT_MAX];
    buf_init(&text, SHORT_TEXT_MAX);
    alert_compromised_entity(alert, &text);
    line_append(buf, texts[TEXT_MACHINE][language], text.data);
    if (alert->qname[0])
        line_append(buf, texts[TEXT_NAME][language], alert->qname);
    time_format(alert->start_ns, time);
    line_append(buf, texts[TEXT_TIME][language], time);
    buf_reset(&text);
    alert_summary(alert, language, &text);
    buf_text(buf, "  ");
    utf8_append_visible(buf, text.data);
    buf_text(buf, "\n\n");
    buf_done(&text);
}

void contact_mail(const struct config *config, const struct secret *key,
                  const struct inquiry *inquiry, const struct alert *alert, struct buf *subject,
                  struct buf *text)
{
    enum language language = (enum language)config->contact.language;
    char until[TIME_TEXT_MAX];
    struct buf title;
    buf_init(&title, SHORT_TEXT_MAX);
    alert_title(alert, language, &title);
    buf_printf(subject, texts[TEXT_SUBJECT][language], title.data);
    buf_printf(text, "%s\n\n  %s\n", texts[TEXT_GREETING][language], title.data);
    buf_done(&title);
    story_append(alert, language, text);
    if (!config->response.public_url[0]) {
        buf_printf(text, "%s\n", texts[TEXT_ASK_OTHERWISE][language]);
        return;
    }
    buf_printf(text, "%s\n\n", texts[TEXT_ASK][language]);
    for (unsigned i = 0; i < CHOICE_COUNT; i++) {
        buf_printf(text, "* %s:\n  ", texts[choices[i].text][language]);
        link_append(config, key, inquiry, &choices[i], text);
        buf_text(text, "\n\n");
    }
    time_format(inquiry->expires_ns, until);
    buf_printf(text, texts[TEXT_UNTIL][language], until);
    buf_char(text, '\n');
}

void contact_json(const struct config *config, const struct secret *key,
                  const struct inquiry *inquiry, const struct alert *alert, struct buf *body)
{
    struct json json = json_writer(body);
    char until[TIME_TEXT_MAX];
    time_format(inquiry->expires_ns, until);
    json_object_begin(&json);
    json_pair(&json, "event", "contact");
    json_pair(&json, "address", inquiry->address);
    json_pair(&json, "expires", until);
    json_key(&json, "links");
    json_object_begin(&json);
    for (unsigned i = 0; config->response.public_url[0] && i < CHOICE_COUNT; i++) {
        struct buf link;
        buf_init(&link, SHORT_TEXT_MAX);
        link_append(config, key, inquiry, &choices[i], &link);
        json_pair(&json, contact_names[choices[i].answer][LANGUAGE_EN], link.data);
        buf_done(&link);
    }
    json_object_end(&json);
    json_key(&json, "alert");
    alert_to_json(alert, (enum language)config->contact.language, &json);
    json_object_end(&json);
}

/* Answers. */

static int answer_put(void *arg, struct store *store, struct error *error)
{
    return inquiry_answer(store, arg, error);
}

int contact_record(const struct store_writer *writer, const char *alert_id, enum contact answer,
                   const char *actor, const char *comment, int64_t now_ns, struct error *error)
{
    struct inquiry_answer given = {.alert_id = alert_id,
                                   .answer = (uint8_t)answer,
                                   .actor = actor,
                                   .comment = comment,
                                   .now_ns = now_ns};
    return writer->write(writer->arg, answer_put, &given, error);
}

static void html_text(struct buf *html, const char *text)
{
    struct buf visible;
    buf_init(&visible, SHORT_TEXT_MAX);
    utf8_append_visible(&visible, text);
    for (const char *c = visible.data ? visible.data : ""; *c; c++) {
        switch (*c) {
        case '&': buf_text(html, "&amp;"); break;
        case '<': buf_text(html, "&lt;"); break;
        case '>': buf_text(html, "&gt;"); break;
        case '"': buf_text(html, "&quot;"); break;
        case '\'': buf_text(html, "&#39;"); break;
        default: buf_char(html, *c);
        }
    }
    buf_done(&visible);
}

static void page_begin(enum language language, struct buf *html)
{
    buf_printf(html,
               "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
               "<meta name=\"viewport\" content=\"width=device-width\">"
               "<meta name=\"referrer\" content=\"no-referrer\"><title>%s</title></head><body>\n"
               "<h1>%s</h1>\n",
               language == LANGUAGE_JA ? "ja" : "en", texts[TEXT_PAGE][language],
               texts[TEXT_PAGE][language]);
}

static int page_say(enum language language, enum text text, int status, struct buf *html)
{
    page_begin(language, html);
    buf_printf(html, "<p>%s</p>\n</body></html>\n", texts[text][language]);
    return status;
}

/* The form goes to where it came from. */
static int page_confirm(const struct alert *alert, enum contact answer, enum language language,
                        struct buf *html)
{
    struct buf text;
    buf_init(&text, SHORT_TEXT_MAX);
    alert_title(alert, language, &text);
    page_begin(language, html);
    buf_text(html, "<p><strong>");
    html_text(html, text.data);
    buf_text(html, "</strong></p>\n<pre>");
    buf_reset(&text);
    story_append(alert, language, &text);
    for (char *line = text.data, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        html_text(html, line);
        buf_char(html, '\n');
    }
    buf_done(&text);
    buf_text(html, "</pre>\n<form method=\"post\"><p>");
    for (unsigned i = 0; i < CHOICE_COUNT; i++)
        if (choices[i].answer == answer)
            html_text(html, texts[choices[i].text][language]);
    buf_printf(html, "</p>\n<p><button type=\"submit\">%s</button></p></form>\n</body></html>\n",
               texts[TEXT_CONFIRM][language]);
    return 200;
}

static int page_answer(const struct store_writer *writer, const struct inquiry *inquiry,
                       const struct contact_claim *claim, enum language language, int64_t now_ns,
                       struct buf *html)
{
    char actor[ALERT_TEXT_MAX + 8];
    struct error error;
    snprintf(actor, sizeof(actor), "owner:%s", inquiry->address);
    struct inquiry_answer given = {.inquiry_id = inquiry->id,
                                   .alert_id = inquiry->alert_id,
                                   .answer = claim->answer,
                                   .actor = actor,
                                   .comment = "",
                                   .now_ns = now_ns};
    int r = writer->write(writer->arg, answer_put, &given, &error);
    switch (r) {
    case 0: return page_say(language, TEXT_THANKS, 200, html);
    case -EALREADY: return page_say(language, TEXT_USED, 410, html);
    case -ETIME:
    case -ENOENT: return page_say(language, TEXT_LATE, 410, html);
    default: return page_say(language, TEXT_FAILED, 500, html);
    }
}

int contact_page(const struct config *config, struct store *store,
                 const struct store_writer *writer, const char *token, bool post,
                 enum language language, int64_t now_ns, struct buf *html)
{
    struct secret key;
    struct contact_claim claim;
    struct inquiry inquiry;
    struct alert alert;
    struct error error;
    if (contact_key_read(config, &key, &error) < 0)
        return page_say(language, TEXT_FAILED, 500, html);
    enum contact_verdict verdict = contact_token_read(&key, token, now_ns, &claim);
    secret_done(&key);
    if (verdict == CONTACT_VERDICT_FORGED)
        return page_say(language, TEXT_FORGED, 403, html);
    if (verdict == CONTACT_VERDICT_LATE ||
        inquiry_get(store, claim.inquiry_id, &inquiry, &error) < 0)
        return page_say(language, TEXT_LATE, 410, html);
    if (inquiry.answer != CONTACT_ASKED)
        return page_say(language, TEXT_USED, 410, html);
    if (post)
        return page_answer(writer, &inquiry, &claim, language, now_ns, html);
    if (store_get(store, inquiry.alert_id, &alert, &error) < 0)
        return page_say(language, TEXT_LATE, 410, html);
    return page_confirm(&alert, (enum contact)claim.answer, language, html);
}
