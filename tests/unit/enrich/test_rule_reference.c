/* test_rule_reference.c - rules matched the long way round give the same matches
 * SPDX-License-Identifier: Apache-2.0
 *
 * The reference here knows rules as it made them up, writes them as text for the program, and tries
 * every place for every content and expression. Names and contents are of few letters, so that near
 * misses are common. */
#include "cmocka_all.h"
#include "prng.h"
#include "rule_bench.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RULES = 60, /* fewer than may match one name */
    CHECKS_MAX = 5,
    NAMES = 200,
    ROUNDS = 40,
    NAME_MAX_BYTES = 20,
    TEXT_MAX_BYTES = 40,
    CUT_SHARE_MAX = 20, /* one name in so many may cost more than a transaction is given */
};

enum made_kind { MADE_CONTENT, MADE_PCRE, MADE_ISDATAAT, MADE_BYTE_TEST, MADE_BSIZE };
enum made_place { ANYWHERE, OFFSET, DEPTH, DISTANCE, WITHIN, STARTS };

struct made_check {
    enum made_kind kind;
    enum made_place place; /* of a content */
    bool negated, nocase, ends, relative;
    char text[TEXT_MAX_BYTES]; /* content or expression */
    char flags[8];             /* of the expression, without R */
    pcre2_code *code;
    int from;       /* offset or distance; of the others, the only number */
    int room;       /* depth or within */
    const char *op; /* of sizes and numbers */
    int a, b;
    unsigned bytes, base;
    bool little;
};

struct made_rule {
    bool dotprefix;
    unsigned count;
    struct made_check checks[CHECKS_MAX];
};

/* A name as a rule sees it. */
struct subject {
    const char *text;
    int len;
};

static struct rule_bench bench;
static struct made_rule made[RULES];
static pcre2_match_data *places;
static const char letters[] = "ab.abABc12";

static bool chance(struct prng *prng, unsigned times)
{
    return prng_below(prng, times) == 0;
}

static int number(struct prng *prng, unsigned limit)
{
    return (int)prng_below(prng, limit);
}

static char letter(struct prng *prng)
{
    return letters[prng_below(prng, sizeof(letters) - 1)];
}

static void content_make(struct prng *prng, struct made_check *check)
{
    int len = 1 + number(prng, 4);
    for (int i = 0; i < len; i++)
        check->text[i] = letter(prng);
    check->place = (enum made_place)prng_below(prng, STARTS + 1);
    check->relative = check->place == DISTANCE || check->place == WITHIN;
    check->nocase = chance(prng, 2);
    check->ends = chance(prng, 4);
    check->negated = chance(prng, 6);
    check->from = check->place == ANYWHERE || check->place == STARTS ? 0 : number(prng, 5);
    if (check->relative && chance(prng, 4))
        check->from = -check->from;
    check->room = len + number(prng, 5);
}

/* Puts an expression together from pieces that find something in names of few letters. */
static void pcre_make(struct prng *prng, struct made_check *check)
{
    static const char *const pieces[] = {"a",  "b",   "[ab]", ".",  "c?",        "b+",
                                         "a*", "\\.", "\\d",  "A+", "(?:ab|a1)", "[^.]+"};
    static const char *const flags[] = {"", "i", "s", "m", "G", "iG", "E", "A"};
    static const uint32_t options[] = {
        0,
        PCRE2_CASELESS,
        PCRE2_DOTALL,
        PCRE2_MULTILINE,
        PCRE2_UNGREEDY,
        PCRE2_CASELESS | PCRE2_UNGREEDY,
        PCRE2_DOLLAR_ENDONLY,
        PCRE2_ANCHORED,
    };
    unsigned flag = prng_below(prng, sizeof(flags) / sizeof(*flags));
    int code;
    PCRE2_SIZE at;
    strcpy(check->text, chance(prng, 5) ? "^" : "");
    for (unsigned i = 1 + prng_below(prng, 3); i > 0; i--)
        strcat(check->text, pieces[prng_below(prng, sizeof(pieces) / sizeof(*pieces))]);
    strcat(check->text, chance(prng, 4) ? "$" : "");
    strcpy(check->flags, flags[flag]);
    check->negated = chance(prng, 5);
    check->relative = chance(prng, 2);
    check->code = pcre2_compile((PCRE2_SPTR)check->text, PCRE2_ZERO_TERMINATED, options[flag],
                                &code, &at, NULL);
    assert_non_null(check->code);
}

