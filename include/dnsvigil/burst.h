/* burst.h - what is measured of the domains that one client asked for in vain
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/detector.h>

enum {
    BURST_TEXT_MAX = 76, /* of a registrable domain; of a longer one the end is cut off */
    BURST_SAMPLES_MAX = 10,
    BURST_REACHED_MAX = 4,
};

/* One client's window of names that failed, made only for transactions whose own name belongs to
 * it. Texts live as long as the measure. */
struct burst_measure {
    double expected;       /* windows as suspicious as this one that chance would have made by now
                              of the failures of a client that means no harm */
    double expected_limit; /* at and below it the window is worth an alert */
    unsigned names;        /* registrable domains in the window, each counted once */
    double window_s;       /* from the first of them to the last */
    double failed_share; /* NXDOMAIN, of the window's names and those of its make that were found */
    double mean_score;   /* of the lexical model */
    double length_stddev; /* of their labels */
    unsigned tlds;
    bool of_words;    /* parts of labels repeat, and none looks random: words were joined */
    bool reached_now; /* this transaction's name has the window's make and was found */
    unsigned sample_count;
    const char *samples[BURST_SAMPLES_MAX]; /* the latest, oldest first */
    double scores[BURST_SAMPLES_MAX];       /* of each of them */
    unsigned reached_count;
    const char *reached[BURST_REACHED_MAX]; /* names of the window's make that were found */
};
