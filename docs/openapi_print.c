/* openapi_print.c - prints the OpenAPI document of the routes, for docs/openapi.json
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOCUMENT_MAX_BYTES = 1 << 20 };

int main(void)
{
    struct buf buf;
    json_error_t error;
    buf_init(&buf, DOCUMENT_MAX_BYTES);
    openapi_write(&buf);
    json_t *document = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, &error);
    if (!document) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(document);
    buf_done(&buf);
    return EXIT_SUCCESS;
}