static void byte_test_make(struct prng *prng, struct made_check *check)
{
    static const char *const ops[] = {"<", ">", "=", "<=", ">=", "&", "^"};
    static const unsigned bases[] = {0, 0, 8, 10, 16};
    check->op = ops[prng_below(prng, sizeof(ops) / sizeof(*ops))];
    check->base = bases[prng_below(prng, sizeof(bases) / sizeof(*bases))];
    check->bytes = 1 + prng_below(prng, 3);
    check->little = check->base == 0 && chance(prng, 3);
    check->negated = chance(prng, 4);
    check->relative = chance(prng, 2);
    check->from = number(prng, 6) - (check->relative ? 2 : 0);
    check->a = check->base ? number(prng, 30) : letter(prng) << 8 * number(prng, 2);
}

static void bsize_make(struct prng *prng, struct made_check *check)
{
    static const char *const ops[] = {"", "<", ">", "<=", ">=", "!", "<>"};
    check->op = ops[prng_below(prng, sizeof(ops) / sizeof(*ops))];
    check->a = number(prng, NAME_MAX_BYTES);
    check->b = check->a + 2 + number(prng, 10);
}

static void check_make(struct prng *prng, struct made_check *check)
{
    static const enum made_kind kinds[] = {MADE_CONTENT,  MADE_CONTENT,   MADE_CONTENT, MADE_PCRE,
                                           MADE_ISDATAAT, MADE_BYTE_TEST, MADE_BSIZE};
    *check = (struct made_check){.kind = kinds[prng_below(prng, sizeof(kinds) / sizeof(*kinds))]};
    switch (check->kind) {
    case MADE_CONTENT: content_make(prng, check); break;
    case MADE_PCRE: pcre_make(prng, check); break;
    case MADE_BYTE_TEST: byte_test_make(prng, check); break;
    case MADE_BSIZE: bsize_make(prng, check); break;
    case MADE_ISDATAAT:
        check->negated = chance(prng, 2);
        check->relative = chance(prng, 2);
        check->from = 2 + number(prng, 8);
        break;
    }
}

static void rule_make(struct prng *prng, struct made_rule *rule)
{
    rule->dotprefix = chance(prng, 4);
    rule->count = 1 + prng_below(prng, CHECKS_MAX);
    for (unsigned i = 0; i < rule->count; i++)
        check_make(prng, &rule->checks[i]);
    /* Right behind a content that stands somewhere this is another way to say endswith. */
    struct made_check *last = &rule->checks[rule->count - 1];
    if (rule->count > 1 && last->kind == MADE_ISDATAAT && last[-1].kind == MADE_CONTENT &&
        !last[-1].negated) {
        last->negated = last->relative = true;
        last->from = 1;
    }
}

static void content_write(FILE *file, const struct made_check *check)
{
    fprintf(file, " content:%s\"%s\";%s%s", check->negated ? "!" : "", check->text,
            check->nocase ? " nocase;" : "", check->ends ? " endswith;" : "");
    if (check->place == STARTS)
        fputs(" startswith;", file);
    else if (check->place != ANYWHERE)
        fprintf(file, " %s:%d;", check->relative ? "distance" : "offset", check->from);
    if (check->place == DEPTH || check->place == WITHIN)
        fprintf(file, " %s:%d;", check->relative ? "within" : "depth", check->room);
}

static void byte_test_write(FILE *file, const struct made_check *check)
{
    const char *base = check->base == 16  ? ",string,hex"
                       : check->base == 8 ? ",string,oct"
                       : check->base      ? ",string,dec"
                                          : "";
    fprintf(file, " byte_test:%u,%s%s,%d,%d%s%s%s;", check->bytes, check->negated ? "!" : "",
            check->op, check->a, check->from, check->relative ? ",relative" : "",
            check->little ? ",little" : "", base);
}

