/* anomaly_tests.c - which anomalies of the protocol a transaction shows: one small test for each
 * SPDX-License-Identifier: Apache-2.0
 *
 * First a few comparisons find out which parts of a message are unusual at all; for nearly all
 * messages that is none. Only the tests of unusual parts are run. A message of which the capture
 * kept the front alone is not judged by its lengths. */
#include "meter/anomaly_tests.h"

#include "base/bytes16.h"
#include "config/config.h"

#include <dnsvigil/name.h>
#include <dnsvigil/record.h>
#include <dnsvigil/rrtype.h>

#include <assert.h>
#include <string.h>

enum part {
    PART_DAMAGE = 1 << 0,
    PART_HEADER = 1 << 1,
    PART_QUESTION = 1 << 2,
    PART_EDNS = 1 << 3,
    PART_RECORDS = 1 << 4,
    PART_SIZE = 1 << 5,
    PART_PAIRING = 1 << 6,
    PART_SERVER = 1 << 7,
    PARTS_TOLD = PART_QUESTION | PART_RECORDS | PART_SERVER, /* by a log, too */
};

enum {
    DNS_PORT = 53,
    OPCODE_QUERY = 0,
    OPCODE_NOTIFY = 4,
    OPCODE_UPDATE = 5,
    OPCODE_DSO = 6,
    OPCODE_BITS = 0x7800,
    RCODE_REFUSED = 5,
    RCODE_NOTAUTH = 9,
    TYPE_SIG = 24,
    TYPE_TKEY = 249,
    TYPE_TSIG = 250,
    TYPE_IXFR = 251,
    TYPE_AXFR = 252,
    TYPE_PRIVATE_FIRST = 65280,
    TYPE_PRIVATE_LAST = 65534,
    CLASS_IN_MULTICAST = 0x8001, /* mDNS sets the top bit (RFC 6762 5.4) */
    OPTION_NSID = 3,
    OPTION_COOKIE = 10,
    OPTION_PADDING = 12,
    OPTION_ERROR = 15,
    OPTION_REPORT = 18,
    OPTION_LOCAL_FIRST = 20,   /* from here on none is assigned that is long */
    EDNS_FLAGS_KNOWN = 0xc000, /* DO, and CO of RFC 9824 */
    POINTER_TO_QUESTION = 0xc000 | MESSAGE_HEADER_BYTES,

    PLAIN_UDP_BYTES = 512, /* RFC 1035 2.3.4 */
    NOT_DNS_BYTES = 200,   /* foreign data this long is no probe */
    TRAILING_BYTES_MIN = 16,
    OPTIONS_BYTES_QUIET = 64, /* so much is not even looked into */
    OPTIONS_BYTES_MAX = 256,
    CONTROL_BYTES_BINARY = 3, /* one or two are a stray line ending */
    TTL_FORGET_S = 1,         /* an answer that is not to be kept */
    ALIASES_MAX = 32,
};

static uint32_t be16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* Each fact about a question is told once: by the query, or by a response that stands alone. */
static bool asks(const struct sight *sight)
{
    return sight->message->has_question && sight->message->opcode == OPCODE_QUERY &&
           (sight->to_server || !sight->transaction->query);
}

/* Damage. */

/* Whether the counts of the header could be true of a message so long. */
static bool counts_fit(const struct dns_message *message)
{
    enum { QUESTION_BYTES_MIN = 5, RECORD_BYTES_MIN = 11 };
    const uint16_t *counts = message->counts;
    uint32_t records = (uint32_t)counts[DNS_SECTION_ANSWER] + counts[DNS_SECTION_AUTHORITY] +
                       counts[DNS_SECTION_ADDITIONAL];
    return MESSAGE_HEADER_BYTES + QUESTION_BYTES_MIN * (uint32_t)counts[DNS_SECTION_QUESTION] +
               RECORD_BYTES_MIN * records <=
           message->len;
}

