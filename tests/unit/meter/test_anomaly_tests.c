/* test_anomaly_tests.c - each anomaly is seen where it is, and not where something only looks alike
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every row of anomaly.def needs a message that shows it and a near miss that does not; the last
 * test counts. */
#include "cmocka_all.h"
#include "config/config.h"
#include "decode/message.h"
#include "message_build.h"
#include "meter/anomaly_tests.h"

#include <dnsvigil/rrtype.h>

#include <string.h>

#define COUNT(cases) (sizeof(cases) / sizeof(*(cases)))

enum { NOTHING = -1, RD = DNS_FLAG_RD, RESPONSE = DNS_FLAG_QR | DNS_FLAG_RD | DNS_FLAG_RA };

/* A transaction under judgement, a query by default. */
static struct message_build b, b_query;
static struct dns_message message, query;
static struct arena arena;
static struct transaction transaction;
static struct enrichment enrichment;
static struct sight sight;
static uint64_t shown, missed;

static int setup(void **state)
{
    (void)state;
    return !arena_init(&arena, 4 * MESSAGE_ARENA_BYTES);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void scene(bool to_server)
{
    static const uint8_t client[4] = {10, 0, 0, 7}, server[4] = {192, 0, 2, 53};
    arena_reset(&arena);
    transaction = (struct transaction){
        .client = addr_from_v4(client),
        .server = addr_from_v4(server),
        .client_port = 40000,
        .server_port = 53,
    };
    enrichment = (struct enrichment){.suffix_class = SUFFIX_ICANN};
    sight = (struct sight){&transaction, &enrichment, &message, to_server, false};
}

static void decode(const void *data, size_t len)
{
    message_decode(&message, data, len, &arena);
    *(sight.to_server ? &transaction.query : &transaction.response) = &message;
    transaction.question = message.has_question ? &message.question : NULL;
}

/* The query that the response under judgement answers. */
static void pair_with_query(void)
{
    message_decode(&query, b_query.data, b_query.len, &arena);
    transaction.query = &query;
}

static void expect(int anomaly, const char *what, size_t i)
{
    uint64_t found = anomalies_of(&sight);
    if (anomaly == NOTHING && found)
        fail_msg("%s %zu shows %s", what, i, anomaly_rows[__builtin_ctzll(found)].slug);
    if (anomaly == NOTHING)
        return;
    if (!(found >> anomaly & 1))
        fail_msg("%s %zu does not show %s", what, i, anomaly_rows[anomaly].slug);
    shown |= 1ull << anomaly;
}

static void expect_not(enum anomaly anomaly, const char *what, size_t i)
{
    if (anomalies_of(&sight) >> anomaly & 1)
        fail_msg("%s %zu shows %s", what, i, anomaly_rows[anomaly].slug);
    missed |= 1ull << anomaly;
}

/* A message of raw bytes, with what it shows and what of it only looks like it. */
struct raw_case {
    const char *bytes;
    size_t given, len; /* filled up with 0xee to len */
    bool to_server;
    int shows;
    int not ;
};

#define RAW(bytes, len, to_server, shows, not )                                                    \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, len, to_server, shows, not                                       \
    }
#define QUERY_HEADER "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define QUESTION                                                                                   \
    "\x03www\x07"                                                                                  \
    "example\x03"                                                                                  \
    "com\x00\x00\x01\x00\x01"

static const struct raw_case raw_cases[] = {
    RAW("SSH-2.0-OpenSSH_9.2\r\n", 21, true, ANOMALY_FOREIGN_PROTOCOL, ANOMALY_NOT_DNS),
    RAW("SSH is a name", 21, true, ANOMALY_NOT_DNS_SHORT, ANOMALY_FOREIGN_PROTOCOL),
    RAW("\xfe\xdc\x78\x98\x76\x54\x32\x10", 200, true, ANOMALY_NOT_DNS, ANOMALY_NOT_DNS_SHORT),
    RAW("\xfe\xdc\x78\x98\x76\x54\x32\x10", 199, true, ANOMALY_NOT_DNS_SHORT, ANOMALY_NOT_DNS),
    RAW("\x01\x02\x03", 3, true, ANOMALY_NOT_DNS_SHORT, ANOMALY_COUNTS),
    RAW(QUERY_HEADER QUESTION, 33, true, NOTHING, ANOMALY_NOT_DNS_SHORT),
    RAW(QUERY_HEADER "\x43www\x00\x00\x01\x00\x01", 23, true, ANOMALY_LABEL_TYPE,
        ANOMALY_NAME_POINTER),
    RAW(QUERY_HEADER "\xc0\x0c\x00\x01\x00\x01", 18, true, ANOMALY_NAME_POINTER,
        ANOMALY_LABEL_TYPE),
    RAW(QUERY_HEADER "\x03www\xc0\x30\x00\x01\x00\x01", 22, true, ANOMALY_NAME_POINTER,
        ANOMALY_COUNTS),
    RAW(QUERY_HEADER "\x03www\xc0\x04\x00\x01\x00\x01", 22, true, ANOMALY_NAME_IN_HEADER,
        ANOMALY_NAME_POINTER),
    RAW(QUERY_HEADER QUESTION, 33, true, NOTHING, ANOMALY_NAME_IN_HEADER),
    RAW("\x12\x34\x01\x00\x00\x01\x00\x05\x00\x00\x00\x00" QUESTION, 33, true, ANOMALY_COUNTS,
        ANOMALY_NOT_DNS_SHORT),
    RAW("\x12\x34\x83\x80\x00\x01\x00\x05\x00\x00\x00\x00" QUESTION, 33, false, ANOMALY_TRUNCATED,
        ANOMALY_COUNTS), /* truncated, and says so */
    RAW(QUERY_HEADER QUESTION, 33 + 16, true, ANOMALY_TRAILING_BYTES, ANOMALY_COUNTS),
    RAW(QUERY_HEADER QUESTION, 33 + 15, true, NOTHING, ANOMALY_TRAILING_BYTES),
    RAW("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00" QUESTION, 33, true, ANOMALY_WRONG_WAY,
        ANOMALY_COUNTS),
    RAW("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00" QUESTION, 33, false, NOTHING,
        ANOMALY_WRONG_WAY),
};