static void check_write(FILE *file, const struct made_check *check)
{
    const char *negated = check->negated ? "!" : "";
    switch (check->kind) {
    case MADE_CONTENT: content_write(file, check); break;
    case MADE_BYTE_TEST: byte_test_write(file, check); break;
    case MADE_PCRE:
        fprintf(file, " pcre:%s\"/%s/%s%s\";", negated, check->text, check->flags,
                check->relative ? "R" : "");
        break;
    case MADE_ISDATAAT:
        fprintf(file, " isdataat:%s%d%s;", negated, check->from,
                check->relative ? ",relative" : "");
        break;
    case MADE_BSIZE:
        if (strcmp(check->op, "<>") == 0)
            fprintf(file, " bsize:%d<>%d;", check->a, check->b);
        else
            fprintf(file, " bsize:%s%d;", check->op, check->a);
        break;
    }
}

static char *rules_write(void)
{
    char *text = NULL;
    size_t len;
    FILE *file = open_memstream(&text, &len);
    for (unsigned i = 0; i < RULES; i++) {
        fprintf(file, "alert dns any any -> any any (dns.query;%s",
                made[i].dotprefix ? " dotprefix;" : "");
        for (unsigned j = 0; j < made[i].count; j++)
            check_write(file, &made[i].checks[j]);
        fprintf(file, " sid:%u;)\n", i + 1);
    }
    fclose(file);
    return text;
}

static bool compare(const char *op, uint64_t value, uint64_t a, uint64_t b)
{
    return strcmp(op, "<") == 0    ? value < a
           : strcmp(op, ">") == 0  ? value > a
           : strcmp(op, "<=") == 0 ? value <= a
           : strcmp(op, ">=") == 0 ? value >= a
           : strcmp(op, "!") == 0  ? value != a
           : strcmp(op, "&") == 0  ? (value & a) > 0
           : strcmp(op, "^") == 0  ? (value ^ a) > 0
           : strcmp(op, "<>") == 0 ? value > a && value < b
                                   : value == a;
}

