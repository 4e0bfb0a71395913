/* isolation.c - machines cut off and names blocked: asked for, shown, applied, undone, expired
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/isolation.h"

#include "base/clock.h"
#include "respond/artefact.h"
#include "respond/diff.h"
#include "respond/isolation_check.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file is read, made and written by one at a time. */
static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;

static const uint32_t open_states =
    1u << ISOLATION_PROPOSED | 1u << ISOLATION_APPLIED | 1u << ISOLATION_FAILED;

/* Targets and their files. */

static const struct config_isolation_target *target_find(const struct isolation_desk *desk,
                                                         const char *name, struct error *error)
{
    const struct config_isolation_target_list *targets = &desk->config->isolation.targets;
    for (uint32_t i = 0; i < targets->count; i++)
        if (strcmp(targets->items[i].name, name) == 0)
            return &targets->items[i];
    error_set(error, -ENOENT, "there is no target %s in isolation.targets of the configuration",
              name);
    return NULL;
}

/* The target that is meant when none is named. */
static const struct config_isolation_target *target_only(const struct isolation_desk *desk,
                                                         bool is_name, struct error *error)
{
    const struct config_isolation_target_list *targets = &desk->config->isolation.targets;
    const struct config_isolation_target *found = NULL;
    for (uint32_t i = 0; i < targets->count; i++) {
        if (is_name && !artefacts[targets->items[i].type].names)
            continue;
        if (found) {
            error_set(error, -EINVAL, "there are several targets, such as %s and %s: say which",
                      found->name, targets->items[i].name);
            return NULL;
        }
        found = &targets->items[i];
    }
    if (!found)
        error_set(error, -ENOENT,
                  "there is no target for this in isolation.targets of the configuration");
    return found;
}

void isolation_job_init(struct configured_job *job, const struct config_isolation_target *target)
{
    configured_job_init(job, target->path, &target->command, target->timeout_s);
}

/* What is in a target's file. */
struct contents {
    int64_t now_ns;
    uint64_t without; /* an id, 0 for none */
    struct isolated *items;
    size_t count;
};

static int contents_add(struct contents *contents, const struct isolation *isolation,
                        int64_t until_ns, struct error *error)
{
    if (contents->count == ISOLATIONS_ACTIVE_MAX)
        return error_set(error, -ENOSPC, "more than %d isolations for %s", ISOLATIONS_ACTIVE_MAX,
                         isolation->target);
    struct isolated *item = &contents->items[contents->count];
    if (!isolated_parse(isolation->what, item))
        return error_set(error, -EBADMSG, "isolation %" PRIu64 ": %s is neither address nor name",
                         isolation->id, isolation->what);
    item->until_ns = until_ns;
    contents->count++;
    return 0;
}

/* An isolation_fn. */
static int contents_take(void *context, const struct isolation *isolation, struct error *error)
{
    struct contents *contents = context;
    if (isolation->id == contents->without || isolation->expires_ns <= contents->now_ns)
        return 0;
    return contents_add(contents, isolation, isolation->expires_ns, error);
}

/* A target's file as it is to be: all that is applied and has not ended, with or without one. */
struct plan {
    const struct config_isolation_target *target;
    const struct isolation *with; /* NULL for none */
    uint64_t without;
    int64_t now_ns;
    uint32_t serial; /* set by plan_write() */
};

static int contents_read(const struct isolation_desk *desk, const struct plan *plan,
                         struct contents *contents, struct error *error)
{
    const struct isolation_filter filter = {.target = plan->target->name,
                                            .states = 1u << ISOLATION_APPLIED};
    int r = isolations_list(desk->store, &filter, contents_take, contents, error);
    if (r == 0 && plan->with)
        r = contents_add(contents, plan->with, plan->now_ns + plan->with->hours * 3600 * NS_PER_S,
                         error);
    if (r == 0)
        contents->count = isolated_prepare(contents->items, contents->count);
    return r;
}

/* Serials are seconds where those rise by themselves: so they do over a lost store, too. */
static uint32_t serial_next(uint32_t last, int64_t now_ns)
{
    uint32_t now_s = (uint32_t)(now_ns / NS_PER_S);
    return now_s > last ? now_s : last + 1;
}