static void bytes_that_are_no_message_are_told_by_what_is_wrong_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(raw_cases); i++) {
        const struct raw_case *raw = &raw_cases[i];
        uint8_t data[512];
        memset(data, 0xee, sizeof(data));
        memcpy(data, raw->bytes, raw->given);
        scene(raw->to_server);
        decode(data, raw->len);
        expect(raw->shows, "raw", i);
        expect_not((enum anomaly)raw->not, "raw", i);
    }
}

static void what_a_capture_has_cut_off_is_not_missed(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        int shows;
    } cases[] = {{8, NOTHING}, {20, NOTHING}, {60, NOTHING}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(false);
        build_response(&b, 1, "www.example.com", DNS_TYPE_TXT, 0);
        build_record(&b, DNS_SECTION_ANSWER, "www.example.com", DNS_TYPE_TXT, 60,
                     "\"a text that is long enough to be cut\"");
        assert_true(cases[i].len < b.len);
        decode(b.data, cases[i].len);
        message.cut = true;
        if (i > 0)
            expect(cases[i].shows, "cut", i);
        expect_not(ANOMALY_COUNTS, "cut", i);
        expect_not(ANOMALY_NOT_DNS_SHORT, "cut", i);
        message.cut = false;
        expect(i ? ANOMALY_COUNTS : ANOMALY_NOT_DNS_SHORT, "whole", i);
    }
}

static void a_stream_without_messages_is_not_dns_whatever_its_bytes_say(void **state)
{
    (void)state;
    scene(true);
    build_query(&b, 1, "www.example.com", DNS_TYPE_A);
    decode(b.data, b.len);
    message.unframed = true;
    expect(ANOMALY_NOT_DNS_SHORT, "stream", 0);
}

/* 26 times "abcdefghi." is 260 bytes. */
static void a_name_of_255_bytes_is_the_longest(void **state)
{
    (void)state;
    for (unsigned labels = 25; labels <= 26; labels++) {
        scene(true);
        build_message(&b, 1, RD);
        for (unsigned i = 0; i < labels; i++)
            build_bytes(&b,
                        "\x09"
                        "abcdefghi",
                        10);
        build_bytes(&b, "\x00\x00\x01\x00\x01", 5);
        build_count(&b, DNS_SECTION_QUESTION, 1);
        decode(b.data, b.len);
        if (labels == 26)
            expect(ANOMALY_NAME_LENGTH, "labels", labels);
        else
            expect_not(ANOMALY_NAME_LENGTH, "labels", labels);
    }
}

