/* reading.h - has a fetched list read in the jail, and takes what comes out of there with care
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "feeds/jail.h"
#include "feeds/shelf.h"
#include "intel/builder.h"

/* A list that was read. */
struct reading {
    const void *data; /* in the form of compiled.h, or the text of a public suffix list */
    size_t len;
    struct feed_report report; /* `added`: entries, or rules */
    enum sandbox_level level;
    struct mapping mapping; /* which holds the data */
};

/* Reads the list in `fd`, perhaps packed with gzip, at most `lines_max` lines of it (0: all), as
 * intel_builder_add_text() would with this builder, which stays as it is. 0, or a negative errno
 * with the reason in `error`: the builder's, the jail's, or -EBADMSG when what came out of the jail
 * makes no sense. The report is filled in either case. */
int reading_list(const struct intel_builder *builder, const struct feed_config *config,
                 uint32_t lines_max, int fd, struct reading *ret_reading, struct error *error);

/* The same for a public suffix list, which may not take their domain from popular names. */
int reading_suffixes(const struct intel_builder *builder, int fd, struct reading *ret_reading,
                     struct error *error);

void reading_done(struct reading *reading);
