/* fuzz_dialect.c - whatever bytes an alert holds, every dialect's record is one valid line
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first byte chooses the kind of alert, the second the limit; the rest is poured into its
 * texts, a line feed ending each. */
#include "base/utf8.h"
#include "export/dialect.h"

#include "alert_gallery.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define TEXT(member)                                                                               \
    {                                                                                              \
        offsetof(struct alert, member), sizeof(((struct alert *)0)->member)                        \
    }

static const struct {
    size_t offset, size;
} texts[] = {
    TEXT(domain),
    TEXT(qname),
    TEXT(entity_name),
    TEXT(entity_owner),
    TEXT(entity_tags),
    TEXT(entity_ip),
    TEXT(resolver_ip),
    TEXT(sensor),
    TEXT(assignee),
    TEXT(suppressed_by),
    TEXT(incident_id),
    TEXT(indicator.feed),
    TEXT(indicator.entry),
    TEXT(indicator.matched),
    TEXT(samples[0].qname),
    TEXT(samples[0].answers),
    TEXT(burst.samples),
    TEXT(signature.msg),
    TEXT(signature.classtype),
    TEXT(anomaly.protocol),
    TEXT(tunnel.decoded),
    TEXT(features[0].name),
};

static void pour(struct alert *alert, const uint8_t *data, size_t len)
{
    for (size_t i = 0; len > 0 && i < sizeof(texts) / sizeof(texts[0]); i++) {
        const uint8_t *end = memchr(data, '\n', len);
        size_t part = end ? (size_t)(end - data) : len;
        size_t kept = part < texts[i].size ? part : texts[i].size - 1;
        char *text = (char *)alert + texts[i].offset;
        memcpy(text, data, kept);
        text[kept] = 0;
        size_t taken = part + (end != NULL);
        data += taken;
        len -= taken;
    }
}

/* One line of strict UTF-8 without control characters, but for the tabs of LEEF. */
static void check_line(const struct buf *record)
{
    for (size_t i = 0; i < record->len;) {
        uint32_t code;
        size_t n = utf8_decode((const uint8_t *)record->data + i, record->len - i, &code);
        assert(n > 0);
        assert((code >= 0x20 && code != 0x7f) || code == '\t');
        i += n;
    }
}

static void check_json(const struct buf *record)
{
    json_error_t where;
    json_t *root =
        json_loadb(record->data, record->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &where);
    assert(root && json_is_object(root));
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const size_t limits[] = {0, 1024, 4096, 16384};
    struct alert alert;
    if (len < 2)
        return 0;
    alert_gallery(&alert, data[0] % GALLERY_COUNT);
    pour(&alert, data + 2, len - 2);
    struct dialect_context context = {.language = data[1] & 1,
                                      .limit_bytes = limits[data[1] >> 1 & 3],
                                      .console_url = "https://x"};
    for (unsigned i = 0; i < DIALECT_COUNT; i++) {
        struct buf record;
        buf_init(&record, EXPORT_RECORD_MAX_BYTES);
        int r = dialect_write(&dialects[i], &context, &alert, &record);
        assert(r == 0 || (r == -EMSGSIZE && context.limit_bytes && record.len == 0));
        assert(!context.limit_bytes || record.len <= context.limit_bytes);
        check_line(&record);
        if (r == 0 && strcmp(dialects[i].extension, "jsonl") == 0)
            check_json(&record);
        buf_done(&record);
    }
    return 0;
}
