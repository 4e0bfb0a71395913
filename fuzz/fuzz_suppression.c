/* fuzz_suppression.c - suppression rules from anywhere: read, written, read again the same
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/suppression.h"

#include "alert_build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void write_rule(const struct suppression *rule, struct buf *buf)
{
    struct json json = json_writer(buf);
    buf_init(buf, SUPPRESSION_JSON_MAX_BYTES);
    json_object_begin(&json);
    suppression_to_json(rule, SUPPRESSION_ENABLED, &json);
    json_object_end(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct alert alert;
    struct suppression *rule, *again;
    struct error error;
    struct buf once, twice;
    if (!*alert.id)
        alert_build(&alert, 1);
    if (suppression_parse((const char *)data, len, &rule, &error) < 0)
        return 0;
    write_rule(rule, &once);
    assert(suppression_parse(once.data, once.len, &again, &error) == 0);
    write_rule(again, &twice);
    assert(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    assert(suppression_matches(rule, &alert) == suppression_matches(again, &alert));
    buf_done(&once);
    buf_done(&twice);
    suppression_free(rule);
    suppression_free(again);
    return 0;
}