static void questions_are_judged_by_name_type_and_class(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t type, rrclass;
        int shows, not ;
    } cases[] = {
        {"www.example.com", DNS_TYPE_A, 1, NOTHING, ANOMALY_ODD_NAME},
        {"WwW.eXaMpLe.CoM", DNS_TYPE_A, 1, NOTHING, ANOMALY_ODD_NAME},
        {"_ldap._tcp.dc._msdcs.example.com", DNS_TYPE_SRV, 1, NOTHING, ANOMALY_ODD_NAME},
        {"http://192\\.0\\.2\\.1/", DNS_TYPE_A, 1, NOTHING, ANOMALY_ODD_NAME},
        {"192\\.0\\.2\\.1\\,\\032192\\.0\\.2\\.2", DNS_TYPE_A, 1, NOTHING, ANOMALY_ODD_NAME},
        {"\\195\\188ber.example.com", DNS_TYPE_A, 1, ANOMALY_ODD_NAME, ANOMALY_CONTROL_NAME},
        {"a\\;b.example.com", DNS_TYPE_AAAA, 1, ANOMALY_ODD_NAME, ANOMALY_CONTROL_NAME},
        {"My\\032Printer\\;2._ipp._tcp.example.com", DNS_TYPE_SRV, 1, NOTHING, ANOMALY_ODD_NAME},
        {"www\\013.example.com", DNS_TYPE_A, 1, ANOMALY_CONTROL_NAME, ANOMALY_BINARY_NAME},
        {"a\\000b\\001c.example.com", DNS_TYPE_A, 1, ANOMALY_CONTROL_NAME, ANOMALY_BINARY_NAME},
        {"a\\000\\001\\031.example.com", DNS_TYPE_A, 1, ANOMALY_BINARY_NAME, ANOMALY_DATA_TYPE},
        {"a\\000\\001\\031.example.com", DNS_TYPE_TXT, 1, NOTHING, ANOMALY_BINARY_NAME},
        {"t.example.com", DNS_TYPE_NULL, 1, ANOMALY_DATA_TYPE, ANOMALY_OBSOLETE_TYPE},
        {"_ta-4f66-4a5c", DNS_TYPE_NULL, 1, NOTHING, ANOMALY_DATA_TYPE},
        {"_ta-data.example.com", DNS_TYPE_NULL, 1, ANOMALY_DATA_TYPE, ANOMALY_OBSOLETE_TYPE},
        {"t.example.com", 65280, 1, ANOMALY_DATA_TYPE, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", 65399, 1, ANOMALY_DATA_TYPE, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", 65534, 1, ANOMALY_DATA_TYPE, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", 65535, 1, ANOMALY_UNASSIGNED_TYPE, ANOMALY_DATA_TYPE},
        {"t.example.com", 0, 1, ANOMALY_UNASSIGNED_TYPE, ANOMALY_DATA_TYPE},
        {"t.example.com", 1000, 1, ANOMALY_UNASSIGNED_TYPE, ANOMALY_DATA_TYPE},
        {"t.example.com", 25, 1, ANOMALY_OBSOLETE_TYPE, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", 38, 1, ANOMALY_OBSOLETE_TYPE, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", 254, 1, ANOMALY_OBSOLETE_TYPE, ANOMALY_ANY_QUERY},
        {"t.example.com", 99, 1, NOTHING, ANOMALY_OBSOLETE_TYPE}, /* SPF */
        {"t.example.com", 52, 1, NOTHING, ANOMALY_OBSOLETE_TYPE}, /* TLSA */
        {"t.example.com", 64, 1, NOTHING, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", 65, 1, NOTHING, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", 256, 1, NOTHING, ANOMALY_UNASSIGNED_TYPE}, /* URI */
        {"t.example.com", 257, 1, NOTHING, ANOMALY_UNASSIGNED_TYPE}, /* CAA */
        {"t.example.com", 262, 1, NOTHING, ANOMALY_UNASSIGNED_TYPE},
        {"t.example.com", DNS_TYPE_ANY, 1, ANOMALY_ANY_QUERY, ANOMALY_ODD_CLASS},
        {"t.example.com", DNS_TYPE_MX, 1, NOTHING, ANOMALY_ANY_QUERY},
        {"t.example.com", DNS_TYPE_A, 4, ANOMALY_ODD_CLASS, ANOMALY_CHAOS_CLASS},
        {"t.example.com", DNS_TYPE_A, 0, ANOMALY_ODD_CLASS, ANOMALY_CHAOS_CLASS},
        {"t.example.com", DNS_TYPE_A, 255, NOTHING, ANOMALY_ODD_CLASS},
        {"t.example.com", DNS_TYPE_A, 0x8001, NOTHING, ANOMALY_ODD_CLASS},
        {"version.bind", DNS_TYPE_TXT, 3, ANOMALY_CHAOS_CLASS, ANOMALY_ODD_CLASS},
        {"version.bind", DNS_TYPE_TXT, 1, NOTHING, ANOMALY_CHAOS_CLASS},
        {"example.com", 252, 1, ANOMALY_ZONE_TRANSFER, ANOMALY_TRANSFER_REFUSED},
        {"example.com", 251, 1, NOTHING, ANOMALY_ZONE_TRANSFER},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(true);
        build_message(&b, 1, RD);
        build_question(&b, cases[i].name, cases[i].type, cases[i].rrclass);
        decode(b.data, b.len);
        expect(cases[i].shows, cases[i].name, i);
        expect_not((enum anomaly)cases[i].not, cases[i].name, i);
    }
}

static void a_question_is_counted_once_and_for_a_response_alone_too(void **state)
{
    (void)state;
    build_query(&b_query, 1, "t.example.com", DNS_TYPE_NULL);
    for (int paired = 0; paired <= 1; paired++) {
        scene(false);
        build_response(&b, 1, "t.example.com", DNS_TYPE_NULL, 0);
        decode(b.data, b.len);
        if (paired)
            pair_with_query();
        expect(paired ? NOTHING : ANOMALY_DATA_TYPE, "paired", (size_t)paired);
    }
}