/* Whether a message that cannot be read was never meant to be DNS: a header with two impossible
 * things in it, where a mistake or an attack makes one. */
static bool is_not_dns(const struct dns_message *message)
{
    if (message->unframed || message->malformed == MALFORMED_HEADER)
        return !message->cut;
    if (!message->malformed || message->cut)
        return false;
    int strange = (message->opcode > OPCODE_DSO) + (message->opcode == 3) +
                  !!(message->flags & DNS_FLAG_Z) + !counts_fit(message) +
                  (message->counts[DNS_SECTION_QUESTION] > 1);
    return strange >= 2;
}

static bool test_foreign_protocol(const struct sight *sight)
{
    return sight->message->foreign != FOREIGN_NONE;
}

static bool test_not_dns(const struct sight *sight)
{
    return sight->message->len >= NOT_DNS_BYTES && is_not_dns(sight->message);
}

static bool test_not_dns_short(const struct sight *sight)
{
    return sight->message->len < NOT_DNS_BYTES && is_not_dns(sight->message);
}

/* A broken DNS message, not something else. */
static bool is_malformed(const struct sight *sight, enum malformed malformed)
{
    return sight->message->malformed == malformed && !is_not_dns(sight->message);
}

static bool test_label_type(const struct sight *sight)
{
    return is_malformed(sight, MALFORMED_LABEL_TYPE);
}

/* Whether the owner of some answer cannot be read: the walk over the message skips what pointers
 * lead to. */
static bool owner_is_bad(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    struct dns_name owner;
    for (unsigned i = 0; i < message->record_count; i++)
        if (message->records[i].section == DNS_SECTION_ANSWER &&
            !record_owner(message, &message->records[i], &owner))
            return true;
    return false;
}

static bool test_name_pointer(const struct sight *sight)
{
    if (is_malformed(sight, MALFORMED_POINTER))
        return true;
    return !sight->message->cut && !is_not_dns(sight->message) && owner_is_bad(sight);
}

static bool test_name_length(const struct sight *sight)
{
    return is_malformed(sight, MALFORMED_NAME_LENGTH);
}

static bool test_counts(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    if (message->cut || message->flags & DNS_FLAG_TC || is_not_dns(message))
        return false;
    switch (message->malformed) {
    case MALFORMED_QUESTION_CUT:
    case MALFORMED_RECORD_CUT:
    case MALFORMED_RDATA_CUT:
    case MALFORMED_NAME_CUT: return true;
    case MALFORMED_BUDGET: return sight->transaction->transport == TRANSPORT_UDP;
    default: return false;
    }
}

static bool test_edns_place(const struct sight *sight)
{
    return is_malformed(sight, MALFORMED_OPT);
}

static bool damage_is_in_options(const struct dns_message *message)
{
    return message->edns.present && message->malformed_at == message->edns.options;
}

static bool test_edns_options(const struct sight *sight)
{
    return is_malformed(sight, MALFORMED_RDATA) && damage_is_in_options(sight->message);
}

static bool test_rdata(const struct sight *sight)
{
    return is_malformed(sight, MALFORMED_RDATA) && !damage_is_in_options(sight->message);
}

/* The header. */

static bool test_wrong_way(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    return message->malformed != MALFORMED_HEADER && !is_not_dns(message) &&
           message_is_response(message) == sight->to_server;
}

static bool test_opcode(const struct sight *sight)
{
    unsigned opcode = sight->message->opcode;
    bool valid = opcode == OPCODE_QUERY || (opcode >= OPCODE_NOTIFY && opcode <= OPCODE_DSO);
    return !valid && !is_not_dns(sight->message);
}

static bool test_question_count(const struct sight *sight)
{
    return sight->message->opcode == OPCODE_QUERY && !is_not_dns(sight->message) &&
           sight->message->counts[DNS_SECTION_QUESTION] > 1;
}

