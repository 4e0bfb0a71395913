/* automation.c - rules that run a program or call a web service when there is an alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/automation.h"

#include "base/clock.h"
#include "respond/notify.h"

#include <string.h>
#include <strings.h>

static bool entity_chosen(const struct config_networks *networks, const char *ip)
{
    struct addr addr;
    if (networks->count == 0)
        return true;
    if (!addr_parse(ip, strlen(ip), &addr))
        return false;
    for (uint32_t i = 0; i < networks->count; i++)
        if (prefix_contains(&networks->items[i], &addr))
            return true;
    return false;
}

/* The name itself or one below it. */
static bool is_below(const char *name, const char *domain)
{
    size_t len = strlen(name), domain_len = strlen(domain);
    if (len < domain_len || strcasecmp(name + len - domain_len, domain) != 0)
        return false;
    return len == domain_len || name[len - domain_len - 1] == '.';
}

static bool domain_chosen(const struct config_names *domains, const struct alert *alert)
{
    for (uint32_t i = 0; i < domains->count; i++)
        if (is_below(alert->domain, domains->items[i].text) ||
            is_below(alert->qname, domains->items[i].text))
            return true;
    return domains->count == 0;
}

/* The alert's tags stand one a line. */
static bool has_tag(const struct alert *alert, const char *tag)
{
    size_t len = strlen(tag);
    for (const char *line = alert->entity_tags; *line; line += line[0] == '\n') {
        size_t line_len = strcspn(line, "\n");
        if (line_len == len && strncasecmp(line, tag, len) == 0)
            return true;
        line += line_len;
    }
    return false;
}

static bool tag_chosen(const struct config_names *tags, const struct alert *alert)
{
    for (uint32_t i = 0; i < tags->count; i++)
        if (has_tag(alert, tags->items[i].text))
            return true;
    return tags->count == 0;
}

bool automation_matches(const struct config_automation *rule, const struct alert *alert)
{
    return alert->severity >= rule->severity_min && notify_type_chosen(&rule->types, alert) &&
           entity_chosen(&rule->entities, alert->entity_ip) &&
           domain_chosen(&rule->domains, alert) && tag_chosen(&rule->tags, alert);
}

static void rule_plan(const struct config_automation *rule, const struct alert *alert,
                      int64_t now_ns, struct plans *plans)
{
    enum delivery_channel channel =
        rule->command.count ? DELIVERY_CHANNEL_COMMAND : DELIVERY_CHANNEL_WEBHOOK;
    struct delivery_plan *plan =
        plans_add(plans, alert, DELIVERY_KIND_AUTOMATION, channel, rule->name, rule->name, now_ns);
    if (!plan)
        return;
    plan->delivery.revision = rule->changed ? alert->revision : 0;
    plan->since_ns = now_ns - 3600 * NS_PER_S;
    plan->max = rule->runs_per_hour_max;
    plan->over = DELIVERY_STATE_LIMITED;
}

void automation_plan(const struct config *config, const struct alert *alert, int64_t now_ns,
                     struct plans *plans)
{
    for (uint32_t i = 0; i < config->automation.count; i++) {
        const struct config_automation *rule = &config->automation.items[i];
        bool told =
            alert->status != ALERT_STATUS_DISMISSED || (rule->changed && !alert->suppressed_by[0]);
        if (rule->enabled && told && automation_matches(rule, alert))
            rule_plan(rule, alert, now_ns, plans);
    }
}

void automation_job_init(struct configured_job *job, const struct config_automation *rule)
{
    configured_job_init(job, NULL, &rule->command, rule->timeout_s);
}

const struct config_automation *automation_find(const struct config *config, const char *name)
{
    for (uint32_t i = 0; i < config->automation.count; i++)
        if (strcmp(config->automation.items[i].name, name) == 0)
            return &config->automation.items[i];
    return NULL;
}
