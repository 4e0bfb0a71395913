/* selftest.h - a clear case for each detector sent through all there is, to see which of them fire
 * SPDX-License-Identifier: Apache-2.0
 *
 * The stories of selftest_stories.def are told as DNS messages to shards with the given
 * configuration and lists, and the canary with them; the alerts go to a store that is thrown away.
 * Every story is told once with all that there is to see, and once more for each kind of configured
 * source, with only what such a source tells. No source is opened and nothing leaves the program;
 * the traffic counts as a file, in which every domain is new. */
#pragma once

#include "config/config.h"
#include "pipeline/lists.h"

enum selftest_state {
#define SELFTEST_STATE(id, slug, text) SELFTEST_##id,
#include "pipeline/selftest_states.def"
#undef SELFTEST_STATE
    SELFTEST_STATE_COUNT,
};

extern const char *const selftest_slugs[SELFTEST_STATE_COUNT];
extern const char *const selftest_texts[SELFTEST_STATE_COUNT];

struct selftest_result {
    enum selftest_state states[DETECTOR_COUNT];
    uint64_t blind[DETECTOR_COUNT]; /* bit n: not by what source n of the configuration tells */
    bool canary_sent;               /* it needs the detector that finds it to be on */
    bool canary_came;
};

/* Whether some detector can fire, and the canary came back if it was sent. */
bool selftest_passed(const struct selftest_result *result);

/* Takes a second or so. Negative errno and a message when it could not be carried out: no memory,
 * or no room for a store in $TMPDIR. */
int selftest_run(const struct config *config, const struct lists *lists,
                 struct selftest_result *ret_result, struct error *error);