/* Walks the options; false at the end. */
static bool option_next(const struct dns_message *message, unsigned *at, unsigned *ret_code,
                        unsigned *ret_len)
{
    const uint8_t *option = message->data + message->edns.options + *at;
    if (*at + 4 > message->edns.options_len)
        return false;
    *ret_code = be16(option);
    *ret_len = be16(option + 2);
    *at += 4 + *ret_len;
    return *at <= message->edns.options_len;
}

static bool has_cookie(const struct dns_message *message)
{
    unsigned at = 0, code, len;
    while (message->edns.present && option_next(message, &at, &code, &len))
        if (code == OPTION_COOKIE)
            return true;
    return false;
}

/* A client may ask for a cookie alone (RFC 7873 5.4). */
static bool test_no_question(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    return sight->to_server && message->opcode == OPCODE_QUERY && !message_is_response(message) &&
           !message->malformed && message->counts[DNS_SECTION_QUESTION] == 0 &&
           !has_cookie(message);
}

/* In the additional section of a query may stand EDNS, signatures and keys to be agreed on; in the
 * authority section the version an IXFR starts from (RFC 1995 3). */
static bool record_suits_query(const struct dns_message *message, const struct dns_record *record)
{
    if (message->qtype == TYPE_TKEY)
        return true;
    if (record->section == DNS_SECTION_AUTHORITY)
        return message->qtype == TYPE_IXFR;
    return record->section == DNS_SECTION_ADDITIONAL &&
           (record->type == DNS_TYPE_OPT || record->type == TYPE_TSIG || record->type == TYPE_SIG);
}

static bool test_records_in_query(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    if (!sight->to_server || message->opcode != OPCODE_QUERY || message_is_response(message))
        return false;
    for (unsigned i = 0; i < message->record_count; i++)
        if (!record_suits_query(message, &message->records[i]))
            return !is_not_dns(message);
    return false;
}

static bool test_trailing_bytes(const struct sight *sight)
{
    return sight->message->trailing >= TRAILING_BYTES_MIN && !sight->message->cut;
}

static bool addr_is_local(const struct addr *addr)
{
    return addr_is_v4(addr) && (addr->bytes[12] == 127 || addr->bytes[12] == 0);
}

bool anomaly_server_is_outside(const struct addr *server)
{
    static const struct addr loopback = {.bytes = {[15] = 1}};
    return !addr_is_private(server) && !addr_is_local(server) && !addr_equal(server, &loopback);
}

static bool test_update_outside(const struct sight *sight)
{
    return sight->to_server && sight->message->opcode == OPCODE_UPDATE &&
           !sight->message->malformed && anomaly_server_is_outside(&sight->transaction->server);
}

static bool test_z_bit(const struct sight *sight)
{
    return sight->message->flags & DNS_FLAG_Z && !is_not_dns(sight->message);
}

/* The question. */

static bool asks_for_zone(const struct dns_message *message)
{
    static_assert(TYPE_AXFR == TYPE_IXFR + 1, "one comparison");
    return (uint16_t)(message->qtype - TYPE_IXFR) <= 1;
}

static bool test_transfer_refused(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    return message->has_question && asks_for_zone(message) && !sight->to_server &&
           (message->rcode == RCODE_REFUSED || message->rcode == RCODE_NOTAUTH);
}

/* Who is given a zone is a secondary server of it, as far as its owner is concerned. */
static bool test_zone_transfer(const struct sight *sight)
{
    const struct dns_message *response = sight->transaction->response;
    if (sight->transaction->lacks & (LACKS_RESPONSE | LACKS_RCODE | LACKS_ANSWERS))
        return false;
    bool given = response && response->rcode == 0 && response->counts[DNS_SECTION_ANSWER] > 0;
    return asks(sight) && sight->message->qtype == TYPE_AXFR && !given;
}

static bool asks_for_host(const struct sight *sight)
{
    uint16_t type = sight->message->qtype;
    return asks(sight) && (type == DNS_TYPE_A || type == DNS_TYPE_AAAA || type == DNS_TYPE_HTTPS);
}

