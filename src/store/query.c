/* query.c - a filter as SQL, and the index that answers it fastest
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"
#include "store/search.h"

#include "base/json.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    IDS_MAX_BYTES = 1 << 24,
    SEQS_MAX_BYTES = 1 << 22,
};

/* A condition of a filter that an index answers. */
struct condition {
    bool (*applies)(const struct store_filter *filter);
    const char *test;   /* of a row of alert */
    const char *gather; /* the same by its index, which may find too many; NULL: by no index */
};

#define APPLIES_TEXT(field)                                                                        \
    static bool has_##field(const struct store_filter *filter)                                     \
    {                                                                                              \
        return filter->field != NULL;                                                              \
    }
APPLIES_TEXT(ids)
APPLIES_TEXT(entity_ip)
APPLIES_TEXT(entity_name)
APPLIES_TEXT(owner)
APPLIES_TEXT(tag)
APPLIES_TEXT(ip)
APPLIES_TEXT(domain)
APPLIES_TEXT(search)
APPLIES_TEXT(suppressed_by)
APPLIES_TEXT(incident)

static bool has_assignee(const struct store_filter *filter)
{
    return filter->assignee && *filter->assignee;
}

static bool has_nobody(const struct store_filter *filter)
{
    return filter->assignee && !*filter->assignee;
}

static bool has_since(const struct store_filter *filter)
{
    return filter->since_ns != 0;
}

static bool has_until(const struct store_filter *filter)
{
    return filter->until_ns != 0;
}

static bool has_span(const struct store_filter *filter)
{
    return has_since(filter) && has_until(filter);
}

/* No alert lasts longer: few last longer than a day, and an index has those alone. */
#define LONGEST_NS                                                                                 \
    "coalesce((SELECT max(end_ns - start_ns) FROM alert"                                           \
    " WHERE end_ns - start_ns > 86400000000000), 86400000000000)"

static const struct condition conditions[] = {
    {has_ids, "id IN (SELECT value FROM json_each(:ids))",
     "SELECT seq FROM alert WHERE id IN (SELECT value FROM json_each(:ids))"},
    {has_entity_ip, "entity_ip = :entity_ip", "SELECT seq FROM alert WHERE entity_ip = :entity_ip"},
    {has_entity_name, "instr(lower(entity_name), lower(:entity_name)) > 0", NULL},
    {has_owner, "entity_owner = :owner",
     "SELECT seq FROM alert WHERE entity_owner = :owner AND entity_owner <> ''"},
    {has_tag, "EXISTS (SELECT 1 FROM alert_key WHERE key = :tag AND alert_key.seq = alert.seq)",
     "SELECT seq FROM alert_key WHERE key = :tag"},
    {has_ip, "EXISTS (SELECT 1 FROM alert_key WHERE key = :ip AND alert_key.seq = alert.seq)",
     "SELECT seq FROM alert_key WHERE key = :ip"},
    {has_domain,
     "(domain_rev = :domain OR (domain_rev >= :domain || '.' AND domain_rev < :domain_end)"
     " OR qname_rev = :domain OR (qname_rev >= :domain || '.' AND qname_rev < :domain_end))",
     "SELECT DISTINCT seq FROM (SELECT seq FROM alert WHERE domain_rev = :domain"
     " UNION ALL SELECT seq FROM alert"
     "  WHERE domain_rev >= :domain || '.' AND domain_rev < :domain_end"
     " UNION ALL SELECT seq FROM alert WHERE qname_rev = :domain"
     " UNION ALL SELECT seq FROM alert"
     "  WHERE qname_rev >= :domain || '.' AND qname_rev < :domain_end)"},
    {has_assignee, "assignee = :assignee",
     "SELECT seq FROM alert WHERE assignee = :assignee AND assignee <> ''"},
    {has_nobody, "assignee = ''", NULL},
    {has_suppressed_by, "suppressed_by = :suppressed_by",
     "SELECT seq FROM alert WHERE suppressed_by = :suppressed_by AND suppressed_by <> ''"},
    {has_incident,
     "instr(char(10) || incident_id || char(10), char(10) || :incident || char(10)) > 0",
     "SELECT alert AS seq FROM incident_alert WHERE incident ="
     " (SELECT seq FROM incident WHERE id = :incident)"},
    {has_since, "end_ns >= :since_ns", "SELECT seq FROM alert WHERE end_ns >= :since_ns"},
    {has_until, "start_ns < :until_ns", "SELECT seq FROM alert WHERE start_ns < :until_ns"},
    {has_span, "end_ns < :until_ns + " LONGEST_NS, /* follows from has_until's, for alert_span */
     "SELECT seq FROM alert INDEXED BY alert_span WHERE end_ns >= :since_ns"
     " AND end_ns < :until_ns + " LONGEST_NS " AND start_ns < :until_ns"},
    {has_search,
     "instr((SELECT text FROM alert_text WHERE alert_text.seq = alert.seq), :search) > 0", NULL},
};

