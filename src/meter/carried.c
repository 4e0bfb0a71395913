/* carried.c - how many bytes of information the name and the answers of one transaction bring
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/carried.h"

#include "base/addr.h"
#include "base/hash.h"

#include <dnsvigil/name.h>
#include <dnsvigil/record.h>
#include <dnsvigil/rrtype.h>

enum {
    RECORDS_READ_MAX = 32, /* answers of one response that are looked at */
    ECHO_TLD_CHARS = 4,
    DNS_TYPE_SIG = 24,
    DNS_TYPE_KEY = 25,
    RCODE_NXDOMAIN = 3,
};

/* Bytes of a label that count for nothing: single labels are hosts and the probes of browsers,
 * underscored labels and those before them name services, selectors and hosts, and what is not
 * delegated to anybody, completed with a search suffix, leads to a private address or writes the
 * one it leads to is full of host names. */
static const float free_service = 16, free_host = 12;

/* The worth of a digit that only counts on, and of a byte of character-strings, which tools fill
 * with base64 or base32. */
static const float number_worth = 0.05f, text_worth = 0.75f;

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* A decimal byte of an address, with what stands between the addresses of a list, or between the
 * ends of a range that is delegated for itself (RFC 2317). */
static bool is_octet(const uint8_t *label, size_t len)
{
    enum { OCTET_CHARS = 3, LISTED_CHARS = 8 };
    bool listed = false;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && memchr(" ,-/", label[i], 4))
            listed = true;
        else if (!is_digit(label[i]))
            return false;
    }
    return len <= (listed ? LISTED_CHARS : OCTET_CHARS);
}

/* How many labels from the first on write an address: in reverse, at least four decimal bytes or
 * eight nibbles (RFC 1035 3.5, RFC 3596 2.5, RFC 5782); under domains that do not exist also
 * addresses taken for names, and lists of them. Else 0. */
static unsigned address_labels(const struct dns_name *name, const struct place *place)
{
    enum { OCTETS = 4, NIBBLES = 8, NIBBLES_MAX = 32 };
    unsigned octets = 0, nibbles = 0;
    for (unsigned i = 0; i < place->left; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        octets += octets == i && is_octet(label, len);
        nibbles += nibbles == i && len == 1 && is_hex(label[0]);
        if (octets <= i && nibbles <= i)
            break;
    }
    if (nibbles >= NIBBLES)
        return nibbles < NIBBLES_MAX ? nibbles : NIBBLES_MAX;
    return octets < OCTETS ? 0 : place->delegated ? OCTETS : octets;
}

/* Whether the label holds four decimal bytes between dashes, as access networks and clouds write
 * addresses into host names. */
static bool dashed_address(const uint8_t *label, size_t len)
{
    unsigned numbers = 0;
    for (size_t at = 0; at < len && numbers < 4; at++) {
        size_t digits = 0;
        while (at + digits < len && is_digit(label[at + digits]))
            digits++;
        if (digits == 0 || digits > 3) {
            numbers = 0;
            at += digits;
            continue;
        }
        numbers++;
        at += digits;
        if (at < len && label[at] != '-' && numbers < 4)
            numbers = 0;
    }
    return numbers >= 4;
}

/* Whether a label in the middle of the client's part looks like a top-level domain: the name is
 * then a whole other name with a suffix behind it. */
static bool holds_whole_name(const struct dns_name *name, unsigned left)
{
    enum { WHOLE_LABELS_MAX = 8 };
    static const char *const suffixes[] = {"com", "net", "org", "edu", "gov", "info", "arpa"};
    for (unsigned i = 1; i < left && left <= WHOLE_LABELS_MAX; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        if (len == 2 && !is_digit(label[0]) && !is_digit(label[1]))
            return true;
        for (size_t s = 0; len <= ECHO_TLD_CHARS && s < sizeof(suffixes) / sizeof(*suffixes); s++)
            if (strlen(suffixes[s]) == len && memcmp(label, suffixes[s], len) == 0)
                return true;
    }
    return false;
}

/* Whether the answer says no: the name does not exist, or is on no list or on one (127.0.0.0/8,
 * RFC 5782). */
