/* evidence.c - turns what matched into the texts an alert carries
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/evidence.h"

#include "base/buf.h"
#include "base/text_code.h"
#include "decode/rdata.h"
#include "detect/tunnel.h"
#include "enrich/lexical.h"
#include "intel/feed.h"

#include <dnsvigil/name.h>
#include <dnsvigil/record.h>
#include <dnsvigil/rrtype.h>
#include <dnsvigil/tunnel.h>
#include <stdio.h>
#include <string.h>

/* What of the transaction a hit matched: the question, an address or the target of a record. */
static void matched_text(const struct transaction *transaction, const struct indicator_hit *hit,
                         char text[static NAME_TEXT_MAX])
{
    const struct dns_message *response = transaction->response;
    struct dns_name target;
    struct addr addr;
    text[0] = 0;
    if (hit->field == MATCH_QNAME) {
        name_to_text(transaction->question, 0, text);
        return;
    }
    const struct dns_record *record = &response->records[hit->record];
    if (hit->field == MATCH_ADDRESS && record_addr(response, record, &addr))
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
    ret_sample->rcode = -1;
    const struct dns_message *response = transaction->response;
    if (response && !response->foreign && !response->unframed &&
        response->malformed != MALFORMED_HEADER)
        ret_sample->rcode = transaction->rcode;
    ret_sample->qname[0] = 0;
    ret_sample->answers[0] = 0;
    if (transaction->question)
        name_to_text(transaction->question, 0, ret_sample->qname);
    if (response)
        answers_text(response, ret_sample->answers);
}

/* The header as a person would say it; "" for a message too short for one. */
static void header_text(const struct dns_message *message, char *text, size_t size)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } flags[] = {
        {DNS_FLAG_AA, "aa"}, {DNS_FLAG_TC, "tc"}, {DNS_FLAG_RD, "rd"}, {DNS_FLAG_RA, "ra"},
        {DNS_FLAG_Z, "z"},   {DNS_FLAG_AD, "ad"}, {DNS_FLAG_CD, "cd"},
    };
    char opcode[RRTYPE_TEXT_MAX], rcode[RRTYPE_TEXT_MAX];
    size_t used = 0;
    text[0] = 0;
    if (message->len < MESSAGE_HEADER_BYTES)
        return;
    used +=
        (size_t)snprintf(text, size, "id 0x%04x %s %s %s", message->id,
                         message_is_response(message) ? "response" : "query",
                         opcode_name(message->opcode, opcode), rcode_name(message->rcode, rcode));
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (message->flags & flags[i].flag)
            used += (size_t)snprintf(text + used, size - used, " %s", flags[i].name);
    snprintf(text + used, size - used, ", %u questions, %u answers, %u authority, %u additional",
             message->counts[DNS_SECTION_QUESTION], message->counts[DNS_SECTION_ANSWER],
             message->counts[DNS_SECTION_AUTHORITY], message->counts[DNS_SECTION_ADDITIONAL]);
}

static void anomaly_describe(const struct transaction *transaction,
                             const struct anomaly_measure *measure, struct alert_anomaly *ret)
{
    const struct dns_message *message = measure->message;
    unsigned shown =
        message->len < ALERT_ANOMALY_BYTES_MAX ? message->len : ALERT_ANOMALY_BYTES_MAX;
    ret->code = measure->anomaly;
    ret->bytes = message->len;
    ret->damage_at = message->malformed_at;
    snprintf(ret->protocol, sizeof(ret->protocol), "%s", foreign_names[message->foreign]);
    snprintf(ret->side, sizeof(ret->side), "%s",
             message == transaction->query ? "query" : "response");
    if (!message->foreign && !message->unframed)
        header_text(message, ret->header, sizeof(ret->header));
    for (unsigned i = 0; i < shown; i++)
        snprintf(ret->start + 2 * i, 3, "%02x", message->data[i]);
}

