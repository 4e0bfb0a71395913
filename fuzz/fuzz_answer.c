/* fuzz_answer.c - any text as the link by which an owner answers: only what we signed is taken
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/contact.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct secret key = {.text = "0123456789abcdef", .len = 16};

/* What the input says of an inquiry, signed, is taken as it was, and not once a byte of it differs.
 */
static void claim_try(const uint8_t *data, size_t len)
{
    static const uint8_t answers[] = {CONTACT_EXPECTED, CONTACT_NOT_EXPECTED, CONTACT_NOT_MINE};
    struct contact_claim claim = {.answer = answers[len % 3], .expires_ns = 1000000000ll * 1000},
                         told;
    char token[CONTACT_TOKEN_MAX];
    for (size_t i = 0; i < INQUIRY_ID_HEX; i++)
        claim.inquiry_id[i] = "0123456789abcdef"[len ? data[i % len] % 16 : 0];
    contact_token_make(&key, &claim, token);
    assert(contact_token_read(&key, token, 0, &told) == CONTACT_VERDICT_GOOD);
    assert(strcmp(told.inquiry_id, claim.inquiry_id) == 0 && told.answer == claim.answer);
    assert(contact_token_read(&key, token, claim.expires_ns, &told) == CONTACT_VERDICT_LATE);
    if (len == 0)
        return;
    size_t at = data[0] % strlen(token);
    token[at] = token[at] == 'e' ? 'f' : 'e';
    assert(contact_token_read(&key, token, 0, &told) == CONTACT_VERDICT_FORGED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct contact_claim told;
    char text[4 * CONTACT_TOKEN_MAX] = "";
    memcpy(text, data, len < sizeof(text) ? len : sizeof(text) - 1);
    assert(contact_token_read(&key, text, 0, &told) == CONTACT_VERDICT_FORGED);
    claim_try(data, len);
    return 0;
}
