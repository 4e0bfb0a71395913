/* story.c - one morning of an office network
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tuesday 2026-03-10, 08:00 to 11:00 UTC. The office is 192.0.2.0/24 and 2001:db8:1::/64; everybody
 * asks the resolver 192.0.2.53 or 2001:db8:1::53.
 *
 *   .10             mail server: block-list look-ups, SPF, DKIM, MX
 *   .11             domain controller: reverse and service look-ups
 *   .101 - .110, ::21, ::22   people at work, with what their software asks on its own
 *   .121            looks up onion names, and the hosts a Tor client talks to
 *   .122            reaches a hidden service through web gateways
 *   ::23            asks for mining pools, every few minutes
 *   .124            calls a domain that was seized: a sinkhole answers
 *   .125            moves data through a DNS tunnel under kettlebridge-sync.net
 *   .126            runs through generated names until one answers
 *   .127            sends messages that are no DNS, or damaged */
#include "story.h"

#include "base/clock.h"
#include "names.h"
#include "talk.h"
#include "threats.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define START_NS        (1773129600 * NS_PER_S)
#define MINUTE_NS       (60 * NS_PER_S)

enum {
    MORNING_MINUTES = 180,
    SEED = 20260310,
    FIRST_V6_PERSON = 21,
    PEOPLE = 12,
    V6_PEOPLE = 2,
    VISITS = 9, /* of one person */
    VLAN_PEOPLE = 20,
};

struct story {
    struct prng prng;
    struct timeline timeline;
    struct lookup lookup;
};

/* Web sites people visit; an alias leads to the next one or to the addresses. */
static const struct site {
    const char *host, *zone;
    const char *alias[2];
    bool has_v6;
} sites[] = {
    {"www.wikipedia.org", "wikipedia.org", {"dyna.wikimedia.org"}, true},
    {"en.wikipedia.org", "wikipedia.org", {"dyna.wikimedia.org"}, true},
    {"upload.wikimedia.org", "wikimedia.org", {0}, true},
    {"www.debian.org", "debian.org", {"www-mirror.debian.org"}, true},
    {"packages.debian.org", "debian.org", {0}, true},
    {"www.python.org", "python.org", {"dualstack.python.map.fastly.net"}, true},
    {"docs.python.org", "python.org", {"dualstack.python.map.fastly.net"}, true},
    {"wiki.python.org", "python.org", {0}, true},
    {"www.kernel.org", "kernel.org", {"geo.source.kernel.org"}, true},
    {"github.com", "github.com", {0}, false},
    {"api.github.com", "github.com", {0}, false},
    {"avatars.githubusercontent.com", "githubusercontent.com", {0}, true},
    {"www.mozilla.org", "mozilla.org", {"www.mozilla.org.cdn.cloudflare.net"}, true},
    {"developer.mozilla.org", "mozilla.org", {"mdn.prod.mdn.prod.webservices.mozgcp.net"}, false},
    {"www.openstreetmap.org", "openstreetmap.org", {0}, true},
    {"tile.openstreetmap.org", "openstreetmap.org", {"dualstack.n.sni.global.fastly.net"}, true},
    {"www.bbc.co.uk",
     "bbc.co.uk",
     {"www.bbc.co.uk.pri.bbc.co.uk", "uk.www.bbc.co.uk.pri.bbc.co.uk"},
     true},
    {"www.asahi.com",
     "asahi.com",
     {"www.asahi.com.edgekey.net", "e3144.dscb.akamaiedge.net"},
     false},
    {"www.nhk.or.jp", "nhk.or.jp", {"www.nhk.or.jp.edgekey.net", "e9343.a.akamaiedge.net"}, false},
    {"www.microsoft.com",
     "microsoft.com",
     {"www.microsoft.com-c-3.edgekey.net", "e13678.dscb.akamaiedge.net"},
     true},
    {"outlook.office365.com",
     "office365.com",
     {"outlook.ha.office365.com", "ooc-g2.tm-4.office.com"},
     true},
    {"login.microsoftonline.com", "microsoftonline.com", {"login.mso.msidentity.com"}, true},
    {"www.google.com", "google.com", {0}, true},
    {"fonts.gstatic.com", "gstatic.com", {0}, true},
    {"www.youtube.com", "youtube.com", {"youtube-ui.l.google.com"}, true},
    {"rr3---sn-4g5e6nsz.googlevideo.com",
     "googlevideo.com",
     {"rr3.sn-4g5e6nsz.googlevideo.com"},
     true},
    {"d1.awsstatic.com", "awsstatic.com", {"dftu77xade0tc.cloudfront.net"}, true},
    {"cdn.jsdelivr.net", "jsdelivr.net", {"cdn.jsdelivr.net.cdn.cloudflare.net"}, true},
    {"stackoverflow.com", "stackoverflow.com", {0}, false},
    {"news.ycombinator.com", "ycombinator.com", {0}, false},
    {"www.nasa.gov", "nasa.gov", {0}, true},
    {"arxiv.org", "arxiv.org", {0}, false},
};

