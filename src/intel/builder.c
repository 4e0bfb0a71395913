/* builder.c - loads lists into a new snapshot, refusing what must never be flagged
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/builder_state.h"

#include "base/clock.h"
#include "base/hash.h"
#include "intel/file.h"
#include "intel/hostname.h"
#include "intel/pack.h"
#include "intel/snapshot.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS_PER_DAY = 86400 };

static const unsigned category_days[CATEGORY_COUNT] = {
#define CATEGORY(id, slug, days, text) [CATEGORY_##id] = days,
#include <dnsvigil/categories.def>
#undef CATEGORY
};

struct intel_builder *intel_builder_new(const struct suffix_list *suffixes)
{
    struct intel_builder *builder = calloc(1, sizeof(*builder));
    if (!builder)
        return NULL;
    if (guard_init(&builder->guard, suffixes) && attributes_init(&builder->attributes))
        return builder;
    intel_builder_free(builder);
    return NULL;
}

void intel_builder_free(struct intel_builder *builder)
{
    if (!builder)
        return;
    guard_done(&builder->guard);
    draft_done(&builder->names);
    draft_done(&builder->addresses);
    attributes_done(&builder->attributes);
    free(builder);
}

int64_t load_expiry(const struct feed_config *config, enum category category)
{
    int64_t days = config->expiry_days ? config->expiry_days : category_days[category];
    bool expires = days && config->fetched_ns;
    return expires ? config->fetched_ns + days * SECONDS_PER_DAY * NS_PER_S : 0;
}

/* Entries differ in few days but in many seconds, and rows are few (attributes.h). */
static int64_t day_end(int64_t time_ns)
{
    const int64_t day_ns = SECONDS_PER_DAY * NS_PER_S;
    int64_t into_day = time_ns % day_ns;
    bool last = time_ns > INT64_MAX - day_ns;
    return into_day == 0 || last ? time_ns : time_ns - into_day + (into_day > 0 ? day_ns : 0);
}

/* Whether the text was cut out of the line, not made from it. */
static bool lies_in(struct slice text, struct slice line)
{
    return text.at >= line.at && text.at + text.len <= line.at + line.len;
}

/* The row for an entry whose line is `line` and whose key reads `text` in lists. Where the line is
 * that text with something common around it, the shape goes into the row; otherwise *ret_whole
 * says that the line is to be kept. -1 when the table is full. */
static int row_for(struct load *load, const struct attribute *row, struct slice line,
                   struct slice host, const char *text, bool *ret_whole)
{
    struct attributes *attributes = &load->builder->attributes;
    if (host.len && host.at[host.len - 1] == '.')
        host.len--;
    *ret_whole = !slice_equal(host, text) || line.len > RECORD_LINE_MAX || !lies_in(host, line);
    if (!*ret_whole) {
        size_t before = (size_t)(host.at - line.at);
        int shaped = attributes_row(attributes, row, line.at, before, host.at + host.len,
                                    line.len - before - host.len);
        if (shaped >= 0)
            return shaped;
    }
    *ret_whole = true;
    return attributes_row(attributes, row, "", 0, "", 0);
}

/* What one item of a line is about, once read and checked. */
struct entry {
    struct draft *draft;
    uint64_t hash;
    uint8_t key[PACK_MAX];
    uint8_t key_len;
    uint8_t scope;
    char text[PACK_TEXT_MAX]; /* how lists usually write it */
};

