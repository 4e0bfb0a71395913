/* uuid5.c - a UUID made from a name: the same name always gives the same one
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid5.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>

enum { SHA1_BYTES = 20 };

void uuid5(const uint8_t name_space[static UUID_BYTES], const void *name, size_t len,
           char text[static UUID_TEXT_MAX])
{
    uint8_t d[SHA1_BYTES];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int done = digest && EVP_DigestInit_ex(digest, EVP_sha1(), NULL) &&
               EVP_DigestUpdate(digest, name_space, UUID_BYTES) &&
               EVP_DigestUpdate(digest, name, len) && EVP_DigestFinal_ex(digest, d, NULL);
    EVP_MD_CTX_free(digest);
    assert(done);
    d[6] = (d[6] & 0x0f) | 0x50;
    d[8] = (d[8] & 0x3f) | 0x80;
    snprintf(text, UUID_TEXT_MAX,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
             d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14],
             d[15]);
}
