/* sink_mail.c - alerts by mail: one mail for all that there is to send, to all its readers
 * SPDX-License-Identifier: Apache-2.0
 *
 * A mail is for people, so it is written in the language alone and never in a dialect. The server
 * takes it for all recipients or for none, and its Message-ID is the same whenever the same alerts
 * are tried again, so readers see it once. */
#include "alert/render.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "export/cut.h"
#include "export/facts.h"
#include "export/sinks.h"
#include "outside/mail.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALERTS_MAX = 100, RECIPIENTS_MAX = 50, LINE_MAX_BYTES = 2048 };

struct sink_mail {
    struct sink sink;
    struct config_mail server;
    const char *also[RECIPIENTS_MAX + 1];
};

/* The alerts of one mail. */
struct letter {
    const struct sink_record *records;
    size_t count;
    enum language language;
};

enum label { LABEL_ENTITY, LABEL_DOMAIN, LABEL_TIME, LABEL_STATUS, LABEL_SEEN, LABEL_ID };

static const char *const labels[][LANGUAGE_COUNT] = {
    [LABEL_ENTITY] = {"Machine", "端末"}, [LABEL_DOMAIN] = {"Domain", "ドメイン"},
    [LABEL_TIME] = {"Time", "時刻"},      [LABEL_STATUS] = {"Status", "状態"},
    [LABEL_SEEN] = {"Seen", "回数"},      [LABEL_ID] = {"Id", "ID"},
};

static unsigned worst(const struct letter *letter)
{
    unsigned severity = 0;
    for (size_t i = 0; i < letter->count; i++)
        if (letter->records[i].severity > severity)
            severity = letter->records[i].severity;
    return severity;
}

/* "2 High, 1 Low", the worst first. */
static void counts_append(const struct letter *letter, struct buf *buf)
{
    const char *between = "";
    for (unsigned severity = SEVERITY_COUNT; severity-- > 0;) {
        unsigned count = 0;
        for (size_t i = 0; i < letter->count; i++)
            count += letter->records[i].severity == severity;
        if (count)
            buf_printf(buf, "%s%u %s", between, count, severity_names[severity][letter->language]);
        between = count ? ", " : between;
    }
}

static void subject_append(const struct letter *letter, const char *begins, struct buf *buf)
{
    buf_printf(buf, "%s: %s: ", begins, severity_names[worst(letter)][letter->language]);
    if (letter->count > 1) {
        counts_append(letter, buf);
        return;
    }
    alert_title(letter->records->alert, letter->language, buf);
    buf_printf(buf, ", %s", fact_entity(letter->records->alert));
}

typedef void (*words_fn)(const struct alert *alert, enum language language, struct buf *buf);

/* A paragraph of the alert's own words, which hold names from the wire. */
static void words_append(const struct letter *letter, const struct alert *alert, words_fn words,
                         struct buf *buf)
{
    struct buf text;
    buf_init(&text, LINE_MAX_BYTES * 4);
    words(alert, letter->language, &text);
    if (text.len) {
        buf_text(buf, "  ");
        utf8_append_visible(buf, text.data);
        buf_char(buf, '\n');
    }
    buf_done(&text);
}

static void line_append(const struct letter *letter, enum label label, const char *text,
                        struct buf *buf)
{
    if (!text[0])
        return;
    buf_printf(buf, "  %s: ", labels[label][letter->language]);
    utf8_append_visible(buf, text);
    buf_char(buf, '\n');
}

static void entity_append(const struct letter *letter, const struct alert *alert, struct buf *buf)
{
    struct buf text;
    buf_init(&text, LINE_MAX_BYTES);
    alert_compromised_entity(alert, &text);
    line_append(letter, LABEL_ENTITY, text.data ? text.data : "", buf);
    buf_done(&text);
}

static void time_append(const struct letter *letter, const struct alert *alert, struct buf *buf)
{
    char start[TIME_TEXT_MAX], end[TIME_TEXT_MAX], text[2 * TIME_TEXT_MAX + 4], seen[24];
    time_format(alert->start_ns, start);
    time_format(alert->end_ns, end);
    snprintf(text, sizeof(text), "%s - %s", start, end);
    snprintf(seen, sizeof(seen), "%llu", (unsigned long long)alert->count);
    line_append(letter, LABEL_TIME, text, buf);
    line_append(letter, LABEL_SEEN, seen, buf);
}

