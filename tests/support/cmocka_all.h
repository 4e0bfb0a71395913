/* cmocka_all.h - cmocka with the headers it needs, in the order it needs them
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