/* The labels of the question as the tunnel's encoding spells them; other bytes as '.'. */
static void decoded_text(const struct transaction *transaction, const struct tunnel_measure *tunnel,
                         unsigned left, char text[static ALERT_DECODED_MAX])
{
    uint8_t chars[NAME_WIRE_MAX], data[NAME_WIRE_MAX];
    size_t len = 0, used = 0;
    text[0] = 0;
    if (tunnel->encoding != ENCODING_HEX && tunnel->encoding != ENCODING_BASE32 &&
        tunnel->encoding != ENCODING_BASE64)
        return;
    for (unsigned i = 0; i < left; i++) {
        size_t label_len;
        const uint8_t *label = tunnel_label(transaction, i, &label_len);
        memcpy(chars + len, label, label_len);
        len += label_len;
    }
    enum text_code code = tunnel->encoding == ENCODING_HEX      ? TEXT_CODE_HEX
                          : tunnel->encoding == ENCODING_BASE32 ? TEXT_CODE_BASE32
                                                                : TEXT_CODE_BASE64;
    size_t count = text_decode(code, chars, len, data);
    for (size_t i = 0; i < count && used + 1 < ALERT_DECODED_MAX; i++)
        text[used++] = data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '.';
    text[used] = 0;
}

/* Bytes that print: of all names the most readable one is shown. */
static unsigned readable(const char *text)
{
    unsigned count = 0;
    for (; *text; text++)
        count += *text != '.';
    return count;
}

/* Every second point goes; the first one and the last one stay. */
static void points_thin(struct alert_tunnel *tunnel)
{
    unsigned count = 1;
    for (unsigned i = 2; i + 1 < tunnel->point_count; i += 2)
        tunnel->points[count++] = tunnel->points[i];
    tunnel->points[count++] = tunnel->points[tunnel->point_count - 1];
    tunnel->point_count = (uint8_t)count;
}

/* Points lie a twenty-fourth of the time apart or further: the last one moves until it does. */
static void point_add(struct alert_tunnel *tunnel, int64_t time_ns)
{
    struct alert_point *points = tunnel->points;
    unsigned count = tunnel->point_count;
    const struct alert_point point = {time_ns, tunnel->bytes_up, tunnel->bytes_down};
    if (count > 0 && time_ns < points[count - 1].time_ns)
        return;
    int64_t apart_ns = count > 0 ? (time_ns - points[0].time_ns) / ALERT_POINTS_MAX : 0;
    if (count > 1 && points[count - 1].time_ns - points[count - 2].time_ns <= apart_ns) {
        points[count - 1] = point;
        return;
    }
    if (count == ALERT_POINTS_MAX)
        points_thin(tunnel);
    points[tunnel->point_count++] = point;
}

static void tunnel_describe(const struct transaction *transaction,
                            const struct enrichment *enrichment, struct alert_tunnel *ret)
{
    const struct tunnel_measure *tunnel = enrichment->tunnel;
    const struct dns_name *name = transaction->question;
    const struct alert_tunnel before = *ret;
    *ret = (struct alert_tunnel){
        .bytes_up = tunnel->bytes_up,
        .bytes_down = tunnel->bytes_down,
        .bytes_per_s = tunnel->rate,
        .interval_s = tunnel->interval_s,
        .queries = tunnel->queries,
        .unique_names = tunnel->names,
        .label_max = tunnel->label_max,
        .first_ns = tunnel->first_ns,
        .qtype = tunnel->qtype,
        .point_count = before.point_count,
    };
    memcpy(ret->points, before.points, sizeof(before.points));
    point_add(ret, transaction->time_ns);
    snprintf(ret->encoding, sizeof(ret->encoding), "%s", tunnel_encoding_names[tunnel->encoding]);
    snprintf(ret->tool, sizeof(ret->tool), "%s", tunnel_tool_names[tunnel->tool]);
    unsigned domain = enrichment->registrable >= 0
                          ? name->labels - (unsigned)enrichment->registrable
                          : tunnel->shared_labels;
    decoded_text(transaction, tunnel, name->labels - domain, ret->decoded);
    if (readable(before.decoded) > readable(ret->decoded))
        memcpy(ret->decoded, before.decoded, sizeof(before.decoded));
}