static enum refusal entry_add(struct load *load, const struct entry *entry,
                              const struct feed_indicator *indicator, const struct attribute *row)
{
    struct slice line = indicator->line;
    bool whole;
    int attribute = row_for(load, row, line, indicator->host, entry->text, &whole);
    if (attribute < 0)
        return REFUSAL_FULL;
    size_t line_len = line.len < RECORD_LINE_MAX ? line.len : RECORD_LINE_MAX;
    struct record record = {.attribute = (uint16_t)attribute,
                            .key = entry->key,
                            .key_len = entry->key_len,
                            .line = line.at,
                            .line_len = whole ? (uint8_t)line_len : 0};
    struct draft_entry draft_entry = {.hash = entry->hash,
                                      .kind = (uint16_t)(row->category << 8 | entry->scope),
                                      .rank = load_rank(row)};
    enum draft_verdict verdict = draft_add(entry->draft, &draft_entry, &record);
    load->report->added += verdict == DRAFT_ADDED;
    load->report->duplicates += verdict == DRAFT_DUPLICATE;
    return verdict == DRAFT_FULL ? REFUSAL_FULL : REFUSAL_NONE;
}

/* Popular names are what others are checked against; the operator's allow list is beyond checks. */
static enum refusal name_check(struct load *load, enum scope scope, bool page,
                               enum category category)
{
    struct guard *guard = &load->builder->guard;
    const struct dns_name *name = &load->builder->name;
    if (load->own || category == CATEGORY_ALLOW)
        return REFUSAL_NONE;
    enum refusal refusal = guard_name(guard, name);
    if (refusal || category == CATEGORY_POPULAR)
        return refusal;
    return guard_popular(guard, name, scope, page);
}

enum refusal load_name(struct load *load, enum scope scope, bool page, enum category category)
{
    struct intel_builder *builder = load->builder;
    const struct dns_name *name = &builder->name;
    enum refusal refusal = name_check(load, scope, page, category);
    if (refusal)
        return refusal;
    if (category == CATEGORY_POPULAR && !guard_add_popular(&builder->guard, name))
        return REFUSAL_FULL;
    *(scope == SCOPE_EXACT ? &builder->exact_depths : &builder->subtree_depths) |=
        1ull << (HOSTNAME_LABELS_MAX - name->labels);
    return REFUSAL_NONE;
}

enum refusal load_block(struct load *load, const struct prefix *block, enum category category)
{
    bool checked = !load->own && category != CATEGORY_ALLOW;
    enum refusal refusal = checked ? guard_block(&load->builder->guard, block) : REFUSAL_NONE;
    if (refusal)
        return refusal;
    load->builder->block_bits[block->bits / 64] |= 1ull << block->bits % 64;
    regions_add(&load->builder->regions, block);
    return REFUSAL_NONE;
}

static enum refusal name_entry(struct load *load, const struct feed_indicator *item,
                               enum category category, struct entry *ret_entry)
{
    struct intel_builder *builder = load->builder;
    struct dns_name *name = &builder->name;
    enum hostname_verdict verdict = hostname_read(item->host.at, item->host.len, name);
    if (verdict != HOSTNAME_OK)
        return verdict == HOSTNAME_BAD_IDN ? REFUSAL_BAD_IDN : REFUSAL_NOT_A_NAME;
    enum refusal refusal = load_name(load, item->scope, item->page, category);
    if (refusal)
        return refusal;
    ret_entry->draft = &builder->names;
    ret_entry->hash = name->hash[0];
    ret_entry->scope = item->scope;
    ret_entry->key_len = (uint8_t)pack_name(name, 0, ret_entry->key);
    pack_text(ret_entry->key, ret_entry->key_len, ret_entry->text);
    return REFUSAL_NONE;
}

static enum refusal block_entry(struct load *load, const struct prefix *block,
                                enum category category, struct entry *ret_entry)
{
    enum refusal refusal = load_block(load, block, category);
    if (refusal)
        return refusal;
    ret_entry->draft = &load->builder->addresses;
    ret_entry->scope = SCOPE_PREFIX;
    ret_entry->key_len = block_key(block, ret_entry->key);
    ret_entry->hash = hash_bytes(ret_entry->key, ret_entry->key_len, hash_seed);
    prefix_format(block, ret_entry->text);
    return REFUSAL_NONE;
}

