/* id.c - the deterministic identity of an alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/id.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { GUID_TEXT_MAX = 37, SHA1_BYTES = 20, NS_PER_TICK = 100 };

static const int64_t ticks_max = 3155378975999999999;
static const int64_t ticks_at_unix_epoch = 621355968000000000; /* 0001-01-01 to 1970-01-01 */

/* The name space of our ids: a random version 4 UUID, drawn once and fixed for good. */
static const uint8_t name_space[16] = {0x5b, 0x0e, 0x8c, 0x4a, 0x1f, 0x62, 0x4d, 0x9b,
                                       0x93, 0x7a, 0x2c, 0xd1, 0x6e, 0x40, 0xb5, 0x38};

static void guid_over(const char *name, size_t len, char text[static GUID_TEXT_MAX])
{
    uint8_t d[SHA1_BYTES];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int done = digest && EVP_DigestInit_ex(digest, EVP_sha1(), NULL) &&
               EVP_DigestUpdate(digest, name_space, sizeof(name_space)) &&
               EVP_DigestUpdate(digest, name, len) && EVP_DigestFinal_ex(digest, d, NULL);
    EVP_MD_CTX_free(digest);
    assert(done);
    d[6] = (d[6] & 0x0f) | 0x50;
    d[8] = (d[8] & 0x3f) | 0x80;
    snprintf(text, GUID_TEXT_MAX,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
             d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14],
             d[15]);
}

void alert_identify(struct alert *alert)
{
    char facts[NAME_TEXT_MAX + ALERT_TEXT_MAX];
    char guid[GUID_TEXT_MAX];
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
    guid_over(facts, (size_t)len, guid);
    snprintf(alert->id, sizeof(alert->id), "%019" PRId64 "_%s",
             ticks_max - ticks_at_unix_epoch - start, guid);
    guid_over(alert->entity_ip, strlen(alert->entity_ip), alert->correlation_key);
}