static void random_describe(const struct transaction *transaction,
                            const struct enrichment *enrichment, struct alert_random *ret)
{
    struct lexical_piece pieces[ALERT_PIECES_MAX];
    unsigned count = lexical_pieces(transaction->question, (unsigned)enrichment->registrable,
                                    pieces, ALERT_PIECES_MAX);
    ret->score = enrichment->lexical.score;
    ret->benign_share = enrichment->lexical.benign_share;
    ret->piece_count = (uint8_t)count;
    for (unsigned i = 0; i < count; i++) {
        snprintf(ret->pieces[i].text, sizeof(ret->pieces[i].text), "%.*s",
                 (int)sizeof(ret->pieces[i].text) - 1, pieces[i].text);
        ret->pieces[i].weight = pieces[i].weight;
    }
}

static void lines_join(const char *const *lines, unsigned count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "\n" : "", lines[i]);
}

static void burst_describe(const struct burst_measure *burst, struct alert_burst *ret)
{
    ret->names = burst->names;
    ret->tlds = burst->tlds;
    ret->nxdomain_share = burst->failed_share;
    ret->window_s = burst->window_s;
    ret->mean_score = burst->mean_score;
    ret->length_stddev = burst->length_stddev;
    lines_join(burst->samples, burst->sample_count, ret->samples, sizeof(ret->samples));
    ret->score_count = (uint8_t)burst->sample_count;
    memcpy(ret->scores, burst->scores, sizeof(ret->scores));
    lines_join(burst->reached, burst->reached_count, ret->resolved, sizeof(ret->resolved));
}

static void lookalike_describe(const struct lookalike *found, struct alert_lookalike *ret)
{
    const char *signs[LOOKALIKE_SIGN_COUNT];
    unsigned count = 0;
    for (unsigned i = 0; i < LOOKALIKE_SIGN_COUNT; i++)
        if (found->signs >> i & 1)
            signs[count++] = lookalike_sign_names[i];
    snprintf(ret->brand, sizeof(ret->brand), "%s", found->brand);
    snprintf(ret->technique, sizeof(ret->technique), "%s",
             lookalike_technique_names[found->technique]);
    snprintf(ret->skeleton, sizeof(ret->skeleton), "%s", found->skeleton);
    ret->distance = found->distance;
    lines_join(signs, count, ret->signs, sizeof(ret->signs));
}

void evidence_detail(const struct transaction *transaction, const struct enrichment *enrichment,
                     const struct finding *finding, struct alert *alert)
{
    if (finding->detector == DETECTOR_PROTOCOL_ANOMALY && !alert->has_anomaly) {
        alert->has_anomaly = true;
        anomaly_describe(transaction, enrichment->anomaly, &alert->anomaly);
    }
    bool by_newness = finding->detector == DETECTOR_RANDOM_DOMAIN ||
                      (finding->detector == DETECTOR_PHISHING_DOMAIN && finding->hit < 0);
    if (by_newness)
        snprintf(alert->prevalence_new_in, sizeof(alert->prevalence_new_in), "%s",
                 history_slugs[enrichment->history]);
    if (finding->detector == DETECTOR_RANDOM_DOMAIN) {
        if (!alert->has_random)
            random_describe(transaction, enrichment, &alert->random);
        alert->has_random = true;
        alert->random.more_domains = finding->more;
    }
    if (finding->detector == DETECTOR_GENERATED_DOMAINS) {
        alert->has_burst = true;
        burst_describe(enrichment->burst, &alert->burst);
    }
    if (finding->detector == DETECTOR_PHISHING_DOMAIN && finding->hit < 0) {
        alert->has_lookalike = true;
        lookalike_describe(enrichment->lookalike, &alert->lookalike);
    }
    bool tunnel = finding->reason == REASON_TUNNEL_DOWNLOAD ||
                  finding->reason == REASON_TUNNEL_UPLOAD ||
                  finding->reason == REASON_TUNNEL_TRANSFER;
    if (tunnel) {
        alert->has_tunnel = true;
        tunnel_describe(transaction, enrichment, &alert->tunnel);
    }
}
