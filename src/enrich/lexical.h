/* lexical.h - how much a label looks drawn at random instead of thought up by people
 * SPDX-License-Identifier: Apache-2.0
 *
 * A linear model over the label's pieces (lexical_model.h), trained by tools/train-lexical and
 * built into the program. It says how a name looks, not what it does: of the machine-made names of
 * advertising and delivery networks it says random, too, and it is right. So nothing may alert on
 * it alone. Read-only and without state; any thread. */
#pragma once

#include <dnsvigil/detector.h>

#include <stddef.h>

struct lexical_model;
struct lexical_text;

/* The model built into the program. */
extern const struct lexical_model *const lexical_model;

/* Scores one label, in lower case. `known` stays false for an empty label and for one in the ASCII
 * form of other scripts (xn--, RFC 5890), whose letters are a code and no spelling. About 0.1 us:
 * keep the result. */
void lexical_score(const struct lexical_text *text, struct lexical *ret);

/* The same for the label of `name` at which its registrable domain begins. */
void lexical_score_domain(const struct dns_name *name, unsigned registrable, struct lexical *ret);

enum { LEXICAL_PIECE_MAX = 16 };

/* A part of a name that makes it look random: its text, of two letters or more with ^ and $ for the
 * ends of the label, or the top-level domain or whole suffix with its dots; and what it adds to the
 * score. */
struct lexical_piece {
    char text[LEXICAL_PIECE_MAX];
    float weight;
};

/* Fills pieces[0..max) with what adds most to the score of this domain, the most first, and returns
 * how many; fewer where nothing more speaks for randomness. For evidence: about 1 us. */
unsigned lexical_pieces(const struct dns_name *name, unsigned registrable,
                        struct lexical_piece *pieces, unsigned max);
