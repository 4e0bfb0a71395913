/* builder.h - loads lists into a new snapshot, refusing what must never be flagged
 * SPDX-License-Identifier: Apache-2.0
 *
 * Order of use: intel_builder_new(), intel_seed_add() first (later lists are checked against its
 * popular domains), intel_builder_add_feed() for each list, intel_build(), intel_builder_free().
 * One thread. A list that fails as a whole leaves the builder as it was. Equal lists in equal order
 * give a snapshot with equal answers.
 *
 * Limits of a list are those of format.h; besides, its entries may differ in 2048 ways of category,
 * confidence and day of expiry. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "intel/format.h"
#include "intel/intel.h"
#include "intel/suffix.h"

struct feed_config {
    const char *name; /* as evidence shows it */
    const char *path; /* a regular file */
    enum category category;
    uint8_t confidence; /* 0-100 */
    enum feed_format format;
    const char *column;   /* of a table, see format.h; NULL: found out */
    bool informational;   /* see format.h */
    unsigned expiry_days; /* 0: the category's default (categories.def) */
    int64_t fetched_ns;   /* expiry counts from here; 0: from the modification time of a file,
                             and text from memory never expires */
};

struct intel_builder;

/* `suffixes` is borrowed and must outlive the builder. NULL without memory. */
struct intel_builder *intel_builder_new(const struct suffix_list *suffixes);
void intel_builder_free(struct intel_builder *builder);

/* Loads one list. 0, or a negative errno with the reason in `error`: -ENODATA sound, but all its
 * entries are about something other than names and addresses, or given for information only (those
 * are not loaded); otherwise unreadable, too large, not a
 * list at all, no usable line. *ret_report is filled in either case. */
int intel_builder_add_feed(struct intel_builder *builder, const struct feed_config *config,
                           struct feed_report *ret_report, struct error *error);

/* The same from memory, `config->path` only for messages. */
int intel_builder_add_text(struct intel_builder *builder, const struct feed_config *config,
                           const char *data, size_t len, struct feed_report *ret_report,
                           struct error *error);

/* Appends the list that was added last in the form of compiled.h, from which
 * intel_builder_add_compiled() loads it again without reading it. False without memory. */
bool intel_builder_compile(const struct intel_builder *builder, struct buf *buf);

/* Loads a list from that form: `config` says what its entries left open, and the checks on names
 * and addresses are made again. -EINVAL: not the form, or damaged. In the report `lines` are
 * entries.
 */
int intel_builder_add_compiled(struct intel_builder *builder, const struct feed_config *config,
                               const void *data, size_t len, struct feed_report *ret_report,
                               struct error *error);

/* Loads the lists that come with the program from `dir` (all of them, or it fails). They may name
 * top-level domains, popular and allow entries; *ret_report is the sum. Call before other lists. */
int intel_seed_add(struct intel_builder *builder, const char *dir, struct feed_report *ret_report,
                   struct error *error);

/* The snapshot of all lists added so far, with one reference; call once. NULL without memory. */
struct intel *intel_build(struct intel_builder *builder, struct error *error);
