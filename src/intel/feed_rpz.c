/* feed_rpz.c - response policy zones: zone files whose owner names say what is answered otherwise
 * SPDX-License-Identifier: Apache-2.0
 *
 * Master file syntax is RFC 1035 5.1, triggers and actions are draft-vixie-dnsop-dns-rpz. Taken are
 * triggers on the name asked for, on addresses in answers (rpz-ip) and on name servers' names
 * (rpz-nsdname), with whatever action but those that let the name through. */
#include "intel/feed.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Types in whose records no policy is. */
static const char *const silent_types[] = {"SOA",   "NS",     "RRSIG",      "NSEC",
                                           "NSEC3", "DNSKEY", "NSEC3PARAM", "TYPE65534"};

static const char *const local_types[] = {"CNAME", "A",    "AAAA", "TXT", "MX",    "SRV",  "PTR",
                                          "HTTPS", "SVCB", "SPF",  "CAA", "NAPTR", "DNAME"};

static bool is_one_of(struct slice text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(text, list[i]))
            return true;
    return false;
}

#define IS_ONE_OF(text, list) is_one_of(text, list, sizeof(list) / sizeof(*(list)))

/* Cuts the comment off and counts the parentheses, leaving both alone in quoted text. */
static struct slice comment_cut(struct slice line, unsigned *parentheses)
{
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.at[i];
        if (c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == ';' && !quoted)
            return (struct slice){line.at, i};
        else if (c == '(' && !quoted)
            ++*parentheses;
        else if (c == ')' && !quoted && *parentheses)
            --*parentheses;
    }
    return line;
}

struct record {
    struct slice type;
    struct slice data;
};

static bool is_ttl(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!isdigit((unsigned char)word.at[i]) && !strchr("smhdwSMHDW", word.at[i]))
            return false;
    return word.len && isdigit((unsigned char)word.at[0]);
}

/* Reads what follows the owner: [ttl] [class] type data, the first two in either order. */
static bool record_read(struct slice rest, struct record *ret_record)
{
    static const char *const classes[] = {"IN", "CH", "HS"};
    struct slice word = slice_word(&rest);
    while (is_ttl(word) || IS_ONE_OF(word, classes))
        word = slice_word(&rest);
    *ret_record = (struct record){word, rest};
    return rest.len && (IS_ONE_OF(word, silent_types) || IS_ONE_OF(word, local_types));
}

/* Copies text without a final dot; "" when it is too long. */
static void name_keep(char kept[static ZONE_NAME_MAX], struct slice text)
{
    if (text.len && text.at[text.len - 1] == '.')
        text.len--;
    if (text.len >= ZONE_NAME_MAX)
        text.len = 0;
    memcpy(kept, text.at, text.len);
    kept[text.len] = 0;
}

/* Cuts `.suffix` off the end; whether it was there. */
static bool suffix_cut(struct slice *name, const char *suffix)
{
    size_t len = strlen(suffix);
    if (len == 0 || name->len <= len || name->at[name->len - len - 1] != '.' ||
        strncasecmp(name->at + name->len - len, suffix, len) != 0)
        return false;
    name->len -= len + 1;
    return true;
}

/* The owner without the zone's name. Empty for the zone itself, `at` NULL outside it. */
static struct slice owner_within(struct feed_lines *lines, struct slice owner)
{
    struct feed_zone *zone = &lines->zone;
    static const struct slice outside = {NULL, 0};
    if (slice_equal(owner, "@"))
        owner = (struct slice){zone->origin, strlen(zone->origin)};
    else if (owner.len && owner.at[owner.len - 1] == '.')
        owner.len--;
    else if (strcmp(zone->origin, zone->apex) == 0)
        return owner;
    else {
        size_t origin_len = strlen(zone->origin);
        if (owner.len + 1 + origin_len >= sizeof(lines->text))
            return outside;
        char *end = mempcpy(lines->text, owner.at, owner.len);
        *end++ = '.';
        memcpy(end, zone->origin, origin_len);
        owner = (struct slice){lines->text, owner.len + 1 + origin_len};
    }
    if (slice_equal_nocase(owner, zone->apex))
        return (struct slice){owner.at, 0};
    return suffix_cut(&owner, zone->apex) ? owner : outside;
}

/* Writes `24.0.2.0.192` as 192.0.2.0/24 and `48.zz.db8.2001` as 2001:db8::/48. */
static bool block_text(struct slice labels, char *text, size_t *ret_len)
{
    struct slice rest = labels;
    struct slice bits = slice_cut(&rest, '.');
    struct slice reversed[8];
    unsigned count = 0;
    while (rest.len && count < 8)
        reversed[count++] = slice_cut(&rest, '.');
    if (rest.len || count < 1 || labels.len > ZONE_NAME_MAX)
        return false;
    char separator = count == 4 && !memmem(labels.at, labels.len, "zz", 2) ? '.' : ':';
    char *end = text;
    for (unsigned i = count; i-- > 0;) {
        bool gap = slice_equal_nocase(reversed[i], "zz");
        if (!gap)
            end = mempcpy(end, reversed[i].at, reversed[i].len);
        if (i > 0 || gap)
            *end++ = separator;
        if (gap && i + 1 == count)
            *end++ = separator;
    }
    *end++ = '/';
    end = mempcpy(end, bits.at, bits.len);
    *ret_len = (size_t)(end - text);
    return true;
}

