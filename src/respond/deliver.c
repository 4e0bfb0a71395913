/* deliver.c - carries out what notifications, inquiries and automation rules want, step by step
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/deliver.h"

#include "alert/record.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "outside/mail.h"
#include "outside/webhook.h"
#include "respond/automation.h"
#include "respond/contact.h"
#include "respond/notify.h"
#include "store/changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECT_MAX = 1024, BODY_MAX = 512 * 1024, DIGEST_LINES_MAX = 500 };

/* Planning. */

struct changed {
    char id[ALERT_ID_MAX];
    uint32_t revision;
};

struct following {
    struct changed changes[DELIVER_CHANGES_MAX];
    unsigned count;
    uint64_t seq;
    struct plans plans;
};

static int change_take(void *context, uint64_t seq, const char *alert_id, uint32_t revision,
                       int64_t time_ns)
{
    struct following *following = context;
    struct changed *changed = &following->changes[following->count++];
    (void)time_ns;
    snprintf(changed->id, sizeof(changed->id), "%s", alert_id);
    changed->revision = revision;
    following->seq = seq;
    return 0;
}

static int plans_write(void *arg, struct store *store, struct error *error)
{
    const struct following *following = arg;
    return deliveries_plan(store, following->plans.items, following->plans.count, DELIVER_FOLLOWER,
                           following->seq, error);
}

/* A later change tells of an alert that has changed since; one that is gone needs no telling. */
static int change_plan(const struct deliver *deliver, const struct changed *changed, int64_t now_ns,
                       struct plans *plans, struct error *error)
{
    struct alert alert;
    int r = store_get(deliver->read, changed->id, &alert, error);
    if (r == -ENOENT || (r == 0 && alert.revision > changed->revision))
        return 0;
    if (r < 0)
        return r;
    notify_plan(deliver->config, &alert, now_ns, plans);
    automation_plan(deliver->config, &alert, now_ns, plans);
    return 0;
}

static int follow(const struct deliver *deliver, int64_t now_ns, struct deliver_result *result,
                  struct error *error)
{
    struct following following = {0};
    int r = changes_cursor_get(deliver->read, DELIVER_FOLLOWER, &following.seq, error);
    bool first = r == -ENOENT;
    if (first)
        r = changes_newest(deliver->read, &following.seq, error);
    if (r == 0 && !first)
        r = changes_read(deliver->read, following.seq, DELIVER_CHANGES_MAX, change_take, &following,
                         error);
    for (unsigned i = 0; r == 0 && i < following.count; i++)
        r = change_plan(deliver, &following.changes[i], now_ns, &following.plans, error);
    if (r == 0 && following.plans.overflow)
        r = error_set(error, -ENOMEM, "too many notifications at once: name fewer addresses");
    if (r == 0 && (first || following.count))
        r = deliver->writer.write(deliver->writer.arg, plans_write, &following, error);
    free(following.plans.items);
    result->changes = following.count;
    return r;
}

/* Upkeep. */

struct upkeep {
    char day[TIME_TEXT_MAX];
    int64_t begin_ns, now_ns, trim_ns;
};

static int gather_write(void *arg, struct store *store, struct error *error)
{
    const struct upkeep *upkeep = arg;
    return deliveries_gather(store, upkeep->day, upkeep->begin_ns, upkeep->now_ns, error);
}

static int trim_write(void *arg, struct store *store, struct error *error)
{
    const struct upkeep *upkeep = arg;
    return deliveries_trim(store, upkeep->trim_ns, error);
}

