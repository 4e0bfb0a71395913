/* profiles.c - the profiles of known-benign names: read from a table, then looked up by suffix
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/profiles.h"

#include "base/hash.h"
#include "intel/feed.h"
#include "intel/file.h"
#include "intel/hostname.h"
#include "intel/shape.h"

#include <dnsvigil/name.h>
#include <dnsvigil/record.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 4 * PROFILES_MAX, /* a power of two, at most a quarter in use */
    PATTERNS_MAX = 16,
    PATTERN_LABELS_MIN = 2, /* one label left of a domain can be anything */
    RCODE_NXDOMAIN = 3,
    /* The classes of names that stand under no delegated top-level domain. */
    UNDELEGATED = 1 << PROFILE_LOCAL | 1 << PROFILE_PROBE | 1 << PROFILE_DISCOVERY,
};

enum answer { ANSWER_ANY, ANSWER_LOOPBACK, ANSWER_NXDOMAIN };

struct rule {
    uint64_t key;
    uint16_t exempt;
    uint8_t profile; /* enum profile_class */
    uint8_t answer;  /* enum answer */
    uint16_t shape;  /* handle in `shapes`; SHAPE_ANY: anything */
};

struct profiles {
    size_t count;
    struct rule rules[PROFILES_MAX];
    uint16_t slots[SLOTS];  /* 1 + index of a rule; 0: empty */
    uint64_t depths;        /* bit n: some suffix has n labels */
    uint64_t present[1024]; /* bit hash % 65536: a key with these bits exists */
    unsigned pattern_count;
    struct rule patterns[PATTERNS_MAX];
    struct shapes shapes;
};

const char *const profile_names[PROFILE_CLASS_COUNT] = {
    [PROFILE_NONE] = "",
#define PROFILE(id, slug, text) [PROFILE_##id] = slug,
#include <dnsvigil/profiles.def>
#undef PROFILE
};

/* data/profiles/profiles.tsv, made into an array by the build. */
extern const unsigned char profiles_file[];
extern const unsigned long profiles_file_len;

enum {
    EXEMPT_TUNNEL = 1 << DETECTOR_DATA_INFILTRATION | 1 << DETECTOR_DATA_EXFILTRATION |
                    1 << DETECTOR_DATA_OBFUSCATION,
    EXEMPT_BURST = 1 << DETECTOR_GENERATED_DOMAINS,
    EXEMPT_RANDOM = 1 << DETECTOR_RANDOM_DOMAIN,
    EXEMPT_PHISHING = 1 << DETECTOR_PHISHING_DOMAIN,
};

static const struct {
    const char *word;
    uint16_t exempt;
} exempt_words[] = {
    {"tunnel", EXEMPT_TUNNEL},
    {"burst", EXEMPT_BURST},
    {"random", EXEMPT_RANDOM},
    {"phishing", EXEMPT_PHISHING},
    {"all", EXEMPT_TUNNEL | EXEMPT_BURST | EXEMPT_RANDOM | EXEMPT_PHISHING},
    {"none", 0},
};

static bool exempt_parse(struct slice text, uint16_t *ret)
{
    *ret = 0;
    do {
        struct slice word = slice_cut(&text, ',');
        size_t i = 0;
        while (i < sizeof(exempt_words) / sizeof(*exempt_words) &&
               !slice_equal(word, exempt_words[i].word))
            i++;
        if (i == sizeof(exempt_words) / sizeof(*exempt_words))
            return false;
        *ret |= exempt_words[i].exempt;
    } while (text.len);
    return true;
}

static int class_parse(struct slice text)
{
    for (int i = PROFILE_NONE + 1; i < PROFILE_CLASS_COUNT; i++)
        if (slice_equal(text, profile_names[i]))
            return i;
    return -1;
}

static bool answer_parse(struct slice text, uint8_t *ret)
{
    if (slice_equal(text, "127/8"))
        *ret = ANSWER_LOOPBACK;
    else if (slice_equal(text, "nxdomain"))
        *ret = ANSWER_NXDOMAIN;
    else
        *ret = ANSWER_ANY;
    return text.len == 0 || *ret != ANSWER_ANY;
}

static uint64_t label_key(const uint8_t *label, size_t len)
{
    return hash_bytes(label, len, hash_seed ^ HASH_FIXED_SEED);
}

static struct rule *slot_find(const struct profiles *profiles, uint64_t key)
{
    for (size_t slot = key % SLOTS; profiles->slots[slot]; slot = (slot + 1) % SLOTS) {
        const struct rule *rule = &profiles->rules[profiles->slots[slot] - 1];
        if (rule->key == key)
            return (struct rule *)rule;
    }
    return NULL;
}

