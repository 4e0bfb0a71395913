/* test_rule_reference.c - rules matched the long way round give the same matches
 * SPDX-License-Identifier: Apache-2.0
 *
 * The reference here knows rules as it made them up, writes them as text for the program, and tries
 * every place for every content. Names and contents are of few letters, so that near misses are
 * common. */
#include "cmocka_all.h"
#include "prng.h"
#include "rule_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES = 200, CONTENTS_MAX = 4, NAMES = 400, ROUNDS = 6 };

struct made_content {
    char text[8];
    bool negated, nocase, ends, relative, has_within;
    int distance, within; /* of an absolute one: offset and depth */
};

struct made_rule {
    bool dotprefix;
    int size; /* the name has this size; -1: any */
    unsigned count;
    struct made_content contents[CONTENTS_MAX];
};

static struct rule_bench bench;
static struct made_rule made[RULES];

static void content_make(struct prng *prng, struct made_content *content, bool first)
{
    unsigned len = 1 + prng_below(prng, 5);
    *content = (struct made_content){0};
    for (unsigned i = 0; i < len; i++)
        content->text[i] = "ab.abABc"[prng_below(prng, 8)];
    content->negated = prng_below(prng, 8) == 0;
    content->nocase = prng_below(prng, 2);
    content->relative = !first && prng_below(prng, 2);
    content->ends = !content->relative && prng_below(prng, 3) == 0;
    content->has_within = !content->ends && prng_below(prng, 2);
    content->distance = content->ends ? 0 : (int)prng_below(prng, 4);
    if (content->relative && prng_below(prng, 4) == 0)
        content->distance = -content->distance;
    content->within = (int)(len + prng_below(prng, 4));
}

static void rule_make(struct prng *prng, struct made_rule *rule)
{
    rule->dotprefix = prng_below(prng, 4) == 0;
    rule->size = prng_below(prng, 6) == 0 ? (int)(3 + prng_below(prng, 10)) : -1;
    rule->count = 1 + prng_below(prng, CONTENTS_MAX);
    for (unsigned i = 0; i < rule->count; i++)
        content_make(prng, &rule->contents[i], i == 0 || rule->contents[i - 1].negated);
}

static void content_write(FILE *file, const struct made_content *content)
{
    fprintf(file, " content:%s\"%s\";%s%s", content->negated ? "!" : "", content->text,
            content->nocase ? " nocase;" : "", content->ends ? " endswith;" : "");
    if (content->relative)
        fprintf(file, " distance:%d;", content->distance);
    else if (!content->ends)
        fprintf(file, " offset:%d;", content->distance);
    if (content->has_within)
        fprintf(file, " %s:%d;", content->relative ? "within" : "depth", content->within);
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
            content_write(file, &made[i].contents[j]);
        if (made[i].size >= 0)
            fprintf(file, " bsize:%d;", made[i].size);
        fprintf(file, " sid:%u;)\n", i + 1);
    }
    fclose(file);
    return text;
}

static char folded(char c, bool fold)
{
    return (char)(fold && c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool stands_at(const struct made_content *content, const char *text, int len, int at)
{
    int size = (int)strlen(content->text);
    if (at < 0 || at + size > len || (content->ends && at + size != len))
        return false;
    for (int i = 0; i < size; i++)
        if (folded(text[at + i], content->nocase) != folded(content->text[i], content->nocase))
            return false;
    return true;
}

/* Tries every place for this content and, for each, every place for the ones after it. */
static bool contents_hold(const struct made_rule *rule, unsigned number, const char *text, int len,
                          int end)
{
    if (number == rule->count)
        return rule->size < 0 || rule->size == len;
    const struct made_content *content = &rule->contents[number];
    int from = (content->relative ? end : 0) + content->distance;
    int to = content->has_within ? from + content->within : len;
    int size = (int)strlen(content->text);
    bool stands = false;
    for (int at = from > 0 ? from : 0; at + size <= (to < len ? to : len); at++) {
        if (!stands_at(content, text, len, at))
            continue;
        stands = true;
        if (!content->negated && contents_hold(rule, number + 1, text, len, at + size))
            return true;
    }
    return content->negated && !stands && contents_hold(rule, number + 1, text, len, end);
}

static void name_make(struct prng *prng, char text[static 32])
{
    unsigned len = 1 + prng_below(prng, 16);
    for (unsigned i = 0; i < len; i++) {
        char c = "ab.abABc"[prng_below(prng, 8)];
        bool dot = c == '.' && i > 0 && i + 1 < len && text[i - 1] != '.';
        text[i] = c == '.' && !dot ? 'a' : c;
    }
    text[len] = 0;
}

static void name_compare(const char *name)
{
    char text[40];
    snprintf(text, sizeof(text), ".%s", name);
    rule_bench_query(&bench, name, DNS_TYPE_A);
    bool matched[RULES + 1] = {false};
    unsigned count = rule_match(&bench.matcher, &bench.transaction, bench.matches);
    for (unsigned i = 0; i < count; i++)
        matched[bench.set->rules[bench.matches[i].rule]->sid] = true;
    for (unsigned i = 0; i < RULES; i++) {
        const char *buffer = made[i].dotprefix ? text : text + 1;
        bool expected = contents_hold(&made[i], 0, buffer, (int)strlen(buffer), 0);
        if (expected != matched[i + 1] && count < RULE_MATCHES_MAX)
            fail_msg("rule %u %s %s", i + 1, expected ? "misses" : "matches", name);
    }
}

static void made_up_rules_match_as_the_reference_does(void **state)
{
    (void)state;
    struct prng prng = {11};
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < RULES; i++)
            rule_make(&prng, &made[i]);
        char *rules = rules_write();
        rule_bench_open_some(&bench, rules);
        assert_true(bench.set->count > RULES / 2);
        for (unsigned i = 0; i < NAMES; i++) {
            char name[32];
            name_make(&prng, name);
            name_compare(name);
        }
        rule_bench_close(&bench);
        free(rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_rules_match_as_the_reference_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
