/* tally_check.h - SQL that tells how many rows of alert_tally differ from counting all alerts
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define TALLY_COUNTED(before, axis, key, detector)                                                 \
    before "SELECT '" axis "', " key ", " detector ", severity, sum(status = 'Active'),"           \
           " sum(status = 'InProgress'), sum(status = 'Resolved'), sum(status = 'Dismissed')"      \
           " FROM alert GROUP BY 2, 3, 4"

/* clang-format off */
#define TALLY_DIFFERENCES_SQL                                                                      \
    TALLY_COUNTED("WITH counted AS (", "hour", "start_ns / 3600000000000", "detector")             \
    TALLY_COUNTED(" UNION ALL ", "entity", "entity_ip", "''")                                      \
    TALLY_COUNTED(" UNION ALL ", "domain", "domain", "''")                                         \
    TALLY_COUNTED(" UNION ALL ", "owner", "entity_owner", "''")                                    \
    ") SELECT (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM alert_tally))"     \
    " + (SELECT count(*) FROM (SELECT * FROM alert_tally EXCEPT SELECT * FROM counted))"
/* clang-format on */