/* Nearly every key is in no rule, and one bit says so. */
static inline struct rule *rule_find(const struct profiles *profiles, uint64_t key)
{
    bool present = profiles->present[key % 65536 / 64] >> key % 64 & 1;
    return __builtin_expect(present, 0) ? slot_find(profiles, key) : NULL;
}

static bool rule_put(struct profiles *profiles, const struct rule *rule)
{
    struct rule *known = rule_find(profiles, rule->key);
    if (known) {
        *known = *rule;
        return true;
    }
    if (profiles->count == PROFILES_MAX)
        return false;
    size_t slot = rule->key % SLOTS;
    while (profiles->slots[slot])
        slot = (slot + 1) % SLOTS;
    profiles->rules[profiles->count++] = *rule;
    profiles->slots[slot] = (uint16_t)profiles->count;
    profiles->present[rule->key % 65536 / 64] |= 1ull << rule->key % 64;
    return true;
}

static bool pattern_put(struct profiles *profiles, const struct rule *rule)
{
    if (profiles->pattern_count == PATTERNS_MAX)
        return false;
    profiles->patterns[profiles->pattern_count++] = *rule;
    return true;
}

/* `_label.*` */
static enum refusal label_put(struct profiles *profiles, struct slice entry, struct rule *rule)
{
    size_t len = entry.len - 2;
    if (entry.at[entry.len - 1] != '*' || entry.at[len] != '.' || memchr(entry.at, '.', len))
        return REFUSAL_PROFILE_ENTRY;
    rule->key = label_key((const uint8_t *)entry.at, len);
    return rule_put(profiles, rule) ? REFUSAL_NONE : REFUSAL_FULL;
}

static enum refusal suffix_put(struct profiles *profiles, struct slice entry, struct rule *rule)
{
    struct dns_name name;
    bool root = slice_equal(entry, ".");
    if (root && !name_from_text(&name, ".", 1))
        return REFUSAL_PROFILE_ENTRY;
    if (!root && hostname_read(entry.at, entry.len, &name) != HOSTNAME_OK)
        return REFUSAL_PROFILE_ENTRY;
    if (name.labels <= 1 && !(1u << rule->profile & UNDELEGATED))
        return REFUSAL_SINGLE_LABEL;
    rule->key = name.hash[0];
    profiles->depths |= 1ull << name.labels;
    return rule_put(profiles, rule) ? REFUSAL_NONE : REFUSAL_FULL;
}

static enum refusal entry_put(struct profiles *profiles, struct slice entry, struct rule *rule)
{
    bool pattern = slice_equal(entry, "*");
    if ((pattern || slice_equal(entry, ".")) && rule->shape == SHAPE_ANY)
        return REFUSAL_PROFILE_SHAPE;
    if (pattern)
        return pattern_put(profiles, rule) ? REFUSAL_NONE : REFUSAL_FULL;
    if (entry.len > 2 && entry.at[0] == '_' && entry.at[entry.len - 1] == '*')
        return label_put(profiles, entry, rule);
    return suffix_put(profiles, entry, rule);
}

static enum refusal line_take(struct profiles *profiles, struct slice line)
{
    enum { COLUMNS = 6 };
    struct slice column[COLUMNS];
    struct rule rule = {0};
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = i < COLUMNS - 1 ? slice_cut(&line, '\t') : line;
        if (!column[i].len)
            return REFUSAL_PROFILE_COLUMNS;
    }
    if (memchr(line.at, '\t', line.len))
        return REFUSAL_PROFILE_COLUMNS;
    int class = class_parse(column[1]);
    if (class < 0)
        return REFUSAL_PROFILE_CLASS;
    rule.profile = (uint8_t) class;
    struct slice shape = slice_cut(&column[2], ' ');
    if (!answer_parse(column[2], &rule.answer))
        return REFUSAL_PROFILE_ANSWER;
    if (!exempt_parse(column[3], &rule.exempt))
        return REFUSAL_PROFILE_EXEMPT;
    if (!shape_read(&profiles->shapes, shape, &rule.shape))
        return REFUSAL_PROFILE_SHAPE;
    return entry_put(profiles, column[0], &rule);
}

void profiles_read(struct profiles *profiles, const char *text, size_t len,
                   struct feed_report *ret_report)
{
    const char *at = text;
    struct slice line;
    *ret_report = (struct feed_report){0};
    while (feed_next_line(&at, text + len, &line)) {
        ret_report->lines++;
        if (line.len == 0 || line.at[0] == '#')
            continue;
        enum refusal reason =
            line.len > FEED_LINE_MAX ? REFUSAL_LONG_LINE : line_take(profiles, line);
        if (reason == REFUSAL_NONE)
            ret_report->added++;
        else
            feed_refuse(ret_report, reason, line);
    }
}

