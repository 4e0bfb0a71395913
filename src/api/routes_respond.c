/* routes_respond.c - owners asked and their answers, the checklist, what is sent, automation rules
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alerts.h"

#include "alert/record.h"
#include "api/gate.h"
#include "base/clock.h"
#include "respond/automation.h"
#include "respond/contact.h"
#include "store/checklist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Owners. */

static void inquiry_item(struct json *json, const struct inquiry *inquiry)
{
    json_object_begin(json);
    json_pair(json, "id", inquiry->id);
    json_pair(json, "address", inquiry->address);
    json_pair(json, "by", inquiry->asked_by);
    api_pair_time(json, "asked", inquiry->asked_ns);
    api_pair_time(json, "expires", inquiry->expires_ns);
    json_pair(json, "state", contact_names[inquiry->answer][LANGUAGE_EN]);
    api_pair_time(json, "answered", inquiry->answered_ns);
    json_pair_opt(json, "answered_by", inquiry->answered_by);
    json_object_end(json);
}

static void inquiries_answer(struct api *api, const char *alert_id, struct http_answer *answer)
{
    struct error error;
    size_t count = 0;
    struct inquiry *inquiries = calloc(INQUIRY_LISTED_MAX, sizeof(*inquiries));
    int r = inquiries ? inquiries_of(api->read, alert_id, inquiries, &count, &error)
                      : error_set(&error, -ENOMEM, "no memory for inquiries");
    struct json json = api_list_begin(answer);
    for (size_t i = 0; i < count; i++)
        inquiry_item(&json, &inquiries[i]);
    api_list_end(&json, NULL);
    api_fail_store(answer, r, &error);
    free(inquiries);
}

API_HANDLER(inquiries_show)
{
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (alert)
        inquiries_answer(api, alert->id, answer);
    free(alert);
}

API_HANDLER(inquiries_ask)
{
    struct error error;
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (!alert)
        return;
    int r = contact_ask(api->config, &api->writer, alert, api_text(request, "address"),
                        request->who.name, clock_now_ns(), &error);
    if (r == 0)
        inquiries_answer(api, alert->id, answer);
    api_fail_store(answer, r, &error);
    free(alert);
}

API_HANDLER(inquiries_record)
{
    struct error error;
    const char *comment = api_text(request, "comment");
    int given = contact_parse(api_text(request, "answer"));
    if (given != CONTACT_EXPECTED && given != CONTACT_NOT_EXPECTED && given != CONTACT_NOT_MINE) {
        api_fail(answer, 422, "invalid", "an answer is expected, not_expected or not_mine");
        return;
    }
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (!alert)
        return;
    int r = contact_record(&api->writer, alert->id, (enum contact)given, request->who.name,
                           comment ? comment : "", clock_now_ns(), &error);
    api_fail_store(answer, r, &error);
    free(alert);
}

/* What an owner's browser shows. It may send the form, and nothing else. */
static const char page_policy[] =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/* Who knows a link may use it however often others guess: only the guessing is slowed down, for
 * each address, and apart from logins. */
static void guess_note(struct api *api, const struct api_request *request,
                       struct http_answer *answer)
{
    char who[ADDR_TEXT_MAX + 8];
    snprintf(who, sizeof(who), "answer/%s", request->address);
    unsigned wait_s = gate_wait_s(api->gate, who, who);
    if (wait_s == 0) {
        gate_failed(api->gate, who, who);
        return;
    }
    answer->code = 429;
    answer->retry_after_s = wait_s;
}

API_HANDLER(answer_page)
{
    enum language language =
        request->language_told ? request->language : (enum language)api->config->contact.language;
    answer->type = "text/html; charset=utf-8";
    answer->policy = page_policy;
    answer->code =
        contact_page(api->config, api->read, &api->writer, request->captures[0],
                     request->method == HTTP_POST, language, clock_now_ns(), &answer->body);
    if (answer->code == 403)
        guess_note(api, request, answer);
}

/* The checklist. */

