/* profiles.h - the profiles of known-benign names: read from a table, then looked up by suffix
 * SPDX-License-Identifier: Apache-2.0
 *
 * One line is a profile, its columns separated by tabs:
 *
 *   entry   `name`: the name and what is below it; `_label.*`: any name with that label; `.`:
 * single labels; `*`: two or more labels left of any registrable domain class   a row of
 * profiles.def shape   what the labels left of the entry look like: elements separated by dots,
 * each `class{min,max}` (bytes of the label), `xN` or `xN-M` (labels in a row, default one) or
 *           `=text` (this label). Classes: octet (0-255), nibble, num, hex, b32 (a-z 2-7), alpha,
 *           host (letters, digits, - and _), text (any bytes), uuid, dashed (an IPv4 address with
 *           dashes), fqdn (all labels left, a name under a public suffix). Shapes that may stand
 * for one another are separated by |. Elements take labels from the left, each as many as it can,
 * and have to take all. `-` allows anything. The entry itself always fits. After a blank, what the
 * response has to be: `127/8` (only such addresses, or none, or no response was seen) or
 * `nxdomain`. exempt  which detectors leave it alone: tunnel, burst (generated domains), random,
 * phishing, separated by commas; all; none what    for people from    where the fact comes from
 *
 * Lifetime: snapshot. Read-only once loaded; any thread. */
#pragma once

#include "intel/builder.h"

#include <dnsvigil/profile.h>
#include <dnsvigil/transaction.h>

enum { PROFILES_MAX = 4096, PROFILE_FILE_BYTES_MAX = 1 << 20 };

struct profiles;

/* The table that comes with the program. NULL without memory. */
struct profiles *profiles_new(void);
void profiles_free(struct profiles *profiles);

/* Reads more lines from text[0..len), which may be anything. A line for an entry that is there
 * already replaces it. Bad lines are left out and reported. */
void profiles_read(struct profiles *profiles, const char *text, size_t len,
                   struct feed_report *ret_report);

/* The same from a file. Negative errno and a message when it cannot be read or no line of it is
 * good. */
int profiles_read_file(struct profiles *profiles, const char *path, struct feed_report *ret_report,
                       struct error *error);

size_t profiles_count(const struct profiles *profiles);

/* Sets profile and exempt of `ret`, whose registrable is set already, for the question. Labels go
 * before suffixes, the longest of these before others, and patterns come last; what does not have
 * the shape is passed over. `suffixes` is the caller's cache. Some ns where nothing matches. False:
 * no rule is about the name, whatever the response, so that it need not be asked about again. */
bool profiles_match(const struct profiles *profiles, struct suffix_cache *suffixes,
                    const struct transaction *transaction, struct enrichment *ret);
