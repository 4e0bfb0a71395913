/* anomaly.h - the ways in which traffic on a DNS port is not what DNS software sends
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/transaction.h>

/* How much one event says: HIGH is enough alone; of the others it takes several from one client to
 * one server within minutes. FAINT is a fifth of LOW: some in every minute mean nothing. */
enum anomaly_weight {
    ANOMALY_FAINT,
    ANOMALY_LOW,
    ANOMALY_MEDIUM,
    ANOMALY_HIGH,
    ANOMALY_WEIGHT_COUNT,
};

enum anomaly {
#define ANOMALY(id, slug, ...) ANOMALY_##id,
#include <dnsvigil/anomaly.def>
#undef ANOMALY
    ANOMALY_COUNT,
};

struct anomaly_row {
    const char *slug;
    const char *reference; /* the document that says what is right */
    uint8_t weight;        /* enum anomaly_weight */
};

extern const struct anomaly_row anomaly_rows[ANOMALY_COUNT];

/* What the meter says of a transaction that shows an anomaly: the first row of anomaly.def whose
 * sum has reached the threshold, or else the first that was seen. */
struct anomaly_measure {
    uint8_t anomaly;  /* enum anomaly */
    double sum;       /* weights of this client, server and anomaly that have not leaked away */
    double threshold; /* at and above it the anomaly is worth an alert */
    double weight;    /* what of that one event adds */
    const struct dns_message
        *message; /* the half that shows it; as long-lived as the transaction */
};