static bool says_yes_or_no(const struct transaction *transaction)
{
    const struct dns_message *response = transaction->response;
    struct addr addr;
    if (!response)
        return false;
    if (transaction->rcode == RCODE_NXDOMAIN)
        return true;
    return response->record_count > 0 && record_addr(response, &response->records[0], &addr) &&
           addr_is_v4(&addr) && addr.bytes[12] == 127;
}

/* Whether the client's part of a name is a short label of letters, or two: a word, a slip, or what
 * browsers ask for to see whether names that do not exist are answered. */
static bool is_lettered(const struct dns_name *name, unsigned left)
{
    enum { LABELS_MAX = 2, PROBE_CHARS = 15 };
    for (unsigned i = 0; i < left && left <= LABELS_MAX; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        for (size_t c = 0; c < len; c++)
            if (label[c] < 'a' || label[c] > 'z')
                return false;
        if (len > PROBE_CHARS)
            return false;
    }
    return left <= LABELS_MAX;
}

/* How a name writes the IPv4 address that it leads to. */
struct spelling {
    uint8_t octets[4];
    bool decimal[4]; /* those that stand in the name as numbers */
};

static void number_take(struct spelling *spelling, unsigned number)
{
    for (unsigned i = 0; i < 4; i++) {
        if (spelling->octets[i] != number || spelling->decimal[i])
            continue;
        spelling->decimal[i] = true;
        return;
    }
}

/* Numbers end with the label or before a dash; those in the midst of data are none. */
static void decimals_take(struct spelling *spelling, const uint8_t *label, size_t len)
{
    enum { DIGITS_MAX = 3 };
    for (size_t at = 0; at < len; at++) {
        unsigned number = 0, digits = 0;
        for (; at < len && is_digit(label[at]); at++, digits++)
            number = number * 10 + label[at] - '0';
        if (digits > 0 && digits <= DIGITS_MAX && (at == len || label[at] == '-'))
            number_take(spelling, number);
    }
}

static bool hex_is_there(const struct spelling *spelling, const uint8_t *label, size_t len)
{
    enum { CHARS = 8 };
    static const char hex_digits[] = "0123456789abcdef";
    char text[CHARS];
    for (unsigned i = 0; i < CHARS; i++)
        text[i] = hex_digits[i % 2 ? spelling->octets[i / 2] & 15 : spelling->octets[i / 2] >> 4];
    return memmem(label, len, text, CHARS) != NULL;
}

/* Whether the name writes the address, as access networks and clouds name their machines: four
 * decimal numbers in any order, or eight hexadecimal digits. */
static bool spells_address(const struct dns_name *name, const struct place *place,
                           const struct addr *addr)
{
    struct spelling spelling = {0};
    memcpy(spelling.octets, addr->bytes + 12, 4);
    for (unsigned i = 0; i < place->left; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        if (hex_is_there(&spelling, label, len))
            return true;
        decimals_take(&spelling, label, len);
    }
    return spelling.decimal[0] && spelling.decimal[1] && spelling.decimal[2] && spelling.decimal[3];
}

/* The first address in the answer. */
static bool answered_address(const struct transaction *transaction, struct addr *ret)
{
    const struct dns_message *response = transaction->response;
    for (unsigned i = 0; response && i < response->record_count && i < RECORDS_READ_MAX; i++) {
        const struct dns_record *record = &response->records[i];
        if (record->section != DNS_SECTION_ANSWER)
            return false;
        if (record_addr(response, record, ret))
            return true;
    }
    return false;
}

/* Bytes that are free in each label of the question; `host`: its answer shows a machine's name. */
static float free_bytes(const struct transaction *transaction, const struct place *place,
                        enum suffix_class suffix, bool host)
{
    const struct dns_name *name = transaction->question;
    if (name->labels == 1)
        return free_service;
    if (suffix == SUFFIX_SPECIAL_USE)
        return host ? 2 * free_host : free_host;
    bool own_name =
        !place->delegated || holds_whole_name(name, place->left) || is_lettered(name, place->left);
    return host || (own_name && says_yes_or_no(transaction)) ? free_host : 0;
}

/* Where nothing is delegated, not even the last label is somebody else's. */
static unsigned client_labels(const struct dns_name *name, int registrable,
                              enum suffix_class suffix)
{
    if (registrable >= 0)
        return (unsigned)registrable;
    bool reserved = suffix == SUFFIX_SPECIAL_USE || suffix == SUFFIX_REVERSE;
    return reserved && name->labels > 1 ? name->labels - 1u : name->labels;
}

