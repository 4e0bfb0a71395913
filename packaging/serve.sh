#!/bin/sh
# serve.sh - shows in a browser what `make run` has found, until Ctrl-C
# SPDX-License-Identifier: Apache-2.0
# Usage: serve.sh BUILD_FOLDER
set -eu
folder=$(cd "$1/run" && pwd)
printf 'state_dir: %s/state\nstore: {ballast_mib: 0}\n' "$folder" >"$folder/dnsvigil.yaml"
(
    # What stands behind # never leaves the browser.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.3
        test -s "$folder/state/setup-code" || continue
        code=$(cat "$folder/state/setup-code")
        echo "The first user is made there. With the setup code filled in: http://127.0.0.1:9553/#code=$code"
        break
    done
) &
exec "$1/dnsvigil" serve -c "$folder/dnsvigil.yaml" --store "$folder/alerts.db"
