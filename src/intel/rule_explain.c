/* rule_explain.c - what a rule looks for, in words
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_explain.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const char *const buffer_words[RULE_BUFFER_COUNT] = {
#define RULE_BUFFER(id, keyword, older, what) [RULE_BUFFER_##id] = what,
#include "intel/rule_buffers.def"
#undef RULE_BUFFER
};

static const char *const transform_words[RULE_TRANSFORM_COUNT] = {
#define RULE_TRANSFORM(id, keyword, what) [RULE_TRANSFORM_##id] = what,
#include "intel/rule_transforms.def"
#undef RULE_TRANSFORM
};

static void explain_number(const struct rule_number *number, struct buf *buf)
{
    static const char *const words[] = {
        [RULE_OP_ANY] = "anything",
        [RULE_OP_EQUAL] = "",
        [RULE_OP_DIFFERENT] = "not ",
        [RULE_OP_LESS] = "less than ",
        [RULE_OP_AT_MOST] = "at most ",
        [RULE_OP_GREATER] = "more than ",
        [RULE_OP_AT_LEAST] = "at least ",
        [RULE_OP_BETWEEN] = "between ",
        [RULE_OP_OUTSIDE] = "not between ",
        [RULE_OP_AND] = "something with a bit of ",
        [RULE_OP_XOR] = "other in a bit than ",
    };
    buf_text(buf, words[number->op]);
    if (number->op != RULE_OP_ANY)
        buf_printf(buf, "%" PRIu64, number->a);
    if (number->op == RULE_OP_BETWEEN || number->op == RULE_OP_OUTSIDE)
        buf_printf(buf, " and %" PRIu64, number->b);
}

static void explain_bytes(const struct rule_content *content, struct buf *buf)
{
    bool hex = false;
    buf_char(buf, '"');
    for (unsigned i = 0; i < content->len; i++) {
        uint8_t byte = content->bytes[i];
        bool plain = isprint(byte) && !strchr("\"|;\\", byte);
        if (plain == hex)
            buf_char(buf, '|');
        else if (hex)
            buf_char(buf, ' ');
        hex = !plain;
        if (plain)
            buf_char(buf, (char)byte);
        else
            buf_printf(buf, "%02x", byte);
    }
    buf_text(buf, hex ? "|\"" : "\"");
    if (content->nocase)
        buf_text(buf, " in either case");
}

/* Where in the buffer a content may stand. */
static void explain_place(const struct rule_check *check, struct buf *buf)
{
    const struct rule_content *content = &check->content;
    if (check->relative) {
        if (content->has_within)
            buf_printf(buf, ", within %u bytes", content->within);
        buf_text(buf, content->has_within ? " of" : ", after");
        buf_text(buf, " where the one before ended");
        if (content->distance != 0)
            buf_printf(buf, " %+d", content->distance);
    } else if (content->has_depth && !content->starts) {
        buf_printf(buf, ", in bytes %u to %u", content->offset, content->offset + content->depth);
    } else if (content->offset > 0) {
        buf_printf(buf, ", from byte %u on", content->offset);
    }
}

static void explain_content(const struct rule_check *check, struct buf *buf)
{
    static const char *const verbs[2][2][2] = {
        {{"has ", "ends with "}, {"begins with ", "is "}},
        {{"does not have ", "does not end with "}, {"does not begin with ", "is not "}},
    };
    const struct rule_content *content = &check->content;
    buf_text(buf, verbs[check->negated][content->starts][content->ends]);
    explain_bytes(content, buf);
    explain_place(check, buf);
}

static void explain_byte_test(const struct rule_check *check, struct buf *buf)
{
    const struct rule_byte_test *test = &check->byte_test;
    buf_printf(buf, "the %u bytes at %d%s%s", test->bytes, test->offset,
               check->relative ? " after where the one before ended" : "",
               test->little ? ", little endian" : "");
    if (test->base)
        buf_printf(buf, ", as text of base %u", test->base);
    if (test->mask)
        buf_printf(buf, ", masked with 0x%" PRIx64, test->mask);
    buf_text(buf, check->negated ? ", are not " : ", are ");
    explain_number(&test->number, buf);
}

static void explain_check(const struct rule_check *check, struct buf *buf)
{
    switch ((enum rule_check_kind)check->kind) {
    case RULE_CONTENT: explain_content(check, buf); break;
    case RULE_PCRE:
        buf_printf(buf, "%s %s%s", check->negated ? "does not match" : "matches", check->pcre.text,
                   check->relative ? " after where the one before ended" : "");
        break;
    case RULE_ISDATAAT:
        buf_printf(buf, "%s %u bytes%s", check->negated ? "does not reach" : "reaches",
                   check->isdataat.at + !check->relative,
                   check->relative ? " beyond where the one before ended" : "");
        break;
    case RULE_BSIZE:
        buf_text(buf, "its size is ");
        explain_number(&check->bsize, buf);
        break;
    case RULE_BYTE_TEST: explain_byte_test(check, buf); break;
    }
}

