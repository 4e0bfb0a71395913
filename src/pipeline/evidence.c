/* evidence.c - turns what matched into the texts an alert carries
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/evidence.h"

#include "base/buf.h"
#include "decode/rdata.h"

#include <dnsvigil/name.h>
#include <dnsvigil/record.h>
#include <dnsvigil/rrtype.h>
#include <stdio.h>
#include <string.h>

static const char *const category_slugs[CATEGORY_COUNT] = {
#define CATEGORY(id, slug, days, text) [CATEGORY_##id] = slug,
#include <dnsvigil/categories.def>
#undef CATEGORY
};

/* What of the transaction a hit matched: the question, an address or the target of a record. */
static void matched_text(const struct transaction *transaction, const struct indicator_hit *hit,
                         char text[static NAME_TEXT_MAX])
{
    const struct dns_message *response = transaction->response;
    const struct dns_record *record = response ? &response->records[hit->record] : NULL;
    struct dns_name target;
    struct addr addr;
    text[0] = 0;
    if (hit->field == MATCH_QNAME)
        name_to_text(transaction->question, 0, text);
    else if (hit->field == MATCH_ADDRESS && record_addr(response, record, &addr))
        addr_format(&addr, text);
    else if (record_target(response, record, hit->target, &target))
        name_to_text(&target, 0, text);
}

void evidence_indicator(const struct intel *intel, const struct transaction *transaction,
                        const struct indicator_hit *hit, struct alert_indicator *ret_indicator)
{
    struct intel_entry entry = {.feed = "dnsvigil", .entry = "by its own name"};
    if (hit->ref != INDICATOR_SELF)
        intel_entry(intel, hit, &entry);
    snprintf(ret_indicator->feed, sizeof(ret_indicator->feed), "%s", entry.feed);
    snprintf(ret_indicator->entry, sizeof(ret_indicator->entry), "%s", entry.entry);
    snprintf(ret_indicator->category, sizeof(ret_indicator->category), "%s",
             category_slugs[hit->category]);
    ret_indicator->confidence = hit->confidence;
    ret_indicator->field = hit->field;
    matched_text(transaction, hit, ret_indicator->matched);
}

/* One line per answer that fits whole; `owner type data`. */
static void answers_text(const struct dns_message *response, char text[static ALERT_ANSWERS_MAX])
{
    struct buf line;
    size_t used = 0;
    text[0] = 0;
    buf_init(&line, ALERT_ANSWERS_MAX);
    for (unsigned i = 0; i < response->record_count; i++) {
        const struct dns_record *record = &response->records[i];
        char scratch[16];
        if (record->section != DNS_SECTION_ANSWER)
            continue;
        buf_reset(&line);
        buf_printf(&line, "%s%s ", used ? "\n" : "", rrtype_name(record->type, scratch));
        record_to_text(response, record, &line);
        if (line.overflow || used + line.len >= ALERT_ANSWERS_MAX)
            break;
        memcpy(text + used, line.data, line.len + 1);
        used += line.len;
    }
    buf_done(&line);
}

void evidence_sample(const struct transaction *transaction, struct alert_sample *ret_sample)
{
    ret_sample->time_ns = transaction->time_ns;
    ret_sample->qtype = transaction->qtype;
    ret_sample->rcode = transaction->response ? transaction->rcode : -1;
    ret_sample->qname[0] = 0;
    ret_sample->answers[0] = 0;
    if (transaction->question)
        name_to_text(transaction->question, 0, ret_sample->qname);
    if (transaction->response)
        answers_text(transaction->response, ret_sample->answers);
}
