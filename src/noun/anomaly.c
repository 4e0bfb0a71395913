/* anomaly.c - the tables of anomalies and of the protocols that are not DNS
 * SPDX-License-Identifier: Apache-2.0 */
#include <dnsvigil/anomaly.h>

const struct anomaly_row anomaly_rows[ANOMALY_COUNT] = {
#define ANOMALY(id, slug_, part, weight_, reference_, text_en, text_ja, benign_en, benign_ja)      \
    [ANOMALY_##id] = {                                                                             \
        .slug = #slug_,                                                                            \
        .reference = reference_,                                                                   \
        .weight = ANOMALY_##weight_,                                                               \
    },
#include <dnsvigil/anomaly.def>
#undef ANOMALY
};

const char *const foreign_names[FOREIGN_COUNT] = {
    [FOREIGN_NONE] = "",
#define FOREIGN(id, slug, text) [FOREIGN_##id] = text,
#include <dnsvigil/foreign.def>
#undef FOREIGN
};