static void explain_buffer(const struct rule_buffer *buffer, struct buf *buf)
{
    buf_printf(buf, "looks into %s", buffer_words[buffer->kind]);
    for (unsigned i = 0; i < buffer->transform_count; i++)
        buf_printf(buf, ", %s", transform_words[buffer->transforms[i]]);
    for (unsigned i = 0; i < buffer->check_count; i++) {
        buf_text(buf, i == 0 ? ": " : "; ");
        explain_check(buffer->checks + i, buf);
    }
    buf_char(buf, '\n');
}

static void explain_side(const struct rule_side *side, struct buf *buf)
{
    char text[ADDR_TEXT_MAX];
    if (side->net_count == 0)
        buf_text(buf, "anyone");
    for (unsigned i = 0; i < side->net_count; i++) {
        prefix_format(&side->nets[i].block, text);
        buf_printf(buf, "%s%s%s", i ? ", " : "", side->nets[i].excluded ? "not " : "", text);
    }
    for (unsigned i = 0; i < side->port_count; i++) {
        const struct rule_ports *ports = side->ports + i;
        buf_printf(buf, "%s%s%u", i ? ", " : " port ", ports->excluded ? "not " : "", ports->first);
        if (ports->last != ports->first)
            buf_printf(buf, "-%u", ports->last);
    }
}

static void explain_header(const struct rule *rule, struct buf *buf)
{
    static const char *const protocols[] = {"any", "UDP", "TCP"};
    static const char *const flows[] = {"messages", "queries", "responses"};
    buf_printf(buf, "%s over %s from ", flows[rule->flow], protocols[rule->protocol]);
    explain_side(&rule->source, buf);
    buf_text(buf, rule->both_ways ? " to or from " : " to ");
    explain_side(&rule->destination, buf);
    buf_char(buf, '\n');
}

static void explain_field(const char *name, const struct rule_number *number, struct buf *buf)
{
    if (number->op == RULE_OP_ANY)
        return;
    buf_printf(buf, "%s ", name);
    explain_number(number, buf);
    buf_char(buf, '\n');
}

static void explain_bit(const struct rule_set *set, const struct rule_bit *bit, struct buf *buf)
{
    static const char *const ops[] = {"only with", "only without", "sets", "clears", "toggles"};
    static const char *const scopes[] = {"of client and server", "of the sender",
                                         "of the receiver"};
    buf_printf(buf, "%s bit ", ops[bit->op]);
    for (unsigned i = 0; i < bit->id_count; i++)
        buf_printf(buf, "%s%s", i ? " or " : "", set->bit_names[bit->ids[i]] + strlen("f:"));
    buf_printf(buf, " %s", scopes[bit->scope]);
    if (bit->expire_s)
        buf_printf(buf, " for %" PRIu32 " s", bit->expire_s);
    buf_char(buf, '\n');
}

static void explain_threshold(const struct rule_threshold *threshold, struct buf *buf)
{
    static const char *const formats[] = {
        [RULE_THRESHOLD_LIMIT] = "is told %" PRIu32 " times at most in %" PRIu32 " s",
        [RULE_THRESHOLD_EVERY] = "is told at each match number %" PRIu32 " within %" PRIu32 " s",
        [RULE_THRESHOLD_BOTH] = "is told once, at match number %" PRIu32 ", in %" PRIu32 " s",
        [RULE_THRESHOLD_FILTER] = "is told after %" PRIu32 " matches within %" PRIu32 " s",
    };
    static const char *const tracks[] = {"by sender", "by receiver", "by both ends", "in all"};
    if (threshold->type == RULE_THRESHOLD_NONE)
        return;
    buf_printf(buf, formats[threshold->type], threshold->count, threshold->seconds);
    buf_printf(buf, ", counted %s\n", tracks[threshold->track]);
}

void rule_explain(const struct rule_set *set, const struct rule *rule, struct buf *buf)
{
    explain_header(rule, buf);
    explain_field("opcode", &rule->opcode, buf);
    explain_field("response code", &rule->rcode, buf);
    explain_field("a record type", &rule->rrtype, buf);
    explain_field("message bytes", &rule->dsize, buf);
    for (unsigned i = 0; i < rule->buffer_count; i++)
        explain_buffer(rule->buffers + i, buf);
    for (unsigned i = 0; i < rule->bit_count; i++)
        explain_bit(set, rule->bits + i, buf);
    explain_threshold(&rule->threshold, buf);
    if (rule->action == RULE_PASS)
        buf_text(buf, "a match means that no rule is told for the message\n");
    else if (rule->noalert)
        buf_text(buf, "is never told\n");
}

void rule_explain_shape(const struct rule *rule, struct buf *buf)
{
    static const char *const words[RULE_SHAPE_COUNT] = {
        [RULE_SHAPE_EXACT] = "by the whole name ",
        [RULE_SHAPE_DOMAIN] = "by the name or a parent of it: ",
        [RULE_SHAPE_SUFFIX] = "by how the name ends: ",
        [RULE_SHAPE_CONTENT] = "by a search for ",
        [RULE_SHAPE_UNBOUND] = "not by anything: it is tried with every message",
    };
    buf_text(buf, words[rule->shape]);
    if (rule->fast_check >= 0)
        explain_bytes(&rule->buffers[rule->fast_buffer].checks[rule->fast_check].content, buf);
}