bool place_find(const struct transaction *transaction, int registrable, enum suffix_class suffix,
                struct place *ret_place)
{
    const struct dns_name *name = transaction->question;
    *ret_place = (struct place){.delegated = registrable >= 0};
    if (registrable < 0 && (suffix == SUFFIX_ICANN || suffix == SUFFIX_PRIVATE))
        return false;
    ret_place->left = client_labels(name, registrable, suffix);
    return ret_place->left > 0 && !(suffix == SUFFIX_REVERSE && address_labels(name, ret_place));
}

void place_weigh(const struct transaction *transaction, enum suffix_class suffix,
                 struct place *place)
{
    struct addr addr;
    bool leads = answered_address(transaction, &addr);
    place->spelled =
        leads && addr_is_v4(&addr) && spells_address(transaction->question, place, &addr);
    bool host = place->spelled || (leads && addr_is_private(&addr));
    place->free = free_bytes(transaction, place, suffix, host);
}

uint64_t place_hash(const struct dns_name *name, const struct place *place)
{
    return hash_bytes(name->wire, name->offset[place->left], HASH_FIXED_SEED);
}

static uint16_t char_kind(uint8_t c)
{
    if (c >= 'a' && c <= 'z')
        return c <= 'f' ? ALPHABET_A_F : c <= 'v' ? ALPHABET_G_V : ALPHABET_W_Z;
    if (is_digit(c))
        return c <= '1'   ? ALPHABET_01
               : c <= '5' ? ALPHABET_2_5
               : c <= '7' ? ALPHABET_67
                          : ALPHABET_89;
    if (c == '-' || c == '_')
        return ALPHABET_DASH;
    return c == '+' || c == '/' || c == '=' ? ALPHABET_BASE64 : ALPHABET_OTHER;
}

static void alphabet_take(const uint8_t *label, size_t len, struct carried_name *ret)
{
    enum { LABEL_BYTES = 8 };
    if (len < LABEL_BYTES)
        return;
    for (size_t i = 0; i < len; i++)
        ret->alphabet |= char_kind(label[i]);
}

/* How many bytes stand before the number at a label's end, letters alone; 0: it is no such label.
 */
static size_t letters_before_number(const uint8_t *label, size_t len)
{
    enum { STEM_MIN = 2, STEM_MAX = 16, DIGITS_MAX = 4 };
    size_t stem = 0, digits = 0;
    while (digits < len && digits < DIGITS_MAX && is_digit(label[len - 1 - digits]))
        digits++;
    while (stem < len - digits && !is_digit(label[stem]) &&
           char_kind(label[stem]) != ALPHABET_OTHER)
        stem++;
    bool numbered = digits > 0 && stem + digits == len && stem >= STEM_MIN && stem <= STEM_MAX;
    return numbered ? stem : 0;
}

/* How many digits of a number stay the same while it counts, or tells the time; 0: it is none.
 * Short numbers count in front; elsewhere they may be bytes. */
static size_t digits_before_counter(const uint8_t *label, size_t len, bool front)
{
    enum { COUNTER_MIN = 2, SERIAL_MIN = 5, SERIAL_MAX = 16 };
    for (size_t i = 0; i < len; i++)
        if (!is_digit(label[i]))
            return 0;
    return len >= (front ? COUNTER_MIN : SERIAL_MIN) && len <= SERIAL_MAX ? len / 2 : 0;
}

/* How many bytes at the end of a hexadecimal label stay the same while those in front count, as
 * tools number the parts of what they fetch; 0: it is no such label. */
static size_t hex_behind_counter(const uint8_t *label, size_t len)
{
    enum { FIXED = 5, COUNTER_MAX = 5 };
    for (size_t i = 0; i < len; i++)
        if (!is_hex(label[i]))
            return 0;
    return len > FIXED && len <= FIXED + COUNTER_MAX ? FIXED : 0;
}

/* Hosts are numbered: after web1, web2 brings no more than its number. Returns how much a label may
 * be of which all but a number was there before; `bytes` for others. */