static void a_refused_transfer_is_told_from_one_that_is_done(void **state)
{
    (void)state;
    static const struct {
        unsigned rcode;
        bool refused;
    } cases[] = {{0, false}, {5, true}, {9, true}, {2, false}};
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        const uint16_t type = i < COUNT(cases) ? 252 : 251;
        const bool refused = cases[i % COUNT(cases)].refused;
        scene(false);
        build_query(&b_query, 1, "example.com", type);
        build_response(&b, 1, "example.com", type, cases[i % COUNT(cases)].rcode);
        decode(b.data, b.len);
        pair_with_query();
        expect(refused ? ANOMALY_TRANSFER_REFUSED : NOTHING, "transfer", i);
        if (!refused)
            expect_not(ANOMALY_TRANSFER_REFUSED, "transfer", i);
    }
}

static void a_zone_that_is_given_is_no_anomaly(void **state)
{
    (void)state;
    for (int given = 0; given <= 1; given++) {
        scene(true);
        build_response(&b_query, 1, "example.com", 252, 0);
        if (given)
            build_record(&b_query, DNS_SECTION_ANSWER, "example.com", DNS_TYPE_A, 60, "192.0.2.1");
        message_decode(&query, b_query.data, b_query.len, &arena);
        build_query(&b, 1, "example.com", 252);
        decode(b.data, b.len);
        transaction.response = &query;
        expect(given ? NOTHING : ANOMALY_ZONE_TRANSFER, "given", (size_t)given);
    }
}

