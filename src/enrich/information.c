/* information.c - how many bytes of information a label can carry beyond an ordinary name's
 * spelling
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/information.h"

#include "../../data/models/label.inc"

/* The numbers of tools/train-label.py. */
enum { BOUNDARY = 0, FIRST_LETTER = 1, FIRST_DIGIT = 27, DASH = 37, UNDERSCORE = 38, OTHER = 39 };

static unsigned symbol_of(uint8_t c)
{
    if (c >= 'a' && c <= 'z')
        return FIRST_LETTER + c - 'a';
    if (c >= '0' && c <= '9')
        return FIRST_DIGIT + c - '0';
    return c == '-' ? DASH : c == '_' ? UNDERSCORE : OTHER;
}

float information_of_label(const uint8_t *label, size_t len)
{
    unsigned context = BOUNDARY, sum = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned symbol = symbol_of(label[i]);
        sum += label_bits[context][symbol];
        context = context % LABEL_SYMBOLS * LABEL_SYMBOLS + symbol;
    }
    sum += label_bits[context][BOUNDARY];
    float bytes = (float)sum / (8 * LABEL_STEPS_PER_BIT);
    float most = (float)len * INFORMATION_BYTES_PER_CHAR_MAX;
    return bytes < most ? bytes : most;
}
