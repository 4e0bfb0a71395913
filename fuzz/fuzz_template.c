/* fuzz_template.c - any text as a webhook's template: filled within bounds, or refused by line
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/template.h"

#include "alert/record.h"
#include "alert_gallery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { FILLED_MAX_BYTES = 1 << 22 };

static const json_t *record_of_alert(void)
{
    static json_t *root;
    struct alert alert;
    struct buf text;
    struct json json = json_writer(&text);
    if (root)
        return root;
    buf_init(&text, ALERT_JSON_MAX_BYTES);
    alert_gallery(&alert, 3);
    alert_to_json(&alert, LANGUAGE_EN, &json);
    root = json_loadb(text.data, text.len, 0, NULL);
    assert(root);
    buf_done(&text);
    return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct error error = {""};
    struct buf filled;
    if (len > TEMPLATE_BYTES_MAX)
        return 0;
    struct template *template = template_parse((const char *)data, len, &error);
    if (!template) {
        assert(strncmp(error.text, "line ", 5) == 0);
        return 0;
    }
    buf_init(&filled, FILLED_MAX_BYTES);
    template_write(template, record_of_alert(), &filled);
    assert(filled.len <= FILLED_MAX_BYTES);
    size_t text_len = strnlen((const char *)data, len);
    if (!memmem(data, text_len, "%{", 2)) /* nothing to fill: as it was */
        assert(filled.len == text_len && (!text_len || memcmp(filled.data, data, text_len) == 0));
    buf_done(&filled);
    template_free(template);
    return 0;
}