static int keep_up(struct deliver *deliver, int64_t now_ns, struct error *error)
{
    bool waiting = false;
    struct upkeep upkeep = {
        .begin_ns = notify_day_begin(deliver->config, now_ns),
        .now_ns = now_ns,
        .trim_ns = now_ns - (int64_t)DELIVER_KEPT_DAYS * 24 * 3600 * NS_PER_S,
    };
    time_format(upkeep.begin_ns, upkeep.day);
    upkeep.day[strlen("2026-01-01T07:00")] = 0;
    int r = deliveries_waiting(deliver->read, upkeep.begin_ns, &waiting, error);
    if (r == 0 && waiting)
        r = deliver->writer.write(deliver->writer.arg, gather_write, &upkeep, error);
    if (r == 0 && now_ns - deliver->trimmed_ns > 3600 * NS_PER_S) {
        r = deliver->writer.write(deliver->writer.arg, trim_write, &upkeep, error);
        deliver->trimmed_ns = now_ns;
    }
    return r;
}

/* Carrying out. */

struct errand {
    const struct deliver *deliver;
    const struct delivery *delivery;
    int64_t now_ns;
    struct buf subject;
    struct buf body;
};

static int errand_mail(struct errand *errand, struct error *error)
{
    char id[64];
    const struct config_mail *config = &errand->deliver->config->mail;
    const struct delivery *delivery = errand->delivery;
    if (errand->subject.overflow || errand->body.overflow)
        return error_set(error, -EINVAL, "the mail is too long");
    snprintf(id, sizeof(id), "%llu.%llx", (unsigned long long)delivery->seq,
             (unsigned long long)delivery->made_ns);
    struct mail mail = {.from = config->from,
                        .to = delivery->target,
                        .subject = errand->subject.data,
                        .text = errand->body.data,
                        .id = id,
                        .time_ns = errand->now_ns};
    return mail_send(config, &mail, error);
}

static int errand_webhook(struct errand *errand, const struct config_webhook *hook,
                          struct error *error)
{
    char id[32];
    snprintf(id, sizeof(id), "%llu", (unsigned long long)errand->delivery->seq);
    if (errand->body.overflow)
        return error_set(error, -EINVAL, "the request is too long");
    return webhook_send(errand->deliver->config, hook, id, errand->body.data, errand->body.len,
                        errand->now_ns, error);
}

static int alert_get(const struct errand *errand, const char *id, struct alert *ret_alert,
                     struct error *error)
{
    int r = store_get(errand->deliver->read, id, ret_alert, error);
    return r == -ENOENT ? error_set(error, -EINVAL, "the alert is gone") : r;
}

static int do_alert(struct errand *errand, struct error *error)
{
    struct alert alert;
    const struct delivery *delivery = errand->delivery;
    const struct config_notification *notification =
        notify_find(errand->deliver->config, delivery->origin);
    if (!notification)
        return error_set(error, -EINVAL, "the notification is not configured any more");
    int r = alert_get(errand, delivery->object, &alert, error);
    if (r < 0)
        return r;
    if (alert.status == ALERT_STATUS_DISMISSED)
        return error_set(error, -EINVAL, "dismissed before it was told");
    enum language language = (enum language)notification->language;
    if (delivery->channel == DELIVERY_CHANNEL_MAIL) {
        notify_mail(&alert, language, &errand->subject, &errand->body);
        return errand_mail(errand, error);
    }
    notify_json(&alert, language, NULL, &errand->body);
    return errand_webhook(errand, &notification->webhook, error);
}

struct digest {
    struct errand *errand;
    enum language language;
};

static int digest_add(void *context, const struct delivery *delivery, struct error *error)
{
    const struct digest *digest = context;
    struct alert alert;
    int r = store_get(digest->errand->deliver->read, delivery->object, &alert, error);
    if (r == 0 && alert.status != ALERT_STATUS_DISMISSED)
        notify_digest_line(&alert, digest->language, &digest->errand->body);
    return r == -ENOENT ? 0 : r;
}

static int do_digest(struct errand *errand, struct error *error)
{
    const struct delivery *delivery = errand->delivery;
    const struct config_notification *notification =
        notify_find(errand->deliver->config, delivery->origin);
    struct digest digest = {errand,
                            notification ? (enum language)notification->language : LANGUAGE_EN};
    notify_digest_begin(delivery->object, digest.language, &errand->subject, &errand->body);
    int r = deliveries_digest(errand->deliver->read, delivery, DIGEST_LINES_MAX, digest_add,
                              &digest, error);
    return r == 0 ? errand_mail(errand, error) : r;
}