enum character { CHARACTER_USUAL, CHARACTER_ODD, CHARACTER_CONTROL };

/* What a byte of a label says in a host name. Usual is what host names are made of (RFC 1123 2.1),
 * what services and wildcards are written with, and what people and logs paste in their place:
 * addresses, lists of them and URLs. */
static const uint8_t characters[256] = {
    [0 ... 0x1f] = CHARACTER_CONTROL,
    ['!' ... '$'] = CHARACTER_ODD,
    ['\'' ... ')'] = CHARACTER_ODD,
    ['+'] = CHARACTER_ODD,
    [';' ... '<'] = CHARACTER_ODD,
    ['>'] = CHARACTER_ODD,
    ['\\'] = CHARACTER_ODD,
    ['^'] = CHARACTER_ODD,
    ['`'] = CHARACTER_ODD,
    ['{' ... '~'] = CHARACTER_ODD,
    [0x7f] = CHARACTER_CONTROL,
    [0x80 ... 0xff] = CHARACTER_ODD,
};

/* How many bytes of a name's labels are at least so odd. */
static unsigned odd_bytes(const struct dns_name *name, enum character least)
{
    unsigned odd = 0;
    for (unsigned i = 0; i < name->labels; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        for (size_t k = 0; k < len; k++)
            odd += characters[label[k]] >= least;
    }
    return odd;
}

/* Whether labels are made of letters, digits, '-' and '_' alone, as nearly all are: without a
 * branch for each byte, and over the padding. Length bytes of short names are none of these
 * characters, so that it is enough to count. */
static bool name_is_plain(const struct dns_name *name)
{
    enum { LEN_MAX = '-' };
    static_assert((int)BYTES16 <= NAME_PAD, "zeros follow the name, nothing plain");
    bytes16 counts = {0};
    if (name->len > LEN_MAX)
        return false;
    for (unsigned at = 0; at < name->len; at += BYTES16) {
        bytes16 c = bytes16_load(name->wire + at);
        counts -= bytes16_within(c, 'a', 'z') | bytes16_within(c, '0', '9') | (bytes16)(c == '-') |
                  (bytes16)(c == '_');
    }
    return bytes16_sum(counts) == name->len - name->labels - 1u;
}

static bool test_binary_name(const struct sight *sight)
{
    return asks_for_host(sight) &&
           odd_bytes(sight->transaction->question, CHARACTER_CONTROL) >= CONTROL_BYTES_BINARY;
}

static bool test_control_name(const struct sight *sight)
{
    return asks_for_host(sight) && odd_bytes(sight->transaction->question, CHARACTER_CONTROL) > 0;
}

static bool test_odd_name(const struct sight *sight)
{
    return asks_for_host(sight) && odd_bytes(sight->transaction->question, CHARACTER_ODD) > 0;
}

/* Whether the name at `at` leads into the header before it ends or leads elsewhere. */
static bool points_into_header(const struct dns_message *message, size_t at)
{
    while (at + 1 < message->len && message->data[at] && message->data[at] < 0x40)
        at += 1u + message->data[at];
    return at + 1 < message->len && message->data[at] >= 0xc0 &&
           (be16(message->data + at) & 0x3fff) < MESSAGE_HEADER_BYTES;
}

static bool test_name_in_header(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    if (message->has_question && points_into_header(message, MESSAGE_HEADER_BYTES))
        return true;
    for (unsigned i = 0; i < message->record_count; i++)
        if (points_into_header(message, message->records[i].owner))
            return true;
    return false;
}

/* Resolvers report the keys they trust by asking for NULL records of "_ta-4f66" (RFC 8145 5). */
static bool reports_trust_anchors(const struct dns_name *name)
{
    size_t len = 0;
    const uint8_t *label = name->labels ? name_label(name, 0, &len) : NULL;
    if (len < 8 || memcmp(label, "_ta-", 4) != 0)
        return false;
    for (size_t i = 4; i < len; i++)
        if (!memchr("0123456789abcdef-", label[i], 17))
            return false;
    return true;
}