static float numbered_bytes(const uint8_t *label, size_t len, bool front, struct seen *seen,
                            float bytes)
{
    enum { STEMS = 1, TAILS = 2 };
    size_t stem = letters_before_number(label, len), tail = 0;
    if (!stem)
        stem = digits_before_counter(label, len, front);
    if (!stem)
        tail = hex_behind_counter(label, len);
    if ((!stem || seen_add(seen, hash_bytes(label, stem, HASH_FIXED_SEED ^ STEMS))) &&
        (!tail || seen_add(seen, hash_bytes(label + len - tail, tail, HASH_FIXED_SEED ^ TAILS))))
        return bytes;
    float most = (float)(len - stem - tail) * number_worth;
    return bytes < most ? bytes : most;
}

/* From the right to the left, as an underscored label speaks for those before it. */
void carried_by_name(const struct carried_hooks *hooks, const struct dns_name *name,
                     const struct place *place, struct seen *seen, struct carried_name *ret)
{
    unsigned address = address_labels(name, place);
    float free = place->free;
    *ret = (struct carried_name){0};
    for (unsigned i = place->left; i-- > address;) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        if (len > ret->label_max)
            ret->label_max = (uint8_t)len;
        if (label[0] == '_' && free < free_service)
            free = free_service;
        if (dashed_address(label, len))
            continue;
        ret->counts |= free < free_service;
        if (seen && place->left > 1 && !seen_add(seen, hash_bytes(label, len, HASH_FIXED_SEED)))
            continue;
        float bytes = hooks->label_bytes(label, len) - free;
        if (seen && bytes > 0)
            bytes = numbered_bytes(label, len, i == 0, seen, bytes);
        if (bytes <= 0)
            continue;
        ret->counts = true;
        ret->bytes += bytes;
        alphabet_take(label, len, ret);
    }
    if (name->mixed_case)
        ret->alphabet |= ALPHABET_MIXED;
}

/* The client's labels of a name in an answer, where the name is one that could be made up: asked
 * for, under the same domain, or under a domain that does not exist. False for others. */
static bool target_place(const struct carried_hooks *hooks, const struct transaction *transaction,
                         const struct place *place, const struct dns_name *target, bool asked,
                         struct place *ret)
{
    const struct dns_name *name = transaction->question;
    unsigned domain = name->labels - place->left; /* labels of the domain */
    *ret = (struct place){0};
    if (target->labels > domain && domain > 0 &&
        target->hash[target->labels - domain] == name->hash[place->left]) {
        ret->left = target->labels - domain;
        return true;
    }
    ret->left = target->labels;
    return asked || hooks->undelegated(hooks->arg, target);
}

static float target_bytes(const struct carried_hooks *hooks, const struct transaction *transaction,
                          const struct place *place, const struct dns_record *record,
                          struct seen *seen)
{
    struct dns_name target;
    struct place theirs;
    struct carried_name carried;
    float bytes = 0;
    for (unsigned i = 0; record_target(transaction->response, record, i, &target); i++) {
        if (!target_place(hooks, transaction, place, &target, record->type == transaction->qtype,
                          &theirs))
            continue;
        carried_by_name(hooks, &target, &theirs, seen, &carried);
        bytes += carried.bytes;
    }
    return bytes;
}

/* A machine's addresses lie close together; those that data is written into do not. A prefix that
 * was there before leaves the rest of the address, little of it; a network's own IPv4 addresses are
 * of a few prefixes, though these look like many. Those of IPv6 have room for data. */
static float address_bytes(const uint8_t *rdata, size_t len, struct seen *seen)
{
    if (len != 4 && len != 16)
        return 0;
    if (len == 4 && ipv4_is_private(rdata))
        return 0;
    uint64_t hash = hash_bytes(rdata, len == 4 ? 2 : 6, HASH_FIXED_SEED ^ len);
    return seen_add(seen, hash) ? (float)len : (float)len / 8;
}

/* Whether a record of this type may bring anything. Data that comes along unasked, as signatures
 * do, brings nothing; data of types that nobody knows always may. */
