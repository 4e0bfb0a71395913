/* zipf.c - draws ranks by Zipf's law
 * SPDX-License-Identifier: Apache-2.0 */
#include "zipf.h"

uint32_t zipf_draw(struct prng *prng, uint32_t ranks)
{
    /* Any octave [2^j, 2^(j+1)) as likely as any other, any k in it as likely as any other, taken
     * with probability 2^j/k or else all again: that leaves k with 1/2^j * 2^j/k = 1/k. */
    unsigned octaves = 32 - (unsigned)__builtin_clz(ranks);
    for (;;) {
        uint32_t octave = 1u << prng_below(prng, octaves);
        uint32_t k = octave + prng_below(prng, octave);
        if (k <= ranks && prng_below(prng, k) < octave)
            return k - 1;
    }
}