static void headers_are_judged_by_operation_bits_and_counts(void **state)
{
    (void)state;
    static const struct {
        uint16_t flags;
        int shows, not ;
    } cases[] = {
        {RD, NOTHING, ANOMALY_OPCODE},
        {RD | 1 << 11, ANOMALY_OPCODE, ANOMALY_Z_BIT},
        {RD | 2 << 11, ANOMALY_OPCODE, ANOMALY_Z_BIT},
        {RD | 3 << 11, ANOMALY_OPCODE, ANOMALY_Z_BIT},
        {4 << 11, NOTHING, ANOMALY_OPCODE},
        {6 << 11, NOTHING, ANOMALY_OPCODE},
        {7 << 11, ANOMALY_OPCODE, ANOMALY_UPDATE_OUTSIDE},
        {15 << 11, ANOMALY_OPCODE, ANOMALY_NOT_DNS_SHORT},
        {RD | DNS_FLAG_Z, ANOMALY_Z_BIT, ANOMALY_OPCODE},
        {RD | DNS_FLAG_AD | DNS_FLAG_CD, NOTHING, ANOMALY_Z_BIT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(true);
        build_message(&b, 1, cases[i].flags);
        build_question(&b, "www.example.com", DNS_TYPE_SOA, 1);
        decode(b.data, b.len);
        expect(cases[i].shows, "flags", i);
        expect_not((enum anomaly)cases[i].not, "flags", i);
    }
}

static void a_query_has_one_question_or_a_cookie(void **state)
{
    (void)state;
    for (unsigned questions = 0; questions <= 2; questions++)
        for (unsigned cookie = 0; cookie <= 1; cookie++) {
            scene(true);
            build_message(&b, 1, RD);
            for (unsigned i = 0; i < questions; i++)
                build_question(&b, "www.example.com", DNS_TYPE_A, 1);
            build_edns_begin(&b, 1232, 0);
            build_option(&b, 5, "\x08", 1);
            if (cookie)
                build_option(&b, 10, "12345678", 8);
            build_record_end(&b);
            decode(b.data, b.len);
            expect(questions > 1              ? ANOMALY_QUESTION_COUNT
                   : questions == 1 || cookie ? NOTHING
                                              : ANOMALY_NO_QUESTION,
                   "questions", questions);
            if (questions == 1 || cookie)
                expect_not(ANOMALY_NO_QUESTION, "questions", questions);
            if (questions == 1)
                expect_not(ANOMALY_QUESTION_COUNT, "questions", questions);
        }
}

static void only_some_records_belong_into_a_query(void **state)
{
    (void)state;
    static const struct {
        uint16_t qtype, flags;
        enum dns_section section;
        uint16_t type;
        bool odd;
    } cases[] = {
        {DNS_TYPE_A, RD, DNS_SECTION_ANSWER, DNS_TYPE_A, true},
        {DNS_TYPE_A, RD, DNS_SECTION_AUTHORITY, DNS_TYPE_A, true},
        {DNS_TYPE_A, RD, DNS_SECTION_ADDITIONAL, DNS_TYPE_A, true},
        {DNS_TYPE_A, RD, DNS_SECTION_ADDITIONAL, 250, false},
        {251, 0, DNS_SECTION_AUTHORITY, DNS_TYPE_A, false},
        {249, 0, DNS_SECTION_ANSWER, 249, false},
        {DNS_TYPE_SOA, 4 << 11, DNS_SECTION_ANSWER, DNS_TYPE_A, false},
        {DNS_TYPE_SOA, 5 << 11, DNS_SECTION_AUTHORITY, DNS_TYPE_A, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        static const uint8_t inside[4] = {10, 0, 0, 1};
        scene(true);
        transaction.server = addr_from_v4(inside);
        build_message(&b, 1, cases[i].flags);
        build_question(&b, "example.com", cases[i].qtype, 1);
        build_record(&b, cases[i].section, "example.com", cases[i].type, 0,
                     cases[i].type == DNS_TYPE_A ? "192.0.2.1" : "\\# 00");
        decode(b.data, b.len);
        expect(cases[i].odd ? ANOMALY_RECORDS_IN_QUERY : NOTHING, "records", i);
        if (!cases[i].odd)
            expect_not(ANOMALY_RECORDS_IN_QUERY, "records", i);
    }
}

static void updates_belong_inside(void **state)
{
    (void)state;
    static const struct {
        const char *server;
        bool outside;
    } cases[] = {{"192.0.2.53", true},   {"10.0.0.1", false},    {"172.16.3.4", false},
                 {"172.32.3.4", true},   {"192.168.1.1", false}, {"127.0.0.1", false},
                 {"::1", false},         {"fd00::53", false},    {"fe80::53", false},
                 {"2001:db8::53", true}, {"169.254.1.1", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(true);
        assert_true(addr_parse(cases[i].server, strlen(cases[i].server), &transaction.server));
        build_message(&b, 1, 5 << 11);
        build_question(&b, "example.com", DNS_TYPE_SOA, 1);
        decode(b.data, b.len);
        expect(cases[i].outside ? ANOMALY_UPDATE_OUTSIDE : NOTHING, cases[i].server, i);
        if (!cases[i].outside)
            expect_not(ANOMALY_UPDATE_OUTSIDE, cases[i].server, i);
    }
}

static void edns_is_judged_by_version_flags_size_and_options(void **state)
{
    (void)state;
    static uint8_t zeros[600];
    static const struct {
        uint16_t size;
        uint32_t ttl;
        uint16_t code, len;
        int shows, not ;
    } cases[] = {
        {1232, 0, 10, 24, NOTHING, ANOMALY_EDNS_BULK},
        {1232, 0x8000, 0, 0, NOTHING, ANOMALY_EDNS_FLAGS},
        {1232, 0xc000, 0, 0, NOTHING, ANOMALY_EDNS_FLAGS},
        {1232, 0x0001, 0, 0, ANOMALY_EDNS_FLAGS, ANOMALY_EDNS_VERSION},
        {1232, 0x10000, 0, 0, ANOMALY_EDNS_VERSION, ANOMALY_EDNS_FLAGS},
        {1232, 0x1000000, 0, 0, NOTHING, ANOMALY_EDNS_VERSION}, /* extended response code */
        {511, 0, 0, 0, ANOMALY_EDNS_SIZE, ANOMALY_EDNS_FLAGS},
        {512, 0, 0, 0, NOTHING, ANOMALY_EDNS_SIZE},
        {1232, 0, 12, 400, NOTHING, ANOMALY_EDNS_BULK}, /* padding */
        {1232, 0, 3, 100, NOTHING, ANOMALY_EDNS_BULK},  /* NSID */
        {1232, 0, 65001, 6, NOTHING, ANOMALY_EDNS_BULK},
        {1232, 0, 20292, 15, NOTHING, ANOMALY_EDNS_BULK},
        {1232, 0, 65001, 64, NOTHING, ANOMALY_EDNS_BULK},
        {1232, 0, 65001, 65, ANOMALY_EDNS_BULK, ANOMALY_EDNS_OPTIONS},
        {1232, 0, 14, 257, ANOMALY_EDNS_BULK, ANOMALY_EDNS_OPTIONS},
        {1232, 0, 14, 256, NOTHING, ANOMALY_EDNS_BULK},
        {1232, 0, 8, 7, ANOMALY_EDNS_OPTIONS, ANOMALY_RDATA},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(true);
        build_query(&b, 1, "www.example.com", DNS_TYPE_A);
        build_edns_begin(&b, cases[i].size, cases[i].ttl);
        memcpy(zeros, "\x00\x01\x20", 3); /* IPv4/32 without enough address */
        if (cases[i].code)
            build_option(&b, cases[i].code, zeros, cases[i].code == 8 ? 6 : cases[i].len);
        build_record_end(&b);
        decode(b.data, b.len);
        expect(cases[i].shows, "edns", i);
        expect_not((enum anomaly)cases[i].not, "edns", i);
    }
}

static void edns_stands_once_and_at_the_root(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= 2; i++) {
        scene(true);
        build_query(&b, 1, "www.example.com", DNS_TYPE_A);
        if (i == 2)
            build_record(&b, DNS_SECTION_ADDITIONAL, "example.com", DNS_TYPE_OPT, 0, "");
        else
            build_edns(&b, 1232, false);
        if (i == 1)
            build_edns(&b, 1232, false);
        decode(b.data, b.len);
        if (i)
            expect(ANOMALY_EDNS_PLACE, "opt", i);
        else
            expect_not(ANOMALY_EDNS_PLACE, "opt", i);
    }
}

static void options_that_overrun_their_record_are_told_from_other_bad_data(void **state)
{
    (void)state;
    scene(false);
    build_response(&b, 1, "www.example.com", DNS_TYPE_A, 0);
    build_record(&b, DNS_SECTION_ANSWER, "www.example.com", DNS_TYPE_A, 60, "\\# c00002");
    decode(b.data, b.len);
    expect(ANOMALY_RDATA, "three bytes", 0);
    expect_not(ANOMALY_EDNS_OPTIONS, "three bytes", 0);
}

/* What an answer section may hold. */
struct answer {
    const char *owner;
    uint16_t type;
    uint32_t ttl;
    const char *rdata;
};

struct answer_case {
    const char *question;
    uint16_t qtype;
    struct answer answers[4];
    int shows, not ;
};

#define A     DNS_TYPE_A
#define CNAME DNS_TYPE_CNAME

static const struct answer_case answer_cases[] = {
    {"www.example.com",
     A,
     {{"www.example.com", A, 60, "192.0.2.1"}},
     NOTHING,
     ANOMALY_UNRELATED_ANSWER},
    {"www.example.com",
     A,
     {{"www.example.com", CNAME, 60, "a.cdn.example"},
      {"a.cdn.example", CNAME, 60, "b.example"},
      {"b.example", A, 60, "192.0.2.1"}},
     NOTHING,
     ANOMALY_UNRELATED_ANSWER},
    {"www.example.com",
     A,
     {{"b.example", A, 60, "192.0.2.1"}, {"www.example.com", CNAME, 60, "b.example"}},
     NOTHING,
     ANOMALY_UNRELATED_ANSWER}, /* out of order */
    {"www.example.com",
     A,
     {{"example.com", DNS_TYPE_DNAME, 60, "example.net"},
      {"www.example.com", CNAME, 0, "www.example.net"},
      {"www.example.net", A, 60, "192.0.2.1"}},
     NOTHING,
     ANOMALY_UNRELATED_ANSWER},
    {"www.example.com",
     A,
     {{"www.example.com", A, 60, "192.0.2.1"}, {"bank.example.net", A, 60, "192.0.2.2"}},
     ANOMALY_UNRELATED_ANSWER,
     ANOMALY_REBINDING},
    {"www.example.com",
     DNS_TYPE_ANY,
     {{"www.example.com", A, 60, "192.0.2.1"}},
     NOTHING,
     ANOMALY_UNRELATED_ANSWER},
    {"www.example.com", A, {{"www.example.com", A, 60, "10.0.0.1"}}, NOTHING, ANOMALY_REBINDING},
    {"www.example.com",
     A,
     {{"www.example.com", A, 1, "192.168.1.1"}},
     ANOMALY_REBINDING,
     ANOMALY_METADATA_ADDRESS},
    {"www.example.com",
     A,
     {{"www.example.com", A, 60, "192.0.2.1"}, {"www.example.com", A, 60, "10.0.0.1"}},
     ANOMALY_REBINDING,
     ANOMALY_METADATA_ADDRESS},
    {"www.example.com", A, {{"www.example.com", A, 0, "127.0.0.1"}}, NOTHING, ANOMALY_REBINDING},
    {"www.example.com", A, {{"www.example.com", A, 0, "0.0.0.0"}}, NOTHING, ANOMALY_REBINDING},
    {"www.example.com",
     DNS_TYPE_AAAA,
     {{"www.example.com", DNS_TYPE_AAAA, 1, "fd00::1"}},
     ANOMALY_REBINDING,
     ANOMALY_METADATA_ADDRESS},
    {"www.example.com",
     A,
     {{"www.example.com", A, 300, "169.254.169.254"}},
     ANOMALY_METADATA_ADDRESS,
     ANOMALY_REBINDING},
    {"www.example.com",
     A,
     {{"www.example.com", A, 300, "169.254.169.253"}},
     NOTHING,
     ANOMALY_METADATA_ADDRESS},
};

static void answer_build(const struct answer_case *answer)
{
    build_response(&b, 1, answer->question, answer->qtype, 0);
    for (unsigned k = 0; k < 4 && answer->answers[k].owner; k++)
        build_record(&b, DNS_SECTION_ANSWER, answer->answers[k].owner, answer->answers[k].type,
                     answer->answers[k].ttl, answer->answers[k].rdata);
}

static void answers_are_about_the_question_and_lead_outside(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answer_cases); i++) {
        const struct answer_case *answer = &answer_cases[i];
        build_query(&b_query, 1, answer->question, answer->qtype);
        for (int compress = 0; compress <= 1; compress++) {
            scene(false);
            b.compress = compress;
            answer_build(answer);
            decode(b.data, b.len);
            pair_with_query();
            expect(answer->shows, "answers", i);
            expect_not((enum anomaly)answer->not, "answers", i);
        }
    }
}

