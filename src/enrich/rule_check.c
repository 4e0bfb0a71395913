/* rule_check.c - whether one signature rule holds for one message, by everything but its bits
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/rule_check.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>
#include <string.h>

enum {
    STEPS_MAX = 20000, /* of one transaction: a check, or 64 bytes looked through */
    PCRES_MAX = 64,    /* of one transaction */
    BYTES_A_STEP = 64,
    DIGITS_MAX = 23,      /* of a number in text */
    PCRE_HEAP_KIB = 1024, /* of one regular expression */
};

/* Whether what is left of a buffer's checks holds. GIVES_UP: and no other place for a bytes found
 * before could change that. */
enum verdict { FAILS, HOLDS, GIVES_UP };

/* One buffer against its checks. */
struct look {
    struct rule_checker *checker;
    const struct rule_buffer *buffer;
    const uint8_t *bytes;
    size_t len;
};

bool rule_checker_init(struct rule_checker *checker, struct suffix_cache *suffixes)
{
    *checker = (struct rule_checker){
        .suffixes = suffixes,
        .pcre_data = pcre2_match_data_create(1, NULL),
        .pcre_context = pcre2_match_context_create(NULL),
    };
    if (!checker->pcre_data || !checker->pcre_context)
        return false;
    pcre2_set_match_limit(checker->pcre_context, RULE_PCRE_STEPS_MAX);
    pcre2_set_depth_limit(checker->pcre_context, RULE_PCRE_DEPTH_MAX);
    pcre2_set_heap_limit(checker->pcre_context, PCRE_HEAP_KIB);
    rule_checker_refill(checker);
    return true;
}

void rule_checker_done(struct rule_checker *checker)
{
    pcre2_match_data_free(checker->pcre_data);
    pcre2_match_context_free(checker->pcre_context);
    *checker = (struct rule_checker){0};
}

void rule_checker_refill(struct rule_checker *checker)
{
    checker->steps = STEPS_MAX;
    checker->pcres = PCRES_MAX;
}

static bool steps_take(struct rule_checker *checker, size_t bytes)
{
    unsigned cost = 1 + (unsigned)(bytes / BYTES_A_STEP);
    if (cost > checker->steps) {
        checker->spent = true;
        return false;
    }
    checker->steps -= cost;
    return true;
}

static enum verdict checks_hold(struct look *look, unsigned number, size_t end);

/* A check that fails at this place. One that does not depend on the place fails for good. */
static enum verdict failure(const struct rule_check *check)
{
    return check->relative ? FAILS : GIVES_UP;
}

static inline uint8_t lower(uint8_t byte)
{
    return (uint8_t)(byte + (byte >= 'A' && byte <= 'Z' ? 32 : 0));
}

static bool content_is_at(const struct rule_content *content, const uint8_t *at)
{
    if (!content->nocase)
        return memcmp(content->bytes, at, content->len) == 0;
    for (unsigned i = 0; i < content->len; i++)
        if (content->bytes[i] != lower(at[i]))
            return false;
    return true;
}

/* A stretch of a buffer in which a content must lie whole; none where `to` is before `from`. */
struct window {
    size_t from;
    size_t to;
};

static struct window content_window(const struct look *look, const struct rule_check *check,
                                    size_t end)
{
    const struct rule_content *content = &check->content;
    int64_t from = content->offset, to = (int64_t)look->len;
    if (check->relative) {
        from = (int64_t)end + content->distance;
        if (content->has_within && from + content->within < to)
            to = from + content->within;
    } else if (content->has_depth && from + content->depth < to) {
        to = from + content->depth;
    }
    if (content->starts && content->len < to)
        to = content->len;
    from = from > 0 ? from : 0;
    to = to > 0 ? to : 0;
    return (struct window){(size_t)from, (size_t)to};
}

/* The first place in the window at which the content stands, or SIZE_MAX. */
static size_t content_find(const struct look *look, const struct rule_content *content,
                           struct window window)
{
    if (window.to < window.from || window.to - window.from < content->len)
        return SIZE_MAX;
    size_t last = window.to - content->len;
    if (content->ends) {
        bool there = window.to == look->len && content_is_at(content, look->bytes + last);
        return there ? last : SIZE_MAX;
    }
    if (!content->nocase) {
        const uint8_t *found = memmem(look->bytes + window.from, window.to - window.from,
                                      content->bytes, content->len);
        return found ? (size_t)(found - look->bytes) : SIZE_MAX;
    }
    for (size_t at = window.from; at <= last; at++)
        if (content_is_at(content, look->bytes + at))
            return at;
    return SIZE_MAX;
}