/* What software asks on its own: oddities that must not alarm anybody. */
static const struct quirk {
    const char *client;
    uint16_t every_minutes;
    const char *name;
    uint16_t type;
    uint8_t rcode;
    const char *zone;   /* of the SOA when there is no answer */
    const char *answer; /* presentation format, NULL for none */
} quirks[] = {
    /* operating systems and browsers */
    {"192.0.2.101", 45, "ftp.debian.org", DNS_TYPE_A, 0, "debian.org", "198.51.100.132"},
    {"192.0.2.101", 45, "tracker.debian.org", DNS_TYPE_AAAA, 0, "debian.org", "2001:db8:40::204"},
    {"192.0.2.102", 60, "2.debian.pool.ntp.org", DNS_TYPE_A, 0, "ntp.org", "203.0.113.123"},
    {"192.0.2.103", 40, "connectivity-check.ubuntu.com", DNS_TYPE_A, 0, "ubuntu.com",
     "198.51.100.49"},
    {"192.0.2.104", 40, "detectportal.firefox.com", DNS_TYPE_A, 0, "firefox.com", "198.51.100.82"},
    {"192.0.2.105", 40, "connectivitycheck.gstatic.com", DNS_TYPE_A, 0, "gstatic.com",
     "203.0.113.94"},
    {"192.0.2.106", 40, "www.msftconnecttest.com", DNS_TYPE_A, 0, "msftconnecttest.com",
     "203.0.113.7"},
    {"192.0.2.106", 70, "ctldl.windowsupdate.com", DNS_TYPE_A, 0, "windowsupdate.com",
     "198.51.100.19"},
    /* a Windows domain, and search suffixes put behind names that are whole already */
    {"192.0.2.107", 50, "_ldap._tcp.dc._msdcs.ad.office.example", DNS_TYPE_SRV, 0, "office.example",
     "0 100 389 dc1.ad.office.example"},
    {"192.0.2.107", 50, "_kerberos._tcp.dc._msdcs.ad.office.example", DNS_TYPE_SRV, 0,
     "office.example", "0 100 88 dc1.ad.office.example"},
    {"192.0.2.108", 45, "wpad.ad.office.example", DNS_TYPE_A, 3, "office.example", NULL},
    {"192.0.2.108", 90, "www.wikipedia.org.ad.office.example", DNS_TYPE_A, 3, "office.example",
     NULL},
    {"192.0.2.109", 90, "isatap", DNS_TYPE_A, 3, ".", NULL},
    {"192.0.2.109", 60, "printer.local", DNS_TYPE_A, 3, ".", NULL},
    {"192.0.2.110", 80, "wWw.PyThON.oRg", DNS_TYPE_A, 0, "python.org", "203.0.113.223"},
    /* the mail server */
    {"192.0.2.10", 30, "10.113.0.203.zen.spamhaus.org", DNS_TYPE_A, 0, "spamhaus.org", "127.0.0.4"},
    {"192.0.2.10", 25, "77.100.51.198.zen.spamhaus.org", DNS_TYPE_A, 3, "spamhaus.org", NULL},
    {"192.0.2.10", 35, "77.100.51.198.bl.spamcop.net", DNS_TYPE_A, 3, "spamcop.net", NULL},
    {"192.0.2.10", 40, "debian.org", DNS_TYPE_MX, 0, "debian.org", "10 mailly.debian.org"},
    {"192.0.2.10", 55, "python.org", DNS_TYPE_TXT, 0, "python.org",
     "\"v=spf1 mx a:mail.wooz.org ip4:198.51.100.0/24 ~all\""},
    {"192.0.2.10", 70, "_dmarc.kernel.org", DNS_TYPE_TXT, 0, "kernel.org", "\"v=DMARC1; p=none\""},
    {"192.0.2.10", 90, "_acme-challenge.mail.office.example", DNS_TYPE_TXT, 0, "office.example",
     "\"gfj9Xq-Rg85nM3xkQVb6dYt0s2hU7WcLpEoZaT1iKvA\""},
    /* the domain controller */
    {"192.0.2.11", 20, "101.2.0.192.in-addr.arpa", DNS_TYPE_PTR, 0, "2.0.192.in-addr.arpa",
     "pc101.ad.office.example"},
    {"192.0.2.11", 30, "250.2.0.192.in-addr.arpa", DNS_TYPE_PTR, 3, "2.0.192.in-addr.arpa", NULL},
    {"192.0.2.11", 60, ".", DNS_TYPE_NS, 0, ".", "a.root-servers.net"},
};

