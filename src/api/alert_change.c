/* alert_change.c - what a request wants to change about alerts
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/alert_change.h"

#include <stdlib.h>
#include <string.h>

/* The keys whose values are words. */
static const struct {
    const char *key;
    int (*parse)(const char *text);
    size_t offset; /* in struct store_change */
    int none;      /* what "none" is, or STORE_LEAVE */
} words[] = {
    {"status", alert_status_parse, offsetof(struct store_change, status), STORE_LEAVE},
    {"disposition", disposition_parse, offsetof(struct store_change, disposition),
     DISPOSITION_NONE},
    {"feedback", feedback_parse, offsetof(struct store_change, feedback), FEEDBACK_NONE},
    {"contact", contact_parse, offsetof(struct store_change, contact), CONTACT_NONE},
};

static bool word_read(const struct api_request *request, size_t i, struct store_change *change,
                      struct http_answer *answer)
{
    const char *text = api_text(request, words[i].key);
    if (!text)
        return true;
    int value = strcmp(text, "none") == 0 ? words[i].none : words[i].parse(text);
    if (value < 0)
        api_fail(answer, 422, "bad_body", "\"%s\" cannot be \"%s\"", words[i].key, text);
    *(int *)((char *)change + words[i].offset) = value;
    return value >= 0;
}

/* An ETag of ours is the revision in quotes. */
static bool revision_read(const struct api_request *request, struct store_change *change,
                          struct http_answer *answer)
{
    const char *tag = request->if_match;
    change->if_revision = (uint32_t)api_number(request, "if_revision", 0);
    if (!tag || strcmp(tag, "*") == 0)
        return true;
    char *end = NULL;
    unsigned long revision = *tag == '"' ? strtoul(tag + 1, &end, 10) : 0;
    if (revision == 0 || revision > UINT32_MAX || strcmp(end, "\"") != 0) {
        api_fail(answer, 412, "changed_meanwhile", "If-Match is no revision of an alert");
        return false;
    }
    change->if_revision = (uint32_t)revision;
    return true;
}

static bool is_empty(const struct store_change *change)
{
    return change->status < 0 && change->disposition < 0 && change->feedback < 0 &&
           change->contact < 0 && change->compromised < 0 && !change->assignee &&
           !change->feedback_reason && !change->comment;
}

bool alert_change_read(const struct api_request *request, struct store_change *ret_change,
                       struct http_answer *answer)
{
    struct store_change change = STORE_CHANGE_NONE;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (!word_read(request, i, &change, answer))
            return false;
    if (!revision_read(request, &change, answer))
        return false;
    change.compromised = api_switch(request, "compromised", STORE_LEAVE);
    change.assignee = api_text(request, "assignee");
    change.feedback_reason = api_text(request, "feedback_reason");
    change.reason = api_text(request, "reason");
    change.comment = api_text(request, "comment");
    change.actor = request->who.name;
    if (is_empty(&change)) {
        api_fail(answer, 422, "bad_body",
                 "say what is to change: status, disposition, assignee, "
                 "comment or the like");
        return false;
    }
    alert_change_settle(&change);
    *ret_change = change;
    return true;
}

void alert_change_settle(struct store_change *change)
{
    bool opens =
        change->status == ALERT_STATUS_ACTIVE || change->status == ALERT_STATUS_IN_PROGRESS;
    if (opens && change->disposition < 0)
        change->disposition = DISPOSITION_NONE;
}

/* A store_write_fn. */
static int changing_write(void *arg, struct store *store, struct error *error)
{
    struct alert_changing *changing = arg;
    return store_set(store, changing->filter, changing->change, &changing->changed, error);
}

bool alert_change_write(struct api *api, struct alert_changing *changing,
                        struct http_answer *answer)
{
    return api_write(api, changing_write, changing, answer);
}

bool alert_change_one(struct api *api, const char *id, const struct store_change *change,
                      struct http_answer *answer)
{
    const struct store_filter filter = {.ids = &id, .id_count = 1};
    return alert_change_write(api, &(struct alert_changing){&filter, change, 0}, answer);
}
