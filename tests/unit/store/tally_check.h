/* tally_check.h - SQL that tells how many rows of alert_tally differ from counting all alerts
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define TALLY_COUNTED(axis, key, detector)                                                         \
    "SELECT '" axis "', " key ", " detector ", severity, sum(status = 'Active'),"                  \
    " sum(status = 'InProgress'), sum(status = 'Resolved'), sum(status = 'Dismissed')"             \
    " FROM alert GROUP BY 2, 3, 4"

#define TALLY_DIFFERENCES_SQL                                                                                                                                                                             \
    "WITH counted AS (" TALLY_COUNTED(                                                                                                                                                                    \
        "hour", "start_ns / 3600000000000",                                                                                                                                                               \
        "detector") " UNION ALL " TALLY_COUNTED("entity", "entity_ip",                                                                                                                                    \
                                                "''") " UNION ALL " TALLY_COUNTED("domain",                                                                                                               \
                                                                                  "domain",                                                                                                               \
                                                                                  "''") " UNION "                                                                                                         \
                                                                                        "ALL"                                                                                                             \
                                                                                        " " TALLY_COUNTED("owner",                                                                                        \
                                                                                                          "entity_owner",                                                                                 \
                                                                                                          "''") ")"                                                                                       \
                                                                                                                " SELECT (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM alert_tally))" \
                                                                                                                " + (SELECT count(*) FROM (SELECT * FROM alert_tally EXCEPT SELECT * FROM counted))"