static enum verdict content_holds(struct look *look, unsigned number, size_t end)
{
    const struct rule_check *check = &look->buffer->checks[number];
    struct window window = content_window(look, check, end);
    for (;;) {
        size_t span = window.to > window.from ? window.to - window.from : 0;
        if (!steps_take(look->checker, span))
            return GIVES_UP;
        size_t at = content_find(look, &check->content, window);
        if (check->negated)
            return at == SIZE_MAX ? checks_hold(look, number + 1, end) : failure(check);
        if (at == SIZE_MAX)
            return failure(check);
        enum verdict verdict = checks_hold(look, number + 1, at + check->content.len);
        if (verdict != FAILS || !check->tried_again)
            return verdict;
        window.from = at + 1;
    }
}

static enum verdict pcre_holds(struct look *look, unsigned number, size_t end)
{
    const struct rule_check *check = &look->buffer->checks[number];
    struct rule_checker *checker = look->checker;
    size_t begin = check->relative ? end : 0, start = 0;
    while (start <= look->len - begin) {
        if (checker->pcres == 0) {
            checker->spent = true;
            return GIVES_UP;
        }
        checker->pcres--;
        int found = pcre2_match(check->pcre.code, look->bytes + begin, look->len - begin, start, 0,
                                checker->pcre_data, checker->pcre_context);
        checker->pcre_limits += found < 0 && found != PCRE2_ERROR_NOMATCH;
        if (check->negated)
            return found == PCRE2_ERROR_NOMATCH ? checks_hold(look, number + 1, end)
                                                : failure(check);
        if (found < 0)
            return failure(check);
        const PCRE2_SIZE *place = pcre2_get_ovector_pointer(checker->pcre_data);
        size_t match_begin = place[0];
        enum verdict verdict = checks_hold(look, number + 1, begin + place[1]);
        if (verdict != FAILS || !check->tried_again)
            return verdict;
        start = match_begin >= start ? match_begin + 1 : start + 1;
    }
    return failure(check);
}

static bool isdataat_holds(const struct look *look, const struct rule_check *check, size_t end)
{
    size_t at = check->isdataat.at;
    return (check->relative ? end + at <= look->len : at < look->len) != check->negated;
}

/* The number at `at` in bytes or, for a base, in text; false where there is none. */
static bool number_read(const struct rule_byte_test *test, const uint8_t *at, uint64_t *ret_value)
{
    *ret_value = 0;
    if (test->base) {
        char text[DIGITS_MAX + 1], *stop;
        unsigned len = test->bytes < DIGITS_MAX ? test->bytes : DIGITS_MAX;
        memcpy(text, at, len);
        text[len] = 0;
        *ret_value = strtoull(text, &stop, test->base);
        return stop != text;
    }
    for (unsigned i = 0; i < test->bytes; i++) {
        unsigned byte = test->little ? test->bytes - 1 - i : i;
        *ret_value = *ret_value << 8 | at[byte];
    }
    return true;
}

static bool byte_test_holds(const struct look *look, const struct rule_check *check, size_t end)
{
    const struct rule_byte_test *test = &check->byte_test;
    int64_t at = (check->relative ? (int64_t)end : 0) + test->offset;
    uint64_t value;
    if (at < 0 || at + test->bytes > (int64_t)look->len ||
        !number_read(test, look->bytes + at, &value))
        return false;
    if (test->mask)
        value = (value & test->mask) >> __builtin_ctzll(test->mask);
    return rule_number_holds(&test->number, value) != check->negated;
}

/* Whether the checks from `number` on hold; `end` is where the last match ended. */
static enum verdict checks_hold(struct look *look, unsigned number, size_t end)
{
    if (number == look->buffer->check_count)
        return HOLDS;
    const struct rule_check *check = &look->buffer->checks[number];
    bool holds = false;
    switch ((enum rule_check_kind)check->kind) {
    case RULE_CONTENT: return content_holds(look, number, end);
    case RULE_PCRE: return pcre_holds(look, number, end);
    case RULE_ISDATAAT: holds = isdataat_holds(look, check, end); break;
    case RULE_BSIZE: holds = rule_number_holds(&check->bsize, look->len); break;
    case RULE_BYTE_TEST: holds = byte_test_holds(look, check, end); break;
    }
    return holds ? checks_hold(look, number + 1, end) : failure(check);
}

static bool bytes_hold(struct rule_checker *checker, const struct rule_buffer *buffer,
                       const uint8_t *bytes, size_t len)
{
    struct look look = {checker, buffer, bytes, len};
    return checks_hold(&look, 0, 0) == HOLDS;
}