static void internal_popular_and_allowed_names_may_lead_inside(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        scene(false);
        build_response(&b, 1, "a.example.com", DNS_TYPE_A, 0);
        build_record(&b, DNS_SECTION_ANSWER, "a.example.com", A, 0, "169.254.169.254");
        decode(b.data, b.len);
        build_query(&b_query, 1, "a.example.com", DNS_TYPE_A);
        pair_with_query();
        expect(ANOMALY_REBINDING, "inside", i);
        if (i == 0)
            enrichment.suffix_class = SUFFIX_SPECIAL_USE;
        else
            *(i == 1 ? &enrichment.popular : &enrichment.allowed) = true;
        expect(NOTHING, "inside", i);
    }
}

static void an_owner_that_cannot_be_read_is_seen(void **state)
{
    (void)state;
    scene(false);
    build_response(&b, 1, "www.example.com", DNS_TYPE_A, 0);
    build_record(&b, DNS_SECTION_ANSWER, "www.example.com", CNAME, 60, "b.example");
    build_record(&b, DNS_SECTION_ANSWER, "b.example", A, 60, "192.0.2.1");
    decode(b.data, b.len);
    uint16_t owner = message.records[1].owner;
    b.data[owner] = 0xc0; /* to the end of the question: its type, read as a label, runs astray */
    b.data[owner + 1] = (uint8_t)(message.records[0].owner + 10);
    decode(b.data, b.len);
    if (!message.malformed)
        expect_not(ANOMALY_NAME_LENGTH, "owner", 0);
    b.data[owner + 1] = 4; /* into the header */
    decode(b.data, b.len);
    expect(ANOMALY_NAME_IN_HEADER, "owner", 1);
}