static int64_t any_time(struct story *story)
{
    return START_NS + prng_below(&story->prng, MORNING_MINUTES * 60000) * NS_PER_MS;
}

static struct flow flow_of(struct story *story, const char *client)
{
    struct flow flow = {.server_port = WIRE_DNS_PORT};
    bool known = addr_parse(client, strlen(client), &flow.client);
    const char *server = addr_is_v4(&flow.client) ? "192.0.2.53" : "2001:db8:1::53";
    known &= addr_parse(server, strlen(server), &flow.server);
    assert(known);
    flow.client_port = (uint16_t)(32768 + prng_below(&story->prng, 28000));
    return flow;
}

static enum fate any_fate(struct story *story)
{
    switch (prng_below(&story->prng, 100)) {
    case 0: return FATE_LOST;
    case 1: return FATE_LATE;
    case 2:
    case 3: return FATE_REPEATED;
    default: return FATE_ANSWERED;
    }
}

/* Within a second after `time_ns`: nothing happens on the stroke of a minute. */
static void send_from(struct story *story, const char *client, int64_t time_ns)
{
    struct flow flow = flow_of(story, client);
    enum fate fate = any_fate(story);
    time_ns += prng_below(&story->prng, 1000000) * NS_PER_US;
    talk_udp(&story->timeline, &story->prng, &flow, time_ns, &story->lookup, fate);
}

/* The last name of a site's chain of aliases, with the chain put in the answer. */
static const char *follow_aliases(struct lookup *lookup, const struct site *site)
{
    const char *name = site->host;
    for (size_t i = 0; i < COUNT_OF(site->alias) && site->alias[i]; i++) {
        lookup_answer(lookup, name, DNS_TYPE_CNAME, 600, site->alias[i]);
        name = site->alias[i];
    }
    return name;
}

static void make_visit(struct story *story, const struct site *site, uint16_t type)
{
    struct lookup *lookup = &story->lookup;
    lookup_begin(lookup, &story->prng, site->host, type, DNS_RCODE_NOERROR);
    const char *end = follow_aliases(lookup, site);
    bool has_answer = type == DNS_TYPE_A || (type == DNS_TYPE_AAAA && site->has_v6);
    if (has_answer)
        lookup_addresses(lookup, end, type, 1 + prng_below(&story->prng, 2));
    else if (end == site->host)
        lookup_soa(lookup, site->zone);
    lookup_end(lookup);
}

/* A browser asks for both address families and the HTTPS record at once. */
static void visit(struct story *story, struct flow *flow, int64_t time_ns)
{
    static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_HTTPS};
    const struct site *site = &sites[prng_below(&story->prng, COUNT_OF(sites))];
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        make_visit(story, site, types[i]);
        flow->client_port++;
        enum fate fate = any_fate(story);
        talk_udp(&story->timeline, &story->prng, flow, time_ns, &story->lookup, fate);
        time_ns += 300 * NS_PER_US;
    }
}

static void people_work(struct story *story)
{
    for (int person = 0; person < PEOPLE; person++) {
        char client[ADDR_TEXT_MAX];
        int v4_people = PEOPLE - V6_PEOPLE;
        if (person < v4_people)
            snprintf(client, sizeof(client), "192.0.2.%d", 101 + person);
        else
            snprintf(client, sizeof(client), "2001:db8:1::%d",
                     FIRST_V6_PERSON + person - v4_people);
        for (int i = 0; i < VISITS; i++) {
            struct flow flow = flow_of(story, client);
            flow.vlan = person % 4 == 0 ? VLAN_PEOPLE : 0;
            visit(story, &flow, any_time(story));
        }
    }
}