static enum refusal block_add(struct feed_lines *lines, struct slice labels, struct feed_line *out)
{
    char text[2 * ZONE_NAME_MAX];
    size_t len;
    if (!block_text(labels, text, &len))
        return REFUSAL_BAD_PREFIX;
    memcpy(lines->text, text, len);
    return feed_item_add(out, (struct slice){lines->text, len}, SCOPE_EXACT);
}

static enum refusal name_add(struct slice name, struct feed_line *out)
{
    if (slice_begins(name, "*."))
        return feed_item_add(out, slice_skip(name, 2), SCOPE_CHILDREN);
    return feed_item_add(out, name, SCOPE_EXACT);
}

static enum refusal trigger_add(struct feed_lines *lines, struct slice trigger,
                                struct feed_line *out)
{
    if (suffix_cut(&trigger, "rpz-client-ip") || suffix_cut(&trigger, "rpz-nsip"))
        return REFUSAL_OTHER_TRIGGER;
    if (suffix_cut(&trigger, "rpz-ip"))
        return block_add(lines, trigger, out);
    suffix_cut(&trigger, "rpz-nsdname");
    return name_add(trigger, out);
}

/* Whether the action lets the name through. */
static enum refusal action_check(const struct record *record, struct slice trigger)
{
    struct slice target = record->data;
    if (!slice_equal_nocase(record->type, "CNAME"))
        return REFUSAL_NONE;
    if (slice_equal_nocase(target, "rpz-passthru."))
        return REFUSAL_EXCEPTION;
    if (slice_equal_nocase(target, "rpz-tcp-only."))
        return REFUSAL_NOT_BLOCKING;
    if (target.at[target.len - 1] == '.')
        target.len--;
    /* A name that leads to itself is the old way to let it through. */
    bool same = target.len == trigger.len && strncasecmp(target.at, trigger.at, target.len) == 0;
    return same ? REFUSAL_EXCEPTION : REFUSAL_NONE;
}

/* `$ORIGIN name.`, `$TTL n`. */
static enum refusal directive_read(struct feed_zone *zone, struct slice line)
{
    struct slice word = slice_word(&line);
    if (slice_equal_nocase(word, "$TTL"))
        return REFUSAL_NONE;
    if (!slice_equal_nocase(word, "$ORIGIN") || !line.len || line.at[line.len - 1] != '.')
        return REFUSAL_OTHER_OPTION;
    name_keep(zone->origin, line);
    if (!zone->apex[0])
        name_keep(zone->apex, line);
    return REFUSAL_NONE;
}

/* The owner of an SOA is the zone. */
static void apex_take(struct feed_zone *zone, struct slice owner)
{
    bool absolute = owner.len && owner.at[owner.len - 1] == '.';
    if (absolute)
        name_keep(zone->apex, owner);
    if (absolute && !zone->origin[0])
        name_keep(zone->origin, owner);
}

/* The owner of this record: at the line's beginning, or that of the record before. */
static struct slice owner_take(struct feed_zone *zone, struct slice *line)
{
    bool inherits = line->at[0] == ' ' || line->at[0] == '\t';
    *line = slice_trim(*line);
    if (inherits)
        return (struct slice){zone->owner, strlen(zone->owner)};
    struct slice owner = slice_word(line);
    zone->has_owner = owner.len < ZONE_NAME_MAX;
    if (zone->has_owner) {
        memcpy(zone->owner, owner.at, owner.len);
        zone->owner[owner.len] = 0;
    }
    return owner;
}

static enum refusal policy_read(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    struct record record;
    struct slice owner = owner_take(&lines->zone, &line);
    if (!lines->zone.has_owner || !record_read(line, &record))
        return REFUSAL_NO_RECORD;
    if (slice_equal_nocase(record.type, "SOA"))
        apex_take(&lines->zone, owner);
    if (IS_ONE_OF(record.type, silent_types))
        return REFUSAL_NONE;
    struct slice trigger = owner_within(lines, owner);
    if (!trigger.at)
        return REFUSAL_NO_RECORD;
    if (trigger.len == 0)
        return REFUSAL_NONE;
    enum refusal refusal = action_check(&record, trigger);
    return refusal ? refusal : trigger_add(lines, trigger, out);
}

enum refusal feed_rpz_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    bool continues = lines->zone.parentheses > 0;
    line = comment_cut(line, &lines->zone.parentheses);
    if (continues || slice_trim(line).len == 0)
        return REFUSAL_NONE;
    if (line.at[0] == '$')
        return directive_read(&lines->zone, slice_trim(line));
    return policy_read(lines, line, out);
}

bool feed_rpz_like(struct slice line)
{
    unsigned ignored = 0;
    struct record record;
    line = slice_trim(comment_cut(line, &ignored));
    if (slice_begins(line, "$TTL") || slice_begins(line, "$ORIGIN"))
        return true;
    if (record_read(line, &record))
        return true;
    slice_word(&line);
    return record_read(line, &record);
}
