/* restart.c - which keys take effect only at the next start, and which of them two files differ in
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <stdlib.h>
#include <string.h>

static const char *const restart_keys[] = {
#define RESTART_KEY(path) path,
#include "config/restart_keys.def"
#undef RESTART_KEY
};

bool config_needs_restart(const char *path)
{
    for (size_t i = 0; i < sizeof(restart_keys) / sizeof(*restart_keys); i++) {
        size_t len = strlen(restart_keys[i]);
        if (strncmp(path, restart_keys[i], len) == 0 && strchr(".[", path[len]))
            return true;
    }
    return false;
}

static void value_text(const char *path, const struct config *config, struct buf *buf)
{
    const void *base = config;
    const struct config_key *key = config_key_find(path, &base);
    buf_init(buf, 4 * CONFIG_FILE_BYTES_MAX);
    config_key_dump(key, (void *)base, 0, buf);
}

void config_restart_changes(const struct config *before, const struct config *after,
                            config_change_fn take, void *arg)
{
    for (size_t i = 0; i < sizeof(restart_keys) / sizeof(*restart_keys); i++) {
        struct buf old, new;
        value_text(restart_keys[i], before, &old);
        value_text(restart_keys[i], after, &new);
        if (old.len != new.len || memcmp(old.data, new.data, old.len) != 0)
            take(arg, restart_keys[i]);
        buf_done(&old);
        buf_done(&new);
    }
}
