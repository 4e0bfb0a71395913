/* odd_port.c - tells DNS on ports that are not DNS from everything else that UDP carries
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/odd_port.h"

#include <dnsvigil/dns.h>

#include <stddef.h>

enum {
    LABEL_MAX = 63,
    LABELS_MIN = 2,
    TYPE_MAX = 257,
    RCODE_MAX = 5,
    RECORDS_MAX = 64,
    RECORD_BYTES_MIN = 11,
    OPCODE_AND_Z = 0x7840,
    QUERY_FLAGS = DNS_FLAG_RD | DNS_FLAG_AD | DNS_FLAG_CD,
};

static unsigned be16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static bool is_excepted(uint16_t port)
{
    static const uint16_t ports[] = {137, 443, 853, 5353, 5355, 8853};
    for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
        if (ports[i] == port)
            return true;
    return false;
}

static bool header_is_usual(const uint8_t *data)
{
    unsigned flags = be16(data + 2), answers = be16(data + 6), authority = be16(data + 8);
    unsigned additional = be16(data + 10);
    if (flags & OPCODE_AND_Z || be16(data + 4) != 1)
        return false;
    if (!(flags & DNS_FLAG_QR))
        return !(flags & ~(unsigned)QUERY_FLAGS) && !answers && !authority && additional <= 1;
    return (flags & 0xf) <= RCODE_MAX && answers <= RECORDS_MAX && authority <= RECORDS_MAX &&
           additional <= RECORDS_MAX;
}

static bool is_host_char(uint8_t c)
{
    uint8_t lower = c | 0x20;
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Where the uncompressed name at `at` ends; 0 when it is no host name. */
static uint32_t name_end(const uint8_t *data, uint32_t len, uint32_t at)
{
    unsigned labels = 0;
    for (uint32_t start = at; at < len && at - start < NAME_WIRE_MAX; labels++) {
        uint32_t label = data[at++];
        if (label == 0)
            return labels >= LABELS_MIN ? at : 0;
        if (label > LABEL_MAX || label > len - at)
            return 0;
        for (uint32_t end = at + label; at < end; at++)
            if (!is_host_char(data[at]))
                return 0;
    }
    return 0;
}

/* What follows the question: nothing, an OPT record, or as many bytes as the records need. */
static bool rest_is_usual(const uint8_t *data, uint32_t len, uint32_t at)
{
    unsigned records = be16(data + 6) + be16(data + 8) + be16(data + 10);
    if (records == 0)
        return at == len;
    if (len - at < records * RECORD_BYTES_MIN)
        return false;
    bool pointer = data[at] >= 0xc0;
    return be16(data + 2) & DNS_FLAG_QR ? pointer || data[at] <= LABEL_MAX
                                        : data[at] == 0 && be16(data + at + 1) == DNS_TYPE_OPT;
}

bool odd_port_is_dns(const uint8_t *data, uint32_t len, uint16_t src_port, uint16_t dst_port)
{
    if (len < MESSAGE_HEADER_BYTES + 4 || !header_is_usual(data) || is_excepted(src_port) ||
        is_excepted(dst_port))
        return false;
    uint32_t at = name_end(data, len, MESSAGE_HEADER_BYTES);
    if (at == 0 || len - at < 4)
        return false;
    unsigned type = be16(data + at), rrclass = be16(data + at + 2);
    return type >= 1 && type <= TYPE_MAX && rrclass == 1 && rest_is_usual(data, len, at + 4);
}
