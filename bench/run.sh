#!/bin/sh
# run.sh - makes the traffic and lists the benchmark needs and runs it: run.sh GENERATOR BENCH FOLDER
# SPDX-License-Identifier: Apache-2.0
#
# PACKETS, INDICATORS, RULES and RUNS may be set; COUNT=yes also counts instructions with callgrind,
# which is repeatable where times are not.
set -eu
generator=$1 bench=$2 folder=$3
packets=${PACKETS:-1000000} indicators=${INDICATORS:-1000000} runs=${RUNS:-5} rules=${RULES:-10000}
capture=$folder/$packets.pcap list=$folder/$packets-$indicators.txt
signatures=$folder/$rules.rules

mkdir -p "$folder"
if [ ! -s "$list" ] || [ ! -f "$signatures" ]; then
    "$generator" --packets "$packets" --clients 10000 --names 1000000 --seed 1 --out "$capture" \
        --indicators "$indicators" --indicators-out "$list" --hit-rate 0.001 \
        --rules "$rules" --rules-out "$signatures"
fi
"$bench" "$capture" "$list" "$runs" "$signatures"
if [ "${COUNT:-no}" = yes ]; then
    valgrind --tool=callgrind --callgrind-out-file="$folder/callgrind.out" "$bench" "$capture" "$list" 1 "$signatures"
fi
