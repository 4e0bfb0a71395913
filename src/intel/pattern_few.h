/* pattern_few.h - which of a few dozen byte strings may stand in a text, in less than a look a byte
 * SPDX-License-Identifier: Apache-2.0
 *
 * The text is looked at every stride bytes, at four places with one branch: a small table says
 * whether some pattern has the three bytes that stand there. Each pattern has `stride` such runs in
 * a row in that table, so none slips through between two looks. Which of its runs these are is
 * chosen so that none is there which every DNS message has; a pattern that is too short for the
 * stride, or has such runs alone, is sought by its rarest byte. The stride that makes this cheapest
 * is taken.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern {
    const uint8_t *bytes; /* borrowed */
    uint8_t len;
    uint32_t value;
};

/* Called for a pattern that may stand in the text; false ends the search. */
typedef bool (*pattern_fn)(void *arg, uint32_t value);

/* A search through one text. */
struct pattern_look {
    const struct pattern *patterns;
    const uint8_t *text;
    size_t len;
    unsigned *budget;
    pattern_fn found;
    void *arg;
};

struct pattern_few {
    struct pattern_seek *seeks;
    unsigned seek_count;
    uint8_t *rows; /* each different byte that is sought, as often as are compared at once */
    unsigned row_count;
    unsigned stride;          /* 0: all are sought by single bytes; never 1 */
    uint8_t *slots;           /* by a run's hash: its list, 0 for none */
    uint32_t *starts;         /* [list_count + 1], into runs */
    struct pattern_run *runs; /* where in patterns the runs are, by list */
    size_t run_count;
    size_t list_count; /* with list 0, which is empty */
};

/* Patterns that belong together, by their numbers. */
struct pattern_members {
    uint32_t *numbers;
    size_t count;
};

/* Without room for the patterns, as they are too many or too short, *ret_fits is false and *few has
 * none. False without memory. Call pattern_few_done() in any case. */
bool pattern_few_build(struct pattern_few *few, const struct pattern *patterns,
                       const struct pattern_members *members, bool *ret_fits);
void pattern_few_done(struct pattern_few *few);

/* False when the search was ended. */
bool pattern_few_search(const struct pattern_few *few, const struct pattern_look *look);

/* Compares a pattern whose byte `offset` may stand at text[at]; false ends the search. */
bool pattern_try(const struct pattern_look *look, uint32_t number, size_t offset, size_t at);

/* How rarely the bytes stand in DNS messages, roughly: those that hold a message together - small
 * numbers, lengths and pointers - tell little, others much more, and letters and digits less. */
unsigned pattern_weight(const uint8_t *bytes, size_t len);

/* Bytes held. */
size_t pattern_few_bytes(const struct pattern_few *few);