static void make_quirk(struct story *story, const struct quirk *quirk)
{
    struct lookup *lookup = &story->lookup;
    lookup_begin(lookup, &story->prng, quirk->name, quirk->type, quirk->rcode);
    if (quirk->answer)
        lookup_answer(lookup, quirk->name, quirk->type, 600, quirk->answer);
    else
        lookup_soa(lookup, quirk->zone);
    lookup_end(lookup);
}

static void software_works(struct story *story)
{
    for (size_t i = 0; i < COUNT_OF(quirks); i++) {
        const struct quirk *quirk = &quirks[i];
        int64_t minute = prng_below(&story->prng, quirk->every_minutes);
        for (; minute < MORNING_MINUTES; minute += quirk->every_minutes) {
            make_quirk(story, quirk);
            send_from(story, quirk->client, START_NS + minute * MINUTE_NS);
        }
    }
}

/* A text of `len` letters and digits out of the first `alphabet` of them. */
static void random_text(struct story *story, char *text, size_t len, unsigned alphabet)
{
    for (size_t i = 0; i < len; i++)
        text[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[prng_below(&story->prng, alphabet)];
    text[len] = 0;
}

/* Chromium starts by asking for three names that cannot exist, to find out who answers anyway. */
static void chromium_starts(struct story *story, const char *client, int64_t time_ns)
{
    for (int i = 0; i < 3; i++) {
        char name[16];
        random_text(story, name, 7 + prng_below(&story->prng, 9), 26);
        lookup_begin(&story->lookup, &story->prng, name, DNS_TYPE_A, DNS_RCODE_NXDOMAIN);
        lookup_soa(&story->lookup, ".");
        lookup_end(&story->lookup);
        send_from(story, client, time_ns + i * 40 * NS_PER_MS);
    }
}

/* A virus scanner asks for the reputation of files: long random labels, yet nothing leaks. */
static void scanner_asks(struct story *story)
{
    for (int i = 0; i < 10; i++) {
        char name[NAME_BYTES_MAX];
        int len = snprintf(name, sizeof(name), "3.");
        random_text(story, name + len, 34, 36);
        strcat(name, ".p.07.s.sophosxl.net");
        lookup_begin(&story->lookup, &story->prng, name, DNS_TYPE_TXT, DNS_RCODE_NOERROR);
        lookup_answer(&story->lookup, name, DNS_TYPE_TXT, 300, "\"w 0 0\"");
        lookup_end(&story->lookup);
        send_from(story, "192.0.2.106", any_time(story));
    }
}

/* Answers too long for UDP: cut there, asked again over TCP. */
static void long_answers(struct story *story)
{
    static const char *const names[] = {"debian.org", "kernel.org", "mozilla.org"};
    struct lookup *lookup = &story->lookup;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct flow flow = flow_of(story, "192.0.2.10");
        int64_t time_ns = any_time(story);
        lookup_begin(lookup, &story->prng, names[i], DNS_TYPE_TXT, DNS_RCODE_NOERROR);
        lookup->response.data[2] |= DNS_FLAG_TC >> 8;
        talk_udp(&story->timeline, &story->prng, &flow, time_ns, lookup, FATE_ANSWERED);
        lookup_begin(lookup, &story->prng, names[i], DNS_TYPE_TXT, DNS_RCODE_NOERROR);
        lookup_answer(lookup, names[i], DNS_TYPE_TXT, 3600,
                      "\"v=spf1 mx a ip4:198.51.100.0/24 ip6:2001:db8::/32 ~all\"");
        for (int k = 0; k < 8; k++)
            lookup_answer(
                lookup, names[i], DNS_TYPE_TXT, 3600,
                "\"site-verification=the quick brown fox jumps over the lazy dog 0123456789\"");
        talk_tcp(&story->timeline, &story->prng, &flow, time_ns + 100 * NS_PER_MS, lookup, 1);
    }
}

