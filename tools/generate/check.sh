#!/bin/sh
# check.sh - the generator writes the sample capture of the repository, and repeats itself exactly
# SPDX-License-Identifier: Apache-2.0
# usage: check.sh <dnsvigil-generate> <sample.pcap>
set -eu
generate=$1
sample=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$generate" --story office --out - | cmp - "$sample" || {
    echo "write it anew: $generate --story office --out data/captures/sample.pcap" >&2
    exit 1
}

options="--packets 20000 --clients 100 --names 1000 --indicators 500 --hit-rate 0.01"
"$generate" $options --out "$folder/a.pcap" --indicators-out "$folder/a.txt"
"$generate" $options --out - --indicators-out "$folder/b.txt" | cmp - "$folder/a.pcap"
cmp "$folder/a.txt" "$folder/b.txt"
[ "$(sort -u "$folder/a.txt" | wc -l)" = 500 ]

"$generate" $options --seed 2 --out "$folder/other.pcap"
if cmp -s "$folder/a.pcap" "$folder/other.pcap"; then
    echo "another seed gave the same traffic" >&2
    exit 1
fi

for mistake in "--packets 0" "--packets 12x" "--mix nothing=1" "--mix tunnel" "--hit-rate 2" \
    "--story novel" "--nonsense" "a-word"; do
    if "$generate" $mistake --out "$folder/never" 2>/dev/null || [ -e "$folder/never" ]; then
        echo "accepted: $mistake" >&2
        exit 1
    fi
done
