/* fuzz_config.c - any YAML text gives a configuration whose dump loads again, or a message
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct config *config = NULL;
    struct config *again = NULL;
    struct error error = {""};
    if (config_load_text("fuzz.yaml", (const char *)data, len, &config, &error) != 0) {
        assert(!config && strncmp(error.text, "fuzz.yaml:", 10) == 0);
        return 0;
    }
    struct buf dump;
    buf_init(&dump, 4 * CONFIG_FILE_BYTES_MAX);
    config_dump(config, &dump);
    assert(!dump.overflow);
    assert(config_load_text("dump.yaml", dump.data, dump.len, &again, &error) == 0);
    config_free(again);
    config_free(config);
    buf_done(&dump);
    return 0;
}
