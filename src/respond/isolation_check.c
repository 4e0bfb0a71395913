/* isolation_check.c - who and what may be isolated
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/isolation_check.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static bool overlap(const struct prefix *a, const struct prefix *b)
{
    return a->bits <= b->bits ? prefix_contains(a, &b->addr) : prefix_contains(b, &a->addr);
}

static bool overlaps_any(const struct prefix *network, const struct config_networks *networks)
{
    for (uint32_t i = 0; i < networks->count; i++)
        if (overlap(network, &networks->items[i]))
            return true;
    return false;
}

static bool is_allowed(const struct prefix *network, const struct config_networks *allowed)
{
    for (uint32_t i = 0; i < allowed->count; i++)
        if (allowed->items[i].bits <= network->bits &&
            prefix_contains(&allowed->items[i], &network->addr))
            return true;
    return false;
}

static int network_check(const struct isolation_desk *desk, const struct prefix *network,
                         const char *what, struct error *error)
{
    const struct config *config = desk->config;
    const struct {
        const struct config_networks *networks;
        const char *why;
    } spared[] = {
        {&config->isolation.protected, "isolation.protected names it"},
        {&config->resolvers, "it is a resolver, and all who ask it would be cut off"},
        {&config->forwarders, "it is a forwarder, and all who ask it would be cut off"},
        {desk->own, "it is this machine"},
    };
    if (!is_allowed(network, &config->isolation.allowed))
        return error_set(error, -EPERM,
                         "%s: may not be isolated: it is not in isolation.allowed of the "
                         "configuration",
                         what);
    for (size_t i = 0; i < sizeof(spared) / sizeof(*spared); i++)
        if (overlaps_any(network, spared[i].networks))
            return error_set(error, -EPERM, "%s: may not be isolated: %s", what, spared[i].why);
    return 0;
}

static int name_check(const struct isolation_desk *desk, const struct dns_name *name,
                      const char *what, struct error *error)
{
    const struct config_names *spared = &desk->config->isolation.protected_names;
    if (!isolated_name_is_plain(name))
        return error_set(error, -EPERM,
                         "%s: may not be blocked: it would be more than one domain, or something "
                         "else than a name",
                         what);
    for (uint32_t i = 0; i < spared->count; i++) {
        struct dns_name other;
        const char *text = spared->items[i].text;
        if (name_from_text(&other, text, strlen(text)) &&
            (name_is_under(name, &other) || name_is_under(&other, name)))
            return error_set(error, -EPERM,
                             "%s: may not be blocked: isolation.protected_names has %s", what,
                             text);
    }
    return 0;
}

int isolation_check(const struct isolation_desk *desk, const struct isolated *item,
                    const struct config_isolation_target *target, const char *what,
                    struct error *error)
{
    if (!item->is_name)
        return network_check(desk, &item->network, what, error);
    if (!artefacts[target->type].names)
        return error_set(error, -EINVAL, "%s: target %s is of type %s, which cannot block names",
                         what, target->name, artefacts[target->type].slug);
    return name_check(desk, &item->name, what, error);
}

static bool addr_of(const struct sockaddr *address, struct addr *ret)
{
    if (!address)
        return false;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        *ret = addr_from_v4((const uint8_t *)&in->sin_addr);
        return true;
    }
    if (address->sa_family != AF_INET6)
        return false;
    const struct sockaddr_in6 *in6 = (const void *)address;
    *ret = addr_from_v6((const uint8_t *)&in6->sin6_addr);
    return true;
}

int isolation_own_addresses(struct config_networks *ret_networks, struct error *error)
{
    struct ifaddrs *all;
    struct config_networks own = {0};
    size_t room = 0;
    if (getifaddrs(&all) != 0)
        return error_set(error, -errno, "this machine's addresses are not known: %s",
                         strerror(errno));
    for (const struct ifaddrs *one = all; one; one = one->ifa_next)
        room++;
    own.items = calloc(room ? room : 1, sizeof(*own.items));
    for (const struct ifaddrs *one = all; own.items && one; one = one->ifa_next)
        if (addr_of(one->ifa_addr, &own.items[own.count].addr))
            own.items[own.count++].bits = 128;
    freeifaddrs(all);
    if (!own.items)
        return error_set(error, -ENOMEM, "no memory for this machine's addresses");
    *ret_networks = own;
    return 0;
}