static int inquiry_write(struct errand *errand, const struct inquiry *inquiry,
                         const struct alert *alert, struct error *error)
{
    const struct config *config = errand->deliver->config;
    struct secret key;
    int r = contact_key_read(config, &key, error);
    if (r == 0 && errand->delivery->channel == DELIVERY_CHANNEL_MAIL)
        contact_mail(config, &key, inquiry, alert, &errand->subject, &errand->body);
    else if (r == 0)
        contact_json(config, &key, inquiry, alert, &errand->body);
    secret_done(&key);
    return r;
}

static int do_contact(struct errand *errand, struct error *error)
{
    struct inquiry inquiry;
    struct alert alert;
    int r = inquiry_get(errand->deliver->read, errand->delivery->object, &inquiry, error);
    if (r == -ENOENT || (r == 0 && inquiry.answer != CONTACT_ASKED))
        return error_set(error, -EINVAL, "answered meanwhile");
    if (r == 0 && inquiry.expires_ns <= errand->now_ns)
        return error_set(error, -EINVAL, "it is too late to ask");
    if (r == 0)
        r = alert_get(errand, inquiry.alert_id, &alert, error);
    if (r == 0)
        r = inquiry_write(errand, &inquiry, &alert, error);
    if (r < 0)
        return r;
    return errand->delivery->channel == DELIVERY_CHANNEL_MAIL
               ? errand_mail(errand, error)
               : errand_webhook(errand, &errand->deliver->config->contact.webhook, error);
}

/* The first line of what it printed is kept as the result. */
static int run_command(const struct errand *errand, const struct config_automation *rule,
                       struct error *error)
{
    struct configured_job job;
    struct command_result *result = calloc(1, sizeof(*result));
    if (!result)
        return error_set(error, -ENOMEM, "no memory to run a program");
    automation_job_init(&job, rule);
    const struct job_runner *jobs = &errand->deliver->jobs;
    int r = jobs->run(jobs->arg, &job.job, errand->body.data, errand->body.len, result, error);
    if (r == 0)
        error_set(error, 0, "%.*s", (int)strcspn(result->output, "\n"), result->output);
    free(result);
    return r;
}

static int do_automation(struct errand *errand, struct error *error)
{
    struct alert alert;
    const struct delivery *delivery = errand->delivery;
    const struct config_automation *rule =
        automation_find(errand->deliver->config, delivery->origin);
    if (!rule || !rule->enabled)
        return error_set(error, -EINVAL, "the rule is not configured any more");
    int r = alert_get(errand, delivery->object, &alert, error);
    if (r < 0)
        return r;
    if (delivery->channel == DELIVERY_CHANNEL_COMMAND) {
        struct json json = json_writer(&errand->body);
        alert_to_json(&alert, LANGUAGE_EN, &json);
        buf_char(&errand->body, '\n');
        return run_command(errand, rule, error);
    }
    notify_json(&alert, LANGUAGE_EN, rule->name, &errand->body);
    return errand_webhook(errand, &rule->webhook, error);
}

/* 0 or what went wrong; `error` then or in any case says what came of it. */
static int carry_out(const struct deliver *deliver, const struct delivery *delivery, int64_t now_ns,
                     struct error *error)
{
    static int (*const does[DELIVERY_KIND_COUNT])(struct errand *, struct error *) = {
        [DELIVERY_KIND_ALERT] = do_alert,
        [DELIVERY_KIND_DIGEST] = do_digest,
        [DELIVERY_KIND_CONTACT] = do_contact,
        [DELIVERY_KIND_AUTOMATION] = do_automation,
    };
    struct errand errand = {.deliver = deliver, .delivery = delivery, .now_ns = now_ns};
    buf_init(&errand.subject, SUBJECT_MAX);
    buf_init(&errand.body, BODY_MAX);
    int r = does[delivery->kind](&errand, error);
    buf_done(&errand.subject);
    buf_done(&errand.body);
    return r;
}

