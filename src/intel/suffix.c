/* suffix.c - where a name's registrable domain begins, and what kind of suffix it stands under
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/suffix.h"

#include "base/lines.h"
#include "intel/hashset.h"
#include "intel/hostname.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/name.h>

#include <assert.h>
#include <errno.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RULE = 1,          /* a rule, or the proper suffix of one: rules may go deeper */
    WILDCARD = 2,      /* every name one label below is a public suffix, exceptions aside */
    SPECIAL_FIRST = 4, /* flags / 4 is the enum suffix_class of a special name */
    CACHE_SETS = 8192, /* of WAYS answers, a cache line each: 512 KiB */
    WAYS = 4,
    BUILTIN_LABELS = 8, /* no rule is deeper */
};

struct suffix_list {
    psl_ctx_t *psl;
    struct hashset names; /* names of rules and special names by their hash */
    bool builtin;         /* the rules' names are not known */
};

struct answer {
    uint64_t key;
    uint8_t suffix_labels;
    uint8_t suffix_class;
    bool known;
};

struct suffix_cache {
    const struct suffix_list *list;
    struct answer (*sets)[WAYS];
    uint64_t misses;
};

/* Marks a rule's name and, so that a walk from the top comes by there, all its suffixes. */
static bool rule_mark(struct suffix_list *list, const struct dns_name *rule, unsigned flags)
{
    for (unsigned i = 1; i < rule->labels; i++)
        if (!hashset_add(&list->names, rule->hash[i], RULE))
            return false;
    return hashset_add(&list->names, rule->hash[0], (uint8_t)(RULE | flags));
}

static bool special_add(struct suffix_list *list, const char *text, unsigned suffix_class)
{
    struct dns_name name;
    bool valid = name_from_text(&name, text, strlen(text));
    assert(valid);
    return rule_mark(list, &name, suffix_class * SPECIAL_FIRST);
}

static bool special_names_add(struct suffix_list *list)
{
    return true
#define SPECIAL_NAME(class, name, where) &&special_add(list, name, SUFFIX_##class)
#include "intel/special_names.def"
#undef SPECIAL_NAME
        ;
}

/* Takes one line of the text list: a rule up to the first blank, or a comment. Exceptions ("!name")
 * read as no name and are passed over: the wildcard above them covers their names. */
static bool rule_add(struct suffix_list *list, char *line)
{
    line[strcspn(line, " \t\r\n")] = 0;
    if (!line[0] || strncmp(line, "//", 2) == 0)
        return true;
    bool wildcard = strncmp(line, "*.", 2) == 0;
    const char *text = line + (wildcard ? 2 : 0);
    struct dns_name rule;
    if (hostname_read(text, strlen(text), &rule) != HOSTNAME_OK)
        return true;
    return rule_mark(list, &rule, wildcard ? WILDCARD : 0);
}

static bool rules_add(struct suffix_list *list, FILE *file)
{
    char line[1024];
    while (fgets(line, sizeof(line), file))
        if (!rule_add(list, line))
            return false;
    return !ferror(file);
}

/* Reads the text list twice: libpsl for the rules, ours for their names. */
static bool text_list_load(struct suffix_list *list, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    list->psl = psl_load_fp(file);
    rewind(file);
    bool loaded = list->psl && psl_suffix_count(list->psl) > 0 && rules_add(list, file);
    if (!loaded) {
        psl_free(list->psl);
        list->psl = NULL;
    }
    fclose(file);
    return loaded;
}

struct suffix_list *suffix_list_new(const char *path, struct error *warning)
{
    path = path ? path : SUFFIX_LIST_PATH;
    warning->text[0] = 0;
    struct suffix_list *list = calloc(1, sizeof(*list));
    if (!list || !hashset_init(&list->names) || !special_names_add(list)) {
        error_set(warning, -ENOMEM, "no memory for the public suffix list");
        suffix_list_free(list);
        return NULL;
    }
    if (text_list_load(list, path))
        return list;
    list->builtin = true;
    list->psl = (psl_ctx_t *)psl_builtin();
    error_set(warning, -ENOENT,
              "%s: cannot be used as public suffix list; %s; install the package publicsuffix or "
              "set the path",
              path,
              list->psl ? "using the older list built into libpsl" : "libpsl has none built in");
    if (list->psl)
        return list;
    suffix_list_free(list);
    return NULL;
}

void suffix_list_free(struct suffix_list *list)
{
    if (!list)
        return;
    if (!list->builtin)
        psl_free(list->psl);
    hashset_done(&list->names);
    free(list);
}

struct suffix_cache *suffix_cache_new(const struct suffix_list *list)
{
    _Static_assert(sizeof(struct answer[WAYS]) == 64, "a set is a cache line");
    struct suffix_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        return NULL;
    size_t bytes = CACHE_SETS * sizeof(*cache->sets);
    *cache = (struct suffix_cache){.list = list, .sets = lines_alloc_zeroed(bytes)};
    if (!cache->sets) {
        free(cache);
        return NULL;
    }
    return cache;
}

