/* query.h - a filter as SQL, and the index that answers it fastest
 * SPDX-License-Identifier: Apache-2.0
 *
 * There are two ways to find the alerts of a filter: look through all in the order that is asked
 * for until there are enough, or gather the few that one of the conditions leaves and sort those.
 * Which is better depends on how many the conditions leave; query_init() counts, up to a limit, and
 * chooses. Either way few alerts are looked at, unless many match each condition
 * and few match all. */
#pragma once

#include "store/handle.h"

#include "base/buf.h"

enum { QUERY_SQL_MAX_BYTES = 16384 };

struct query {
    struct buf where;  /* conditions */
    struct buf gather; /* SELECT seq …: what the best condition leaves; empty: look through all */
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

/* Appends the conditions of detector, status and severity, which alert_tally has, too. */
void query_facets(const struct store_filter *filter, struct buf *sql);

/* Whether the filter has no others. */
bool query_facets_only(const struct store_filter *filter);

/* Appends " FROM alert … WHERE …". `index`, which may be NULL, is the one to walk along when all
 * are looked through. */
void query_from(const struct query *query, const char *index, struct buf *sql);

/* Gives a statement with query_from() in it the filter's values. */
void query_bind(const struct query *query, sqlite3_stmt *statement);
