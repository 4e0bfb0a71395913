/* artefact_rpz.c - isolation as a response policy zone: no names for clients, no answers for names
 * SPDX-License-Identifier: Apache-2.0
 *
 * draft-vixie-dnsop-dns-rpz: a trigger on the client's address is <length>.<address backwards>
 * .rpz-client-ip, one on a name is the name; `CNAME .` answers NXDOMAIN. Names are below the
 * zone's. */
#include "respond/artefact.h"

#include <errno.h>
#include <inttypes.h>

enum { GROUPS = 8, NAME_WIRE_LIMIT = 255 };

static unsigned group_at(const struct addr *addr, unsigned i)
{
    return (unsigned)addr->bytes[2 * i] << 8 | addr->bytes[2 * i + 1];
}

/* The longest run of two or more zero groups, counted from the last one; of equal ones the first
 * that is met. Servers take only this form. */
static unsigned zeros_longest(const struct addr *addr, unsigned *ret_from)
{
    unsigned longest = 1, run = 0;
    for (unsigned i = 0; i < GROUPS; i++) {
        run = group_at(addr, GROUPS - 1 - i) == 0 ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            *ret_from = i + 1 - run;
        }
    }
    return longest > 1 ? longest : 0;
}

static void client_v6(const struct addr *addr, struct buf *buf)
{
    unsigned from = 0;
    unsigned zeros = zeros_longest(addr, &from);
    for (unsigned i = 0; i < GROUPS; i++) {
        if (zeros && i == from) {
            buf_text(buf, ".zz");
            i += zeros - 1;
        } else {
            buf_printf(buf, ".%x", group_at(addr, GROUPS - 1 - i));
        }
    }
}

static void client_write(const struct prefix *network, struct buf *buf)
{
    const uint8_t *bytes = network->addr.bytes;
    if (addr_is_v4(&network->addr) && network->bits >= 96) {
        buf_printf(buf, "%u.%u.%u.%u.%u", network->bits - 96u, bytes[15], bytes[14], bytes[13],
                   bytes[12]);
    } else {
        buf_printf(buf, "%u", network->bits);
        client_v6(&network->addr, buf);
    }
    buf_text(buf, ".rpz-client-ip CNAME .\n");
}

/* A name of the zone is relative: written without its final dot. */
static void relative_write(const struct dns_name *name, const char *lead, struct buf *buf)
{
    buf_text(buf, lead);
    artefact_name(buf, name, "\\");
    if (buf->len)
        buf->data[--buf->len] = '\0';
    buf_text(buf, " CNAME .\n");
}

static int name_write(const struct dns_name *name, const struct dns_name *zone, struct buf *buf,
                      struct error *error)
{
    if (name->len - 1u + 2 + zone->len > NAME_WIRE_LIMIT) {
        char text[NAME_TEXT_MAX];
        name_to_text(name, 0, text);
        return error_set(error, -EINVAL,
                         "%s: too long for a name of an RPZ zone; block one above it", text);
    }
    relative_write(name, "", buf);
    relative_write(name, "*.", buf);
    return 0;
}

int artefact_rpz(const struct artefact_input *input, struct buf *buf, struct error *error)
{
    struct dns_name zone;
    if (!name_from_text(&zone, input->zone, strlen(input->zone)))
        return error_set(error, -EINVAL, "%s: not a name for a zone", input->zone);
    artefact_head(buf, ";", input);
    buf_text(buf, "$ORIGIN ");
    artefact_name(buf, &zone, "\\");
    buf_printf(buf,
               "\n$TTL 60\n"
               "@ SOA localhost. root.localhost. %" PRIu32 " 60 60 86400 60\n"
               "@ NS localhost.\n",
               input->serial);
    for (size_t i = 0; i < input->count; i++) {
        if (!input->items[i].is_name) {
            client_write(&input->items[i].network, buf);
            continue;
        }
        int r = name_write(&input->items[i].name, &zone, buf, error);
        if (r < 0)
            return r;
    }
    return 0;
}
