/* data_exfiltration.c - names that a client asks for under one domain carry data out
 * SPDX-License-Identifier: Apache-2.0
 *
 * One query can carry a small file whole. That is below any volume, but the file gives itself away
 * by how it begins, once the first characters are read as hex, base32 or base64. */
#include "base/text_code.h"
#include "detect/tunnel.h"

#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <dnsvigil/tunnel.h>
#include <string.h>

enum {
    LABEL_MAX = 63,
    SINGLE_CHARS_MIN = 40, /* of the client's labels; shorter ones can hold no file */
    CONFIDENCE_FILE = 60,
};

static const struct {
    const char *bytes;
    size_t len;
} magics[] = {
#define MAGIC(name, bytes) {bytes, sizeof(bytes) - 1},
#include "detect/file_magic.def"
#undef MAGIC
};

static bool begins_like_file(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
        if (len >= magics[i].len && memcmp(data, magics[i].bytes, magics[i].len) == 0)
            return true;
    return false;
}

/* Whether the first label, in the letter case of the wire, is the beginning of a file. */
static bool carries_file(const struct transaction *transaction)
{
    uint8_t data[LABEL_MAX];
    size_t len;
    const uint8_t *label = tunnel_label(transaction, 0, &len);
    for (int code = 0; code < TEXT_CODE_COUNT; code++)
        if (begins_like_file(data, text_decode((enum text_code)code, label, len, data)))
            return true;
    return false;
}

DETECTOR_FUNCTION(DATA_EXFILTRATION, data_exfiltration)
{
    if (tunnel_report(transaction, enrichment, TUNNEL_UP, REASON_TUNNEL_UPLOAD, finding))
        return true;
    const struct dns_name *name = transaction->question;
    if (!name || name->len < SINGLE_CHARS_MIN || enrichment->popular || enrichment->allowed ||
        profile_exempts(enrichment, DETECTOR_DATA_EXFILTRATION) ||
        enrichment->suffix_class == SUFFIX_REVERSE)
        return false;
    unsigned left = enrichment->registrable >= 0 ? (unsigned)enrichment->registrable : name->labels;
    if (name->offset[left] < SINGLE_CHARS_MIN || !carries_file(transaction))
        return false;
    finding->reason = REASON_TUNNEL_FILE;
    finding->confidence = CONFIDENCE_FILE;
    finding->severity = SEVERITY_INFORMATIONAL;
    return true;
}
