#!/bin/sh
# lint.sh - static analysis of the whole tree: cppcheck, then clang's analyser on each file
# SPDX-License-Identifier: Apache-2.0
#
# Usage: lint.sh BUILD    reads BUILD/compile_commands.json
set -eu
build=$1
cppcheck --quiet --project="$build/compile_commands.json" --enable=warning,portability \
    --inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 -j 2
for file in $(find src -name '*.c'); do
    # shellcheck disable=SC2046 # several words on purpose
    clang-14 --analyze -Xclang -analyzer-werror -std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc \
        $(pkg-config --cflags smartcols) \
        -DDNSVIGIL_VERSION='""' -DDNSVIGIL_DATA_DIR='""' -o /dev/null "$file"
done
