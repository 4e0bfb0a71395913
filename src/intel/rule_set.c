/* rule_set.c - files of rules to an immutable set: lines, duplicates, what is switched off
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_set.h"

#include "base/buf.h"
#include "intel/file.h"
#include "intel/rule_memory.h"

#include <dnsvigil/terms.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES_MAX = 4096 };

const char *const rule_fate_slugs[RULE_FATE_COUNT] = {
#define RULE_FATE(id, slug, text) [RULE_FATE_##id] = slug,
#include "intel/rule_fates.def"
#undef RULE_FATE
};

const char *const rule_fate_texts[RULE_FATE_COUNT] = {
#define RULE_FATE(id, slug, text) [RULE_FATE_##id] = text,
#include "intel/rule_fates.def"
#undef RULE_FATE
};

struct rule_builder {
    struct rule_options options;
    rule_note_fn note;
    void *arg;
    struct rule_reader *reader;
    struct rule_memory *memory;
    const struct rule **rules; /* in the order they were read */
    size_t count;
    size_t room;
    const char *files[RULE_FILES_MAX];
    uint16_t file_count;
    struct buf joined; /* a rule of several lines */
};

static void note(const struct rule_builder *builder, const struct rule_note *one)
{
    if (builder->note)
        builder->note(builder->arg, one);
}

struct rule_builder *rule_builder_new(const struct rule_options *options, rule_note_fn note_fn,
                                      void *arg)
{
    struct rule_builder *builder = calloc(1, sizeof(*builder));
    if (!builder)
        return NULL;
    builder->options = *options;
    builder->note = note_fn;
    builder->arg = arg;
    buf_init(&builder->joined, RULE_BYTES_MAX + 1);
    builder->reader = rule_reader_new(options->variables, options->variable_count);
    builder->memory = rule_memory_new(RULE_SET_BYTES_MAX);
    if (builder->reader && builder->memory)
        return builder;
    rule_builder_free(builder);
    return NULL;
}

static void rules_drop(const struct rule *const *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rule_drop(rules[i]);
}

void rule_builder_free(struct rule_builder *builder)
{
    if (!builder)
        return;
    rules_drop(builder->rules, builder->count);
    rule_reader_free(builder->reader);
    rule_memory_free(builder->memory);
    free(builder->rules);
    buf_done(&builder->joined);
    free(builder);
}

static bool is_disabled(const struct rule_options *options, uint32_t sid)
{
    for (size_t i = 0; i < options->disabled_count; i++)
        if (options->disabled[i] == sid)
            return true;
    return false;
}

/* A rule that tells nothing itself informs nobody: others rely on its bits. */
static enum rule_fate fate_of(const struct rule_options *options, const struct rule *rule)
{
    if (is_disabled(options, rule->sid))
        return RULE_FATE_SWITCHED_OFF;
    bool informs = rule->severity == SEVERITY_INFORMATIONAL && !rule->noalert;
    return informs && !options->informational ? RULE_FATE_INFORMATIONAL : RULE_FATE_LOADED;
}

static bool rule_add(struct rule_builder *builder)
{
    if (builder->count == builder->room) {
        size_t room = builder->room ? 2 * builder->room : 1024;
        const struct rule **grown = reallocarray(builder->rules, room, sizeof(*grown));
        if (!grown)
            return false;
        builder->rules = grown;
        builder->room = room;
    }
    const struct rule *kept = rule_keep(builder->memory, &builder->reader->draft);
    if (kept)
        builder->rules[builder->count++] = kept;
    return kept != NULL;
}

/* Reads one rule whose lines are joined. */
static void text_add(struct rule_builder *builder, struct slice text, uint32_t line, bool commented)
{
    struct rule *rule = &builder->reader->draft.rule;
    struct rule_note one = {.file = builder->files[builder->file_count - 1], .line = line};
    enum rule_verdict verdict = rule_read(builder->reader, text, &one.refusal);
    one.keyword = builder->reader->draft.keyword;
    one.sid = rule->sid;
    rule->file = (uint16_t)(builder->file_count - 1);
    rule->line = line;
    if (verdict == RULE_FOREIGN)
        one.fate = RULE_FATE_FOREIGN;
    else if (commented)
        one.fate = RULE_FATE_COMMENTED;
    else
        one.fate = verdict == RULE_READ ? fate_of(&builder->options, rule) : RULE_FATE_REFUSED;
    if (one.fate == RULE_FATE_LOADED && !rule_add(builder)) {
        one.fate = RULE_FATE_REFUSED;
        one.refusal = RULE_REFUSAL_FULL;
    }
    if (!commented || one.fate != RULE_FATE_FOREIGN)
        note(builder, &one);
}

static struct slice line_take(struct slice *text)
{
    struct slice line = slice_cut(text, '\n');
    return slice_trim(line);
}

static bool goes_on(struct slice line)
{
    return line.len > 0 && line.at[line.len - 1] == '\\';
}

/* Joins a line that ends in a backslash with those after it; *number counts them. What is longer
 * than a rule may be overflows, and the rule is refused for its length. */
static struct slice line_join(struct rule_builder *builder, struct slice line, struct slice *text,
                              uint32_t *number)
{
    struct buf *joined = &builder->joined;
    buf_reset(joined);
    while (goes_on(line) && text->len > 0) {
        buf_append(joined, line.at, line.len - 1);
        line = line_take(text);
        ++*number;
    }
    buf_append(joined, line.at, line.len - goes_on(line));
    return (struct slice){joined->data, joined->overflow ? RULE_BYTES_MAX + 1 : joined->len};
}

