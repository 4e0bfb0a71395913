/* skeleton.h - a label as the eye reads it: in plain letters, whatever it was spelled with
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two forms. Plain: international letters become the ASCII ones they look like (Unicode UTS #39,
 * the part that ends in ASCII); everything else stays. Folded: what people mistake for one another
 * in ASCII, too, becomes one: 0 and o; 1, i and l; 3 and e; 4 and a; 5 and s; 7 and t; 8 and b; rn
 * and m; vv and w. Two labels that look alike have the same folded form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SKELETON_MAX = 63 };

struct skeleton {
    char plain[SKELETON_MAX + 1];
    char folded[SKELETON_MAX + 1];
    uint8_t from[SKELETON_MAX + 2]; /* where in `plain` each letter of `folded` begins */
    uint8_t plain_len;
    uint8_t folded_len;
    bool foreign; /* international letters are in it */
    bool mixed;   /* Latin letters and those of a script that nobody writes in one word with them */
};

/* Reads one label in lower case, A-labels (xn--, RFC 5890) included; one that does not decode stays
 * as it is. Allocates for A-labels only. */
void skeleton_read(const uint8_t *label, size_t len, struct skeleton *ret);

/* Whether a label is the ASCII form of one in another script (RFC 5890). */
bool skeleton_is_alabel(const uint8_t *label, size_t len);

/* What a character looks like by itself when folded, as a number of five bits. */
extern const uint8_t skeleton_looks[256];
enum { LOOK_BITS = 5, LOOK_OTHER = 0, LOOK_LETTER = 1, LOOK_END = 31 /* of the label */ };

/* Folds text[0..len) into folded, which holds as much, and ends it with a NUL. Returns the length.
 * `from` may be NULL. */
size_t skeleton_fold(const char *text, size_t len, char *folded, uint8_t *from);
