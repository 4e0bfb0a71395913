/* text_file.h - writes the files that a test needs
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmocka_all.h"

#include <stdio.h>

static inline void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}
