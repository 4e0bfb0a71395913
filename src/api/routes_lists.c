/* routes_lists.c - the lists and rules alerts rest on: how each stands, and what a rule looks for
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/vitals.h"

#include "base/clock.h"
#include "feeds/feeds.h"
#include "intel/feed.h"
#include "intel/rule_explain.h"
#include "intel/rule_set.h"
#include "store/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPLANATION_MAX_BYTES = 1 << 20 };

/* Feeds. */

static const struct vitals_feed *loaded_find(const struct vitals *vitals, const char *name)
{
    for (unsigned i = 0; vitals && i < vitals->feed_count; i++)
        if (strcmp(vitals->feeds[i].name, name) == 0)
            return &vitals->feeds[i];
    return NULL;
}

static void loaded_write(const struct vitals_feed *feed, struct json *json)
{
    json_pair_int(json, "entries", (int64_t)feed->entries);
    api_pair_time(json, "fetched", feed->fetched_ns);
}

/* What the last updates of a feed that comes by network brought. */
static void updates_write(const struct api *api, const struct config_feed *feed, struct json *json)
{
    struct feed_status status;
    status_load(api->config->state_dir, feed->name, &status);
    json_key(json, "update");
    json_object_begin(json);
    status_write(&status, json);
    api_pair_time(json, "asked", status.asked_ns > status.tried_ns ? status.asked_ns : 0);
    int64_t due_ns = feeds_due_ns(feed, &status);
    if (api->config->intel.updates)
        api_pair_time(json, "due", due_ns ? due_ns : clock_now_ns());
    json_object_end(json);
}

/* Of a URL nothing but its host: there may be a key in the rest. */
static void place_write(const struct config_feed *feed, struct json *json)
{
    char host[256];
    const char *begin = strstr(feed->url, "://");
    if (!begin) {
        json_pair_opt(json, "path", feed->path);
        return;
    }
    begin += 3;
    size_t len = strcspn(begin, "/?#");
    const char *at = memchr(begin, '@', len);
    size_t skip = at ? (size_t)(at + 1 - begin) : 0;
    snprintf(host, sizeof(host), "%.*s", (int)(len - skip), begin + skip);
    json_pair(json, "server", host);
}

static void feed_item(const struct api *api, const struct config_feed *feed,
                      const struct vitals_feed *loaded, struct json *json)
{
    json_object_begin(json);
    json_pair(json, "name", feed->name);
    json_pair(json, "category", category_slugs[feed->category]);
    json_pair_int(json, "confidence", feed->confidence);
    json_key(json, "enabled");
    json_bool(json, feed->enabled);
    json_pair_opt(json, "licence", feed->licence);
    place_write(feed, json);
    json_pair_int(json, "interval_hours", feed->interval_hours);
    if (loaded)
        loaded_write(loaded, json);
    if (feed->url[0]) {
        updates_write(api, feed, json);
    } else if (loaded) {
        json_pair_int(json, "refused", (int64_t)loaded->refused);
        json_pair_opt(json, "refusals", loaded->refusals);
    }
    json_object_end(json);
}

static const struct config_feed *feed_find(const struct config *config, const char *name)
{
    for (uint32_t i = 0; i < config->feeds.count; i++)
        if (strcmp(config->feeds.items[i].name, name) == 0)
            return &config->feeds.items[i];
    return NULL;
}

/* The lists that come with the program. */
static void builtin_write(const struct api *api, const struct vitals *vitals, struct json *json)
{
    for (unsigned i = 0; vitals && i < vitals->feed_count; i++) {
        if (feed_find(api->config, vitals->feeds[i].name))
            continue;
        json_object_begin(json);
        json_pair(json, "name", vitals->feeds[i].name);
        json_key(json, "builtin");
        json_bool(json, true);
        json_key(json, "enabled");
        json_bool(json, true);
        loaded_write(&vitals->feeds[i], json);
        json_object_end(json);
    }
}

API_HANDLER(feeds_show)
{
    (void)request;
    struct vitals *vitals = api_vitals(api);
    struct json json = api_list_begin(answer);
    for (uint32_t i = 0; i < api->config->feeds.count; i++) {
        const struct config_feed *feed = &api->config->feeds.items[i];
        feed_item(api, feed, loaded_find(vitals, feed->name), &json);
    }
    builtin_write(api, vitals, &json);
    api_list_end(&json, NULL);
    free(vitals);
}

/* A store_write_fn. */
static int update_audit(void *arg, struct store *store, struct error *error)
{
    const struct api_request *request = arg;
    char object[API_CAPTURE_MAX + 8];
    snprintf(object, sizeof(object), "feed/%s", request->captures[0]);
    return audit_note(store,
                      &(struct audit_entry){
                          .actor = request->who.name, .action = "feed.update", .object = object},
                      error);
}

/* The process that has the network fetches it at its next look. */
API_HANDLER(feeds_refresh)
{
    struct error error;
    const char *name = request->captures[0];
    const struct config_feed *feed = feed_find(api->config, name);
    if (!feed)
        api_fail(answer, 404, "not_found", "no feed \"%s\" is configured", name);
    else if (!feed->url[0])
        api_fail(answer, 409, "no_url", "%s is a file: a reload reads it anew", name);
    else if (!feed->enabled || !api->config->intel.updates || !api->hooks.ready)
        api_fail(answer, 409, "no_updates",
                 "%s is not fetched by the service: see feeds.enabled and intel.updates", name);
    else if (api_write(api, update_audit, (void *)request, answer))
        api_fail_store(answer, status_ask(api->config->state_dir, name, &error), &error);
}