static int plan_write(const struct isolation_desk *desk, struct plan *plan, struct buf *buf,
                      struct error *error)
{
    uint32_t last = 0;
    struct contents contents = {.now_ns = plan->now_ns, .without = plan->without};
    contents.items = calloc(ISOLATIONS_ACTIVE_MAX, sizeof(*contents.items));
    if (!contents.items)
        return error_set(error, -ENOMEM, "no memory for a list of isolations");
    int r = isolations_serial(desk->store, plan->target->name, &last, error);
    if (r == 0)
        r = contents_read(desk, plan, &contents, error);
    if (r == 0) {
        plan->serial = serial_next(last, plan->now_ns);
        const struct artefact_input input = {contents.items, contents.count, plan->serial,
                                             plan->now_ns, plan->target->zone};
        r = artefacts[plan->target->type].write(&input, buf, error);
    }
    free(contents.items);
    return r == 0 && buf->overflow
               ? error_set(error, -EFBIG, "%s: too much is isolated for one file",
                           plan->target->path)
               : r;
}

static int plan_carry_out(const struct isolation_desk *desk, struct plan *plan, struct error *error)
{
    struct configured_job job;
    struct command_result result;
    struct buf bytes;
    buf_init(&bytes, ARTEFACT_BYTES_MAX);
    int r = plan_write(desk, plan, &bytes, error);
    isolation_job_init(&job, plan->target);
    if (r == 0)
        r = desk->runner.run(desk->runner.arg, &job.job, bytes.data, bytes.len, &result, error);
    buf_done(&bytes);
    return r;
}

/* What the store is told, on its thread. */

static int change_write(void *arg, struct store *store, struct error *error)
{
    return isolations_change(store, arg, error);
}

static int tell(const struct isolation_desk *desk, struct isolation_change *change,
                struct error *error)
{
    change->actor = desk->actor;
    return desk->writer.write(desk->writer.arg, change_write, change, error);
}

/* Keeps a failure with the isolation; `error`, which tells of it, stays what it is. */
static void tell_failure(const struct isolation_desk *desk, const struct isolation *isolation,
                         enum isolation_state to, const struct error *error)
{
    struct error ignored;
    char failure[sizeof(isolation->failure)];
    snprintf(failure, sizeof(failure), "%.*s", (int)sizeof(failure) - 1, error->text);
    if (isolation->state == to && strcmp(isolation->failure, failure) == 0)
        return; /* again the same, as when a sweep tries every minute */
    struct isolation_change change = {.id = isolation->id,
                                      .from = isolation->state,
                                      .to = to,
                                      .failure = failure,
                                      .now_ns = clock_now_ns()};
    tell(desk, &change, &ignored);
}

/* What is asked for. */

struct addition {
    struct isolation isolation;
    uint64_t id;
};

static int addition_write(void *arg, struct store *store, struct error *error)
{
    struct addition *addition = arg;
    return isolations_add(store, &addition->isolation, &addition->id, error);
}

/* Whether the alert is about it. */
static bool concerns(const struct isolated *item, const struct alert *alert)
{
    struct isolated other;
    const char *domain = alert->domain[0] ? alert->domain : alert->qname;
    if (!item->is_name)
        return isolated_parse(alert->entity_ip, &other) && isolated_holds(item, &other);
    return name_from_text(&other.name, domain, strlen(domain)) &&
           name_is_under(&item->name, &other.name);
}

/* The text that the store keeps: canonical, so that the same is the same. */
static void what_write(const struct isolated *item, char text[static NAME_TEXT_MAX])
{
    char network[ADDR_TEXT_MAX];
    if (item->is_name) {
        name_to_text(&item->name, 0, text);
        return;
    }
    prefix_format(&item->network, network);
    strcpy(text, network);
}

static int count_one(void *context, const struct isolation *isolation, struct error *error)
{
    (void)isolation;
    size_t *count = context;
    return ++*count < ISOLATIONS_ACTIVE_MAX
               ? 0
               : error_set(error, -ENOSPC,
                           "%d isolations are open, which is the most; undo some first",
                           ISOLATIONS_ACTIVE_MAX);
}