static bool test_data_type(const struct sight *sight)
{
    uint16_t type = sight->message->qtype;
    return asks(sight) && !reports_trust_anchors(sight->transaction->question) &&
           (type == DNS_TYPE_NULL || (type >= TYPE_PRIVATE_FIRST && type <= TYPE_PRIVATE_LAST));
}

/* SPF is obsolete, too, but mail servers go on asking for it; NIMLOC has the number that NetBIOS
 * uses for its names. */
static bool test_obsolete_type(const struct sight *sight)
{
    static const uint16_t obsolete[] = {3,  4,  7,  8,  9,   11,  14,  19,  20,  21,
                                        22, 23, 24, 25, 26,  27,  30,  31,  34,  38,
                                        40, 56, 57, 58, 100, 101, 102, 103, 253, 254};
    if (!asks(sight))
        return false;
    for (size_t i = 0; i < sizeof(obsolete) / sizeof(*obsolete); i++)
        if (sight->message->qtype == obsolete[i])
            return true;
    return false;
}

static bool test_unassigned_type(const struct sight *sight)
{
    char scratch[RRTYPE_TEXT_MAX];
    uint16_t type = sight->message->qtype;
    return asks(sight) && (type < TYPE_PRIVATE_FIRST || type > TYPE_PRIVATE_LAST) &&
           rrtype_name(type, scratch) == scratch;
}

static bool test_odd_class(const struct sight *sight)
{
    if (!asks(sight))
        return false;
    switch (sight->message->qclass) {
    case DNS_CLASS_IN:
    case DNS_CLASS_CH:
    case DNS_CLASS_NONE:
    case DNS_CLASS_ANY:
    case CLASS_IN_MULTICAST: return false;
    default: return true;
    }
}

static bool test_chaos_class(const struct sight *sight)
{
    return asks(sight) && sight->message->qclass == DNS_CLASS_CH;
}

static bool test_any_query(const struct sight *sight)
{
    return asks(sight) && sight->message->qtype == DNS_TYPE_ANY;
}

/* EDNS. */

static bool test_edns_version(const struct sight *sight)
{
    return sight->message->edns.version > 0;
}

/* The text of an error, a server's name and padding may be long. */
static bool option_may_be_long(unsigned code)
{
    return code == OPTION_PADDING || code == OPTION_NSID || code == OPTION_ERROR ||
           code == OPTION_REPORT;
}

static bool test_edns_bulk(const struct sight *sight)
{
    unsigned at = 0, code, len, total = 0;
    while (option_next(sight->message, &at, &code, &len)) {
        if (option_may_be_long(code))
            continue;
        if (code >= OPTION_LOCAL_FIRST && len > OPTIONS_BYTES_QUIET)
            return true;
        total += len;
    }
    return total > OPTIONS_BYTES_MAX;
}

static bool test_edns_size(const struct sight *sight)
{
    return sight->to_server && sight->message->edns.udp_size < PLAIN_UDP_BYTES;
}

static bool test_edns_flags(const struct sight *sight)
{
    return sight->to_server && sight->message->edns.flags & ~EDNS_FLAGS_KNOWN;
}

/* Answers. */

static bool is_public_name(const struct sight *sight)
{
    const struct enrichment *enrichment = sight->enrichment;
    return !enrichment->allowed && !enrichment->popular &&
           (enrichment->suffix_class == SUFFIX_ICANN || enrichment->suffix_class == SUFFIX_PRIVATE);
}

static bool answer_addr(const struct dns_message *message, unsigned i, struct addr *ret)
{
    const struct dns_record *record = &message->records[i];
    return record->section == DNS_SECTION_ANSWER && record_addr(message, record, ret);
}

static bool test_metadata_address(const struct sight *sight)
{
    static const struct addr metadata = {
        .bytes = {[10] = 0xff, [11] = 0xff, [12] = 169, [13] = 254, [14] = 169, [15] = 254}};
    struct addr addr;
    for (unsigned i = 0; is_public_name(sight) && i < sight->message->record_count; i++)
        if (answer_addr(sight->message, i, &addr) && addr_equal(&addr, &metadata))
            return true;
    return false;
}

