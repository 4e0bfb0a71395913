/* suppressions.c - suppression rules in the store: kept, compiled once, asked for each new alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/suppressions.h"

#include "base/clock.h"
#include "store/audit.h"
#include "store/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OBJECT_MAX = sizeof("suppression/") + SUPPRESSION_NAME_MAX };

#define ENTRY_SQL                                                                                  \
    "SELECT rule, created_ns, modified_ns, hits, last_hit_ns FROM suppression"                     \
    " WHERE :name IS NULL OR name = :name ORDER BY name"

static void time_pair(struct json *json, const char *key, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    time_format(time_ns, text);
    json_pair(json, key, text);
}

void suppression_entry_to_json(const struct suppression_entry *entry, int64_t now_ns,
                               struct json *json)
{
    json_object_begin(json);
    suppression_to_json(entry->rule, suppression_state_at(entry->rule, now_ns), json);
    time_pair(json, "created", entry->created_ns);
    time_pair(json, "modified", entry->modified_ns);
    json_pair_int(json, "hits", (int64_t)entry->hits);
    if (entry->last_hit_ns)
        time_pair(json, "last_hit", entry->last_hit_ns);
    json_object_end(json);
}

/* Reading. */

static int entry_read(struct store *store, sqlite3_stmt *row, struct suppression **ret_rule,
                      struct suppression_entry *ret_entry, struct error *error)
{
    struct suppression *rule;
    const char *text = column_text(row, 0);
    int r = suppression_parse(text, (size_t)sqlite3_column_bytes(row, 0), &rule, error);
    if (r < 0) {
        error_prefix(error, "%s: ", store->path);
        return r;
    }
    *ret_rule = rule;
    *ret_entry = (struct suppression_entry){
        .rule = rule,
        .created_ns = sqlite3_column_int64(row, 1),
        .modified_ns = sqlite3_column_int64(row, 2),
        .hits = (uint64_t)sqlite3_column_int64(row, 3),
        .last_hit_ns = sqlite3_column_int64(row, 4),
    };
    return 0;
}

/* Calls `each` for the rule of this name, or for all; how many there were goes to ret_count. */
static int entries_give(struct store *store, const char *name, suppression_entry_fn each,
                        void *context, size_t *ret_count, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *rows = NULL;
    int rc = SQLITE_DONE, r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, ENTRY_SQL, &rows, error);
    if (r < 0)
        return r;
    bind_text(rows, ":name", name);
    *ret_count = 0;
    while (r == 0 && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
        struct suppression *rule = NULL;
        struct suppression_entry entry;
        r = entry_read(store, rows, &rule, &entry, error);
        if (r == 0)
            r = each(context, &entry, error);
        suppression_free(rule);
        ++*ret_count;
    }
    return r < 0 || rc == SQLITE_DONE
               ? r
               : store_failure(store, rc, "reading the suppression rules", error);
}

static int missing(const struct store *store, const char *name, struct error *error)
{
    return error_set(error, -ENOENT,
                     "%s: there is no suppression rule \"%s\"; `dnsvigil suppress list` shows all",
                     store->path, name);
}

int suppressions_get(struct store *store, const char *name, suppression_entry_fn each,
                     void *context, struct error *error)
{
    size_t count = 0;
    int r = entries_give(store, name, each, context, &count, error);
    return r == 0 && count == 0 ? missing(store, name, error) : r;
}

int suppressions_list(struct store *store, suppression_entry_fn each, void *context,
                      struct error *error)
{
    size_t count;
    return entries_give(store, NULL, each, context, &count, error);
}

/* Changing. */

static int audit(struct store *store, const char *name, const char *actor, const char *action,
                 const char *from, const char *to, struct error *error)
{
    char object[OBJECT_MAX];
    snprintf(object, sizeof(object), "suppression/%s", name);
    const struct audit_entry entry = {
        .actor = actor, .action = action, .object = object, .from = from, .to = to};
    return audit_add(store, &entry, error);
}