/* The index of texts knows nothing of less than three characters. */
static const char match_sql[] = "SELECT rowid AS seq FROM alert_fts WHERE alert_fts MATCH :match";

/* Vocabularies: `column IN ('a','b')`. All words are ours. */

static const char *status_word(unsigned value)
{
    return alert_status_names[value][LANGUAGE_EN];
}

static const char *disposition_word(unsigned value)
{
    return disposition_names[value][LANGUAGE_EN];
}

static const char *feedback_word(unsigned value)
{
    return feedback_names[value][LANGUAGE_EN];
}

static const char *contact_word(unsigned value)
{
    return contact_names[value][LANGUAGE_EN];
}

static const char *detector_word(unsigned value)
{
    return detector_rows[value].slug;
}

static const char *number_word(unsigned value)
{
    static const char *const numbers[] = {"0", "1", "2", "3"};
    return numbers[value];
}

_Static_assert(SEVERITY_COUNT == 4, "a number for each severity");

/* Appends "<before><column> IN (…)". */
static void words_append(struct buf *sql, const char *before, const char *column, uint32_t mask,
                         unsigned count, const char *(*word)(unsigned value))
{
    const char *between = "";
    bool numbers = word == number_word;
    buf_printf(sql, "%s%s IN (", before, column);
    for (unsigned i = 0; i < count; i++) {
        if (!(mask & 1u << i))
            continue;
        buf_printf(sql, numbers ? "%s%s" : "%s'%s'", between, word(i));
        between = ",";
    }
    buf_char(sql, ')');
}

#define ALL(count) ((1u << (count)) - 1)

static uint32_t statuses_of(const struct store_filter *filter)
{
    if (filter->statuses)
        return filter->statuses & ALL(ALERT_STATUS_COUNT);
    return filter->ids ? ALL(ALERT_STATUS_COUNT)
                       : ALL(ALERT_STATUS_COUNT) & ~(1u << ALERT_STATUS_DISMISSED);
}

static uint32_t severities_of(const struct store_filter *filter)
{
    uint32_t severities = filter->severities ? filter->severities : ALL(SEVERITY_COUNT);
    return severities & ALL(SEVERITY_COUNT) & ~ALL(filter->severity_min);
}

static uint32_t detectors_of(const struct store_filter *filter)
{
    uint32_t detectors = filter->detectors ? filter->detectors : ALL(DETECTOR_COUNT);
    for (unsigned i = 0; filter->tactics && i < DETECTOR_COUNT; i++)
        if (!(filter->tactics & 1u << detector_rows[i].tactic))
            detectors &= ~(1u << i);
    return detectors & ALL(DETECTOR_COUNT);
}

/* What stands apart from the facets: few alerts have it, and an index knows only those. */
static const struct {
    const char *column;
    size_t offset; /* of the bits in the filter, a uint32_t */
    unsigned count;
    const char *(*word)(unsigned value);
    const char *rest; /* the value of all others, which is the first bit */
} marks[] = {
    {"disposition", offsetof(struct store_filter, dispositions), DISPOSITION_COUNT,
     disposition_word, "''"},
    {"feedback", offsetof(struct store_filter, feedbacks), FEEDBACK_COUNT, feedback_word, "''"},
    {"contact", offsetof(struct store_filter, contacts), CONTACT_COUNT, contact_word, "''"},
    {"sample", offsetof(struct store_filter, samples), 2, number_word, "0"},
    {"compromised", offsetof(struct store_filter, compromised), 2, number_word, "0"},
};
enum { MARKS = sizeof(marks) / sizeof(marks[0]) };