/* Names of an internal zone under a public domain are common. What makes a browser take one server
 * for another is an answer that is not kept, or that names both. Loopback and the zero address are
 * what filters answer. */
static bool test_rebinding(const struct sight *sight)
{
    unsigned inside = 0, outside = 0, forgotten = 0;
    struct addr addr;
    for (unsigned i = 0; is_public_name(sight) && i < sight->message->record_count; i++) {
        if (!answer_addr(sight->message, i, &addr) || addr_is_local(&addr))
            continue;
        bool within = addr_is_private(&addr);
        inside += within;
        outside += !within;
        uint32_t ttl_s = sight->message->records[i].ttl;
        bool told = ttl_s || !(sight->transaction->lacks & LACKS_WIRE); /* logs without have 0 */
        forgotten += within && told && ttl_s <= TTL_FORGET_S;
    }
    return forgotten || (inside && outside);
}

/* The names that answers may be about: the question and what aliases lead to. */
struct related {
    unsigned count;
    uint64_t hashes[ALIASES_MAX];
};

static bool is_related(const struct related *related, uint64_t hash)
{
    for (unsigned i = 0; i < related->count; i++)
        if (related->hashes[i] == hash)
            return true;
    return false;
}

/* False when there are more aliases than are worth following. */
static bool related_collect(const struct dns_message *message, struct related *related)
{
    struct dns_name target;
    for (unsigned i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != DNS_SECTION_ANSWER || record->type != DNS_TYPE_CNAME ||
            !record_target(message, record, 0, &target))
            continue;
        if (related->count == ALIASES_MAX)
            return false;
        related->hashes[related->count++] = target.hash[0];
    }
    return true;
}

/* A DNAME belongs to a name above, and signatures to what they sign. */
static bool test_unrelated_answer(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    const struct dns_name *question = sight->transaction->question;
    struct related related = {.count = 1};
    struct dns_name owner;
    if (!question || message->opcode != OPCODE_QUERY || message->qtype == TYPE_AXFR ||
        message->qtype == TYPE_IXFR || message->qtype == TYPE_TKEY || message->malformed ||
        sight->transaction->lacks & LACKS_ANSWERS) /* an alias may be what is missing */
        return false;
    related.hashes[0] = question->hash[0];
    if (!related_collect(message, &related))
        return false;
    for (unsigned i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section == DNS_SECTION_ANSWER && record->type != DNS_TYPE_DNAME &&
            record->type != DNS_TYPE_RRSIG && record_owner(message, record, &owner) &&
            !is_related(&related, owner.hash[0]))
            return true;
    }
    return false;
}

/* Size. */

static bool test_large_query(const struct sight *sight)
{
    return sight->to_server && sight->message->opcode == OPCODE_QUERY &&
           !sight->message->malformed && sight->message->trailing < TRAILING_BYTES_MIN;
}

static bool test_large_response(const struct sight *sight)
{
    const struct dns_message *query = sight->transaction->query;
    if (sight->to_server || !query || query->malformed || sight->message->opcode != OPCODE_QUERY)
        return false;
    uint32_t room = query->edns.present && query->edns.udp_size > PLAIN_UDP_BYTES
                        ? query->edns.udp_size
                        : PLAIN_UDP_BYTES;
    return sight->message->len > room;
}

/* How it was paired. */

static bool stands_alone(const struct sight *sight, enum unasked unasked)
{
    return !sight->to_server && sight->transaction->unasked == unasked &&
           !sight->message->malformed && message_is_response(sight->message);
}

static bool test_other_question(const struct sight *sight)
{
    return stands_alone(sight, UNASKED_OTHER_QUESTION);
}

static bool test_second_answer(const struct sight *sight)
{
    return stands_alone(sight, UNASKED_SECOND_ANSWER);
}