static bool names_hold(struct rule_checker *checker, const struct rule_buffer *buffer,
                       const struct rule_message *message, rule_shown_fn shown, void *arg)
{
    struct rule_places places;
    uint8_t text[RULE_TEXT_MAX];
    rule_places(message, (enum rule_buffer_kind)buffer->kind, &places);
    checker->spent |= places.cut;
    for (unsigned i = 0; i < places.count; i++) {
        size_t len = rule_name_text(message, places.at[i], text);
        if (len == 0)
            continue;
        if (!steps_take(checker, len))
            return false;
        len = rule_text_transform(buffer, checker->suffixes, text, len);
        if (!bytes_hold(checker, buffer, text, len))
            continue;
        if (shown)
            shown(arg, (enum rule_buffer_kind)buffer->kind, text, len);
        return true;
    }
    return false;
}

static bool buffer_holds(struct rule_checker *checker, const struct rule_buffer *buffer,
                         const struct rule_message *message, rule_shown_fn shown, void *arg)
{
    if (buffer->kind != RULE_BUFFER_PAYLOAD)
        return names_hold(checker, buffer, message, shown, arg);
    if (!message->payload || !bytes_hold(checker, buffer, message->payload, message->payload_len))
        return false;
    if (shown)
        shown(arg, RULE_BUFFER_PAYLOAD, message->payload, message->payload_len);
    return true;
}

static bool addr_is_in(const struct rule_side *side, const struct addr *addr)
{
    bool asked = false, covered = false;
    for (unsigned i = 0; i < side->net_count; i++) {
        const struct rule_net *net = &side->nets[i];
        bool in = prefix_contains(&net->block, addr);
        if (in && net->excluded)
            return false;
        asked |= !net->excluded;
        covered |= in;
    }
    return covered || !asked;
}

static bool port_is_in(const struct rule_side *side, uint16_t port)
{
    bool asked = false, covered = false;
    for (unsigned i = 0; i < side->port_count; i++) {
        const struct rule_ports *ports = &side->ports[i];
        bool in = port >= ports->first && port <= ports->last;
        if (in && ports->excluded)
            return false;
        asked |= !ports->excluded;
        covered |= in;
    }
    return covered || !asked;
}

static bool ends_hold(const struct rule *rule, const struct rule_message *message)
{
    const struct rule_side *from = &rule->source, *to = &rule->destination;
    for (unsigned turn = 0; turn <= rule->both_ways; turn++) {
        const struct rule_side *other = from;
        if (addr_is_in(from, message->source) && port_is_in(from, message->source_port) &&
            addr_is_in(to, message->destination) && port_is_in(to, message->destination_port))
            return true;
        from = to;
        to = other;
    }
    return false;
}

static bool rrtype_holds(const struct rule *rule, const struct rule_message *message)
{
    uint16_t types[RULE_QUESTIONS_MAX];
    const struct dns_message *from = message->message;
    if (rule->rrtype.op == RULE_OP_ANY)
        return true;
    unsigned count = message->response ? 0 : rule_question_types(message, types);
    for (unsigned i = 0; i < count; i++)
        if (rule_number_holds(&rule->rrtype, types[i]))
            return true;
    for (unsigned i = 0; message->response && i < from->record_count; i++)
        if (from->records[i].section == DNS_SECTION_ANSWER &&
            rule_number_holds(&rule->rrtype, from->records[i].type))
            return true;
    return false;
}

static bool is_dns(const struct dns_message *message)
{
    return !message ||
           (!message->foreign && !message->unframed && message->malformed != MALFORMED_HEADER);
}

static bool header_holds(const struct rule *rule, const struct rule_message *message)
{
    static const uint8_t flows[2] = {RULE_FLOW_TO_SERVER, RULE_FLOW_TO_CLIENT};
    uint16_t flags = message->message ? message->message->flags : 0;
    if (rule->flow && !(rule->flow & flows[message->response]))
        return false;
    if (rule->protocol == RULE_PROTOCOL_DNS ? !is_dns(message->message)
                                            : (rule->protocol == RULE_PROTOCOL_TCP) != message->tcp)
        return false;
    return rule_number_holds(&rule->opcode, flags >> 11 & 15) &&
           rule_number_holds(&rule->rcode, flags & 15) &&
           rule_number_holds(&rule->dsize, message->payload_len) && rrtype_holds(rule, message);
}

bool rule_holds(struct rule_checker *checker, const struct rule *rule,
                const struct rule_message *message, rule_shown_fn shown, void *arg)
{
    if (!header_holds(rule, message) || !ends_hold(rule, message))
        return false;
    for (unsigned i = 0; i < rule->buffer_count; i++)
        if (!buffer_holds(checker, &rule->buffers[i], message, shown, arg))
            return false;
    return true;
}