static void alert_append(const struct letter *letter, const struct alert *alert, struct buf *buf)
{
    struct buf title;
    buf_init(&title, LINE_MAX_BYTES);
    alert_title(alert, letter->language, &title);
    buf_printf(buf, "[%s] %s\n", severity_names[alert->severity][letter->language],
               title.data ? title.data : "");
    buf_done(&title);
    entity_append(letter, alert, buf);
    line_append(letter, LABEL_DOMAIN, fact_domain(alert), buf);
    time_append(letter, alert, buf);
    line_append(letter, LABEL_STATUS, alert_status_names[alert->status][letter->language], buf);
    line_append(letter, LABEL_ID, alert->id, buf);
    words_append(letter, alert, alert_summary, buf);
    words_append(letter, alert, alert_benign_if, buf);
    buf_char(buf, '\n');
}

/* Of letters, digits and dots. */
static void id_make(const struct letter *letter, char ret_id[static ALERT_ID_MAX + 32])
{
    const struct sink_record *first = letter->records;
    int len =
        snprintf(ret_id, ALERT_ID_MAX + 32, "%s.%u.%zu", first->id, first->revision, letter->count);
    for (int i = 0; i < len; i++)
        if (!isalnum((unsigned char)ret_id[i]))
            ret_id[i] = '.';
}

static int letter_send(const struct sink_mail *sink, const struct letter *letter,
                       struct error *error)
{
    char id[ALERT_ID_MAX + 32];
    struct buf subject, text;
    buf_init(&subject, LINE_MAX_BYTES);
    buf_init(&text, MAIL_BYTES_MAX);
    id_make(letter, id);
    subject_append(letter, sink->sink.config->subject, &subject);
    for (size_t i = 0; i < letter->count; i++)
        alert_append(letter, letter->records[i].alert, &text);
    const struct mail mail = {.from = sink->server.from,
                              .to = sink->sink.config->emails.items[0].text,
                              .also = sink->also,
                              .subject = subject.data,
                              .text = text.data,
                              .id = id,
                              .time_ns = clock_now_ns()};
    int r = subject.overflow || text.overflow ? error_set(error, -ENOMEM, "no memory for a mail")
                                              : mail_send(&sink->server, &mail, error);
    buf_done(&subject);
    buf_done(&text);
    return r;
}

static void answers_fill(struct sink_answer *answers, size_t count, int r, const char *reason)
{
    size_t len = text_fit(reason, sizeof(answers->reason) - 1);
    for (size_t i = 0; i < count; i++) {
        answers[i].verdict = r == 0 ? SINK_TAKEN : r == -EINVAL ? SINK_REFUSED : SINK_AGAIN;
        snprintf(answers[i].reason, sizeof(answers[i].reason), "%.*s", (int)len, reason);
    }
}

/* One mail at a time, which may take as long as one attempt may. */
static void mail_out(struct sink *sink, const struct sink_record *records, size_t count,
                     struct sink_answer *answers, unsigned *ret_wait_s)
{
    struct error error = {""};
    const struct letter letter = {records, count < ALERTS_MAX ? count : ALERTS_MAX,
                                  (enum language)sink->config->language};
    (void)ret_wait_s;
    int r = letter_send((const struct sink_mail *)sink, &letter, &error);
    answers_fill(answers, letter.count, r, error.text);
}

static void mail_close(struct sink *sink)
{
    free(sink);
}

static const struct sink_ops ops = {.send = mail_out, .close = mail_close};

struct sink *sink_open_mail(const struct config_export *config, struct error *error)
{
    struct sink_mail *mail = calloc(1, sizeof(*mail));
    if (!mail) {
        error_set(error, -ENOMEM, "no memory for export %s", config->name);
        return NULL;
    }
    mail->sink.ops = &ops;
    mail->server = (struct config_mail){.url = config->url,
                                        .from = config->from,
                                        .credentials_file = config->credentials_file,
                                        .allow_plain = config->allow_http,
                                        .ca_file = config->tls_ca,
                                        .timeout_s = config->timeout_s};
    for (uint32_t i = 1; i < config->emails.count && i <= RECIPIENTS_MAX; i++)
        mail->also[i - 1] = config->emails.items[i].text;
    return &mail->sink;
}