/* The rule as it is kept: the text, "" for none, to be freed; NULL without memory. */
static char *rule_text(struct store *store, const char *name, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *row = NULL;
    if (store_prepare(store, ENTRY_SQL, &row, error) < 0)
        return NULL;
    bind_text(row, ":name", name);
    int rc = sqlite3_step(row);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        store_failure(store, rc, "reading a suppression rule", error);
        return NULL;
    }
    char *text = strdup(rc == SQLITE_ROW ? column_text(row, 0) : "");
    if (!text)
        error_set(error, -ENOMEM, "%s: no memory for a suppression rule", store->path);
    return text;
}

static int count_check(struct store *store, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *row = NULL;
    int r = store_prepare(store, "SELECT count(*) FROM suppression", &row, error);
    if (r < 0)
        return r;
    if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int64(row, 0) >= SUPPRESSIONS_MAX)
        return error_set(error, -EDQUOT,
                         "%s: there are %d suppression rules already; remove some that expired",
                         store->path, SUPPRESSIONS_MAX);
    return 0;
}

static int rule_write(struct store *store, const struct suppression *rule, const char *text,
                      struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *row = NULL;
    int r = store_prepare(store,
                          "INSERT INTO suppression (name, rule, created_ns, modified_ns)"
                          " VALUES (:name, :rule, :now_ns, :now_ns) ON CONFLICT (name) DO UPDATE"
                          " SET name = :name, rule = :rule, modified_ns = :now_ns",
                          &row, error);
    if (r < 0)
        return r;
    bind_text(row, ":name", rule->name);
    bind_text(row, ":rule", text);
    bind_int(row, ":now_ns", clock_now_ns());
    return statement_run(store, row, "keeping a suppression rule", error);
}

static int rule_keep(struct store *store, const struct suppression *rule, const char *before,
                     const char *actor, struct error *error)
{
    struct buf buf;
    struct json json = json_writer(&buf);
    buf_init(&buf, SUPPRESSION_JSON_MAX_BYTES);
    json_object_begin(&json);
    suppression_to_json(rule, rule->disabled ? SUPPRESSION_DISABLED : SUPPRESSION_ENABLED, &json);
    json_object_end(&json);
    int r = buf.overflow ? error_set(error, -ENOMEM, "no memory for a suppression rule")
                         : rule_write(store, rule, buf.data, error);
    if (r == 0)
        r = audit(store, rule->name, actor, *before ? "change" : "create", before, buf.data, error);
    buf_done(&buf);
    return r;
}

static int put_within(struct store *store, const struct suppression *rule,
                      enum suppressions_put how, const char *actor, struct error *error)
{
    char *before = rule_text(store, rule->name, error);
    if (!before)
        return -ENOMEM;
    int r = *before ? 0 : count_check(store, error);
    if (*before && how == SUPPRESSIONS_ADD)
        r = error_set(error, -EEXIST,
                      "%s: there is a suppression rule \"%s\"; replace it, or take another name",
                      store->path, rule->name);
    if (r == 0)
        r = rule_keep(store, rule, before, actor, error);
    free(before);
    return r;
}

/* Ends a change; the next alert meets the rules as they are then. */
static int change_end(struct store *store, int r, struct error *error)
{
    suppressions_forget(store);
    return store_end(store, r, error);
}

int suppressions_put(struct store *store, const struct suppression *rule, enum suppressions_put how,
                     const char *actor, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    return change_end(store, put_within(store, rule, how, actor, error), error);
}

struct enabling {
    struct store *store;
    const char *actor;
    bool enabled;
};

static int enable_one(void *context, const struct suppression_entry *entry, struct error *error)
{
    const struct enabling *enabling = context;
    struct suppression changed = *entry->rule; /* borrows the conditions */
    bool same = changed.disabled == !enabling->enabled;
    changed.disabled = !enabling->enabled;
    return same ? 0
                : put_within(enabling->store, &changed, SUPPRESSIONS_REPLACE, enabling->actor,
                             error);
}

int suppressions_enable(struct store *store, const char *name, bool enabled, const char *actor,
                        struct error *error)
{
    struct enabling enabling = {store, actor, enabled};
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = suppressions_get(store, name, enable_one, &enabling, error);
    return change_end(store, r, error);
}