static int hours_check(const struct isolation_desk *desk, uint32_t hours, struct error *error)
{
    if (hours <= desk->config->isolation.hours_max)
        return 0;
    return error_set(error, -EINVAL, "%" PRIu32 " hours: at most %" PRIu32 " (isolation.hours_max)",
                     hours, desk->config->isolation.hours_max);
}

/* What the request means for this alert. */
static int item_find(const struct isolation_request *request, const struct alert *alert,
                     struct isolated *ret_item, struct error *error)
{
    const char *what = request->what ? request->what : alert->entity_ip;
    if (!isolated_parse(what, ret_item))
        return error_set(error, -EINVAL,
                         "\"%s\" is neither an address, nor a CIDR block, nor a name", what);
    if (!concerns(ret_item, alert))
        return error_set(error, -EINVAL,
                         "%s: the alert is about %s and %s; isolate its machine, a network with "
                         "it, its domain or a name below",
                         what, alert->entity_ip, alert->domain[0] ? alert->domain : alert->qname);
    return 0;
}

static int request_check(const struct isolation_desk *desk, const struct isolation_request *request,
                         struct isolation *ret, struct error *error)
{
    struct isolated item;
    struct alert *alert = malloc(sizeof(*alert));
    if (!alert)
        return error_set(error, -ENOMEM, "no memory for an alert");
    int r = store_get(desk->store, request->alert_id, alert, error);
    if (r == 0)
        r = item_find(request, alert, &item, error);
    if (r == 0)
        snprintf(ret->alert_id, sizeof(ret->alert_id), "%s", alert->id);
    free(alert);
    if (r < 0)
        return r;
    const struct config_isolation_target *target = request->target
                                                       ? target_find(desk, request->target, error)
                                                       : target_only(desk, item.is_name, error);
    if (!target)
        return -ENOENT;
    what_write(&item, ret->what);
    snprintf(ret->target, sizeof(ret->target), "%s", target->name);
    return isolation_check(desk, &item, target, ret->what, error);
}

/* Shows early what could not be written later, such as a name too long for the zone. */
static int request_try(const struct isolation_desk *desk, const struct isolation *isolation,
                       struct error *error)
{
    struct buf buf;
    struct plan plan = {.target = target_find(desk, isolation->target, error),
                        .with = isolation,
                        .now_ns = isolation->requested_ns};
    buf_init(&buf, ARTEFACT_BYTES_MAX);
    int r = plan_write(desk, &plan, &buf, error);
    buf_done(&buf);
    return r;
}

int isolation_request(const struct isolation_desk *desk, const struct isolation_request *request,
                      uint64_t *ret_id, struct error *error)
{
    size_t open = 0;
    const struct isolation_filter filter = {.states = open_states};
    struct addition addition = {
        .isolation = {.hours = request->hours ? request->hours : desk->config->isolation.hours,
                      .requested_ns = clock_now_ns()}};
    struct isolation *isolation = &addition.isolation;
    snprintf(isolation->actor, sizeof(isolation->actor), "%s", desk->actor);
    snprintf(isolation->reason, sizeof(isolation->reason), "%s",
             request->reason ? request->reason : "");
    int r = hours_check(desk, isolation->hours, error);
    if (r == 0)
        r = request_check(desk, request, isolation, error);
    if (r == 0)
        r = isolations_list(desk->store, &filter, count_one, &open, error);
    if (r == 0)
        r = request_try(desk, isolation, error);
    if (r == 0)
        r = desk->writer.write(desk->writer.arg, addition_write, &addition, error);
    if (r == 0)
        *ret_id = addition.id;
    return r;
}

/* Showing, applying, undoing. */

static bool is_pending(const struct isolation *isolation)
{
    return isolation->state == ISOLATION_PROPOSED || isolation->state == ISOLATION_FAILED;
}

