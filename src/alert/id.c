/* id.c - the deterministic identity of an alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/id.h"
#include "base/uuid5.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NS_PER_TICK = 100 };

static const int64_t ticks_max = 3155378975999999999;
static const int64_t ticks_at_unix_epoch = 621355968000000000; /* 0001-01-01 to 1970-01-01 */

/* The name space of our ids: a random version 4 UUID, drawn once and fixed for good. */
static const uint8_t name_space[UUID_BYTES] = {0x5b, 0x0e, 0x8c, 0x4a, 0x1f, 0x62, 0x4d, 0x9b,
                                               0x93, 0x7a, 0x2c, 0xd1, 0x6e, 0x40, 0xb5, 0x38};

void alert_identify(struct alert *alert)
{
    char facts[NAME_TEXT_MAX + ALERT_TEXT_MAX];
    char guid[UUID_TEXT_MAX];
    int64_t start = alert->start_ns / NS_PER_TICK;
    int len =
        snprintf(facts, sizeof(facts), "%s\n%s\n%s\n%" PRId64,
                 detector_rows[alert->detector].alert_type, alert->entity_ip, alert->domain, start);
    if (alert->has_anomaly)
        len += snprintf(facts + len, sizeof(facts) - (size_t)len, "\n%s",
                        anomaly_rows[alert->anomaly.code].slug);
    if (alert->has_signature)
        len += snprintf(facts + len, sizeof(facts) - (size_t)len, "\n%" PRIu32 ":%" PRIu32,
                        alert->signature.gid, alert->signature.sid);
    uuid5(name_space, facts, (size_t)len, guid);
    snprintf(alert->id, sizeof(alert->id), "%019" PRId64 "_%s",
             ticks_max - ticks_at_unix_epoch - start, guid);
    uuid5(name_space, alert->entity_ip, strlen(alert->entity_ip), alert->correlation_key);
}
