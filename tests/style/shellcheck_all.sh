#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every shell script passes shellcheck.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -d '' scripts < <(find .ci scripts tests -type f \( -name '*.sh' -o -path '.ci/run' \) -print0)
shellcheck "${scripts[@]}"
echo "${#scripts[@]} scripts pass"