static void checklist_answer(struct api *api, const char *alert_id, enum language language,
                             struct http_answer *answer)
{
    struct checklist_row rows[RESPONSE_ACTION_COUNT];
    struct error error;
    int r = checklist_get(api->read, alert_id, rows, &error);
    api_fail_store(answer, r, &error);
    if (r < 0)
        return;
    struct json json = api_list_begin(answer);
    for (int i = 0; i < RESPONSE_ACTION_COUNT; i++) {
        json_object_begin(&json);
        json_pair(&json, "slug", response_actions[i].slug);
        json_pair(&json, "text", response_actions[i].text[language]);
        json_pair(&json, "state", action_states[rows[i].state]);
        json_pair_opt(&json, "by", rows[i].by);
        api_pair_time(&json, "at", rows[i].at_ns);
        json_pair_opt(&json, "note", rows[i].note);
        json_object_end(&json);
    }
    api_list_end(&json, NULL);
}

API_HANDLER(checklist_show)
{
    struct alert *alert = api_alert(api, request->captures[0], answer);
    if (alert)
        checklist_answer(api, alert->id, api_language(request), answer);
    free(alert);
}

struct check {
    const char *alert_id, *actor, *note;
    int action, state;
};

/* A store_write_fn. */
static int check_write(void *arg, struct store *store, struct error *error)
{
    const struct check *check = arg;
    return checklist_set(store, check->alert_id, (enum response_action)check->action,
                         (enum action_state)check->state, check->actor, check->note, error);
}

static int action_find(const char *slug)
{
    for (int i = 0; i < RESPONSE_ACTION_COUNT; i++)
        if (strcmp(slug, response_actions[i].slug) == 0)
            return i;
    return -1;
}

API_HANDLER(checklist_put)
{
    const char *note = api_text(request, "note");
    struct check check = {.actor = request->who.name,
                          .note = note ? note : "",
                          .action = action_find(request->captures[1]),
                          .state = action_state_parse(api_text(request, "state"))};
    if (check.action < 0)
        api_fail(answer, 404, "not_found", "there is no action \"%s\"", request->captures[1]);
    else if (check.state < 0)
        api_fail(answer, 422, "invalid", "a state is to_do, done or not_applicable");
    struct alert *alert = answer->code < 400 ? api_alert(api, request->captures[0], answer) : NULL;
    if (!alert)
        return;
    check.alert_id = alert->id;
    if (api_write(api, check_write, &check, answer))
        checklist_answer(api, alert->id, api_language(request), answer);
    free(alert);
}

/* What is sent and run. */

struct listing {
    struct json json;
    uint64_t limit, count, last;
};

/* A delivery_fn. */
static int delivery_item(void *context, const struct delivery *delivery, struct error *error)
{
    struct listing *listing = context;
    struct json *json = &listing->json;
    (void)error;
    listing->count++;
    listing->last = delivery->seq;
    json_object_begin(json);
    json_pair_int(json, "seq", (int64_t)delivery->seq);
    api_pair_time(json, "time", delivery->made_ns);
    json_pair(json, "kind", delivery_kind_slugs[delivery->kind]);
    json_pair(json, "channel", delivery_channel_slugs[delivery->channel]);
    json_pair(json, "state", delivery_state_slugs[delivery->state]);
    json_pair_opt(json, "origin", delivery->origin);
    json_pair_opt(json, "target", delivery->target);
    json_pair(json, "object", delivery->object);
    json_pair_int(json, "attempts", delivery->attempts);
    if (delivery->state == DELIVERY_STATE_PENDING)
        api_pair_time(json, "due", delivery->due_ns);
    json_pair_opt(json, "result", delivery->result);
    json_object_end(json);
    return 0;
}

static bool kinds_read(const struct api_request *request, uint32_t *ret_kinds,
                       struct http_answer *answer)
{
    const char *kind = api_parameter(request, "kind");
    *ret_kinds = 0;
    for (unsigned i = 0; kind && i < DELIVERY_KIND_COUNT; i++)
        if (strcmp(kind, delivery_kind_slugs[i]) == 0)
            *ret_kinds = 1u << i;
    if (!kind || *ret_kinds)
        return true;
    api_fail(answer, 400, "bad_parameter", "a kind is alert, digest, contact or automation");
    return false;
}