void suffix_cache_free(struct suffix_cache *cache)
{
    if (!cache)
        return;
    free(cache->sets);
    free(cache);
}

uint64_t suffix_cache_misses(const struct suffix_cache *cache)
{
    return cache->misses;
}

/* The text from label `label` on as libpsl wants it. Bytes that no rule has become '?', so that a
 * dot inside a label is not taken for one between labels. */
static void psl_text(const struct dns_name *name, unsigned label, char text[static NAME_WIRE_MAX])
{
    char *at = text;
    for (unsigned i = label; i < name->labels; i++) {
        size_t len;
        const uint8_t *bytes = name_label(name, i, &len);
        if (i > label)
            *at++ = '.';
        for (size_t j = 0; j < len; j++) {
            bool plain = (bytes[j] >= 'a' && bytes[j] <= 'z') || bytes[j] == '-' ||
                         (bytes[j] >= '0' && bytes[j] <= '9') || bytes[j] == '_';
            *at++ = plain ? (char)bytes[j] : '?';
        }
    }
    *at = 0;
}

static unsigned label_count(const char *text)
{
    unsigned count = 1;
    while ((text = strchr(text, '.'))) {
        count++;
        text++;
    }
    return count;
}

static struct answer psl_ask(const struct suffix_list *list, const struct dns_name *name,
                             unsigned label)
{
    char text[NAME_WIRE_MAX];
    psl_text(name, label, text);
    const char *suffix = psl_unregistrable_domain(list->psl, text);
    assert(suffix);
    unsigned labels = label_count(suffix);
    uint8_t class = SUFFIX_ICANN;
    if (psl_is_public_suffix2(list->psl, suffix, PSL_TYPE_PRIVATE | PSL_TYPE_NO_STAR_RULE))
        class = SUFFIX_PRIVATE;
    else if (labels == 1 &&
             !psl_is_public_suffix2(list->psl, suffix, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE))
        class = SUFFIX_UNDELEGATED;
    return (struct answer){.suffix_labels = (uint8_t)labels, .suffix_class = class};
}

/* Walks from the top-level domain down as far as rules reach. Returns the label where the key
 * begins; *ret_class is the special class met on the way, or SUFFIX_NONE. */
static unsigned key_label(const struct suffix_list *list, const struct dns_name *name,
                          uint8_t *ret_class)
{
    unsigned label = name->labels - 1u;
    unsigned flags = hashset_get(&list->names, name->hash[label]);
    while (label > 0 && flags < SPECIAL_FIRST) {
        bool below_wildcard = flags & WILDCARD;
        flags = hashset_get(&list->names, name->hash[label - 1]);
        bool deep = list->builtin && name->labels - label < BUILTIN_LABELS;
        if (!flags && !below_wildcard && !deep)
            break;
        label--;
    }
    *ret_class = (uint8_t)(flags / SPECIAL_FIRST);
    return label;
}

static void answers_swap(struct answer *a, struct answer *b)
{
    struct answer kept = *a;
    *a = *b;
    *b = kept;
}

/* The answer kept under `key`, moved one way forward as recently used; NULL when there is none. */
static struct answer *set_find(struct answer *set, uint64_t key)
{
    for (unsigned way = 0; way < WAYS; way++) {
        if (!set[way].known || set[way].key != key)
            continue;
        if (way == 0)
            return set;
        answers_swap(set + way - 1, set + way);
        return set + way - 1;
    }
    return NULL;
}

static struct answer *answer_of(struct suffix_cache *cache, const struct dns_name *name,
                                unsigned label)
{
    uint64_t key = name->hash[label];
    struct answer *set = cache->sets[key % CACHE_SETS];
    struct answer *known = set_find(set, key);
    if (known)
        return known;
    /* A newcomer takes the last way until it is used again: passing names displace each other. */
    unsigned way = 0;
    while (way < WAYS - 1 && set[way].known)
        way++;
    cache->misses++;
    set[way] = psl_ask(cache->list, name, label);
    set[way].key = key;
    set[way].known = true;
    return set + way;
}

void suffix_prefetch(const struct suffix_cache *cache, const struct dns_name *name)
{
    if (name->labels >= 2)
        hashset_prefetch(&cache->list->names, name->hash[name->labels - 2]);
}

struct suffix_info suffix_lookup(struct suffix_cache *cache, const struct dns_name *name)
{
    struct suffix_info info = {.registrable = -1, .suffix_class = SUFFIX_NONE};
    if (name->labels == 0)
        return info;
    uint8_t special;
    unsigned label = key_label(cache->list, name, &special);
    if (special != SUFFIX_NONE) {
        info.suffix_class = special;
        return info;
    }
    if (name->labels == 1)
        return info;
    const struct answer *answer = answer_of(cache, name, label);
    info.suffix_class = answer->suffix_class;
    if (answer->suffix_class == SUFFIX_UNDELEGATED)
        return info;
    if (name->labels > answer->suffix_labels)
        info.registrable = (int16_t)(name->labels - answer->suffix_labels - 1);
    return info;
}