static char folded(char c, bool fold)
{
    return (char)(fold && c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Whether the content stands here; *ret_end is where it ends. */
static bool content_stands(const struct made_check *check, struct subject subject, int end, int at,
                           int *ret_end)
{
    int size = (int)strlen(check->text);
    int from = (check->relative ? end : 0) + check->from;
    bool bounded = check->place == DEPTH || check->place == WITHIN;
    if (at < from || at + size > subject.len || (bounded && at + size > from + check->room) ||
        (check->place == STARTS && at != 0) || (check->ends && at + size != subject.len))
        return false;
    for (int i = 0; i < size; i++)
        if (folded(subject.text[at + i], check->nocase) != folded(check->text[i], check->nocase))
            return false;
    *ret_end = at + size;
    return true;
}

/* The same of an expression, which sees nothing before the place that it is relative to. */
static bool pcre_stands(const struct made_check *check, struct subject subject, int end, int at,
                        int *ret_end)
{
    int begin = check->relative ? end : 0;
    bool first_only = check->flags[0] == 'A';
    if (at < begin || (first_only && at > begin) ||
        pcre2_match(check->code, (PCRE2_SPTR)subject.text + begin,
                    (PCRE2_SIZE)(subject.len - begin), (PCRE2_SIZE)(at - begin), PCRE2_ANCHORED,
                    places, NULL) < 0)
        return false;
    *ret_end = begin + (int)pcre2_get_ovector_pointer(places)[1];
    return true;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 16;
}

static bool byte_test_stands(const struct made_check *check, struct subject subject, int end)
{
    int at = (check->relative ? end : 0) + check->from;
    uint64_t value = 0;
    unsigned i = 0;
    if (at < 0 || at + (int)check->bytes > subject.len)
        return false;
    const char *text = subject.text + at;
    for (; check->base && i < check->bytes && digit_of(text[i]) < (int)check->base; i++)
        value = value * check->base + (unsigned)digit_of(text[i]);
    if (check->base && i == 0)
        return false;
    for (; !check->base && i < check->bytes; i++)
        value |= (uint64_t)(uint8_t)text[i] << 8 * (check->little ? i : check->bytes - 1 - i);
    return compare(check->op, value, (uint64_t)check->a, 0) != check->negated;
}

static bool isdataat_stands(const struct made_check *check, struct subject subject, int end)
{
    bool there = check->relative ? end + check->from <= subject.len : check->from < subject.len;
    return there != check->negated;
}

static bool checks_hold(const struct made_rule *rule, unsigned next, struct subject subject,
                        int end);

/* Tries every place for this check and, for each, every place for the ones after it. */
static bool somewhere(const struct made_rule *rule, unsigned next, struct subject subject, int end)
{
    const struct made_check *check = &rule->checks[next];
    bool stands = false;
    for (int at = 0; at <= subject.len; at++) {
        int behind;
        if (!(check->kind == MADE_PCRE ? pcre_stands : content_stands)(check, subject, end, at,
                                                                       &behind))
            continue;
        stands = true;
        if (!check->negated && checks_hold(rule, next + 1, subject, behind))
            return true;
    }
    return check->negated && !stands && checks_hold(rule, next + 1, subject, end);
}

static bool checks_hold(const struct made_rule *rule, unsigned next, struct subject subject,
                        int end)
{
    if (next == rule->count)
        return true;
    const struct made_check *check = &rule->checks[next];
    bool holds = false;
    switch (check->kind) {
    case MADE_CONTENT:
    case MADE_PCRE: return somewhere(rule, next, subject, end);
    case MADE_ISDATAAT: holds = isdataat_stands(check, subject, end); break;
    case MADE_BYTE_TEST: holds = byte_test_stands(check, subject, end); break;
    case MADE_BSIZE:
        holds = compare(check->op, (uint64_t)subject.len, (uint64_t)check->a, (uint64_t)check->b);
        break;
    }
    return holds && checks_hold(rule, next + 1, subject, end);
}

static void name_make(struct prng *prng, char text[static TEXT_MAX_BYTES])
{
    unsigned len = 1 + prng_below(prng, NAME_MAX_BYTES);
    for (unsigned i = 0; i < len; i++) {
        char c = letter(prng);
        bool dot = c == '.' && i > 0 && i + 1 < len && text[i - 1] != '.';
        text[i] = c == '.' && !dot ? 'a' : c;
    }
    text[len] = 0;
}

static void difference_show(const char *rules, unsigned rule, const char *name, bool missed)
{
    for (unsigned i = 0; i < rule; i++)
        rules = strchr(rules, '\n') + 1;
    fail_msg("%s %s: %.*s", missed ? "misses" : "matches", name, (int)strcspn(rules, "\n"), rules);
}

/* Compares all rules on one name. False: the program gave up, which it counts. */
static bool name_compare(const char *name, const char *rules)
{
    char text[TEXT_MAX_BYTES + 1];
    bool matched[RULES + 1] = {false};
    uint64_t cut = bench.metrics.value[METRIC_RULES_CUT];
    snprintf(text, sizeof(text), ".%s", name);
    rule_bench_query(&bench, name, DNS_TYPE_A);
    unsigned count = rule_match(&bench.matcher, &bench.transaction, bench.matches);
    if (bench.metrics.value[METRIC_RULES_CUT] != cut)
        return false;
    for (unsigned i = 0; i < count; i++)
        matched[bench.set->rules[bench.matches[i].rule]->sid] = true;
    for (unsigned i = 0; i < RULES; i++) {
        const char *buffer = made[i].dotprefix ? text : text + 1;
        struct subject subject = {buffer, (int)strlen(buffer)};
        bool expected = checks_hold(&made[i], 0, subject, 0);
        if (expected != matched[i + 1])
            difference_show(rules, i, name, expected);
    }
    return true;
}

static void rules_free(void)
{
    for (unsigned i = 0; i < RULES; i++)
        for (unsigned j = 0; j < made[i].count; j++)
            pcre2_code_free(made[i].checks[j].code);
}

static unsigned round_compare(struct prng *prng)
{
    unsigned cut = 0;
    for (unsigned i = 0; i < RULES; i++)
        rule_make(prng, &made[i]);
    char *rules = rules_write();
    rule_bench_open_some(&bench, rules);
    assert_true(bench.set->count > RULES / 2);
    for (unsigned i = 0; i < NAMES; i++) {
        char name[TEXT_MAX_BYTES];
        name_make(prng, name);
        cut += !name_compare(name, rules);
    }
    rule_bench_close(&bench);
    rules_free();
    free(rules);
    return cut;
}

static void made_up_rules_match_as_the_reference_does(void **state)
{
    (void)state;
    struct prng prng = {11};
    unsigned cut = 0;
    places = pcre2_match_data_create(1, NULL);
    assert_non_null(places);
    for (unsigned round = 0; round < ROUNDS; round++)
        cut += round_compare(&prng);
    pcre2_match_data_free(places);
    assert_true(cut < ROUNDS * NAMES / CUT_SHARE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_rules_match_as_the_reference_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