/* Rules. */

static void settings_write(const struct config_rules *rules, struct json *json)
{
    json_key(json, "own");
    json_bool(json, rules->own);
    json_key(json, "paths");
    json_array_begin(json);
    for (uint32_t i = 0; i < rules->paths.count; i++)
        json_text(json, rules->paths.items[i].text);
    json_array_end(json);
    json_key(json, "disabled");
    json_array_begin(json);
    for (uint32_t i = 0; i < rules->disabled.count; i++)
        json_int(json, rules->disabled.items[i]);
    json_array_end(json);
}

static void rule_members(const struct rule_set *set, const struct rule *rule, struct json *json)
{
    json_pair_int(json, "sid", rule->sid);
    json_pair_int(json, "rev", rule->rev);
    json_pair(json, "msg", rule->msg);
    if (rule->severity >= 0)
        json_pair(json, "severity", severity_names[rule->severity][LANGUAGE_EN]);
    json_pair_opt(json, "classtype", rule->classtype);
    json_pair(json, "category", category_slugs[rule->category]);
    json_pair_opt(json, "techniques", rule->techniques);
    json_pair(json, "file", set->files[rule->file]);
    json_pair_int(json, "line", rule->line);
}

struct rules_page {
    const char *search; /* or NULL */
    uint64_t from, limit;
    uint64_t matching; /* of all rules */
    struct json *json;
};

static bool rule_fits(const struct rule *rule, const char *search)
{
    char sid[16];
    snprintf(sid, sizeof(sid), "%" PRIu32, rule->sid);
    return !search || strcasestr(rule->msg, search) || strcasestr(rule->classtype, search) ||
           strcmp(sid, search) == 0;
}

/* An api_rules_fn. */
static void rules_list(void *context, const struct rule_set *set)
{
    struct rules_page *page = context;
    for (uint32_t i = 0; set && i < set->count; i++) {
        if (!rule_fits(set->rules[i], page->search) || page->matching++ < page->from ||
            page->matching > page->from + page->limit)
            continue;
        json_object_begin(page->json);
        rule_members(set, set->rules[i], page->json);
        json_object_end(page->json);
    }
}

API_HANDLER(rules_show)
{
    struct rules_page page = {.search = api_parameter(request, "search"),
                              .limit = api_parameter_number(request, "limit", API_ITEMS_MAX)};
    if (!api_cursor(request, &page.from, answer))
        return;
    struct vitals *vitals = api_vitals(api);
    struct json json = json_writer(&answer->body);
    page.json = &json;
    json_object_begin(&json);
    json_key(&json, "items");
    json_array_begin(&json);
    if (api->hooks.rules)
        api->hooks.rules(api->hooks.arg, rules_list, &page);
    json_array_end(&json);
    if (vitals)
        json_pair_int(&json, "loaded", (int64_t)vitals->rules);
    json_pair_int(&json, "matching", (int64_t)page.matching);
    settings_write(&api->config->rules, &json);
    if (page.matching > page.from + page.limit) {
        char next[24];
        snprintf(next, sizeof(next), "%" PRIu64, page.from + page.limit);
        json_pair(&json, "next", next);
    }
    json_object_end(&json);
    free(vitals);
}

/* Each line of the text as an item. */
static void lines_write(const char *key, struct buf *text, struct json *json)
{
    char *rest = text->data;
    json_key(json, key);
    json_array_begin(json);
    for (char *line; rest && (line = strsep(&rest, "\n"));)
        if (*line)
            json_text(json, line);
    json_array_end(json);
}

static void references_write(const struct rule *rule, struct json *json)
{
    json_key(json, "references");
    json_array_begin(json);
    for (unsigned i = 0; i < rule->reference_count; i++) {
        json_object_begin(json);
        json_pair(json, "kind", rule->references[i].key);
        json_pair(json, "value", rule->references[i].value);
        json_object_end(json);
    }
    json_array_end(json);
}

struct explanation {
    uint32_t sid;
    bool found;
    struct json *json;
};

/* An api_rules_fn. */
static void rule_tell(void *context, const struct rule_set *set)
{
    struct explanation *explanation = context;
    struct json *json = explanation->json;
    const struct rule *rule = set ? rule_find(set, explanation->sid) : NULL;
    struct buf text;
    if (!rule)
        return;
    explanation->found = true;
    buf_init(&text, EXPLANATION_MAX_BYTES);
    json_object_begin(json);
    rule_members(set, rule, json);
    rule_explain(set, rule, &text);
    lines_write("holds_for", &text, json);
    buf_reset(&text);
    rule_explain_shape(rule, &text);
    json_pair(json, "found_by", text.data ? text.data : "");
    references_write(rule, json);
    json_object_end(json);
    buf_done(&text);
}

API_HANDLER(rules_one)
{
    struct json json = json_writer(&answer->body);
    char *end;
    unsigned long sid = strtoul(request->captures[0], &end, 10);
    struct explanation explanation = {(uint32_t)sid, false, &json};
    if (api->hooks.rules && *end == '\0' && sid <= UINT32_MAX)
        api->hooks.rules(api->hooks.arg, rule_tell, &explanation);
    if (!explanation.found)
        api_fail(answer, 404, "not_found", "no rule in use has the sid %s", request->captures[0]);
}
