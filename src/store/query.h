/* query.h - a filter as SQL, and the index that answers it fastest
 * SPDX-License-Identifier: Apache-2.0
 *
 * There are two ways to find the alerts of a filter: look through all in the order that is asked
 * for until there are enough, or gather the few that one of the conditions leaves and sort those.
 * Which is better depends on how many the conditions leave; query_init() gathers up to a limit,
 * and chooses. Either way few alerts are looked at, unless many match each condition
 * and few match all: then a list gives up before it is full, and goes on with the next page. */
#pragma once

#include "store/handle.h"

#include "base/buf.h"

enum { QUERY_SQL_MAX_BYTES = 16384 };

struct query {
    struct buf where;  /* conditions */
    struct buf chosen; /* JSON list of what the best condition leaves; empty: look through all */
    int64_t chosen_count;
    struct buf words;  /* JSON list of ids */
    struct buf match;  /* for the index of texts */
    struct buf domain; /* reversed, and the end of its range */
    struct buf domain_end;
    struct buf search; /* in lower case */
    char key_ip[ALERT_TEXT_MAX + 8];
    char key_tag[ALERT_TEXT_MAX + 8];
    const struct store_filter *filter; /* borrowed */
};

int query_init(struct query *query, struct store *store, const struct store_filter *filter,
               struct error *error);
void query_done(struct query *query);

/* Appends the conditions of detector, status and severity. */
void query_facets(const struct store_filter *filter, struct buf *sql);

/* What alert_tally knows of a filter. */
enum query_tally {
    QUERY_TALLY_NONE,   /* only the alerts can tell */
    QUERY_TALLY_HOURS,  /* rows of the axis "hour" do */
    QUERY_TALLY_ALL,    /* so do those of any axis: no type is asked for */
    QUERY_TALLY_ENTITY, /* one row of the axis "entity", and no other, does */
};
enum query_tally query_tally(const struct store_filter *filter);

/* Appends a SELECT of `key` AS k, the filter's alerts AS n, and severity from rows of alert_tally;
 * `key` NULL: their state. */
void query_tally_rows(const struct store_filter *filter, const char *axis, const char *key,
                      struct buf *sql);

/* Appends " FROM alert … WHERE …". */
void query_from(const struct query *query, struct buf *sql);

/* Gives a statement with query_from() in it the filter's values. */
void query_bind(const struct query *query, sqlite3_stmt *statement);