/* `row` lacks the scope only. */
static enum refusal item_add(struct load *load, const struct feed_indicator *indicator,
                             struct attribute *row)
{
    struct entry entry;
    struct prefix block;
    struct slice host = indicator->host;
    enum category category = (enum category)row->category;
    enum refusal refusal;
    if (prefix_parse(host.at, host.len, &block))
        refusal = block_entry(load, &block, category, &entry);
    else if (memchr(host.at, '/', host.len))
        refusal = REFUSAL_BAD_PREFIX;
    else if (indicator->scope == SCOPE_PREFIX)
        refusal = REFUSAL_NOT_A_NAME; /* the list says that it is an address */
    else
        refusal = name_entry(load, indicator, category, &entry);
    if (refusal)
        return refusal;
    row->scope = entry.scope;
    return entry_add(load, &entry, indicator, row);
}

static bool is_local_only(enum category category)
{
    return category == CATEGORY_ALLOW || category == CATEGORY_POPULAR;
}

/* A feed_sink_fn. What the list does not say of an entry, the feed's configuration says. */
static enum refusal indicator_add(void *arg, const struct feed_indicator *indicator)
{
    struct load *load = arg;
    const struct feed_config *config = load->config;
    bool says = indicator->category >= 0;
    enum category category = says ? (enum category)indicator->category : config->category;
    if (says && is_local_only(category) && !load->own)
        return REFUSAL_NOT_LOCAL;
    struct attribute row = {
        .expires_ns =
            indicator->expires_ns ? day_end(indicator->expires_ns) : load_expiry(config, category),
        .feed = (uint16_t)load->feed,
        .category = (uint8_t)category,
        .confidence =
            indicator->confidence < 0 ? config->confidence : (uint8_t)indicator->confidence,
        .given = (uint8_t)((says ? ATTRIBUTE_CATEGORY : 0) |
                           (indicator->confidence < 0 ? 0 : ATTRIBUTE_CONFIDENCE) |
                           (indicator->expires_ns ? ATTRIBUTE_EXPIRY : 0)),
    };
    return item_add(load, indicator, &row);
}

/* Why most lines gave nothing; NULL when they are empty. */
static const char *main_reason(const struct feed_report *report)
{
    enum refusal most = REFUSAL_NONE;
    for (enum refusal reason = REFUSAL_NONE; reason < REFUSAL_COUNT; reason++)
        if (report->refused_by[reason] > report->refused_by[most])
            most = reason;
    if (report->skipped > report->refused_by[most])
        return "they are given for information, not for detection";
    return most ? refusal_texts[most] : NULL;
}

static int lines_add(struct load *load, const char *data, size_t len, struct error *error)
{
    const struct feed_config *config = load->config;
    struct feed_report *report = load->report;
    const struct feed_source source = {
        .path = config->path,
        .format = config->format,
        .column = config->column,
        .informational = config->informational,
        .sink = indicator_add,
        .arg = load,
    };
    int code = feed_read(&source, data, len, report, error);
    if (code || report->added)
        return code;
    const char *reason = main_reason(report);
    bool sound =
        report->lines && report->skipped + report->refused_by[REFUSAL_OTHER_TYPE] == report->lines;
    return error_set(error, sound ? -ENODATA : -EINVAL, "%s: no usable %s among %u (format %s)%s%s",
                     config->path, feed_formats[report->format].unit, report->lines,
                     feed_formats[report->format].slug, reason ? "; mostly, " : "",
                     reason ? reason : "");
}

int load_begin(struct load *load, struct error *error)
{
    draft_feed(&load->builder->names);
    draft_feed(&load->builder->addresses);
    load->feed = attributes_feed(&load->builder->attributes, load->config->name);
    return load->feed >= 0
               ? 0
               : error_set(error, -ENOMEM, "%s: more than %d lists", load->config->path, FEEDS_MAX);
}

void load_end(struct load *load, bool loaded)
{
    void (*finish)(struct draft *) = loaded ? draft_feed_end : draft_rewind;
    finish(&load->builder->names);
    finish(&load->builder->addresses);
    if (!loaded)
        attributes_rewind(&load->builder->attributes);
}

