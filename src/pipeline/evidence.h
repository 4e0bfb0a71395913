/* evidence.h - turns what matched into the texts an alert carries
 * SPDX-License-Identifier: Apache-2.0
 *
 * Runs only when an alert opens or takes a sample, never on the path of ordinary transactions. */
#pragma once

#include "intel/intel.h"

#include <dnsvigil/alert.h>

/* Describes an indicator hit: its feed, original line and what of the transaction it matched. */
void evidence_indicator(const struct intel *intel, const struct transaction *transaction,
                        const struct indicator_hit *hit, struct alert_indicator *ret_indicator);

/* Describes a transaction: time, question, response code and answers in presentation format, cut at
 * ALERT_ANSWERS_MAX between two answers. */
void evidence_sample(const struct transaction *transaction, struct alert_sample *ret_sample);

/* Copies what the meters say about this transaction's client and domain into the alert. */
void evidence_detail(const struct transaction *transaction, const struct enrichment *enrichment,
                     const struct finding *finding, struct alert *alert);
