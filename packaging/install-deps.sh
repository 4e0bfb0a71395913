#!/bin/sh
# install-deps.sh - installs those Debian packages of the given lists that are not there yet
# SPDX-License-Identifier: Apache-2.0
#
# Usage: install-deps.sh LIST...    one package name a line; behind | a command that makes the package
#                                   needless where it is there already
set -eu

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "install-deps: not a Debian machine: install what $* name under your system's names," >&2
    echo "install-deps: then call make again with DEPS=no" >&2
    exit 1
fi

missing=
for entry in $(cat "$@"); do
    package=${entry%%|*}
    [ "$package" = "$entry" ] || ! command -v "${entry#*|}" >/dev/null || continue
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install-deps: neither root nor sudo: please have these installed:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "install-deps: installing$missing"
# shellcheck disable=SC2086 # package names have no spaces
{
    $as_root apt-get -o DPkg::Lock::Timeout=300 -q update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qy \
        install --no-install-recommends $missing
}
