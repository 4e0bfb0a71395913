/* fuzz_ruleset.c - any text is sets of rules that match without harm, or is refused with a message
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/ruleset.h"

#include "alert_gallery.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct ruleset *ruleset = NULL;
    struct error error = {""};
    struct alert alert;
    if (ruleset_parse((const char *)data, len, &ruleset, &error) < 0) {
        assert(!ruleset && strncmp(error.text, "ruleSets", 8) == 0);
        return 0;
    }
    for (unsigned i = 0; i < GALLERY_COUNT; i += 5) {
        alert_gallery(&alert, i);
        int r = ruleset_matches(ruleset, &alert);
        assert(r == 0 || r == 1);
    }
    ruleset_free(ruleset);
    return 0;
}
