/* rule_set.h - reads files of rules into one immutable set, and says what became of each rule
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct rule_builder *builder = rule_builder_new(&options, note, arg);
 *     r = rule_builder_add_path(builder, path, &error);    for each
 *     r = rule_builder_finish(builder, &set, &error);
 *     rule_builder_free(builder);
 *
 * A rule that cannot be honoured is refused with file, line, reason and keyword; the others load.
 * One thread builds; the set may then be read by any number. */
#pragma once

#include "base/error.h"
#include "intel/rule_read.h"

enum {
    RULE_FILE_BYTES_MAX = 64 << 20,
    RULE_SET_BYTES_MAX = 512 << 20, /* memory of one set; rules beyond it are refused: full */
    RULE_FILES_MAX = 4096,
};

enum rule_fate {
#define RULE_FATE(id, slug, text) RULE_FATE_##id,
#include "intel/rule_fates.def"
#undef RULE_FATE
    RULE_FATE_COUNT,
};

extern const char *const rule_fate_slugs[RULE_FATE_COUNT];
extern const char *const rule_fate_texts[RULE_FATE_COUNT];

struct rule_options {
    const struct rule_variable
        *variables; /* borrowed until the builder is freed, as are the sids */
    size_t variable_count;
    const uint32_t *disabled;
    size_t disabled_count;
    bool informational; /* load rules of severity Informational, too */
};

struct rule_note {
    enum rule_fate fate;
    enum rule_refusal refusal; /* with REFUSED */
    const char *file;
    uint32_t line;       /* where the rule begins, from 1 */
    uint32_t sid;        /* 0 where it was not read */
    const char *keyword; /* with REFUSED: what it is about; "" for the rule as a whole */
};

/* Tells of one rule. LOADED is told when it is read; a REPLACED one was told as LOADED before. */
typedef void (*rule_note_fn)(void *arg, const struct rule_note *note);

struct rule_builder;

/* `note` may be NULL. NULL without memory. */
struct rule_builder *rule_builder_new(const struct rule_options *options, rule_note_fn note,
                                      void *arg);
void rule_builder_free(struct rule_builder *builder);

/* Reads a file, or the files *.rules of a folder in the order of their names. Negative errno when
 * one cannot be read. */
int rule_builder_add_path(struct rule_builder *builder, const char *path, struct error *error);

/* Reads text as if it were a file of this name. Negative errno without memory. */
int rule_builder_add_text(struct rule_builder *builder, const char *name, const char *text,
                          size_t len, struct error *error);

/* Makes the set. Of rules with one gid and sid the highest revision stays, among equals the first.
 * The builder is empty afterwards. */
int rule_builder_finish(struct rule_builder *builder, struct rule_set **ret_set,
                        struct error *error);

void rule_set_free(struct rule_set *set);
