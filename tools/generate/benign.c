/* benign.c - what ordinary clients ask for
 * SPDX-License-Identifier: Apache-2.0 */
#include "benign.h"

#include "names.h"

#include <stdio.h>

/* alpn h2 and h3, two IPv4 hints, two IPv6 hints (RFC 9460) */
#define HTTPS_RDATA                                                                                \
    "1 . 00010006026832026833 00040008c6336407cb007109 "                                           \
    "0006002020010db800000000000000000000000720010db8000000000000000000000009"

enum { TEXT_MAX = 2 * NAME_BYTES_MAX, CDN_SITES = 12 };

static void make_addresses(struct lookup *lookup, struct prng *prng, uint32_t host, uint16_t type)
{
    char name[NAME_BYTES_MAX];
    name_host(host, name);
    lookup_begin(lookup, prng, name, type, DNS_RCODE_NOERROR);
    lookup_addresses(lookup, name, type, 1 + host % 4);
}

static void make_a(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    make_addresses(lookup, prng, host, DNS_TYPE_A);
}

static void make_aaaa(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    make_addresses(lookup, prng, host, DNS_TYPE_AAAA);
}

static void make_no_aaaa(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char name[NAME_BYTES_MAX], site[NAME_BYTES_MAX];
    name_host(host, name);
    name_site(host, site);
    lookup_begin(lookup, prng, name, DNS_TYPE_AAAA, DNS_RCODE_NOERROR);
    lookup_soa(lookup, site);
}

static void make_https(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char name[NAME_BYTES_MAX];
    name_host(host, name);
    lookup_begin(lookup, prng, name, DNS_TYPE_HTTPS, DNS_RCODE_NOERROR);
    lookup_answer(lookup, name, DNS_TYPE_HTTPS, 300, HTTPS_RDATA);
}

/* host -> host.edge.<cdn> -> e123.<region>.<cdn> -> addresses */
static void make_alias(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char name[NAME_BYTES_MAX], cdn[NAME_BYTES_MAX], edge[TEXT_MAX], node[TEXT_MAX];
    name_host(host, name);
    name_site(host % CDN_SITES, cdn);
    snprintf(edge, sizeof(edge), "%.100s.edge.%.100s", name, cdn);
    snprintf(node, sizeof(node), "e%u.dsc%c.%.100s", host % 10000, 'a' + host % 5, cdn);
    lookup_begin(lookup, prng, name, DNS_TYPE_A, DNS_RCODE_NOERROR);
    lookup_answer(lookup, name, DNS_TYPE_CNAME, 3600, edge);
    lookup_answer(lookup, edge, DNS_TYPE_CNAME, 900, node);
    lookup_addresses(lookup, node, DNS_TYPE_A, 2 + host % 3);
}

static void make_txt(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char site[NAME_BYTES_MAX];
    name_site(host, site);
    lookup_begin(lookup, prng, site, DNS_TYPE_TXT, DNS_RCODE_NOERROR);
    lookup_answer(lookup, site, DNS_TYPE_TXT, 3600, "\"v=spf1 mx ip4:198.51.100.0/24 -all\"");
}

static void make_mx(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char site[NAME_BYTES_MAX], rdata[TEXT_MAX];
    name_site(host, site);
    snprintf(rdata, sizeof(rdata), "10 mx1.%s", site);
    lookup_begin(lookup, prng, site, DNS_TYPE_MX, DNS_RCODE_NOERROR);
    lookup_answer(lookup, site, DNS_TYPE_MX, 3600, rdata);
}

static void make_ns(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char site[NAME_BYTES_MAX], rdata[TEXT_MAX];
    name_site(host, site);
    lookup_begin(lookup, prng, site, DNS_TYPE_NS, DNS_RCODE_NOERROR);
    for (unsigned i = 1; i <= 2; i++) {
        snprintf(rdata, sizeof(rdata), "ns%u.%s", i, site);
        lookup_answer(lookup, site, DNS_TYPE_NS, 86400, rdata);
    }
}

static void make_ptr(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char owner[NAME_BYTES_MAX], name[NAME_BYTES_MAX];
    name_host(host, name);
    snprintf(owner, sizeof(owner), "%u.%u.0.203.in-addr.arpa", host % 256, host / 256 % 256);
    lookup_begin(lookup, prng, owner, DNS_TYPE_PTR, DNS_RCODE_NOERROR);
    lookup_answer(lookup, owner, DNS_TYPE_PTR, 3600, name);
}

static void make_srv(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char site[NAME_BYTES_MAX], owner[TEXT_MAX], rdata[TEXT_MAX];
    name_site(host % CDN_SITES, site);
    snprintf(owner, sizeof(owner), "_ldap._tcp.dc._msdcs.corp.%.100s", site);
    snprintf(rdata, sizeof(rdata), "0 100 389 dc%u.corp.%.100s", 1 + host % 2, site);
    lookup_begin(lookup, prng, owner, DNS_TYPE_SRV, DNS_RCODE_NOERROR);
    lookup_answer(lookup, owner, DNS_TYPE_SRV, 600, rdata);
}

static void make_nxdomain(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    static const char *const missing[] = {"wpad", "isatap", "autodiscover", "ww", "old"};
    char site[NAME_BYTES_MAX], name[TEXT_MAX];
    name_site(host, site);
    snprintf(name, sizeof(name), "%s.%.100s", missing[host % 5], site);
    lookup_begin(lookup, prng, name, DNS_TYPE_A, DNS_RCODE_NXDOMAIN);
    lookup_soa(lookup, site);
}

static void make_servfail(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    char name[NAME_BYTES_MAX];
    name_host(host, name);
    lookup_begin(lookup, prng, name, DNS_TYPE_A, DNS_RCODE_SERVFAIL);
}

/* How often each kind is asked for, of 1,000. */
static const struct {
    unsigned parts;
    void (*make)(struct lookup *lookup, struct prng *prng, uint32_t host);
} shapes[] = {
    {260, make_a},     {190, make_aaaa}, {70, make_no_aaaa},  {110, make_https},
    {250, make_alias}, {20, make_txt},   {10, make_mx},       {5, make_ns},
    {45, make_ptr},    {5, make_srv},    {30, make_nxdomain}, {5, make_servfail},
};

void benign_lookup(struct lookup *lookup, struct prng *prng, uint32_t host)
{
    unsigned part = prng_below(prng, 1000);
    unsigned i = 0;
    for (; part >= shapes[i].parts; i++)
        part -= shapes[i].parts;
    shapes[i].make(lookup, prng, host);
    lookup_end(lookup);
}