/* The file with it when it is pending, without it otherwise. */
static int plan_for(const struct isolation_desk *desk, const struct isolation *isolation,
                    struct plan *ret_plan, struct error *error)
{
    *ret_plan = (struct plan){.target = target_find(desk, isolation->target, error),
                              .with = is_pending(isolation) ? isolation : NULL,
                              .without = isolation->id,
                              .now_ns = clock_now_ns()};
    return ret_plan->target ? 0 : -ENOENT;
}

static int preview_write(const struct isolation_desk *desk, struct plan *plan, struct buf *diff,
                         struct error *error)
{
    struct buf buf;
    struct configured_job job;
    char *bytes = NULL;
    size_t len = 0;
    buf_init(&buf, ARTEFACT_BYTES_MAX);
    isolation_job_init(&job, plan->target);
    int r = desk->runner.read(desk->runner.arg, &job.job, &bytes, &len, error);
    if (r == 0)
        r = plan_write(desk, plan, &buf, error);
    if (r == 0 && !diff_write(bytes ? bytes : "", len, buf.data, buf.len, plan->target->path, diff))
        r = error_set(error, -ENOMEM, "no memory for a diff");
    free(bytes);
    buf_done(&buf);
    return r;
}

int isolation_preview(const struct isolation_desk *desk, uint64_t id, struct buf *diff,
                      struct error *error)
{
    struct isolation isolation;
    struct plan plan = {0};
    int r = isolations_get(desk->store, id, &isolation, error);
    if (r == 0)
        r = plan_for(desk, &isolation, &plan, error);
    return r < 0 ? r : preview_write(desk, &plan, diff, error);
}

/* The configuration may have become stricter since it was asked for. */
static int check_again(const struct isolation_desk *desk, const struct isolation *isolation,
                       const struct config_isolation_target *target, struct error *error)
{
    struct isolated item;
    if (!isolated_parse(isolation->what, &item))
        return error_set(error, -EBADMSG, "%s: neither address nor name", isolation->what);
    return isolation_check(desk, &item, target, isolation->what, error);
}

/* The store could not be told: the file goes back to what the store says. */
static void take_back(const struct isolation_desk *desk, const struct plan *plan,
                      struct error *error)
{
    struct error why;
    struct plan back = {.target = plan->target, .now_ns = plan->now_ns};
    if (plan_carry_out(desk, &back, &why) < 0)
        error_prefix(error, "%s could not be put back (%s) after: ", plan->target->path, why.text);
}

static int state_check(const struct isolation *isolation, bool undo, struct error *error)
{
    if (is_pending(isolation) || (undo && isolation->state == ISOLATION_APPLIED))
        return 0;
    return error_set(error, -EALREADY, "isolation %" PRIu64 " is %s%s", isolation->id,
                     isolation_states[isolation->state],
                     undo ? " already" : "; only what is proposed or has failed can be applied");
}

int isolation_check_state(const struct isolation_desk *desk, uint64_t id, bool undo,
                          struct error *error)
{
    struct isolation isolation;
    int r = isolations_get(desk->store, id, &isolation, error);
    return r < 0 ? r : state_check(&isolation, undo, error);
}

static int apply_locked(const struct isolation_desk *desk, uint64_t id, struct error *error)
{
    struct isolation isolation;
    struct plan plan = {0};
    int r = isolations_get(desk->store, id, &isolation, error);
    if (r == 0)
        r = state_check(&isolation, false, error);
    if (r < 0)
        return r;
    r = plan_for(desk, &isolation, &plan, error);
    if (r == 0)
        r = check_again(desk, &isolation, plan.target, error);
    if (r == 0)
        r = plan_carry_out(desk, &plan, error);
    if (r < 0) {
        tell_failure(desk, &isolation, ISOLATION_FAILED, error);
        return r;
    }
    struct isolation_change change = {.id = id,
                                      .from = isolation.state,
                                      .to = ISOLATION_APPLIED,
                                      .failure = "",
                                      .now_ns = plan.now_ns,
                                      .serial = plan.serial};
    r = tell(desk, &change, error);
    if (r < 0)
        take_back(desk, &plan, error);
    return r;
}