static uint32_t mark_of(const struct store_filter *filter, size_t i)
{
    return *(const uint32_t *)((const uint8_t *)filter + marks[i].offset);
}

/* All words of each, as an index is asked that begins with the first. */
static void facets_spelled(const struct store_filter *filter, struct buf *sql)
{
    words_append(sql, "", "detector", detectors_of(filter), DETECTOR_COUNT, detector_word);
    words_append(sql, " AND ", "status", statuses_of(filter), ALERT_STATUS_COUNT, status_word);
    words_append(sql, " AND ", "severity", severities_of(filter), SEVERITY_COUNT, number_word);
}

/* Appends what leaves out the others, where those are fewer: most alerts are tested, and each word
 * costs. */
static void words_shorten(struct buf *sql, const char *column, uint32_t mask, unsigned count,
                          const char *(*word)(unsigned value))
{
    uint32_t others = ALL(count) & ~mask;
    if (!others)
        return;
    if (__builtin_popcount(others) < __builtin_popcount(mask))
        words_append(sql, " AND NOT ", column, others, count, word);
    else
        words_append(sql, " AND ", column, mask, count, word);
}

void query_facets(const struct store_filter *filter, struct buf *sql)
{
    buf_text(sql, "true");
    words_shorten(sql, "detector", detectors_of(filter), DETECTOR_COUNT, detector_word);
    words_shorten(sql, "status", statuses_of(filter), ALERT_STATUS_COUNT, status_word);
    words_shorten(sql, "severity", severities_of(filter), SEVERITY_COUNT, number_word);
}

/* Whether there are other conditions than the facets and `known`. */
static bool filter_has_others(const struct store_filter *filter,
                              bool (*known)(const struct store_filter *filter))
{
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
        if (conditions[i].applies != known && conditions[i].applies(filter))
            return true;
    for (size_t i = 0; i < MARKS; i++)
        if (mark_of(filter, i))
            return true;
    return false;
}

enum query_tally query_tally(const struct store_filter *filter)
{
    bool any_type = detectors_of(filter) == ALL(DETECTOR_COUNT);
    if (filter_has_others(filter, has_entity_ip) || (filter->entity_ip && !any_type))
        return QUERY_TALLY_NONE;
    if (filter->entity_ip)
        return QUERY_TALLY_ENTITY;
    return any_type ? QUERY_TALLY_ALL : QUERY_TALLY_HOURS;
}

static const char *const state_columns[ALERT_STATUS_COUNT] = {
    [ALERT_STATUS_ACTIVE] = "active",
    [ALERT_STATUS_IN_PROGRESS] = "in_progress",
    [ALERT_STATUS_RESOLVED] = "resolved",
    [ALERT_STATUS_DISMISSED] = "dismissed",
};

static void tally_select(const struct store_filter *filter, const char *axis, const char *key,
                         const char *count, struct buf *sql)
{
    buf_printf(sql, "SELECT %s AS k, %s AS n, severity FROM alert_tally WHERE axis = '%s'", key,
               count, axis);
    if (filter->entity_ip)
        buf_text(sql, " AND key = :entity_ip");
    if (detectors_of(filter) != ALL(DETECTOR_COUNT))
        words_append(sql, " AND ", "detector", detectors_of(filter), DETECTOR_COUNT, detector_word);
    words_append(sql, " AND ", "severity", severities_of(filter), SEVERITY_COUNT, number_word);
}

/* A SELECT for each state, as each is a column. */
static void tally_states(const struct store_filter *filter, const char *axis, struct buf *sql)
{
    const char *between = "";
    for (unsigned i = 0; i < ALERT_STATUS_COUNT; i++) {
        char word[64];
        if (!(statuses_of(filter) & 1u << i))
            continue;
        snprintf(word, sizeof(word), "'%s'", status_word(i));
        buf_text(sql, between);
        tally_select(filter, axis, word, state_columns[i], sql);
        between = " UNION ALL ";
    }
}