int64_t deliver_pause_ns(uint32_t attempts)
{
    uint32_t doublings = attempts < 10 ? attempts : 10;
    int64_t pause_s = 30ll << doublings;
    return (pause_s < 6 * 3600 ? pause_s : 6 * 3600) * NS_PER_S;
}

struct attempt {
    uint64_t seq;
    enum delivery_state state;
    int64_t due_ns;
    char result[DELIVERY_RESULT_MAX];
};

static int attempt_write(void *arg, struct store *store, struct error *error)
{
    const struct attempt *attempt = arg;
    return deliveries_attempted(store, attempt->seq, attempt->state, attempt->due_ns,
                                attempt->result, error);
}

/* What can never succeed is given up at once, and a program may have done half of its work; but
 * none that may not be started before the next restart. */
static enum delivery_state state_after(const struct delivery *delivery, int r)
{
    if (r == 0)
        return DELIVERY_STATE_DONE;
    bool begun = delivery->channel == DELIVERY_CHANNEL_COMMAND && r != -EPERM;
    bool hopeless = r == -EINVAL || begun;
    return hopeless || delivery->attempts + 1 >= DELIVER_ATTEMPTS_MAX ? DELIVERY_STATE_DEAD
                                                                      : DELIVERY_STATE_PENDING;
}

static int attempt_one(const struct deliver *deliver, const struct delivery *delivery,
                       int64_t now_ns, struct deliver_result *result, struct error *error)
{
    struct error outcome = {""};
    struct buf text;
    int r = carry_out(deliver, delivery, now_ns, &outcome);
    if (r == 0 && delivery->channel != DELIVERY_CHANNEL_COMMAND)
        outcome.text[0] = 0; /* what was overcome on the way */
    struct attempt attempt = {.seq = delivery->seq,
                              .state = state_after(delivery, r),
                              .due_ns = now_ns + deliver_pause_ns(delivery->attempts + 1)};
    buf_init(&text, sizeof(attempt.result) - 1);
    utf8_append_visible(&text, outcome.text);
    snprintf(attempt.result, sizeof(attempt.result), "%s", text.data ? text.data : "");
    buf_done(&text);
    result->sent += attempt.state == DELIVERY_STATE_DONE;
    result->failed += attempt.state == DELIVERY_STATE_PENDING;
    result->dead += attempt.state == DELIVERY_STATE_DEAD;
    return deliver->writer.write(deliver->writer.arg, attempt_write, &attempt, error);
}

struct batch {
    struct delivery items[DELIVER_SENT_MAX];
    unsigned count;
};

static int batch_add(void *context, const struct delivery *delivery, struct error *error)
{
    struct batch *batch = context;
    (void)error;
    batch->items[batch->count++] = *delivery;
    return 0;
}

static bool is_stopped(const struct deliver *deliver)
{
    return deliver->stop && atomic_load(deliver->stop);
}

int deliver_step(struct deliver *deliver, int64_t now_ns, struct deliver_result *ret_result,
                 struct error *error)
{
    struct deliver_result result = {0};
    struct batch batch = {.count = 0};
    int r = follow(deliver, now_ns, &result, error);
    if (r == 0)
        r = keep_up(deliver, now_ns, error);
    if (r == 0)
        r = deliveries_due(deliver->read, now_ns, DELIVER_SENT_MAX, batch_add, &batch, error);
    for (unsigned i = 0; r == 0 && i < batch.count && !is_stopped(deliver); i++)
        r = attempt_one(deliver, &batch.items[i], now_ns, &result, error);
    if (r == 0)
        *ret_result = result;
    return r;
}