static int remove_within(struct store *store, const char *name, const char *actor,
                         struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *row = NULL;
    char *before = rule_text(store, name, error);
    if (!before)
        return -ENOMEM;
    int r = *before ? audit(store, name, actor, "remove", before, "", error)
                    : missing(store, name, error);
    free(before);
    if (r == 0)
        r = store_prepare(store, "DELETE FROM suppression WHERE name = :name", &row, error);
    if (r < 0)
        return r;
    bind_text(row, ":name", name);
    return statement_run(store, row, "removing a suppression rule", error);
}

int suppressions_remove(struct store *store, const char *name, const char *actor,
                        struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    return change_end(store, remove_within(store, name, actor, error), error);
}

/* What store_put() asks. Rules change through this handle alone: it is the one writer. */

struct suppressions {
    struct suppression **rules; /* in the order in which they are tried */
    size_t count;
};

void suppressions_forget(struct store *store)
{
    for (size_t i = 0; store->suppressions && i < store->suppressions->count; i++)
        suppression_free(store->suppressions->rules[i]);
    if (store->suppressions)
        free(store->suppressions->rules);
    free(store->suppressions);
    store->suppressions = NULL;
}

/* A rule that cannot be read hides nothing: `suppress list` says what is wrong with it. */
static int rules_load(struct store *store, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *rows = NULL;
    int rc, r = store_prepare(store, ENTRY_SQL, &rows, error);
    if (r < 0)
        return r;
    store->suppressions = calloc(1, sizeof(*store->suppressions));
    if (store->suppressions)
        store->suppressions->rules = calloc(SUPPRESSIONS_MAX, sizeof(struct suppression *));
    if (!store->suppressions || !store->suppressions->rules)
        return error_set(error, -ENOMEM, "%s: no memory for suppression rules", store->path);
    struct suppressions *all = store->suppressions;
    while ((rc = sqlite3_step(rows)) == SQLITE_ROW && all->count < SUPPRESSIONS_MAX) {
        struct suppression_entry entry;
        if (entry_read(store, rows, &all->rules[all->count], &entry, error) == 0)
            all->count++;
    }
    return rc == SQLITE_DONE || rc == SQLITE_ROW
               ? 0
               : store_failure(store, rc, "reading the suppression rules", error);
}

int suppressions_match(struct store *store, const struct alert *alert, int64_t now_ns,
                       const struct suppression **ret_rule, struct error *error)
{
    int r = store->suppressions ? 0 : rules_load(store, error);
    if (r < 0) {
        suppressions_forget(store);
        return r;
    }
    const struct suppressions *all = store->suppressions;
    *ret_rule = NULL;
    for (size_t i = 0; i < all->count && !*ret_rule; i++)
        if (suppression_state_at(all->rules[i], now_ns) == SUPPRESSION_ENABLED &&
            suppression_matches(all->rules[i], alert))
            *ret_rule = all->rules[i];
    return 0;
}

static int hit_count(struct store *store, const char *name, int64_t now_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *row = NULL;
    int r = store_prepare(store,
                          "UPDATE suppression SET hits = hits + 1, last_hit_ns = :now_ns"
                          " WHERE name = :name",
                          &row, error);
    if (r < 0)
        return r;
    bind_text(row, ":name", name);
    bind_int(row, ":now_ns", now_ns);
    return statement_run(store, row, "counting a suppression", error);
}

int suppressions_hit(struct store *store, const struct suppression *rule, const char *alert_id,
                     int64_t now_ns, struct error *error)
{
    char actor[sizeof("rule:") + SUPPRESSION_NAME_MAX];
    char object[sizeof("alert/") + ALERT_ID_MAX];
    snprintf(actor, sizeof(actor), "rule:%s", rule->name);
    snprintf(object, sizeof(object), "alert/%s", alert_id);
    const struct audit_entry entry = {
        .time_ns = now_ns,
        .actor = actor,
        .action = "status",
        .object = object,
        .from = alert_status_names[ALERT_STATUS_ACTIVE][LANGUAGE_EN],
        .to = alert_status_names[ALERT_STATUS_DISMISSED][LANGUAGE_EN],
        .reason = disposition_names[rule->reason][LANGUAGE_EN],
        .comment = rule->comment,
    };
    int r = hit_count(store, rule->name, now_ns, error);
    return r == 0 ? audit_add(store, &entry, error) : r;
}