static bool may_carry(const struct transaction *transaction, uint16_t type, bool addresses)
{
    switch (type) {
    case DNS_TYPE_A:
    case DNS_TYPE_AAAA: return addresses;
    case DNS_TYPE_TXT:
    case DNS_TYPE_NULL:
    case DNS_TYPE_SIG:
    case DNS_TYPE_KEY:
    case DNS_TYPE_CNAME:
    case DNS_TYPE_DNAME:
    case DNS_TYPE_MX:
    case DNS_TYPE_SRV:
    case DNS_TYPE_NS:
    case DNS_TYPE_PTR: return true;
    case DNS_TYPE_SVCB:
    case DNS_TYPE_HTTPS: return false;
    default:
        return type == transaction->qtype || transaction->qtype == DNS_TYPE_ANY ||
               !*rrtype_layout(type);
    }
}

static bool is_alphanumeric(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One word of a text; the shortest say nothing. */
static float word_bytes(const struct carried_hooks *hooks, const uint8_t *word, size_t len,
                        struct seen *seen)
{
    enum { WORD_MIN = 4, LABEL_MAX = 63 };
    uint8_t lower[LABEL_MAX];
    if (len < WORD_MIN || !seen_add(seen, hash_bytes(word, len, HASH_FIXED_SEED)))
        return 0;
    if (len > LABEL_MAX)
        return text_worth * (float)len;
    for (size_t i = 0; i < len; i++)
        lower[i] = word[i] >= 'A' && word[i] <= 'Z' ? word[i] | 32 : word[i];
    return hooks->label_bytes(lower, len);
}

/* Whether character-strings are written for people: printable, with spaces. */
static bool is_prose(const uint8_t *text, size_t len)
{
    bool spaces = false;
    for (size_t at = 0, end = 0; at < len; at++) {
        if (at == end) {
            end = at + 1 + text[at];
            continue;
        }
        if (text[at] < ' ' || text[at] > '~')
            return false;
        spaces |= text[at] == ' ';
    }
    return spaces;
}

/* What lists say of addresses, for instance, is much alike: of texts for people only the words that
 * are new count. */
static float text_bytes(const struct carried_hooks *hooks, const uint8_t *text, size_t len,
                        struct seen *seen)
{
    float bytes = 0;
    if (!is_prose(text, len))
        return text_worth * (float)len;
    for (size_t at = 0, end; at < len; at = end + 1) {
        end = at;
        while (end < len && is_alphanumeric(text[end]))
            end++;
        bytes += word_bytes(hooks, text + at, end - at, seen);
    }
    return bytes;
}

/* Types that hold anything: what comes along in them beside the answer may be meant all the same.
 */
static bool is_free_form(uint16_t type)
{
    return type == DNS_TYPE_TXT || type == DNS_TYPE_NULL;
}

static float record_bytes(const struct carried_hooks *hooks, const struct transaction *transaction,
                          const struct place *place, const struct dns_record *record,
                          struct seen *seen)
{
    const uint8_t *rdata = transaction->response->data + record->rdata;
    switch (record->type) {
    case DNS_TYPE_A:
    case DNS_TYPE_AAAA: return address_bytes(rdata, record->rdata_len, seen);
    case DNS_TYPE_TXT: return text_bytes(hooks, rdata, record->rdata_len, seen);
    case DNS_TYPE_CNAME:
    case DNS_TYPE_DNAME:
    case DNS_TYPE_MX:
    case DNS_TYPE_SRV:
    case DNS_TYPE_NS:
    case DNS_TYPE_SOA:
    case DNS_TYPE_PTR: return target_bytes(hooks, transaction, place, record, seen);
    default: return record->rdata_len;
    }
}

float carried_by_answers(const struct carried_hooks *hooks, const struct transaction *transaction,
                         const struct place *place, struct seen *seen, bool addresses)
{
    const struct dns_message *response = transaction->response;
    float bytes = 0;
    if (!response)
        return 0;
    for (unsigned i = 0; i < response->record_count && i < RECORDS_READ_MAX; i++) {
        const struct dns_record *record = &response->records[i];
        if (record->section != DNS_SECTION_ANSWER && !is_free_form(record->type))
            continue;
        uint64_t hash = hash_bytes(response->data + record->rdata, record->rdata_len,
                                   HASH_FIXED_SEED + record->type);
        if (may_carry(transaction, record->type, addresses && !place->spelled) &&
            seen_add(seen, hash))
            bytes += record_bytes(hooks, transaction, place, record, seen);
    }
    return bytes;
}