API_HANDLER(deliveries_show)
{
    char next[24] = "";
    struct error error;
    struct delivery_filter filter = {.origin = api_parameter(request, "origin"),
                                     .object = api_parameter(request, "about"),
                                     .limit =
                                         api_parameter_number(request, "limit", API_ITEMS_MAX)};
    if (!kinds_read(request, &filter.kinds, answer) || !api_cursor(request, &filter.below, answer))
        return;
    struct listing listing = {.json = api_list_begin(answer)};
    int r = deliveries_list(api->read, &filter, delivery_item, &listing, &error);
    if (listing.count == filter.limit && listing.last > 1)
        snprintf(next, sizeof(next), "%" PRIu64, listing.last);
    api_list_end(&listing.json, next);
    api_fail_store(answer, r, &error);
}

/* Rules. */

static void names_pair(struct json *json, const char *key, const struct config_names *names)
{
    if (names->count == 0)
        return;
    json_key(json, key);
    json_array_begin(json);
    for (uint32_t i = 0; i < names->count; i++)
        json_text(json, names->items[i].text);
    json_array_end(json);
}

static void networks_pair(struct json *json, const char *key,
                          const struct config_networks *networks)
{
    char text[ADDR_TEXT_MAX];
    if (networks->count == 0)
        return;
    json_key(json, key);
    json_array_begin(json);
    for (uint32_t i = 0; i < networks->count; i++) {
        prefix_format(&networks->items[i], text);
        json_text(json, text);
    }
    json_array_end(json);
}

static void rule_item(struct json *json, const struct config_automation *rule)
{
    json_object_begin(json);
    json_pair(json, "name", rule->name);
    json_key(json, "enabled");
    json_bool(json, rule->enabled);
    json_pair(json, "runs", rule->command.count ? rule->command.items[0].text : "webhook");
    json_pair(json, "severity_min", severity_names[rule->severity_min][LANGUAGE_EN]);
    names_pair(json, "types", &rule->types);
    networks_pair(json, "entities", &rule->entities);
    names_pair(json, "domains", &rule->domains);
    names_pair(json, "tags", &rule->tags);
    json_key(json, "changed");
    json_bool(json, rule->changed);
    json_object_end(json);
}

API_HANDLER(automation_show)
{
    (void)request;
    struct json json = api_list_begin(answer);
    for (uint32_t i = 0; i < api->config->automation.count; i++)
        rule_item(&json, &api->config->automation.items[i]);
    api_list_end(&json, NULL);
}

enum { TRIAL_ALERTS_MAX = 100000, TRIAL_DAYS = 7, TRIAL_SHOWN = 10 };

struct trial {
    const struct config_automation *rule;
    struct json json;
    enum language language;
    uint64_t looked_at, matched, shown_max;
};

/* A store_alert_fn. */
static int trial_add(void *context, const struct alert *alert, struct error *error)
{
    struct trial *trial = context;
    (void)error;
    trial->looked_at++;
    if (automation_matches(trial->rule, alert) && trial->matched++ < trial->shown_max)
        alert_to_json(alert, trial->language, &trial->json);
    return 0;
}

API_HANDLER(automation_test)
{
    struct error error;
    int64_t since_ns = api_parameter_time(request, "since");
    struct trial trial = {.rule = automation_find(api->config, request->captures[0]),
                          .language = api_language(request),
                          .shown_max = api_parameter_number(request, "limit", TRIAL_SHOWN)};
    if (!trial.rule) {
        api_fail(answer, 404, "not_found", "there is no automation rule \"%s\"",
                 request->captures[0]);
        return;
    }
    const struct store_filter filter = {
        .since_ns = since_ns ? since_ns : clock_now_ns() - TRIAL_DAYS * 24ll * 3600 * NS_PER_S,
        .limit = TRIAL_ALERTS_MAX};
    trial.json = json_writer(&answer->body);
    json_object_begin(&trial.json);
    json_key(&trial.json, "items");
    json_array_begin(&trial.json);
    int r = store_list(api->read, &filter, trial_add, &trial, &error);
    json_array_end(&trial.json);
    json_pair_int(&trial.json, "looked_at", (int64_t)trial.looked_at);
    json_pair_int(&trial.json, "matched", (int64_t)trial.matched);
    json_object_end(&trial.json);
    api_fail_store(answer, r, &error);
}