static void size_is_judged_by_what_the_client_takes(void **state)
{
    (void)state;
    static const struct {
        unsigned room;  /* announced by the query; 0: no EDNS */
        unsigned bytes; /* about, of the response */
        bool tcp, odd;
    } cases[] = {
        {0, 500, false, false},    {0, 600, false, true},     {0, 600, true, false},
        {1232, 600, false, false}, {1232, 1300, false, true}, {4096, 1300, false, false},
        {300, 500, false, false}, /* below 512 counts as 512 (RFC 6891 6.2.3) */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(false);
        build_query(&b_query, 1, "www.example.com", DNS_TYPE_TXT);
        if (cases[i].room)
            build_edns(&b_query, (uint16_t)cases[i].room, false);
        build_response(&b, 1, "www.example.com", DNS_TYPE_TXT, 0);
        while (b.len + 100 < cases[i].bytes || b.len + 20 < cases[i].bytes - 80)
            build_record(&b, DNS_SECTION_ANSWER, "www.example.com", DNS_TYPE_TXT, 60,
                         "\"fifty bytes of text, which is as long as it is, ok\"");
        while (b.len < cases[i].bytes)
            build_record(&b, DNS_SECTION_ANSWER, "www.example.com", A, 60, "192.0.2.1");
        transaction.transport = cases[i].tcp ? TRANSPORT_TCP : TRANSPORT_UDP;
        decode(b.data, b.len);
        pair_with_query();
        expect(cases[i].odd ? ANOMALY_LARGE_RESPONSE : NOTHING, "size", i);
        if (!cases[i].odd)
            expect_not(ANOMALY_LARGE_RESPONSE, "size", i);
    }
}

static void a_query_over_udp_fits_into_512_bytes(void **state)
{
    (void)state;
    static const uint8_t padding[600];
    for (unsigned len = 512; len <= 513; len++) {
        scene(true);
        build_query(&b, 1, "www.example.com", DNS_TYPE_A);
        build_edns_begin(&b, 1232, 0);
        build_option(&b, 12, padding, len - b.len - 4);
        build_record_end(&b);
        assert_int_equal(b.len, len);
        decode(b.data, b.len);
        expect(len > 512 ? ANOMALY_LARGE_QUERY : NOTHING, "query", len);
        if (len == 512)
            expect_not(ANOMALY_LARGE_QUERY, "query", len);
        transaction.transport = TRANSPORT_TCP;
        expect(NOTHING, "query over TCP", len);
    }
}

