#!/bin/sh
# check_format.sh - clang-format has nothing to change in any C file
# SPDX-License-Identifier: Apache-2.0
#
# Usage: check_format.sh SOURCE_ROOT    exits 77 (skipped) where there is no clang-format-14
set -eu
command -v clang-format-14 >/dev/null || exit 77
cd "$1"
find src include tests fuzz bench tools docs -name '*.[ch]' -print0 |
    xargs -0 clang-format-14 --dry-run --Werror
