/* config_keys.c - prints the reference of all configuration keys as the body of the manual page
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <stdio.h>

enum { REFERENCE_MAX_BYTES = 1 << 20 };

int main(void)
{
    struct buf text;
    buf_init(&text, REFERENCE_MAX_BYTES);
    config_reference_scd(&text);
    bool written = !text.overflow && fwrite(text.data, 1, text.len, stdout) == text.len;
    buf_done(&text);
    return written && fflush(stdout) == 0 ? 0 : 1;
}
