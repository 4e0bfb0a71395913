/* routes_notifications.c - who is told of alerts, and what of today's mails each address has had
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "base/clock.h"
#include "respond/notify.h"
#include "store/deliveries.h"

#include <string.h>

static void names_write(struct json *json, const char *key, const struct config_names *names)
{
    json_key(json, key);
    json_array_begin(json);
    for (uint32_t i = 0; i < names->count; i++)
        json_text(json, names->items[i].text);
    json_array_end(json);
}

/* Of a webhook only that there is one: its URL may have a key in it. */
static void notification_item(struct json *json, const struct config_notification *notification)
{
    json_object_begin(json);
    json_pair(json, "name", notification->name);
    json_key(json, "enabled");
    json_bool(json, notification->enabled);
    names_write(json, "emails", &notification->emails);
    names_write(json, "roles", &notification->roles);
    json_key(json, "webhook");
    json_bool(json, notification->webhook.url[0]);
    json_pair(json, "severity_min", severity_names[notification->severity_min][LANGUAGE_EN]);
    names_write(json, "types", &notification->types);
    json_object_end(json);
}

/* A delivery_usage_fn. */
static int usage_item(void *context, const struct delivery_usage *usage)
{
    struct json *json = context;
    json_object_begin(json);
    json_pair(json, "address", usage->target);
    json_pair(json, "severity", severity_names[usage->severity][LANGUAGE_EN]);
    json_pair_int(json, "own", (int64_t)usage->own);
    json_pair_int(json, "allowed", notify_allowance[usage->severity]);
    json_pair_int(json, "waiting", (int64_t)usage->waiting);
    json_object_end(json);
    return 0;
}

static void mail_write(struct json *json, const struct config *config, int64_t day_ns)
{
    const int64_t next_ns = day_ns + 24 * 3600 * NS_PER_S;
    json_key(json, "mail");
    json_bool(json, config->mail.url[0]);
    api_pair_time(json, "day_began", day_ns);
    api_pair_time(json, "next_digest", next_ns);
}

static int counts_write(struct json *json, struct store *store, struct error *error)
{
    struct delivery_counts counts;
    int r = deliveries_counts(store, &counts, error);
    if (r < 0)
        return r;
    json_key(json, "deliveries");
    json_object_begin(json);
    for (unsigned i = 0; i < DELIVERY_STATE_COUNT; i++)
        json_pair_int(json, delivery_state_slugs[i], (int64_t)counts.of[i]);
    json_pair_int(json, "dropped", (int64_t)counts.dropped);
    json_object_end(json);
    return 0;
}

API_HANDLER(notifications_show)
{
    (void)request;
    struct error error;
    int64_t day_ns = notify_day_begin(api->config, clock_now_ns());
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_key(&json, "items");
    json_array_begin(&json);
    for (uint32_t i = 0; i < api->config->notifications.count; i++)
        notification_item(&json, &api->config->notifications.items[i]);
    json_array_end(&json);
    mail_write(&json, api->config, day_ns);
    json_key(&json, "today");
    json_array_begin(&json);
    int r = deliveries_usage(api->read, day_ns, usage_item, &json, &error);
    json_array_end(&json);
    if (r == 0)
        r = counts_write(&json, api->read, &error);
    json_object_end(&json);
    api_fail_store(answer, r, &error);
}
