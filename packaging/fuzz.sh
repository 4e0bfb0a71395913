#!/bin/sh
# fuzz.sh - runs every fuzz target of a build folder for some seconds, starting from its corpus
# SPDX-License-Identifier: Apache-2.0
#
# Usage: fuzz.sh BUILD SECONDS    finds stay in BUILD/corpus/, crashes in BUILD/crash-*
set -eu
build=$1
seconds=$2
for target in "$build"/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz_}
    echo "== $name, $seconds s"
    mkdir -p "$build/corpus/$name"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/crash-$name-" "$build/corpus/$name" "fuzz/corpus/$name" 2>&1 |
        grep -E '^(stat::number_of_executed_units|==|SUMMARY|artifact)|ERROR|Assertion' || true
done
if ls "$build"/crash-* >/dev/null 2>&1; then
    echo "fuzz: inputs that crash:" "$build"/crash-*
    exit 1
fi