void query_tally_rows(const struct store_filter *filter, const char *axis, const char *key,
                      struct buf *sql)
{
    char sum[128] = "0";
    size_t len = 1;
    if (!key) {
        tally_states(filter, axis, sql);
        return;
    }
    for (unsigned i = 0; i < ALERT_STATUS_COUNT; i++)
        if (statuses_of(filter) & 1u << i)
            len += (size_t)snprintf(sum + len, sizeof(sum) - len, " + %s", state_columns[i]);
    tally_select(filter, axis, key, sum, sql);
}

static void where_make(struct query *query)
{
    const struct store_filter *filter = query->filter;
    struct buf *sql = &query->where;
    query_facets(filter, sql);
    for (size_t i = 0; i < MARKS; i++)
        if (mark_of(filter, i))
            words_append(sql, " AND ", marks[i].column, mark_of(filter, i), marks[i].count,
                         marks[i].word);
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
        if (conditions[i].applies(filter))
            buf_printf(sql, " AND %s", conditions[i].test);
}

/* What the values are for SQL. */

static void ids_make(struct query *query)
{
    struct json json = json_writer(&query->words);
    json_array_begin(&json);
    for (size_t i = 0; i < query->filter->id_count; i++)
        json_text(&json, query->filter->ids[i]);
    json_array_end(&json);
}

static void values_make(struct query *query)
{
    const struct store_filter *filter = query->filter;
    if (filter->ids)
        ids_make(query);
    if (filter->domain) {
        search_reverse(filter->domain, &query->domain);
        buf_printf(&query->domain_end, "%s/", query->domain.data); /* what follows '.' */
    }
    for (const char *c = filter->search; c && *c; c++)
        buf_char(&query->search, (char)tolower((unsigned char)*c));
    if (filter->tag)
        snprintf(query->key_tag, sizeof(query->key_tag), "tag:%s", filter->tag);
    if (filter->ip)
        snprintf(query->key_ip, sizeof(query->key_ip), "ip:%s", filter->ip);
}

void query_bind(const struct query *query, sqlite3_stmt *statement)
{
    const struct store_filter *filter = query->filter;
    bind_text(statement, ":ids", query->words.data);
    bind_text(statement, ":entity_ip", filter->entity_ip);
    bind_text(statement, ":entity_name", filter->entity_name);
    bind_text(statement, ":owner", filter->owner);
    bind_text(statement, ":tag", query->key_tag);
    bind_text(statement, ":ip", query->key_ip);
    bind_text(statement, ":domain", query->domain.data);
    bind_text(statement, ":domain_end", query->domain_end.data);
    bind_text(statement, ":assignee", filter->assignee);
    bind_text(statement, ":suppressed_by", filter->suppressed_by);
    bind_text(statement, ":incident", filter->incident);
    bind_text(statement, ":search", query->search.data);
    bind_text(statement, ":match", query->match.data);
    bind_text(statement, ":chosen", query->chosen.data);
    bind_int(statement, ":since_ns", filter->since_ns);
    bind_int(statement, ":until_ns", filter->until_ns);
}