static void how_a_response_was_paired_is_told_apart(void **state)
{
    (void)state;
    static const struct {
        enum unasked unasked;
        int shows;
    } cases[] = {
        {UNASKED_NOT, NOTHING},
        {UNASKED_NO_QUERY, ANOMALY_UNSOLICITED},
        {UNASKED_OTHER_QUESTION, ANOMALY_OTHER_QUESTION},
        {UNASKED_SECOND_ANSWER, ANOMALY_SECOND_ANSWER},
        {UNASKED_BOUNCED, ANOMALY_BOUNCED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(false);
        build_response(&b, 1, "www.example.com", DNS_TYPE_A, 0);
        decode(b.data, b.len);
        transaction.unasked = (uint8_t)cases[i].unasked;
        expect(cases[i].shows, "pairing", i);
        for (size_t k = 1; k < COUNT(cases); k++)
            if (k != i)
                expect_not((enum anomaly)cases[k].shows, "pairing", i);
    }
}

static void a_response_that_came_back_shows_nothing_else(void **state)
{
    (void)state;
    scene(false);
    build_response(&b, 1, "www.example.com", DNS_TYPE_A, 0);
    b.data[2] |= DNS_FLAG_TC >> 8;
    b.data[3] |= DNS_FLAG_Z;
    decode(b.data, b.len);
    assert_true(anomalies_of(&sight) == (1ull << ANOMALY_TRUNCATED | 1ull << ANOMALY_Z_BIT));
    transaction.unasked = UNASKED_BOUNCED;
    assert_true(anomalies_of(&sight) == 1ull << ANOMALY_BOUNCED);
    decode(b.data, 0);
    assert_true(anomalies_of(&sight) == 1ull << ANOMALY_BOUNCED);
}

static void the_port_of_a_server_on_the_internet_is_judged(void **state)
{
    (void)state;
    uint16_t ports[] = {53, 5300};
    const struct config config = {.capture = {.ports = {ports, 2}}};
    static const struct {
        uint8_t server[4];
        uint16_t port;
        bool odd;
    } cases[] = {
        {{198, 51, 100, 9}, 53, false},  {{198, 51, 100, 9}, 5300, false}, /* configured */
        {{198, 51, 100, 9}, 5301, true}, {{10, 0, 0, 9}, 5301, false},
        {{127, 0, 0, 1}, 5301, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        scene(true);
        build_query(&b, 1, "www.example.com", DNS_TYPE_A);
        decode(b.data, b.len);
        enrichment.config = &config;
        transaction.server = addr_from_v4(cases[i].server);
        transaction.server_port = cases[i].port;
        if (cases[i].odd)
            expect(ANOMALY_ODD_PORT, "port", i);
        else
            expect_not(ANOMALY_ODD_PORT, "port", i);
    }
}

static void a_query_that_bypasses_the_resolvers_shows_it(void **state)
{
    (void)state;
    for (int bypasses = 0; bypasses < 2; bypasses++) {
        scene(true);
        build_query(&b, 1, "www.example.com", DNS_TYPE_A);
        decode(b.data, b.len);
        sight.bypasses_resolvers = bypasses;
        if (bypasses)
            expect(ANOMALY_UNEXPECTED_RESOLVER, "bypass", 0);
        expect_not(ANOMALY_ODD_PORT, "bypass", 0);
        if (!bypasses)
            expect_not(ANOMALY_UNEXPECTED_RESOLVER, "bypass", 0);
    }
}

static void truncation_counts_over_udp_alone(void **state)
{
    (void)state;
    scene(false);
    build_response(&b, 1, "www.example.com", DNS_TYPE_A, 0);
    b.data[2] |= DNS_FLAG_TC >> 8;
    decode(b.data, b.len);
    expect(ANOMALY_TRUNCATED, "tc", 0);
    transaction.transport = TRANSPORT_TCP;
    expect_not(ANOMALY_TRUNCATED, "tc", 1);
}

/* Runs last. */
static void every_anomaly_was_shown_and_nearly_missed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ANOMALY_COUNT; i++) {
        if (!(shown >> i & 1))
            fail_msg("nothing shows %s", anomaly_rows[i].slug);
        if (!(missed >> i & 1))
            fail_msg("nothing nearly shows %s", anomaly_rows[i].slug);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_no_message_are_told_by_what_is_wrong_first),
        cmocka_unit_test(what_a_capture_has_cut_off_is_not_missed),
        cmocka_unit_test(a_stream_without_messages_is_not_dns_whatever_its_bytes_say),
        cmocka_unit_test(a_name_of_255_bytes_is_the_longest),
        cmocka_unit_test(questions_are_judged_by_name_type_and_class),
        cmocka_unit_test(a_question_is_counted_once_and_for_a_response_alone_too),
        cmocka_unit_test(a_refused_transfer_is_told_from_one_that_is_done),
        cmocka_unit_test(a_zone_that_is_given_is_no_anomaly),
        cmocka_unit_test(headers_are_judged_by_operation_bits_and_counts),
        cmocka_unit_test(a_query_has_one_question_or_a_cookie),
        cmocka_unit_test(only_some_records_belong_into_a_query),
        cmocka_unit_test(updates_belong_inside),
        cmocka_unit_test(edns_is_judged_by_version_flags_size_and_options),
        cmocka_unit_test(edns_stands_once_and_at_the_root),
        cmocka_unit_test(options_that_overrun_their_record_are_told_from_other_bad_data),
        cmocka_unit_test(answers_are_about_the_question_and_lead_outside),
        cmocka_unit_test(internal_popular_and_allowed_names_may_lead_inside),
        cmocka_unit_test(an_owner_that_cannot_be_read_is_seen),
        cmocka_unit_test(size_is_judged_by_what_the_client_takes),
        cmocka_unit_test(a_query_over_udp_fits_into_512_bytes),
        cmocka_unit_test(how_a_response_was_paired_is_told_apart),
        cmocka_unit_test(a_response_that_came_back_shows_nothing_else),
        cmocka_unit_test(the_port_of_a_server_on_the_internet_is_judged),
        cmocka_unit_test(a_query_that_bypasses_the_resolvers_shows_it),
        cmocka_unit_test(truncation_counts_over_udp_alone),
        cmocka_unit_test(every_anomaly_was_shown_and_nearly_missed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
