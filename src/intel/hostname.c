/* hostname.c - reads a host name as people write it: any case, final dot, international letters
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/hostname.h"

#include <dnsvigil/name.h>

#include <idn2.h>
#include <string.h>

static bool is_host_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* No top-level domain is a number (RFC 3696 2): this is a range of addresses, or one that is none.
 */
static bool ends_in_number(const struct dns_name *name)
{
    size_t len;
    const uint8_t *top = name_label(name, name->labels - 1u, &len);
    for (size_t i = 0; i < len; i++)
        if (top[i] < '0' || top[i] > '9')
            return false;
    return true;
}

static enum hostname_verdict ascii_read(const char *text, size_t len, struct dns_name *ret_name)
{
    for (size_t i = 0; i < len; i++)
        if (!is_host_char((unsigned char)text[i]))
            return HOSTNAME_BAD;
    if (!name_from_text(ret_name, text, len) || ret_name->labels == 0 ||
        ret_name->labels > HOSTNAME_LABELS_MAX || ends_in_number(ret_name))
        return HOSTNAME_BAD;
    return HOSTNAME_OK;
}

enum hostname_verdict hostname_read(const char *text, size_t len, struct dns_name *ret_name)
{
    if (is_ascii(text, len))
        return ascii_read(text, len, ret_name);
    char copy[HOSTNAME_UTF8_MAX + 1];
    if (len >= sizeof(copy))
        return HOSTNAME_BAD;
    memcpy(copy, text, len);
    copy[len] = 0;
    uint8_t *ascii = NULL;
    int code = idn2_lookup_u8((const uint8_t *)copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (code != IDN2_OK)
        return HOSTNAME_BAD_IDN;
    enum hostname_verdict verdict = ascii_read((char *)ascii, strlen((char *)ascii), ret_name);
    idn2_free(ascii);
    return verdict;
}