/* Takes what `gather` finds where that is no more than the best so far. */
static int gather_try(struct query *query, struct store *store, const char *gather, int64_t *best,
                      struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct buf sql, found;
    int64_t count = 0;
    int rc = SQLITE_DONE;
    if (*best == 0)
        return 0;
    buf_init(&sql, QUERY_SQL_MAX_BYTES);
    buf_printf(&sql, "SELECT seq FROM (%s) LIMIT %lld", gather, (long long)*best + 1);
    int r = store_prepare(store, sql.data, &statement, error);
    buf_done(&sql);
    if (r < 0)
        return r;
    query_bind(query, statement);
    buf_init(&found, SEQS_MAX_BYTES);
    while (count <= *best && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        buf_printf(&found, "%c%lld", count++ ? ',' : '[',
                   (long long)sqlite3_column_int64(statement, 0));
    buf_text(&found, count ? "]" : "[]");
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        r = store_failure(store, rc, "choosing an index", error);
    else if (found.overflow)
        r = error_set(error, -ENOMEM, "%s: no memory for a list of alerts", store->path);
    if (r < 0 || count > *best) {
        buf_done(&found);
        return r;
    }
    buf_done(&query->chosen);
    query->chosen = found;
    query->chosen_count = *best = count;
    return 0;
}

static int facets_try(struct query *query, struct store *store, int64_t *best, struct error *error)
{
    struct buf sql;
    buf_init(&sql, QUERY_SQL_MAX_BYTES);
    buf_text(&sql, "SELECT seq FROM alert INDEXED BY alert_facet WHERE ");
    facets_spelled(query->filter, &sql);
    int r = gather_try(query, store, sql.data, best, error);
    buf_done(&sql);
    return r;
}

static int mark_try(struct query *query, struct store *store, size_t i, int64_t *best,
                    struct error *error)
{
    struct buf sql;
    uint32_t mask = mark_of(query->filter, i);
    if (!mask || mask & 1u)
        return 0;
    buf_init(&sql, QUERY_SQL_MAX_BYTES);
    buf_printf(&sql, "SELECT seq FROM alert WHERE %s <> %s", marks[i].column, marks[i].rest);
    words_append(&sql, " AND ", marks[i].column, mask, marks[i].count, marks[i].word);
    int r = gather_try(query, store, sql.data, best, error);
    buf_done(&sql);
    return r;
}

static int gather_choose(struct query *query, struct store *store, struct error *error)
{
    int64_t best = store->config.look_max;
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(conditions) / sizeof(conditions[0]); i++)
        if (conditions[i].gather && conditions[i].applies(query->filter))
            r = gather_try(query, store, conditions[i].gather, &best, error);
    for (size_t i = 0; r == 0 && i < MARKS; i++)
        r = mark_try(query, store, i, &best, error);
    if (r == 0 && query->filter->search && search_match(query->search.data, &query->match))
        r = gather_try(query, store, match_sql, &best, error);
    return r < 0 ? r : facets_try(query, store, &best, error);
}

int query_init(struct query *query, struct store *store, const struct store_filter *filter,
               struct error *error)
{
    *query = (struct query){.filter = filter};
    buf_init(&query->where, QUERY_SQL_MAX_BYTES);
    buf_init(&query->chosen, SEQS_MAX_BYTES);
    buf_init(&query->words, IDS_MAX_BYTES);
    buf_init(&query->match, QUERY_SQL_MAX_BYTES);
    buf_init(&query->domain, 2 * NAME_TEXT_MAX);
    buf_init(&query->domain_end, 2 * NAME_TEXT_MAX);
    buf_init(&query->search, SEARCH_TEXT_MAX_BYTES);
    values_make(query);
    where_make(query);
    bool overflow = query->words.overflow || query->where.overflow || query->search.overflow ||
                    query->domain.overflow;
    int r = overflow ? error_set(error, -ENOMEM, "the values of the filter are too long")
                     : gather_choose(query, store, error);
    if (r < 0)
        query_done(query);
    return r;
}

void query_done(struct query *query)
{
    buf_done(&query->where);
    buf_done(&query->chosen);
    buf_done(&query->words);
    buf_done(&query->match);
    buf_done(&query->domain);
    buf_done(&query->domain_end);
    buf_done(&query->search);
}

/* CROSS JOIN: SQLite takes the left side first, as written. */
void query_from(const struct query *query, struct buf *sql)
{
    if (query->chosen.len > 0)
        buf_text(sql, " FROM (SELECT value AS seq FROM json_each(:chosen)) AS chosen"
                      " CROSS JOIN alert ON alert.seq = chosen.seq");
    else
        buf_printf(sql, " FROM alert%s", query->filter->since_ns ? " INDEXED BY alert_span" : "");
    buf_printf(sql, " WHERE %s", query->where.data);
}