static void tor_client(struct story *story, const char *client)
{
    static const char *const hosts[] = {"www.torproject.org", "dist.torproject.org",
                                        "aus1.torproject.org", "snowflake-broker.torproject.net"};
    int64_t time_ns = START_NS + 31 * MINUTE_NS;
    for (size_t i = 0; i < COUNT_OF(hosts); i++, time_ns += 3 * NS_PER_S) {
        lookup_begin(&story->lookup, &story->prng, hosts[i], DNS_TYPE_A, DNS_RCODE_NOERROR);
        lookup_addresses(&story->lookup, hosts[i], DNS_TYPE_A, 1);
        lookup_end(&story->lookup);
        send_from(story, client, time_ns);
    }
    for (int i = 0; i < 5; i++, time_ns += 40 * NS_PER_S) {
        threat_onion(&story->lookup, &story->prng);
        send_from(story, client, time_ns);
    }
}

static void gateway_user(struct story *story, const char *client)
{
    for (int i = 0; i < 5; i++) {
        threat_gateway(&story->lookup, &story->prng);
        send_from(story, client, START_NS + (52 + 2 * i) * MINUTE_NS);
    }
}

static void miner(struct story *story, const char *client)
{
    for (int minute = 12; minute < MORNING_MINUTES; minute += 9) {
        threat_mining(&story->lookup, &story->prng);
        send_from(story, client, START_NS + minute * MINUTE_NS);
    }
}

static void sinkholed_bot(struct story *story, const char *client)
{
    for (int minute = 20; minute < MORNING_MINUTES; minute += 30) {
        threat_sinkhole(&story->lookup, &story->prng, "api.avsvmcloud.com");
        send_from(story, client, START_NS + minute * MINUTE_NS);
    }
}

static void tunnel_user(struct story *story, const char *client)
{
    int64_t time_ns = START_NS + 95 * MINUTE_NS;
    struct flow flow = flow_of(story, client);
    for (int i = 0; i < 110; i++) {
        threat_tunnel(&story->lookup, &story->prng, "t.kettlebridge-sync.net");
        talk_udp(&story->timeline, &story->prng, &flow, time_ns, &story->lookup, FATE_ANSWERED);
        time_ns += (20 + prng_below(&story->prng, 300)) * NS_PER_MS;
    }
}

static void dga_bot(struct story *story, const char *client)
{
    int64_t time_ns = START_NS + 128 * MINUTE_NS;
    for (int i = 0; i < 45; i++) {
        threat_dga(&story->lookup, &story->prng);
        send_from(story, client, time_ns);
        time_ns += (200 + prng_below(&story->prng, 1500)) * NS_PER_MS;
    }
    static const char found[] = "qvkwpzhrtxnbd.com";
    lookup_begin(&story->lookup, &story->prng, found, DNS_TYPE_A, DNS_RCODE_NOERROR);
    lookup_addresses(&story->lookup, found, DNS_TYPE_A, 1);
    lookup_end(&story->lookup);
    send_from(story, client, time_ns);
}

static void broken_device(struct story *story, const char *client)
{
    for (unsigned i = 0; i < 3 * THREAT_MALFORMED_COUNT; i++) {
        struct flow flow = flow_of(story, client);
        int64_t time_ns = START_NS + 150 * MINUTE_NS + i * 11 * NS_PER_S;
        threat_malformed(&story->lookup, &story->prng, i % THREAT_MALFORMED_COUNT);
        talk_udp(&story->timeline, &story->prng, &flow, time_ns, &story->lookup, FATE_LOST);
    }
}

void story_write(struct capture_writer *writer)
{
    struct story *story = calloc(1, sizeof(*story));
    assert(story);
    story->prng.state = SEED;
    timeline_init(&story->timeline);
    people_work(story);
    software_works(story);
    chromium_starts(story, "192.0.2.105", START_NS + 4 * MINUTE_NS);
    chromium_starts(story, "192.0.2.104", START_NS + 66 * MINUTE_NS);
    scanner_asks(story);
    long_answers(story);
    tor_client(story, "192.0.2.121");
    gateway_user(story, "192.0.2.122");
    miner(story, "2001:db8:1::23");
    sinkholed_bot(story, "192.0.2.124");
    tunnel_user(story, "192.0.2.125");
    dga_bot(story, "192.0.2.126");
    broken_device(story, "192.0.2.127");
    timeline_write(&story->timeline, INT64_MAX, UINT64_MAX, writer);
    timeline_done(&story->timeline);
    free(story);
}
