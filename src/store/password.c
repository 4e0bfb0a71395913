/* password.c - passwords and secrets: argon2id for those that people choose, SHA-256 for random
 * ones
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/password.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HASHED_AT_ONCE = 2, PREFIX_MAX = 8 };

_Static_assert((int)PASSWORD_HASH_MAX >= (int)crypto_pwhash_STRBYTES, "room for libsodium's text");
_Static_assert((int)SECRET_HASH_BYTES == (int)crypto_hash_sha256_BYTES, "a secret's hash");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t places;
static char nobodys_hash[PASSWORD_HASH_MAX]; /* of no password anybody knows */

static bool hash_make(const char *password, char hash[static PASSWORD_HASH_MAX])
{
    return crypto_pwhash_str_alg(
               hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
               crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static void prepare(void)
{
    char random[SECRET_TEXT_MAX];
    int r = sodium_init();
    assert(r >= 0); /* it fails only without a source of randomness */
    r = sem_init(&places, 0, HASHED_AT_ONCE);
    assert(r == 0);
    uint8_t bytes[SECRET_BYTES];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2base64(random, sizeof(random), bytes, sizeof(bytes),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (!hash_make(random, nobodys_hash))
        nobodys_hash[0] = 0;
}

static void place_take(void)
{
    pthread_once(&once, prepare);
    while (sem_wait(&places) < 0 && errno == EINTR)
        ;
}

int password_check(const char *password, const char *user, struct error *error)
{
    size_t len = strlen(password);
    if (len < PASSWORD_MIN || len > PASSWORD_MAX)
        return error_set(error, -EINVAL, "a password has %d to %d bytes", PASSWORD_MIN,
                         PASSWORD_MAX);
    if (strcasecmp(password, user) == 0)
        return error_set(error, -EINVAL, "a password is not the user's name");
    return 0;
}

int password_hash(const char *password, char ret_hash[static PASSWORD_HASH_MAX],
                  struct error *error)
{
    place_take();
    bool made = hash_make(password, ret_hash);
    sem_post(&places);
    return made ? 0 : error_set(error, -ENOMEM, "no memory for hashing a password");
}

bool password_fits(const char *password, const char *hash)
{
    place_take();
    const char *against = *hash ? hash : nobodys_hash;
    bool fits = crypto_pwhash_str_verify(against, password, strlen(password)) == 0;
    sem_post(&places);
    return fits && *hash;
}

void secret_make(const char *prefix, char ret_text[static SECRET_TEXT_MAX])
{
    uint8_t bytes[SECRET_BYTES];
    size_t len = strlen(prefix);
    assert(len <= PREFIX_MAX);
    pthread_once(&once, prepare);
    randombytes_buf(bytes, sizeof(bytes));
    memcpy(ret_text, prefix, len);
    sodium_bin2base64(ret_text + len, SECRET_TEXT_MAX - len, bytes, sizeof(bytes),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof(bytes));
}

void secret_hash(const char *text, uint8_t ret_hash[static SECRET_HASH_BYTES])
{
    crypto_hash_sha256(ret_hash, (const unsigned char *)text, strlen(text));
}

bool secret_equal(const char *a, const char *b)
{
    uint8_t first[SECRET_HASH_BYTES], second[SECRET_HASH_BYTES];
    secret_hash(a, first);
    secret_hash(b, second);
    return sodium_memcmp(first, second, sizeof(first)) == 0;
}