int isolation_apply(const struct isolation_desk *desk, uint64_t id, struct error *error)
{
    pthread_mutex_lock(&files_lock);
    int r = apply_locked(desk, id, error);
    pthread_mutex_unlock(&files_lock);
    return r;
}

static int undo_locked(const struct isolation_desk *desk, uint64_t id, struct error *error)
{
    struct isolation isolation;
    struct plan plan = {0};
    int r = isolations_get(desk->store, id, &isolation, error);
    if (r == 0)
        r = state_check(&isolation, true, error);
    if (r < 0)
        return r;
    bool applied = isolation.state == ISOLATION_APPLIED;
    if (applied) {
        r = plan_for(desk, &isolation, &plan, error);
        if (r == 0)
            r = plan_carry_out(desk, &plan, error);
    }
    if (r < 0) {
        tell_failure(desk, &isolation, ISOLATION_APPLIED, error);
        return r;
    }
    struct isolation_change change = {.id = id,
                                      .from = isolation.state,
                                      .to = ISOLATION_UNDONE,
                                      .failure = "",
                                      .now_ns = clock_now_ns(),
                                      .serial = plan.serial};
    r = tell(desk, &change, error);
    if (r < 0 && applied)
        take_back(desk, &plan, error);
    return r;
}

int isolation_undo(const struct isolation_desk *desk, uint64_t id, struct error *error)
{
    pthread_mutex_lock(&files_lock);
    int r = undo_locked(desk, id, error);
    pthread_mutex_unlock(&files_lock);
    return r;
}

/* What has ended for one target. */
struct ended {
    struct isolation *items;
    size_t count;
};

enum { ENDED_MAX = 256 }; /* by one sweep of a target; the next takes the rest */

static int ended_take(void *context, const struct isolation *isolation, struct error *error)
{
    (void)error;
    struct ended *ended = context;
    ended->items[ended->count++] = *isolation;
    return 0;
}

static int ended_tell(const struct isolation_desk *desk, const struct ended *ended,
                      const struct plan *plan, struct error *error)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < ended->count; i++) {
        struct isolation_change change = {.id = ended->items[i].id,
                                          .from = ISOLATION_APPLIED,
                                          .to = ISOLATION_EXPIRED,
                                          .failure = "",
                                          .now_ns = plan->now_ns,
                                          .serial = plan->serial};
        r = tell(desk, &change, error);
    }
    return r;
}

static int target_sweep(const struct isolation_desk *desk, struct plan *plan, struct ended *ended,
                        struct error *error)
{
    const struct isolation_filter filter = {.target = plan->target->name,
                                            .states = 1u << ISOLATION_APPLIED,
                                            .expired_ns = plan->now_ns,
                                            .limit = ENDED_MAX};
    ended->count = 0;
    int r = isolations_list(desk->store, &filter, ended_take, ended, error);
    if (r < 0 || ended->count == 0)
        return r;
    r = plan_carry_out(desk, plan, error);
    if (r == 0)
        return ended_tell(desk, ended, plan, error);
    for (size_t i = 0; i < ended->count; i++)
        tell_failure(desk, &ended->items[i], ISOLATION_APPLIED, error);
    return r;
}

int isolation_sweep(const struct isolation_desk *desk, int64_t now_ns, size_t *ret_expired,
                    struct error *error)
{
    const struct config_isolation_target_list *targets = &desk->config->isolation.targets;
    struct ended ended = {.items = calloc(ENDED_MAX, sizeof(*ended.items))};
    size_t expired = 0;
    int last = 0;
    if (!ended.items)
        return error_set(error, -ENOMEM, "no memory for a list of isolations");
    pthread_mutex_lock(&files_lock);
    for (uint32_t i = 0; i < targets->count; i++) {
        struct plan plan = {.target = &targets->items[i], .now_ns = now_ns};
        int r = target_sweep(desk, &plan, &ended, error);
        last = r < 0 ? r : last;
        expired += r == 0 ? ended.count : 0;
    }
    pthread_mutex_unlock(&files_lock);
    free(ended.items);
    *ret_expired = expired;
    return last;
}
