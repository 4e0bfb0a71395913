#!/bin/sh
# check_exposure.sh - fails when the service is more exposed, by systemd's own measure, than promised
# SPDX-License-Identifier: Apache-2.0
#
# Usage: check_exposure.sh UNIT
set -eu
systemd-analyze security --offline=true --threshold=18 "$1" >/dev/null && exit 0
systemd-analyze security --offline=true "$1" | grep -v ✓
exit 1
