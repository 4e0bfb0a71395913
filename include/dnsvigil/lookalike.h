/* lookalike.h - what makes a name look like somebody else's
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum lookalike_technique {
    LOOKALIKE_HOMOGLYPH, /* letters that look alike: rn for m, 0 for o, Cyrillic for Latin */
    LOOKALIKE_SCRIPTS,   /* letters of scripts that nobody mixes in one word */
    LOOKALIKE_TYPO,      /* a letter left out, doubled, changed or swapped */
    LOOKALIKE_KEYBOARD,  /* a letter changed for its neighbour on the keyboard */
    LOOKALIKE_BITFLIP,   /* a letter changed by one bit */
    LOOKALIKE_COMBINED,  /* the brand with a word that lures: login, verify, wallet */
    LOOKALIKE_EMBEDDED,  /* the brand's own domain, or its name, left of somebody else's */
    LOOKALIKE_OTHER_TLD, /* the same name under another top-level domain */
    LOOKALIKE_TECHNIQUE_COUNT,
};
extern const char *const lookalike_technique_names[LOOKALIKE_TECHNIQUE_COUNT];

/* Signs beside the likeness. */
enum lookalike_sign {
    LOOKALIKE_SIGN_LURE = 1 << 0,    /* a word that lures stands beside it */
    LOOKALIKE_SIGN_DOMAIN = 1 << 1,  /* the brand's own domain is spelled out: paypal.com.… */
    LOOKALIKE_SIGN_TLD = 1 << 2,     /* a top-level domain that is mostly abused */
    LOOKALIKE_SIGN_OPEN = 1 << 3,    /* anybody may have a name under this suffix */
    LOOKALIKE_SIGN_WHOLE = 1 << 4,   /* the likeness is a whole label */
    LOOKALIKE_SIGN_OWN = 1 << 5,     /* it is one of the user's own names */
    LOOKALIKE_SIGN_WORD = 1 << 6,    /* it stands between hyphens, digits or the label's ends */
    LOOKALIKE_SIGN_COMMON = 1 << 7,  /* the brand is an ordinary word, too */
    LOOKALIKE_SIGN_FOREIGN = 1 << 8, /* international letters are in it */
    LOOKALIKE_SIGN_COUNT = 9,
};
extern const char *const lookalike_sign_names[LOOKALIKE_SIGN_COUNT];

enum { LOOKALIKE_TEXT_MAX = 64 };

struct lookalike {
    const char *brand; /* borrowed from the table of brands; "" where only scripts are mixed */
    uint8_t technique; /* enum lookalike_technique */
    uint8_t distance;  /* edits between brand and skeleton */
    uint8_t label;     /* of the question, where it stands */
    uint16_t signs;    /* enum lookalike_sign, or-ed */
    char skeleton[LOOKALIKE_TEXT_MAX]; /* the part that is like the brand, in plain letters */
};
