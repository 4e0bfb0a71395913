/* tunnel.c - what the three detectors of tunnels have in common
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/tunnel.h"

#include <dnsvigil/name.h>
#include <dnsvigil/tunnel.h>
#include <strings.h>

enum {
    CONFIDENCE_TOOL = 10,  /* more where the program is known by its names … */
    CONFIDENCE_UNKEPT = 4, /* … and where answers are not made to be kept */
};

/* Some services' answers have no lifetime, too; a tunnel's hardly ever have one. */
static const double unkept_limit = 0.95;

static const uint8_t confidences[KNOB_COUNT] = {
    [KNOB_LOW] = 40,
    [KNOB_MEDIUM] = 65,
    [KNOB_HIGH] = 85,
};

static void feature_add(struct finding *finding, const char *name, double value, double threshold,
                        const char *unit)
{
    finding->features[finding->feature_count++] =
        (struct feature){.name = name, .value = value, .threshold = threshold, .unit = unit};
}

bool tunnel_report(const struct transaction *transaction, const struct enrichment *enrichment,
                   unsigned direction, enum reason reason, struct finding *finding)
{
    const struct tunnel_measure *tunnel = enrichment->tunnel;
    if (!tunnel || tunnel->direction != direction || !tunnel->fresh)
        return false;
    finding->reason = (uint8_t)(tunnel->clients ? REASON_TUNNEL_SHARED : reason);
    finding->confidence = confidences[tunnel->level];
    if (tunnel->tool != TUNNEL_TOOL_NONE)
        finding->confidence += CONFIDENCE_TOOL;
    if (tunnel->unkept >= unkept_limit)
        finding->confidence += CONFIDENCE_UNKEPT;
    if (tunnel->clients) {
        finding->story = tunnel->key | 1;
        feature_add(finding, "clients", tunnel->clients, tunnel->clients_min, "");
    }
    if (enrichment->registrable < 0) {
        finding->label = (int16_t)(transaction->question->labels - tunnel->shared_labels);
        finding->story = tunnel->key;
    }
    feature_add(finding, "bytes_up", tunnel->up, tunnel->up_limit, "B");
    if (!tunnel->clients)
        feature_add(finding, "bytes_down", tunnel->down, tunnel->down_limit, "B");
    feature_add(finding, "unique_names", tunnel->names, tunnel->names_min, "");
    if (tunnel->unkept >= unkept_limit)
        feature_add(finding, "answers_not_kept", 100 * tunnel->unkept, 100 * unkept_limit, "%");
    return true;
}

/* A name without pointers stands in the message byte for byte as in canonical form. */
const uint8_t *tunnel_label(const struct transaction *transaction, unsigned label, size_t *ret_len)
{
    const struct dns_message *message =
        transaction->response ? transaction->response : transaction->query;
    const struct dns_name *name = transaction->question;
    const uint8_t *canonical = name_label(name, label, ret_len);
    size_t at = MESSAGE_HEADER_BYTES + name->offset[label] + 1u;
    if (!message || message->len < at + *ret_len ||
        strncasecmp((const char *)canonical, (const char *)message->data + at, *ret_len) != 0)
        return canonical;
    return message->data + at;
}