int profiles_read_file(struct profiles *profiles, const char *path, struct feed_report *ret_report,
                       struct error *error)
{
    struct file file;
    int r = file_read(&file, path, PROFILE_FILE_BYTES_MAX, error);
    if (r < 0)
        return r;
    profiles_read(profiles, file.data, file.len, ret_report);
    file_done(&file);
    if (ret_report->added || !ret_report->refused)
        return 0;
    return error_set(error, -EINVAL, "%s: line %u: %s; no line of the file could be used", path,
                     ret_report->first_refused[0].line,
                     refusal_texts[ret_report->first_refused[0].reason]);
}

struct profiles *profiles_new(void)
{
    struct feed_report report;
    struct profiles *profiles = calloc(1, sizeof(*profiles));
    if (profiles)
        profiles_read(profiles, (const char *)profiles_file, profiles_file_len, &report);
    return profiles;
}

void profiles_free(struct profiles *profiles)
{
    free(profiles);
}

size_t profiles_count(const struct profiles *profiles)
{
    return profiles->count + profiles->pattern_count;
}

/* No address but 127/8 in the answer section, and nothing there that could carry text. */
static bool answers_loopback(const struct dns_message *response)
{
    for (unsigned i = 0; i < response->record_count; i++) {
        const struct dns_record *record = &response->records[i];
        struct addr addr;
        if (record->section != DNS_SECTION_ANSWER)
            continue;
        if (record->type != DNS_TYPE_A || !record_addr(response, record, &addr) ||
            addr.bytes[12] != 127)
            return false;
    }
    return true;
}

static bool answer_fits(const struct rule *rule, const struct transaction *transaction)
{
    const struct dns_message *response = transaction->response;
    switch (rule->answer) {
    case ANSWER_NXDOMAIN: return response && transaction->rcode == RCODE_NXDOMAIN;
    case ANSWER_LOOPBACK: return !response || answers_loopback(response);
    default: return true;
    }
}

/* Takes the rule for the question whose labels before `left` are the ones its shape is about. */
static bool rule_apply(const struct profiles *profiles, const struct rule *rule,
                       struct suffix_cache *suffixes, const struct transaction *transaction,
                       unsigned left, struct enrichment *ret)
{
    if (!answer_fits(rule, transaction) ||
        !shape_fits(&profiles->shapes, rule->shape, transaction->question, left, suffixes))
        return false;
    ret->profile = rule->profile;
    ret->profile_label = (uint8_t)left;
    ret->exempt = rule->exempt;
    return true;
}

/* The rightmost underscored label with a rule decides. Its number goes to `ret_left`, as that of
 * the first label of a suffix does below. */
static const struct rule *label_rule(const struct profiles *profiles, const struct dns_name *name,
                                     unsigned *ret_left)
{
    if (!memchr(name->wire, '_', name->len))
        return NULL;
    for (unsigned i = name->labels; i-- > 0;) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        if (len == 0 || label[0] != '_')
            continue;
        const struct rule *rule = rule_find(profiles, label_key(label, len));
        *ret_left = i;
        if (rule)
            return rule;
    }
    return NULL;
}

/* Of the suffixes with a rule the longest decides. */
static const struct rule *suffix_rule(const struct profiles *profiles, const struct dns_name *name,
                                      unsigned *ret_left)
{
    unsigned deepest = 63u - (unsigned)__builtin_clzll(profiles->depths | 1);
    unsigned label = name->labels > deepest ? name->labels - deepest : 0;
    for (; label < name->labels; label++) {
        const struct rule *rule = rule_find(profiles, name->hash[label]);
        *ret_left = label;
        if (rule)
            return rule;
    }
    *ret_left = 1;
    return name->labels == 1 ? rule_find(profiles, name->hash[name->labels]) : NULL;
}

bool profiles_match(const struct profiles *profiles, struct suffix_cache *suffixes,
                    const struct transaction *transaction, struct enrichment *ret)
{
    unsigned left;
    const struct rule *by_label = label_rule(profiles, transaction->question, &left);
    if (by_label && rule_apply(profiles, by_label, suffixes, transaction, left, ret))
        return true;
    const struct rule *by_suffix = suffix_rule(profiles, transaction->question, &left);
    if (by_suffix && rule_apply(profiles, by_suffix, suffixes, transaction, left, ret))
        return true;
    if (ret->registrable < PATTERN_LABELS_MIN)
        return by_label || by_suffix;
    left = (unsigned)ret->registrable;
    for (unsigned i = 0; i < profiles->pattern_count; i++)
        if (rule_apply(profiles, &profiles->patterns[i], suffixes, transaction, left, ret))
            break;
    return true;
}