static int text_load(struct load *load, const char *data, size_t len, struct error *error)
{
    *load->report = (struct feed_report){.format = load->config->format};
    int code = load_begin(load, error);
    if (code)
        return code;
    code = lines_add(load, data, len, error);
    load_end(load, code == 0);
    return code;
}

int intel_builder_add_text(struct intel_builder *builder, const struct feed_config *config,
                           const char *data, size_t len, struct feed_report *ret_report,
                           struct error *error)
{
    struct load load = {.builder = builder, .config = config, .report = ret_report};
    return text_load(&load, data, len, error);
}

static int file_load(struct load *load, struct error *error)
{
    struct feed_config config = *load->config;
    struct file file;
    *load->report = (struct feed_report){.format = config.format};
    int code = file_read(&file, config.path, FEED_BYTES_MAX, error);
    if (code)
        return code;
    if (!config.fetched_ns)
        config.fetched_ns = file.modified_ns;
    load->config = &config;
    code = text_load(load, file.data, file.len, error);
    file_done(&file);
    return code;
}

int intel_builder_add_feed(struct intel_builder *builder, const struct feed_config *config,
                           struct feed_report *ret_report, struct error *error)
{
    struct load load = {.builder = builder, .config = config, .report = ret_report};
    return file_load(&load, error);
}

static void report_add(struct feed_report *sum, const struct feed_report *report)
{
    unsigned room = sum->refused < FIRST_REFUSED_MAX ? FIRST_REFUSED_MAX - sum->refused : 0;
    for (unsigned i = 0; i < room && i < report->refused; i++)
        sum->first_refused[sum->refused + i] = report->first_refused[i];
    for (unsigned i = 0; i < REFUSAL_COUNT; i++)
        sum->refused_by[i] += report->refused_by[i];
    sum->lines += report->lines;
    sum->added += report->added;
    sum->duplicates += report->duplicates;
    sum->skipped += report->skipped;
    sum->refused += report->refused;
}

int intel_seed_add(struct intel_builder *builder, const char *dir, struct feed_report *ret_report,
                   struct error *error)
{
    static const char *const seeds[] = {"household", "popular", "anonymity",
                                        "gateways",  "mining",  "sinkholes"};
    *ret_report = (struct feed_report){.format = FEED_SEED};
    for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
        char name[64];
        char path[4096];
        snprintf(name, sizeof(name), "dnsvigil/%s", seeds[i]);
        snprintf(path, sizeof(path), "%s/%s.tsv", dir, seeds[i]);
        struct feed_config config = {
            .name = name, .path = path, .format = FEED_SEED, .category = CATEGORY_SUSPICIOUS};
        struct feed_report report;
        struct load load = {.builder = builder, .config = &config, .report = &report, .own = true};
        int code = file_load(&load, error);
        if (code)
            return code;
        report_add(ret_report, &report);
    }
    return 0;
}

struct intel *intel_build(struct intel_builder *builder, struct error *error)
{
    struct intel *intel = calloc(1, sizeof(*intel));
    bool built = intel && index_init(&intel->names, &builder->names) &&
                 index_init(&intel->addresses, &builder->addresses);
    if (!built) {
        if (intel)
            index_done(&intel->names);
        free(intel);
        error_set(error, -ENOMEM, "no memory for an index of %zu entries",
                  builder->names.count + builder->addresses.count);
        return NULL;
    }
    intel->subtree_depths = builder->subtree_depths;
    intel->exact_depths = builder->exact_depths;
    memcpy(intel->block_bits, builder->block_bits, sizeof(intel->block_bits));
    intel->regions = builder->regions;
    intel->attributes = builder->attributes;
    builder->attributes = (struct attributes){0};
    draft_done(&builder->names);
    draft_done(&builder->addresses);
    return intel;
}
