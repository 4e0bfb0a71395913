#!/bin/sh
# serve.sh - shows in a browser what `make run` has found, until Ctrl-C
# SPDX-License-Identifier: Apache-2.0
# Usage: serve.sh BUILD_FOLDER
set -eu
folder=$(cd "$1/run" && pwd)
printf 'state_dir: %s/state\nstore: {ballast_mib: 0}\n' "$folder" >"$folder/dnsvigil.yaml"
(
    # The first user is made in the browser, with this code.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.3
        test -s "$folder/state/setup-code" || continue
        echo "Setup code: $(cat "$folder/state/setup-code")"
        break
    done
) &
exec "$1/dnsvigil" serve -c "$folder/dnsvigil.yaml" --store "$folder/alerts.db"
