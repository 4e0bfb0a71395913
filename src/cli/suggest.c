/* suggest.c - "did you mean …?" for a mistyped word
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/suggest.h"

#include <string.h>

enum { WORD_MAX = 48, NEVER = 1000 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits (insert, delete, replace one letter) that turn `a` into `b` (Levenshtein), one row of the
 * matrix at a time; NEVER for words too long to be one of ours. */
static unsigned word_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    unsigned row[WORD_MAX + 1];
    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return NEVER;
    for (unsigned j = 0; j <= b_len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b_len; j++) {
            unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}

struct suggestion suggest_start(const char *typed)
{
    return (struct suggestion){.typed = typed, .distance = NEVER};
}

/* A slip changes at most a third of the letters; the beginning of a word always counts. */
void suggest_offer(struct suggestion *suggestion, const char *known)
{
    size_t len = strlen(suggestion->typed);
    unsigned distance = word_distance(suggestion->typed, known);
    if (len >= 2 && strncmp(suggestion->typed, known, len) == 0)
        distance = 1;
    if (distance > 1 + len / 3 || distance >= suggestion->distance || distance >= strlen(known))
        return;
    suggestion->distance = distance;
    suggestion->best = known;
}