int rule_builder_add_text(struct rule_builder *builder, const char *name, const char *text,
                          size_t len, struct error *error)
{
    struct slice rest = {text, len};
    if (builder->file_count == RULE_FILES_MAX)
        return error_set(error, -E2BIG, "%s: more than %d files of rules", name, RULE_FILES_MAX);
    const char *file = rule_memory_text(builder->memory, name);
    if (!file)
        return error_set(error, -ENOMEM, "%s: no memory", name);
    builder->files[builder->file_count++] = file;
    if (slice_begins(rest, "\xef\xbb\xbf")) /* byte order mark */
        rest = slice_skip(rest, 3);
    for (uint32_t number = 1; rest.len > 0; number++) {
        struct slice line = line_take(&rest);
        uint32_t begun = number;
        bool commented = slice_begins(line, "#");
        while (slice_begins(line, "#"))
            line = slice_trim((struct slice){line.at + 1, line.len - 1});
        if (!commented && goes_on(line))
            line = line_join(builder, line, &rest, &number);
        if (line.len > 0 && (!commented || rule_looks_like_one(line)))
            text_add(builder, line, begun, commented);
    }
    return 0;
}

static int file_add(struct rule_builder *builder, const char *path, struct error *error)
{
    struct file file;
    int code = file_read(&file, path, RULE_FILE_BYTES_MAX, error);
    if (code < 0)
        return code;
    code = rule_builder_add_text(builder, path, file.data, file.len, error);
    file_done(&file);
    return code;
}

static int is_rule_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && strcmp(dot, ".rules") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int folder_add(struct rule_builder *builder, const char *path, struct error *error)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_rule_file, by_name);
    int code = 0;
    if (count < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char file[PATH_BYTES_MAX];
        if (code == 0 &&
            (size_t)snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name) >= sizeof(file))
            code = error_set(error, -ENAMETOOLONG, "%s: too long a path", path);
        if (code == 0)
            code = file_add(builder, file, error);
        free(entries[i]);
    }
    free(entries);
    return code;
}

int rule_builder_add_path(struct rule_builder *builder, const char *path, struct error *error)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    return S_ISDIR(info.st_mode) ? folder_add(builder, path, error)
                                 : file_add(builder, path, error);
}

static int compare_identity(const struct rule *a, const struct rule *b)
{
    if (a->gid != b->gid)
        return a->gid < b->gid ? -1 : 1;
    return (a->sid > b->sid) - (a->sid < b->sid);
}

/* By identity, then the revision that stays first, then the place. */
static int compare_rules(const void *left, const void *right)
{
    const struct rule *a = *(const struct rule *const *)left;
    const struct rule *b = *(const struct rule *const *)right;
    int identity = compare_identity(a, b);
    if (identity != 0)
        return identity;
    if (a->rev != b->rev)
        return a->rev > b->rev ? -1 : 1;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static void duplicates_drop(struct rule_builder *builder)
{
    size_t kept = 0;
    if (builder->count > 0)
        qsort(builder->rules, builder->count, sizeof(*builder->rules), compare_rules);
    for (size_t i = 0; i < builder->count; i++) {
        const struct rule *rule = builder->rules[i];
        if (kept == 0 || compare_identity(builder->rules[kept - 1], rule) != 0) {
            builder->rules[kept++] = rule;
            continue;
        }
        note(builder, &(struct rule_note){.fate = RULE_FATE_REPLACED,
                                          .file = builder->files[rule->file],
                                          .line = rule->line,
                                          .sid = rule->sid,
                                          .keyword = ""});
        rule_drop(rule);
    }
    builder->count = kept;
}

/* The set, its tables in its own memory; NULL when they do not fit. */
static struct rule_set *set_make(struct rule_builder *builder)
{
    struct rule_memory *memory = builder->memory;
    const struct rule_reader *reader = builder->reader;
    const char **names = rule_memory_take(memory, (reader->bit_count + 1u) * sizeof(*names));
    const void *rules = builder->count ? rule_memory_copy(memory, builder->rules,
                                                          builder->count * sizeof(*builder->rules))
                                       : names;
    const void *files = rule_memory_copy(memory, builder->files,
                                         (builder->file_count + 1u) * sizeof(*builder->files));
    struct rule_set *set = rule_memory_take(memory, sizeof(*set));
    if (!names || !rules || !files || !set)
        return NULL;
    for (unsigned i = 0; i < reader->bit_count; i++)
        if (!(names[i] = rule_memory_text(memory, reader->bit_names[i])))
            return NULL;
    *set = (struct rule_set){rules, (uint32_t)builder->count, files, builder->file_count,
                             names, reader->bit_count,        memory};
    return set;
}

int rule_builder_finish(struct rule_builder *builder, struct rule_set **ret_set,
                        struct error *error)
{
    struct rule_memory *next = rule_memory_new(RULE_SET_BYTES_MAX);
    duplicates_drop(builder);
    struct rule_set *set = next ? set_make(builder) : NULL;
    if (!set) {
        rule_memory_free(next);
        return error_set(error, -ENOMEM, "no memory for %zu rules", builder->count);
    }
    builder->memory = next;
    builder->count = 0;
    builder->file_count = 0;
    builder->reader->bit_count = 0;
    *ret_set = set;
    return 0;
}

void rule_set_free(struct rule_set *set)
{
    if (!set)
        return;
    rules_drop(set->rules, set->count);
    rule_memory_free(set->memory);
}

const struct rule *rule_find(const struct rule_set *set, uint32_t sid)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->rules[i]->sid == sid)
            return set->rules[i];
    return NULL;
}
