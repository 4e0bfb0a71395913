/* hash.c - the process-wide hash seed
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <assert.h>
#include <sys/random.h>

uint64_t hash_seed = HASH_FIXED_SEED;

void hash_seed_init(void)
{
    ssize_t got = getrandom(&hash_seed, sizeof(hash_seed), 0);
    assert(got == (ssize_t)sizeof(hash_seed));
    hash_seed |= 1;
}
