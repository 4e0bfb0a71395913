/* judge.c - whether a list that was read may take the place of the last good one
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/judge.h"

#include <errno.h>

enum {
    SHRINK_MAX = 2, /* times smaller */
    GROWTH_MAX = 10,
    POPULAR_MIN = 10, /* a dozen slips through in honest lists of phishing pages */
    POPULAR_SHARE = 100,
};

int judge_report(const struct feed_report *report, struct error *error)
{
    uint32_t popular = report->refused_by[REFUSAL_POPULAR];
    if (popular > POPULAR_MIN && popular > report->added / POPULAR_SHARE)
        return error_set(error, -EINVAL,
                         "flags %u popular domains beside %u others: hijacked, or no list of "
                         "threats",
                         popular, report->added);
    /* Other refusals are no sign of that: MISP events, say, are mostly about hashes of files. */
    uint32_t nameless = report->refused_by[REFUSAL_NOT_A_NAME];
    if (nameless > report->added)
        return error_set(
            error, -EINVAL,
            "%u entries are no names or addresses and only %u are: is the format right "
            "(%s)?",
            nameless, report->added, feed_formats[report->format].slug);
    return 0;
}

int judge_size(uint32_t before, uint32_t after, struct error *error)
{
    if ((uint64_t)after * SHRINK_MAX < before)
        return error_set(error, -ERANGE,
                         "shrank from %u to %u entries; `dnsvigil feeds update --force` accepts "
                         "that",
                         before, after);
    if (before && after > (uint64_t)before * GROWTH_MAX)
        return error_set(error, -ERANGE,
                         "grew from %u to %u entries; `dnsvigil feeds update --force` accepts that",
                         before, after);
    return 0;
}
