/* notify.c - who is told of an alert, by mail or webhook, at once or in the day's digest
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/notify.h"

#include "alert/record.h"
#include "alert/render.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "outside/mail.h"

#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 8192 };

static const int64_t day_ns = 24 * 3600 * NS_PER_S;

const uint8_t notify_allowance[SEVERITY_COUNT] = {
    [SEVERITY_LOW] = 1, [SEVERITY_MEDIUM] = 2, [SEVERITY_HIGH] = 4};

int64_t notify_day_begin(const struct config *config, int64_t now_ns)
{
    int64_t hour_ns = (int64_t)config->mail.digest_hour * 3600 * NS_PER_S;
    return (now_ns - hour_ns) / day_ns * day_ns + hour_ns;
}

bool notify_type_chosen(const struct config_names *types, const struct alert *alert)
{
    for (uint32_t i = 0; i < types->count; i++)
        if (detector_parse(types->items[i].text) == alert->detector)
            return true;
    return types->count == 0;
}

const struct config_notification *notify_find(const struct config *config, const char *name)
{
    for (uint32_t i = 0; i < config->notifications.count; i++) {
        const struct config_notification *notification = &config->notifications.items[i];
        if (notification->enabled && strcmp(notification->name, name) == 0)
            return notification;
    }
    return NULL;
}

struct planning {
    const struct config *config;
    const struct config_notification *notification;
    const struct alert *alert;
    int64_t now_ns;
    struct plans *plans;
};

static void plan_mail(const struct planning *planning, const char *address)
{
    if (!mail_address_valid(address))
        return;
    struct delivery_plan *plan =
        plans_add(planning->plans, planning->alert, DELIVERY_KIND_ALERT, DELIVERY_CHANNEL_MAIL,
                  planning->notification->name, address, planning->now_ns);
    if (!plan)
        return;
    plan->max = notify_allowance[planning->alert->severity];
    plan->since_ns = notify_day_begin(planning->config, planning->now_ns);
    plan->each_severity = true;
    plan->over = DELIVERY_STATE_WAITING;
}

static bool has_name(const struct config_names *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (strcasecmp(names->items[i].text, name) == 0)
            return true;
    return false;
}

static void plan_role(const struct planning *planning, const char *role)
{
    const struct config *config = planning->config;
    if (strcasecmp(role, "owner") == 0)
        plan_mail(planning, planning->alert->entity_email);
    for (uint32_t i = 0; i < config->people.count; i++)
        if (has_name(&config->people.items[i].roles, role))
            plan_mail(planning, config->people.items[i].email);
}

static void plan_notification(const struct planning *planning)
{
    const struct config_notification *notification = planning->notification;
    for (uint32_t i = 0; i < notification->emails.count; i++)
        plan_mail(planning, notification->emails.items[i].text);
    for (uint32_t i = 0; i < notification->roles.count; i++)
        plan_role(planning, notification->roles.items[i].text);
    if (notification->webhook.url[0])
        plans_add(planning->plans, planning->alert, DELIVERY_KIND_ALERT, DELIVERY_CHANNEL_WEBHOOK,
                  notification->name, notification->name, planning->now_ns);
}

void notify_plan(const struct config *config, const struct alert *alert, int64_t now_ns,
                 struct plans *plans)
{
    if (alert->status == ALERT_STATUS_DISMISSED)
        return;
    for (uint32_t i = 0; i < config->notifications.count; i++) {
        const struct config_notification *notification = &config->notifications.items[i];
        const struct planning planning = {config, notification, alert, now_ns, plans};
        if (notification->enabled && alert->severity >= notification->severity_min &&
            notify_type_chosen(&notification->types, alert))
            plan_notification(&planning);
    }
}

/* Words. */

static void visible(struct buf *buf,
                    void (*write)(const struct alert *, enum language, struct buf *),
                    const struct alert *alert, enum language language)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    write(alert, language, &text);
    utf8_append_visible(buf, text.data ? text.data : "");
    buf_done(&text);
}

static void machine(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    alert_compromised_entity(alert, buf);
}

void notify_mail(const struct alert *alert, enum language language, struct buf *subject,
                 struct buf *text)
{
    char time[TIME_TEXT_MAX];
    time_format(alert->start_ns, time);
    buf_printf(subject, "[%s] ", severity_names[alert->severity][language]);
    visible(subject, alert_title, alert, language);
    buf_text(subject, ": ");
    visible(subject, machine, alert, language);
    visible(text, alert_description, alert, language);
    buf_text(text, "\n\n");
    visible(text, alert_summary, alert, language);
    buf_text(text, "\n");
    visible(text, alert_benign_if, alert, language);
    buf_printf(text, "\n\n%s  x%llu\n\ndnsvigil alerts show %s\n", time,
               (unsigned long long)alert->count, alert->id);
}

void notify_json(const struct alert *alert, enum language language, const char *rule,
                 struct buf *body)
{
    struct json json = json_writer(body);
    json_object_begin(&json);
    json_pair(&json, "event", "alert");
    json_pair_opt(&json, "rule", rule);
    json_key(&json, "alert");
    alert_to_json(alert, language, &json);
    json_object_end(&json);
}

void notify_digest_begin(const char *day, enum language language, struct buf *subject,
                         struct buf *text)
{
    static const char *const subjects[LANGUAGE_COUNT] = {"Further alerts until %s",
                                                         "%s までのその他のアラート"};
    static const char *const begins[LANGUAGE_COUNT] = {
        "Alerts that were not told in mails of their own, most severe first:",
        "個別に通知されなかったアラートです (重大度の高い順)。"};
    buf_printf(subject, subjects[language], day);
    buf_printf(text, "%s\n\n", begins[language]);
}

void notify_digest_line(const struct alert *alert, enum language language, struct buf *text)
{
    buf_printf(text, "* [%s] ", severity_names[alert->severity][language]);
    visible(text, alert_title, alert, language);
    buf_text(text, ": ");
    visible(text, machine, alert, language);
    if (alert->domain[0]) {
        buf_text(text, ", ");
        utf8_append_visible(text, alert->domain);
    }
    buf_printf(text, "\n  %s\n", alert->id);
}