static bool test_unsolicited(const struct sight *sight)
{
    return stands_alone(sight, UNASKED_NO_QUERY);
}

static bool test_bounced(const struct sight *sight)
{
    return sight->transaction->unasked == UNASKED_BOUNCED;
}

static bool test_truncated(const struct sight *sight)
{
    return !sight->to_server && sight->message->flags & DNS_FLAG_TC &&
           message_is_response(sight->message) && sight->transaction->transport == TRANSPORT_UDP;
}

static bool is_dns_port(const struct config_ports *ports, uint16_t port)
{
    for (uint32_t i = 0; i < ports->count; i++)
        if (ports->items[i] == port)
            return true;
    return false;
}

/* A port that is neither DNS's own nor configured. */
static bool port_is_odd(const struct sight *sight)
{
    uint16_t port = sight->transaction->server_port;
    const struct config *config = sight->enrichment->config;
    return port != DNS_PORT && config && !is_dns_port(&config->capture.ports, port);
}

/* Inside a network forwarders and containers listen where they like. */
static bool test_odd_port(const struct sight *sight)
{
    return asks(sight) && port_is_odd(sight) &&
           anomaly_server_is_outside(&sight->transaction->server);
}

static bool test_unexpected_resolver(const struct sight *sight)
{
    return sight->to_server && sight->bypasses_resolvers;
}

/* What is unusual. */

/* Whatever makes a bit is unusual: nearly always none does, so that one test decides. */
static bool header_is_unusual(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    const uint16_t *counts = message->counts;
    unsigned strange = message->flags & (OPCODE_BITS | DNS_FLAG_Z);
    strange |= counts[DNS_SECTION_QUESTION] ^ 1u;
    strange |= message->trailing >= TRAILING_BYTES_MIN;
    strange |= message_is_response(message) == sight->to_server;
    if (sight->to_server)
        strange |= (unsigned)counts[DNS_SECTION_ANSWER] | counts[DNS_SECTION_AUTHORITY] |
                   (counts[DNS_SECTION_ADDITIONAL] ^ message->edns.present);
    return strange != 0;
}

#define TYPE_BIT(type) (1ull << (type))

static bool type_is_usual(uint16_t type)
{
    static const uint64_t usual =
        TYPE_BIT(DNS_TYPE_A) | TYPE_BIT(DNS_TYPE_NS) | TYPE_BIT(DNS_TYPE_CNAME) |
        TYPE_BIT(DNS_TYPE_SOA) | TYPE_BIT(DNS_TYPE_PTR) | TYPE_BIT(DNS_TYPE_MX) |
        TYPE_BIT(DNS_TYPE_TXT) | TYPE_BIT(DNS_TYPE_AAAA) | TYPE_BIT(DNS_TYPE_SRV) |
        TYPE_BIT(DNS_TYPE_DS) | TYPE_BIT(DNS_TYPE_DNSKEY);
    return (type < 64 && usual >> type & 1) || type == DNS_TYPE_HTTPS || type == DNS_TYPE_SVCB;
}

/* The name stands uncompressed right behind the header, so its end is known. */
static bool question_is_unusual(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    const struct dns_name *question = sight->transaction->question;
    size_t end = MESSAGE_HEADER_BYTES + (size_t)question->len;
    return message->qclass != DNS_CLASS_IN || !type_is_usual(message->qtype) ||
           message->len < end + 4 || message->data[end - 1] != 0 ||
           be16(message->data + end) != message->qtype ||
           (!name_is_plain(question) && odd_bytes(question, CHARACTER_ODD) > 0);
}

/* Without a branch on whether there is one: that cannot be foretold. */
static bool edns_is_unusual(const struct dns_edns *edns)
{
    unsigned strange = edns->version | (edns->flags & (unsigned)~EDNS_FLAGS_KNOWN);
    strange |= edns->udp_size < PLAIN_UDP_BYTES;
    strange |= edns->options_len > OPTIONS_BYTES_QUIET;
    return edns->present & (strange != 0);
}

