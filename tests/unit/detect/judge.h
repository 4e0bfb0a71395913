/* judge.h - one question with what is known of it, put before one detector
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "detect/detect.h"

#include <dnsvigil/name.h>

#include <string.h>

struct judge {
    struct dns_name name;
    struct transaction transaction;
    struct enrichment enrichment;
    struct finding finding;
};

/* A question whose registrable domain is its last two labels, without any hits. */
static inline void judge_ask(struct judge *judge, const char *name)
{
    memset(judge, 0, sizeof(*judge));
    assert_true(name_from_text(&judge->name, name, strlen(name)));
    judge->transaction.question = &judge->name;
    judge->transaction.qtype = DNS_TYPE_A;
    judge->enrichment.registrable =
        judge->name.labels >= 2 ? (int16_t)(judge->name.labels - 2) : -1;
}

/* A hit on the question's last `labels` labels, or with field on something of the answer. */
static inline void judge_hit(struct judge *judge, enum category category, enum match_field field,
                             unsigned labels, uint8_t confidence)
{
    struct enrichment *enrichment = &judge->enrichment;
    enrichment->hits[enrichment->hit_count++] = (struct indicator_hit){
        .category = (uint8_t)category,
        .confidence = confidence,
        .field = (uint8_t)field,
        .label = (uint8_t)(judge->name.labels - labels),
    };
}

static inline bool judge_fires(struct judge *judge, enum detector detector)
{
    memset(&judge->finding, 0xa5, sizeof(judge->finding));
    return detect_one(detector, &judge->transaction, &judge->enrichment, &judge->finding);
}

/* Fires with this reason; the finding is in judge->finding. */
static inline void judge_expect(struct judge *judge, enum detector detector, enum reason reason)
{
    if (!judge_fires(judge, detector) || judge->finding.reason != reason) {
        char text[NAME_TEXT_MAX];
        name_to_text(&judge->name, 0, text);
        fail_msg("%s is no %s", text, reason_rows[reason].slug);
    }
    assert_int_equal(reason_rows[reason].detector, detector);
    assert_int_equal(judge->finding.detector, detector);
}

/* Names that alone, without any list, must not fire. */
static inline void judge_silent(enum detector detector, const char *const *names, size_t count)
{
    static struct judge judge;
    for (size_t i = 0; i < count; i++) {
        judge_ask(&judge, names[i]);
        if (judge_fires(&judge, detector))
            fail_msg("%s fired", names[i]);
    }
}
