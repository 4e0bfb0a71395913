/* routes_suppressions.c - suppression rules: kept, tried out, made from an alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/suppressions.h"

#include "api/alerts.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Telling. */

/* A suppression_entry_fn. */
static int entry_item(void *context, const struct suppression_entry *entry, struct error *error)
{
    (void)error;
    suppression_entry_to_json(entry, clock_now_ns(), context);
    return 0;
}

API_HANDLER(suppressions_show)
{
    (void)request;
    struct error error;
    struct json json = api_list_begin(answer);
    int r = suppressions_list(api->read, entry_item, &json, &error);
    api_list_end(&json, NULL);
    api_fail_store(answer, r, &error);
}

static void one_answer(struct api *api, const char *name, struct http_answer *answer)
{
    struct error error;
    struct json json = json_writer(&answer->body);
    int r = suppressions_get(api->read, name, entry_item, &json, &error);
    api_fail_store(answer, r, &error);
}

API_HANDLER(suppressions_one)
{
    one_answer(api, request->captures[0], answer);
}

/* Keeping. */

/* A store_write_fn. */
static int keeping_write(void *arg, struct store *store, struct error *error)
{
    const struct suppression_keeping *keeping = arg;
    return suppressions_put(store, keeping->rule, keeping->how, keeping->actor, error);
}

bool suppression_keep(struct api *api, struct suppression_keeping *keeping,
                      struct http_answer *answer)
{
    return api_write(api, keeping_write, keeping, answer);
}

static void rule_keep(struct api *api, const struct api_request *request, enum suppressions_put how,
                      struct http_answer *answer)
{
    struct suppression *rule;
    struct error error;
    int r = suppression_from_json(request->body, &rule, &error);
    if (r < 0) {
        api_fail_store(answer, r, &error);
        return;
    }
    struct suppression_keeping keeping = {rule, how, request->who.name};
    if (suppression_keep(api, &keeping, answer))
        one_answer(api, rule->name, answer);
    suppression_free(rule);
}

API_HANDLER(suppressions_new)
{
    rule_keep(api, request, SUPPRESSIONS_ADD, answer);
}

API_HANDLER(suppressions_put)
{
    const char *name = api_text(request, "name");
    if (name && strcmp(name, request->captures[0]) != 0) {
        api_fail(answer, 422, "bad_body", "the rule in the body has another name than the path");
        return;
    }
    json_object_set_new(request->body, "name", json_string(request->captures[0]));
    rule_keep(api, request, SUPPRESSIONS_REPLACE, answer);
}

struct naming {
    const char *name;
    const char *actor;
    bool enabled;
};

/* A store_write_fn. */
static int enable_write(void *arg, struct store *store, struct error *error)
{
    const struct naming *naming = arg;
    return suppressions_enable(store, naming->name, naming->enabled, naming->actor, error);
}

API_HANDLER(suppressions_change)
{
    struct naming naming = {request->captures[0], request->who.name,
                            api_switch(request, "enabled", true)};
    if (api_write(api, enable_write, &naming, answer))
        one_answer(api, naming.name, answer);
}

/* A store_write_fn. */
static int remove_write(void *arg, struct store *store, struct error *error)
{
    const struct naming *naming = arg;
    return suppressions_remove(store, naming->name, naming->actor, error);
}

API_HANDLER(suppressions_delete)
{
    struct naming naming = {request->captures[0], request->who.name, false};
    api_write(api, remove_write, &naming, answer);
}

/* Trying out. */

API_HANDLER(suppressions_simulate)
{
    struct suppression *rule;
    struct suppression_simulation simulation;
    struct error error;
    int64_t since_ns = api_parameter_time(request, "since");
    int64_t until_ns = api_parameter_time(request, "until");
    int r = suppression_from_json(request->body, &rule, &error);
    if (r == 0) {
        r = suppressions_simulate(api->read, rule, since_ns, until_ns, &simulation, &error);
        suppression_free(rule);
    }
    api_fail_store(answer, r, &error);
    if (r == 0) {
        struct json json = json_writer(&answer->body);
        suppression_simulation_to_json(&simulation, &json);
    }
}

/* From an alert. */

static bool scope_read(const char *text, enum suppression_scope *ret_scope)
{
    static const struct {
        const char *word;
        enum suppression_scope scope;
    } words[] = {{"both", SUPPRESSION_SCOPE_BOTH},
                 {"entity", SUPPRESSION_SCOPE_ENTITY},
                 {"domain", SUPPRESSION_SCOPE_DOMAIN}};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (text && strcmp(text, words[i].word) != 0)
            continue;
        *ret_scope = words[i].scope;
        return true;
    }
    return false;
}

/* What the body says besides scope and reason; the rule is checked like one that was sent whole. */
static int proposal_settle(const struct api_request *request, struct suppression *rule,
                           struct error *error)
{
    const char *name = api_text(request, "name"), *comment = api_text(request, "comment");
    const char *expires = api_text(request, "expires");
    if (name && !suppression_name_valid(name))
        return error_set(error, -EINVAL,
                         "name: 2 to %d letters, digits, hyphens and underscores, the first one a "
                         "letter or digit",
                         SUPPRESSION_NAME_MAX);
    if (name)
        snprintf(rule->name, sizeof(rule->name), "%s", name);
    if (comment)
        snprintf(rule->comment, sizeof(rule->comment), "%s", comment);
    if (expires)
        time_parse(expires, &rule->expires_ns);
    return 0;
}

static void proposal_answer(const struct suppression *rule, struct http_answer *answer)
{
    int64_t now_ns = clock_now_ns();
    struct json json = json_writer(&answer->body);
    const struct suppression_entry entry = {
        .rule = rule, .created_ns = now_ns, .modified_ns = now_ns};
    suppression_entry_to_json(&entry, now_ns, &json);
}

static void proposal_make(struct api *api, const struct api_request *request,
                          const struct alert *alert, struct http_answer *answer)
{
    struct suppression *rule = NULL;
    struct error error;
    enum suppression_scope scope;
    int reason = disposition_parse(api_text(request, "reason"));
    if (!scope_read(api_text(request, "scope"), &scope) || reason <= DISPOSITION_NONE ||
        reason == DISPOSITION_TRUE_POSITIVE) {
        api_fail(answer, 422, "bad_body",
                 "the scope is entity, domain or both; the reason false-positive, benign, "
                 "expected, test, duplicate or other");
        return;
    }
    int r = suppression_from_alert(alert, scope, (enum disposition)reason, &rule, &error);
    if (r == 0)
        r = proposal_settle(request, rule, &error);
    api_fail_store(answer, r, &error);
    struct suppression_keeping keeping = {rule, SUPPRESSIONS_ADD, request->who.name};
    bool dry_run = api_switch(request, "dry_run", false);
    if (r == 0 && dry_run)
        proposal_answer(rule, answer);
    else if (r == 0 && suppression_keep(api, &keeping, answer))
        one_answer(api, rule->name, answer);
    suppression_free(rule);
}

API_HANDLER(alerts_suppress)
{
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (alert)
        proposal_make(api, request, alert, answer);
    free(alert);
}