/* Whether a record is an address that may be private: the tests look closer. */
static bool may_be_private(const struct dns_message *message, const struct dns_record *record)
{
    const uint8_t *rdata = message->data + record->rdata;
    if (record->type == DNS_TYPE_A)
        return record->rdata_len == 4 && ipv4_is_private(rdata);
    return record->type == DNS_TYPE_AAAA && record->rdata_len == 16 &&
           (ipv6_is_private(rdata) || be16(rdata) == 0); /* an IPv4 address begins with zeros */
}

/* Answers to the question or to the alias before, by way of a pointer, with public addresses. */
static bool records_are_unusual(const struct dns_message *message)
{
    uint32_t alias = POINTER_TO_QUESTION;
    for (unsigned i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        const uint8_t *data = message->data;
        if (record->section != DNS_SECTION_ANSWER)
            return false;
        uint32_t owner = be16(data + record->owner);
        if (owner != POINTER_TO_QUESTION && owner != alias)
            return true;
        if (record->type == DNS_TYPE_CNAME)
            alias = 0xc000u | record->rdata;
        else if (may_be_private(message, record))
            return true;
    }
    return false;
}

static unsigned unusual_parts(const struct sight *sight)
{
    const struct dns_message *message = sight->message;
    const struct transaction *transaction = sight->transaction;
    unsigned parts = 0;
    if (message->malformed || message->unframed)
        parts |= PART_DAMAGE;
    if (header_is_unusual(sight))
        parts |= PART_HEADER;
    if (message->has_question &&
        (sight->to_server || !transaction->query || asks_for_zone(message)) &&
        question_is_unusual(sight))
        parts |= PART_QUESTION;
    if (edns_is_unusual(&message->edns))
        parts |= PART_EDNS;
    if (!sight->to_server && message->record_count && records_are_unusual(message))
        parts |= PART_RECORDS;
    if (message->len > PLAIN_UDP_BYTES && transaction->transport == TRANSPORT_UDP)
        parts |= PART_SIZE;
    if (!sight->to_server && (transaction->unasked || message->flags & DNS_FLAG_TC))
        parts |= PART_PAIRING;
    if (sight->bypasses_resolvers || port_is_odd(sight))
        parts |= PART_SERVER;
    return transaction->lacks & LACKS_WIRE ? parts & PARTS_TOLD : parts;
}

static const struct {
    unsigned parts;
    bool (*shown)(const struct sight *sight);
} tests[ANOMALY_COUNT] = {
#define DAMAGE                       PART_DAMAGE
#define HEADER                       PART_HEADER
#define QUESTION                     PART_QUESTION
#define EDNS                         PART_EDNS
#define RECORDS                      PART_RECORDS
#define SIZE                         PART_SIZE
#define PAIRING                      PART_PAIRING
#define SERVER                       PART_SERVER
#define ANOMALY(id, slug, part, ...) [ANOMALY_##id] = {part, test_##slug},
#include <dnsvigil/anomaly.def>
#undef ANOMALY
#undef DAMAGE
#undef HEADER
#undef QUESTION
#undef EDNS
#undef RECORDS
#undef SIZE
#undef PAIRING
#undef SERVER
};

/* Seldom called, and kept apart from what every message goes through. What else a response shows
 * that was sent back, it showed when it came. */
static __attribute__((noinline)) uint64_t tests_run(const struct sight *sight, unsigned parts)
{
    uint64_t found = 0;
    if (test_bounced(sight))
        return 1ull << ANOMALY_BOUNCED;
    for (unsigned i = 0; i < ANOMALY_COUNT; i++)
        if (tests[i].parts & parts && tests[i].shown(sight))
            found |= 1ull << i;
    return found;
}

uint64_t anomalies_of(const struct sight *sight)
{
    unsigned parts = unusual_parts(sight);
    return parts ? tests_run(sight, parts) : 0;
}
